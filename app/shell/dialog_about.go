package shell

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/svg"
	"loupe/engine/protocol"
)

// aboutUI is what was read of the open model, and what was inferred, which can be corrected.
func aboutUI(p *page) []app.UI {
	l, m := p.l, p.s.Model
	if m == nil {
		return nil
	}
	var rows []app.UI
	row := func(key, value string) {
		if value != "" {
			rows = append(rows, app.Dt().Body(app.Text(l.T("about."+key))), app.Dd().Body(app.Text(value)))
		}
	}
	files, _ := p.s.engine.Opened()
	var list []app.UI
	for _, f := range files {
		list = append(list, app.Div().Class("filerow").Body(app.Span().Class("mono").Body(app.Text(base(f.Name))), app.Span().Body(app.Text(svg.Bytes(f.Size)))))
	}
	rows = append(rows, app.Dt().Body(app.Text(l.T("fetch.files"))), app.Dd().Body(list...))
	row("format", m.Format+", "+m.DType)
	row("family", m.Family)
	row("shape", p.shape(m))
	if m.Recorded > 0 {
		row("recorded", l.T("about.tokens", svg.Count(m.Recorded)))
	} else {
		row("parameters", svg.Count(m.Params))
	}
	row("context", l.T("about.tokens", svg.Count(m.Context)))
	row("tokenizer", l.T("about.tokenizer.of", m.Tokenizer, svg.Count(m.Vocab)))
	row("chat", m.Chat)
	if c := p.s.Card; c != nil {
		row("licence", c.Licence)
		row("data", c.Data)
	}
	row("hash", m.Hash)
	row("ignored", some(m.Ignored, 8))
	for i, w := range m.Warnings {
		if i == 6 {
			break
		}
		row("warning", p.say(&Notice{Key: "warn." + w.Code, Args: []any{w.What, w.N}}))
	}
	out := []app.UI{title(p, app.Text(l.T("about.title"))), app.Dl().Class("fact").Body(rows...)}
	if len(m.Guesses) > 0 {
		out = append(out, guessesUI(p, m.Guesses)...)
	}
	return append(out, app.Elem("details").Class("config").Body(app.Elem("summary").Body(app.Text(l.T("about.config"))),
		app.Pre().TabIndex(0).Body(app.Text(indented(m.Config)))))
}

// some are the first n of a list in a line.
func some(list []string, n int) string {
	if len(list) > n {
		list = append(list[:n:n], "… "+strconv.Itoa(len(list)))
	}
	return strings.Join(list, ", ")
}

// indented is JSON with a line a key, cut where it is very long.
func indented(config string) string {
	const most = 20000
	var b bytes.Buffer
	if json.Indent(&b, []byte(config), "", "  ") != nil {
		b.WriteString(config)
	}
	if b.Len() > most {
		return strings.ToValidUTF8(b.String()[:most], "") + "…"
	}
	return b.String()
}

// guessesUI are fields for what nothing said and was inferred.
func guessesUI(p *page, guesses []protocol.Guess) []app.UI {
	l := p.l
	var rows []app.UI
	for _, g := range guesses {
		why := "about.why." + g.Why
		if !l.Has(why) {
			why = "about.why.other"
		}
		var field app.UI = app.Input().Type("text").Value(g.Value).DataSet("guess", g.Key).Aria("label", g.Key).AutoComplete(false).Spellcheck(false)
		if len(g.Choices) > 0 {
			choices := g.Choices
			if !slices.Contains(choices, g.Value) {
				choices = append([]string{g.Value}, choices...)
			}
			field = app.Select().DataSet("guess", g.Key).Aria("label", g.Key).Body(app.Range(choices).Slice(func(i int) app.UI {
				return app.Option().Value(choices[i]).Selected(choices[i] == g.Value).Body(app.Text(choices[i]))
			}))
		}
		rows = append(rows, app.Dt().Class("mono").Body(app.Text(g.Key)), app.Dd().Body(field, app.Span().Class("quiet").Body(app.Text(l.T(why)))))
	}
	return []app.UI{app.Section().Class("guesses").Body(
		app.H3().Body(app.Text(l.T("about.guessed"))),
		app.P().Body(app.Text(l.T("about.guessed.what"))),
		app.Dl().Class("fact").Body(rows...),
		app.Div().Class("foot").Body(app.Button().Type("button").Class("btn line").DataSet("do", "correct").Body(app.Text(l.T("about.again")))))}
}

// correct opens the model again with what stands in the fields of the guesses now.
func (p *page) correct() {
	fields := document().Call("querySelectorAll", "[data-guess]")
	fix := map[string]any{}
	for i := range fields.Length() {
		f := fields.Index(i)
		fix[f.Get("dataset").Get("guess").String()] = typed(f.Get("value").String())
	}
	p.dialog = ""
	p.s.OpenAgain(nil, func(o *protocol.Open) { maps.Copy(o.Config, fix) })
}

// typed is what a person wrote, as config.json would have it: a number, true or false, or a word.
func typed(s string) any {
	s = strings.TrimSpace(s)
	if s == "true" || s == "false" {
		return s == "true"
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	if x, err := strconv.ParseFloat(s, 64); err == nil && x-x == 0 {
		return x
	}
	return s
}

// waysUI is what can be done about a model that could not be opened: give what is missing, or say what it is.
func waysUI(p *page, e *protocol.Error) []app.UI {
	l := p.l
	button := func(do, label string) app.UI {
		return app.Button().Type("button").Class("btn line").DataSet("do", do).Body(app.Text(label))
	}
	choose := func(key, do, list string) []app.UI {
		var buttons []app.UI
		for _, name := range strings.Split(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				buttons = append(buttons, button(do+name, name))
			}
		}
		return []app.UI{app.P().Class("choose").Body(app.Text(l.T(key))), app.Div().Class("foot names").Body(buttons...)}
	}
	switch e.Code {
	case "several-models":
		return choose("error.which", "weights=", e.Found)
	case "unknown-family":
		return choose("error.try-as", "family=", e.Expected)
	}
	if !lacking[e.Code] {
		return nil
	}
	ways := []app.UI{button("add", l.T("error.add"))}
	if e.Code == "no-tokenizer" || e.Code == "bad-tokenizer" || e.Code == "vocab-mismatch" {
		ways = append(ways, button("numbers", l.T("error.numbers")))
	}
	return []app.UI{app.P().Class("choose").Body(app.Text(l.T("error.add.what"))), app.Div().Class("foot").Body(ways...)}
}

// lacking are the errors that a further file, or another in place of one, may mend.
var lacking = map[string]bool{"no-weights": true, "sharded": true, "no-config": true, "bad-config": true, "no-tokenizer": true, "bad-tokenizer": true,
	"vocab-mismatch": true, "bad-index": true, "missing-file": true, "bad-lstmvis": true}
