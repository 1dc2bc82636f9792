// Package states draws what the units of a layer do over the text: every unit of an activation as a line or a row of a
// heat map, of several activations one below the other, the units that are on through a range and off beside it, annotations on the
// same columns, and how one unit's gates (or a stream's parts) make its value. It draws any activation that is [position, unit]; it
// knows no architecture.
package states

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// drawing is what the parts of the figure share. What it has by *chart is the first source's.
type drawing struct {
	in *figure.Input
	l  *lang.Catalogue
	*chart
	charts []*chart // of all sources, the first among them
	n      int      // tokens
	depth  []float64
	now    int
	unit   int // the selected one, of the first source
	sel    selection
	pins   []int // units added by hand, those left out, and those that alone count; like units they count through all sources
	outs   []int
	solo   []int
	units  []int // those selected: on through the range, and added by hand
	cols   axis.Columns
	heat   bool
	tanh   bool

	counted []int // units that are on at each token
	among   int   // of so many
}

// Draw is the view.
func Draw(in *figure.Input) figure.Figure {
	in = halfOf(in)
	d := begin(in)
	if d == nil {
		return figure.Figure{Reading: []figure.Span{{Text: in.L.T("states.empty")}}, Layout: "st"}
	}
	f := figure.Figure{Layout: "st", Units: d.src.units, Chosen: fmt.Sprintf("layer=%d&unit=%d", d.src.layer, d.unit), Panels: []figure.Panel{d.main()}}
	if axis.Wide(in) {
		f.Layout = "st wide"
	}
	if d.ready() {
		f.Reading = d.reading()
		f.Panels = append(f.Panels, d.parts()...)
	}
	return f
}

// begin reads what is to be drawn; nil if there is nothing.
func begin(in *figure.Input) *drawing {
	d := &drawing{in: in, l: in.L, n: len(in.Run.Tokens), depth: depthOf(in)}
	st := in.State
	first := ""
	if len(d.depth) > 0 && slices.Max(d.depth) > 1 { // what is open is kept in cells, if there are any
		first = "cell"
	}
	src := find(in.Model, st.Opt("states.what", first), st.Opt("states.way", ""), st.Layer)
	if d.n == 0 || src.units == 0 {
		return nil
	}
	d.now = st.At
	if d.now < 0 || d.now >= d.n {
		d.now = d.n - 1
	}
	d.tanh, d.heat = st.Opt("states.scale", "") == "tanh", st.Opt("states.form", "") == "heat"
	units := 0
	for i, s := range append([]source{src}, others(in.Model, src, st.Opt("states.also", ""))...) {
		d.charts = append(d.charts, d.show(s, i, units))
		units += s.units
	}
	d.chart = d.charts[0]
	d.choose()
	d.cols = axis.Of(in)
	d.place()
	return d
}

// ready reports whether all sources have their numbers.
func (d *drawing) ready() bool {
	return !slices.ContainsFunc(d.charts, func(c *chart) bool { return c.raw == nil })
}

// values are a whole activation of the run, or nil while it is computed.
func (d *drawing) values(name string, before bool) []float32 {
	a := d.in.Activation(protocol.Activation{Name: name, To: -1, Index: -1, Before: before})
	if a == nil || len(a.Data) != d.n*width(d.in.Model, name) {
		return nil
	}
	return a.Data
}

// series is one unit of an activation over the text, or nil.
func (d *drawing) series(name string, unit int) []float32 {
	if unit < 0 || unit >= width(d.in.Model, name) {
		return nil
	}
	a := d.in.Activation(protocol.Activation{Name: name, To: -1, Index: unit})
	if a == nil || len(a.Data) != d.n {
		return nil
	}
	return a.Data
}

// choose reads the choices from the state and makes those that are not made.
func (d *drawing) choose() {
	st := d.in.State
	d.sel = selection{before: whole(st.Opt("states.before", ""), 1), after: whole(st.Opt("states.after", ""), 1)}
	if lo, hi := st.Range[0], min(st.Range[1], d.n); lo < hi {
		d.sel.lo, d.sel.hi = lo, hi
	}
	on := st.Opt("states.on", "above")
	if on != "below" && on != "either" {
		on = "above"
	}
	for i, c := range d.charts {
		usual := c.scale.level(on)
		level := float(st.Opt(levelKey(i), ""), usual)
		if math.Abs(level) > c.scale.top() { // it was set for another source or scale: here nobody could
			level = usual
		}
		c.cutAt(level, on)
	}
	d.pins, d.outs, d.solo = d.unitsOf("states.pin"), d.unitsOf("states.out"), d.unitsOf("states.solo")
	d.unit = st.Unit
	if !d.ready() {
		return
	}
	d.gather()
	if d.unit < 0 || d.unit >= d.src.units {
		d.unit = d.telling()
	}
	if d.heat {
		for _, c := range d.charts {
			c.order = c.rows(st.Opt("states.order", "") == "peak")
		}
	}
	d.count()
}

// gather finds the selected units: those that alone count, or else those on through the range without those left out, and those added. A change
// takes none out: it is of them that one wants to see what it does.
func (d *drawing) gather() {
	var on []int
	for _, c := range d.charts {
		if d.ranged() {
			c.low, c.high = d.sel.spans(c.base(), d.n, c.src.units, c.cut.On)
			c.on = between(c.low, c.high, float32(c.cut.Level))
		}
		for _, own := range c.on {
			on = append(on, c.first+own)
		}
	}
	if len(d.solo) > 0 {
		d.units = slices.Clone(d.solo)
	} else {
		d.units = append(slices.DeleteFunc(on, func(u int) bool { return slices.Contains(d.outs, u) }), d.pins...)
	}
	slices.Sort(d.units)
	d.units = slices.Compact(d.units)
}

func whole(s string, def int) int {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < 1000 {
		return n
	}
	return def
}

func float(s string, def float64) float64 {
	if v, err := strconv.ParseFloat(s, 64); err == nil && finite(v) {
		return v
	}
	return def
}

// telling is the unit of the first source that is chosen before a person has: the first of those on through the range, else the one that
// follows the depth of brackets best, else the one that moves most over the text. It stays as now moves.
func (d *drawing) telling() int {
	if len(d.on) > 0 {
		return d.on[0]
	}
	for _, by := range [][]float64{d.cor, d.way} {
		if best := largest(by, 1); len(best) > 0 {
			return best[0]
		}
	}
	return 0
}

// moves is how far each unit of the first source went at now: from the token before, or, if changes are made, from the run without them.
// At the first token it is the value itself: a cell begins at 0, and a stream has nothing before it.
func (d *drawing) moves() []float64 {
	out := make([]float64, d.src.units)
	for u := range out {
		out[u] = d.at(d.now, u) - d.from(u)
	}
	return out
}

// from is what moves counts from.
func (d *drawing) from(u int) float64 {
	switch {
	case d.was != nil:
		return float64(d.was[d.now*d.src.units+u])
	case d.now > 0:
		return d.at(d.now-1, u)
	}
	return 0
}

// ranged reports whether there is a range.
func (d *drawing) ranged() bool { return d.sel.hi > 0 }

// count is how many units are on at each token: of those selected, else of all. among is never 0.
func (d *drawing) count() {
	d.counted, d.among = make([]int, d.n), len(d.units)
	if d.among > 0 {
		for _, u := range d.units {
			c, own := d.find(u)
			for t := range d.counted {
				if c.isOn(t, own) {
					d.counted[t]++
				}
			}
		}
		return
	}
	for _, c := range d.charts {
		d.among += c.src.units
		level := float32(c.cut.Level)
		for t := range d.counted {
			for _, v := range c.raw[t*c.src.units : (t+1)*c.src.units] {
				if signal(c.cut.On, v) >= level {
					d.counted[t]++
				}
			}
		}
	}
}

// title is the name of a source, as a title or within a sentence.
func (d *drawing) title(s source) string {
	t := d.l.T("states.title." + s.what)
	if s.dir != "" {
		return d.l.T("states.title.way", t, d.l.T("states.way."+s.dir))
	}
	return t
}

// toggled is the pairs that take a unit into the selection, or out of it: by hand, where the range says otherwise.
func (d *drawing) toggled(u int) string {
	without := func(list []int) []int {
		return slices.DeleteFunc(slices.Clone(list), func(o int) bool { return o == u })
	}
	c, own := d.find(u)
	pins, outs := without(d.pins), without(d.outs)
	switch {
	case slices.Contains(d.solo, u):
		return "o.states.solo=" + d.ids(without(d.solo))
	case slices.Contains(d.units, u) && slices.Contains(c.on, own):
		outs = append(outs, u)
	case slices.Contains(d.units, u), slices.Contains(c.on, own): // out it goes, or in again
	default:
		pins = append(pins, u)
	}
	return "o.states.pin=" + d.ids(pins) + "&o.states.out=" + d.ids(outs)
}
