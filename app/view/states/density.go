package states

import (
	"math"

	"loupe/app/plot"
)

// density is a picture of how many lines pass through each cell: darker is more. Between tokens the lines go straight, as
// drawn ones do. A line adds one where it enters a column's cells and takes it away below them, and the sums down each
// column are the counts: the cost does not grow with steepness. Heights are whole numbers, which compare faster.
func (p linePlot) density() string {
	rows := int(p.h / 2)
	per := max(1, min(int(p.d.cols.Pitch/3), 1_000_000/(p.n*p.src.units)))
	cols := p.n * per
	counts := make([]int32, (rows+1)*cols)
	units := p.src.units
	left, here, right := make([]int32, units), make([]int32, units), make([]int32, units)
	p.heights(left, 0, rows)
	copy(here, left)
	for t := 0; t < p.n; t++ {
		p.heights(right, min(t+1, p.n-1), rows)
		for u, h := range here {
			if h == gap {
				continue
			}
			l, r := left[u], right[u]
			if l == gap {
				l = h
			}
			if r == gap {
				r = h
			}
			if per == 1 {
				l, r = (l+h)/2, (h+r)/2
				enter(counts[t:], cols, min(l, h, r), max(l, h, r))
			} else {
				trail(counts[t*per:], cols, int32(per), l, h, r)
			}
		}
		left, here, right = here, right, left
	}
	return p.darker(counts, rows, cols)
}

// darker sums the counts down each column and paints them.
func (p linePlot) darker(counts []int32, rows, cols int) string {
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

const (
	fine = 16            // heights are in such parts of a row, from the top
	gap  = math.MinInt32 // where there is no line
)

// heights writes where the lines pass at token t.
func (p linePlot) heights(out []int32, t, rows int) {
	end := float64(rows*fine - 1)
	k := float64(rows*fine) / (p.scale.hi - p.scale.lo)
	for u, v := range p.x[t*p.src.units : (t+1)*p.src.units] {
		y := k * (p.scale.hi - float64(v))
		switch {
		case y >= 0 && y <= end:
			out[u] = int32(y)
		case v-v != 0:
			out[u] = gap
		case y < 0:
			out[u] = 0
		default:
			out[u] = int32(end)
		}
	}
}

// enter adds one to the cells of a column from height a to b.
func enter(counts []int32, cols int, a, b int32) {
	counts[int(a/fine)*cols]++
	counts[(int(b/fine)+1)*cols]--
}

// trail notes one line's way through the per columns of a token, from half way to the token before (at left) by here to
// half way to the next (at right).
func trail(counts []int32, cols int, per, left, here, right int32) {
	from := (left + here) / 2
	for s := int32(1); s <= per; s++ {
		at := 2*s - per // the token's value stands in the middle of its column; of 2 per
		to := here + at*(right-here)/(2*per)
		if at < 0 {
			to = here - at*(left-here)/(2*per)
		}
		a, b := min(from, to), max(from, to)
		if at > 0 && 2*(s-1) < per { // the token's own value lies within
			a, b = min(a, here), max(b, here)
		}
		enter(counts[s-1:], cols, a, b)
		from = to
	}
}
