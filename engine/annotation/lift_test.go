package annotation

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// lifts are what SciPy and sums of 40 digits say (testdata/annotation/lift.py).
func lifts(t testing.TB) (g struct {
	Counts  [][6]float64
	Correct [][2][]float64
}) {
	b, err := os.ReadFile("../../testdata/annotation/lift.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestP(t *testing.T) {
	for _, c := range lifts(t).Counts {
		got := Count{int(c[0]), int(c[1]), int(c[2]), int(c[3])}.P()
		// 1e-11: logP is a sum of terms of up to 1e4 times 1e-16, and some thousand terms are added
		if d := math.Abs(got - c[4]); !(d <= 1e-11*c[4]) {
			t.Errorf("%v: %v, expected %v (%.2g of it away)", c[:4], got, c[4], d/c[4])
		}
		// SciPy's own logarithms of large numbers leave it 1e-6
		if d := math.Abs(got - c[5]); !(d <= 1e-6*c[5]) {
			t.Errorf("%v: %v, SciPy %v", c[:4], got, c[5])
		}
	}
	for _, c := range []Count{{1, 0, 1, 2}, {0, 2, 2, 2}, {0, 0, 0, 0}, {-1, 1, 1, 2}} {
		if p := c.P(); p == p {
			t.Errorf("%v cannot be, and has p %v", c, p)
		}
	}
}

// TestPIsASum compares with the sum over all counts, in all tables of up to 12.
func TestPIsASum(t *testing.T) {
	choose := func(n, k int) float64 {
		x := 1.
		for i := range k {
			x = x * float64(n-i) / float64(i+1)
		}
		return math.Round(x)
	}
	for all := 1; all <= 12; all++ {
		for with := 0; with <= all; with++ {
			for of := 0; of <= all; of++ {
				lo, hi := max(0, of+with-all), min(of, with)
				p := func(k int) float64 { return choose(with, k) * choose(all-with, of-k) }
				for here := lo; here <= hi; here++ {
					want := 0.
					for k := lo; k <= hi; k++ {
						if p(k) <= p(here) {
							want += p(k) / choose(all, of)
						}
					}
					if got := (Count{here, of, with, all}).P(); math.Abs(got-want) > 1e-12 {
						t.Errorf("%d of %d, %d of %d: %v, expected %v", here, of, with, all, got, want)
					}
				}
			}
		}
	}
}

func TestLift(t *testing.T) {
	if l := (Count{6, 8, 50, 1000}).Lift(); math.Abs(l-15) > 1e-12 {
		t.Error(l)
	}
	if l := (Count{0, 8, 50, 1000}).Lift(); l != 0 {
		t.Error(l)
	}
	if l := (Count{0, 0, 50, 1000}).Lift(); l == l {
		t.Error(l)
	}
}

func TestCorrect(t *testing.T) {
	for _, c := range lifts(t).Correct {
		p := append([]float64(nil), c[0]...)
		Correct(p)
		for i, want := range c[1] {
			if math.Abs(p[i]-want) > 1e-14 {
				t.Errorf("%v: %v, expected %v", c[0], p, c[1])
				break
			}
		}
	}
	p := []float64{.01, math.NaN(), .04}
	if Correct(p); p[0] != .02 || p[1] == p[1] || p[2] != .04 {
		t.Error(p)
	}
}

// BenchmarkP is the p of a label at 100,000 of ten million places.
func BenchmarkP(b *testing.B) {
	for b.Loop() {
		Count{5100, 100_000, 500_000, 10_000_000}.P()
	}
}
