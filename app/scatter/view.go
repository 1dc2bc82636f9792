package scatter

import "math"

// View is a map as it is seen: a camera, what it fits, and the size of the picture in pixels.
type View struct {
	W, H  float64
	Cam   Camera
	Fit   Fit
	Dims  int  // 2 or 3
	Equal bool // one scale for both axes; in 3D always so in units of Fit
	Persp bool // in 3D: perspective, or else orthographic
}

// eye is how far a perspective's eye is from the middle, in radii of the map.
const eye = 3

// margin is kept free around the map.
func (v *View) margin() float64 { return min(28, .06*min(v.W, v.H)) }

// unit is half the fit in pixels at zoom 1, along each axis of the screen.
func (v *View) unit() (x, y float64) {
	w, h := max(1, v.W/2-v.margin()), max(1, v.H/2-v.margin())
	switch {
	case v.Dims == 3:
		r := min(w, h)
		return r, r
	case v.Equal:
		s := min(w/v.Fit.Half[0], h/v.Fit.Half[1])
		return s * v.Fit.Half[0], s * v.Fit.Half[1]
	}
	return w, h
}

// Place finds where each row of at [n, dims] stands: x and y in pixels; z in 3D, from 0 (far) to 1 (near). All have room for n.
func (v *View) Place(at []float32, dims int, x, y, z []float32) {
	if v.Dims == 3 {
		v.place3(at, dims, x, y, z)
		return
	}
	ux, uy := v.unit()
	c := v.Cam
	sx, sy := ux*c.Zoom/v.Fit.Half[0], -uy*c.Zoom/v.Fit.Half[1]
	x0 := float32(v.W/2 - c.X*ux*c.Zoom - v.Fit.Mid[0]*sx)
	y0 := float32(v.H/2 - c.Y*uy*c.Zoom - v.Fit.Mid[1]*sy)
	fx, fy := float32(sx), float32(sy)
	for i := range x {
		x[i] = at[i*dims]*fx + x0
		y[i] = at[i*dims+1]*fy + y0
	}
}

func (v *View) place3(at []float32, dims int, x, y, z []float32) {
	r, _ := v.unit()
	c := v.Cam
	t := v.turn()
	k := float32(r * c.Zoom)
	x0, y0 := float32(v.W/2-c.X*r*c.Zoom), float32(v.H/2-c.Y*r*c.Zoom)
	var m, s [3]float32
	for i := range m {
		m[i], s[i] = float32(v.Fit.Mid[i]), float32(1/v.Fit.Half[i])
	}
	for i := range x {
		a, b := (at[i*dims]-m[0])*s[0], (at[i*dims+1]-m[1])*s[1]
		var d float32
		if dims > 2 {
			d = (at[i*dims+2] - m[2]) * s[2]
		}
		px := t[0][0]*a + t[0][1]*b + t[0][2]*d
		py := t[1][0]*a + t[1][1]*b + t[1][2]*d
		pz := t[2][0]*a + t[2][1]*b + t[2][2]*d
		if v.Persp {
			f := float32(eye) / (eye - min(pz, eye*.9))
			px, py = px*f, py*f
		}
		x[i], y[i], z[i] = px*k+x0, -py*k+y0, min(1, max(0, pz/2+.5))
	}
}

// turn is the rotation to the screen: to the right, up, and towards one.
func (v *View) turn() (t [3][3]float32) {
	sy, cy := math.Sincos(v.Cam.Yaw)
	sp, cp := math.Sincos(v.Cam.Pitch)
	for i, row := range [3][3]float64{{cy, 0, sy}, {sp * sy, cp, -sp * cy}, {-cp * sy, sp, cp * cy}} {
		for j, x := range row {
			t[i][j] = float32(x)
		}
	}
	return t
}
