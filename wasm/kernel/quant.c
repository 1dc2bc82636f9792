// Products with weights in their stored type (f16; int8 in blocks of 32 with a scale each) and their widening to f32.
#include "kernel.h"

// firstHalves and lastHalves are four of the eight f16 of h, each as the upper half of 32 bits.
INLINE v128_t firstHalves(v128_t h) { return wasm_i16x8_shuffle(h, h, 0, 0, 1, 1, 2, 2, 3, 3); }
INLINE v128_t lastHalves(v128_t h) { return wasm_i16x8_shuffle(h, h, 4, 4, 5, 5, 6, 6, 7, 7); }

// finite is four f16, in the upper halves of u, as f32. With exponent and fraction where f32 has them they are the
// numbers / 2^112, also where they are denormal.
INLINE v128_t finite(v128_t u) {
	v128_t moved = wasm_v128_and(wasm_i32x4_shr(u, 3), wasm_i32x4_const_splat((i32)0x8fffe000));
	return wasm_f32x4_mul(moved, wasm_f32x4_const_splat(0x1p112f));
}

// halves is the same for all f16: infinities and NaN need a step of their own.
INLINE v128_t halves(v128_t u) {
	const v128_t exponent = wasm_i32x4_const_splat(0x7c000000);
	v128_t special = wasm_i32x4_eq(wasm_v128_and(u, exponent), exponent);
	return wasm_v128_or(finite(u), wasm_v128_and(special, wasm_i32x4_const_splat(0x7f800000)));
}

KERNEL(widenF16, void)(f32 *dst, const u16 *src, i32 n) {
	i32 i = 0;
	for (; i + 8 <= n; i += 8) {
		v128_t h = load(src + i);
		store(dst + i, halves(firstHalves(h)));
		store(dst + i + 4, halves(lastHalves(h)));
	}
	for (; i < n; i++)
		dst[i] = wasm_f32x4_extract_lane(halves(wasm_i32x4_splat((i32)((u32)src[i] << 16))), 0);
}

// mulF16 is a matrix-vector product; cols is a multiple of 8 and rows of 2. It returns 0 if the weights have an
// infinity or NaN, which it reads wrongly. Two rows far apart: see mulQ8.
KERNEL(mulF16, i32)(f32 *dst, const u16 *w, const f32 *x, i32 rows, i32 cols) {
	const v128_t zero = wasm_f32x4_const_splat(0);
	v128_t largest = zero, smallest = zero; // as signed and unsigned numbers infinities and NaN are the largest
	i32 half = rows / 2;
	for (i32 r = 0; r < half; r++) {
		const u16 *w0 = w + r * cols, *w1 = w0 + half * cols;
		v128_t a0 = zero, b0 = zero, a1 = zero, b1 = zero;
		for (i32 c = 0; c < cols; c += 8) {
			v128_t h0 = load(w0 + c), h1 = load(w1 + c), xa = load(x + c), xb = load(x + c + 4);
			largest = wasm_i16x8_max(largest, wasm_i16x8_max(h0, h1));
			smallest = wasm_u16x8_max(smallest, wasm_u16x8_max(h0, h1));
			a0 = addMul(a0, finite(firstHalves(h0)), xa);
			b0 = addMul(b0, finite(lastHalves(h0)), xb);
			a1 = addMul(a1, finite(firstHalves(h1)), xa);
			b1 = addMul(b1, finite(lastHalves(h1)), xb);
		}
		dst[r] = sum1(wasm_f32x4_add(a0, b0));
		dst[r + half] = sum1(wasm_f32x4_add(a1, b1));
	}
	v128_t positive = wasm_i16x8_ge(largest, wasm_i16x8_const_splat(0x7c00));
	v128_t negative = wasm_u16x8_ge(smallest, wasm_u16x8_const_splat(0xfc00));
	return !wasm_v128_any_true(wasm_v128_or(positive, negative));
}

KERNEL(widenQ8, void)(f32 *dst, const i8 *q, const f32 *scale, i32 n) {
	for (i32 i = 0; i < n; i += 32) {
		v128_t s = wasm_v128_load32_splat(scale + i / 32);
		for (i32 j = 0; j < 32; j += 8) {
			v128_t h = wasm_i16x8_load8x8(q + i + j);
			store(dst + i + j, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(hide(wasm_i32x4_extend_low_i16x8(h))), s));
			store(dst + i + j + 4, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(hide(wasm_i32x4_extend_high_i16x8(h))), s));
		}
	}
}

// split writes x as fixed-point numbers of 30 bits, x = scale * (2^15 hi + lo) with one scale, a power of two, for each
// 32, so that integer products with int8 are exact: finer than f32 sums. It returns 0 if it cannot: a block has an
// infinity or NaN, or only numbers so small (below 2^-98) that the power is out of f32's range.
KERNEL(split, i32)(i16 *hi, i16 *lo, f32 *scale, const f32 *x, i32 n) {
	for (i32 i = 0; i < n; i += 32) {
		v128_t m = wasm_f32x4_const_splat(0);
		for (i32 j = 0; j < 32; j += 4)
			m = wasm_f32x4_max(m, wasm_f32x4_abs(load(x + i + j)));
		m = wasm_f32x4_max(m, wasm_i64x2_shuffle(m, m, 1, 0));
		m = wasm_f32x4_max(m, wasm_i32x4_shuffle(m, m, 1, 0, 3, 2));
		i32 e = wasm_i32x4_extract_lane(m, 0) >> 23;
		if (wasm_i32x4_extract_lane(m, 0) == 0)
			e = 127;
		if (e == 255 || e < 29)
			return 0;
		v128_t up = wasm_i32x4_splat((282 - e) << 23); // 2^28 / 2^(e-127), so that |x| up < 2^29
		for (i32 j = 0; j < 32; j += 8) {
			v128_t a = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(load(x + i + j), up)));
			v128_t b = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(load(x + i + j + 4), up)));
			v128_t mask = wasm_i32x4_const_splat(0x7fff);
			store(hi + i + j, wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, 15), wasm_i32x4_shr(b, 15)));
			store(lo + i + j, wasm_i16x8_narrow_i32x4(wasm_v128_and(a, mask), wasm_v128_and(b, mask)));
		}
		scale[i / 32] = wasm_f32x4_extract_lane(wasm_i32x4_splat((e - 28) << 23), 0);
	}
	return 1;
}

// joined is 2^15 h + l.
INLINE v128_t joined(v128_t h, v128_t l) {
	return addMul(wasm_f32x4_convert_i32x4(l), wasm_f32x4_convert_i32x4(h), wasm_f32x4_const_splat(32768));
}

// mulQ8 is a matrix-vector product with x as split gave it; rows is a multiple of 2. It returns 0 if a result is not
// finite: then a weight may be so, and what it becomes depends on the order of the sums.
KERNEL(mulQ8, i32)
(f32 *dst, const i8 *q, const f32 *scale, const i16 *hi, const i16 *lo, const f32 *xScale, i32 rows, i32 cols) {
	const v128_t zero = wasm_i32x4_const_splat(0);
	v128_t bad = zero;
	i32 blocks = cols / 32, half = rows / 2;
	for (i32 r = 0; r < half; r++) {
		// Two rows far apart: each is read on and on, which the processor foresees. Neighbours run at half the speed.
		const i8 *q0 = q + r * cols, *q1 = q0 + half * cols;
		const f32 *scale0 = scale + r * blocks, *scale1 = scale0 + half * blocks;
		v128_t s0 = zero, s1 = zero;
		for (i32 b = 0; b < blocks; b++) {
			v128_t h0 = zero, l0 = zero, h1 = zero, l1 = zero; // the rows' sums of hi and of lo
			for (i32 j = 32 * b; j < 32 * b + 32; j += 8) {
				v128_t h = load(hi + j), l = load(lo + j), w0 = wasm_i16x8_load8x8(q0 + j), w1 = wasm_i16x8_load8x8(q1 + j);
				h0 = wasm_i32x4_add(h0, wasm_i32x4_dot_i16x8(w0, h));
				l0 = wasm_i32x4_add(l0, wasm_i32x4_dot_i16x8(w0, l));
				h1 = wasm_i32x4_add(h1, wasm_i32x4_dot_i16x8(w1, h));
				l1 = wasm_i32x4_add(l1, wasm_i32x4_dot_i16x8(w1, l));
			}
			v128_t x = wasm_v128_load32_splat(xScale + b);
			s0 = addMul(s0, wasm_f32x4_mul(joined(h0, l0), x), wasm_v128_load32_splat(scale0 + b));
			s1 = addMul(s1, wasm_f32x4_mul(joined(h1, l1), x), wasm_v128_load32_splat(scale1 + b));
		}
		dst[r] = sum1(s0);
		dst[r + half] = sum1(s1);
		v128_t both = wasm_f32x4_add(s0, s1);
		bad = wasm_v128_or(bad, wasm_f32x4_ne(wasm_f32x4_sub(both, both), zero));
	}
	return !wasm_v128_any_true(bad);
}
