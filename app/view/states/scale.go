package states

import (
	"math"

	"loupe/app/plot"
	"loupe/app/svg"
)

// bounds is the scale of the values: a gate's is 0 to 1, of what a tanh bounds −1 to 1, else the data's own, rounded up. far is the
// value that stands farthest out of it, or 0.
type bounds struct{ lo, hi, far float64 }

// isGate reports whether a sigmoid makes it.
func isGate(what string) bool {
	switch what {
	case "input_gate", "forget_gate", "output_gate", "reset_gate", "update_gate":
		return true
	}
	return false
}

// boundsOf looks at the values; those that are not finite do not count.
func boundsOf(what string, values ...[]float32) bounds {
	lo, hi := 0., 0.
	for _, vs := range values {
		for _, v := range vs {
			if v := float64(v); finite(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	far := 0.
	if limit := plot.Limit(values...); limit < max(-lo, hi) {
		if far = lo; hi > -lo {
			far = hi
		}
		lo, hi = max(lo, -limit), min(hi, limit)
	}
	one := what == "hidden" || what == "cell_gate" || what == "new_gate"
	switch top := nice(max(-lo, hi)); {
	case isGate(what) && lo >= 0 && hi <= 1:
		return bounds{hi: 1}
	case one && max(-lo, hi) <= 1:
		return bounds{lo: -1, hi: 1}
	case lo == 0 && hi == 0:
		return bounds{lo: -1, hi: 1}
	case lo == 0:
		return bounds{0, top, far}
	case -lo < hi/4: // mlp.post: hardly anything below zero
		return bounds{-nice(-lo), top, far}
	default:
		return bounds{-top, top, far}
	}
}

func finite(v float64) bool { return v-v == 0 }

// nice rounds v > 0 up to a number that is easily read.
func nice(v float64) float64 {
	if v <= 0 {
		return 0
	}
	k := math.Pow(10, math.Floor(math.Log10(v)))
	for _, s := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8} {
		if v <= s*k*(1+1e-6) {
			return s * k
		}
	}
	return 10 * k
}

// top is the largest magnitude on the scale.
func (b bounds) top() float64 { return max(b.hi, -b.lo) }

// unit maps to [-1, 1] for a diverging colour, or [0, 1].
func (b bounds) unit(v float64) float64 { return v / b.top() }

// decimals is how many make three figures of the larger values.
func (b bounds) decimals() int {
	switch t := b.top(); {
	case t >= 100:
		return 0
	case t >= 10:
		return 1
	case t >= .1:
		return 2
	}
	return 4
}

// text writes a value of this scale.
func (b bounds) text(v float64) string { return svg.Fixed(v, b.decimals()) }

// ends writes the scale itself, as short as it is: −1 to 1.
func (b bounds) ends() (lo, hi string) { return short(b.lo), short(b.hi) }

// short writes a number without needless zeros.
func short(v float64) string {
	for d := 0; d < 4; d++ {
		if k := math.Pow(10, float64(d)); math.Abs(math.Round(v*k)/k-v) < 1e-9*max(1, math.Abs(v)) {
			return svg.Fixed(v, d)
		}
	}
	return svg.Fixed(v, 4)
}

// y maps a value to a band of height h that begins at top; what lies outside is drawn at its edge.
func (b bounds) y(v, top, h float64) float64 {
	if math.IsNaN(v) {
		v = 0
	}
	return top + h*(b.hi-min(b.hi, max(b.lo, v)))/(b.hi-b.lo)
}

// level is the threshold before one is chosen: half way for a gate, else three tenths of the scale, on the side that counts.
func (b bounds) level(on string) float64 {
	side, share := b.hi, .3
	if on == "below" {
		side = -b.lo
	}
	if on == "either" {
		side = b.top()
	}
	if b.lo >= 0 {
		side, share = b.hi, .5
		if on == "below" {
			side = -b.hi
		}
	}
	k := math.Pow(10, float64(b.decimals()))
	return math.Round(share*side*k) / k
}
