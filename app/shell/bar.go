package shell

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/svg"
	"loupe/engine/protocol"
)

// do is a button that does something (see Actions).
func do(what, class, label string, inner ...app.UI) app.HTMLButton {
	b := app.Button().Type("button").Class("btn "+class).DataSet("do", what)
	if len(inner) == 0 {
		return b.Text(label)
	}
	return b.Aria("label", label).Body(inner...)
}

// bar is the top of the page: where one is, with which model, and what can be opened.
func (p *page) bar() app.UI {
	l := p.l
	here := l.T("bar.here")
	if p.offline {
		here = l.T("bar.offline")
	}
	return app.Header().Class("bar").Body(app.Div().Class("wrap").Body(
		app.Button().Type("button").Class("mark").DataSet("set", "view=").Aria("label", l.T("bar.home")).Body(
			icon("mark"), app.Span().Body(app.Text("Loupe"))),
		app.Div().Class("model").Body(p.modelFacts()...),
		app.Div().Class("right").Body(
			app.Span().Class("here wide").Class(onOff(p.offline, "off")).DataSet("tip", l.T("bar.here-tip")).Body(app.Text(here)),
			do("open", "line", l.T("bar.open")),
			do("share", "icon wide", l.T("bar.share"), icon("share")),
			do("theme", "icon wide", l.T("bar.theme"), icon("theme")),
			do("lang", "wide half", l.T("bar.lang"), app.Text(l.Name)),
			do("menu", "icon narrow", l.T("bar.more"), icon("more")).Aria("expanded", p.menu),
		),
		app.If(p.menu, func() app.UI {
			return app.Div().Class("menu").Body(
				do("share", "", l.T("bar.share")), do("theme", "", l.T("bar.theme")), do("lang", "", l.T("bar.other-lang")),
				do("keys", "", l.T("tabs.keys")))
		}),
	))
}

func onOff(on bool, class string) string {
	if on {
		return class
	}
	return ""
}

// modelFacts is the open model in a line: name, family, size.
func (p *page) modelFacts() []app.UI {
	m := p.s.Model
	if m == nil {
		return nil
	}
	name := m.Name
	if c := p.s.Card; c != nil {
		name = c.Title[p.l.Code[:2]]
	}
	facts := []string{m.Family, p.shape(m), p.l.T("bar.parameters", svg.Short(float64(m.Params))), p.l.T("bar.format", m.Format, m.DType), svg.Bytes(m.Bytes)}
	if m.Recorded > 0 {
		facts = p.recordedFacts(m)
		name = cmp.Or(m.Title, m.Name)
	}
	if p.s.Card != nil {
		facts[3] = p.l.T("bar.built-in", m.DType)
	}
	return []app.UI{app.Button().Type("button").Class("name").Title(name).DataSet("do", "about").Aria("label", p.l.T("bar.about", name)).Body(app.B().Body(app.Text(name))), app.Span().Class("facts").Body(app.Range(facts).Slice(func(i int) app.UI {
		return app.Span().Body(app.Text(facts[i]))
	}))}
}

// shape is how large a model is inside.
func (p *page) shape(m *protocol.Model) string {
	switch {
	case m.Heads > 0:
		return p.l.T("bar.blocks", m.Layers, m.Heads)
	case m.Layers == 1:
		return p.l.T("bar.layer", m.Hidden)
	case m.Layers == 0:
		return p.l.T("bar.words", svg.Count(m.Vocab), m.Hidden)
	}
	return p.l.T("bar.layers", m.Layers, m.Hidden)
}

// notices is what the person should know: one line each.
func (p *page) notices() app.UI {
	list := p.s.Notices
	return app.Div().Class("notices").Role("status").Body(app.Range(list).Slice(func(i int) app.UI {
		n := list[i]
		return app.Div().Class("banner").Body(app.Div().Class("wrap").Body(
			app.P().Body(app.Text(p.say(n))),
			app.If(n.Again, func() app.UI { return do("again", "", p.l.T("notice.again")) }),
			app.If(n.Key == "notice.guessed", func() app.UI { return do("about", "", p.l.T("notice.guessed-look")) }),
			app.If(n.Key == "notice.update", func() app.UI { return do("update", "", p.l.T("notice.update-take")) }),
			app.If(n.Report != nil, func() app.UI { return do("report="+strconv.Itoa(i), "", p.l.T("notice.report")) }),
			do("dismiss="+strconv.Itoa(i), "icon", p.l.T("notice.dismiss"), app.Text("×")),
		))
	}))
}

// say is a notice in words.
func (p *page) say(n *Notice) string {
	key := n.Key
	if !p.l.Has(key) {
		return p.l.T("notice.other", fmt.Sprint(n.Args...))
	}
	return p.l.T(key, n.Args...)
}
