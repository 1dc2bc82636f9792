// Kernels of engine/match.
#include "kernel.h"

// decide puts into bit t of each of n u16 of sums whether its f16 is on in row t of 16, which begin every stride f16; n is a multiple of 8.
KERNEL(decide, void)(u16 *sums, const u16 *rows, i32 n, i32 stride, i32 least, i32 minus, i32 both, i32 invert) {
	v128_t leasts = wasm_i16x8_splat((i16)least), minuses = wasm_i16x8_splat((i16)minus);
	v128_t boths = wasm_i16x8_splat((i16)both), inverts = wasm_i16x8_splat((i16)invert);
	const v128_t signs = wasm_i16x8_const_splat((i16)0x8000), infinity = wasm_i16x8_const_splat(0x7c00);
	for (i32 i = 0; i < n; i += 8) {
		v128_t sum = wasm_i16x8_const_splat(0);
		const u16 *row = rows + i;
		ROLL for (i32 t = 0; t < 16; t++, row += stride) {
			v128_t v = load(row), m = wasm_v128_andnot(v, signs);
			v128_t counts = wasm_v128_and(wasm_i16x8_ge(m, leasts), wasm_v128_or(wasm_v128_xor(v, minuses), boths));
			v128_t on = wasm_v128_and(wasm_v128_xor(counts, inverts), wasm_i16x8_le(m, infinity));
			sum = wasm_v128_or(wasm_u16x8_shr(sum, 1), wasm_v128_and(on, signs));
		}
		store(sums + i, sum);
	}
}

// half is four f32 as f16 in 32 bits each, to nearest and of two to the even one, but never infinite.
INLINE v128_t half(v128_t v) {
	v128_t m = wasm_v128_and(v, wasm_i32x4_const_splat(0x7fffffff));
	v128_t odd = wasm_v128_and(wasm_u32x4_shr(m, 13), wasm_i32x4_const_splat(1));
	v128_t normal = wasm_u32x4_shr(wasm_i32x4_add(wasm_i32x4_add(m, odd), wasm_i32x4_const_splat(0xfff - (112 << 23))), 13);
	v128_t small = wasm_i32x4_sub(wasm_f32x4_add(m, wasm_f32x4_const_splat(.5f)), wasm_i32x4_const_splat(0x3f000000));
	v128_t h = wasm_v128_bitselect(small, normal, wasm_i32x4_lt(m, wasm_i32x4_const_splat(0x38800000)));
	h = wasm_v128_bitselect(wasm_i32x4_const_splat(0x7bff), h, wasm_i32x4_ge(m, wasm_i32x4_const_splat(0x477ff000)));
	h = wasm_v128_bitselect(wasm_i32x4_const_splat(0x7e00), h, wasm_i32x4_gt(m, wasm_i32x4_const_splat(0x7f800000)));
	return wasm_v128_or(h, wasm_v128_and(wasm_u32x4_shr(v, 16), wasm_i32x4_const_splat(0x8000)));
}

// round16 writes n f32 as f16; n is a multiple of 8.
KERNEL(round16, void)(u16 *dst, const f32 *x, i32 n) {
	for (i32 i = 0; i < n; i += 8)
		store(dst + i, wasm_u16x8_narrow_i32x4(half(load(x + i)), half(load(x + i + 4))));
}
