package shell

import (
	"math"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// press is the mark that the pointer went down on. Pages change by themselves: a map gets its colours, an answer comes.
// If the mark is drawn anew or moves away between down and up, the browser gives the click to what lies around both, or
// to nobody; a person meant what was under the pointer when it went down.
type press struct {
	mark mark
	ok   bool
	x, y float64
}

func (p *pointer) press(e app.Value) (q press) {
	q.mark, q.ok = p.markAt(e, marksOf)
	q.x, q.y = at(e)
	return q
}

// meant reports whether an event ends the press as a click does: no drag, and no key.
func (q press) meant(e app.Value) bool {
	x, y := at(e)
	return q.ok && math.Hypot(x-q.x, y-q.y) < slop && !(e.Get("type").String() == "click" && e.Get("detail").Int() == 0)
}

// letGo does what a mark says that is no longer in the page: no click will come for it.
func (p *pointer) letGo(e app.Value) {
	q := p.pressed
	if !q.ok || q.mark.e.Get("isConnected").Bool() {
		return
	}
	p.pressed = press{}
	if !p.drag.moved && e.Get("type").String() == "pointerup" && q.meant(e) {
		p.act(q.mark, e.Get("shiftKey").Bool())
	}
}
