// Vectors as fixed-point numbers.
#include "block.h"

INLINE i32 sum4i(v128_t v) {
	v = wasm_i32x4_add(v, wasm_i64x2_shuffle(v, v, 1, 0));
	return wasm_i32x4_extract_lane(v, 0) + wasm_i32x4_extract_lane(v, 1);
}

INLINE v128_t rounded(const f32 *x, v128_t up) { return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(load(x), up))); }

// each0213 brings the eight i16 of v into the order that fixed has.
INLINE v128_t each0213(v128_t v) { return wasm_i16x8_shuffle(v, v, 0, 2, 1, 3, 4, 6, 5, 7); }

INLINE void splitBlock(fixed *to, const f32 *x, v128_t up, f32 scale, i32 exact) {
	const v128_t mask = wasm_i32x4_const_splat(0x7fff);
	for (i32 h = 0; h < 2; h++) {
		v128_t hi = wasm_i32x4_const_splat(0), lo = hi;
		for (i32 j = 16 * h; j < 16 * h + 16; j += 8) {
			v128_t a = rounded(x + j, up), b = rounded(x + j + 4, up);
			if (exact) {
				v128_t la = wasm_v128_and(a, mask), lb = wasm_v128_and(b, mask);
				lo = wasm_i32x4_add(lo, wasm_i32x4_add(la, lb));
				store(to->lo + j, each0213(wasm_i16x8_narrow_i32x4(la, lb)));
				a = wasm_i32x4_shr(a, 15), b = wasm_i32x4_shr(b, 15);
			}
			v128_t ab = wasm_i16x8_narrow_i32x4(a, b);
			hi = wasm_i32x4_add(hi, wasm_i32x4_extadd_pairwise_i16x8(ab));
			store(to->hi + j, each0213(ab));
		}
		to->hiSum16[h] = sum4i(hi), to->loSum16[h] = sum4i(lo);
		f64 sum = to->hiSum16[h];
		if (exact)
			sum = sum * 32768 + to->loSum16[h];
		to->sum16[h] = (f32)(sum * scale);
	}
	to->hiSum = to->hiSum16[0] + to->hiSum16[1];
	to->loSum = to->loSum16[0] + to->loSum16[1];
	to->sum = (f32)((exact ? to->hiSum * 32768.0 + to->loSum : to->hiSum) * scale);
	to->scale = scale;
}

// split writes n numbers x, 32 at a time. Exact: as numbers of 30 bits with one scale, a power of two, for each 32, so that
// integer products with weights are exact: finer than f32 sums. If not, they are rounded to 16 bits. It returns 0 if it
// cannot: a block has an infinity or NaN, or only numbers so small (below 2^-98) that the power is out of f32's range.
KERNEL(split, i32)(fixed *to, const f32 *x, i32 n, i32 exact) {
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
		i32 up = exact ? 28 : 14; // |x| < 2^(e-126) becomes less than 2^29 or 2^15
		v128_t bits = wasm_i32x4_splat((e - up) << 23);
		splitBlock(to++, x + i, wasm_i32x4_splat((254 + up - e) << 23), wasm_f32x4_extract_lane(bits, 0), exact);
	}
	return 1;
}
