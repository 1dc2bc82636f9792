// Products of f32: many rows by many vectors.
#include "kernel.h"

// tile computes 4 neighbouring rows of w times 4 vectors x; what is loaded serves all 16 sums.
INLINE void tile(f32 *dst, const f32 *w, const f32 *x, i32 cols, i32 wStride, i32 xStride, i32 dstStride, f32 scale) {
	v128_t s[4][4];
	UNROLL for (i32 r = 0; r < 4; r++)
		UNROLL for (i32 t = 0; t < 4; t++)
			s[r][t] = wasm_f32x4_const_splat(0);
	i32 c = 0;
	for (; c + 8 <= cols; c += 8)
		UNROLL for (i32 u = 0; u < 8; u += 4) {
			v128_t a[4];
			UNROLL for (i32 r = 0; r < 4; r++)
				a[r] = load(w + r * wStride + c + u);
			UNROLL for (i32 t = 0; t < 4; t++) {
				v128_t b = load(x + t * xStride + c + u);
				UNROLL for (i32 r = 0; r < 4; r++)
					s[r][t] = addMul(s[r][t], a[r], b);
			}
		}
	for (; c + 4 <= cols; c += 4)
		UNROLL for (i32 t = 0; t < 4; t++)
			UNROLL for (i32 r = 0; r < 4; r++)
				s[r][t] = addMul(s[r][t], load(w + r * wStride + c), load(x + t * xStride + c));
	UNROLL for (i32 t = 0; t < 4; t++) {
		v128_t v = sum4(s[0][t], s[1][t], s[2][t], s[3][t]);
		for (i32 k = c; k < cols; k++)
			v = addMul(v, wasm_f32x4_make(w[k], w[wStride + k], w[2 * wStride + k], w[3 * wStride + k]), wasm_f32x4_splat(x[t * xStride + k]));
		store(dst + t * dstStride, wasm_f32x4_mul(v, wasm_f32x4_splat(scale)));
	}
}

// apart computes 4 rows of w, step rows apart, times one vector: so each is read on and on, which the processor foresees.
INLINE void apart(f32 *dst, const f32 *w, const f32 *x, i32 cols, i32 step, i32 wStride, f32 scale) {
	v128_t s[4];
	UNROLL for (i32 r = 0; r < 4; r++)
		s[r] = wasm_f32x4_const_splat(0);
	i32 c = 0;
	for (; c + 4 <= cols; c += 4) {
		v128_t b = load(x + c);
		UNROLL for (i32 r = 0; r < 4; r++)
			s[r] = addMul(s[r], load(w + r * step * wStride + c), b);
	}
	UNROLL for (i32 r = 0; r < 4; r++) {
		f32 v = sum1(s[r]);
		for (i32 k = c; k < cols; k++)
			v += w[r * step * wStride + k] * x[k];
		dst[r * step] = scale * v;
	}
}

// dot1 is the inner product.
INLINE f32 dot1(const f32 *a, const f32 *b, i32 n) {
	v128_t s0 = wasm_f32x4_const_splat(0), s1 = s0, s2 = s0, s3 = s0;
	i32 i = 0;
	for (; i + 16 <= n; i += 16) {
		s0 = addMul(s0, load(a + i), load(b + i));
		s1 = addMul(s1, load(a + i + 4), load(b + i + 4));
		s2 = addMul(s2, load(a + i + 8), load(b + i + 8));
		s3 = addMul(s3, load(a + i + 12), load(b + i + 12));
	}
	for (; i + 4 <= n; i += 4)
		s0 = addMul(s0, load(a + i), load(b + i));
	f32 s = sum1(wasm_f32x4_add(wasm_f32x4_add(s0, s1), wasm_f32x4_add(s2, s3)));
	for (; i < n; i++)
		s += a[i] * b[i];
	return s;
}

KERNEL(dot, f32)(const f32 *a, const f32 *b, i32 n) { return dot1(a, b, n); }

KERNEL(product, void)
(f32 *dst, const f32 *w, const f32 *x, i32 rows, i32 n, i32 cols, i32 wStride, i32 xStride, i32 dstStride, f32 scale) {
	i32 full = rows & ~3, t = 0;
	for (; t + 4 <= n; t += 4)
		for (i32 r = 0; r < full; r += 4)
			tile(dst + t * dstStride + r, w + r * wStride, x + t * xStride, cols, wStride, xStride, dstStride, scale);
	for (; t < n; t++)
		for (i32 r = 0; r < full / 4; r++)
			apart(dst + t * dstStride + r, w + r * wStride, x + t * xStride, cols, full / 4, wStride, scale);
	for (t = 0; t < n; t++)
		for (i32 r = full; r < rows; r++)
			dst[t * dstStride + r] = scale * dot1(w + r * wStride, x + t * xStride, cols);
}

KERNEL(mix, void)(f32 *dst, i32 d, const f32 *p, i32 n, const f32 *v, i32 stride) {
	i32 c = 0;
	for (; c + 32 <= d; c += 32) {
		v128_t s[8];
		for (i32 j = 0; j < 8; j++)
			s[j] = wasm_f32x4_const_splat(0);
		for (i32 k = 0; k < n; k++) {
			v128_t w = wasm_v128_load32_splat(p + k);
			for (i32 j = 0; j < 8; j++)
				s[j] = addMul(s[j], w, load(v + k * stride + c + 4 * j));
		}
		for (i32 j = 0; j < 8; j++)
			store(dst + c + 4 * j, s[j]);
	}
	for (; c + 4 <= d; c += 4) {
		v128_t s = wasm_f32x4_const_splat(0);
		for (i32 k = 0; k < n; k++)
			s = addMul(s, wasm_v128_load32_splat(p + k), load(v + k * stride + c));
		store(dst + c, s);
	}
	for (; c < d; c++) {
		f32 s = 0;
		for (i32 k = 0; k < n; k++)
			s += p[k] * v[k * stride + c];
		dst[c] = s;
	}
}

// mix4 is mix for four rows of weights and sums, which read each value once.
KERNEL(mix4, void)(f32 *dst, const f32 *p, const f32 *v, i32 d, i32 keys, i32 dstStride, i32 pStride, i32 vStride) {
	i32 c = 0;
	for (; c + 8 <= d; c += 8) {
		v128_t s[4][2];
		for (i32 i = 0; i < 4; i++)
			s[i][0] = s[i][1] = wasm_f32x4_const_splat(0);
		for (i32 k = 0; k < keys; k++) {
			v128_t a = load(v + k * vStride + c), b = load(v + k * vStride + c + 4);
			for (i32 i = 0; i < 4; i++) {
				v128_t w = wasm_v128_load32_splat(p + i * pStride + k);
				s[i][0] = addMul(s[i][0], w, a);
				s[i][1] = addMul(s[i][1], w, b);
			}
		}
		for (i32 i = 0; i < 4; i++) {
			store(dst + i * dstStride + c, s[i][0]);
			store(dst + i * dstStride + c + 4, s[i][1]);
		}
	}
	for (; c < d; c++)
		for (i32 i = 0; i < 4; i++) {
			f32 s = 0;
			for (i32 k = 0; k < keys; k++)
				s += p[i * pStride + k] * v[k * vStride + c];
			dst[i * dstStride + c] = s;
		}
}
