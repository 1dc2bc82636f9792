// Kernels over vectors.
#include "kernel.h"

KERNEL(axpy, void)(f32 *y, f32 a, const f32 *x, i32 n) {
	v128_t s = wasm_f32x4_splat(a);
	i32 i = 0;
	for (; i + 4 <= n; i += 4)
		store(y + i, addMul(load(y + i), s, load(x + i)));
	for (; i < n; i++)
		y[i] += a * x[i];
}

KERNEL(scaleShift, void)(f32 *x, const f32 *w, const f32 *b, i32 n) {
	i32 i = 0;
	for (; i + 4 <= n; i += 4)
		store(x + i, addMul(load(b + i), load(x + i), load(w + i)));
	for (; i < n; i++)
		x[i] = x[i] * w[i] + b[i];
}

// normalize sums in f64, as the portable form does. n > 0.
KERNEL(normalize, f32)(f32 *dst, const f32 *x, i32 n, f32 eps) {
	v128_t s = wasm_f64x2_const_splat(0);
	i32 i = 0;
	for (; i + 4 <= n; i += 4)
		s = wasm_f64x2_add(s, wasm_f64x2_add(low(load(x + i)), high(load(x + i))));
	f64 mean = wasm_f64x2_extract_lane(s, 0) + wasm_f64x2_extract_lane(s, 1);
	for (; i < n; i++)
		mean += x[i];
	mean /= n;
	v128_t m = wasm_f64x2_splat(mean);
	s = wasm_f64x2_const_splat(0);
	for (i = 0; i + 4 <= n; i += 4) {
		v128_t a = wasm_f64x2_sub(low(load(x + i)), m), b = wasm_f64x2_sub(high(load(x + i)), m);
		s = wasm_f64x2_add(s, wasm_f64x2_add(wasm_f64x2_mul(a, a), wasm_f64x2_mul(b, b)));
	}
	f64 var = wasm_f64x2_extract_lane(s, 0) + wasm_f64x2_extract_lane(s, 1);
	for (; i < n; i++)
		var += (x[i] - mean) * (x[i] - mean);
	v128_t root = wasm_f64x2_sqrt(wasm_f64x2_splat(var / n + eps)), inv = wasm_f64x2_div(wasm_f64x2_const_splat(1), root);
	for (i = 0; i + 4 <= n; i += 4)
		store(dst + i, narrow(wasm_f64x2_mul(wasm_f64x2_sub(low(load(x + i)), m), inv), wasm_f64x2_mul(wasm_f64x2_sub(high(load(x + i)), m), inv)));
	for (; i < n; i++)
		dst[i] = (f32)((x[i] - mean) * wasm_f64x2_extract_lane(inv, 0));
	return (f32)wasm_f64x2_extract_lane(root, 0);
}

KERNEL(rmsNorm, f32)(f32 *dst, const f32 *x, i32 n, f32 eps) {
	v128_t s = wasm_f64x2_const_splat(0), t = s;
	i32 i = 0;
	for (; i + 4 <= n; i += 4) {
		v128_t a = low(load(x + i)), b = high(load(x + i));
		s = wasm_f64x2_add(s, wasm_f64x2_mul(a, a));
		t = wasm_f64x2_add(t, wasm_f64x2_mul(b, b));
	}
	s = wasm_f64x2_add(s, t);
	f64 sum = wasm_f64x2_extract_lane(s, 0) + wasm_f64x2_extract_lane(s, 1);
	for (; i < n; i++)
		sum += (f64)x[i] * x[i];
	v128_t root = wasm_f64x2_sqrt(wasm_f64x2_splat(sum / n + eps)), inv = wasm_f64x2_div(wasm_f64x2_const_splat(1), root);
	for (i = 0; i + 4 <= n; i += 4)
		store(dst + i, narrow(wasm_f64x2_mul(low(load(x + i)), inv), wasm_f64x2_mul(high(load(x + i)), inv)));
	for (; i < n; i++)
		dst[i] = (f32)(x[i] * wasm_f64x2_extract_lane(inv, 0));
	return (f32)wasm_f64x2_extract_lane(root, 0);
}

KERNEL(times, void)(f32 *y, const f32 *x, i32 n) {
	i32 i = 0;
	for (; i + 4 <= n; i += 4)
		store(y + i, wasm_f32x4_mul(load(y + i), load(x + i)));
	for (; i < n; i++)
		y[i] *= x[i];
}

// rotate turns number i and i + r of each head of dim numbers, for i < r.
KERNEL(rotate, void)(f32 *x, const f32 *cos, const f32 *sin, i32 heads, i32 dim, i32 r) {
	for (f32 *end = x + heads * dim; x < end; x += dim) {
		f32 *y = x + r;
		i32 i = 0;
		for (; i + 4 <= r; i += 4) {
			v128_t a = load(x + i), b = load(y + i), c = load(cos + i), s = load(sin + i);
			store(x + i, wasm_f32x4_sub(wasm_f32x4_mul(a, c), wasm_f32x4_mul(b, s)));
			store(y + i, addMul(wasm_f32x4_mul(b, c), a, s));
		}
		for (; i < r; i++) {
			f32 a = x[i], b = y[i];
			x[i] = a * cos[i] - b * sin[i];
			y[i] = b * cos[i] + a * sin[i];
		}
	}
}
