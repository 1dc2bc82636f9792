package near

import (
	"cmp"
	"math"
	"slices"
)

// outlined is the outline of the hull of points, "" of fewer than three.
func outlined(p [][2]float64, by float64) string {
	h := hull(p, by)
	if len(h) < 3 {
		return ""
	}
	return way(h) + "z"
}

// hull is the convex hull of points (Andrew 1979), moved outwards by so much.
func hull(p [][2]float64, by float64) (out [][2]float64) {
	if len(p) < 3 {
		return nil
	}
	p = slices.Clone(p)
	slices.SortFunc(p, func(a, b [2]float64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	turn := func(a, b, c [2]float64) float64 { return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]) }
	for range 2 {
		from := len(out)
		for _, c := range p {
			for len(out) >= from+2 && turn(out[len(out)-2], out[len(out)-1], c) <= 0 {
				out = out[:len(out)-1]
			}
			out = append(out, c)
		}
		out = out[:len(out)-1]
		slices.Reverse(p)
	}
	var mx, my float64
	for _, c := range out {
		mx, my = mx+c[0]/float64(len(out)), my+c[1]/float64(len(out))
	}
	for i, c := range out {
		if d := math.Hypot(c[0]-mx, c[1]-my); d > 0 {
			out[i] = [2]float64{c[0] + by*(c[0]-mx)/d, c[1] + by*(c[1]-my)/d}
		}
	}
	return out
}
