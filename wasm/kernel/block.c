// Products of blocks with vectors, and their widening to f32.
#include "block.h"

#define PAIRS _Pragma("clang loop unroll_count(2)")

// part is four rows of 32 columns, opened: their weights as quads in the order of the columns, and for each 16 columns the
// rows' scales and minima.
typedef struct {
	quad q[8];
	v128_t scale[2], min[2];
} part;

// sums are integer sums of products with hi and lo, a lane for each of four rows.
typedef struct {
	v128_t hi, lo;
} sums;

// addDots adds the products of two groups' quads with the same x, as few of which as can be are held at a time.
INLINE void addDots(sums *s, sums *t, quad u, quad v, const i16 *x, i32 exact) {
	v128_t a = wasm_v128_load32_splat(x), b = wasm_v128_load32_splat(x + 2);
	s->hi = wasm_i32x4_add(s->hi, wasm_i32x4_add(wasm_i32x4_dot_i16x8(u.a, a), wasm_i32x4_dot_i16x8(u.b, b)));
	t->hi = wasm_i32x4_add(t->hi, wasm_i32x4_add(wasm_i32x4_dot_i16x8(v.a, a), wasm_i32x4_dot_i16x8(v.b, b)));
	if (exact) {
		a = wasm_v128_load32_splat(x + 32), b = wasm_v128_load32_splat(x + 34);
		s->lo = wasm_i32x4_add(s->lo, wasm_i32x4_add(wasm_i32x4_dot_i16x8(u.a, a), wasm_i32x4_dot_i16x8(u.b, b)));
		t->lo = wasm_i32x4_add(t->lo, wasm_i32x4_add(wasm_i32x4_dot_i16x8(v.a, a), wasm_i32x4_dot_i16x8(v.b, b)));
	}
}

INLINE v128_t less(v128_t sum, i32 exponent, i32 x) {
	return exponent ? wasm_i32x4_sub(sum, wasm_i32x4_splat(x << exponent)) : sum;
}

// value is the sums as f32, in units of x's scale, after 2^exponent was taken off each weight.
INLINE v128_t value(sums s, i32 exponent, const fixed *x, i32 exact) {
	v128_t hi = wasm_f32x4_convert_i32x4(less(s.hi, exponent, x->hiSum));
	if (!exact)
		return hi;
	return addMul(wasm_f32x4_convert_i32x4(less(s.lo, exponent, x->loSum)), hi, wasm_f32x4_const_splat(32768));
}

// finish adds a part's sums to acc.
INLINE v128_t finish(v128_t acc, v128_t value, v128_t scale, v128_t min, i32 hasMin, const f32 *xScale, const f32 *xSum) {
	acc = addMul(acc, value, wasm_f32x4_mul(scale, wasm_v128_load32_splat(xScale)));
	return hasMin ? addMul(acc, min, wasm_v128_load32_splat(xSum)) : acc;
}

// notFinite has bits where a lane of s or t is an infinity or NaN.
INLINE v128_t notFinite(v128_t s, v128_t t) {
	return wasm_f32x4_ne(wasm_f32x4_add(wasm_f32x4_sub(s, s), wasm_f32x4_sub(t, t)), wasm_i32x4_const_splat(0));
}

// The products take groups of four rows of count blocks at w (for Q8 their scales are at f), and x. They return 0 if a
// result is not finite. Two groups far apart go together: they share what is loaded of x, and each is read on and on,
// which the processor foresees. If the groups are odd, the middle one is computed twice.

// MUL is the product of a type that many files have: weights go from their bytes into products.
#define MUL(T, bytes, share, exponent, hasMin, outer, inner)                                                                   \
	INLINE i32 mul##T##As(f32 *dst, const u8 *w, const f32 *f, const fixed *x, i32 groups, i32 count, i32 exact) {             \
		const v128_t zero = wasm_i32x4_const_splat(0);                                                                         \
		v128_t bad = zero;                                                                                                     \
		i32 half = (groups + 1) / 2, far = groups - half;                                                                      \
		for (i32 g = 0; g < half; g++) {                                                                                       \
			const u8 *p = w + g * count * bytes * 4, *q = p + far * count * bytes * 4;                                         \
			const f32 *fp = f + g * count * 4, *fq = fp + far * count * 4;                                                     \
			const fixed *xb = x;                                                                                               \
			v128_t s = zero, t = zero;                                                                                         \
			ROLL for (i32 b = 0; b < count; b++, p += bytes * 4, q += bytes * 4, fp += 4, fq += 4)                             \
				ROLL for (i32 i = 0; i < outer; i++)                                                                           \
					UNROLL for (i32 j = 0; j < inner; j++, xb++) {                                                             \
						sums u = {zero, zero}, v = {zero, zero};                                                               \
						if (inner == 1)                                                                                        \
							PAIRS for (i32 k = 0; k < 8; k++)                                                                  \
								addDots(&u, &v, quad##T(p, i, j, k), quad##T(q, i, j, k), xb->hi + 4 * column##T(k), exact);   \
						else                                                                                                   \
							ROLL for (i32 k = 0; k < 8; k++)                                                                   \
								addDots(&u, &v, quad##T(p, i, j, k), quad##T(q, i, j, k), xb->hi + 4 * column##T(k), exact);   \
						v128_t a = value(u, exponent, xb, exact), b = value(v, exponent, xb, exact);                           \
						s = finish(s, a, scale##T(p, fp, i, j, 0), min##T(p, i, j, 0), hasMin, &xb->scale, &xb->sum);          \
						t = finish(t, b, scale##T(q, fq, i, j, 0), min##T(q, i, j, 0), hasMin, &xb->scale, &xb->sum);          \
					}                                                                                                          \
			store(dst + 4 * g, s);                                                                                             \
			store(dst + 4 * (g + far), t);                                                                                     \
			bad = wasm_v128_or(bad, notFinite(s, t));                                                                          \
		}                                                                                                                      \
		return !wasm_v128_any_true(bad);                                                                                       \
	}                                                                                                                          \
	KERNEL(mul##T, i32)(f32 *dst, const u8 *w, const f32 *f, const fixed *x, i32 groups, i32 count, i32 exact) {               \
		return exact ? mul##T##As(dst, w, f, x, groups, count, 1) : mul##T##As(dst, w, f, x, groups, count, 0);                \
	}

MUL(Q8, 32, 32, 0, 0, 1, 1)
MUL(Q4_0, 18, 32, 3, 0, 1, 1)
MUL(Q4_1, 20, 32, 0, 1, 1, 1)
MUL(Q8_0, 34, 32, 0, 0, 1, 1)
MUL(Q4_K, 144, 32, 0, 1, 2, 4)

// open opens count blocks of four rows.
#define OPEN_QUAD(T, exponent)                                                                         \
	{                                                                                                  \
		quad q = quad##T(p, i, j, k);                                                                  \
		if (exponent)                                                                                  \
			q.a = wasm_i16x8_sub(q.a, WORDS(1 << exponent)), q.b = wasm_i16x8_sub(q.b, WORDS(1 << exponent)); \
		to->q[column##T(k)] = q;                                                                       \
	}
#define OPEN(T, bytes, share, exponent, hasMin, outer, inner)                       \
	case of##T:                                                                     \
		ROLL for (; count > 0; count--, p += bytes * 4, f += 4)                     \
			ROLL for (i32 i = 0; i < outer; i++)                                    \
				UNROLL for (i32 j = 0; j < inner; j++, to++) {                      \
					if (inner == 1)                                                 \
						PAIRS for (i32 k = 0; k < 8; k++) OPEN_QUAD(T, exponent)    \
					else                                                            \
						ROLL for (i32 k = 0; k < 8; k++) OPEN_QUAD(T, exponent)     \
					to->scale[0] = scale##T(p, f, i, j, 0);                         \
					to->scale[1] = share == 16 ? scale##T(p, f, i, j, 1) : to->scale[0]; \
					to->min[0] = min##T(p, i, j, 0);                                \
					to->min[1] = share == 16 ? min##T(p, i, j, 1) : to->min[0];     \
				}                                                                   \
		return;

static __attribute__((noinline)) void open(part *to, i32 type, const u8 *p, const f32 *f, i32 count) {
	switch (type) { TYPES(OPEN) }
}

// mulOpened is the product of the other types, by way of opened parts of 256 columns in room (2 * 8 parts). A block of bytes has so many
// parts of 32 columns.
INLINE i32 mulOpened(f32 *dst, i32 type, i32 bytes, i32 parts, const u8 *w, const f32 *f, const fixed *x, i32 groups, i32 count, part *room, i32 exact) {
	const v128_t zero = wasm_i32x4_const_splat(0);
	v128_t bad = zero;
	i32 half = (groups + 1) / 2, far = groups - half, step = 8 / parts;
	for (i32 g = 0; g < half; g++) {
		v128_t s = zero, t = zero;
		const fixed *xb = x;
		for (i32 b = 0; b < count; b += step) {
			i32 n = count - b < step ? count - b : step;
			i32 at = g * count + b;
			open(room, type, w + at * bytes * 4, f + at * 4, n);
			at += far * count;
			open(room + 8, type, w + at * bytes * 4, f + at * 4, n);
			ROLL for (part *p = room; p < room + n * parts; p++, xb++) {
				ROLL for (i32 h = 0; h < 2; h++) {
					sums u = {zero, zero}, v = {zero, zero};
					PAIRS for (i32 k = 0; k < 4; k++)
						addDots(&u, &v, p->q[4 * h + k], p[8].q[4 * h + k], xb->hi + 16 * h + 4 * k, exact);
					s = finish(s, value(u, 0, xb, exact), p->scale[h], p->min[h], 1, &xb->scale, &xb->sum16[h]);
					t = finish(t, value(v, 0, xb, exact), p[8].scale[h], p[8].min[h], 1, &xb->scale, &xb->sum16[h]);
				}
			}
		}
		store(dst + 4 * g, s);
		store(dst + 4 * (g + far), t);
		bad = wasm_v128_or(bad, notFinite(s, t));
	}
	return !wasm_v128_any_true(bad);
}

KERNEL(mulBlocks, i32)
(f32 *dst, i32 type, i32 bytes, i32 parts, const u8 *w, const f32 *f, const fixed *x, i32 groups, i32 count, part *room, i32 exact) {
	return exact ? mulOpened(dst, type, bytes, parts, w, f, x, groups, count, room, 1)
				 : mulOpened(dst, type, bytes, parts, w, f, x, groups, count, room, 0);
}

// widenBlocks writes a group of four rows of count blocks as f32, each with the bits of portable's: product, sum, rounded
// each. The rows lie stride numbers apart.
KERNEL(widenBlocks, void)
(f32 *dst, i32 type, i32 bytes, i32 parts, const u8 *w, const f32 *f, i32 count, i32 stride, part *room) {
	i32 step = 16 / parts;
	for (i32 b = 0; b < count; b += step) {
		i32 n = count - b < step ? count - b : step;
		open(room, type, w + b * bytes * 4, f + b * 4, n);
		ROLL for (part *p = room; p < room + n * parts; p++, dst += 32)
			ROLL for (i32 k = 0; k < 8; k++) {
				v128_t scale = p->scale[k / 4], min = p->min[k / 4];
				v128_t first = wasm_i16x8_shuffle(p->q[k].a, p->q[k].b, 0, 8, 1, 9, 2, 10, 3, 11);
				v128_t last = wasm_i16x8_shuffle(p->q[k].a, p->q[k].b, 4, 12, 5, 13, 6, 14, 7, 15);
#define ROW(r, half, v)                                                                                                 \
	store(dst + r * stride + 4 * k,                                                                                     \
		addMul(wasm_i32x4_shuffle(min, min, r, r, r, r), wasm_f32x4_convert_i32x4(hide(wasm_i32x4_extend_##half##_i16x8(v))), \
			wasm_i32x4_shuffle(scale, scale, r, r, r, r)))
				ROW(0, low, first);
				ROW(1, high, first);
				ROW(2, low, last);
				ROW(3, high, last);
			}
	}
}

// shortX is what generation mode needs of a fixed.
typedef struct {
	i16 hi[32];
	f32 scale, sum, sum16[2];
} shortX;

KERNEL(shorten, void)(shortX *to, const fixed *x, i32 count) {
	for (; count > 0; count--, to++, x++) {
		for (i32 i = 0; i < 32; i += 8)
			store(to->hi + i, load(x->hi + i));
		to->scale = x->scale, to->sum = x->sum, to->sum16[0] = x->sum16[0], to->sum16[1] = x->sum16[1];
	}
}

// addParts adds the products of two groups' n parts with four vectors, stride numbers of 32 apart, to s and t.
INLINE void addParts(v128_t *s, v128_t *t, const part *p, const part *q, const shortX *x, i32 n, i32 stride, i32 share, i32 hasMin) {
	const v128_t zero = wasm_i32x4_const_splat(0);
	ROLL for (i32 i = 0; i < n; i++, p++, q++, x++)
		ROLL for (i32 h = 0; h < 32 / share; h++) {
			v128_t u[4] = {zero, zero, zero, zero}, v[4] = {zero, zero, zero, zero};
			ROLL for (i32 k = h * 4; k < h * 4 + share / 4; k++)
				UNROLL for (i32 j = 0; j < 4; j++) {
					v128_t a = wasm_v128_load32_splat(x[j * stride].hi + 4 * k), b = wasm_v128_load32_splat(x[j * stride].hi + 4 * k + 2);
					u[j] = wasm_i32x4_add(u[j], wasm_i32x4_add(wasm_i32x4_dot_i16x8(p->q[k].a, a), wasm_i32x4_dot_i16x8(p->q[k].b, b)));
					v[j] = wasm_i32x4_add(v[j], wasm_i32x4_add(wasm_i32x4_dot_i16x8(q->q[k].a, a), wasm_i32x4_dot_i16x8(q->q[k].b, b)));
				}
			UNROLL for (i32 j = 0; j < 4; j++) {
				const shortX *xj = x + j * stride;
				const f32 *sum = share == 16 ? &xj->sum16[h] : &xj->sum;
				s[j] = finish(s[j], wasm_f32x4_convert_i32x4(u[j]), p->scale[h], p->min[h], hasMin, &xj->scale, sum);
				t[j] = finish(t[j], wasm_f32x4_convert_i32x4(v[j]), q->scale[h], q->min[h], hasMin, &xj->scale, sum);
			}
		}
}

// productBlocks is the product in generation mode of groups of four rows with n vectors, a multiple of 4: dst has a row of
// stride numbers for each. Parts of 512 columns are opened in room (2 * 16 parts), and serve all vectors.
KERNEL(productBlocks, i32)
(f32 *dst, i32 type, i32 bytes, i32 parts, const u8 *w, const f32 *f, const shortX *x, i32 groups, i32 count, part *room, i32 n, i32 stride) {
	i32 share16 = type == ofQ2_K || type == ofQ3_K || type == ofQ6_K;
	i32 hasMin = type == ofQ4_1 || type == ofQ5_1 || type == ofQ4_K || type == ofQ5_K;
	v128_t bad = wasm_i32x4_const_splat(0);
	i32 step = 16 / parts, each = count * parts;
	for (i32 g = 0; g < groups; g += 2) {
		i32 other = g + 1 < groups; // if not, the last group goes with itself
		for (i32 b = 0; b < count; b += step) {
			i32 size = count - b < step ? count - b : step;
			i32 at = g * count + b;
			open(room, type, w + at * bytes * 4, f + at * 4, size);
			at += other * count;
			open(room + 16, type, w + at * bytes * 4, f + at * 4, size);
			for (i32 i = 0; i < n; i += 4) {
				v128_t s[4], t[4];
				f32 *to = dst + i * stride + 4 * g;
				UNROLL for (i32 j = 0; j < 4; j++) {
					s[j] = b ? load(to + j * stride) : wasm_i32x4_const_splat(0);
					t[j] = b ? load(to + j * stride + 4 * other) : wasm_i32x4_const_splat(0);
				}
				const shortX *xb = x + i * each + b * parts;
				if (share16)
					addParts(s, t, room, room + 16, xb, size * parts, each, 16, 1);
				else if (hasMin)
					addParts(s, t, room, room + 16, xb, size * parts, each, 32, 1);
				else
					addParts(s, t, room, room + 16, xb, size * parts, each, 32, 0);
				UNROLL for (i32 j = 0; j < 4; j++) {
					store(to + j * stride + 4 * other, t[j]);
					store(to + j * stride, s[j]);
					bad = wasm_v128_or(bad, notFinite(s[j], t[j]));
				}
			}
		}
	}
	return !wasm_v128_any_true(bad);
}

// interleave writes four rows of count blocks into dst as tensor.(*Matrix).Pack says. A block is so many f16, words and f16.
KERNEL(interleave, void)(u8 *dst, const u8 *rows, i32 each, i32 count, i32 before, i32 words, i32 after, i32 fifth) {
	for (; count > 0; count--) {
		for (i32 i = 0; i < before + words + after; i++) {
			i32 isWord = i >= before && i < before + words;
			for (i32 r = 0; r < 4; r++) {
				const u8 *p = rows + r * each;
				if (!isWord) {
					*(unaligned16 *)dst = *(const unaligned16 *)p, dst += 2;
					continue;
				}
				u32 w = *(const unaligned32 *)p;
				if (fifth && i == before) {
					u32 spread = 0;
					for (i32 q = 0; q < 8; q++)
						spread |= (((w >> (4 * q) & 15) * 0x00204081) & 0x01010101) << q;
					w = spread;
				}
				*(unaligned32 *)dst = w, dst += 4;
			}
			rows += isWord ? 4 : 2;
		}
	}
}
