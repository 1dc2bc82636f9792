package shell

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/app/corpus"
)

// pairsUI is the dialogue for pairs of source and reference.
func pairsUI(p *page) []app.UI {
	l := p.l
	return []app.UI{
		title(p, app.Text(l.T("pairs.title"))),
		app.Section().Class("own").Body(
			app.P().Body(app.Text(l.T("pairs.what"))),
			app.Div().Class("foot").Body(do("pairs=files", "line", l.T("open.file")), app.Span().Class("quiet").Body(app.Text(l.T("pairs.drop"))))),
		app.Section().Body(
			app.H3().Body(app.Text(l.T("pairs.paste"))),
			app.Textarea().ID("pairs").Class("texts").Aria("label", l.T("pairs.paste")).Spellcheck(false).Placeholder(l.T("pairs.hint")),
			app.Div().Class("foot").Body(do("pairs=paste", "line", l.T("pairs.use")),
				app.If(p.s.paired != nil, func() app.UI { return do("pairs=forget", "line", l.T("pairs.forget")) }))),
	}
}

// pairsDo does what the dialogue's buttons and figure.DoPairsRun say.
func (p *page) pairsDo(what string) {
	use := func(src corpus.Source) {
		p.dialog = ""
		p.s.SetPairs(src)
		p.change()
	}
	switch what {
	case "":
		p.dialog = "pairs"
	case "files":
		p.choose(false, func(list []client.File) {
			if len(list) > 0 {
				use(textsOf(list))
			}
		})
	case "paste":
		if text := document().Call("getElementById", "pairs").Get("value").String(); strings.TrimSpace(text) != "" {
			use(corpus.Source{Name: p.l.T("texts.pasted"), Text: text})
		}
	case "forget":
		p.dialog = ""
		p.s.ForgetPairs()
	case "run", "pause":
		p.s.pairs.Do(what)
	}
}
