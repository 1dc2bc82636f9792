package states

import (
	"fmt"
	"slices"
	"strings"

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
	value func(t int) string              // at a token, in words: for tips and the table; nil: a heading
	now   func(t int) string              // the same, as short as it is beside the strip; nil: value
	draw  func(b *svg.Builder, y float64) // the marks
	side  func(b *svg.Builder, y float64) // of a heading, in place of label and value
}

// Heights of the plots, by how many there are; a heat map may be higher.
var (
	lineHeights = []float64{172, 120, 96, 84}
	heatHeights = []float64{360, 180, 120, 90}
)

const (
	space   = 10 // between the plots and the strips below them
	heading = 24 // above a further plot
)

// place gives each plot its place in the picture, one below the other.
func (d *drawing) place() {
	y := d.cols.Head
	for i, c := range d.charts {
		if i > 0 {
			y += heading
		}
		c.top, c.h = y, lineHeights[len(d.charts)-1]
		if d.heat {
			rows, each := c.heatRows(heatHeights[len(d.charts)-1])
			c.h = float64(rows) * each
		}
		y += c.h
	}
}

// bottom is where the plots end.
func (d *drawing) bottom() float64 {
	last := d.charts[len(d.charts)-1]
	return last.top + last.h
}

// main is the plots with their tracks and gates: one picture, so that a range runs through all of them.
func (d *drawing) main() figure.Panel {
	p := figure.Panel{ID: "main", Class: "st-main", Title: []figure.Span{{Text: d.title(d.src)}}, SideW: d.cols.Left,
		Names:    fmt.Sprintf("%s [%d, %d]", d.src.name(), d.n, d.src.units),
		Label:    d.l.T("states.label", d.title(d.src), d.n, d.src.units),
		Controls: d.controls(), Width: d.cols.Width(), NowX: d.cols.X(d.now)}
	if d.squashed {
		p.Title[0].Text = d.l.T("states.tanh.of", p.Title[0].Text)
	}
	if !d.ready() {
		var b svg.Builder
		d.labels(&b)
		p.Height, p.SVG, p.Busy = d.bottom(), b.String(), d.l.T("states.busy", strings.Join(d.waiting(), ", "))
		return p
	}
	gates := d.gates()
	if len(gates) > 0 && !slices.ContainsFunc(gates, func(k band) bool { return k.value != nil }) {
		p.Busy = "…"
	}
	bands := append(d.tracks(), gates...)
	d.draw(&p, bands)
	p.Table = d.table(bands)
	for _, c := range d.charts {
		for _, note := range []string{d.form(c).note(), d.farNote(c)} {
			if note != "" {
				p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: note}}})
			}
		}
	}
	d.pointer(&p, bands)
	return p
}

// waiting are the sources that are still computed.
func (d *drawing) waiting() (names []string) {
	for _, c := range d.charts {
		if c.raw == nil {
			names = append(names, c.src.name())
		}
	}
	return names
}

// form is how a source is drawn.
func (d *drawing) form(c *chart) picture {
	if d.heat {
		return heatMap{d, c}
	}
	return linePlot{d, c}
}

// farNote says that some values are drawn at the edge.
func (d *drawing) farNote(c *chart) string {
	if c.scale.far == 0 {
		return ""
	}
	return d.l.T("states.far", short(c.scale.top()), c.scale.text(c.scale.far))
}

// draw puts the marks together: the range's shade lies over the ground and under all else, what takes the pointer on top.
func (d *drawing) draw(p *figure.Panel, bands []band) {
	var b, side svg.Builder
	p.Height = d.bottom() + space
	for _, k := range bands {
		p.Height += k.h
	}
	for _, c := range d.charts {
		form := d.form(c)
		p.Under += ground.Get(still{&c.x[0], c.scale, d.cols, c.top, c.h, d.heat, d.in.State.Opt("states.order", ""), d.in.Dark}, func() string {
			var b svg.Builder
			form.back(&b)
			return b.String()
		})
	}
	var middle svg.Builder // what a drag of the threshold leaves as it is
	d.shade(&middle, p.Height)
	d.labels(&middle)
	y := d.bottom() + space
	middle.Line(d.cols.X(d.now), y, d.cols.X(d.now), p.Height, "st-now")
	for i, k := range bands {
		to := &middle
		if i == 0 { // how many units are on
			to = &b
		}
		d.band(to, &side, k, y)
		y += k.h
	}
	for _, c := range d.charts {
		d.head(&side, c)
		d.form(c).fore(&b, &side)
	}
	d.nowLine(&b)
	d.hit(&b, p.Height)
	d.edges(&b, p.Height)
	p.Middle, p.SVG, p.Side = middle.String(), b.String(), side.String()
}

// head names a further source above its plot, with what removes it.
func (d *drawing) head(side *svg.Builder, c *chart) {
	if c.i == 0 {
		return
	}
	title := d.title(c.src)
	if c.squashed {
		title = d.l.T("states.tanh.of", title)
	}
	names := fmt.Sprintf("%s [%d, %d]", c.src.name(), d.n, c.src.units)
	y, x := c.top-8, plot.Width(title, 12)+14
	side.Text(0, y, title, "b halo")
	side.Text(x, y, names, "m halo")
	x += 6.7*float64(len(names)) + 8
	var rest []int
	for _, o := range d.charts {
		if o != c {
			rest = append(rest, o.i)
		}
	}
	words := d.l.T("states.also.remove", c.src.name())
	side.Open("st-x", "data-set", d.arranged(rest), "data-tip", words, "role", "button", "aria-label", words)
	side.Rect(x-6, y-14, 20, 20, "st-hit")
	side.Text(x, y, "×", "i3 halo")
	side.Close()
}

// ground keeps the last grounds, which change neither as now moves nor while a threshold or a range is dragged.
var ground = plot.Memory[still, string]{Size: 12}

// still is all that a ground depends on.
type still struct {
	x      *float32
	scale  bounds
	cols   axis.Columns
	top, h float64
	heat   bool
	order  string
	dark   bool
}

// picture is a form of a plot.
type picture interface {
	back(b *svg.Builder)          // what lies under the range's shade
	fore(b, side *svg.Builder)    // what lies over it
	under(row float64, t int) int // the unit under a point, row counted from the plot's top
	note() string                 // what the ground leaves out, or ""
	mark(b *svg.Builder, u int)   // unit u, as the pointer lights it
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
	base, now := y+k.h/2+4, k.value
	if k.now != nil {
		now = k.now
	}
	value := now(d.now)
	x := d.cols.Left - 46
	if value == "" { // the strip says it
		x = d.cols.Left - 10
	}
	lines := append(plot.Wrap(k.label, x-2, 11), "") // one at least
	switch {
	case k.scale != "":
		base -= 4
		side.Text(x, base+10, k.scale, "st-scale i3 end")
	case len(lines) > 2:
		side.Text(x, base+6, plot.Fit(strings.Join(lines[1:], " "), x-2, 11), "s11 i2 end")
		base -= 5
	}
	side.Text(x, base, plot.Fit(lines[0], x-2, 11), "s11 i2 end")
	side.Text(d.cols.Left-10, y+k.h/2+4, plot.Fit(value, 34, 11), "s11 inow end")
}
