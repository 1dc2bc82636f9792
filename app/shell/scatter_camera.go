package shell

import (
	"math"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/scatter"
)

// settled is how long after the last turn of a wheel a zoom has ended.
const settled = 300 * time.Millisecond

// commit has the state hold the camera: a step of undo.
func (v *scatterView) commit() {
	v.motion.ask() // and then it rests
	p := &v.pic
	text := p.Cam.String(p.Dims)
	if text == p.S.Cam || p.S.CamKey == "" {
		return
	}
	v.camText, p.Cam = text, scatter.ParseCamera(text)
	set := pair(p.S.CamKey, text)
	v.P.do(func() { v.P.host.Drag(set, true) })
}

// home goes back to where everything is in sight.
func (v *scatterView) home() {
	v.pic.Cam = scatter.Start
	v.commit()
}

// wheel zooms at the pointer.
func (v *scatterView) wheel(e app.Value) {
	e.Call("preventDefault")
	x, y, _, _ := v.place(e)
	d := e.Get("deltaY").Float()
	switch {
	case e.Get("deltaMode").Int() == 1: // in lines
		d *= 20
	case e.Get("ctrlKey").Bool(): // a pinch on a touchpad
		d *= 5
	}
	v.zoom(math.Exp(-min(240, max(-240, d))/400), x, y)
}

// zoom is of a wheel or a key: its end is when nothing has followed.
func (v *scatterView) zoom(by, x, y float64) {
	v.pic.Cam = v.pic.Zoomed(by, x, y)
	v.later()
}

func (v *scatterView) later() {
	h := &v.hand
	h.does = "wheel"
	v.motion.ask()
	if h.ends == nil {
		h.ends = time.AfterFunc(settled, func() {
			v.P.quiet(func() {
				if h.does == "wheel" && v.Mounted() {
					h.does = ""
					v.commit()
				}
			})
		})
	} else {
		h.ends.Reset(settled)
	}
}
