package states

import (
	"math"

	"loupe/app/plot"
)

// density is a picture of how many lines pass through each cell: darker is more. Between tokens the lines go straight, as
// drawn ones do. A line adds one where it enters a column's cells and takes it away below them, and the sums down each
// column are the counts: the cost does not grow with steepness.
func (p linePlot) density() string {
	rows := int(p.h / 2)
	per := max(1, min(int(p.d.cols.Pitch/3), 1_000_000/(p.n*p.src.units)))
	cols := p.n * per
	counts := make([]int32, (rows+1)*cols)
	left, here, right := []float64(nil), p.rowsOf(0, rows), p.rowsOf(0, rows)
	for t := 0; t < p.n; t++ {
		left, here, right = here, right, p.rowsOf(min(t+1, p.n-1), rows)
		for u, h := range here {
			if h == h {
				trail(counts[t*per:], cols, per, rows, either(left[u], h), h, either(right[u], h))
			}
		}
	}
	most := int32(1)
	for i, k := range counts[:rows*cols] {
		if i >= cols {
			k += counts[i-cols]
			counts[i] = k
		}
		most = max(most, k)
	}
	return plot.Levels(rows, cols, &p.d.in.Palette().Ink, func(r, c int) float64 {
		k := counts[r*cols+c]
		if k == 0 {
			return math.NaN()
		}
		return .06 + .7*float64(k)/float64(most)
	})
}

// rowsOf is where the lines pass at token t, in rows from the top; NaN where they do not.
func (p linePlot) rowsOf(t, rows int) []float64 {
	out := make([]float64, p.src.units)
	k := float64(rows) / (p.scale.hi - p.scale.lo)
	for u, v := range p.x[t*p.src.units : (t+1)*p.src.units] {
		if out[u] = math.NaN(); finite(float64(v)) {
			out[u] = k * (p.scale.hi - min(p.scale.hi, max(p.scale.lo, float64(v))))
		}
	}
	return out
}

// trail notes one line's way through the per columns of a token, from half way to the token before (at left) by here to
// half way to the next (at right).
func trail(counts []int32, cols, per, rows int, left, here, right float64) {
	from := (left + here) / 2
	for s := 1; s <= per; s++ {
		at := float64(s)/float64(per) - .5 // the token's value stands in the middle of its column
		to := here + at*(right-here)
		if at < 0 {
			to = here - at*(left-here)
		}
		a, b := min(from, to), max(from, to)
		if at > 0 && 2*(s-1) < per { // the token's own value lies within
			a, b = min(a, here), max(b, here)
		}
		counts[clamp(a, rows)*cols+s-1]++
		counts[(clamp(b, rows)+1)*cols+s-1]--
		from = to
	}
}

// either is y, or what stands for it where it is NaN.
func either(y, or float64) float64 {
	if y != y {
		return or
	}
	return y
}

// clamp is the row at a height.
func clamp(y float64, rows int) int { return max(0, min(int(y), rows-1)) }
