package states

import (
	"fmt"

	"loupe/app/svg"
)

// shade is the range's ground, over the whole height.
func (d *drawing) shade(b *svg.Builder, h float64) {
	if d.ranged() {
		b.Rect(d.cols.Edge(d.sel.lo), 0, d.cols.Pitch*float64(d.sel.hi-d.sel.lo), h, "st-range")
	}
}

func (d *drawing) nowLine(b *svg.Builder) {
	x := d.cols.X(d.now)
	b.Line(x, d.cols.Head-2, x, d.bottom(), "nowl")
}

// edges are the range's ends, which can be dragged, its ×, and where units must be off beside it.
func (d *drawing) edges(b *svg.Builder, h float64) {
	if !d.ranged() {
		return
	}
	lo, hi := d.cols.Edge(d.sel.lo), d.cols.Edge(d.sel.hi)
	for _, e := range []struct {
		x    float64
		what string
	}{{lo, "range-from"}, {hi, "range-to"}} {
		b.Line(e.x, 0, e.x, h, "st-end")
		b.Open("st-grip", "data-drag", e.what)
		b.Rect(e.x-8, 0, 16, h, "st-hit")
		b.Rect(e.x-3, d.top+d.h/2-12, 6, 24, "st-knob", "rx", "3")
		b.Close()
	}
	b.Open("st-x", "data-set", "range=", "data-tip", d.l.T("states.range.clear"), "role", "button", "aria-label", d.l.T("states.range.clear"))
	b.Rect(hi+1, d.cols.Head, 20, 20, "st-hit")
	b.Text(hi+6, d.cols.Head+13, "×", "inow halo")
	b.Close()
	from, to := d.sel.margins(d.n)
	d.margin(b, "before", d.cols.Edge(from), lo, d.cols.Left, d.sel.lo)
	d.margin(b, "after", d.cols.Edge(to), hi, d.cols.Right(), d.n-d.sel.hi)
}

// margin is where units must be off: from x to the range's edge. The handle at its outer end may be drawn as far as the text goes, which is
// most tokens.
func (d *drawing) margin(b *svg.Builder, key string, x, edge, end float64, most int) {
	if most == 0 {
		return
	}
	y := d.bottom() + 1
	if x != edge {
		b.Text((x+edge)/2, y-6, d.l.T("states.off"), "s11 mid inow halo")
		b.Line(x, y, edge, y, "st-off")
	} else if x += 7; key == "before" { // beside the range's own handle
		x -= 14
	}
	b.Open("st-grip", "data-drag", fmt.Sprintf("o.states.%s x %g %d %g %d 0", key, edge, 0, end, most), "data-tip", d.l.T("states."+key+".tip"))
	b.Rect(x-8, y-10, 16, 20, "st-hit")
	b.Circle(x, y, 3.5, "st-knob")
	b.Close()
}
