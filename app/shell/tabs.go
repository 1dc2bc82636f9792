package shell

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/view"
)

// tabs are the views, along the way of the data. One that the model cannot fill is grey and says why.
func (p *page) tabs() app.UI {
	var list []app.UI
	var group []app.UI
	arrow := func() {
		if len(list) > 0 {
			list = append(list, app.Span().Class("arrow").Role("presentation").Body(icon("arrow")))
		}
	}
	flush := func() {
		if group != nil {
			arrow()
			list = append(list, app.Span().Class("grp").Role("presentation").Body(append([]app.UI{
				app.Span().Aria("hidden", true).Body(app.Text(p.l.T("tabs.composition")))}, group...)...))
			group = nil
		}
	}
	for i := range view.Table {
		v := &view.Table[i]
		switch v.ID {
		case "": // the start page has the mark in the bar
		case "states", "attention":
			group = append(group, p.tab(v))
		case "translate": // beside the way of the data
			flush()
			list = append(list, app.Span().Class("bar").Role("presentation"), p.tab(v))
		default:
			flush()
			arrow()
			list = append(list, p.tab(v))
		}
	}
	flush()
	return app.Nav().Class("tabs").Aria("label", p.l.T("tabs.label")).OnClick(leaveTab).Body(app.Div().Class("wrap").Body(
		app.Div().Class("list").Role("tablist").Body(list...),
		app.Span().Class("find").Body(do("keys", "", p.l.T("tabs.keys"), app.Text(p.l.T("tabs.keys")), app.Elem("kbd").Body(app.Text("?")))),
	))
}

// leaveTab takes the focus off a tab that was clicked, so that the arrows move now and not along the tabs.
func leaveTab(ctx app.Context, e app.Event) {
	if e.Get("detail").Int() > 0 { // not by Enter or Space
		document().Get("activeElement").Call("blur")
	}
	ctx.PreventUpdate()
}

func (p *page) tab(v *view.View) app.UI {
	on := p.s.State.View == v.ID
	b := app.Button().Type("button").Role("tab").Aria("selected", on).Aria("controls", "view").DataSet("set", "view="+v.ID).
		Body(app.Text(p.l.T("tab." + v.ID)))
	if !on && !(p.s.State.View == "" && v == &view.Table[1]) { // one stop for Tab, the arrows go on
		b = b.TabIndex(-1)
	}
	if !v.Fits(p.s.Model) {
		b = b.Class("unfit").DataSet("tip", p.l.T(p.unfitKey(v)))
	}
	return b
}

// unfit says why a view is not there for this model, and what is.
func (p *page) unfit(v *view.View) app.UI {
	l, m := p.l, p.s.Model
	return app.Section().Class("say").Body(
		app.H2().Body(app.Text(l.T(p.unfitKey(v)))),
		app.P().Body(app.Text(l.T(p.unfitKey(v)+".why", m.Family))),
		app.Div().Class("foot").Body(p.others()...),
	)
}

// unfitKey is the sentence that says why a view is not there.
func (p *page) unfitKey(v *view.View) string {
	if p.s.recorded() {
		return "unfit.recorded"
	}
	return "unfit." + v.ID
}

// others are the views that the model can fill.
func (p *page) others() (out []app.UI) {
	class := "btn solid"
	for i := range view.Table {
		if v := &view.Table[i]; v.ID != "" && v.Fits(p.s.Model) {
			out = append(out, app.Button().Type("button").Class(class).DataSet("set", "view="+v.ID).Body(app.Text(p.l.T("tab."+v.ID))))
			class = "btn"
		}
	}
	return out
}

// missing says that the address names a model that is not here.
func (p *page) missing() app.UI {
	l := p.l
	if w, bad := parseWish(p.s.Missing); bad == "" && strings.Contains(p.s.Missing, ":") {
		return app.Section().Class("say").Body(
			app.H2().Body(app.Text(l.T("missing.elsewhere", w.host()))),
			app.P().Class("mono").Body(app.Text(shortID(p.s.Missing))),
			app.Div().Class("foot").Body(
				do("fetch=link", "solid", l.T("fetch.ask", w.host())),
				app.If(len(p.s.Cards) > 0, func() app.UI { return do("model="+p.s.Cards[0].ID, "", l.T("missing.built-in")) })))
	}
	return app.Section().Class("say").Body(
		app.H2().Body(app.Text(l.T("missing.title"))),
		app.P().Body(app.Text(l.T("missing.why"))),
		app.Dl().Class("facts").Body(app.Div().Body(app.Dt().Body(app.Text(l.T("missing.hash"))), app.Dd().Class("mono").Body(app.Text(p.s.Missing)))),
		app.Div().Class("foot").Body(
			do("open", "solid", l.T("missing.open")),
			app.If(len(p.s.Cards) > 0, func() app.UI { return do("model="+p.s.Cards[0].ID, "", l.T("missing.built-in")) })),
	)
}

// noText offers a text.
func (p *page) noText() app.UI {
	return app.Section().Class("say").Body(
		app.H2().Body(app.Text(p.l.T("no-text.title"))),
		app.P().Body(app.Text(p.l.T("no-text.why"))),
		app.Div().Class("foot").Body(do("edit", "solid", p.l.T("no-text.write")),
			app.If(p.s.Card != nil, func() app.UI { return do("model="+p.s.Card.ID, "", p.l.T("no-text.example")) })),
	)
}
