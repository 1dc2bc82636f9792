package enginetest

import (
	"math"
	"slices"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/tensor"
)

// RelErr is the largest difference of two arrays of the same length, relative to the largest magnitude in want. It is infinite
// where only one of them is finite.
func RelErr(got, want []float32) float64 {
	var diff, size float64
	for i, w := range want {
		d := math.Abs(float64(got[i]) - float64(w))
		if math.IsNaN(d) && got[i] != w && !(got[i] != got[i] && w != w) {
			return math.Inf(1)
		}
		if d > diff {
			diff = d
		}
		if a := math.Abs(float64(w)); !math.IsInf(a, 0) { // a score that a window hides
			size = max(size, a)
		}
	}
	if diff == 0 {
		return 0
	}
	return diff / size
}

// Tensor is a recorded activation whole: [position, ..], or [head, query, key] with 0 for keys that the query does not see.
func Tensor(s *activation.Series) *tensor.Tensor {
	if !s.Heads {
		return &tensor.Tensor{Shape: append([]int{s.N}, s.Inner...), Data: s.Data}
	}
	heads, keys := s.Inner[0], s.N
	if s.Keys > 0 {
		keys = s.Keys
	}
	x := tensor.New(heads, s.N, keys)
	for q := range s.N {
		for h := range heads {
			copy(x.Data[(h*s.N+q)*keys:], s.Head(q, h))
		}
	}
	return x
}

// Same fails the test unless what was recorded has the shapes and, within a relative error of tol, the values of want. It
// returns the largest error.
func Same(t testing.TB, rec *activation.Recorder, want map[string]*tensor.Tensor, tol float64) (worst float64) {
	t.Helper()
	for name, w := range want {
		s := rec.Get(name)
		if s == nil {
			t.Errorf("%s: not recorded", name)
			continue
		}
		got := Tensor(s)
		if !slices.Equal(got.Shape, w.Shape) {
			t.Errorf("%s: shape %v, expected %v", name, got.Shape, w.Shape)
			continue
		}
		e := RelErr(got.Data, w.Data)
		if worst = max(worst, e); !(e <= tol) {
			t.Errorf("%s: relative error %.2g, at most %.2g", name, e, tol)
		}
	}
	return worst
}
