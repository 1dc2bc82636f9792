package shell

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// key acts in what has the focus: a dashed number, a choice, words that select, or a picture, whose marks the arrows
// walk over. What it does not use goes on to the keys of the page.
func (p *pointer) key(e app.Value) {
	if e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool() || e.Get("altKey").Bool() || e.Get("isComposing").Bool() {
		return
	}
	key := e.Get("key").String()
	if key == "Escape" && !p.tip.Get("hidden").Bool() { // and whatever else it does
		p.hideTip()
		p.muted = true
	}
	t := e.Get("target")
	if !t.Get("closest").Truthy() {
		return
	}
	ok := false
	switch {
	case attr(t, "data-number") != "":
		ok = p.numberKey(t, key)
	case attr(t, "role") == "radio":
		ok = p.radioKey(t, key)
	case attr(t, "data-keys") != "" && !e.Get("shiftKey").Bool():
		ok = p.markKey(t, key)
	case attr(t, "role") == "button" && (key == "Enter" || key == " "):
		t.Call("click")
		ok = true
	case key == "Enter" && attr(t, "data-enter") != "":
		set := attr(t, "data-enter")
		p.do(func() { p.host.Patch(set) })
		ok = true
	case (attr(t, "data-field") != "" || attr(t, "data-change") != "") && key == "Escape":
		t.Call("blur")
		ok = true
	}
	if ok {
		used(e)
	}
}

func used(e app.Value) {
	e.Call("preventDefault")
	e.Call("stopPropagation")
}

// numberKey turns or types a number.
func (p *pointer) numberKey(t app.Value, key string) bool {
	n, ok := parseNumber(attr(t, "data-number"))
	if !ok {
		return false
	}
	steps := map[string]float64{"ArrowUp": 1, "ArrowRight": 1, "ArrowDown": -1, "ArrowLeft": -1, "PageUp": 10, "PageDown": -10,
		"Home": -1e12, "End": 1e12}
	switch {
	case steps[key] != 0:
		p.untype(t)
		p.turn(t, n, steps[key])
	case key == "Enter":
		p.take(t, n)
	case key == "Escape" && p.typing != "":
		p.untype(t)
	case key == "Backspace" && p.typing != "":
		p.typeIn(t, p.typing[:len(p.typing)-1])
	case len(key) == 1 && strings.Contains("0123456789.,-", key) && len(p.typing) < 20:
		p.typeIn(t, p.typing+key)
	default:
		return false
	}
	return true
}

// typeIn shows what was typed so far. The number's one text node is go-app's: it is written, not replaced.
func (p *pointer) typeIn(t app.Value, s string) {
	node := t.Get("firstChild")
	if p.typing == "" {
		p.wasText = node.Get("nodeValue").String()
	}
	p.typing = s
	if s == "" {
		s = p.wasText
	}
	node.Set("nodeValue", s)
	t.Get("classList").Call("toggle", "typed", p.typing != "")
}

func (p *pointer) untype(t app.Value) {
	if p.typing != "" {
		p.typeIn(t, "")
	}
}

// take sets the number that was typed.
func (p *pointer) take(t app.Value, n number) {
	v, ok := n.typed(p.typing)
	p.untype(t)
	if ok {
		set := pair(n.Key, v)
		p.do(func() { p.host.Patch(set) })
	}
}

// radioKey goes to the next choice, past those that cannot be made.
func (p *pointer) radioKey(t app.Value, key string) bool {
	way := map[string]string{"ArrowRight": "nextElementSibling", "ArrowDown": "nextElementSibling",
		"ArrowLeft": "previousElementSibling", "ArrowUp": "previousElementSibling"}[key]
	if way == "" {
		return false
	}
	for t = t.Get(way); t.Truthy(); t = t.Get(way) {
		if attr(t, "aria-disabled") != "true" {
			t.Call("focus")
			t.Call("click")
			break
		}
	}
	return true
}

// marksOf are the marks of a picture that do something.
const marksOf = "[data-set],[data-do]"

// markKey walks over the marks of a picture, and selects.
func (p *pointer) markKey(svg app.Value, key string) bool {
	dir, arrow := map[string][2]int{"ArrowLeft": {-1, 0}, "ArrowRight": {1, 0}, "ArrowUp": {0, -1}, "ArrowDown": {0, 1}}[key]
	m, ok := p.current(svg)
	switch {
	case key == "Escape":
		svg.Call("blur")
		p.leave()
		return true
	case !ok:
		return false
	case arrow:
		m = p.step(svg, m, dir[0], dir[1])
		p.keyAt[attr(svg, "data-keys")] = m
		p.muted = false
		p.showMark(m)
	case key == "Enter" || key == " ":
		p.act(m, false)
	default:
		return false
	}
	return true
}

// current is the mark that the keys are at: where they were before, by its words or else by its number, or the first.
func (p *pointer) current(svg app.Value) (m mark, ok bool) {
	list := svg.Call("querySelectorAll", marksOf)
	n := list.Length()
	if n == 0 {
		return m, false
	}
	was, had := p.keyAt[attr(svg, "data-keys")]
	i := 0
	if had {
		i = min(was.index, n-1)
		if attr(list.Index(i), "data-set")+attr(list.Index(i), "data-do") != was.ownText {
			for k := range n {
				if attr(list.Index(k), "data-set")+attr(list.Index(k), "data-do") == was.ownText {
					i = k
					break
				}
			}
		}
	}
	if e := list.Index(i); !had && strings.Contains(attr(e, "data-set"), "at={c}") { // an axis of time begins at now
		was.c = p.host.State().At
		if was.c < 0 {
			was.c = p.host.Tokens() - 1
		}
	}
	return makeMark(list.Index(i), i, was.r, was.c), true
}

func makeMark(e app.Value, i, r, c int) mark {
	m := mark{e: e, index: i, ownText: attr(e, "data-set") + attr(e, "data-do")}
	if m.g, m.isGrid = parseGrid(attr(e, "data-grid")); m.isGrid {
		m.r, m.c = min(max(r, 0), m.g.rows-1), min(max(c, 0), m.g.cols-1)
	}
	return m
}

// step is the next mark in a direction: a cell of the same grid, or the nearest other mark.
func (p *pointer) step(svg app.Value, m mark, dx, dy int) mark {
	if m.isGrid {
		if r, c := m.r+dy, m.c+dx; r >= 0 && c >= 0 && r < m.g.rows && c < m.g.cols {
			m.r, m.c = r, c
			return m
		}
	}
	list := svg.Call("querySelectorAll", marksOf)
	boxes := make([]box, list.Length())
	for i := range boxes {
		boxes[i] = rectOf(list.Index(i))
	}
	if m.isGrid {
		boxes[m.index] = m.g.place(boxes[m.index], m.r, m.c)
	}
	here := boxes[m.index]
	i := nearest(boxes, m.index, dx, dy)
	if i == m.index {
		return m
	}
	next := makeMark(list.Index(i), i, 0, 0)
	if next.isGrid { // enter it where one is
		x, y := here.mid()
		b := boxes[i]
		next.r, next.c, _ = next.g.cell(b, min(max(x, b.x), b.x+b.w-.01), min(max(y, b.y), b.y+b.h-.01))
	}
	return next
}

// showMark shows where the keys are: a line around the mark, its tip, and what belongs to it lit.
func (p *pointer) showMark(m mark) {
	b, around := rectOf(m.e), m
	if m.isGrid {
		b = m.g.place(b, m.r, m.c)
	} else {
		around.g, around.isGrid = grid{"", 1, 1}, true // the line goes around all of it
	}
	p.light(m.attr("data-h"))
	p.outlineCell(around, true)
	if p.outline.Get("tagName").String() == "rect" { // and not what the panel draws there itself
		p.outline.Call("setAttribute", "class", "cellhover key")
	}
	x, y := b.mid()
	p.showTip(m, x, y)
	words := p.words(m)
	if words == "" {
		words = attr(m.e, "aria-label")
	}
	if words == "" {
		words = m.e.Get("textContent").String()
	}
	p.spoken.Set("textContent", words)
	bringIntoSight(m.e, b)
}

// bringIntoSight scrolls the picture sideways and the page up or down, if the place b of a mark cannot be seen.
func bringIntoSight(e app.Value, b box) {
	const edge = 48
	win := app.Window()
	if h := win.Get("innerHeight").Float(); b.h < h-2*edge && (b.y < edge || b.y+b.h > h-edge) {
		win.Call("scrollBy", 0, b.y+b.h/2-h/2)
	}
	if scroll := closest(e, ".scroll.wide"); scroll.Truthy() {
		place := rectOf(scroll)
		if b.x < place.x || b.x+b.w > place.x+place.w {
			scroll.Set("scrollLeft", scroll.Get("scrollLeft").Float()+b.x-place.x-place.w/2)
		}
	}
}

func (p *pointer) showKeyMark(svg app.Value) {
	if m, ok := p.current(svg); ok && svg.Call("matches", ":focus-visible").Bool() {
		p.keyAt[attr(svg, "data-keys")] = m
		p.showMark(m)
	}
}

// focus shows by the keys what the pointer would show.
func (p *pointer) focus(e app.Value) {
	t := e.Get("target")
	if attr(t, "data-keys") != "" {
		p.muted = false
		p.showKeyMark(t)
		return
	}
	if attr(t, "data-number") != "" {
		t.Call("addEventListener", "wheel", p.turning, map[string]any{"passive": false})
	}
	if attr(t, "data-tip") != "" && t.Call("matches", ":focus-visible").Bool() {
		b := rectOf(t)
		p.showTip(mark{e: t}, b.x+b.w/2, b.y+b.h)
	}
	p.light(attr(t, "data-h"))
}

// blur ends what focus began; a number that was typed is taken.
func (p *pointer) blur(e app.Value) {
	t := e.Get("target")
	if n, ok := parseNumber(attr(t, "data-number")); ok && p.typing != "" {
		p.take(t, n)
	}
	if attr(t, "data-keys") != "" || attr(t, "data-tip") != "" {
		p.leave()
	}
}
