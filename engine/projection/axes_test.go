package projection

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestAxes holds that rows lie along the axes where Principal puts them: where all eigenvectors are found, and where some are iterated.
func TestAxes(t *testing.T) {
	for _, size := range [][2]int{{50, 8}, {12, 40}, {700, 400}, {1, 3}} {
		n, d := size[0], size[1]
		r := rand.New(rand.NewPCG(1, uint64(n)))
		x := make([]float32, n*d)
		for i := range n {
			for k := range d {
				x[i*d+k] = float32(r.NormFloat64()*8/float64(k+1) + 3)
			}
		}
		coords, _, err := Principal(x, n, d, 2, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		mean, axes, err := Axes(x, n, d, coords, 2)
		if err != nil {
			t.Fatal(err)
		}
		tol := 1e-4 // of the largest coordinate: coordinates are float32
		if min(n, d) > wholeTo {
			tol = 2e-2 // those are of vectors that have settled to 1e-4 of the variance, its root
		}
		largest := 0.0
		for _, c := range coords {
			largest = max(largest, math.Abs(float64(c)))
		}
		for i := range n {
			for a, c := range Along(x[i*d:(i+1)*d], mean, axes) {
				if math.Abs(float64(c-coords[i*2+a])) > tol*largest {
					t.Fatalf("%v: row %d lies at %g, not %g", size, i, c, coords[i*2+a])
				}
			}
		}
	}
	if _, _, err := Axes(make([]float32, 6), 2, 3, make([]float32, 3), 2); err == nil {
		t.Error("no error")
	}
}
