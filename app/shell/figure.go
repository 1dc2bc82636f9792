package shell

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
)

// host is what figures and dialogues ask of the session, besides Actions.
type host interface {
	Actions
	// State is the shared state as it is now; it is not changed.
	State() *state.State
	// Open opens a model of one's own.
	Open(files []client.File)
	// Search looks for what is typed into the find field.
	Search(query string)
	// Tokens is how many tokens the text has.
	Tokens() int
	// Resize says how wide the place of the figures is, in pixels. It is called when that changes.
	Resize(width float64)
}

// figureView is a view on the page: its reading, its tools and its panels. It shows Fig until another is given; marks
// are put into the page only where their text changed.
type figureView struct {
	app.Compo
	Fig    *figure.Figure
	L      *lang.Catalogue
	Tables bool // the numbers stand below the pictures
	P      *pointer

	width    float64 // of its place
	observer app.Value
	resized  app.Func
	said     string // the reading that was last announced
	saying   int    // counts the changes of the reading
}

func (v *figureView) Render() app.UI {
	f := v.Fig
	if f == nil {
		f = &figure.Figure{}
	}
	return app.Div().Class("figure").Body(
		app.If(f.Reading != nil, func() app.UI {
			return app.Div().Class("lead").Body(
				app.P().Class("reading").Body(spans(f.Reading)...),
				app.Div().Class("tools").Body(
					tool(v.L.T("figure.table"), "table").Aria("pressed", v.Tables),
					tool("SVG", "svg"),
					tool("PNG", "png"),
				),
			)
		}),
		app.Div().Class("panels "+f.Layout).Body(
			v.panels(f.Panels)...,
		),
		app.Div().Class("sr").Aria("live", "polite").Body(app.Text(v.said)),
	)
}

// panels are panels in their places: those of one column stand in it.
func (v *figureView) panels(list []figure.Panel) (out []app.UI) {
	for i := 0; i < len(list); {
		var col []app.UI
		class := list[i].Column
		for ; i < len(list) && list[i].Column == class; i++ {
			col = append(col, panelUI(v.L, &list[i], v.Tables, v.width, v.P))
		}
		if class == "" {
			out = append(out, col...)
		} else {
			out = append(out, app.Div().Class("column "+class).Body(col...))
		}
	}
	return out
}

func tool(label, do string) app.HTMLButton {
	return app.Button().Class("btn").Type("button").DataSet("do", do).Text(label)
}

// OnMount watches the width of the figure's place.
func (v *figureView) OnMount(ctx app.Context) {
	v.resized = app.FuncOf(func(_ app.Value, args []app.Value) any {
		w := args[0].Index(0).Get("contentRect").Get("width").Float()
		ctx.Dispatch(func(ctx app.Context) {
			v.width = w
			v.P.host.Resize(w)
		})
		return nil
	})
	v.observer = app.Window().Get("ResizeObserver").New(v.resized)
	v.observer.Call("observe", v.JSValue())
	v.shown(ctx)
}

// OnDismount ends what OnMount began.
func (v *figureView) OnDismount() {
	v.observer.Call("disconnect")
	v.resized.Release()
}

// OnUpdate is called when there is another figure.
func (v *figureView) OnUpdate(ctx app.Context) { v.shown(ctx) }

// shown tells the pointer which figure it is over, and has the reading said after a pause.
func (v *figureView) shown(ctx app.Context) {
	v.P.fig = v.Fig
	ctx.Defer(func(app.Context) { v.P.refresh(v.JSValue()) })
	if v.Fig == nil {
		return
	}
	text := plain(v.Fig.Reading)
	v.saying++
	if n := v.saying; text != v.said {
		time.AfterFunc(500*time.Millisecond, func() {
			ctx.Dispatch(func(ctx app.Context) {
				if n == v.saying {
					v.said = text
					ctx.Update()
				}
			})
		})
	}
}

// plain is the text of spans.
func plain(list []figure.Span) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(s.Text)
	}
	return b.String()
}
