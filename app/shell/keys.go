package shell

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/view"
)

// key is what was pressed, and where.
type key struct {
	name              string // as KeyboardEvent.key
	ctrl, shift, alt  bool
	field             bool // in a field where letters are written
	button            bool // on what Space presses
	arrows            bool // on what has arrows of its own
	singles           bool // single letters are keys
	dialog, generates bool
}

// action is what a key does ("do:..", "now:1", "depth:-1", "item:1", "range:1", "view:2", "switch", "leave"), or "".
func (k key) action() string {
	if k.alt {
		return ""
	}
	if k.ctrl {
		return ctrlKeys[k.name]
	}
	if k.name == "Escape" {
		return "leave"
	}
	if k.field || k.dialog {
		return ""
	}
	if k.name == " " && !k.button {
		if k.generates {
			return "do:stop"
		}
		return "do:generate"
	}
	if len(k.name) > 1 {
		if k.arrows {
			return ""
		}
		if k.shift {
			return map[string]string{"ArrowLeft": "range:-1", "ArrowRight": "range:1"}[k.name]
		}
		return arrowKeys[k.name]
	}
	if !k.singles {
		return ""
	}
	if k.name >= "1" && k.name <= "9" {
		return "view:" + k.name
	}
	if k.generates && (k.name == "g" || k.name == "G") {
		return "do:stop"
	}
	return letterKeys[k.name]
}

var ctrlKeys = map[string]string{"z": "do:undo", "y": "do:redo", "Z": "do:redo"}

var arrowKeys = map[string]string{"ArrowLeft": "now:-1", "ArrowRight": "now:1", "ArrowUp": "depth:-1", "ArrowDown": "depth:1",
	"Home": "do:start", "End": "now:1000000"}

var letterKeys = map[string]string{"[": "item:-1", "]": "item:1", "s": "do:step", "S": "do:step", "g": "do:generate", "G": "do:generate",
	"e": "do:edit", "E": "do:edit", "r": "do:replace", "R": "do:replace", "/": "do:find", "?": "do:keys", "t": "do:table", "T": "do:table", "x": "switch", "X": "switch"}

// keydown reads a key where it was pressed, and has it done.
func (p *page) keydown(e app.Value) {
	p.ate = false
	if e.Get("defaultPrevented").Bool() || e.Get("isComposing").Bool() {
		return
	}
	k := key{name: e.Get("key").String(), ctrl: e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool(), shift: e.Get("shiftKey").Bool(),
		alt: e.Get("altKey").Bool(), singles: p.singles, dialog: p.modal(), generates: p.s.Generating()}
	t := e.Get("target")
	if tab := closest(t, "[role=tab]"); tab.Truthy() && besideTab(tab, k.name) {
		e.Call("preventDefault")
		return
	}
	k.field = closest(t, "input, textarea, select, [contenteditable]").Truthy()
	k.button = closest(t, "button, a, [role=button], [role=radio], [role=spinbutton], [data-keys]").Truthy()
	k.arrows = closest(t, "[role=radio], [role=spinbutton], [role=tab], main [tabindex='0']:not([role=button]):not(svg)").Truthy()
	if k.field && k.ctrl { // a field has its own undo
		return
	}
	what := k.action()
	if p.ate = what != ""; !p.ate {
		return
	}
	e.Call("preventDefault")
	p.post(func() { p.press(what) })
}

// besideTab moves the focus to the tab before or after; Enter opens it.
func besideTab(tab app.Value, key string) bool {
	d := map[string]int{"ArrowLeft": -1, "ArrowRight": 1}[key]
	if d == 0 {
		return false
	}
	list := document().Call("querySelectorAll", "[role=tab]")
	for i := range list.Length() {
		if n := i + d; list.Index(i).Equal(tab) && n >= 0 && n < list.Length() {
			list.Index(n).Call("focus")
		}
	}
	return true
}

// keypress keeps the letter of a key that acted out of a field that the key opened.
func (p *page) keypress(e app.Value) {
	if p.ate {
		e.Call("preventDefault")
	}
}

// press does what a key says.
func (p *page) press(what string) {
	verb, arg := what, ""
	for i := range what {
		if what[i] == ':' {
			verb, arg = what[:i], what[i+1:]
			break
		}
	}
	d, _ := strconv.Atoi(arg)
	switch verb {
	case "do":
		p.Do(arg)
	case "now":
		p.s.Stop()
		p.s.MoveNow(d)
	case "depth":
		p.s.Depth(p.chosen(), d)
	case "item":
		p.s.Item(p.chosen(), d, p.s.State.View == "attention", p.units())
	case "range":
		p.s.Reach(d)
	case "view":
		if n := d; n < len(view.Table) {
			p.Patch("view=" + view.Table[n].ID)
		}
	case "switch":
		p.pressSwitch()
	case "leave":
		p.leave()
	}
	p.change()
}

// chosen is what the figure shows as chosen, as state pairs.
func (p *page) chosen() string {
	if p.fig == nil {
		return ""
	}
	return p.fig.Chosen
}

// units is how many units the figure lets one choose from.
func (p *page) units() int {
	switch {
	case p.fig != nil && p.fig.Units > 0:
		return p.fig.Units
	case p.s.Model != nil:
		return p.s.Model.Hidden
	}
	return 0
}

// pressSwitch presses the first switch of the figure: the one of what is chosen.
func (p *page) pressSwitch() {
	if p.fig == nil {
		return
	}
	for _, q := range p.fig.Panels {
		for _, c := range q.Controls {
			if c.Kind == "switch" && len(c.Key) > 3 && c.Key[:3] == "do:" {
				p.Do(c.Key[3:])
				return
			}
		}
	}
}

// leave goes out of what is open, the innermost first.
func (p *page) leave() {
	switch {
	case p.modal():
		p.closeDialog(p.dialogKind())
	case p.menu:
		p.menu = false
	case p.editing:
		p.edit(false)
	case p.s.Generating():
		p.s.Stop()
	default:
		try(func() { document().Get("activeElement").Call("blur") })
	}
}
