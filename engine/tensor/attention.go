package tensor

import "math"

// Attn is the shape of attention, which is computed in three steps, so that views can record scores and pattern between
// them. The n queries are the last n of the keys' positions. Heads lie side by side in a row: q and the mixed values are
// [n, Heads*Dim]; k and v, the KV cache, are [keys, KVHeads*Dim]; scores and pattern are [Heads, n, keys].
type Attn struct {
	Heads   int     // of queries
	KVHeads int     // of keys and values: each serves Heads/KVHeads heads of queries, side by side
	Dim     int     // numbers of a head
	Scale   float32 // of the scores
	Window  int     // if it is not 0: a query sees itself and the Window-1 positions before it
	Full    bool    // a query sees all keys, also those after it
	SoftCap float32 // if it is not 0: a score s becomes SoftCap tanh(s/SoftCap), after Scale
}

// queryBlock is how many queries read a key together.
const queryBlock = 4

// Scores writes the scores of q with k into s, and -Inf for the keys that a query does not see.
func (a *Attn) Scores(s, q, k []float32, n, keys int) {
	if n == 0 {
		return
	}
	a.check(q, k, s, n, keys)
	width, kvWidth, never := a.Heads*a.Dim, a.KVHeads*a.Dim, float32(math.Inf(-1))
	for h := range a.Heads {
		kh := k[h*a.KVHeads/a.Heads*a.Dim:]
		for i := 0; i < n; i += queryBlock {
			end := min(i+queryBlock, n)
			lo, _ := a.seen(i, n, keys)
			_, hi := a.seen(end-1, n, keys)
			product(s[(h*n+i)*keys+lo:], kh[lo*kvWidth:], q[i*width+h*a.Dim:], shape{
				rows: hi - lo, n: end - i, cols: a.Dim, wStride: kvWidth, xStride: width, dstStride: keys}, a.Scale)
		}
		for i := range n {
			row := s[(h*n+i)*keys : (h*n+i+1)*keys]
			lo, hi := a.seen(i, n, keys)
			if a.SoftCap != 0 {
				softCap(row[lo:hi], a.SoftCap)
			}
			setAll(row[:lo], never)
			setAll(row[hi:], never)
		}
	}
}

// Pattern writes the softmax of each row of scores s over the keys that it sees into p, and 0 for the others. p may be s.
func (a *Attn) Pattern(p, s []float32, n, keys int) {
	for r := range a.Heads * n {
		row := p[r*keys : (r+1)*keys]
		lo, hi := a.seen(r%n, n, keys)
		copy(row[lo:hi], s[r*keys+lo:])
		softmax(row[lo:hi])
		clear(row[:lo])
		clear(row[hi:])
	}
}

// Mix writes the sums of the values v weighted by the pattern p into dst [n, Heads*Dim].
func (a *Attn) Mix(dst, p, v []float32, n, keys int) {
	if n == 0 {
		return
	}
	a.check(dst, v, p, n, keys)
	width, kvWidth := a.Heads*a.Dim, a.KVHeads*a.Dim
	for h := range a.Heads {
		vh := v[h*a.KVHeads/a.Heads*a.Dim:]
		for i := 0; i < n; i++ {
			if i+queryBlock <= n && a.mixFour(dst[i*width+h*a.Dim:], p[(h*n+i)*keys:], vh, i, n, keys) {
				i += queryBlock - 1
				continue
			}
			lo, hi := a.seen(i, n, keys)
			mix(dst[i*width+h*a.Dim:][:a.Dim], p[(h*n+i)*keys+lo:][:hi-lo], vh[lo*kvWidth:], kvWidth)
		}
	}
}

// mixFour is Mix for four queries of one head, from query i: together over the keys that all four see, and one by one over
// the others. It reports false, having done nothing, if there is no key that all see.
func (a *Attn) mixFour(dst, p, v []float32, i, n, keys int) bool {
	width, kvWidth := a.Heads*a.Dim, a.KVHeads*a.Dim
	lo, _ := a.seen(i+queryBlock-1, n, keys)
	_, hi := a.seen(i, n, keys)
	if lo >= hi {
		return false
	}
	mix4(dst, p[lo:], v[lo*kvWidth:], mixShape{a.Dim, hi - lo, width, keys, kvWidth})
	for j := range queryBlock {
		first, last := a.seen(i+j, n, keys)
		for k := first; k < lo; k++ {
			axpy(dst[j*width:][:a.Dim], p[j*keys+k], v[k*kvWidth:][:a.Dim])
		}
		for k := hi; k < last; k++ {
			axpy(dst[j*width:][:a.Dim], p[j*keys+k], v[k*kvWidth:][:a.Dim])
		}
	}
	return true
}

// seen is the keys, from lo up to hi, that query i of n sees.
func (a *Attn) seen(i, n, keys int) (lo, hi int) {
	if a.Full {
		return 0, keys
	}
	hi = keys - n + i + 1
	if a.Window > 0 {
		lo = max(0, hi-a.Window)
	}
	return lo, hi
}

// check panics unless q [n, Heads*Dim], k [keys, KVHeads*Dim] and s [Heads, n, keys] fit.
func (a *Attn) check(q, k, s []float32, n, keys int) {
	if n > keys && !a.Full || a.KVHeads <= 0 || a.Heads%a.KVHeads != 0 || len(q) < n*a.Heads*a.Dim || len(k) < keys*a.KVHeads*a.Dim || len(s) < a.Heads*n*keys {
		panic("tensor: attention: slices shorter than the shapes")
	}
}

func setAll(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}
