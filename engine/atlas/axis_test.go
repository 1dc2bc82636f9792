package atlas

import (
	"math"
	"slices"
	"testing"

	"loupe/engine/protocol"
)

// on is whether numbers are those expected, to float32's precision.
func on(got []float32, want ...float64) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - want[i]); d > 1e-6*max(1, math.Abs(want[i])) || d != d && want[i] == want[i] {
			return false
		}
	}
	return true
}

func TestAxis(t *testing.T) {
	d := newBench(t)
	nan := math.NaN()
	x := []float32{0, 0, 4, 0, 2, 5, -4, 1, float32(nan), 0, 3, 4, 8, 0}
	d.open(1, x, 2, nil)
	ask := func(from, to []int) []float32 {
		return ask[protocol.Array](d, protocol.OpMapAxis, protocol.MapAxis{Map: 1, From: from, To: to}).Data
	}
	if got := ask([]int{0}, []int{1}); !on(got, 0, 1, .5, -1, nan, .75, 2) {
		t.Errorf("%v", got)
	}
	if got := ask([]int{0, 1}, []int{6, 1, 4}); !on(got, -.5, .5, 0, -1.5, nan, .25, 1.5) { // from (2, 0) to (6, 0); row 4 is left out
		t.Errorf("%v", got)
	}
	if got := ask(nil, []int{5}); !on(got, 0, .6, 26/(5*math.Sqrt(29)), -8/(5*math.Sqrt(17)), nan, 1, .6) { // cosines
		t.Errorf("%v", got)
	}
	for _, c := range []struct {
		code     string
		from, to []int
	}{{"axis-empty", []int{0}, nil}, {"axis-empty", []int{0}, []int{4}}, {"axis-empty", []int{4}, []int{0}}, {"axis-zero", []int{0, 6}, []int{1}},
		{"axis-zero", nil, []int{0}}, {"bad-request", nil, []int{7}}, {"bad-request", []int{-1}, []int{0}}} {
		if e := d.fails(protocol.OpMapAxis, protocol.MapAxis{Map: 1, From: c.from, To: c.to}); e.Code != c.code {
			t.Errorf("%v %v: %+v", c.from, c.to, e)
		}
	}
}

// TestAxes places rows on axes of one's own: never on one that nobody asked for.
func TestAxes(t *testing.T) {
	d := newBench(t)
	d.open(1, []float32{0, 0, 4, 0, 2, 5, -4, 1}, 2, nil)
	l := protocol.DefaultLayout()
	l.Method, l.Dims = "axes", 3
	l.Axes = [][2][]int{{{0}, {1}}, {{1}, {1}}}
	f := d.step(l, 1, 0)
	if w := f.Warnings; len(w) != 2 || w[0] != (protocol.Warning{Code: "axis-zero", What: "y", N: 2}) || w[1] != (protocol.Warning{Code: "axis-empty", What: "z", N: 3}) {
		t.Errorf("%+v", w)
	}
	if !f.Done || !on(f.Y, 0, 0, 0, 4, 0, 0, 2, 0, 0, -4, 0, 0) {
		t.Errorf("%+v", f)
	}
	l.Dims, l.Axes = 2, [][2][]int{{{0}, {2}}, {{}, {3}}}
	f = d.step(l, 1, 0)
	a, b := math.Sqrt(29), math.Sqrt(17)
	if len(f.Warnings) != 0 || !on(f.Y, 0, 0, 8/a, -16/b, 29/a, -3/b, -3/a, 17/b) {
		t.Errorf("%+v", f)
	}
}

func TestSets(t *testing.T) {
	d := newBench(t)
	x := []float32{1, 0, 0, 2, 3, 3, -1, 0, 0, -1, 0, 0, 5, 0}
	d.open(1, x, 2, nil)
	ask := func(a, b []int, k int) *protocol.MapSetsResult {
		return ask[protocol.MapSetsResult](d, protocol.OpMapSets, protocol.MapSets{Map: 1, A: a, B: b, K: k})
	}
	h := math.Sqrt(.5)
	r := ask([]int{0, 1, 2}, []int{3, 4}, 2)
	// cosines within A: 0, h, h; within B: 0; between: -1, 0; 0, -1; -h, -h. Means: (4/3, 5/3) and (-1/2, -1/2).
	if !on([]float32{r.WithinA, r.WithinB, r.Between, r.Means, r.Separation}, 2*h/3, 0, -(2+2*h)/6, -9/math.Sqrt(41)*h, 1) {
		t.Errorf("%+v", r)
	}
	// The axis runs along (-11, -13): (5, 0) and (3, 3) lie furthest towards A, (0, -1) and (-1, 0) towards B.
	if !slices.Equal(r.TowardsA, []int{2, 6}) || !slices.Equal(r.TowardsB, []int{4, 3}) {
		t.Errorf("%+v", r)
	}
	// Rows of both, and a zero vector: pairs of a row with itself do not count.
	r = ask([]int{0, 1, 5}, []int{0, 2}, 0)
	if !on([]float32{r.WithinA, r.WithinB, r.Between}, 0, h, (0+h+0+h+0)/5) || len(r.TowardsA) != 0 {
		t.Errorf("%+v", r)
	}
	// Of one row there is no pair; of equal means no axis.
	r = ask([]int{0}, []int{0}, 3)
	if r.WithinA != 0 || r.Between != 0 || r.Separation != .5 || len(r.TowardsA) != 0 {
		t.Errorf("%+v", r)
	}
	if e := d.fails(protocol.OpMapSets, protocol.MapSets{Map: 1, A: []int{0}}); e.Code != "bad-request" {
		t.Errorf("%+v", e)
	}
}

func TestArea(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{{[]float64{1, 2}, []float64{3, 4}, 1}, {[]float64{3, 4}, []float64{1, 2}, 0}, {[]float64{1, 1}, []float64{1}, .5},
		{[]float64{5, 1, 3}, []float64{3, 4}, (1 + .5 + 2) / 6}} {
		if got := area(c.a, c.b); got != c.want {
			t.Errorf("%v %v: %v, expected %v", c.a, c.b, got, c.want)
		}
	}
}
