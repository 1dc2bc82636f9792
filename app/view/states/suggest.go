package states

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"loupe/app/svg"
)

// step is how many units a threshold selects: n of them at every l with from < l <= to.
type step struct {
	from, to float64
	n        int
}

// curve is the number of units that each threshold above 0 selects, from 0 on, in steps: exact, for a unit is selected by the thresholds between
// the greatest signal beside the range and the least in it, and by no others. shown is a stored value on the scale of the thresholds.
// Neighbouring steps always differ in their units, though not always in their number.
func curve(low, high []float32, shown func(float32) float64) (steps []step) {
	type end struct {
		at float64
		by int
	}
	var ends []end
	for u := range low {
		lo, hi := 0., shown(low[u])
		if v := shown(high[u]); v > 0 {
			lo = v
		}
		if lo < hi && finite(hi) {
			ends = append(ends, end{lo, 1}, end{hi, -1})
		}
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Compare(a.at, b.at) })
	from, n := 0., 0
	for _, e := range ends {
		if e.at > from {
			steps = append(steps, step{from, e.at, n})
			from = e.at
		}
		n += e.by
	}
	return steps
}

// suggestion is a threshold, the step that it lies in, and the decimals that it needs to lie there.
type suggestion struct {
	step
	l        float64
	decimals int
}

// value is the threshold as the state writes it, text as the screen does.
func (s suggestion) value() string { return strconv.FormatFloat(s.l, 'f', s.decimals, 64) }
func (s suggestion) text() string  { return svg.Fixed(s.l, s.decimals) }

// suggest is the middle of the widest step that selects some units, the lower of two: there the selection hangs least on the threshold. n is 0
// where no threshold selects any.
func suggest(steps []step, decimals int) (best suggestion) {
	for _, s := range steps {
		if s.n > 0 && s.to-s.from > best.to-best.from {
			best.step = s
		}
	}
	if best.n > 0 {
		best.round((best.from+best.to)/2, decimals)
	}
	return best
}

// highestThat is the highest threshold that still selects a unit, and how many it does.
func highestThat(low, high []float32, decimals int, shown func(float32) float64) (best suggestion) {
	for _, s := range curve(low, high, shown) {
		if s.n > 0 {
			best.step = s
		}
	}
	if best.n > 0 {
		best.round(best.to, decimals)
	}
	return best
}

// round brings the threshold near l to as few decimals as keep it within the step, but no fewer than the scale has.
func (s *suggestion) round(l float64, decimals int) {
	for s.decimals = decimals; s.decimals < 9; s.decimals++ {
		k := math.Pow(10, float64(s.decimals))
		for _, v := range []float64{math.Round(l*k) / k, math.Floor(l*k) / k} {
			if v > s.from && v <= s.to {
				s.l = v
				return
			}
		}
	}
	s.l = l
}
