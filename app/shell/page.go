package shell

import (
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/app/view"
)

// page is the whole page. It draws the session's state, and does what marks, buttons and keys say.
type page struct {
	app.Compo
	ctx     app.Context
	s       *Session
	pointer *pointer
	l       *lang.Catalogue
	dark    bool
	touch   bool
	offline bool
	singles bool // single letters are keys
	width   float64
	rev     int // grows with every change of the session
	drew    int // the rev that fig shows
	fig     *figure.Figure
	editing bool
	ate     bool   // the last key acted: its letter goes nowhere
	menu    bool   // the phone's menu is open
	folded  bool   // the phone's sampling is folded
	tables  bool   // numbers below the pictures
	dialog  string // the dialogue that is open, or ""
	talk    talk   // what the dialogues remember
	addr    address
	down    *download // a model of another site that is on its way; nil: none
}

// Mount puts the page into the browser's window. dial starts an engine, mapper what makes maps.
func Mount(dial, mapper client.Dial) {
	debug.SetGCPercent(300) // the page's heap is small, and a collection costs a good part of a frame
	p := newPage(dial, mapper)
	app.RouteWithRegexp(".*", func() app.Composer { return p })
	app.RunWhenOnBrowser()
}

func newPage(dial, mapper client.Dial) *page {
	p := &page{l: lang.English, singles: true, folded: true, width: 1376}
	p.s = NewSession(dial, mapper, p.post)
	p.s.changed = p.change
	p.s.maps.Post, p.s.maps.Moved = p.postMap, p.scatterMoved
	p.pointer = newPointer(p)
	return p
}

// post runs f on the UI goroutine. The view is drawn at once, not at go-app's next frame: what it lacks is asked for, and
// mostly there, before that.
func (p *page) post(f func()) {
	p.ctx.Dispatch(func(app.Context) {
		f()
		p.draw()
	})
}

// postMap is post for maps: a frame only moves marks, and the page is not drawn again for it.
func (p *page) postMap(f func()) {
	p.ctx.Dispatch(func(ctx app.Context) {
		before := p.rev
		f()
		p.draw()
		if p.rev == before {
			ctx.PreventUpdate()
		}
	})
}

// change has the page drawn again.
func (p *page) change() { p.rev++ }

// draw draws the view if something changed.
func (p *page) draw() {
	v := p.view()
	if p.drew == p.rev || !p.drawable(v) {
		return
	}
	p.drew = p.rev
	if f := p.s.Draw(v, figure.Input{Width: p.width, Dark: p.dark, Touch: p.touch, L: p.l}); f != nil {
		p.fig = f
	}
}

func (p *page) drawable(v *view.View) bool {
	s := p.s
	return s.Model != nil && v.Fits(s.Model) && s.Run != nil && (v.NoText || len(s.Run.Tokens) > 0)
}

// OnMount begins: settings, listeners, the models that are served, and what the address says.
func (p *page) OnMount(ctx app.Context) {
	p.ctx = ctx
	p.settings()
	p.pointer.listen(ctx)
	p.listenDrop()
	p.listen()
	p.s.address, p.s.lacks = p.addr.show, p.lacks
	p.addr.seen = location()
	p.fetchCards(func(cards []figure.Card) { p.s.Start(cards, location()) })
}

// fetchCards reads the list of models that are served.
func (p *page) fetchCards(then func([]figure.Card)) {
	app.Window().Call("fetch", "models/index.json").Then(func(r app.Value) {
		r.Call("text").Then(func(text app.Value) {
			var list struct{ Models []figure.Card }
			err := json.Unmarshal([]byte(text.String()), &list)
			p.ctx.Dispatch(func(app.Context) {
				if err != nil {
					p.s.notice(&Notice{Key: "notice.no-models", Args: []any{err.Error()}})
				}
				then(list.Models)
			})
		})
	})
}

// Render draws the page. Its parts are drawn again only where the key says that what they show changed.
func (p *page) Render() app.UI {
	s := p.s
	bands := app.If(s.Missing == "", func() app.UI { return app.Div().Class("boot-text") }) // of the first paint, in the same place
	if s.Model != nil {
		bands = app.If(true, p.textBand)
	}
	return app.Div().ID("loupe").Body(
		p.section("bar", s.hash(), s.State.Model, p.offline, p.menu),
		p.section("notices", s.Notices),
		bands,
		app.If(s.Model != nil, func() app.UI { return p.section("tabs", s.hash(), s.State.View) }).
			ElseIf(s.Missing == "", func() app.UI { return app.Div().Class("boot-tabs") }),
		app.Main().Class("wrap view").ID("view").Body(p.main()),
		&dialogs{P: p, Rev: p.rev},
	)
}

// section is a part of the page that is drawn again only when what it shows, or the language, changed: a redraw of the figure
// then costs nothing elsewhere.
type section struct {
	app.Compo
	Name, Shows string
	P           *page
}

func (p *page) section(name string, shows ...any) app.UI {
	return &section{Name: name, Shows: p.l.Code + fmt.Sprint(shows...), P: p}
}

func (q *section) Render() app.UI {
	switch q.Name {
	case "bar":
		return q.P.bar()
	case "notices":
		return q.P.notices()
	case "controls":
		return q.P.controls()
	}
	return q.P.tabs()
}

// main is the view, or why there is none.
func (p *page) main() app.UI {
	s := p.s
	v := p.view()
	switch {
	case s.Model == nil && s.Missing != "":
		return p.missing()
	case s.Model == nil:
		return app.Div().Class("empty")
	case !v.Fits(s.Model):
		return p.unfit(v)
	case s.Run != nil && len(s.Run.Tokens) == 0 && !v.NoText:
		return p.noText()
	}
	if p.draw(); p.fig == nil || !p.drawable(v) {
		return app.Div().Class("empty")
	}
	s.Shown()
	return &figureView{Fig: p.fig, L: p.l, Tables: p.tables, P: p.pointer}
}

// view is the one that the address names. The start page has no name, and stands in for names that there are not.
func (p *page) view() *view.View {
	for i := range view.Table {
		if view.Table[i].ID == p.s.State.View {
			return &view.Table[i]
		}
	}
	return &view.Table[0]
}

// State, Open, Tokens and Resize make page a host of figures and dialogues.
func (p *page) State() *state.State { return p.s.State }

func (p *page) Open(files []client.File) {
	p.s.OpenFiles(files)
	p.change()
}

func (p *page) Tokens() int {
	if p.s.Run == nil {
		return 0
	}
	return len(p.s.Run.Tokens)
}

func (p *page) Resize(width float64) {
	if width > 0 && width != p.width {
		p.width = width
		p.change()
	}
}

// Patch is Actions.
func (p *page) Patch(pairs string) {
	p.s.Patch(pairs)
	p.change()
	p.draw()
}

// Drag is Actions.
func (p *page) Drag(pairs string, end bool) {
	p.s.Drag(pairs, end)
	p.change()
	p.draw()
}

// Do is Actions.
func (p *page) Do(what string) {
	defer p.change()
	s := p.s
	verb, arg, _ := strings.Cut(what, "=")
	switch verb {
	case "choose":
		if id, err := strconv.Atoi(arg); err == nil {
			s.Choose(id)
		}
	case "map":
		s.maps.Do(arg)
	case "save":
		p.saveMap(arg)
	case "fill":
		if arg == "forget" {
			s.ForgetTexts()
		} else {
			s.texts.Do(arg)
		}
	case "visit":
		s.Go(arg)
	case figure.DoPairs:
		p.pairsDo(arg)
	case "source":
		s.SetSource(arg, "")
	case "pair":
		escaped, reference, _ := strings.Cut(arg, "&")
		source, bad := url.QueryUnescape(escaped)
		reference, worse := url.QueryUnescape(reference)
		if bad == nil && worse == nil {
			s.SetSource(source, reference)
		}
	case "nbest":
		p.saveTranslation(arg)
	case "scores":
		p.saveScores()
	case figure.DoCorpus:
		p.pickCorpus()
	case "change":
		s.Toggle(arg)
	case "model":
		p.dialog = ""
		s.OpenCard(arg)
	case "cancel":
		s.CancelOpening()
	case "undo":
		s.Undo()
	case "redo":
		s.Redo()
	case "start":
		s.ToStart()
	case "turn":
		if n, err := strconv.Atoi(arg); err == nil {
			s.Turn(n)
		}
	case "step":
		s.Step()
	case "generate":
		s.Generate()
	case "stop":
		s.Stop()
	case "chat":
		s.Chat(!s.InChat)
	case "fast":
		s.Stop()
		s.Fast = !s.Fast
	case "mask":
		s.Mask()
	case "again":
		s.Again()
	case "dismiss":
		if i, err := strconv.Atoi(arg); err == nil {
			s.Dismiss(i)
		}
	case "edit":
		p.edit(true)
	case "find":
		p.find()
	case "replace":
		p.replace(arg)
	case "close":
		p.closeDialog(p.dialogKind())
		p.menu = false
	case "menu":
		p.menu = !p.menu
	case "sampling":
		p.folded = !p.folded
	case "theme":
		p.setTheme(!p.dark)
	case "lang":
		p.setLang()
	case "singles":
		p.setSingles(!p.singles)
	case "table":
		p.tables = !p.tables
	case "update": // web/boot.js: takes the new version and reloads
		app.Window().Get("loupe").Call("update")
	case "open":
		p.openMenu()
	case "share", "keys", "about":
		p.dialog, p.menu = verb, false
	default: // files, pictures, the clipboard
		p.external(what)
	}
}
