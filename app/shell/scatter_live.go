package shell

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/scatter"
)

// scatterLive is the canvas in which the dots of a map that moves are painted; at rest they are paths.
type scatterLive struct {
	canvas app.Value
	on     bool

	context, image, data app.Value
	w, h                 int
	pixels               []byte

	key  string // what the inks were read of
	page scatter.Ink
	inks []scatter.Ink
}

// paint paints the dots as they are placed; false: the browser has no canvas for us.
func (l *scatterLive) paint(v *scatterView) bool {
	if !l.ready(int(v.Width), int(v.Height)) {
		return false
	}
	v.pic.Blank()
	l.read(v)
	v.pic.Raster(l.pixels, l.w, l.h, l.page, l.inks)
	app.CopyBytesToJS(l.data, l.pixels)
	l.context.Call("putImageData", l.image, 0, 0)
	return true
}

// ready has the pixels be as many as the canvas's.
func (l *scatterLive) ready(w, h int) bool {
	if l.context == nil {
		l.context = l.canvas.Call("getContext", "2d", map[string]any{"alpha": false})
	}
	if !l.context.Truthy() || w < 1 || h < 1 {
		return false
	}
	if l.w != w || l.h != h {
		l.w, l.h, l.pixels = w, h, make([]byte, 4*w*h)
		l.image = l.context.Call("createImageData", w, h)
		l.data = l.image.Get("data")
	}
	return true
}

// show shows the one or the other.
func (l *scatterLive) show(v *scatterView, moving bool) {
	if l.on != moving {
		l.on = moving
		v.JSValue().Get("classList").Call("toggle", "moving", moving)
	}
}

// read has the inks that the style sheet gives the paths, again where there are others or another theme.
func (l *scatterLive) read(v *scatterView) {
	p := &v.pic
	key := root().Get("dataset").Get("theme").String()
	for i := range p.Paths {
		key += " " + p.Paths[i].Class + p.Paths[i].Colour
	}
	if l.key == key {
		return
	}
	l.key = key
	v.putDots() // elements to ask
	style := func(e app.Value) app.Value { return app.Window().Call("getComputedStyle", e) }
	l.page = ink(style(root()).Call("getPropertyValue", "--page").String(), "1")
	list := v.dots.Get("firstElementChild").Get("children")
	l.inks = l.inks[:0]
	for i := range p.Paths {
		s := style(list.Index(i))
		l.inks = append(l.inks, ink(s.Get("color").String(), s.Get("opacity").String()))
	}
}

// ink reads a colour as browsers compute it, "rgb(1, 2, 3)", or as the style sheet has it, "#010203".
func ink(colour, opacity string) (k scatter.Ink) {
	k.Alpha, _ = strconv.ParseFloat(opacity, 64)
	colour = strings.TrimSpace(colour)
	if hex, ok := strings.CutPrefix(colour, "#"); ok {
		n, _ := strconv.ParseUint(hex, 16, 32)
		k.R, k.G, k.B = uint8(n>>16), uint8(n>>8), uint8(n)
		return k
	}
	_, list, _ := strings.Cut(strings.TrimSuffix(colour, ")"), "(")
	for i, f := range strings.Split(list, ",") {
		n, _ := strconv.ParseFloat(strings.TrimSpace(f), 64)
		switch i {
		case 0:
			k.R = uint8(n)
		case 1:
			k.G = uint8(n)
		case 2:
			k.B = uint8(n)
		case 3:
			k.Alpha *= n
		}
	}
	return k
}
