package match

import "math"

// Extremes are the n tokens before upto at which unit u is highest (or lowest), best first, no two of them within gap tokens of each other.
// Of equal ones the first is taken; NaN is neither.
func (s *Store) Extremes(u, upto, n, gap int, lowest bool) []Near {
	x := make([]float32, max(0, min(upto, s.n)))
	s.Column(x, u)
	var found []Near
	for len(found) < n {
		best := -1
		for t, v := range x {
			if v == v && (best < 0 || !lowest && v > x[best] || lowest && v < x[best]) {
				best = t
			}
		}
		if best < 0 {
			break
		}
		found = append(found, Near{best, float64(x[best])})
		for t := max(0, best-max(gap, 0)); t <= best+gap && t < len(x) || t == best; t++ {
			x[t] = float32(math.NaN())
		}
	}
	return found
}

// Histogram counts the values of unit u at the first upto tokens in equal bins from its least to its greatest. sd divides by their number; NaN are left
// out. Where all are the same, they are in the first bin; where there are none, all is 0.
func (s *Store) Histogram(u, upto, bins int) (lo, hi, mean, sd float64, counts []int) {
	x := make([]float32, max(0, min(upto, s.n)))
	s.Column(x, u)
	counts = make([]int, max(1, bins))
	n := 0
	for _, v := range x {
		if v != v {
			continue
		}
		f := float64(v)
		if n == 0 {
			lo, hi = f, f
		}
		lo, hi = min(lo, f), max(hi, f)
		mean += f
		n++
	}
	if n == 0 {
		return
	}
	mean /= float64(n)
	for _, v := range x {
		if v != v {
			continue
		}
		f := float64(v)
		sd += (f - mean) * (f - mean)
		bin := 0
		if hi > lo {
			bin = min(len(counts)-1, int((f-lo)/(hi-lo)*float64(len(counts))))
		}
		counts[bin]++
	}
	return lo, hi, mean, math.Sqrt(sd / float64(n)), counts
}
