// ggml's blocks as tensor.(*Matrix).Pack left them: of four rows, the blocks of the same columns one in the other. So one
// load gives four bytes of each of four rows, which hold weights of four neighbouring columns (a quad), and sums of
// products end up with a lane for each row: no sum goes across lanes.
#include "kernel.h"

// fixed is 32 numbers x as fixed point: x = scale * (2^15 hi + lo), and their sums: of all, and of each 16. Of each four
// numbers the order is 0, 2, 1, 3, as the weights come out of their bytes. In generation mode x = scale * hi.
typedef struct {
	i16 hi[32], lo[32];
	f32 scale, sum;
	i32 hiSum, loSum;
	f32 sum16[2];
	i32 hiSum16[2], loSum16[2];
	i32 unused[2];
} fixed;

// quad is the weights of four columns and four rows as i16: a has columns 0 and 2 of each row, b has 1 and 3.
typedef struct {
	v128_t a, b;
} quad;

#define BYTES(x) wasm_i8x16_splat(x)
#define WORDS(x) wasm_i16x8_splat(x)

INLINE v128_t right(v128_t v, i32 n) { return wasm_u16x8_shr(v, n); }
INLINE v128_t left(v128_t v, i32 n) { return wasm_i16x8_shl(v, n); }
INLINE v128_t and(v128_t v, v128_t mask) { return wasm_v128_and(v, mask); }

// unsignedBytes and signedBytes make a quad of what has a byte for each weight.
INLINE quad unsignedBytes(v128_t v) { return (quad){and(v, WORDS(255)), right(v, 8)}; }
INLINE quad signedBytes(v128_t v) { return (quad){wasm_i16x8_shr(left(v, 8), 8), wasm_i16x8_shr(v, 8)}; }

// halfBytes is the low (0) or high (1) four bits of each byte.
INLINE quad halfBytes(v128_t v, i32 high) {
	return high ? (quad){and(right(v, 4), WORDS(15)), right(v, 12)} : (quad){and(v, WORDS(15)), and(right(v, 8), WORDS(15))};
}

// halves4 is four f16, which are finite, as f32.
INLINE v128_t halves4(const u8 *p) {
	v128_t moved = wasm_i32x4_shl(wasm_i32x4_load16x4(p), 13);
	return wasm_f32x4_mul(and(moved, wasm_i32x4_const_splat((i32)0x8fffe000)), wasm_f32x4_const_splat(0x1p112f));
}

// smallHalves4 is the same for numbers many of which are denormal, as the scales of scales are: halves4 multiplies those as
// denormal f32, which costs a processor much. Here they get the exponent of the smallest normal ones, less what that adds.
INLINE v128_t smallHalves4(const u8 *p) {
	v128_t h = wasm_i32x4_load16x4(p), rest = wasm_i32x4_shl(and(h, wasm_i32x4_const_splat(0x7fff)), 13);
	v128_t denormal = wasm_i32x4_lt(rest, wasm_i32x4_const_splat(0x400 << 13));
	v128_t bits = wasm_i32x4_add(rest, wasm_i32x4_const_splat(112 << 23));
	bits = wasm_i32x4_add(bits, and(denormal, wasm_i32x4_const_splat(1 << 23)));
	bits = wasm_f32x4_sub(bits, and(denormal, wasm_f32x4_const_splat(0x1p-14f)));
	return wasm_v128_or(bits, and(h, wasm_i32x4_const_splat((i32)0x80000000)));
}

// Each type has
//   quadT(p, i, j, k)       quad k of the 32 columns of part [i, j] of the block at p, which is quad columnT(k) of x
//   scaleT(p, f, i, j, h)   the scales of four rows; h is the half of the part, if 16 weights share one. f is Q8's own
//   minT(p, i, j, h)        what is added to each weight
// and a row in TYPES.

#define NO_MIN(T) \
	INLINE v128_t min##T(const u8 *p, i32 i, i32 j, i32 h) { return wasm_i32x4_const_splat(0); }
#define IN_ORDER(T) \
	INLINE i32 column##T(i32 k) { return k; }
// LOW_HIGH: quads of the low and the high half bytes of the same load follow one another.
#define LOW_HIGH(T) \
	INLINE i32 column##T(i32 k) { return k / 2 + k % 2 * 4; }
#define QUAD(T) INLINE quad quad##T(const u8 *p, i32 i, i32 j, i32 k)
#define SCALE(T) INLINE v128_t scale##T(const u8 *p, const f32 *f, i32 i, i32 j, i32 h)
#define MIN(T) INLINE v128_t min##T(const u8 *p, i32 i, i32 j, i32 h)

QUAD(Q8) { return signedBytes(load(p + k * 16)); }
SCALE(Q8) { return load(f); }
NO_MIN(Q8)
IN_ORDER(Q8)

QUAD(Q4_0) { return halfBytes(load(p + 8 + k / 2 * 16), k % 2); }
SCALE(Q4_0) { return halves4(p); }
NO_MIN(Q4_0)
LOW_HIGH(Q4_0)

QUAD(Q4_1) { return halfBytes(load(p + 16 + k / 2 * 16), k % 2); }
SCALE(Q4_1) { return halves4(p); }
MIN(Q4_1) { return halves4(p + 8); }
LOW_HIGH(Q4_1)

// fifth is a quad of five bits: four in q, the other in bit n of each byte of high.
INLINE quad fifth(v128_t q, i32 shift, v128_t high, i32 n) {
	v128_t bit = n < 4 ? left(and(high, BYTES(1 << n)), 4 - n) : right(and(high, BYTES(1 << n)), n - 4);
	return unsignedBytes(wasm_v128_or(and(right(q, shift), BYTES(15)), bit));
}

QUAD(Q5_0) { return fifth(load(p + 24 + k / 2 * 16), k % 2 * 4, load(p + 8), columnQ4_0(k)); }
SCALE(Q5_0) { return halves4(p); }
NO_MIN(Q5_0)
LOW_HIGH(Q5_0)

QUAD(Q5_1) { return fifth(load(p + 32 + k / 2 * 16), k % 2 * 4, load(p + 16), columnQ4_0(k)); }
SCALE(Q5_1) { return halves4(p); }
MIN(Q5_1) { return halves4(p + 8); }
LOW_HIGH(Q5_1)

QUAD(Q8_0) { return signedBytes(load(p + 8 + k * 16)); }
SCALE(Q8_0) { return halves4(p); }
NO_MIN(Q8_0)
IN_ORDER(Q8_0)

QUAD(IQ4_NL) {
	const v128_t levels = wasm_i8x16_const(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
	return signedBytes(wasm_i8x16_swizzle(levels, and(right(load(p + 8 + k / 2 * 16), k % 2 * 4), BYTES(15))));
}
SCALE(IQ4_NL) { return halves4(p); }
NO_MIN(IQ4_NL)
LOW_HIGH(IQ4_NL)

// byteOf is byte n of each of four words as f32.
INLINE v128_t byteOf(v128_t words, i32 n) {
	return wasm_f32x4_convert_i32x4(and(wasm_u32x4_shr(words, 8 * n), wasm_i32x4_const_splat(255)));
}

INLINE v128_t signedByteOf(v128_t words, i32 n) {
	return wasm_f32x4_convert_i32x4(wasm_i32x4_shr(wasm_i32x4_shl(words, 24 - 8 * n), 24));
}

// Q2_K: 16 scales and minima (4 words), 64 bytes of weights (16 quads), d, dmin.
QUAD(Q2_K) { return unsignedBytes(and(right(load(p + 64 + i * 128 + k * 16), 2 * j), BYTES(3))); }
SCALE(Q2_K) { return wasm_f32x4_mul(smallHalves4(p + 320), byteOf(and(load(p + i * 32 + j / 2 * 16), BYTES(15)), j % 2 * 2 + h)); }
MIN(Q2_K) {
	v128_t m = byteOf(and(right(load(p + i * 32 + j / 2 * 16), 4), BYTES(15)), j % 2 * 2 + h);
	return wasm_f32x4_neg(wasm_f32x4_mul(smallHalves4(p + 328), m));
}
IN_ORDER(Q2_K)

// upper is v for half 0 and, shifted by 4 bits, for half 1. A shift by a variable costs much more in V8.
INLINE v128_t upper(v128_t v, i32 half) { return wasm_v128_bitselect(right(v, 4), v, wasm_i32x4_splat(-half)); }

// Q3_K: 32 bytes of third bits, 64 of weights, 12 of scales, d.
QUAD(Q3_K) {
	v128_t high = and(upper(load(p + k * 16), i), BYTES(1 << j)), q = and(right(load(p + 128 + i * 128 + k * 16), j * 2), BYTES(3));
	return unsignedBytes(wasm_v128_or(q, j < 2 ? left(high, 2 - j) : right(high, j - 2)));
}
SCALE(Q3_K) {
	i32 s = 2 * j + h; // of the 8 of this half, which are in the low or high halves of two words
	v128_t low = and(upper(load(p + 384 + s / 4 * 16), i), BYTES(15));
	v128_t high = and(right(upper(load(p + 416), i), s / 4 * 2), BYTES(3));
	v128_t all = wasm_i8x16_sub(wasm_v128_or(low, left(high, 4)), BYTES(32));
	return wasm_f32x4_mul(smallHalves4(p + 432), signedByteOf(all, s % 4));
}
NO_MIN(Q3_K)
IN_ORDER(Q3_K)

// sixBits is byte j of the four scales (p) or minima (p + 16) of six bits of half i of Q4_K and Q5_K. Those of the second
// half lie in the third word, the scales in its low four bits, and their high bits in the first half's.
INLINE v128_t sixBits(const u8 *p, v128_t last, i32 i, i32 j) {
	v128_t word = load(p);
	if (i)
		word = wasm_v128_or(and(last, BYTES(15)), and(right(word, 2), BYTES(48)));
	return byteOf(and(word, BYTES(63)), j);
}

QUAD(Q4_K) { return halfBytes(load(p + 64 + i * 256 + j / 2 * 128 + k * 16), j % 2); }
SCALE(Q4_K) { return wasm_f32x4_mul(smallHalves4(p), sixBits(p + 16, load(p + 48), i, j)); }
MIN(Q4_K) { return wasm_f32x4_neg(wasm_f32x4_mul(smallHalves4(p + 8), sixBits(p + 32, right(load(p + 48), 4), i, j))); }
IN_ORDER(Q4_K)

QUAD(Q5_K) {
	v128_t high = upper(load(p + 64 + k * 16), i);
	return fifth(load(p + 192 + i * 256 + j / 2 * 128 + k * 16), j % 2 * 4, high, j);
}
SCALE(Q5_K) { return scaleQ4_K(p, f, i, j, h); }
MIN(Q5_K) { return minQ4_K(p, i, j, h); }
IN_ORDER(Q5_K)

// Q6_K: 128 bytes of low halves (32 quads), 64 of high bits (16), 16 scales (4 words), d.
QUAD(Q6_K) {
	v128_t low = and(right(load(p + i * 256 + j % 2 * 128 + k * 16), j / 2 * 4), BYTES(15));
	v128_t q = load(p + 512 + i * 128 + k * 16), high = and(q, BYTES(3 << 2 * j));
	return unsignedBytes(wasm_v128_or(low, j < 2 ? left(high, 4 - 2 * j) : right(high, 2 * j - 4)));
}
SCALE(Q6_K) { return wasm_f32x4_mul(smallHalves4(p + 832), signedByteOf(load(p + 768 + i * 32 + j / 2 * 16), j % 2 * 2 + h)); }
NO_MIN(Q6_K)
IN_ORDER(Q6_K)

// TYPES lists for each type: bytes of a block, weights that share a scale, the power of two that is taken off each weight
// (its exponent; 0 for none), whether there is a minimum, and how many parts a block has: [i, j], of which j is unrolled.
// The order is that of engine/tensor/block.go.
#define TYPES(X)                  \
	X(Q8, 32, 32, 0, 0, 1, 1)     \
	X(Q4_0, 18, 32, 3, 0, 1, 1)   \
	X(Q4_1, 20, 32, 0, 1, 1, 1)   \
	X(Q5_0, 22, 32, 4, 0, 1, 1)   \
	X(Q5_1, 24, 32, 0, 1, 1, 1)   \
	X(Q8_0, 34, 32, 0, 0, 1, 1)   \
	X(IQ4_NL, 18, 32, 0, 0, 1, 1) \
	X(Q2_K, 84, 16, 0, 1, 2, 4)   \
	X(Q3_K, 110, 16, 2, 0, 2, 4)  \
	X(Q4_K, 144, 32, 0, 1, 2, 4)  \
	X(Q5_K, 176, 32, 0, 1, 2, 4)  \
	X(Q6_K, 210, 16, 5, 0, 2, 4)

#define NUMBER(T, ...) of##T,
enum { TYPES(NUMBER) };
