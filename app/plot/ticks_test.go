package plot

import (
	"math"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		want   []float64
	}{
		{0, .41, 3, []float64{0, .2, .4}}, {0, 1, 4, []float64{0, .5, 1}}, {9.7, 18.4, 3, []float64{10, 15}},
		{-3, 3, 3, []float64{-2, 0, 2}}, {0, 12, 3, []float64{0, 5, 10}}, {1, 1, 3, nil}, {0, math.NaN(), 3, nil}, {0, math.Inf(1), 3, nil},
	} {
		got := Ticks(c.lo, c.hi, c.n)
		if len(got) != len(c.want) {
			t.Errorf("Ticks(%g, %g, %d) = %v, want %v", c.lo, c.hi, c.n, got, c.want)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-9 {
				t.Errorf("Ticks(%g, %g, %d) = %v, want %v", c.lo, c.hi, c.n, got, c.want)
			}
		}
	}
	for span, want := range map[float64]int{.41: 1, 12: 0, .03: 2} {
		if d := Decimals(span, 3); d != want {
			t.Errorf("Decimals(%g) = %d, want %d", span, d, want)
		}
	}
}
