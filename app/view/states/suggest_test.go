package states

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// TestCurve: at every threshold the curve has the number of units that the selection has, and within a step they are the same units.
func TestCurve(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	some := 0
	for range 10_000 {
		s, x, n, units := randomSelection(r)
		on := sides[r.IntN(3)]
		low, high := s.spans(x, n, units, on)
		steps := curve(low, high, stored)
		from := 0.
		for _, k := range steps {
			if k.from != from || k.to <= k.from {
				t.Fatalf("steps %v have a gap or overlap", steps)
			}
			from = k.to
			want := slow(s, x, n, units, on, k.to)
			for _, l := range []float64{k.from + (k.to-k.from)*.01, (k.from + k.to) / 2, k.to} {
				if got := slow(s, x, n, units, on, l); len(got) != k.n || !slices.Equal(got, want) {
					t.Fatalf("%+v %s of %v: at %g %v are selected; step %+v", s, on, x, l, got, k)
				}
			}
			some += min(k.n, 1)
		}
		if got := slow(s, x, n, units, on, from+.01); len(got) > 0 && finite(from) {
			t.Fatalf("beyond the curve, at %g, %v are selected", from, got)
		}
	}
	if some < 3000 {
		t.Errorf("only %d steps select any: the test says little", some)
	}
}

func stored(v float32) float64 { return float64(v) }

// TestSuggest looks for the widest span the slow way: by trying thresholds close to each other.
func TestSuggest(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const fine = 400 // thresholds between 0 and 1
	found := 0
	for range 2000 {
		s, x, n, units := randomSelection(r)
		for i := range x {
			x[i] = float32(r.IntN(21))/20 - .2 // steps of 0.05: 20 thresholds
		}
		widest, length, last := 0, 0, []int(nil)
		for i := 1; i <= fine; i++ {
			set := slow(s, x, n, units, "above", (float64(i)-.5)/fine)
			if length++; !slices.Equal(set, last) {
				length = 1
			}
			if last = set; len(set) > 0 {
				widest = max(widest, length)
			}
		}
		low, high := s.spans(x, n, units, "above")
		best := suggest(curve(low, high, stored), 2)
		if math.Abs((best.to-best.from)*fine-float64(widest)) > .01 {
			t.Fatalf("%+v of %v: the widest span is %g, found %+v", s, x, float64(widest)/fine, best)
		}
		if widest == 0 {
			continue
		}
		found++
		l, err := strconv.ParseFloat(best.value(), 64)
		if got := between(low, high, float32(l)); err != nil || len(got) != best.n || l != best.l {
			t.Fatalf("%+v selects %v", best, got)
		}
		top := highestThat(low, high, 2, stored)
		l, _ = strconv.ParseFloat(top.value(), 64)
		if got := between(low, high, float32(l)); len(got) != top.n || top.n == 0 || len(slow(s, x, n, units, "above", top.to+1e-6)) > 0 {
			t.Fatalf("%+v selects %v", top, got)
		}
	}
	if found < 200 {
		t.Errorf("only %d had a suggestion", found)
	}
}

// TestRound: a threshold has the decimals of its scale, or as many more as it takes to stay within the step.
func TestRound(t *testing.T) {
	for _, c := range []struct {
		step step
		l    float64
		want string
	}{
		{step{.2, .6, 3}, .4, "0.40"}, {step{.211, .213, 3}, .212, "0.212"}, {step{0, .2134, 1}, .2134, "0.21"},
		{step{.21, .2134, 1}, .2134, "0.213"}, {step{1.5, 3, 1}, 3, "3.00"},
	} {
		s := suggestion{step: c.step}
		if s.round(c.l, 2); s.value() != c.want {
			t.Errorf("%g in %v: %s, expected %s", c.l, c.step, s.value(), c.want)
		}
	}
}
