// Functions of each element. They compute in f64, as the portable forms do: the cost beside the products is small.
#include "kernel.h"

#define F64(x) wasm_f64x2_const_splat(x)

// exp2 lanes: 2^n by the bits of n, e^r by its series up to r^10, |r| <= ln 2 / 2: relative error 3e-13.
// Above 709.5 it is infinite; below -708 it is 3e-308, which is 0 as f32. NaN stays NaN.
INLINE v128_t expOf(v128_t x) {
	x = wasm_f64x2_pmax(wasm_f64x2_pmin(x, F64(709.9)), F64(-708));
	v128_t t = wasm_f64x2_add(wasm_f64x2_mul(x, F64(1.4426950408889634)), F64(0x1.8p52)); // its low bits are n
	v128_t r = wasm_f64x2_sub(x, wasm_f64x2_mul(wasm_f64x2_sub(t, F64(0x1.8p52)), F64(0.6931471805599453)));
	v128_t p = F64(1.0 / 3628800);
#define TERM(c) p = wasm_f64x2_add(wasm_f64x2_mul(p, r), F64(c))
	TERM(1.0 / 362880);
	TERM(1.0 / 40320);
	TERM(1.0 / 5040);
	TERM(1.0 / 720);
	TERM(1.0 / 120);
	TERM(1.0 / 24);
	TERM(1.0 / 6);
	TERM(0.5);
	TERM(1);
	TERM(1);
	return wasm_f64x2_mul(p, wasm_i64x2_add(wasm_i64x2_shl(t, 52), wasm_i64x2_const_splat(1023LL << 52)));
}

INLINE v128_t sigmoidOf(v128_t x) { return wasm_f64x2_div(F64(1), wasm_f64x2_add(F64(1), expOf(wasm_f64x2_neg(x)))); }

// tanhOf is 1 - 2 / (e^2x + 1); near 0, where that cancels, x - x^3/3.
INLINE v128_t tanhOf(v128_t x) {
	v128_t e = expOf(wasm_f64x2_add(x, x));
	v128_t far = wasm_f64x2_sub(F64(1), wasm_f64x2_div(F64(2), wasm_f64x2_add(e, F64(1))));
	v128_t near = wasm_f64x2_mul(x, wasm_f64x2_sub(F64(1), wasm_f64x2_mul(wasm_f64x2_mul(x, x), F64(1.0 / 3))));
	return wasm_v128_bitselect(near, far, wasm_f64x2_lt(wasm_f64x2_abs(x), F64(0x1p-10)));
}

// geluNewOf uses 0.5 (1 + tanh u) = sigmoid(2u), which does not cancel.
INLINE v128_t geluNewOf(v128_t x) {
	v128_t cube = wasm_f64x2_mul(wasm_f64x2_mul(x, x), wasm_f64x2_mul(x, F64(0.044715)));
	return wasm_f64x2_mul(x, sigmoidOf(wasm_f64x2_mul(wasm_f64x2_add(x, cube), F64(2 * 0.7978845608028654))));
}

// geluOf is x/2 erfc(-x/sqrt 2), with erfc by the fit of Numerical Recipes (erfcc): relative error 1.2e-7 everywhere.
INLINE v128_t geluOf(v128_t x) {
	v128_t z = wasm_f64x2_mul(wasm_f64x2_abs(x), F64(0.7071067811865476));
	v128_t t = wasm_f64x2_div(F64(1), wasm_f64x2_add(F64(1), wasm_f64x2_mul(z, F64(0.5))));
	v128_t p = F64(0.17087277);
#undef TERM
#define TERM(c) p = wasm_f64x2_add(wasm_f64x2_mul(p, t), F64(c))
	TERM(-0.82215223);
	TERM(1.48851587);
	TERM(-1.13520398);
	TERM(0.27886807);
	TERM(-0.18628806);
	TERM(0.09678418);
	TERM(0.37409196);
	TERM(1.00002368);
	TERM(-1.26551223);
	v128_t c = wasm_f64x2_mul(t, expOf(wasm_f64x2_sub(p, wasm_f64x2_mul(z, z)))); // erfc(|x|/sqrt 2)
	c = wasm_v128_bitselect(c, wasm_f64x2_sub(F64(2), c), wasm_f64x2_lt(x, F64(0)));
	return wasm_f64x2_mul(wasm_f64x2_mul(x, F64(0.5)), c);
}

INLINE v128_t siluOf(v128_t x) { return wasm_f64x2_mul(x, sigmoidOf(x)); }

// EACH is a kernel that replaces every element of x by f of it.
#define EACH(name, f)                                                                             \
	KERNEL(name, void)(f32 *x, i32 n) {                                                           \
		i32 i = 0;                                                                                \
		for (; i + 4 <= n; i += 4)                                                                \
			store(x + i, narrow(f(low(load(x + i))), f(high(load(x + i)))));                      \
		for (; i < n; i++)                                                                        \
			x[i] = wasm_f32x4_extract_lane(wasm_f32x4_demote_f64x2_zero(f(wasm_f64x2_splat(x[i]))), 0); \
	}

EACH(exp, expOf)
EACH(sigmoid, sigmoidOf)
EACH(tanh, tanhOf)
EACH(geluNew, geluNewOf)
EACH(gelu, geluOf)
EACH(silu, siluOf)

// softCap is c tanh(x/c).
KERNEL(softCap, void)(f32 *x, i32 n, f32 c) {
	v128_t to = wasm_f64x2_splat(c);
	i32 i = 0;
	for (; i + 4 <= n; i += 4) {
		v128_t a = tanhOf(wasm_f64x2_div(low(load(x + i)), to)), b = tanhOf(wasm_f64x2_div(high(load(x + i)), to));
		store(x + i, narrow(wasm_f64x2_mul(a, to), wasm_f64x2_mul(b, to)));
	}
	for (; i < n; i++)
		x[i] = (f32)wasm_f64x2_extract_lane(wasm_f64x2_mul(tanhOf(wasm_f64x2_div(wasm_f64x2_splat(x[i]), to)), to), 0);
}

KERNEL(relu, void)(f32 *x, i32 n) {
	i32 i = 0;
	for (; i + 4 <= n; i += 4)
		store(x + i, wasm_v128_andnot(load(x + i), wasm_f32x4_lt(load(x + i), wasm_f32x4_const_splat(0))));
	for (; i < n; i++)
		if (x[i] < 0)
			x[i] = 0;
}

KERNEL(softmax, void)(f32 *x, i32 n) {
	v128_t m = wasm_f32x4_splat(-__builtin_inff());
	i32 i = 0;
	for (; i + 4 <= n; i += 4)
		m = wasm_f32x4_max(m, load(x + i));
	for (; i < n; i++)
		m = wasm_f32x4_max(m, wasm_f32x4_splat(x[i]));
	m = wasm_f32x4_max(m, wasm_i64x2_shuffle(m, m, 1, 0));
	m = wasm_f32x4_max(m, wasm_i32x4_shuffle(m, m, 1, 0, 3, 2));
	if (wasm_f32x4_extract_lane(m, 0) == -__builtin_inff()) {
		for (i = 0; i < n; i++)
			x[i] = 0;
		return;
	}
	v128_t max = low(m), s = F64(0);
	for (i = 0; i + 4 <= n; i += 4) {
		v128_t e = narrow(expOf(wasm_f64x2_sub(low(load(x + i)), max)), expOf(wasm_f64x2_sub(high(load(x + i)), max)));
		s = wasm_f64x2_add(s, wasm_f64x2_add(low(e), high(e)));
		store(x + i, e);
	}
	f64 sum = wasm_f64x2_extract_lane(s, 0) + wasm_f64x2_extract_lane(s, 1);
	for (; i < n; i++) {
		v128_t e = expOf(wasm_f64x2_sub(wasm_f64x2_splat(x[i]), max));
		x[i] = (f32)wasm_f64x2_extract_lane(e, 0);
		sum += x[i];
	}
	v128_t inv = wasm_f64x2_splat(1 / sum);
	for (i = 0; i + 4 <= n; i += 4)
		store(x + i, narrow(wasm_f64x2_mul(low(load(x + i)), inv), wasm_f64x2_mul(high(load(x + i)), inv)));
	for (; i < n; i++)
		x[i] = (f32)(x[i] * wasm_f64x2_extract_lane(inv, 0));
}
