package matches

import (
	"fmt"
	"strconv"

	"loupe/app/figure"
	"loupe/app/svg"
)

// heats are one small picture for each thing that can tint the rows: a row a place, a column a position. A click on one tints the
// words by it.
func (p *part) heats(l *places, all []tint) (out []figure.Panel) {
	if len(all) < 2 {
		return nil
	}
	chosen := p.chosen(all)
	const h = 5
	w := max(2, min(6, 200/float64(p.cols.n())))
	for k := range all {
		t := &all[k]
		id := "heat" + strconv.Itoa(k)
		wide, high := w*float64(p.cols.n()), h*float64(len(l.Rows))
		var b svg.Builder
		b.Rect(-1, -1, wide+2, high+2, "st-frame")
		p.ground(&b, l, t, 0, 0, w, h)
		for r := range l.Rows {
			b.Rect(0, float64(r)*h, wide, h, "st-line", "data-h", "m"+strconv.Itoa(r))
		}
		b.Line(w*float64(p.cols.before), 0, w*float64(p.cols.before), high, "st-from")
		set := "o.states.m.heat=" + escape(t.key)
		b.Rect(0, 0, wide, high, "st-hit", "data-grid", fmt.Sprintf("%s %d %d", id, len(l.Rows), p.cols.n()), "data-h", "m{r}", "data-set", set)
		title := figure.Span{Text: t.title, Set: set, Bold: t == chosen}
		f := figure.Panel{ID: id, Class: "st-heat", Column: "st-heats", Title: []figure.Span{title}, Names: t.scale, Width: wide, Height: high,
			SVG: b.String(), Label: p.t("heat.label", t.title, len(l.Rows))}
		f.Tip = func(row, col int) string {
			if row >= len(l.Rows) {
				return ""
			}
			i, ok := l.token(row, col-p.cols.before)
			if !ok {
				return p.where(l, row)
			}
			return t.title + ": " + t.value(i) + "\n“" + visible(l.Tokens[i]) + "”"
		}
		out = append(out, f)
	}
	return out
}
