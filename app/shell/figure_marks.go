package shell

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/svg"
)

// marks is the picture of a panel. Its marks are one string that goes into the page at once, outside go-app's tree: one
// component a mark would take 10 to 100 times as long.
type marks struct {
	app.Compo
	Under, Middle string // what changes seldom
	SVG           string // above them
	Width, Height float64
	Label         string
	NowX          float64 // kept in sight where the picture is wider than its place
	Panel         string
	Page          float64       // the width of the figure's place
	Live          func() string // SVG as it is now, of a panel that follows a map; nil: it does not
	P             *pointer

	drawn    [3]string // what is in the page of Under, Middle and SVG
	mounted  bool
	handles  bool       // it has something to drag, and listens to fingers
	measured [2]float64 // Width and Page when the picture's place was measured
	room     float64    // the width of that place
	sawNowX  float64    // where now was when it was brought into sight
}

func (m *marks) Render() app.UI {
	e := app.Elem("svg").XMLNS(svgNS).Class("marks").Role("img").Aria("label", m.Label).
		Attr("width", svg.N(m.Width)).Attr("height", svg.N(m.Height)).
		Attr("viewBox", "0 0 "+svg.N(m.Width)+" "+svg.N(m.Height))
	if interactive(m.SVG) || interactive(m.Middle) || interactive(m.Under) {
		e = e.TabIndex(0).DataSet("keys", m.Panel)
	}
	return e
}

func interactive(svg string) bool {
	return strings.Contains(svg, "data-set=") || strings.Contains(svg, "data-do=") || strings.Contains(svg, "data-grid=")
}

// OnMount draws.
func (m *marks) OnMount(ctx app.Context) {
	m.drawn, m.mounted, m.handles, m.measured, m.sawNowX = [3]string{}, false, false, [2]float64{}, 0
	if m.P != nil {
		m.P.lives = append(m.P.lives, m)
	}
	m.draw(ctx)
}

// OnDismount ends what OnMount began.
func (m *marks) OnDismount() {
	if m.P != nil {
		m.P.lives = slices.DeleteFunc(m.P.lives, func(o *marks) bool { return o == m })
	}
}

// live draws what follows a map.
func (m *marks) live() {
	if m.Live == nil || !m.mounted {
		return
	}
	if s := m.Live(); s != m.drawn[2] {
		m.drawn[2] = s
		m.JSValue().Get("children").Index(2).Set("innerHTML", s)
	}
}

// OnUpdate draws again where something changed.
func (m *marks) OnUpdate(ctx app.Context) { m.draw(ctx) }

func (m *marks) draw(ctx app.Context) {
	svg := m.JSValue()
	if !m.mounted {
		svg.Set("innerHTML", "<g></g><g></g><g></g>")
		m.mounted = true
	}
	for i, s := range []string{m.Under, m.Middle, m.SVG} {
		if s != m.drawn[i] {
			svg.Get("children").Index(i).Set("innerHTML", s)
			m.drawn[i] = s
			m.listen(s)
		}
	}
	ctx.Defer(func(app.Context) { m.follow() }) // when the new width is in the page
}

// listen has a finger drag a picture's handles without scrolling the page.
func (m *marks) listen(svg string) {
	if m.P != nil && !m.handles && strings.Contains(svg, "data-drag=") {
		m.handles = true
		m.JSValue().Call("addEventListener", "touchmove", m.P.holding, map[string]any{"passive": false})
	}
}

// follow scrolls a wide picture so that now can be seen, when now has moved.
func (m *marks) follow() {
	place := m.JSValue().Get("parentNode")
	if !place.Truthy() {
		return
	}
	if now := [2]float64{m.Width, m.Page}; now != m.measured { // asking the browser for a width costs a layout
		m.measured, m.room = now, place.Get("clientWidth").Float()
		place.Get("classList").Call("toggle", "wide", m.Width > m.room+1)
	}
	room, wide := m.room, m.Width > m.room+1
	if !wide || m.NowX == m.sawNowX {
		m.sawNowX = m.NowX
		return
	}
	if left := place.Get("scrollLeft").Float(); m.NowX < left+.25*room || m.NowX > left+.9*room {
		place.Set("scrollLeft", max(0, m.NowX-.6*room))
	}
	m.sawNowX = m.NowX
}

// inner is content that was written as HTML, with every text in it escaped.
type inner struct {
	app.Compo
	HTML, Class string
	Focus       bool // it scrolls: it can be reached by Tab

	drawn string
}

func (v *inner) Render() app.UI {
	e := app.Div().Class(v.Class)
	if v.Focus {
		e = e.TabIndex(0)
	}
	return e
}

// OnMount draws.
func (v *inner) OnMount(app.Context) {
	v.drawn = ""
	v.draw()
}

// OnUpdate draws again.
func (v *inner) OnUpdate(app.Context) { v.draw() }

func (v *inner) draw() {
	if v.HTML != v.drawn {
		v.JSValue().Set("innerHTML", v.HTML)
		v.drawn = v.HTML
	}
}
