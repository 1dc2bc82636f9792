package states

import (
	"fmt"
	"strconv"

	"loupe/app/figure"
	"loupe/app/svg"
)

// hit takes the pointer over all columns: rows are pixels.
func (d *drawing) hit(b *svg.Builder, h float64) {
	b.Rect(d.cols.Left, 0, d.cols.Pitch*float64(d.n), h, "st-hit", "data-grid", fmt.Sprintf("main %d %d", int(h), d.n),
		"data-drag", "range", "data-set", "at={c}", "data-h", "t{c}")
}

// pointer says what is under it, lights it, and picks it.
func (d *drawing) pointer(p *figure.Panel, form picture, bands []band, top, h float64) {
	inPlot := func(row int) bool { y := float64(row); return y >= top && y < top+h }
	p.Tip = func(row, col int) string {
		if inPlot(row) {
			u := form.under(float64(row)-top, col)
			return d.tip(u, col)
		}
		y := top + h + space
		for _, k := range bands {
			if y += k.h; float64(row) < y && float64(row) >= y-k.h && k.value != nil {
				return k.label + " " + k.value(col) + "\n" + d.token(col)
			}
		}
		return d.token(col)
	}
	p.Over = func(row, col int) string {
		var b svg.Builder
		b.Line(d.cols.X(col), d.cols.Head, d.cols.X(col), p.Height, "ax2")
		if inPlot(row) {
			form.mark(&b, form.under(float64(row)-top, col))
		}
		return b.String()
	}
	p.Pick = func(row, col int, add bool) string {
		set := "at=" + strconv.Itoa(col)
		if inPlot(row) {
			u := form.under(float64(row)-top, col)
			set += "&unit=" + strconv.Itoa(u)
			if add {
				set += "&" + d.pinned(u)
			}
		}
		return set
	}
}

// tip is a unit's value at a token in words.
func (d *drawing) tip(u, t int) string {
	s := d.l.T("states.tip", u, d.scale.text(d.at(t, u)))
	if d.was != nil {
		s += " · " + d.l.T("states.before.value", d.scale.text(float64(d.was[t*d.src.units+u])))
	}
	return s + "\n" + d.token(t)
}

// token is a token of the text in words, with its position.
func (d *drawing) token(t int) string {
	return d.l.T("states.token", visible(d.in.Run.Tokens[t].Text), t)
}
