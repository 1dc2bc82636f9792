// Package states draws what the units of a layer do over the text: every unit of an activation as a line or a row of a
// heat map, the units that are on through a range, tracks of depth and surprisal on the same columns, and how one unit's
// gates (or a stream's parts) make its value. It draws any activation that is [position, unit]; it knows no architecture.
package states

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// drawing is what the parts of the figure share.
type drawing struct {
	in    *figure.Input
	l     *lang.Catalogue
	src   source
	n     int       // tokens
	x     []float32 // [n, src.units], or nil while it is computed
	was   []float32 // the same without the changes, or nil
	depth []float64 // after each token, or nil if the text has no brackets
	cor   []float64 // each unit's correlation with depth, or nil
	way   []float64 // how far each unit moves over the text, in all
	now   int
	unit  int // the selected one
	pins  []int
	sel   selection
	on    []int // units on through the range
	scale bounds
	cols  axis.Columns
	heat  bool
	order []int // of the heat map: the unit of each row

	counted []int // units that are on at each token
	among   int   // of so many
}

// Draw is the view.
func Draw(in *figure.Input) figure.Figure {
	d := begin(in)
	if d == nil {
		return figure.Figure{Reading: []figure.Span{{Text: in.L.T("states.empty")}}, Layout: "st"}
	}
	layout := "st"
	if axis.Wide(in) {
		layout = "st wide"
	}
	f := figure.Figure{Layout: layout, Units: d.src.units, Chosen: fmt.Sprintf("layer=%d&unit=%d", d.src.layer, d.unit), Panels: []figure.Panel{d.main()}}
	if d.x != nil {
		f.Reading = d.reading()
		f.Panels = append(f.Panels, d.units(), d.change())
		if p, ok := d.step(); ok {
			f.Panels = append(f.Panels, p)
		}
	}
	return f
}

// begin reads what is to be drawn; nil if there is nothing.
func begin(in *figure.Input) *drawing {
	d := &drawing{in: in, l: in.L, n: len(in.Run.Tokens)}
	d.depth = depths(in.Run.Tokens)
	first := ""
	if len(d.depth) > 0 && slices.Max(d.depth) > 1 { // what is open is kept in cells, if there are any
		first = "cell"
	}
	d.src = find(in.Model, in.State.Opt("states.what", first), in.State.Opt("states.way", ""), in.State.Layer)
	if d.n == 0 || d.src.units == 0 {
		return nil
	}
	d.now = in.State.At
	if d.now < 0 || d.now >= d.n {
		d.now = d.n - 1
	}
	d.x = d.values(d.src.name(), false)
	if len(in.State.Changes) > 0 {
		d.was = d.values(d.src.name(), true)
	}
	d.learn()
	d.choose()
	d.cols = axis.Of(in)
	return d
}

// known keeps what was learned of the last activations: it does not change as now moves.
var known = plot.Memory[seen, learned]{Size: 4}

// seen names an activation's numbers.
type seen struct {
	x, was *float32
	what   string
}

// learn finds the scale and which units follow the depth of brackets.
func (d *drawing) learn() {
	k := known.Get(seen{address(d.x), address(d.was), d.src.what}, func() (k learned) {
		k.scale = boundsOf(d.src.what, d.x, d.was)
		x := d.x
		if d.was != nil { // a change does not choose another unit
			x = d.was
		}
		if x == nil {
			return k
		}
		if d.depth != nil {
			k.cor = correlations(x, d.src.units, d.depth)
		}
		k.way = ways(x, d.src.units)
		return k
	})
	d.scale, d.cor, d.way = k.scale, k.cor, k.way
}

// address tells one answer's numbers from another's.
func address(v []float32) *float32 {
	if len(v) == 0 {
		return nil
	}
	return &v[0]
}

// learned is what follows from the activation alone.
type learned struct {
	scale bounds
	cor   []float64
	way   []float64
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
	d.heat = st.Opt("states.form", "") == "heat"
	d.sel = selection{level: d.scale.level(), before: whole(st.Opt("states.before", ""), 1), after: whole(st.Opt("states.after", ""), 1)}
	d.sel.level = float(st.Opt("states.l", ""), d.sel.level)
	if lo, hi := st.Range[0], min(st.Range[1], d.n); lo < hi {
		d.sel.lo, d.sel.hi = lo, hi
	}
	for _, p := range strings.Split(st.Opt("states.pin", ""), ",") {
		if u, err := strconv.Atoi(p); err == nil && u >= 0 && u < d.src.units && !slices.Contains(d.pins, u) {
			d.pins = append(d.pins, u)
		}
	}
	d.unit = st.Unit
	if d.x == nil {
		return
	}
	d.on = d.sel.on(d.x, d.n, d.src.units)
	if d.unit < 0 || d.unit >= d.src.units {
		d.unit = d.telling()
	}
	if d.heat {
		d.order = d.rows()
	}
	d.count()
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

// telling is the unit that is selected before one is chosen: the first of those on through the range, else the one that
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

// at is unit u's value at token t.
func (d *drawing) at(t, u int) float64 { return float64(d.x[t*d.src.units+u]) }

// of is unit u over the text.
func (d *drawing) of(x []float32, u int) []float32 {
	out := make([]float32, d.n)
	for t := range out {
		out[t] = x[t*d.src.units+u]
	}
	return out
}

// moves is how far each unit went at now: from the token before, or, if changes are made, from the run without them.
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

// count is how many units are on at each token: of those selected by the range, else of all. among is never 0.
func (d *drawing) count() {
	d.counted, d.among = make([]int, d.n), d.src.units
	if len(d.on) > 0 {
		d.among = len(d.on)
		for t := range d.counted {
			for _, u := range d.on {
				if d.at(t, u) >= d.sel.level {
					d.counted[t]++
				}
			}
		}
		return
	}
	for t := range d.counted {
		for _, v := range d.x[t*d.src.units : (t+1)*d.src.units] {
			if float64(v) >= d.sel.level {
				d.counted[t]++
			}
		}
	}
}

// title is the name of what is drawn, as a title or within a sentence.
func (d *drawing) title() string {
	t := d.l.T("states.title." + d.src.what)
	if d.src.dir != "" {
		return d.l.T("states.title.way", t, d.l.T("states.way."+d.src.dir))
	}
	return t
}

// pinned is the pairs that pin unit u, or no longer.
func (d *drawing) pinned(u int) string {
	pins := slices.Clone(d.pins)
	if i := slices.Index(pins, u); i >= 0 {
		pins = slices.Delete(pins, i, i+1)
	} else {
		pins = append(pins, u)
	}
	texts := make([]string, len(pins))
	for i, p := range pins {
		texts[i] = strconv.Itoa(p)
	}
	return "o.states.pin=" + strings.Join(texts, ",")
}
