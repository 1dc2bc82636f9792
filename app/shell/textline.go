package shell

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/lang"
	"loupe/engine/protocol"
)

// textLine is the text as tokens, and the field on top of them while it is edited. The tokens are one string of HTML: 512
// components would take longer than a frame.
type textLine struct {
	app.Compo
	P       *page
	Rev     int
	Editing bool
	Source  bool // of an encoder-decoder: the source, which is what is edited
	Target  bool // its target, which is not

	run     *protocol.RunResult // what the tokens show
	made    int                 // tokens of a fast generation behind them
	l       *lang.Catalogue
	genFrom int
	edited  bool
	now     int
	scrolls bool // it is higher than its place; asking each time would cost a layout
	field   bool // the field has its text
}

func (t *textLine) Render() app.UI {
	l := t.P.l
	return app.Div().Class("textline").Class(onOff(t.Editing, "editing")).Class(onOff(t.P.s.Generating(), "making")).Body(
		app.Div().Class("sheet").Body(
			app.Div().Class("flow").Role("group").TabIndex(0).Aria("label", l.T("text.tokens", t.P.Tokens())).
				Aria("describedby", "now-said").OnClick(t.click).OnKeyDown(t.key),
			app.If(t.Editing, func() app.UI {
				return app.Textarea().Class("edit").ID("edit").Rows(1).Placeholder(l.T("text.placeholder")).Aria("label", l.T("text.edit")).
					Spellcheck(false).Attr("autocomplete", "off").Attr("autocorrect", "off").Attr("autocapitalize", "off").
					OnInput(t.input).OnKeyDown(t.key).OnBlur(t.blur).On("keyup", t.moved).OnClick(t.moved)
			}),
		),
		app.Div().Class("sr").ID("now-said").Body(app.Text(t.P.nowSaid())),
	)
}

// OnMount and OnUpdate write the tokens.
func (t *textLine) OnMount(ctx app.Context)  { t.now = -1; t.write(ctx) }
func (t *textLine) OnUpdate(ctx app.Context) { t.write(ctx) }

func (t *textLine) flow() app.Value { return t.JSValue().Call("querySelector", ".flow") }

// write puts the tokens into the page, or, where they are the same, only moves now.
func (t *textLine) write(ctx app.Context) {
	s := t.P.s
	flow := t.flow()
	if s.Run != t.run || t.P.l != t.l || s.GenFrom != t.genFrom || t.Editing != t.edited {
		t.run, t.l, t.genFrom, t.edited, t.now, t.made = s.Run, t.P.l, s.GenFrom, t.Editing, -1, 0
		html := ""
		if t.Source {
			html = sourceHTML(s.Run, s.Model, t.Editing, t.l)
		} else {
			html = tokensHTML(s.Run, s.Model, s.GenFrom, t.Editing, t.l)
		}
		flow.Set("innerHTML", html)
		box := t.JSValue()
		t.scrolls = box.Get("scrollHeight").Int() > box.Get("clientHeight").Int()
	}
	if now := s.Now(); now != t.now && !t.Source {
		t.move(flow, now)
	}
	if t.Source {
		t.choose(flow, s.chosenSource())
	}
	if made := s.Making(); len(made) > t.made {
		flow.Call("insertAdjacentHTML", "beforeend", madeHTML(made[t.made:]))
		t.made = len(made)
		inSight(t.JSValue(), flow.Get("lastElementChild"))
	}
	if t.Editing && !t.field {
		t.field = true
		ctx.Defer(func(app.Context) { t.open() })
	}
	t.field = t.field && t.Editing
}

// move puts the caret after another token, and the ghost of the next after the last.
func (t *textLine) move(flow app.Value, now int) {
	token := func(i int) app.Value { return flow.Call("querySelector", `[data-i="`+strconv.Itoa(i)+`"]`) }
	if was := token(t.now); was.Truthy() {
		was.Get("classList").Call("remove", "now")
	}
	t.now = now
	e := token(now)
	if !e.Truthy() {
		return
	}
	e.Get("classList").Call("add", "now")
	last := now == len(t.run.Tokens)-1
	flow.Get("classList").Call("toggle", "atend", last)
	if t.scrolls {
		inSight(t.JSValue(), e)
	}
}

// choose marks the chosen token of a source.
func (t *textLine) choose(flow app.Value, j int) {
	if was := flow.Call("querySelector", ".chosen"); was.Truthy() {
		was.Get("classList").Call("remove", "chosen")
	}
	if e := flow.Call("querySelector", `[data-j="`+strconv.Itoa(j)+`"]`); e.Truthy() {
		e.Get("classList").Call("add", "chosen")
	}
}

// inSight scrolls the text so that an element is seen.
func inSight(box, e app.Value) {
	top, h := e.Get("offsetTop").Float(), e.Get("offsetHeight").Float()
	from, seen := box.Get("scrollTop").Float(), box.Get("clientHeight").Float()
	switch {
	case top < from:
		box.Set("scrollTop", top-4)
	case top+h > from+seen:
		box.Set("scrollTop", top+h-seen+4)
	}
}

// click edits where now is already; elsewhere the pointer puts now there.
func (t *textLine) click(ctx app.Context, e app.Event) {
	if t.Target {
		return
	}
	tok := closest(e.Get("target"), ".tok")
	if t.Source && tok.Truthy() && !e.Get("shiftKey").Bool() && strconv.Itoa(t.P.s.chosenSource()) != tok.Call("getAttribute", "data-j").String() {
		return // the pointer chooses it; a second click edits
	}
	if !tok.Truthy() || tok.Get("classList").Call("contains", "now").Bool() && !e.Get("shiftKey").Bool() {
		t.P.edit(true)
	}
}

// key edits on Enter, and takes the ghost on Tab where the caret stands before it.
func (t *textLine) key(ctx app.Context, e app.Event) {
	if e.Get("isComposing").Bool() || e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool() || e.Get("altKey").Bool() {
		return
	}
	switch key := e.Get("key").String(); {
	case key == "Tab" && t.Editing && !e.Get("shiftKey").Bool() && t.takes():
		e.PreventDefault()
		t.P.takeGhost()
	case key == "Enter" && !t.Editing && !t.Target:
		e.PreventDefault()
		t.P.edit(true)
	case key == "Escape" && t.Editing:
		e.PreventDefault()
		t.P.edit(false)
		t.flow().Call("focus")
	default:
		ctx.PreventUpdate()
	}
}

// takes reports whether Tab would take the ghost.
func (t *textLine) takes() bool {
	if t.run == nil || t.now < 0 || !t.P.s.predicts() || t.now != len(t.run.Tokens)-1 {
		return false
	}
	field := app.Window().GetElementByID("edit")
	return field.Truthy() && field.Get("selectionStart").Int() == len16(field.Get("value").String())
}
