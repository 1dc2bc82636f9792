package scatter

import (
	"math"

	"loupe/app/figure"
)

// Nearest is the row nearest to a point of the picture, at most reach pixels away, or -1. In 3D the nearer to one wins of those that
// are about as near.
func (p *Picture) Nearest(x, y, reach float64) int {
	best, least := -1, float32(reach*reach)
	fx, fy, r := float32(x), float32(y), float32(reach)
	for i := range p.n {
		dx := p.X[i] - fx
		if !(dx < r && dx > -r) {
			continue
		}
		dy := p.Y[i] - fy
		d := dx*dx + dy*dy
		if !(d <= float32(reach*reach)) || p.S.Class[i] == figure.Hidden {
			continue
		}
		if len(p.Z) > 0 {
			d += (1 - p.Z[i]) * r
		}
		if best < 0 || d < least {
			best, least = i, d
		}
	}
	return best
}

// Inside are the rows drawn inside a polygon, by the even-odd rule.
func (p *Picture) Inside(loop [][2]float64) (rows []int) {
	if len(loop) < 3 {
		return nil
	}
	lo, hi := loop[0], loop[0]
	for _, q := range loop {
		for k := range 2 {
			lo[k], hi[k] = min(lo[k], q[k]), max(hi[k], q[k])
		}
	}
	for i := range p.n {
		x, y := float64(p.X[i]), float64(p.Y[i])
		if x >= lo[0] && x <= hi[0] && y >= lo[1] && y <= hi[1] && p.S.Class[i] != figure.Hidden && inside(loop, x, y) {
			rows = append(rows, i)
		}
	}
	return rows
}

func inside(loop [][2]float64, x, y float64) bool {
	in := false
	a := loop[len(loop)-1]
	for _, b := range loop {
		if (a[1] > y) != (b[1] > y) && x < a[0]+(y-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
			in = !in
		}
		a = b
	}
	return in
}

// Step is the row next to a row in a direction (dx, dy: one of them is ±1): of some rows, or else of all that are in sight; the row
// itself if there is none. It is the one that is least far along the direction and off it, being off it counting twice.
func (p *Picture) Step(from, dx, dy int, some []int) int {
	if !p.stands(from) {
		return p.first(some)
	}
	best, least := from, math.Inf(1)
	try := func(r int) {
		if r == from || !p.stands(r) {
			return
		}
		x, y := float64(p.X[r]-p.X[from]), float64(p.Y[r]-p.Y[from])
		along, off := x*float64(dx)+y*float64(dy), math.Abs(x*float64(dy))+math.Abs(y*float64(dx))
		if d := along + 2*off; along > .5 && d < least {
			best, least = r, d
		}
	}
	for _, r := range some {
		try(r)
	}
	if best == from {
		for r := range p.n {
			try(r)
		}
	}
	return best
}

// first is where the keys begin: the first of some rows in sight, or the row nearest to the middle; -1 if there is none.
func (p *Picture) first(some []int) int {
	for _, r := range some {
		if p.stands(r) {
			return r
		}
	}
	return p.Nearest(p.W/2, p.H/2, p.W+p.H)
}
