package shell

import (
	"math"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/svg"
)

const (
	mouseReach = 10 // pixels from a dot at which it is meant
	touchReach = 24
	twice      = 350 * time.Millisecond // between two clicks that are one double click
)

// scatterHand is what a person's hand does to a map.
type scatterHand struct {
	fingers []finger
	does    string // "": nothing yet; "pan", "turn", "lasso", "box", "pinch"; "wheel": the keys, too
	add     string // the mode of a loop
	x0, y0  float64
	loop    [][2]float64
	ends    *time.Timer // of a wheel's turn
	clicked time.Time
	at      [2]float64 // where
}

type finger struct {
	id   int
	x, y float64
}

func (h *scatterHand) busy() bool { return h.does != "" }

// listen hears what is done to the upper picture.
func (v *scatterView) listen(over app.Value) {
	for name, f := range map[string]func(app.Value){
		"pointerdown": v.down, "pointermove": v.move, "pointerup": v.up, "pointercancel": v.cancel, "pointerleave": v.left,
		"wheel": v.wheel, "contextmenu": v.menu,
		"keydown": v.keydown, "focus": v.focus, "blur": v.left,
	} {
		fn := guarded(name, f)
		v.funcs = append(v.funcs, fn)
		over.Call("addEventListener", name, fn, map[string]any{"passive": false})
	}
}

// place is where an event is in the picture, and in the window.
func (v *scatterView) place(e app.Value) (x, y, wx, wy float64) {
	b := rectOf(v.layer[0].Get("parentNode"))
	wx, wy = at(e)
	return wx - b.x, wy - b.y, wx, wy
}

// ofPanel reports whether an event is about a mark that the panel has over the map.
func ofPanel(e app.Value) bool { return closest(e.Get("target"), ownMarks).Truthy() }

const ownMarks = "[data-tip],[data-h],[data-set],[data-do],[data-drag]"

// inScatter reports whether an event is a map's own business.
func inScatter(e app.Value) bool {
	return closest(e.Get("target"), "[data-scatter]").Truthy() && !ofPanel(e)
}

func touches(e app.Value) bool { return e.Get("pointerType").String() == "touch" }

func (v *scatterView) down(e app.Value) {
	h := &v.hand
	if !touches(e) { // there is one mouse; it may have been let go elsewhere
		h.fingers = nil
	}
	if b := e.Get("button").Int(); ofPanel(e) || len(h.fingers) > 1 || b != 0 && !(b == 2 && v.pic.Dims == 3) {
		return
	}
	x, y, _, _ := v.place(e)
	h.fingers = append(h.fingers, finger{e.Get("pointerId").Int(), x, y})
	if len(h.fingers) == 2 {
		h.does, h.loop = "pinch", nil
		v.setLayer(layerLoop, "")
		return
	}
	h.x0, h.y0 = x, y
}

// menu keeps the browser's menu away where the other button moves the map.
func (v *scatterView) menu(e app.Value) {
	if v.pic.Dims == 3 {
		e.Call("preventDefault")
	}
}

func (v *scatterView) move(e app.Value) {
	h := &v.hand
	x, y, wx, wy := v.place(e)
	i := h.finger(e)
	switch {
	case i < 0:
		if len(h.fingers) == 0 {
			v.hover(e, x, y, wx, wy)
		}
		return
	case !touches(e) && e.Get("buttons").Int() == 0: // it was let go elsewhere
		v.cancel(e)
		return
	case h.does == "" && math.Hypot(x-h.x0, y-h.y0) < slop:
		return
	case h.does == "":
		if h.does = v.means(e); h.does == "" {
			return
		}
		v.layer[0].Get("parentNode").Call("setPointerCapture", e.Get("pointerId"))
		v.P.hideTip()
		v.ring(-1)
	}
	was := h.fingers[i]
	h.fingers[i].x, h.fingers[i].y = x, y
	v.drag(was, h.fingers[i], i)
}

func (h *scatterHand) finger(e app.Value) int {
	id := e.Get("pointerId").Int()
	for i, f := range h.fingers {
		if f.id == id {
			return i
		}
	}
	return -1
}

// means is what a drag that begins does.
func (v *scatterView) means(e app.Value) string {
	h, s := &v.hand, v.pic.S
	shift, alt, ctrl := e.Get("shiftKey").Bool(), e.Get("altKey").Bool(), e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool()
	first := touches(e) || e.Get("buttons").Int() == 1
	switch {
	case first && (shift || alt || s.Tool != "") && s.Loop != nil:
		h.add = loopMode(s.Tool != "", shift, alt, ctrl)
		h.loop = [][2]float64{{h.x0, h.y0}}
		if s.Tool == "box" {
			return "box"
		}
		return "lasso"
	case s.Dims == 3 && first && !ctrl:
		return "turn"
	case touches(e) && v.pic.Cam == v.pic.Cam.Home(): // it may be about to scroll the page
		return ""
	}
	return "pan"
}

// loopMode is the mode of a loop: Alt takes away; with a tool Shift adds; without one Shift begins a loop, and Ctrl adds.
func loopMode(tool, shift, alt, ctrl bool) string {
	switch {
	case alt:
		return "sub"
	case tool && shift, ctrl:
		return "add"
	}
	return ""
}

// drag follows a finger, or the mouse.
func (v *scatterView) drag(was, now finger, i int) {
	h, p := &v.hand, &v.pic
	switch h.does {
	case "pan":
		p.Cam = p.Panned(now.x-was.x, now.y-was.y)
	case "turn":
		p.Cam = p.Turned(now.x-was.x, now.y-was.y)
	case "pinch":
		o := h.fingers[1-i]
		before, after := math.Hypot(was.x-o.x, was.y-o.y), math.Hypot(now.x-o.x, now.y-o.y)
		p.Cam = p.Panned((now.x-was.x)/2, (now.y-was.y)/2)
		if before > 8 && after > 8 {
			p.Cam = p.Zoomed(after/before, (now.x+o.x)/2, (now.y+o.y)/2)
		}
	case "lasso":
		if q := h.loop[len(h.loop)-1]; math.Hypot(now.x-q[0], now.y-q[1]) >= slop {
			h.loop = append(h.loop, [2]float64{now.x, now.y})
		}
		v.showLoop()
		return
	case "box":
		h.loop = [][2]float64{{h.x0, h.y0}, {now.x, h.y0}, {now.x, now.y}, {h.x0, now.y}}
		v.showLoop()
		return
	default:
		return
	}
	v.motion.ask()
}

func (v *scatterView) showLoop() {
	var d strings.Builder
	for i, q := range v.hand.loop {
		d.WriteByte("ML"[min(i, 1)])
		d.WriteString(svg.N(q[0]) + "," + svg.N(q[1]))
	}
	v.setLayer(layerLoop, `<path class="sc-loop" d="`+d.String()+`z"/>`)
}

// up ends a drag, or is a click.
func (v *scatterView) up(e app.Value) {
	h := &v.hand
	i := h.finger(e)
	if i < 0 {
		return
	}
	h.fingers = append(h.fingers[:i], h.fingers[i+1:]...)
	does := h.does
	switch {
	case does == "pinch" && len(h.fingers) > 0: // the other finger is to be lifted, too
		return
	case does == "":
		if x, y, _, _ := v.place(e); e.Get("button").Int() == 0 && math.Hypot(x-h.x0, y-h.y0) < slop {
			v.click(e)
		}
	case does == "lasso", does == "box":
		h.does = ""
		v.setLayer(layerLoop, "")
		if rows := v.pic.Inside(h.loop); len(rows) > 0 || h.add == "" {
			v.patch(v.pic.S.Loop(rows, h.add))
		}
	default:
		v.commit()
	}
	h.does, h.loop = "", nil
}

func (v *scatterView) cancel(e app.Value) {
	h := &v.hand
	if h.does == "pan" || h.does == "turn" || h.does == "pinch" {
		v.commit()
	}
	h.does, h.loop, h.fingers = "", nil, nil
	v.setLayer(layerLoop, "")
}

// click chooses the row that is meant; a second one at once goes back to where everything is in sight.
func (v *scatterView) click(e app.Value) {
	x, y, _, _ := v.place(e)
	h, p := &v.hand, &v.pic
	double := time.Since(h.clicked) < twice && math.Hypot(x-h.at[0], y-h.at[1]) < 12
	h.clicked, h.at = time.Now(), [2]float64{x, y}
	if double && p.Cam != p.Cam.Home() {
		v.home()
		return
	}
	reach := float64(mouseReach)
	if touches(e) {
		reach = touchReach
	}
	if row := p.Nearest(x, y, reach); row >= 0 && p.S.Set != nil {
		v.key = row
		v.patch(p.S.Set(row, e.Get("shiftKey").Bool()))
	}
}

func (v *scatterView) patch(pairs string) {
	if pairs != "" {
		v.P.do(func() { v.P.host.Patch(pairs) })
	}
}
