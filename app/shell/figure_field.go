package shell

import (
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
)

// choiceUI is a choice from a list that is too long for words in a row.
func choiceUI(c *figure.Control, name string) app.UI {
	e := app.Label().Class("choice")
	if c.Tip != "" {
		e = e.DataSet("tip", c.Tip)
	}
	return e.Body(app.Text(c.Label+" "), &choice{Key: c.Key, Label: name, Value: c.Value, Options: c.Options})
}

// choice is a browser's own list.
type choice struct {
	app.Compo
	Key, Label, Value string
	Options           []figure.Option
}

func (c *choice) Render() app.UI {
	return app.Select().Aria("label", c.Label).DataSet("change", c.Key).Body(app.Range(c.Options).Slice(func(i int) app.UI {
		o := c.Options[i]
		return app.Option().Value(o.Value).Selected(o.Value == c.Value).Disabled(o.Disabled != "").Title(o.Disabled).Body(app.Text(o.Label))
	}))
}

// OnMount shows what is chosen.
func (c *choice) OnMount(ctx app.Context) { ctx.Defer(func(app.Context) { c.fill() }) }

// OnUpdate shows what is chosen: another list may have come.
func (c *choice) OnUpdate(ctx app.Context) { ctx.Defer(func(app.Context) { c.fill() }) }

func (c *choice) fill() {
	e := c.JSValue()
	for i, o := range c.Options {
		if k := e.Get("options").Index(i); o.Value == "" && k.Truthy() { // go-app leaves it out, and the words would be the value
			k.Set("value", "")
		}
	}
	if e.Get("value").String() != c.Value {
		e.Set("value", c.Value)
	}
}

// field is a search field. What is typed is not overwritten: the value is put in only where it was changed elsewhere.
type field struct {
	app.Compo
	Key, Label, Value, Enter string
}

func (f *field) Render() app.UI {
	return app.Input().Type("search").Placeholder(f.Label).Aria("label", f.Label).AutoComplete(false).Spellcheck(false).
		DataSet("field", f.Key).DataSet("enter", f.Enter)
}

// CompoID gives each field its own element.
func (f *field) CompoID() string { return f.Key }

func (f *field) OnMount(ctx app.Context)  { f.fill() }
func (f *field) OnUpdate(ctx app.Context) { f.fill() }

func (f *field) fill() {
	e := f.JSValue()
	active := app.Window().Get("document").Get("activeElement")
	if !e.Equal(active) && e.Get("value").String() != f.Value {
		e.Set("value", f.Value)
	}
}

// entryUI is a line to write in. What is written is taken by Enter, or when the line is left.
func entryUI(c *figure.Control) app.UI {
	e := app.Label().Class("entry")
	if c.Tip != "" {
		e = e.DataSet("tip", c.Tip)
	}
	return e.Body(app.Text(c.Label+" "), &entry{Key: c.Key, Label: c.Label, Value: c.Value})
}

type entry struct {
	app.Compo
	Key, Label, Value string

	filled string // the value that stands there by the state
}

func (f *entry) Render() app.UI {
	return app.Input().Type("text").Aria("label", f.Label).AutoComplete(false).Spellcheck(false).DataSet("change", f.Key)
}

// CompoID gives each line its own element.
func (f *entry) CompoID() string { return f.Key }

// OnMount writes the value.
func (f *entry) OnMount(app.Context) {
	f.filled = f.Value
	f.JSValue().Set("value", f.Value)
}

// OnUpdate writes the value if it is another: what is being typed stays.
func (f *entry) OnUpdate(app.Context) {
	if f.Value != f.filled {
		f.filled = f.Value
		f.JSValue().Set("value", f.Value)
	}
}

// changePairs are the state pairs of a choice or an entry: its key with the value, or where the key is whole pairs, those with the
// value in the place of {}.
func changePairs(key, value string) string {
	if !strings.Contains(key, "{}") {
		return pair(key, value)
	}
	return strings.Replace(key, "{}", url.QueryEscape(value), 1)
}

// changed takes what was chosen or written.
func (p *pointer) changed(e app.Value) {
	t := e.Get("target")
	key := attr(t, "data-change")
	if key == "" {
		return
	}
	value := t.Get("value").String()
	p.do(func() {
		if do, ok := strings.CutPrefix(key, "do:"); ok {
			p.host.Do(do + value)
		} else {
			p.host.Patch(changePairs(key, value))
		}
	})
}
