package shell

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/app/corpus"
)

// textsUI is the dialogue for texts that the model is run over.
func textsUI(p *page) []app.UI {
	l := p.l
	return []app.UI{
		title(p, app.Text(l.T("texts.title"))),
		app.Section().Class("own").Body(
			app.P().Body(app.Text(l.T("texts.what"))),
			app.Div().Class("foot").Body(
				do("texts=files", "line", l.T("open.file")), do("texts=folder", "line", l.T("open.folder")),
				app.Span().Class("quiet").Body(app.Text(l.T("texts.drop"))))),
		app.Section().Body(
			app.H3().Body(app.Text(l.T("texts.paste"))),
			app.Textarea().ID("texts").Class("texts").Aria("label", l.T("texts.paste")).Spellcheck(false).Placeholder(l.T("texts.hint")),
			app.Div().Class("foot").Body(do("texts=paste", "line", l.T("texts.use")),
				app.If(p.s.dropped != nil, func() app.UI { return do("texts=forget", "line", l.T("texts.forget")) }))),
	}
}

// textsDo does what the dialogue's buttons say.
func (p *page) textsDo(what string) {
	use := func(src corpus.Source) {
		p.dialog = ""
		p.s.SetTexts(src)
		p.change()
	}
	files := func(list []client.File) {
		if len(list) > 0 {
			use(textsOf(list))
		}
	}
	switch what {
	case "":
		p.dialog = "texts"
	case "files":
		p.choose(false, files)
	case "folder":
		p.choose(true, func(list []client.File) { files(readable(list)) })
	case "paste":
		if text := document().Call("getElementById", "texts").Get("value").String(); strings.TrimSpace(text) != "" {
			use(corpus.Source{Name: p.l.T("texts.pasted"), Text: text})
		}
	case "forget":
		p.dialog = ""
		p.s.ForgetTexts()
	}
}
