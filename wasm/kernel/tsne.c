// t-SNE's forces: the names are those of engine/projection/tsne, which has their meaning and their portable forms.
#include "kernel.h"

// inverse is 1 / (1 + a).
INLINE v128_t inverse(v128_t a) {
	const v128_t one = wasm_f32x4_const_splat(1);
	return wasm_f32x4_div(one, wasm_f32x4_add(one, a));
}

INLINE v128_t splat(const f32 *x) { return wasm_v128_load32_splat(x); }

// link is a cell's points, and where what follows it and all below it begins.
typedef struct {
	i32 lo, hi, skip;
} link;

// list writes the records of the cells that are far from the points from to to, and the places of the points in no such cell, and how many numbers
// that is.
INLINE void list(const f32 *cells, const link *links, i32 count, const f32 *pos, i32 stride, i32 from, i32 to, f32 *far, f32 *near, i32 *size, i32 dims) {
	f32 low[3], high[3];
	for (i32 k = 0; k < dims; k++) {
		const f32 *x = pos + k * stride;
		low[k] = high[k] = x[from];
		ROLL for (i32 i = from; i < to; i++) {
			low[k] = __builtin_wasm_min_f32(low[k], x[i]);
			high[k] = __builtin_wasm_max_f32(high[k], x[i]);
		}
	}
	const f32 *farBegin = far, *nearBegin = near;
	for (i32 c = 0; c < count;) {
		const f32 *r = cells + c * (dims == 2 ? 8 : 12);
		f32 away = 1;
		for (i32 k = 0; k < dims; k++) {
			f32 x = __builtin_wasm_max_f32(__builtin_wasm_max_f32(low[k] - r[2 + k], r[2 + k] - high[k]), 0);
			away += x * x;
		}
		if (r[0] < away && r[1] > 2) {
			for (i32 k = 0; k < (dims == 2 ? 8 : 12); k += 4, far += 4)
				store(far, load(r + k));
		} else if (r[0] < away || links[c].skip == c + 1) {
			ROLL for (i32 i = links[c].lo; i < links[c].hi; i++)
				for (i32 k = 0; k < dims; k++)
					*near++ = pos[k * stride + i];
		} else {
			c++;
			continue;
		}
		c = links[c].skip;
	}
	size[0] = far - farBegin, size[1] = near - nearBegin;
}

KERNEL(list2, void)
(const f32 *cells, const link *links, i32 count, const f32 *pos, i32 stride, i32 from, i32 to, f32 *far, f32 *near, i32 *size) {
	list(cells, links, count, pos, stride, from, to, far, near, size, 2);
}

KERNEL(list3, void)
(const f32 *cells, const link *links, i32 count, const f32 *pos, i32 stride, i32 from, i32 to, f32 *far, f32 *near, i32 *size) {
	list(cells, links, count, pos, stride, from, to, far, near, size, 3);
}

// sums are the forces on four points, their sums of w, and how many other places there were.
typedef struct {
	v128_t force[3], w, others;
} sums;

// repelNear adds the repulsion of one point at q.
INLINE void repelNear(sums *s, const v128_t *p, const f32 *q, i32 dims) {
	v128_t d[3], a = wasm_f32x4_const_splat(0);
	for (i32 k = 0; k < dims; k++) {
		d[k] = wasm_f32x4_sub(p[k], splat(q + k));
		a = addMul(a, d[k], d[k]);
	}
	v128_t w = inverse(a), other = wasm_f32x4_gt(a, wasm_f32x4_const_splat(0));
	s->w = wasm_f32x4_add(s->w, wasm_v128_and(w, other));
	s->others = wasm_i32x4_sub(s->others, other);
	w = wasm_f32x4_mul(w, w);
	for (i32 k = 0; k < dims; k++)
		s->force[k] = addMul(s->force[k], w, d[k]);
}

// repelFar adds the repulsion of a cell with record r.
INLINE void repelFar(sums *s, const v128_t *p, const f32 *r, i32 dims) {
	v128_t d[3], m[3], a = wasm_f32x4_const_splat(0), q = a;
	for (i32 k = 0; k < dims; k++) {
		d[k] = wasm_f32x4_sub(p[k], splat(r + 2 + k));
		a = addMul(a, d[k], d[k]);
	}
	v128_t w = inverse(a), square = wasm_f32x4_mul(w, w);
	const f32 *moment = r + 2 + dims; // xx xy yy, or xx xy xz yy yz zz
	for (i32 k = 0; k < dims; k++)
		m[k] = wasm_f32x4_const_splat(0);
	for (i32 k = 0; k < dims; k++)
		for (i32 l = k; l < dims; l++, moment++) {
			v128_t v = splat(moment);
			m[k] = addMul(m[k], v, d[l]);
			if (l > k)
				m[l] = addMul(m[l], v, d[k]);
		}
	for (i32 k = 0; k < dims; k++)
		q = addMul(q, d[k], m[k]);
	q = wasm_f32x4_mul(square, q);
	v128_t t = wasm_f32x4_mul(w, splat(moment)); // the trace
	v128_t u = wasm_f32x4_add(wasm_f32x4_sub(splat(r + 1), t), q);
	s->w = addMul(s->w, w, u);
	u = wasm_f32x4_add(u, wasm_f32x4_sub(wasm_f32x4_add(q, q), t));
	for (i32 k = 0; k < dims; k++)
		s->force[k] = addMul(s->force[k], square, wasm_f32x4_sub(wasm_f32x4_mul(u, d[k]), wasm_f32x4_mul(w, m[k])));
}

// repel writes the forces on count points, and up to three more.
INLINE void repel(const f32 *pos, f32 *force, f32 *weight, i32 stride, i32 count, const f32 *far, const f32 *farEnd, const f32 *near, const f32 *nearEnd, i32 dims) {
	const v128_t zero = wasm_f32x4_const_splat(0);
	for (i32 i = 0; i < count; i += 4) {
		v128_t p[3];
		sums s = {{zero, zero, zero}, zero, zero};
		for (i32 k = 0; k < dims; k++)
			p[k] = load(pos + i + k * stride);
		ROLL for (const f32 *r = far; r < farEnd; r += dims == 2 ? 8 : 12)
			repelFar(&s, p, r, dims);
		ROLL for (const f32 *q = near; q < nearEnd; q += dims)
			repelNear(&s, p, q, dims);
		for (i32 k = 0; k < dims; k++)
			store(force + i + k * stride, s.force[k]);
		v128_t self = wasm_i32x4_sub(wasm_i32x4_splat((nearEnd - near) / dims - 1), s.others);
		store(weight + i, wasm_f32x4_add(s.w, wasm_f32x4_convert_i32x4(self)));
	}
}

KERNEL(repel2, void)
(const f32 *pos, f32 *force, f32 *weight, i32 stride, i32 count, const f32 *far, i32 farSize, const f32 *near, i32 nearSize) {
	repel(pos, force, weight, stride, count, far, far + farSize, near, near + nearSize, 2);
}

KERNEL(repel3, void)
(const f32 *pos, f32 *force, f32 *weight, i32 stride, i32 count, const f32 *far, i32 farSize, const f32 *near, i32 nearSize) {
	repel(pos, force, weight, stride, count, far, far + farSize, near, near + nearSize, 3);
}

INLINE v128_t load2(const f32 *a, const f32 *b) { return wasm_v128_load64_lane(b, wasm_v128_load64_zero(a), 1); }

// pull2 takes g from the forces at a and b, which are not the same unless g is 0.
INLINE void pull2(f32 *a, f32 *b, v128_t g) {
	v128_t v = wasm_f32x4_sub(load2(a, b), g);
	wasm_v128_store64_lane(a, v, 0);
	wasm_v128_store64_lane(b, v, 1);
}

KERNEL(attract2, void)(const i32 *start, const i32 *col, const f32 *val, i32 n, const f32 *y, f32 *force) {
	ROLL for (i32 i = 0; i < n; i++) {
		v128_t p = wasm_v128_load64_splat(y + 2 * i), s = wasm_f32x4_const_splat(0);
		ROLL for (i32 at = start[i]; at < start[i + 1]; at += 4) {
			const i32 *j = col + at;
			v128_t a = wasm_f32x4_sub(p, load2(y + 2 * j[0], y + 2 * j[1])), b = wasm_f32x4_sub(p, load2(y + 2 * j[2], y + 2 * j[3]));
			v128_t aa = wasm_f32x4_mul(a, a), bb = wasm_f32x4_mul(b, b);
			v128_t f = wasm_f32x4_mul(load(val + at), inverse(wasm_f32x4_add(wasm_i32x4_shuffle(aa, bb, 0, 2, 4, 6), wasm_i32x4_shuffle(aa, bb, 1, 3, 5, 7))));
			a = wasm_f32x4_mul(a, wasm_i32x4_shuffle(f, f, 0, 0, 1, 1));
			b = wasm_f32x4_mul(b, wasm_i32x4_shuffle(f, f, 2, 2, 3, 3));
			s = wasm_f32x4_add(s, wasm_f32x4_add(a, b));
			pull2(force + 2 * j[0], force + 2 * j[1], a);
			pull2(force + 2 * j[2], force + 2 * j[3], b);
		}
		s = wasm_f32x4_add(s, wasm_i64x2_shuffle(s, s, 1, 0));
		wasm_v128_store64_lane(force + 2 * i, wasm_f32x4_add(s, wasm_v128_load64_zero(force + 2 * i)), 0);
	}
}

// Places of three numbers are read with the number after them.
INLINE v128_t away3(v128_t p, const f32 *y) { return wasm_v128_and(wasm_f32x4_sub(p, load(y)), wasm_i32x4_const(-1, -1, -1, 0)); }

KERNEL(attract3, void)(const i32 *start, const i32 *col, const f32 *val, i32 n, const f32 *y, f32 *force) {
	ROLL for (i32 i = 0; i < n; i++) {
		v128_t p = load(y + 3 * i), s = wasm_f32x4_const_splat(0);
		ROLL for (i32 at = start[i]; at < start[i + 1]; at += 4) {
			v128_t d[4], f[4];
			for (i32 k = 0; k < 4; k++) {
				d[k] = away3(p, y + 3 * col[at + k]);
				f[k] = wasm_f32x4_mul(d[k], d[k]);
			}
			v128_t w = wasm_f32x4_mul(load(val + at), inverse(sum4(f[0], f[1], f[2], f[3])));
			f[0] = wasm_i32x4_shuffle(w, w, 0, 0, 0, 0), f[1] = wasm_i32x4_shuffle(w, w, 1, 1, 1, 1);
			f[2] = wasm_i32x4_shuffle(w, w, 2, 2, 2, 2), f[3] = wasm_i32x4_shuffle(w, w, 3, 3, 3, 3);
			for (i32 k = 0; k < 4; k++) {
				f32 *to = force + 3 * col[at + k];
				v128_t g = wasm_f32x4_mul(d[k], f[k]);
				s = wasm_f32x4_add(s, g);
				store(to, wasm_f32x4_sub(load(to), g));
			}
		}
		store(force + 3 * i, wasm_f32x4_add(load(force + 3 * i), s));
	}
}

// log1 is ln(1 + a) for a >= 0, to 3e-7: of 1 + a = 2^k m, 1/sqrt(2) <= m < sqrt(2), it is k ln 2 + 2 atanh((m-1)/(m+1)).
INLINE v128_t log1(v128_t a) {
	const v128_t one = wasm_f32x4_const_splat(1), half = wasm_i32x4_const_splat(0x3f3504f3); // sqrt(1/2)
	v128_t bits = wasm_i32x4_sub(wasm_f32x4_add(one, a), half), k = wasm_i32x4_shr(bits, 23);
	v128_t m = wasm_i32x4_add(wasm_v128_and(bits, wasm_i32x4_const_splat(0x7fffff)), half);
	v128_t s = wasm_f32x4_div(wasm_f32x4_sub(m, one), wasm_f32x4_add(m, one)), square = wasm_f32x4_mul(s, s);
	v128_t t = addMul(wasm_f32x4_const_splat(2.f / 7), square, wasm_f32x4_const_splat(2.f / 9));
	t = addMul(wasm_f32x4_const_splat(2.f / 5), square, t);
	t = addMul(wasm_f32x4_const_splat(2.f / 3), square, t);
	t = addMul(wasm_f32x4_const_splat(2), square, t);
	return addMul(wasm_f32x4_mul(s, t), wasm_f32x4_convert_i32x4(k), wasm_f32x4_const_splat(0.693147180559945f));
}

KERNEL(spread, f64)(const i32 *start, const i32 *col, const f32 *val, i32 n, const f32 *y, i32 dims) {
	f64 sum = 0;
	ROLL for (i32 i = 0; i < n; i++) {
		v128_t s = wasm_f32x4_const_splat(0);
		ROLL for (i32 at = start[i]; at < start[i + 1]; at += 4) {
			v128_t a = wasm_f32x4_const_splat(0);
			for (i32 k = 0; k < dims; k++) {
				const f32 *x = y + k;
				const i32 *j = col + at;
				v128_t d = wasm_f32x4_sub(splat(x + dims * i), wasm_f32x4_make(x[dims * j[0]], x[dims * j[1]], x[dims * j[2]], x[dims * j[3]]));
				a = addMul(a, d, d);
			}
			s = addMul(s, load(val + at), log1(a));
		}
		sum += sum1(s);
	}
	return sum;
}

INLINE v128_t within(v128_t x, v128_t edge) { return wasm_f32x4_min(wasm_f32x4_max(x, wasm_f32x4_neg(edge)), edge); }

// move takes n numbers, a multiple of four, and returns the sum of the squares of the gradient.
KERNEL(move, f64)
(f32 *y, f32 *step, f32 *gain, const f32 *attract, const f32 *repel, i32 n, f32 a, f32 b, f32 momentum, f32 rate, f32 edge) {
	const v128_t zero = wasm_f32x4_const_splat(0);
	v128_t sum = zero, far = wasm_f32x4_splat(edge);
	ROLL for (i32 i = 0; i < n; i += 4) {
		v128_t g = wasm_f32x4_sub(wasm_f32x4_mul(wasm_f32x4_splat(a), load(attract + i)), wasm_f32x4_mul(wasm_f32x4_splat(b), load(repel + i)));
		v128_t s = load(step + i), k = load(gain + i);
		v128_t down = wasm_v128_or(wasm_v128_and(wasm_f32x4_gt(g, zero), wasm_f32x4_lt(s, zero)), wasm_v128_and(wasm_f32x4_lt(g, zero), wasm_f32x4_gt(s, zero)));
		k = wasm_v128_bitselect(wasm_f32x4_add(k, wasm_f32x4_const_splat(.2f)),
			wasm_f32x4_max(wasm_f32x4_mul(k, wasm_f32x4_const_splat(.8f)), wasm_f32x4_const_splat(.01f)), down);
		s = within(wasm_f32x4_sub(wasm_f32x4_mul(wasm_f32x4_splat(momentum), s), wasm_f32x4_mul(wasm_f32x4_splat(rate), wasm_f32x4_mul(k, g))), far);
		store(gain + i, k);
		store(step + i, s);
		store(y + i, within(wasm_f32x4_add(load(y + i), s), far));
		sum = wasm_f64x2_add(sum, wasm_f64x2_add(wasm_f64x2_mul(low(g), low(g)), wasm_f64x2_mul(high(g), high(g))));
	}
	return wasm_f64x2_extract_lane(sum, 0) + wasm_f64x2_extract_lane(sum, 1);
}
