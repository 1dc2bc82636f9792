// Products with f16 and bf16, and their widening to f32.
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
// infinity or NaN, which it reads wrongly. Two rows far apart: see block.c.
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

// brains is four bf16, in the upper halves of u, as f32; the lower halves may hold anything.
INLINE v128_t brains(v128_t u) { return wasm_v128_and(u, wasm_i32x4_const_splat((i32)0xffff0000)); }

KERNEL(widenBF16, void)(f32 *dst, const u16 *src, i32 n) {
	i32 i = 0;
	for (; i + 8 <= n; i += 8) {
		v128_t h = load(src + i);
		store(dst + i, brains(firstHalves(h)));
		store(dst + i + 4, brains(lastHalves(h)));
	}
	for (; i < n; i++)
		dst[i] = wasm_f32x4_extract_lane(wasm_i32x4_splat((i32)((u32)src[i] << 16)), 0);
}

// mulBF16 is a matrix-vector product; cols is a multiple of 8 and rows of 2.
KERNEL(mulBF16, void)(f32 *dst, const u16 *w, const f32 *x, i32 rows, i32 cols) {
	const v128_t zero = wasm_f32x4_const_splat(0);
	i32 half = rows / 2;
	for (i32 r = 0; r < half; r++) {
		const u16 *w0 = w + r * cols, *w1 = w0 + half * cols;
		v128_t a0 = zero, b0 = zero, a1 = zero, b1 = zero;
		for (i32 c = 0; c < cols; c += 8) {
			v128_t h0 = load(w0 + c), h1 = load(w1 + c), xa = load(x + c), xb = load(x + c + 4);
			a0 = addMul(a0, brains(firstHalves(h0)), xa);
			b0 = addMul(b0, brains(lastHalves(h0)), xb);
			a1 = addMul(a1, brains(firstHalves(h1)), xa);
			b1 = addMul(b1, brains(lastHalves(h1)), xb);
		}
		dst[r] = sum1(wasm_f32x4_add(a0, b0));
		dst[r + half] = sum1(wasm_f32x4_add(a1, b1));
	}
}
