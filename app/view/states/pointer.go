package states

import (
	"fmt"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
)

// hit takes the pointer over all columns: rows are pixels.
func (d *drawing) hit(b *svg.Builder, h float64) {
	b.Rect(d.cols.Left, 0, d.cols.Pitch*float64(d.n), h, "st-hit", "data-grid", fmt.Sprintf("main %d %d", int(h), d.n),
		"data-drag", "range", "data-set", axis.Set(d.in, "{c}"), "data-h", axis.Hover(d.in, "{c}"))
}

// pointer says what is under it, lights it, and picks it.
func (d *drawing) pointer(p *figure.Panel, bands []band) {
	p.Tip = func(row, col int) string {
		if c, u := d.under(row, col); c != nil {
			return d.tip(c, u, col)
		}
		y := d.bottom() + space
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
		if c, u := d.under(row, col); c != nil {
			d.form(c).mark(&b, u)
		}
		return b.String()
	}
	p.Pick = func(row, col int, add bool) string {
		set := axis.Set(d.in, strconv.Itoa(col))
		c, u := d.under(row, col)
		if c == nil {
			return set
		}
		if c.i == 0 {
			set += "&unit=" + strconv.Itoa(u)
		}
		if add {
			set += "&" + d.toggled(c.first+u)
		}
		return set
	}
}

// under is the source whose plot lies under the pointer and its unit there; nil: no plot does.
func (d *drawing) under(row, col int) (*chart, int) {
	for _, c := range d.charts {
		if y := float64(row); y >= c.top && y < c.top+c.h {
			return c, d.form(c).under(y-c.top, col)
		}
	}
	return nil, 0
}

// tip is a unit's value at a token in words.
func (d *drawing) tip(c *chart, u, t int) string {
	s := d.l.T("states.tip", u, c.scale.text(c.at(t, u)))
	if c.i > 0 {
		s = c.src.name() + ", " + s
	}
	if c.was != nil {
		s += " · " + d.l.T("states.before.value", c.scale.text(float64(c.was[t*c.src.units+u])))
	}
	s += "\n" + d.token(t)
	if d.ranged() {
		s += "\n" + d.why(c.first+u)
	}
	return s
}

// token is a token of the text in words, with its position.
func (d *drawing) token(t int) string {
	return d.l.T("states.token", plot.OneLine(d.in.Run.Tokens[t].Text), t)
}
