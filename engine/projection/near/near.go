// Package near finds the nearest rows: all k of every row, exactly or nearly, and the k of one vector.
package near

import (
	"fmt"
	"math"
	"time"
)

// Metric says how two vectors are compared.
type Metric string

// The metrics. Distance by Cosine is 1 - cos, so that it is smallest for the most alike, and by Dot the product's negative; a zero vector
// has the cosine 0 with all. Parallel vectors are at 0, whatever rounding says: below the numbers of a row times 2^-52.
const (
	Cosine    Metric = "cosine"
	Euclidean Metric = "euclidean"
	Dot       Metric = "dot"
)

// Step is called every few milliseconds with how far the work is; its error ends the work. It may be nil.
type Step func(done, total float64) error

// Graph is the K nearest other rows of each of N rows, nearest first; of equals the lower row comes first. Distances are computed in
// float64 and rounded once, so that equal rows are at 0.
type Graph struct {
	N, K   int       // K is at most N-1
	Index  []int32   // [N, K]
	Dist   []float32 // [N, K]
	Recall float64   // of Approximate, measured on a sample; 0: exact
}

// ExactTo is the most rows for which Nearest is exact.
const ExactTo = 20_000

// Ready returns a copy of x [n, d] whose columns have mean 0 (centre) and whose rows then have length 1 (unit; a zero row stays).
func Ready(x []float32, n, d int, centre, unit bool) []float32 {
	out := make([]float32, n*d)
	copy(out, x)
	if centre {
		mean := make([]float64, d)
		for i := range n {
			for j, v := range out[i*d : (i+1)*d] {
				mean[j] += float64(v)
			}
		}
		for i := range out {
			out[i] = float32(float64(out[i]) - mean[i%d]/float64(n))
		}
	}
	if unit {
		for i := range n {
			toUnit(out[i*d:(i+1)*d], out[i*d:(i+1)*d])
		}
	}
	return out
}

// toUnit writes x made of length 1 into dst; a zero vector stays.
func toUnit(dst, x []float32) {
	length := math.Sqrt(dot(x, x))
	if length == 0 {
		length = 1
	}
	for j, v := range x {
		dst[j] = float32(float64(v) / length)
	}
}

// Nearest is Exact or, of more than ExactTo rows, Approximate.
func Nearest(x []float32, n, d, k int, m Metric, seed uint64, step Step) (*Graph, error) {
	if n <= ExactTo {
		return Exact(x, n, d, k, m, step)
	}
	return Approximate(x, n, d, k, m, seed, step)
}

// newGraph is one without neighbours yet.
func newGraph(n, k int) *Graph {
	k = max(0, k)
	return &Graph{N: n, K: k, Index: make([]int32, n*k), Dist: make([]float32, n*k)}
}

// check reports numbers that cannot be compared.
func check(x []float32, n, d int) error {
	if n < 0 || d < 1 || len(x) != n*d {
		return fmt.Errorf("near: %d numbers are not %d rows of %d", len(x), n, d)
	}
	for i, v := range x {
		if v-v != 0 {
			return fmt.Errorf("near: row %d holds a number that is not finite", i/d)
		}
	}
	return nil
}

// pace calls step when some milliseconds have passed.
type pace struct {
	step Step
	last time.Time
}

func (p *pace) at(done, total float64) error {
	if p.step == nil || time.Since(p.last) < 4*time.Millisecond {
		return nil
	}
	err := p.step(done, total)
	p.last = time.Now()
	return err
}
