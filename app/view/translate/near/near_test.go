package near

import (
	"math"
	"testing"
)

// TestHull: the hull of points is convex and holds them all, moved outwards.
func TestHull(t *testing.T) {
	p := [][2]float64{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {5, 5}, {2, 7}, {5, 0}}
	h := hull(p, 7)
	if len(h) != 4 {
		t.Fatalf("%d corners: %v", len(h), h)
	}
	area := 0.0
	for i := range h {
		a, b := h[i], h[(i+1)%len(h)]
		area += (a[0]*b[1] - a[1]*b[0]) / 2
	}
	if side := 10 + 2*7/math.Sqrt2; math.Abs(math.Abs(area)-side*side) > 1e-9 {
		t.Errorf("area %g, not %g", area, side*side)
	}
	if hull(p[:2], 7) != nil {
		t.Error("two points have a hull")
	}
}
