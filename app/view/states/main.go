package states

import (
	"fmt"
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
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
	p := figure.Panel{ID: "main", Class: "st-main", Title: []figure.Span{{Text: d.title()}}, SideW: d.cols.left,
		Names:    fmt.Sprintf("%s [%d, %d]", d.src.name(), d.n, d.src.units),
		Controls: d.controls(), Width: d.cols.width(), NowX: d.cols.x(d.now)}
	top, h := d.cols.head, d.plotHeight()
	if d.x == nil {
		p.Height, p.Busy = top+h, d.l.T("states.busy", d.src.name())
		var b svg.Builder
		d.labels(&b)
		p.SVG, p.Label = b.String(), d.title()
		return p
	}
	bands := append(d.tracks(), d.gates()...)
	p.Height = top + h + 10
	for _, k := range bands {
		p.Height += k.h
	}
	var b, side svg.Builder
	var form picture = linePlot{d, top, h}
	if d.heat {
		form = heatMap{d, top, h}
	}
	b.WriteString(ground.Get(still{&d.x[0], d.scale, d.cols, h, d.heat, d.in.State.Opt("states.order", ""), d.in.Dark}, func() string {
		var b svg.Builder
		form.back(&b)
		return b.String()
	}))
	d.shade(&b, p.Height)
	d.labels(&b)
	form.fore(&b, &side)
	y := top + h + 10
	b.Line(d.cols.x(d.now), y, d.cols.x(d.now), p.Height, "st-now")
	for _, k := range bands {
		d.band(&b, &side, k, y)
		y += k.h
	}
	d.hit(&b, p.Height)
	d.edges(&b, p.Height)
	p.SVG, p.Side = b.String(), side.String()
	p.Label = d.l.T("states.label", d.title(), d.n, d.src.units)
	p.Table = d.table(bands)
	if note := form.note(); note != "" {
		p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: note}}}}
	}
	d.pointer(&p, form, bands, top, h)
	return p
}

// ground keeps the last grounds, which do not change as now moves.
var ground = plot.Memory[still, string]{Size: 6}

// still is all that a ground depends on.
type still struct {
	x     *float32
	scale bounds
	cols  columns
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
		b.Rect(d.cols.edge(d.sel.lo), 0, d.cols.pitch*float64(d.sel.hi-d.sel.lo), h, "st-range")
	}
}

// edges are the range's ends, which can be dragged, and its ×.
func (d *drawing) edges(b *svg.Builder, h float64) {
	if !d.ranged() {
		return
	}
	lo, hi := d.cols.edge(d.sel.lo), d.cols.edge(d.sel.hi)
	for _, e := range []struct {
		x    float64
		what string
	}{{lo, "range-from"}, {hi, "range-to"}} {
		b.Line(e.x, 0, e.x, h, "st-end")
		b.Open("st-grip", "data-drag", e.what)
		b.Rect(e.x-8, 0, 16, h, "st-hit")
		b.Rect(e.x-3, d.cols.head+d.plotHeight()/2-12, 6, 24, "st-knob", "rx", "3")
		b.Close()
	}
	b.Open("st-x", "data-set", "range=", "data-tip", d.l.T("states.range.clear"), "role", "button", "aria-label", d.l.T("states.range.clear"))
	b.Rect(hi+1, d.cols.head, 20, 20, "st-hit")
	b.Text(hi+6, d.cols.head+13, "×", "inow halo")
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
		side.Text(d.cols.left-46, base+10, k.scale, "st-scale i3 end")
	}
	side.Text(d.cols.left-46, base, k.label, "s11 i2 end")
	side.Text(d.cols.left-10, base, k.value(d.now), "s11 inow end")
}

// hit takes the pointer over all columns: rows are pixels.
func (d *drawing) hit(b *svg.Builder, h float64) {
	b.Rect(d.cols.left, 0, d.cols.pitch*float64(d.n), h, "st-hit", "data-grid", fmt.Sprintf("main %d %d", int(h), d.n),
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
		y := top + h + 10
		for _, k := range bands {
			if y += k.h; float64(row) < y && float64(row) >= y-k.h && k.value != nil {
				return k.label + " " + k.value(col) + "\n" + d.token(col)
			}
		}
		return d.token(col)
	}
	p.Over = func(row, col int) string {
		var b svg.Builder
		b.Line(d.cols.x(col), d.cols.head, d.cols.x(col), p.Height, "ax2")
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

// controls are what is drawn, of which layer, in which form, and when a unit is on.
func (d *drawing) controls() []figure.Control {
	number := func(key, label string, v float64, lo, hi, step float64, decimals int) figure.Control {
		return figure.Control{Kind: "number", Key: key, Label: d.l.T(label), Value: strconv.FormatFloat(v, 'f', decimals, 64), Min: lo, Max: hi, Step: step, Decimals: decimals}
	}
	dec := d.scale.decimals()
	c := []figure.Control{number("o.states.l", "states.on", d.sel.level, d.scale.lo, d.scale.hi, math.Pow(10, -float64(dec)), dec)}
	if d.ranged() {
		c = append(c, number("o.states.before", "states.before", float64(d.sel.before), 0, 99, 1, 0),
			number("o.states.after", "states.after", float64(d.sel.after), 0, 99, 1, 0))
	}
	if d.src.layers > 1 {
		c = append(c, number("layer", "states.layer."+d.src.stem, float64(d.src.layer), 0, float64(d.src.layers-1), 1, 0))
	}
	if len(d.src.whats) > 1 {
		c = append(c, d.radio("o.states.what", "states.what", d.src.what, d.src.whats, "states.what."))
	}
	form := "lines"
	if d.heat {
		form = "heat"
		order := d.in.State.Opt("states.order", "index")
		if order != "peak" {
			order = "index"
		}
		c = append(c, d.radio("o.states.order", "states.order", order, []string{"index", "peak"}, "states.order."))
	}
	return append(c, d.radio("o.states.form", "states.form", form, []string{"lines", "heat"}, "states.form."))
}

func (d *drawing) radio(key, label, value string, values []string, words string) figure.Control {
	c := figure.Control{Kind: "radio", Key: key, Label: d.l.T(label), Value: value}
	for _, v := range values {
		c.Options = append(c.Options, figure.Option{Value: v, Label: d.l.T(words + v)})
	}
	return c
}
