package plot

import (
	"math"
	"slices"
)

// Limit is the magnitude by which to scale values: that of the largest, or, where a few stand far out, four times that below
// which 98 % of those that are not 0 lie; the few are then drawn at the edge. (Large language models carry single numbers a
// thousand times as large as all others: Sun et al. 2024, arXiv 2402.17762.)
func Limit[F float32 | float64](values ...[]F) float64 {
	var sizes []float64
	top := 0.0
	for _, vs := range values {
		for _, v := range vs {
			if m := math.Abs(float64(v)); m > 0 && !math.IsInf(m, 0) {
				sizes = append(sizes, m)
				top = max(top, m)
			}
		}
	}
	if len(sizes) < 50 {
		return top
	}
	at, small := len(sizes)*98/100, 0
	for _, m := range sizes {
		if m < top/4 {
			small++
		}
	}
	if small <= at { // the one in that place is no less: none stands far out, and nothing need be sorted
		return top
	}
	slices.Sort(sizes)
	return 4 * sizes[at]
}
