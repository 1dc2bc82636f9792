package quality

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Disparity is what Procrustes' analysis leaves: the sum of squares between both maps, each centred and of size 1, b turned, mirrored and
// scaled to fit a best (scipy.spatial.procrustes). With s the sum of the singular values of aᵀb it is 1 - s². A map whose rows are all in
// one place fits only another such.
func Disparity(a []float32, dimsA int, b []float32, dimsB, n int) float64 {
	some := finite(a, dimsA, b, dimsB, n)
	p, q := shape(only(a, dimsA, some), dimsA), shape(only(b, dimsB, some), dimsB)
	if p == nil || q == nil {
		if p == nil && q == nil {
			return 0
		}
		return 1
	}
	m := mat.NewDense(dimsA, dimsB, nil)
	for i := range some {
		for j, v := range p[i*dimsA : (i+1)*dimsA] {
			for l, w := range q[i*dimsB : (i+1)*dimsB] {
				m.Set(j, l, m.At(j, l)+v*w)
			}
		}
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return 1 // does not happen to finite numbers
	}
	s := 0.0
	for _, v := range svd.Values(nil) {
		s += v
	}
	return max(0, 1-s*s)
}

// shape is the rows centred, the sum of their squares 1; nil if they are all equal.
func shape(x []float32, d int) []float64 {
	n := len(x) / max(1, d)
	out, mean := make([]float64, len(x)), make([]float64, d)
	for i, v := range x {
		mean[i%d] += float64(v) / float64(n)
	}
	var sum, most float64
	for i, v := range x {
		out[i] = float64(v) - mean[i%d]
		sum += out[i] * out[i]
		most = max(most, math.Abs(float64(v)))
	}
	if sum <= float64(len(x))*most*most*1e-28 { // what rounding the mean leaves
		return nil
	}
	for i := range out {
		out[i] /= math.Sqrt(sum)
	}
	return out
}
