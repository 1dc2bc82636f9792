package states

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

const (
	listed  = 8  // units of largest value
	through = 16 // units on through the range
)

// group is a part of the list of units.
type group struct {
	title string
	units []int
	more  int // that are not shown
}

// groups are the pinned units, then those on through the range, or the largest at now. The selected one stands first if
// it is in none.
func (d *drawing) groups() []group {
	var out []group
	if len(d.pins) > 0 {
		out = append(out, group{title: d.l.T("states.pinned"), units: d.pins})
	}
	rest, title, most := d.on, "states.on.through", through
	switch {
	case d.ranged() && len(d.on) == 0:
		rest, title, most = highest(d.sel.least(d.x, d.src.units), d.src.units), "states.nearest", listed
	case !d.ranged():
		v := make([]float64, d.src.units)
		for u := range v {
			v[u] = d.at(d.now, u)
		}
		rest, title, most = largest(v, d.src.units), "states.largest", listed
	}
	free := slices.DeleteFunc(slices.Clone(rest), func(u int) bool { return slices.Contains(d.pins, u) })
	shown := free[:min(most, len(free))]
	if len(shown) > 0 {
		g := group{title: d.l.T(title), units: shown}
		if len(d.on) > 0 {
			g.more = len(free) - len(shown)
		}
		out = append(out, g)
	}
	if !slices.Contains(d.pins, d.unit) && !slices.Contains(shown, d.unit) {
		out = append([]group{{title: d.l.T("states.selected"), units: []int{d.unit}}}, out...)
	}
	return out
}

// units is the list at the right.
func (d *drawing) units() figure.Panel {
	w := d.sideWidth()
	p := figure.Panel{ID: "units", Class: "st-units", Title: []figure.Span{{Text: d.l.T("states.units")}}, Width: w,
		Label: d.l.T("states.units.label"), Table: &figure.Table{Head: []string{d.l.T("states.th.unit"), d.l.T("states.th.now"), d.l.T("states.th.mean")}},
		Controls: []figure.Control{{Kind: "number", Key: "unit", Label: d.l.T("states.th.unit"), Value: strconv.Itoa(d.unit), Max: float64(d.src.units - 1), Step: 1}}}
	var b svg.Builder
	y := 0.
	for _, g := range d.groups() {
		b.Text(0, y+14, g.title, "s11 i3")
		if y == 0 {
			d.heads(&b, w)
		}
		y += 20
		for _, u := range g.units {
			d.unitRow(&b, u, y, w)
			p.Table.Rows = append(p.Table.Rows, []string{strconv.Itoa(u), d.scale.text(d.at(d.now, u)), d.scale.text(d.mean(u))})
			y += d.rowH()
		}
		if g.more > 0 {
			b.Text(0, y+14, d.l.T("states.more", g.more), "s11 i3")
			y += 20
		}
		y += 8
	}
	p.SVG, p.Height = b.String(), y
	return p
}

// rowH is a row's height: a finger needs more.
func (d *drawing) rowH() float64 {
	if d.in.Touch {
		return 36
	}
	return 26
}

func (d *drawing) sideWidth() float64 {
	if axis.Wide(d.in) {
		return axis.SideW
	}
	return min(d.in.Width, 460)
}

// places are where a row's numbers end: before the change, at now, the mean in the range; 0 = not shown.
func (d *drawing) places(w float64) (was, now, mean, line float64) {
	now = w - 24
	if d.ranged() {
		mean, now = now, now-42
	}
	line = now - 44
	if d.was != nil {
		was, line = line, line-42
	}
	return was, now, mean, line
}

func (d *drawing) heads(b *svg.Builder, w float64) {
	was, now, mean, _ := d.places(w)
	if was > 0 {
		b.Text(was, 14, d.l.T("states.th.was"), "s11 i3 end")
	}
	b.Text(now, 14, d.l.T("states.th.now"), "s11 i3 end")
	if mean > 0 {
		b.Text(mean, 14, d.l.T("states.th.mean"), "s11 i3 end")
	}
}

// mean is a unit's in the range, or over the text if there is none.
func (d *drawing) mean(u int) float64 {
	lo, hi := d.sel.lo, d.sel.hi
	if !d.ranged() {
		lo, hi = 0, d.n
	}
	sum := 0.
	for t := lo; t < hi; t++ {
		sum += d.at(t, u)
	}
	return sum / float64(hi-lo)
}

// unitRow is a unit's number, its line over the text, its values, and the mark that pins it.
func (d *drawing) unitRow(b *svg.Builder, u int, y, w float64) {
	was, now, mean, line := d.places(w)
	base := y + d.rowH()/2 + 4
	name, class, own := strconv.Itoa(u), "st-spark", u == d.unit
	b.Open("", "data-set", "unit="+name, "data-h", "u"+name, "role", "button", "aria-label", d.l.T("states.unit", u))
	ground, number := "st-hit", "end"
	if own {
		ground, number, class = "st-range", "end b inow", "st-spark now"
	}
	b.Rect(-8, y, w+16, d.rowH(), ground)
	b.Text(30, base, name, number)
	x := func(t int) float64 { return 40 + (line-40)*(float64(t)+.5)/float64(d.n) }
	values := d.of(d.x, u)
	scale := boundsOf(d.src.what, values)
	if d.was != nil {
		scale = boundsOf(d.src.what, values, d.of(d.was, u))
	}
	at := func(v float64) float64 { return scale.y(v, y+3, d.rowH()-6) }
	b.Line(x(0), at(0), x(d.n-1), at(0), "ax")
	if d.was != nil {
		b.Path(spark(x, d.of(d.was, u), at), "st-was")
		b.Text(was, base, d.scale.text(float64(d.was[d.now*d.src.units+u])), "s11 i3 end")
	}
	b.Path(spark(x, values, at), class)
	b.Text(now, base, d.scale.text(d.at(d.now, u)), "s11 end")
	if mean > 0 {
		b.Text(mean, base, d.scale.text(d.mean(u)), "s11 i2 end")
	}
	b.Close()
	mark, words := "+", "states.pin"
	if slices.Contains(d.pins, u) {
		mark, words = "×", "states.unpin"
	}
	b.Open("st-x", "data-set", d.pinned(u), "data-tip", d.l.T(words, u), "role", "button", "aria-label", d.l.T(words, u))
	b.Rect(w-18, y, 26, d.rowH(), "st-hit")
	b.Text(w-6, base, mark, "i3 mid")
	b.Close()
}

// spark is a small line over the text.
func spark(x func(int) float64, v []float32, at func(float64) float64) string {
	few, which := thin(v, x(len(v)-1)-x(0))
	var out pen
	out.trace(few, func(i int) float64 { return x(which[i]) }, at)
	return string(out)
}

// strongest is the selected unit's value of largest magnitude in the text, without changes: what it is set to before a value is chosen.
func (d *drawing) strongest() float64 {
	values, best := d.of(d.x, d.unit), 0.
	if d.was != nil {
		values = d.of(d.was, d.unit)
	}
	for _, v := range values {
		if v := float64(v); finite(v) && math.Abs(v) > math.Abs(best) {
			best = v
		}
	}
	k := math.Pow(10, float64(d.scale.decimals()))
	return math.Round(best*k) / k
}

// change is what can be done to the selected unit while the model runs.
func (d *drawing) change() figure.Panel {
	st := d.in.State
	where := st.Opt("states.where", "all")
	c := protocol.Change{Name: d.src.name(), Pos: -1, Index: d.unit}
	if where == "now" {
		c.Pos = d.now
	} else {
		where = "all"
	}
	dec, top := d.scale.decimals(), d.scale.top()
	to, by := float(st.Opt("states.v", ""), d.strongest()), float(st.Opt("states.k", ""), 2)
	do := func(label, op string, v float64) figure.Control {
		k := c
		k.Op, k.Value = op, float32(v)
		b := figure.Control{Kind: "button", Key: "do:" + figure.DoChange + state.FormatChange(k), Label: label}
		if st.Changed(k) {
			b.Value = "true"
		}
		return b
	}
	zero := do(d.l.T("states.zero"), "zero", 0)
	zero.Kind = "switch" // which the key X presses
	return figure.Panel{ID: "change", Class: "st-change", Title: []figure.Span{{Text: d.l.T("states.change", d.unit)}}, Controls: []figure.Control{
		d.radio("o.states.where", "states.where", where, []string{"all", "now"}, "states.where."),
		zero,
		do(d.l.T("states.set"), "set", to),
		{Kind: "number", Key: "o.states.v", Label: d.l.T("states.value"), Value: strconv.FormatFloat(to, 'f', dec, 64), Min: -2 * top, Max: 2 * top, Step: math.Pow(10, -float64(dec)), Decimals: dec},
		do(d.l.T("states.times"), "scale", by),
		{Kind: "number", Key: "o.states.k", Label: d.l.T("states.factor"), Value: strconv.FormatFloat(by, 'f', 1, 64), Min: -10, Max: 10, Step: .1, Decimals: 1},
	}, HTML: []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: d.l.T("states.change.note", d.src.name())}}}}}
}
