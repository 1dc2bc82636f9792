package shell

import (
	"math"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Pages change by themselves: a map gets its colours, an answer comes. If the mark that the pointer went down on is drawn anew or moves away before it
// goes up, the browser gives the click to what lies around both, or to nobody; a person meant what was under the pointer when it went down (drag.mark).

// meant reports whether an event ends a press on a mark as a click does: no drag, and no key.
func (d *drag) meant(e app.Value) bool {
	x, y := at(e)
	return d.mark != nil && math.Hypot(x-d.x, y-d.y) < slop && !(e.Get("type").String() == "click" && e.Get("detail").Int() == 0)
}

// letGo does what a mark says that is no longer in the page: no click will come for it.
func (p *pointer) letGo(e app.Value) {
	d := &p.drag
	if d.mark == nil || d.mark.e.Get("isConnected").Bool() {
		return
	}
	if !d.moved && e.Get("type").String() == "pointerup" && d.meant(e) {
		p.act(*d.mark, e.Get("shiftKey").Bool())
	}
	d.mark = nil
}
