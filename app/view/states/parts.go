package states

import (
	"loupe/app/figure"
	"loupe/app/view/states/axis"
	"loupe/app/view/states/matches"
	"loupe/app/view/states/memory"
	"loupe/app/view/states/unit"
)

// tabs are the parts that may stand below the plot: the first is "" in the state.
var tabs = []string{"", "unit", "follow", "memory"}

// scene is what the parts are told.
func (d *drawing) scene() *axis.Scene {
	s := &axis.Scene{In: d.in, Cols: d.cols, Now: d.now, Unit: d.unit, Units: d.units, Lo: d.sel.lo, Hi: d.sel.hi,
		Before: d.sel.before, After: d.sel.after, Depth: d.depth != nil, Choose: d.choosing}
	for _, c := range d.charts {
		s.Sources = append(s.Sources, axis.Source{Name: c.src.name(), What: c.src.what, Layer: c.src.layer, Units: c.src.units,
			X: c.raw, Was: c.rawWas, Cut: c.cut, Tanh: c.squashed})
	}
	return s
}

// parts are all panels but the main one: those at the right, then the switch and the part that it shows.
func (d *drawing) parts() []figure.Panel {
	scene := d.scene()
	side := []figure.Panel{d.list()}
	if p, ok := d.threshold(); ok {
		side = append(side, p)
	}
	tab := d.tab()
	below := []figure.Panel{d.tabs(tab)}
	switch tab {
	case "unit", "follow":
		if p, ok := d.step(); ok && tab == "unit" {
			below = append(below, p)
		}
		below = append(below, unit.Panels(scene)...)
	case "memory":
		below = append(below, memory.Panels(scene)...)
	default: // never of an encoder-decoder
		below = append(below, matches.Panels(scene)...)
		if beside := matches.Side(scene); axis.Wide(d.in) {
			side = append(side, beside...)
		} else { // after the matches that it is about
			below = append(below, beside...)
		}
	}
	if d.in.Model.Recorded == 0 {
		side = append(side, d.change())
	}
	for i := range side {
		side[i].Column = axis.Side
	}
	for i := range below {
		if below[i].Column == "" {
			below[i].Column = axis.Below
		}
	}
	return append(side, below...)
}

// tab is the part that is chosen.
func (d *drawing) tab() string {
	if d.in.Model.Seq != nil { // it is not run over texts, nor without its source
		return "unit"
	}
	for _, t := range tabs {
		if t == d.in.State.Opt("states.tab", "") && (t != "memory" || d.in.Model.Recorded == 0) {
			return t
		}
	}
	return ""
}

// tabs is the switch between the parts.
func (d *drawing) tabs(tab string) figure.Panel {
	c := d.radio("o.states.tab", "states.tab", tab, tabs, "states.tab.")
	c.Lead = true
	if d.in.Model.Recorded > 0 {
		c.Options[len(tabs)-1].Disabled = d.l.T("error.recorded")
	}
	p := figure.Panel{ID: "parts", Class: "st-parts", Controls: []figure.Control{c}}
	if d.in.Model.Seq != nil {
		p.Controls, p.HTML = nil, []figure.Block{d.closed()}
	}
	return p
}
