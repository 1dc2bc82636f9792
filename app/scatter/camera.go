// Package scatter draws figure.Scatter: where each row of a map stands on the screen, the paths of the dots, which labels
// fit, what lies under the pointer and inside a loop. It is pure; app/shell puts it on the page and moves it.
package scatter

import (
	"math"
	"strconv"
	"strings"
)

// Camera is how a map is looked at. It is relative to what the map fills (Fit), so that it stays where it is in the data
// while t-SNE spreads the map.
type Camera struct {
	Zoom       float64 // 1: everything is in sight
	X, Y       float64 // what stands in the middle, from the fit's middle, in its halves: to the right and down
	Yaw, Pitch float64 // of a map in 3D, in radians: turned to the right, and tilted towards one
}

// Start is the camera that has everything in sight.
var Start = Camera{Zoom: 1, Yaw: .6, Pitch: .35}

const (
	minZoom, maxZoom = .02, 2000
	maxPan           = 100
)

// ParseCamera reads String's text; what it cannot read is as in Start.
func ParseCamera(s string) Camera {
	c := Start
	f := strings.Split(s, ",")
	for i, to := range []*float64{&c.Zoom, &c.X, &c.Y, &c.Yaw, &c.Pitch} {
		if i >= len(f) {
			break
		}
		if v, err := strconv.ParseFloat(f[i], 64); err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
			*to = v
		}
	}
	return c.within()
}

// String is the camera as the address has it: "zoom,x,y", in 3D also the turn; "" of Start.
func (c Camera) String(dims int) string {
	f := []float64{c.Zoom, c.X, c.Y}
	was := []float64{Start.Zoom, Start.X, Start.Y}
	if dims == 3 {
		f, was = append(f, c.Yaw, c.Pitch), append(was, Start.Yaw, Start.Pitch)
	}
	var text, start []string
	for i := range f {
		if math.Abs(f[i]) < 1e-6 { // what is left of there and back
			f[i] = 0
		}
		text = append(text, strconv.FormatFloat(f[i], 'g', 4, 64))
		start = append(start, strconv.FormatFloat(was[i], 'g', 4, 64))
	}
	if s := strings.Join(text, ","); s != strings.Join(start, ",") {
		return s
	}
	return ""
}

// within keeps the camera where something can be seen.
func (c Camera) within() Camera {
	c.Zoom = min(maxZoom, max(minZoom, c.Zoom))
	c.X, c.Y = min(maxPan, max(-maxPan, c.X)), min(maxPan, max(-maxPan, c.Y))
	c.Yaw = math.Remainder(c.Yaw, 2*math.Pi)
	c.Pitch = min(math.Pi/2, max(-math.Pi/2, c.Pitch))
	return c
}

// Zoomed is the camera zoomed by a factor, with what is at (x, y) of the picture staying there.
func (v *View) Zoomed(by, x, y float64) Camera {
	c := v.Cam
	c.Zoom *= by
	c = c.within()
	ux, uy := v.unit()
	k := 1/v.Cam.Zoom - 1/c.Zoom
	c.X += (x - v.W/2) * k / ux
	c.Y += (y - v.H/2) * k / uy
	return c.within()
}

// Panned is the camera after the picture was dragged by pixels.
func (v *View) Panned(dx, dy float64) Camera {
	c := v.Cam
	ux, uy := v.unit()
	c.X -= dx / ux / c.Zoom
	c.Y -= dy / uy / c.Zoom
	return c.within()
}

// Turned is the camera after a map in 3D was dragged by pixels: half a turn over the picture's smaller side.
func (v *View) Turned(dx, dy float64) Camera {
	c := v.Cam
	k := math.Pi / min(v.W, v.H)
	c.Yaw += dx * k
	c.Pitch += dy * k
	return c.within()
}

// Home is the camera without zoom or pan, turned as it is.
func (c Camera) Home() Camera { return Camera{Zoom: 1, Yaw: c.Yaw, Pitch: c.Pitch} }
