// Package quality measures how true a map is to the space that it shows, and how alike two maps are. Rows whose place, in either, is not
// finite are left out: nothing is said of them, and they are nobody's neighbours.
package quality

import (
	"math"
	"slices"

	"loupe/engine/projection/near"
)

// Result has trustworthiness and continuity (Venna and Kaski 2001) and the share of nearest rows kept, each 1 at best, and how many rows
// were looked at: none, and no measure, where there are fewer than three.
type Result struct {
	Trust, Continuity, Kept float64
	Rows                    int
}

// Measure compares the ranks of neighbours in x [n, d] and on the map y [n, dims] (Euclidean): trustworthiness and continuity of the k nearest
// (as scikit-learn has it, k less than half of the rows: a larger one is cut), the share of the kept nearest. Of more than sample rows, that
// many, evenly spaced, are looked at (their neighbours among all rows).
//
// With U the rows that are among the k nearest of row i on the map only, and r their ranks in the space, trustworthiness is
// 1 - 2 / (n k (2n - 3k - 1)) times the sum of r - k over all i and U; continuity is the same with space and map exchanged.
func Measure(x []float32, n, d int, m near.Metric, y []float32, dims, k, kept, sample int, step near.Step) (Result, error) {
	some := finite(x, d, y, dims, n)
	x, y, n = only(x, d, some), only(y, dims, some), len(some)
	k, kept = min(k, (n-1)/2), min(kept, n-1)
	if k < 1 || kept < 1 || sample < 1 {
		return Result{}, nil
	}
	rows := spaced(n, sample)
	parts := parts{step: step, count: 4}
	most := max(k, kept)
	inX, err := near.ExactOf(x, n, d, rows, most, m, parts.next())
	if err != nil {
		return Result{}, err
	}
	inY, err := near.ExactOf(y, n, dims, rows, most, near.Euclidean, parts.next())
	if err != nil {
		return Result{}, err
	}
	ranksX, err := near.Ranks(x, n, d, rows, first(inY, k), m, parts.next())
	if err != nil {
		return Result{}, err
	}
	ranksY, err := near.Ranks(y, n, dims, rows, first(inX, k), near.Euclidean, parts.next())
	if err != nil {
		return Result{}, err
	}
	r := Result{Trust: trust(ranksX, n, k), Continuity: trust(ranksY, n, k), Rows: len(rows)}
	for _, share := range overlap(first(inX, kept), first(inY, kept), kept) {
		r.Kept += float64(share)
	}
	r.Kept /= float64(len(rows))
	return r, nil
}

// trust is trustworthiness, of the ranks in the space [rows, k] of the k nearest on the map.
func trust(ranks []int32, n, k int) float64 {
	var sum float64
	for _, r := range ranks {
		sum += float64(max(0, int(r)-k))
	}
	return 1 - 2*sum/(float64(len(ranks))*float64(2*n-3*k-1))
}

// Shared is, for each row, the share of its k nearest on the map a [n, dimsA] that are among its k nearest on b [n, dimsB]; NaN of rows
// left out. Of more than near.ExactTo rows the nearest are those that near.Approximate finds.
func Shared(a []float32, dimsA int, b []float32, dimsB, n, k int, step near.Step) ([]float32, error) {
	shares := slices.Repeat([]float32{float32(math.NaN())}, n)
	some := finite(a, dimsA, b, dimsB, n)
	a, b, n = only(a, dimsA, some), only(b, dimsB, some), len(some)
	if k = min(k, n-1); k < 1 {
		return shares, nil
	}
	parts := parts{step: step, count: 2}
	inA, err := near.Nearest(a, n, dimsA, k, near.Euclidean, 1, parts.next())
	if err != nil {
		return nil, err
	}
	inB, err := near.Nearest(b, n, dimsB, k, near.Euclidean, 1, parts.next())
	if err != nil {
		return nil, err
	}
	for i, share := range overlap(inA.Index, inB.Index, k) {
		shares[some[i]] = share
	}
	return shares, nil
}

// overlap is, for each row of a and b [rows, k], the share of numbers that are in both.
func overlap(a, b []int32, k int) []float32 {
	shares := make([]float32, len(a)/k)
	for i := range shares {
		in := b[i*k : (i+1)*k]
		for _, j := range a[i*k : (i+1)*k] {
			if slices.Contains(in, j) {
				shares[i]++
			}
		}
		shares[i] /= float32(k)
	}
	return shares
}

// first is the k nearest of each row of g.
func first(g *near.Graph, k int) []int32 {
	out := make([]int32, 0, g.N*k)
	for i := range g.N {
		out = append(out, g.Index[i*g.K:i*g.K+k]...)
	}
	return out
}

// spaced are count rows of n, or all.
func spaced(n, count int) []int32 {
	rows := make([]int32, min(n, count))
	for i := range rows {
		rows[i] = int32(i * n / len(rows))
	}
	return rows
}

// finite are the rows of which all numbers of both a and b are finite.
func finite(a []float32, da int, b []float32, db, n int) (rows []int) {
	good := func(x []float32) bool { return !slices.ContainsFunc(x, func(v float32) bool { return v-v != 0 }) }
	for i := range n {
		if good(a[i*da:(i+1)*da]) && good(b[i*db:(i+1)*db]) {
			rows = append(rows, i)
		}
	}
	return rows
}

// only is some rows of x, in their order; x itself, if they are all.
func only(x []float32, d int, rows []int) []float32 {
	if len(rows)*d == len(x) {
		return x
	}
	out := make([]float32, 0, len(rows)*d)
	for _, i := range rows {
		out = append(out, x[i*d:(i+1)*d]...)
	}
	return out
}

// parts makes one progress of several parts.
type parts struct {
	step        near.Step
	count, done int
}

func (p *parts) next() near.Step {
	before := float64(p.done)
	p.done++
	if p.step == nil {
		return nil
	}
	return func(done, total float64) error { return p.step(before+done/total, float64(p.count)) }
}
