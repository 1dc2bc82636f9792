package states

import (
	"fmt"

	"loupe/app/figure"
	"loupe/app/svg"
)

// threshold is how many units each threshold selects, the one that is set, and the one that is suggested, of each source; false if none
// selects any.
func (d *drawing) threshold() (figure.Panel, bool) {
	w := d.sideWidth()
	p := figure.Panel{ID: "threshold", Class: "st-threshold", Title: []figure.Span{{Text: d.l.T("states.threshold")}},
		Width: w, Label: d.l.T("states.threshold.label"),
		Table: &figure.Table{Head: []string{d.l.T("states.th.source"), d.l.T("states.th.from"), d.l.T("states.th.to"), d.l.T("states.th.selected")}}}
	var b svg.Builder
	var all [][]step // of the sources of
	var of []*chart
	for _, c := range d.charts {
		steps := curve(c.low, c.high, c.shownOf)
		best := suggest(steps, c.scale.decimals())
		if best.n == 0 {
			continue
		}
		if len(d.charts) > 1 {
			b.Text(0, p.Height+11, c.src.name(), "m")
			p.Height += 16
		}
		d.curve(&b, c, steps, best, p.Height, w)
		p.Height += 66
		all = append(all, steps)
		of = append(of, c)
		if c.i == 0 {
			if best.l != c.level {
				p.Controls = []figure.Control{{Kind: "button", Key: "o.states.l=" + best.value(), Label: d.l.T("states.use", best.text())}}
			}
			p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: d.l.T("states.suggest", c.cutOf(best.l, best.decimals), svg.Fixed(best.from, best.decimals), svg.Fixed(best.to, best.decimals), best.n)}}}}
		}
	}
	p.Table.Make = func() (rows [][]string) {
		for i, steps := range all {
			for _, s := range steps {
				rows = append(rows, []string{of[i].src.name(), svg.Fixed(s.from, 4), svg.Fixed(s.to, 4), svg.Count(s.n)})
			}
		}
		return rows
	}
	p.SVG = b.String()
	return p, p.SVG != ""
}

// curve draws one source's steps in a band of 66 pixels from y on.
func (d *drawing) curve(b *svg.Builder, c *chart, steps []step, best suggestion, y, w float64) {
	const left, h = 24, 44
	most, end := 1, c.scale.top()
	for _, s := range steps {
		most = max(most, s.n)
	}
	x := func(l float64) float64 { return left + (w-left-6)*min(1, max(0, l/end)) }
	at := func(n int) float64 { return y + 6 + h*(1-float64(n)/float64(most)) }
	b.Line(left, at(0), w, at(0), "ax2")
	b.Text(left-6, at(most)+4, svg.Count(most), "s10 i3 end")
	b.Text(left-6, at(0)+3, "0", "s10 i3 end")
	var path pen
	path.to('M', x(0), at(0))
	for _, s := range steps {
		path.along('V', at(s.n))
		path.along('H', x(s.to))
	}
	path.along('V', at(0))
	b.Path(string(path), "st-curve")
	b.Rect(x(best.from), at(best.n), x(best.to)-x(best.from), at(0)-at(best.n), "st-widest")
	b.Line(x(best.l), at(best.n), x(best.l), at(0), "cut")
	if words := d.l.T("states.use", best.text()); best.l != c.level {
		b.Text(min(x(best.l), w-14), at(0)+13, best.text(), "st-x s10 i2 mid", "data-set", "o."+levelKey(c.i)+"="+best.value(), "data-tip", words, "role", "button", "aria-label", words)
	} else {
		b.Text(min(x(best.l), w-14), at(0)+13, best.text(), "s10 i2 mid")
	}
	b.Text(w, at(0)+13, short(end), "s10 i3 end")
	level := c.level
	if c.cut.On == "below" && level < 0 {
		level = 0
	}
	b.Open("st-grip", "data-drag", fmt.Sprintf("o.%s x %g 0 %g %g %d", levelKey(c.i), x(0), x(end), end, c.scale.decimals()))
	b.Rect(x(level)-8, y, 16, h+8, "st-hit")
	b.Line(x(level), y+2, x(level), at(0), "nowl")
	b.Circle(x(level), at(0), 3.5, "st-knob")
	b.Close()
}
