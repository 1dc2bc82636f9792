package shell

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
)

// pointer listens to the whole page once, and does what marks, words and controls say in their attributes (see package
// figure). What only looks, such as lighting up related marks and the tip, changes the page directly: go-app would need
// a whole update for each move of the pointer.
type pointer struct {
	host host
	fig  *figure.Figure
	ctx  app.Context
	doc  app.Value

	lit      string // the data-h that is lit
	tip      app.Value
	spoken   app.Value // says to a screen reader which mark the keys are at
	tipOf    app.Value // the mark that the tip is about
	muted    bool      // the tip was dismissed, until the pointer leaves its mark
	outline  app.Value // around the cell under the pointer or the keys, or the marks that the panel draws over its picture
	overText string    // what those marks are
	drag     drag
	typing   string   // a number that is being typed, not yet taken
	wasText  string   // what stood there
	turning  app.Func // wheel, on a number: one on the page would make all scrolling wait for it
	holding  app.Func // touchmove, on a picture with handles, for the same reason
	keyAt    map[string]mark
	scatters []*scatterView // the maps that are on the page
	lives    []*marks       // the pictures that follow a map
	liveSoon bool           // they are about to be drawn
}

func newPointer(h host) *pointer { return &pointer{host: h, keyAt: map[string]mark{}} }

// listen is called once, when the page's root is mounted.
func (p *pointer) listen(ctx app.Context) {
	p.ctx, p.doc = ctx, app.Window().Get("document")
	p.tip = p.doc.Call("createElement", "div")
	p.tip.Set("className", "tip")
	p.tip.Set("id", "tip")
	p.tip.Call("setAttribute", "role", "tooltip")
	p.tip.Set("hidden", true)
	p.doc.Get("body").Call("appendChild", p.tip)
	p.spoken = p.doc.Call("createElement", "div")
	p.spoken.Set("className", "sr")
	p.spoken.Call("setAttribute", "aria-live", "polite")
	p.doc.Get("body").Call("appendChild", p.spoken)
	for name, f := range map[string]func(app.Value){
		"pointerover": p.over, "pointermove": p.move, "pointerdown": p.down, "pointerup": p.up, "pointercancel": p.up,
		"mousedown": p.keepFocus, "click": p.click, "dblclick": p.only, "keydown": p.key, "focusin": p.focus, "focusout": p.blur,
		"input": p.input, "change": p.changed, "scroll": p.scroll,
	} {
		p.on(name, f)
	}
	p.turning = app.FuncOf(func(_ app.Value, args []app.Value) any {
		p.wheel(args[0])
		return nil
	})
	p.holding = guarded("touchmove", p.keepPage)
	p.on("pointerleave", func(e app.Value) {
		if e.Get("target").Equal(p.doc) { // out of the window
			p.leave()
		}
	})
}

// on listens in the capture phase: what is handled here does not reach the page's own keys.
func (p *pointer) on(name string, f func(app.Value)) {
	p.doc.Call("addEventListener", name, guarded(name, f), map[string]any{"capture": true, "passive": false})
}

// guarded makes f a listener: one event that goes wrong must not end the page.
func guarded(name string, f func(app.Value)) app.Func {
	return app.FuncOf(func(_ app.Value, args []app.Value) any {
		defer func() {
			if r := recover(); r != nil {
				app.Window().Get("console").Call("error", fmt.Sprintf("%s: %v", name, r))
			}
		}()
		f(args[0])
		return nil
	})
}

// do runs f where the page may be changed.
func (p *pointer) do(f func()) { p.ctx.Dispatch(func(app.Context) { f() }) }

// attr is an element's attribute, or "".
func attr(e app.Value, name string) string {
	if !e.Truthy() || !e.Get("getAttribute").Truthy() {
		return ""
	}
	if v := e.Call("getAttribute", name); v.Truthy() {
		return v.String()
	}
	return ""
}

// closest is the nearest element at or around an event's target that fits, or a value that is not Truthy.
func closest(target app.Value, sel string) app.Value {
	if !target.Truthy() {
		return app.Null()
	}
	if !target.Get("closest").Truthy() { // a text or the document
		if target = target.Get("parentElement"); !target.Truthy() {
			return app.Null()
		}
	}
	return target.Call("closest", sel)
}

func rectOf(e app.Value) box {
	r := e.Call("getBoundingClientRect")
	return box{r.Get("left").Float(), r.Get("top").Float(), r.Get("width").Float(), r.Get("height").Float()}
}

func at(e app.Value) (x, y float64) { return e.Get("clientX").Float(), e.Get("clientY").Float() }

// mark is a mark of a figure, and the cell of it if it is a grid.
type mark struct {
	e       app.Value
	g       grid
	r, c    int
	isGrid  bool
	index   int    // among the marks of its picture
	ownText string // what it does, by which it is known again
}

// markAt is the mark under an event, or ok = false.
func (p *pointer) markAt(e app.Value, sel string) (m mark, ok bool) {
	m.e = closest(e.Get("target"), sel)
	if !m.e.Truthy() {
		return m, false
	}
	if g, is := parseGrid(attr(m.e, "data-grid")); is {
		x, y := at(e)
		r, c, in := g.cell(rectOf(m.e), x, y)
		m.g, m.r, m.c, m.isGrid = g, r, c, true
		return m, in
	}
	return m, true
}

func (m mark) attr(name string) string {
	if s := attr(m.e, name); m.isGrid {
		return fillCell(s, m.r, m.c)
	} else {
		return s
	}
}

// over lights what belongs to the mark that the pointer came over, and shows its tip.
func (p *pointer) over(e app.Value) {
	if p.drag.on || inScatter(e) {
		return
	}
	if p.tipOf != nil && !p.tipOf.Equal(closest(e.Get("target"), "[data-tip],[data-grid]")) {
		p.muted = false
	}
	p.look(e)
}

func (p *pointer) move(e app.Value) {
	if p.drag.on {
		p.dragTo(e)
		return
	}
	if inScatter(e) {
		return
	}
	if !p.tip.Get("hidden").Bool() || closest(e.Get("target"), "[data-grid]").Truthy() {
		p.look(e)
	}
}

// click does what the mark says. With Shift it adds.
func (p *pointer) click(e app.Value) {
	moved := p.drag.moved
	p.drag.moved = false
	if moved && e.Get("detail").Int() > 0 { // the end of a drag is no click; a key's click has no count
		e.Call("stopPropagation")
		return
	}
	m, ok := p.markAt(e, marksOf)
	if !ok && p.drag.meant(e) {
		m, ok = *p.drag.mark, true
	}
	p.drag.mark = nil
	if !ok || attr(m.e, "aria-disabled") == "true" {
		return
	}
	if e.Get("pointerType").Truthy() && e.Get("pointerType").String() == "touch" {
		p.look(e)
	}
	p.act(m, e.Get("shiftKey").Bool())
}

// only does what a second click on a mark says, after what the first did.
func (p *pointer) only(e app.Value) {
	if m, ok := p.markAt(e, "[data-only]"); ok {
		set := m.attr("data-only")
		p.do(func() { p.host.Patch(set) })
	}
}

// act does what a mark says.
func (p *pointer) act(m mark, add bool) {
	q := p.panel(m)
	if what := m.attr("data-do"); what != "" {
		if q != nil && q.Do != nil {
			what = q.Do(m.r, m.c)
		}
		if what != "" {
			p.do(func() { p.host.Do(what) })
		}
		return
	}
	set := m.attr("data-set")
	more := m.attr("data-add")
	p.do(func() {
		switch {
		case q != nil && q.Pick != nil:
			set = q.Pick(m.r, m.c, add)
		case add && more != "":
			set = more
		case add:
			set = reach(set, p.host.State(), p.host.Tokens())
		}
		if set != "" {
			p.host.Patch(set)
		}
	})
}

// input takes what is typed into a search field.
func (p *pointer) input(e app.Value) {
	t := e.Get("target")
	v := t.Get("value")
	if key := attr(t, "data-field"); key != "" {
		p.do(func() { p.host.Patch(pair(key, v.String())) })
	} else if attr(t, "data-find") != "" {
		p.do(func() { p.host.Search(v.String()) })
	}
}
