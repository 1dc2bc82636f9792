package matches

import (
	"fmt"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// heats are small pictures side by side, one for each thing that can tint the rows: a row a place, a column a position. A click on one
// tints the words by it.
func (p *part) heats(l *places, all []tint) []figure.Panel {
	if len(all) < 2 {
		return nil
	}
	const h, top, apart = 5, 20, 5 // apart in columns
	n, rows := p.cols.n(), len(l.Rows)
	w := max(2, min(6, 200/float64(n)))
	each := n + apart
	high := h * float64(rows)
	chosen := p.chosen(all)
	width := w * float64(len(all)*each)
	draw := func() string {
		var b svg.Builder
		for k := range all {
			t := &all[k]
			x, wide := w*float64(k*each), w*float64(n)
			class := "s11 i2"
			if t == chosen {
				class = "s11 b"
			}
			b.Text(x, 12, plot.Fit(t.title, wide+w*apart-4, 11), class, "data-set", p.tintBy(t), "role", "button")
			b.Rect(x-1, top-1, wide+2, high+2, "st-frame")
			p.ground(&b, l, t, x, top, w, h)
			b.Line(x+w*float64(p.cols.before), top, x+w*float64(p.cols.before), top+high, "st-from")
		}
		for r := range rows {
			b.Rect(-1, top+float64(r)*h, width-w*apart+2, h, "st-line", "data-h", "m"+strconv.Itoa(r))
		}
		b.Rect(0, top, width, high, "st-hit", "data-grid", fmt.Sprintf("heats %d %d", rows, len(all)*each), "data-h", "m{r}", "data-set", "o.states.m.heat=")
		return b.String()
	}
	f := figure.Panel{ID: "heats", Class: "st-heats", Width: width, Height: top + high + 2, SVG: grounds.Get(p.still(l, chosen, "heats"), draw), Label: p.t("heats.label", len(all), rows)}
	f.Tip = func(row, col int) string {
		if row >= rows || col/each >= len(all) {
			return ""
		}
		t := &all[col/each]
		i, ok := l.token(row, col%each-p.cols.before)
		if !ok {
			return p.where(l, row)
		}
		return t.title + ": " + t.value(i) + "\n“" + plot.OneLine(l.Tokens[i]) + "”\n" + t.scale
	}
	f.Over = func(row, col int) string {
		var b svg.Builder
		b.Rect(w*float64(col), top+h*float64(row), w, h, "cellhover")
		return b.String()
	}
	f.Pick = func(_, col int, _ bool) string { return p.tintBy(&all[min(col/each, len(all)-1)]) }
	return []figure.Panel{f}
}

// tintBy is the pairs that tint the words by t.
func (p *part) tintBy(t *tint) string { return "o.states.m.heat=" + escape(t.key) }
