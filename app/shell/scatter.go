package shell

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
	"loupe/app/scatter"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// scatterView puts a figure.Scatter on the page: two pictures, one over the other, so that what changes over the dots does not
// have them painted again. Below are the dots, a path a class; above are lines, marks, labels, and what the pointer draws. Both are
// written directly, not by go-app: a frame of a moving map is a few calls.
type scatterView struct {
	app.Compo
	Of            func() *figure.Scatter // a function, for go-app would compare a struct of 20,000 names
	Width, Height float64
	Label         string
	SVG           string // the panel's marks, which lie over the map and stay: a legend
	Panel         string
	P             *pointer

	pic     scatter.Picture
	dots    app.Value   // the lower picture
	layer   []app.Value // of the upper one: axes, lines and marks, labels, SVG, what is lit, the loop
	wrote   []string    // the d of each path
	frame   string      // the elements that are in the lower picture
	put     [6]string   // what is in each layer
	labels  []scatter.Label
	ride    []string           // where they are on the page
	rested  *protocol.MapFrame // what was drawn at rest, nil since something moved
	seen    scatter.View       // and how
	camText string             // the camera as the state has it
	live    scatterLive        // what is drawn in place of the dots while they move

	motion scatterMotion
	hand   scatterHand
	lit    int // the row that is ringed, or -1
	key    int // the row that the keys are at, or -1
	funcs  []app.Func
}

// The layers of the upper picture.
const (
	layerAxes = iota
	layerOver
	layerLabels
	layerPanel
	layerLit
	layerLoop
)

func (v *scatterView) Render() app.UI {
	picture := func(class string) app.UI {
		e := app.Elem("svg").XMLNS(svgNS).Class("marks "+class).Attr("width", svg.N(v.Width)).Attr("height", svg.N(v.Height)).
			Attr("viewBox", "0 0 "+svg.N(v.Width)+" "+svg.N(v.Height))
		if class == "sc-dots" {
			return e.Aria("hidden", true)
		}
		return e.Role("img").Aria("label", v.Label).TabIndex(0).DataSet("scatter", v.Panel)
	}
	return app.Div().Class("sc").Body(
		app.Canvas().Class("sc-live").Width(int(v.Width)).Height(int(v.Height)).Aria("hidden", true), picture("sc-dots"), picture("sc-over"))
}

// OnMount makes the pictures and listens to the upper one.
func (v *scatterView) OnMount(app.Context) {
	v.lit, v.key, v.camText, v.pic.Cam, v.pic.Fit, v.frame = -1, -1, "", scatter.Start, scatter.Fit{}, ""
	v.put, v.labels, v.ride, v.rested, v.pic.S = [6]string{}, nil, nil, nil, nil
	v.dots = v.JSValue().Get("children").Index(1)
	v.live = scatterLive{canvas: v.JSValue().Get("firstElementChild")}
	over := v.JSValue().Get("lastElementChild")
	over.Set("innerHTML", `<g class="sc-axes"></g><g class="sc-lines"></g><g class="sc-labels"></g><g></g><g class="sc-lit"></g><g class="sc-loop"></g>`)
	v.layer = nil
	for i := range 6 {
		v.layer = append(v.layer, over.Get("children").Index(i))
	}
	v.P.scatters = append(v.P.scatters, v)
	v.motion.begin(v)
	v.listen(over)
	v.show()
}

// OnUpdate shows another figure.Scatter. It may come before OnMount, which shows what there is by then.
func (v *scatterView) OnUpdate(app.Context) {
	if v.motion.v != nil {
		v.show()
	}
}

// OnDismount ends what OnMount began.
func (v *scatterView) OnDismount() {
	for i, o := range v.P.scatters {
		if o == v {
			v.P.scatters = append(v.P.scatters[:i:i], v.P.scatters[i+1:]...)
			break
		}
	}
	v.motion.end()
	for _, f := range v.funcs {
		f.Release()
	}
	v.funcs = nil
}

// show takes what the view drew.
func (v *scatterView) show() {
	s := v.Of()
	p := &v.pic
	was := p.S
	p.W, p.H = v.Width, v.Height
	p.Show(s)
	if was == nil || was.Map != s.Map || was.Dims != s.Dims || p.Fit == (scatter.Fit{}) {
		p.Fit = p.Target()
	}
	if s.Cam != v.camText && !v.hand.busy() {
		v.camText = s.Cam
		p.Cam = scatter.ParseCamera(s.Cam)
	}
	over := v.JSValue().Get("lastElementChild")
	over.Get("classList").Call("toggle", "aims", s.Tool != "")
	over.Get("classList").Call("toggle", "held", s.Tool != "" || s.Cam != "")
	v.keepClear()
	if v.motion.moves() && was != nil {
		if !reflect.DeepEqual(was.Marks, s.Marks) || len(was.Names) != len(s.Names) {
			v.motion.labels = time.Time{} // they are chosen at the next frame
		}
		p.Place() // the rows may be others
		v.motion.ask()
		return
	}
	if was != nil && v.rested == s.Map.Frame && v.seen == p.View && sameScene(was, s) {
		return
	}
	v.rest()
}

// sameScene reports whether two scatters of the same places look the same.
func sameScene(a, b *figure.Scatter) bool {
	return slices.Equal(a.Class, b.Class) && slices.Equal(a.Pale, b.Pale) && slices.Equal(a.Colours, b.Colours) && slices.Equal(a.Chosen, b.Chosen) &&
		slices.Equal(a.Order, b.Order) && slices.Equal(a.Names, b.Names) && a.Axes == b.Axes && reflect.DeepEqual(a.Marks, b.Marks) && reflect.DeepEqual(a.Lines, b.Lines)
}

// keepClear puts the panel's marks over the map, and keeps labels away from them.
func (v *scatterView) keepClear() {
	if v.put[layerPanel] == v.SVG {
		return
	}
	v.rested = nil // labels may stand elsewhere
	v.setLayer(layerPanel, v.SVG)
	v.pic.Keep = nil
	list := v.layer[layerPanel].Call("querySelectorAll", "text, circle, rect, path")
	for i := range min(list.Length(), 100) {
		b := list.Index(i).Call("getBBox")
		x, y := b.Get("x").Float(), b.Get("y").Float()
		v.pic.Keep = append(v.pic.Keep, [4]float64{x, y, x + b.Get("width").Float(), y + b.Get("height").Float()})
	}
}

// rest draws the map as it stands: round dots, and as many labels as fit.
func (v *scatterView) rest() {
	v.rested, v.seen = v.pic.S.Map.Frame, v.pic.View
	v.draw(false)
	v.relabel()
}

// draw puts everything where it is now. moving: many dots are painted, not written as paths.
func (v *scatterView) draw(moving bool) {
	p := &v.pic
	if moving {
		v.rested = nil
	}
	p.Place()
	moving = moving && len(p.X) > 800 && v.live.paint(v)
	if !moving {
		p.Dots()
		v.putDots()
	}
	v.live.show(v, moving)
	v.setLayer(layerAxes, p.Edge()+p.Axes())
	v.setLayer(layerOver, p.Over("sc-clip-"+v.Panel))
	v.ride = setEach(v.layer[layerLabels], "transform", v.ride, func(i int) string { return v.labels[i].Transform(p) })
	v.ring(v.lit)
}

// putDots sets the paths that changed.
func (v *scatterView) putDots() {
	p := &v.pic
	frame := ""
	for i := range p.Paths {
		q := &p.Paths[i]
		frame += q.Class + q.Colour + " " + svg.N(q.Width) + ";"
	}
	if v.frame != frame { // other paths, or other widths
		v.frame = frame
		v.dots.Set("innerHTML", p.Frame())
		v.wrote = v.wrote[:0]
		for i := range p.Paths {
			v.wrote = append(v.wrote, string(p.Paths[i].D))
		}
		return
	}
	v.wrote = setEach(v.dots.Get("firstElementChild"), "d", v.wrote, func(i int) string {
		if len(p.Paths[i].D) == 0 {
			return "M0 0" // draws nothing; "" would leave what there was
		}
		return string(p.Paths[i].D)
	})
}

// setEach sets an attribute of those children of an element that have another one than before (see web/scatter.js).
func setEach(parent app.Value, name string, was []string, now func(i int) string) []string {
	var b strings.Builder
	changed := false
	for i := range was {
		if s := now(i); s != was[i] {
			was[i], changed = s, true
			b.WriteString(s)
		}
		b.WriteByte('\n')
	}
	if changed {
		app.Window().Get("loupe").Call("setEach", parent, name, b.String())
	}
	return was
}

// relabel chooses the labels anew.
func (v *scatterView) relabel() {
	v.labels = v.pic.Labels()
	text := ""
	for i := range v.labels {
		text += v.labels[i].Markup(&v.pic)
	}
	v.put[layerLabels] = "" // they were moved since
	v.setLayer(layerLabels, text)
	v.ride = v.ride[:0]
	for i := range v.labels {
		v.ride = append(v.ride, v.labels[i].Transform(&v.pic))
	}
}

func (v *scatterView) setLayer(i int, marks string) {
	if v.put[i] != marks {
		v.put[i] = marks
		v.layer[i].Set("innerHTML", marks)
	}
}

// ring draws a ring around a row and its name, or takes it away (-1).
func (v *scatterView) ring(row int) {
	v.lit = row
	v.setLayer(layerLit, v.pic.Ring(row, v.labels, v.key == row && row >= 0))
}
