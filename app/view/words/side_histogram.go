package words

import (
	"math"
	"slices"

	"loupe/app/plot"
	"loupe/app/svg"
)

// histogram is how all rows lie along an axis, with some words marked on it.
type histogram struct {
	d *drawing
	a axis
	s *spread
	x []float32
	w float64
}

const (
	histH  = 44
	labelH = 14
)

func (t *histogram) at(v float64) float64 { return (v - t.s.lo) / (t.s.hi - t.s.lo) * t.w }

// draw returns the height. Bars are as high as the square roots of counts, so that the few at the ends are seen.
func (t *histogram) draw(b *svg.Builder) float64 {
	marks := t.marks()
	xs, rows, n := t.labels(marks)
	base := float64(n)*labelH + histH + 6
	bw := t.w / bins
	for i, n := range t.s.count {
		if n > 0 {
			h := max(1, math.Sqrt(float64(n)/float64(t.s.most))*histH)
			from := t.s.lo + (t.s.hi-t.s.lo)*float64(i)/bins
			b.Rect(float64(i)*bw, base-h, bw-1, h, "barsoft", "data-tip", t.d.t("side.axis.bin", svg.Count(n), svg.Fixed(from, 2), svg.Fixed(from+(t.s.hi-t.s.lo)/bins, 2)))
		}
	}
	b.Line(0, base, t.w, base, "ax2")
	for i, row := range marks {
		tick, text := "wd-tick", "s11 mid halo"
		if row == t.d.focus {
			tick, text = "wd-tick now", "s11 mid halo inow b"
		}
		x, y := t.at(float64(t.x[row])), float64(n-rows[i])*labelH-4
		b.Open("", "data-set", t.d.choose(row), "data-h", t.d.h(row), "data-tip", t.d.bare(row)+" "+t.d.value(t.x[row], 3), "role", "button", "aria-label", t.d.shown(row))
		b.Line(x, y+3, x, base, tick)
		b.Text(xs[i], y, t.d.bare(row), text)
		b.Close()
	}
	t.ticks(b, base)
	return base + 18
}

// ticks are the two ends of the axis, or of a single end the range of cosines.
func (t *histogram) ticks(b *svg.Builder, base float64) {
	if len(t.a.from) == 0 {
		b.Text(0, base+12, svg.Fixed(t.s.lo, 2), "s10 i3")
		b.Text(t.w, base+12, svg.Fixed(t.s.hi, 2), "s10 i3 end")
		return
	}
	for _, v := range []float64{0, 1} {
		if v >= t.s.lo && v <= t.s.hi {
			b.Line(t.at(v), base, t.at(v), base+3, "ax2")
			b.Text(min(max(t.at(v), 4), t.w-4), base+13, svg.Fixed(v, 0), "s10 i3 mid")
		}
	}
}

// marks are the rows that are marked: words of the ends, the word that is looked at, some of the selected.
func (t *histogram) marks() (out []int) {
	for _, part := range []struct {
		rows []int
		most int
	}{{t.a.from, 3}, {t.a.to, 3}, {[]int{t.d.focus}, 1}, {t.d.sel, 6}} {
		for _, r := range part.rows[:min(len(part.rows), part.most)] {
			if r >= 0 && t.x[r]-t.x[r] == 0 && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// labels puts names over one another where they would touch: where each stands, in which row (0 is nearest to the strip), and how many
// rows there are.
func (t *histogram) labels(marks []int) (xs []float64, rows []int, n int) {
	const most = 4
	n = 1
	var ends [][2]float64
	for _, r := range marks {
		half := plot.Width(t.d.bare(r), 11)/2 + 3
		x, row := min(max(t.at(float64(t.x[r])), half), t.w-half), 0
		for row < most-1 {
			if !slices.ContainsFunc(ends, func(e [2]float64) bool { return rows[slices.Index(ends, e)] == row && x-half < e[1] && x+half > e[0] }) {
				break
			}
			row++
		}
		xs, rows, ends, n = append(xs, x), append(rows, row), append(ends, [2]float64{x - half, x + half}), max(n, row+1)
	}
	return xs, rows, n
}
