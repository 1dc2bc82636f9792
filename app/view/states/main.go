package states

import (
	"fmt"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
)

// band is a strip of the main picture that shares its columns: a track, a gate, a heading.
type band struct {
	label string
	h     float64
	scale string                          // its ends, under the label
	value func(t int) string              // at a token, in words: for now, tips and the table; nil: a heading
	draw  func(b *svg.Builder, y float64) // the marks
	side  func(b *svg.Builder, y float64) // of a heading, in place of label and value
}

// main is the plot with its tracks and gates: one picture, so that a range runs through all of them.
func (d *drawing) main() figure.Panel {
	p := figure.Panel{ID: "main", Class: "st-main", Title: []figure.Span{{Text: d.title()}}, SideW: d.cols.Left,
		Names:    fmt.Sprintf("%s [%d, %d]", d.src.name(), d.n, d.src.units),
		Label:    d.l.T("states.label", d.title(), d.n, d.src.units),
		Controls: d.controls(), Width: d.cols.Width(), NowX: d.cols.X(d.now)}
	top, h := d.cols.Head, d.plotHeight()
	if d.x == nil {
		var b svg.Builder
		d.labels(&b)
		p.Height, p.SVG, p.Busy = top+h, b.String(), d.l.T("states.busy", d.src.name())
		return p
	}
	var form picture = linePlot{d, top, h}
	if d.heat {
		form = heatMap{d, top, h}
	}
	bands := append(d.tracks(), d.gates()...)
	d.draw(&p, form, bands, top, h)
	p.Table = d.table(bands)
	for _, note := range []string{form.note(), d.farNote()} {
		if note != "" {
			p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: note}}})
		}
	}
	d.pointer(&p, form, bands, top, h)
	return p
}

// farNote says that some values are drawn at the edge.
func (d *drawing) farNote() string {
	if d.scale.far == 0 {
		return ""
	}
	return d.l.T("states.far", short(d.scale.top()), d.scale.text(d.scale.far))
}

// draw puts the marks together: the range's shade lies over the ground and under all else, what takes the pointer on top.
func (d *drawing) draw(p *figure.Panel, form picture, bands []band, top, h float64) {
	var b, side svg.Builder
	p.Height = top + h + space
	for _, k := range bands {
		p.Height += k.h
	}
	p.Under = ground.Get(still{&d.x[0], d.scale, d.cols, h, d.heat, d.in.State.Opt("states.order", ""), d.in.Dark}, func() string {
		var b svg.Builder
		form.back(&b)
		return b.String()
	})
	d.shade(&b, p.Height)
	d.labels(&b)
	form.fore(&b, &side)
	y := top + h + space
	b.Line(d.cols.X(d.now), y, d.cols.X(d.now), p.Height, "st-now")
	for _, k := range bands {
		d.band(&b, &side, k, y)
		y += k.h
	}
	d.hit(&b, p.Height)
	d.edges(&b, p.Height)
	p.SVG, p.Side = b.String(), side.String()
}

// space is between the plot and the strips below it.
const space = 10

// ground keeps the last grounds, which do not change as now moves.
var ground = plot.Memory[still, string]{Size: 6}

// still is all that a ground depends on.
type still struct {
	x     *float32
	scale bounds
	cols  axis.Columns
	h     float64
	heat  bool
	order string
	dark  bool
}

// picture is a form of the plot.
type picture interface {
	back(b *svg.Builder)          // what lies under the range's shade
	fore(b, side *svg.Builder)    // what lies over it
	under(row float64, t int) int // the unit under a point, row counted from the plot's top
	note() string                 // what the ground leaves out, or ""
	mark(b *svg.Builder, u int)   // unit u, as the pointer lights it
}

// shade is the range's ground, over the whole height.
func (d *drawing) shade(b *svg.Builder, h float64) {
	if d.ranged() {
		b.Rect(d.cols.Edge(d.sel.lo), 0, d.cols.Pitch*float64(d.sel.hi-d.sel.lo), h, "st-range")
	}
}

// edges are the range's ends, which can be dragged, and its ×.
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
		b.Rect(e.x-3, d.cols.Head+d.plotHeight()/2-12, 6, 24, "st-knob", "rx", "3")
		b.Close()
	}
	b.Open("st-x", "data-set", "range=", "data-tip", d.l.T("states.range.clear"), "role", "button", "aria-label", d.l.T("states.range.clear"))
	b.Rect(hi+1, d.cols.Head, 20, 20, "st-hit")
	b.Text(hi+6, d.cols.Head+13, "×", "inow halo")
	b.Close()
}

// band draws a strip, its label and its value at now.
func (d *drawing) band(b, side *svg.Builder, k band, y float64) {
	if k.draw != nil {
		k.draw(b, y)
	}
	if k.side != nil {
		k.side(side, y)
		return
	}
	base := y + k.h/2 + 4
	if k.scale != "" {
		base -= 4
		side.Text(d.cols.Left-46, base+10, k.scale, "st-scale i3 end")
	}
	side.Text(d.cols.Left-46, base, k.label, "s11 i2 end")
	side.Text(d.cols.Left-10, base, k.value(d.now), "s11 inow end")
}
