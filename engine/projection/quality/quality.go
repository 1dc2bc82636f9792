// Package quality measures how true a map is to the space that it shows, and how alike two maps are.
package quality

import "loupe/engine/projection/near"

// Result has trustworthiness and continuity (Venna and Kaski 2001) and the share of nearest rows kept, each 1 at best, and how many rows
// were looked at.
type Result struct {
	Trust, Continuity, Kept float64
	Rows                    int
}

// Measure compares the ranks of neighbours in x [n, d] and on the map y [n, dims] (Euclidean): trustworthiness and continuity of the k nearest, the share of
// the kept nearest. Of more than sample rows, that many, evenly spaced, are looked at (their neighbours among all rows).
func Measure(x []float32, n, d int, m near.Metric, y []float32, dims, k, kept, sample int, step near.Step) (Result, error) {
	panic("quality: not written")
}

// Shared is, for each row, the share of its k nearest on the map a [n, dimsA] that are among its k nearest on b [n, dimsB].
func Shared(a []float32, dimsA int, b []float32, dimsB, n, k int, step near.Step) ([]float32, error) {
	panic("quality: not written")
}

// Disparity is what Procrustes' analysis leaves: the sum of squares between both maps, each centred and of size 1, b turned, mirrored and
// scaled to fit a best. (scipy.spatial.procrustes)
func Disparity(a []float32, dimsA int, b []float32, dimsB, n int) float64 {
	panic("quality: not written")
}
