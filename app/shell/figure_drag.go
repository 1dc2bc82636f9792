package shell

import (
	"math"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// drag is what is being dragged: a range on an axis of time, a handle, or a dashed number. A picture is drawn anew while
// its marks are dragged, so that what was taken hold of is known by its attributes.
type drag struct {
	on, moved bool
	touch     bool    // by a finger
	x, y      float64 // where it began
	mark      *mark   // on which; nil: on none, or it has done what it says
	holder    app.Value
	last      string // the pairs that were set last

	svg    app.Value
	sel    string // of the grid of a range
	anchor int    // the column that stays
	handle *handle
	number *number
	from   float64 // the number's value when it began
}

const slop = 4 // pixels that a hand may move in a click

// down takes hold.
func (p *pointer) down(e app.Value) {
	if e.Get("button").Int() != 0 || !e.Get("isPrimary").Bool() {
		return
	}
	p.drag = drag{touch: touches(e)}
	p.drag.x, p.drag.y = at(e)
	if m, ok := p.markAt(e, marksOf); ok {
		p.drag.mark = &m
	}
	t := closest(e.Get("target"), "[data-number],[data-drag]")
	if !t.Truthy() {
		return
	}
	p.drag.holder = t
	if n, ok := parseNumber(attr(t, "data-number")); ok {
		p.drag.number = &n
		p.drag.from, _ = strconv.ParseFloat(attr(t, "aria-valuenow"), 64)
	} else if !p.holdMark(e, t) {
		return
	}
	p.drag.on = true
	p.hideTip()
}

// holdMark takes hold of a mark of a picture.
func (p *pointer) holdMark(e, t app.Value) bool {
	d := &p.drag
	d.svg = closest(t, "svg.marks")
	if !d.svg.Truthy() {
		return false
	}
	d.holder = d.svg // which stays while its marks are drawn anew
	if d.touch {     // the finger's events go to the mark to the end, though it is drawn anew
		t.Call("addEventListener", "touchmove", p.holding, map[string]any{"passive": false})
	}
	what := attr(t, "data-drag")
	switch what {
	case "range":
		d.sel = "[data-drag=range]" + selector("data-grid", attr(t, "data-grid"))
		c, ok := p.columnAt(d.x)
		d.anchor = c
		return ok && !d.touch // a finger scrolls; it drags the range's ends
	case "range-from", "range-to":
		d.sel = "[data-drag=range][data-grid]"
		r := p.host.State().Range
		d.anchor = r[1] - 1
		if what == "range-to" {
			d.anchor = r[0]
		}
		return r[1] > 0
	}
	h, ok := parseHandle(what)
	d.handle = &h
	return ok
}

func (p *pointer) columnAt(x float64) (int, bool) {
	e := p.drag.svg.Call("querySelector", p.drag.sel)
	g, ok := parseGrid(attr(e, "data-grid"))
	if !ok {
		return 0, false
	}
	return g.column(rectOf(e), x), true
}

// dragTo follows the pointer.
func (p *pointer) dragTo(e app.Value) {
	d := &p.drag
	x, y := at(e)
	if !d.moved && math.Hypot(x-d.x, y-d.y) < slop {
		return
	}
	if !d.moved && d.scrolls(x-d.x, y-d.y) {
		d.on = false
		return
	}
	if !d.moved { // not before: a click goes to what holds the pointer, not to the mark
		d.moved = true
		d.holder.Call("setPointerCapture", e.Get("pointerId"))
	}
	pairs := ""
	switch {
	case d.number != nil:
		steps := math.Trunc((x - d.x - (y - d.y)) / 4)
		pairs = pair(d.number.Key, d.number.round(d.from+steps*d.number.Step))
	case d.svg.Truthy() && !d.svg.Get("isConnected").Bool(): // its picture is gone
	case d.handle != nil:
		b := rectOf(d.svg)
		px := x - b.x
		if d.handle.vertical {
			px = y - b.y
		}
		pairs = d.handle.pairs(px)
	default:
		if c, ok := p.columnAt(x); ok {
			pairs = rangePair(d.anchor, c)
		}
	}
	if pairs != "" && pairs != d.last {
		d.last = pairs
		p.do(func() { p.host.Drag(pairs, false) })
	}
}

// scrolls reports whether a finger that begins to move by dx and dy goes across what it holds: it scrolls the page then.
func (d *drag) scrolls(dx, dy float64) bool {
	if !d.touch || d.number != nil {
		return false
	}
	along, across := math.Abs(dx), math.Abs(dy)
	if d.handle != nil && d.handle.vertical {
		along, across = across, along
	}
	return across > along
}

// keepPage keeps the page from scrolling under a finger that drags. Not every browser heeds touch-action within a picture.
func (p *pointer) keepPage(e app.Value) {
	if p.drag.on && p.drag.moved {
		e.Call("preventDefault")
	}
}

// up lets go.
func (p *pointer) up(e app.Value) {
	p.letGo(e)
	d := &p.drag
	if !d.on {
		return
	}
	d.on = false
	if last := d.last; last != "" {
		p.do(func() { p.host.Drag(last, true) })
	}
}

// keepFocus lets a click on a mark leave the keys where they were, but takes them out of a field.
func (p *pointer) keepFocus(e app.Value) {
	if !closest(e.Get("target"), "svg.marks").Truthy() {
		return
	}
	e.Call("preventDefault")
	if f := p.doc.Get("activeElement"); f.Truthy() && f.Call("matches", "input,textarea,[contenteditable]").Bool() {
		f.Call("blur")
	}
}

// wheel turns the number that has the focus.
func (p *pointer) wheel(e app.Value) {
	t := closest(e.Get("target"), "[data-number]")
	if n, ok := parseNumber(attr(t, "data-number")); ok && t.Equal(p.doc.Get("activeElement")) {
		e.Call("preventDefault")
		p.turn(t, n, -math.Copysign(1, e.Get("deltaY").Float()))
	}
}

// turn moves a number by steps.
func (p *pointer) turn(t app.Value, n number, steps float64) {
	v, _ := strconv.ParseFloat(attr(t, "aria-valuenow"), 64)
	to := n.round(v + steps*n.Step)
	t.Call("setAttribute", "aria-valuenow", to) // the next key may come before the page is drawn again
	p.do(func() { p.host.Patch(pair(n.Key, to)) })
}
