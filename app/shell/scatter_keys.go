package shell

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// keydown acts on a map that has the focus: arrows walk over its words, Enter chooses, + and - zoom, 0 has everything in sight, and with
// Shift the arrows move the map, or turn it.
func (v *scatterView) keydown(e app.Value) {
	if e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool() || e.Get("altKey").Bool() || e.Get("isComposing").Bool() {
		return
	}
	key := e.Get("key").String()
	dir, arrow := map[string][2]int{"ArrowLeft": {-1, 0}, "ArrowRight": {1, 0}, "ArrowUp": {0, -1}, "ArrowDown": {0, 1}}[key]
	p := &v.pic
	x, y := p.W/2, p.H/2
	if v.key >= 0 && v.key < len(p.X) && v.lit == v.key {
		x, y = float64(p.X[v.key]), float64(p.Y[v.key])
	}
	switch {
	case arrow && e.Get("shiftKey").Bool():
		const far = 48
		if p.Dims == 3 {
			p.Cam = p.Turned(far*float64(dir[0]), far*float64(dir[1]))
		} else {
			p.Cam = p.Panned(-far*float64(dir[0]), -far*float64(dir[1]))
		}
		v.later()
	case arrow:
		v.walk(dir[0], dir[1])
	case key == "Enter" || key == " ":
		if v.key < 0 || p.S.Set == nil {
			return
		}
		v.patch(p.S.Set(v.key, e.Get("shiftKey").Bool()))
	case key == "+" || key == "=":
		v.zoom(1.4, x, y)
	case key == "-" || key == "_":
		v.zoom(1/1.4, x, y)
	case key == "0":
		v.home()
	case key == "Escape":
		e.Get("currentTarget").Call("blur")
	default:
		return
	}
	used(e)
}

// walk goes to the next word in a direction: those with a label first.
func (v *scatterView) walk(dx, dy int) {
	some := make([]int, len(v.labels))
	for i := range v.labels {
		some[i] = v.labels[i].Row
	}
	if v.key = v.pic.Step(v.key, dx, dy, some); v.key >= 0 {
		v.showKey()
	}
}

// showKey shows where the keys are, and has it said.
func (v *scatterView) showKey() {
	p, row := &v.pic, v.key
	v.look(row)
	words := p.S.Names[row]
	if p.S.Tip != nil {
		words = p.S.Tip(row)
	}
	b := rectOf(v.layer[0].Get("parentNode"))
	v.P.say(words, b.x+float64(p.X[row]), b.y+float64(p.Y[row]))
	v.P.spoken.Set("textContent", words)
}

// focus shows where the keys were.
func (v *scatterView) focus(e app.Value) {
	if !e.Get("currentTarget").Call("matches", ":focus-visible").Bool() {
		return
	}
	if v.key < 0 || v.key >= len(v.pic.X) {
		v.walk(0, 0)
		return
	}
	v.showKey()
}
