package shell

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
)

// look shows what is under the pointer.
func (p *pointer) look(e app.Value) {
	if h, ok := p.markAt(e, "[data-h]"); ok {
		p.light(h.attr("data-h"))
	} else {
		p.light("")
	}
	m, ok := p.markAt(e, "[data-tip],[data-grid]")
	p.outlineCell(m, ok)
	if !ok || p.muted {
		p.hideTip()
		return
	}
	x, y := at(e)
	p.showTip(m, x, y)
}

func (p *pointer) leave() {
	p.light("")
	p.outlineCell(mark{}, false)
	p.hideTip()
}

// light gives every mark with this data-h the class hot.
func (p *pointer) light(h string) {
	if h == p.lit {
		return
	}
	p.each(".hot", func(e app.Value) { e.Get("classList").Call("remove", "hot") })
	p.lit = h
	if h != "" {
		p.each(selector("data-h", h), func(e app.Value) { e.Get("classList").Call("add", "hot") })
	}
	for _, v := range p.scatters {
		v.lightRow(h)
	}
}

func (p *pointer) each(sel string, f func(app.Value)) {
	list := p.doc.Call("querySelectorAll", sel)
	for i := range list.Length() {
		f(list.Index(i))
	}
}

// refresh is called after marks were put anew: what was lit is lit again, fixed labels stay fixed.
func (p *pointer) refresh(root app.Value) {
	if h := p.lit; h != "" {
		p.lit = ""
		p.light(h)
	}
	list := root.Call("querySelectorAll", ".scroll.wide")
	for i := range list.Length() {
		fixLabels(list.Index(i))
	}
	if active := p.doc.Get("activeElement"); attr(active, "data-keys") != "" {
		p.showKeyMark(active)
	}
}

// scroll keeps the labels in sight that a view fixed, in a picture that scrolls sideways.
func (p *pointer) scroll(e app.Value) {
	if t := e.Get("target"); t.Get("classList").Truthy() && t.Get("classList").Call("contains", "scroll").Bool() {
		fixLabels(t)
	}
	if f := p.doc.Get("activeElement"); attr(f, "data-keys") != "" { // it was brought into sight
		p.showKeyMark(f)
		return
	}
	p.hideTip()
}

func fixLabels(scroll app.Value) {
	list := scroll.Call("querySelectorAll", "[data-fixed]")
	for i := range list.Length() {
		list.Index(i).Call("setAttribute", "transform", "translate("+trim(scroll.Get("scrollLeft").Float())+" 0)")
	}
}

// outlineCell draws a line around a grid's cell, or what the panel draws over its picture there, or takes it away.
func (p *pointer) outlineCell(m mark, ok bool) {
	over := ""
	if q := p.panel(m); ok && q != nil && q.Over != nil {
		over = q.Over(m.r, m.c)
	}
	kind := "rect"
	if over != "" {
		kind = "g"
	}
	if o := p.outline; o != nil && (!ok || !m.isGrid || o.Get("tagName").String() != kind || !o.Get("parentNode").Equal(m.e.Get("parentNode"))) {
		o.Call("remove")
		p.outline = nil
	}
	if !ok || !m.isGrid {
		return
	}
	if p.outline == nil {
		p.outline = p.doc.Call("createElementNS", svgNS, kind)
		p.overText = ""
		p.outline.Call("setAttribute", "pointer-events", "none")
		home := m.e.Get("parentNode")
		home.Call("insertBefore", p.outline, home.Call("querySelector", ":scope > [data-fixed]")) // below the labels
	}
	if over != "" {
		if p.overText != over {
			p.outline.Set("innerHTML", over)
			p.overText = over
		}
		return
	}
	p.outline.Call("setAttribute", "class", "cellhover")
	b := m.e.Call("getBBox")
	c := m.g.place(box{b.Get("x").Float(), b.Get("y").Float(), b.Get("width").Float(), b.Get("height").Float()}, m.r, m.c)
	for name, v := range map[string]float64{"x": c.x, "y": c.y, "width": c.w, "height": c.h} {
		p.outline.Call("setAttribute", name, trim(v))
	}
}

// panel is the panel of the figure that a grid belongs to, or nil.
func (p *pointer) panel(m mark) *figure.Panel {
	if !m.isGrid || p.fig == nil {
		return nil
	}
	for i := range p.fig.Panels {
		if q := &p.fig.Panels[i]; q.ID == m.g.panel {
			return q
		}
	}
	return nil
}

// words are what the tip says of a mark.
func (p *pointer) words(m mark) string {
	if s := m.attr("data-tip"); s != "" {
		return strings.ReplaceAll(s, "␊", "\n") // as svg.Esc wrote it
	}
	if q := p.panel(m); q != nil && q.Tip != nil {
		return q.Tip(m.r, m.c)
	}
	return ""
}

func (p *pointer) showTip(m mark, x, y float64) {
	text := p.words(m)
	if text == "" {
		p.hideTip()
		return
	}
	p.tipOf = m.e
	p.say(text, x, y)
}

// say shows a tip beside a point of the window.
func (p *pointer) say(text string, x, y float64) {
	p.tip.Set("textContent", text)
	p.tip.Set("hidden", false)
	b, win := rectOf(p.tip), app.Window()
	left, top := tipPlace(x, y, b.w, b.h, win.Get("innerWidth").Float(), win.Get("innerHeight").Float())
	style := p.tip.Get("style") // not the attribute, which the page's policy forbids
	style.Set("left", trim(left)+"px")
	style.Set("top", trim(top)+"px")
}

func (p *pointer) hideTip() { p.tip.Set("hidden", true) }
