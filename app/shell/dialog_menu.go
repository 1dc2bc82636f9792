package shell

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
	"loupe/app/svg"
)

// openUI is the menu to open a model.
func openUI(p *page) []app.UI {
	l := p.l
	return []app.UI{
		title(p, app.Text(l.T("open.title"))),
		app.Section().Class("own").Body(
			app.H3().Body(app.Text(l.T("open.own"))),
			app.P().Body(app.Text(l.T("open.what"))),
			app.Div().Class("foot").Body(
				app.Button().Type("button").Class("btn line").DataSet("do", figure.DoFile).Body(app.Text(l.T("open.file"))),
				app.Button().Type("button").Class("btn line").DataSet("do", figure.DoFolder).Body(app.Text(l.T("open.folder"))),
				app.Span().Class("quiet").Body(app.Text(l.T("open.drop")))),
			app.P().Class("quiet").Body(app.Text(l.T("open.stays")))),
		app.Div().Body(addressUI(p)...),
		app.If(len(p.s.Cards) > 0, func() app.UI {
			return app.Section().Body(app.H3().Body(app.Text(l.T("open.served"))),
				app.Ul().Class("cards").Body(app.Range(p.s.Cards).Slice(func(i int) app.UI { return cardUI(p, &p.s.Cards[i]) })))
		}),
	}
}

// cardUI is a model that is served with the page.
func cardUI(p *page, c *figure.Card) app.UI {
	code := p.l.Code[:2]
	size := [2]int{c.Layers, c.Hidden}
	switch {
	case c.Heads > 0:
		size[1] = c.Heads
	case c.Layers == 0: // word vectors
		size[0] = c.Parameters / max(c.Hidden, 1)
	}
	facts := []string{c.Family, strconv.Itoa(size[0]) + " × " + strconv.Itoa(size[1]), svg.Bytes(c.Bytes)}
	note := ""
	switch {
	case p.s.Card != nil && p.s.Card.ID == c.ID:
		note = p.l.T("open.now")
	case !c.Runs:
		note = p.l.T("open.later")
	}
	b := app.Button().Type("button").Class("card").Disabled(!c.Runs).DataSet("do", figure.DoModel+c.ID)
	return app.Li().Body(b.Body(
		app.B().Body(app.Text(c.Title[code])),
		app.Span().Class("quiet").Body(app.Text(strings.Join(facts, ", "))),
		app.Span().Class("about").Body(app.Text(c.About[code])),
		app.If(note != "", func() app.UI { return app.Span().Class("here").Body(app.Text(note)) })))
}

// shareUI is what can be taken along.
func shareUI(p *page) []app.UI {
	l := p.l
	what := l.T("share.link.what")
	if p.s.Card == nil {
		what = l.T("share.link.own")
	}
	row := func(name, about string, buttons ...app.UI) app.UI {
		return app.Li().Body(app.Span().Body(app.Text(name), app.Small().Body(app.Text(about))), app.Span().Class("foot").Body(buttons...))
	}
	save := func(do, label string) app.HTMLButton {
		return app.Button().Type("button").Class("btn line").DataSet("do", do).Text(label)
	}
	return []app.UI{
		title(p, app.Text(l.T("share.title"))),
		app.Ul().Class("share").Body(
			row(l.T("share.link"), what, p.copyButton("copy", "link", l.T("share.copy"))),
			row(l.T("share.picture"), l.T("share.picture.what"), save("svg", "SVG"), save("png", "PNG")),
			app.If(p.fig != nil, func() app.UI {
				return row(l.T("share.numbers"), l.T("share.numbers.what"), save("table", l.T("figure.table")).Aria("pressed", p.tables), save("csv", "CSV"))
			})),
		p.refused(),
		snapshotsUI(p),
	}
}

// reportUI shows what a report holds before it is copied.
func reportUI(p *page) []app.UI {
	return []app.UI{
		title(p, app.Text(p.l.T("notice.report"))),
		app.Textarea().ReadOnly(true).Class("report").Aria("labelledby", "dialog-title").Body(app.Text(p.talk.report)),
		app.Div().Class("foot").Body(p.copyButton("copy-report", "report", p.l.T("error.copy"))),
	}
}

// link is the address of what is on screen.
func (p *page) link() string {
	href, _, _ := strings.Cut(app.Window().Get("location").Get("href").String(), "#")
	return href + "#" + p.s.State.String()
}

// keysUI lists the keys. Those of one letter can be turned off.
func keysUI(p *page) []app.UI {
	l := p.l
	rows := [][2]string{{"now", "← →"}, {"depth", "↑ ↓"}, {"item", "[ ]"}, {"range", "Shift ← →"}, {"views", "1 2 3"}, {"step", "S G"},
		{"play", "Space"}, {"edit", "E"}, {"replace", "R"}, {"find", "/"}, {"switch", "X"}, {"table", "T"}, {"undo", "Ctrl+Z Ctrl+Y"}, {"leave", "Esc"}, {"this", "?"}}
	return []app.UI{
		title(p, app.Text(l.T("keys.title"))),
		app.Ul().Class("keys").Body(app.Range(rows).Slice(func(i int) app.UI {
			keys := strings.Fields(rows[i][1])
			return app.Li().Body(app.Span().Body(app.Text(l.T("keys."+rows[i][0]))),
				app.Span().Body(app.Range(keys).Slice(func(k int) app.UI { return app.Kbd().Body(app.Text(keys[k])) })))
		})),
		app.P().Class("quiet").Body(app.Text(l.T("keys.reach") + " " + l.T("keys.numbers") + " " + l.T("keys.map"))),
		app.Div().Class("foot").Body(app.Button().Type("button").Class("switch").Role("switch").Aria("checked", p.singles).DataSet("do", "singles").
			Body(app.I(), app.Text(l.T("keys.singles")))),
	}
}
