package states

import (
	"math"
	"strconv"

	"loupe/app/figure"
)

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
	if len(d.src.dirs) > 1 {
		c = append(c, d.radio("o.states.way", "states.way", d.src.dir, d.src.dirs, "states.way."))
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
