package states

import (
	"cmp"
	"math"
	"slices"
)

// selection is LSTMVis's: the units that are on at every token of the range, and off at each of the Before tokens before and the After
// tokens after it, as far as the text has them.
type selection struct {
	lo, hi        int // the range; hi = 0: none
	before, after int
}

// signal is what the threshold is compared with: a unit is on where it is at least that. See protocol.Cut.
func signal(on string, v float32) float32 {
	switch {
	case on == "below", on == "either" && v < 0:
		return -v
	}
	return v
}

// margins are the tokens beside the range at which the units must be off: from a to the range, and from the range to b.
func (s selection) margins(n int) (a, b int) { return max(0, s.lo-s.before), min(n, s.hi+s.after) }

// spans are, of each unit of x [n, units], the least signal in the range and the greatest beside it. The unit is selected by exactly the
// thresholds l with high < l <= low. What is not a number is never on.
func (s selection) spans(x []float32, n, units int, on string) (low, high []float32) {
	low, high = make([]float32, units), make([]float32, units)
	never := float32(math.Inf(-1))
	for u := range low {
		low[u], high[u] = float32(math.Inf(1)), never
	}
	a, b := s.margins(n)
	for t := a; t < b; t++ { // in the order of x
		inside := t >= s.lo && t < s.hi
		for u, v := range x[t*units : (t+1)*units] {
			v = signal(on, v)
			switch {
			case inside && v != v:
				low[u] = never
			case inside:
				low[u] = min(low[u], v)
			case v > high[u]:
				high[u] = v
			}
		}
	}
	return low, high
}

// between lists the units that a threshold selects, in their order.
func between(low, high []float32, level float32) (out []int) {
	for u := range low {
		if high[u] < level && level <= low[u] {
			out = append(out, u)
		}
	}
	return out
}

// largest are the k units of largest |v|, ties by number.
func largest(v []float64, k int) []int {
	return first(k, v, func(x float64) float64 { return -math.Abs(x) })
}

// highest are the k units of largest v, ties by number.
func highest(v []float64, k int) []int { return first(k, v, func(x float64) float64 { return -x }) }

// first are the k units that come first by a key of their values; those that are not finite do not count.
func first(k int, v []float64, key func(float64) float64) []int {
	before := func(a, b int) int { return cmp.Or(cmp.Compare(key(v[a]), key(v[b])), a-b) }
	var out []int
	if k < len(v)/8 { // few of many are picked, not sorted out
		for u, x := range v {
			if !finite(x) || len(out) == k && (k == 0 || before(u, out[k-1]) > 0) {
				continue
			}
			at, _ := slices.BinarySearchFunc(out, u, before)
			out = slices.Insert(out, at, u)
			out = out[:min(k, len(out))]
		}
		return out
	}
	for u, x := range v {
		if finite(x) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, before)
	return out[:min(k, len(out))]
}
