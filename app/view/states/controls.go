package states

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/view/states/axis"
)

// controls are when a unit is on, what is drawn, of which layer and in which form, and what stands below.
func (d *drawing) controls() []figure.Control {
	c := d.thresholds()
	if d.in.Model.Seq != nil {
		c = append([]figure.Control{d.halfControl()}, c...)
	}
	if d.ranged() {
		c = append(c, d.number("o.states.before", "states.before", float64(d.sel.before), 0, 999, 1, 0),
			d.number("o.states.after", "states.after", float64(d.sel.after), 0, 999, 1, 0))
	}
	if d.src.layers > 1 {
		_, stem := axis.Half(d.src.stem)
		c = append(c, d.number("layer", "states.layer."+stem, float64(d.src.layer), 0, float64(d.src.layers-1), 1, 0))
	}
	if len(d.src.whats) > 1 {
		c = append(c, d.choice("o.states.what", "states.what", d.src.what, d.src.whats, "states.what."))
	}
	if len(d.src.dirs) > 1 {
		c = append(c, d.radio("o.states.way", "states.way", d.src.dir, d.src.dirs, "states.way."))
	}
	if slices.ContainsFunc(d.charts, func(c *chart) bool { return wide(c.src.what) }) {
		scale := ""
		if d.tanh {
			scale = "tanh"
		}
		c = append(c, d.radio("o.states.scale", "states.scale", scale, []string{"", "tanh"}, "states.scale."))
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
	c = append(c, d.radio("o.states.form", "states.form", form, []string{"lines", "heat"}, "states.form."))
	if m, ok := d.sourceMenu(); ok {
		c = append(c, m)
	}
	if d.source() {
		return c
	}
	return append(c, d.trackMenu(), figure.Control{Kind: "button", Key: "do:" + figure.DoNotes, Label: d.l.T("states.notes"), Tip: d.l.T("states.notes.tip")})
}

// thresholds are on which side of zero units are on, and from where, of each source.
func (d *drawing) thresholds() []figure.Control {
	sign := "≥"
	switch d.cut.On {
	case "below":
		sign = "≤ −"
	case "either":
		sign = "±"
	}
	on := figure.Control{Kind: "select", Key: "o.states.on", Label: d.l.T("states.on"), Value: d.cut.On}
	for _, o := range []string{"above", "below", "either"} {
		on.Options = append(on.Options, figure.Option{Value: o, Label: d.l.T("states.on." + o)})
	}
	out := []figure.Control{on}
	for _, c := range d.charts {
		lo, hi := c.scale.lo, c.scale.hi
		switch c.cut.On {
		case "below":
			lo, hi = -hi, -lo
		case "either":
			lo, hi = 0, c.scale.top()
		}
		dec := c.scale.decimals()
		n := d.number("o."+levelKey(c.i), "states.on", c.level, lo, hi, math.Pow(10, -float64(dec)), dec)
		n.Label, n.Tip = sign, d.l.T("states.on.tip", c.src.name())
		if c.i > 0 {
			n.Label = d.word("states.what."+c.src.what, c.src.what) + " " + strconv.Itoa(c.src.layer) + " " + sign
		}
		out = append(out, n)
	}
	return out
}

// sourceMenu adds a source below the others.
func (d *drawing) sourceMenu() (figure.Control, bool) {
	m := figure.Control{Kind: "select", Key: "o.states.also", Label: d.l.T("states.also")}
	var now []string
	for _, c := range d.charts[1:] {
		now = append(now, c.src.name())
	}
	list := strings.Join(now, ",")
	if list == "" {
		list = "none" // an option of a menu has a value
	}
	m.Value = list
	m.Options = []figure.Option{{Value: list, Label: d.l.T("states.also.add")}}
	if len(d.charts) > further {
		return m, false
	}
	for _, name := range offered(d.in.Model) {
		if name != d.src.name() && !slices.Contains(now, name) {
			m.Options = append(m.Options, figure.Option{Value: strings.Join(append(slices.Clone(now), name), ","), Label: name})
		}
	}
	return m, len(m.Options) > 1
}

func (d *drawing) number(key, label string, v float64, lo, hi, step float64, decimals int) figure.Control {
	return figure.Control{Kind: "number", Key: key, Label: d.l.T(label), Value: strconv.FormatFloat(v, 'f', decimals, 64), Min: lo, Max: hi, Step: step, Decimals: decimals}
}

// word is what a value is called; what a recorded set has of its own stands as it is.
func (d *drawing) word(key, value string) string {
	if d.l.Has(key) {
		return d.l.T(key)
	}
	return value
}

// choice is a radio of few words, or a menu of more.
func (d *drawing) choice(key, label, value string, values []string, words string) figure.Control {
	c := d.radio(key, label, value, values, words)
	if len(values) > 4 {
		c.Kind, c.Label = "select", d.l.T("states.show")
	}
	return c
}

func (d *drawing) radio(key, label, value string, values []string, words string) figure.Control {
	c := figure.Control{Kind: "radio", Key: key, Label: d.l.T(label), Value: value}
	for _, v := range values {
		c.Options = append(c.Options, figure.Option{Value: v, Label: d.word(words+v, v)})
	}
	return c
}
