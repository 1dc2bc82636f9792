package shell

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/svg"
)

// The field in which the text is edited: the browser's own, so that input methods, paste, selection and its undo work. It
// lies on the tokens, in the same type.

// edit opens or leaves the field.
func (p *page) edit(on bool) {
	if p.s.Model == nil || p.editing == on || on && p.s.recorded() {
		return
	}
	p.editing = on
	if !on {
		p.s.EndEdit()
	}
	p.change()
}

// open gives the field its text, and its caret the place of now.
func (t *textLine) open() {
	field := app.Window().GetElementByID("edit")
	if !field.Truthy() {
		return
	}
	s := t.P.s
	text := s.State.Text
	caret := len(text)
	if now := s.Now(); now >= 0 && s.Run.Text == text && now < len(s.Run.Tokens)-1 {
		caret = s.Run.Tokens[now].End
	}
	field.Set("value", text)
	at := len16(text[:min(caret, len(text))])
	field.Call("focus", map[string]any{"preventScroll": true})
	field.Call("setSelectionRange", at, at)
	grow(field)
}

// grow makes the field as high as its text.
func grow(field app.Value) {
	style := field.Get("style")
	style.Set("height", "auto")
	style.Set("height", strconv.Itoa(field.Get("scrollHeight").Int())+"px")
}

// input has what was typed run.
func (t *textLine) input(ctx app.Context, e app.Event) {
	field := e.Get("target")
	text := field.Get("value").String()
	grow(field)
	t.P.s.Edit(text, bytes16(text, field.Get("selectionStart").Int()))
	t.P.change()
}

// moved puts now where the field's caret went.
func (t *textLine) moved(ctx app.Context, e app.Event) { t.input(ctx, e) }

func (t *textLine) blur(ctx app.Context, e app.Event) { t.P.edit(false) }

// takeGhost puts the likeliest next token at the end of the field, so that the field's own undo takes it back.
func (p *page) takeGhost() {
	s := p.s
	now := s.Now()
	if now < 0 || now >= len(s.Run.Next) || !s.predicts() {
		return
	}
	text := s.Run.Next[now].Text
	if !document().Call("execCommand", "insertText", false, text).Bool() {
		field := app.Window().GetElementByID("edit")
		field.Set("value", s.State.Text+text)
		s.Edit(s.State.Text+text, len(s.State.Text)+len(text))
	}
}

// nowSaid is what is read aloud when now moves.
func (p *page) nowSaid() string {
	s := p.s
	now := s.Now()
	if now < 0 {
		return ""
	}
	if !s.predicts() || now >= len(s.Run.Next) {
		return p.l.T("text.at-said", now, s.Run.Tokens[now].Text)
	}
	next := s.Run.Next[now]
	return p.l.T("text.now-said", now, s.Run.Tokens[now].Text, next.Text, svg.Percent(float64(next.P)))
}

// len16 is the length of s as the browser counts: in UTF-16 units.
func len16(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// bytes16 is the byte offset of the UTF-16 offset n in s.
func bytes16(s string, n int) int {
	for i, r := range s {
		if n <= 0 {
			return i
		}
		n--
		if r > 0xFFFF {
			n--
		}
	}
	return len(s)
}
