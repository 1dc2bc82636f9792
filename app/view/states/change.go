package states

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// strongest is the chosen unit's value of largest magnitude in the text, without changes: what it is held at before a value is chosen.
func (d *drawing) strongest() float64 {
	values, best := d.of(d.raw, d.unit), 0.
	if d.rawWas != nil {
		values = d.of(d.rawWas, d.unit)
	}
	for _, v := range values {
		if v := float64(v); finite(v) && math.Abs(v) > math.Abs(best) {
			best = v
		}
	}
	k := math.Pow(10, float64(d.stored.decimals()))
	return math.Round(best*k) / k
}

// changed is what a change is of: the chosen unit or all selected ones of the first source; at every token, in the range or at now.
func (d *drawing) changed(who, where string) protocol.Change {
	c := protocol.Change{Name: d.src.name(), Pos: -1, Index: d.unit}
	if own := d.selected(); who == "all" && len(own) > 0 {
		c.Index = own[0]
		also := make([]string, len(own)-1)
		for i, u := range own[1:] {
			also[i] = strconv.Itoa(u)
		}
		c.Also = strings.Join(also, "+")
	}
	switch where {
	case "now":
		c.Pos = d.now
	case "range":
		c.Pos = d.sel.lo
		if d.sel.hi > d.sel.lo+1 {
			c.To = d.sel.hi
		}
	}
	return c
}

// selected are the selected units of the first source.
func (d *drawing) selected() (own []int) {
	for _, u := range d.units {
		if c, k := d.find(u); c.i == 0 {
			own = append(own, k)
		}
	}
	return own
}

// change is what can be done to units while the model runs.
func (d *drawing) change() figure.Panel {
	st := d.in.State
	option := func(key string, all []string) string {
		if v := st.Opt(key, all[0]); slices.Contains(all, v) {
			return v
		}
		return all[0]
	}
	whos, wheres := []string{"unit"}, []string{"all", "now"}
	if len(d.selected()) > 1 {
		whos = append(whos, "all")
	}
	if d.ranged() {
		wheres = append(wheres, "range")
	}
	who, where := option("states.who", whos), option("states.where", wheres)
	c := d.changed(who, where)
	dec, top := d.stored.decimals(), d.stored.top()
	to, by := float(st.Opt("states.v", ""), d.strongest()), float(st.Opt("states.k", ""), 2)
	do := func(label, op string, v float64) figure.Control {
		k := c
		k.Op, k.Value = op, float32(v)
		b := figure.Control{Kind: "button", Key: "do:" + figure.DoChange + state.FormatChange(k), Label: d.l.T(label)}
		if st.Changed(k) {
			b.Value = "true"
		}
		return b
	}
	zero := do("states.zero", "zero", 0)
	zero.Kind = "switch" // which the key X presses
	p := figure.Panel{ID: "change", Class: "st-change", Title: []figure.Span{{Text: d.l.T("states.change", d.unit)}}}
	if who == "all" {
		p.Title[0].Text = d.l.T("states.change.all", svg.Count(len(d.selected())))
	}
	if len(whos) > 1 {
		words := d.radio("o.states.who", "states.who", who, whos, "states.who.")
		words.Options[1].Label = d.l.T("states.who.all", svg.Count(len(d.selected())))
		p.Controls = append(p.Controls, words)
	}
	p.Controls = append(p.Controls, d.radio("o.states.where", "states.where", where, wheres, "states.where."), zero,
		do("states.set", "set", to), d.number("o.states.v", "states.value", to, -2*top, 2*top, math.Pow(10, -float64(dec)), dec),
		do("states.times", "scale", by), d.number("o.states.k", "states.factor", by, -10, 10, .1, 1))
	p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: d.l.T("states.change.note", d.src.name())}}}}
	return p
}
