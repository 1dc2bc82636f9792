package near

import (
	"math"
	"strings"

	"loupe/app/svg"
)

// plane lays places out in a rectangle of pixels, so that all that it holds are in it.
type plane struct {
	x, y, w, h float64
	equal      bool // one scale for both axes
	lo, hi     [2]float64
	any        bool
}

// hold makes room for places [n, 2]; those that are not finite are nowhere.
func (p *plane) hold(places []float32) {
	if !p.any {
		p.any, p.lo, p.hi = true, [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	}
	for i, v := range places {
		if v-v == 0 {
			p.lo[i%2], p.hi[i%2] = min(p.lo[i%2], float64(v)), max(p.hi[i%2], float64(v))
		}
	}
}

// points are the pixels of places [n, 2].
func (p *plane) points(places []float32) (out [][2]float64) {
	sx, sy := p.w/max(p.hi[0]-p.lo[0], 1e-9), p.h/max(p.hi[1]-p.lo[1], 1e-9)
	if p.equal {
		sx = min(sx, sy)
		sy = sx
	}
	mx, my := (p.lo[0]+p.hi[0])/2, (p.lo[1]+p.hi[1])/2
	for i := 0; i+1 < len(places); i += 2 {
		out = append(out, [2]float64{p.x + p.w/2 + sx*(float64(places[i])-mx), p.y + p.h/2 - sy*(float64(places[i+1])-my)})
	}
	return out
}

// dots is a path of a dot at each place.
func (p *plane) dots(places []float32) string {
	var b strings.Builder
	for _, at := range p.points(places) {
		if at[0]-at[0] == 0 {
			b.WriteString("M" + svg.N(at[0]) + "," + svg.N(at[1]) + "h0")
		}
	}
	return b.String()
}

// way is a path from point to point.
func way(points [][2]float64) string {
	var b strings.Builder
	for i, at := range points {
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + svg.N(at[0]) + "," + svg.N(at[1]))
	}
	return b.String()
}
