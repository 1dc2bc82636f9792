package quality

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"loupe/engine/projection/near"
)

// golden is what testdata/projection/quality.py found with scikit-learn and scipy.
type golden struct {
	N        int
	X, Y, Z  []float32 // [N, 6], [N, 2], [N, 3]
	Measures []struct {
		Metric                   near.Metric
		K, Kept, Sample          int
		Trust, Continuity, Share float64
	}
	Shared    []float32
	Disparity struct{ YZ, ZY, Noise float64 }
}

func read(t *testing.T) (g golden) {
	b, err := os.ReadFile("../../../testdata/projection/quality.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// same allows for sums in another order of float64.
func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) < 1e-12) {
		t.Errorf("%s is %.15f, want %.15f", what, got, want)
	}
}

func TestMeasure(t *testing.T) {
	g := read(t)
	for _, want := range g.Measures {
		got, err := Measure(g.X, g.N, 6, want.Metric, g.Y, 2, want.K, want.Kept, want.Sample, nil)
		if err != nil || got.Rows != want.Sample {
			t.Fatal(got, err)
		}
		what := string(want.Metric) + ": "
		same(t, what+"trustworthiness", got.Trust, want.Trust)
		same(t, what+"continuity", got.Continuity, want.Continuity)
		if math.Abs(got.Kept-want.Share) > 1e-6 { // shares are float32
			t.Errorf("%s%v kept, want %v", what, got.Kept, want.Share)
		}
	}
}

func TestShared(t *testing.T) {
	g := read(t)
	got, err := Shared(g.Y, 2, g.Z, 3, g.N, 8, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range g.Shared {
		if got[i] != want {
			t.Errorf("row %d shares %v, want %v", i, got[i], want)
		}
	}
}

func TestDisparity(t *testing.T) {
	g := read(t)
	same(t, "disparity of y and z", Disparity(g.Y, 2, g.Z, 3, g.N), g.Disparity.YZ)
	same(t, "disparity of z and y", Disparity(g.Z, 3, g.Y, 2, g.N), g.Disparity.ZY)
	var other []float32
	for i := range g.N {
		other = append(other, g.X[i*6+3], g.X[i*6+4])
	}
	same(t, "disparity of y and noise", Disparity(g.Y, 2, other, 2, g.N), g.Disparity.Noise)

	turned := make([]float32, len(g.Y)) // mirrored, turned, scaled and moved
	for i := range g.N {
		turned[2*i], turned[2*i+1] = 7+3*g.Y[2*i+1], 3*g.Y[2*i]-1
	}
	if d := Disparity(g.Y, 2, turned, 2, g.N); d > 1e-12 {
		t.Errorf("the same shape has the disparity %v", d)
	}
	point := make([]float32, len(g.Y))
	for i := range point {
		point[i] = .1
	}
	if a, b := Disparity(g.Y, 2, point, 2, g.N), Disparity(point, 2, point, 2, g.N); a != 1 || b != 0 {
		t.Errorf("with one place: %v and %v, want 1 and 0", a, b)
	}
}

// TestLeftOut: rows without a place change nothing, wherever they are.
func TestLeftOut(t *testing.T) {
	g := read(t)
	nan := float32(math.NaN())
	x, y, z := []float32{}, []float32{}, []float32{}
	var at []int
	for i := range g.N {
		if i%7 == 3 {
			x, y, z = append(x, 1, 2, 3, 4, 5, 6), append(y, nan, nan), append(z, 1, 2, 3)
		}
		if i%9 == 2 {
			x, y, z = append(x, 1, 2, nan, 4, 5, 6), append(y, 1, 2), append(z, nan, nan, nan)
		}
		at = append(at, len(y)/2)
		x, y, z = append(x, g.X[i*6:(i+1)*6]...), append(y, g.Y[i*2:(i+1)*2]...), append(z, g.Z[i*3:(i+1)*3]...)
	}
	n, want := len(y)/2, g.Measures[0]
	got, err := Measure(x, n, 6, want.Metric, y, 2, want.K, want.Kept, n, nil)
	if err != nil || got.Rows != g.N {
		t.Fatal(got, err)
	}
	same(t, "trustworthiness", got.Trust, want.Trust)
	same(t, "continuity", got.Continuity, want.Continuity)
	same(t, "disparity", Disparity(y, 2, z, 3, n), g.Disparity.YZ)
	shares, err := Shared(y, 2, z, 3, n, 8, nil)
	if err != nil || len(shares) != n {
		t.Fatal(len(shares), err)
	}
	there := 0
	for i, want := range g.Shared {
		if shares[at[i]] != want {
			t.Errorf("row %d shares %v, want %v", at[i], shares[at[i]], want)
		}
	}
	for _, s := range shares {
		if s == s {
			there++
		}
	}
	if there != g.N {
		t.Errorf("%d rows have a share, want %d", there, g.N)
	}
}

func TestFewRows(t *testing.T) {
	for n := range 5 {
		x := make([]float32, 3*n)
		for i := range x {
			x[i] = float32(i * i)
		}
		got, err := Measure(x, n, 3, near.Cosine, x[:2*n], 2, 12, 10, 1000, nil)
		if err != nil || n < 3 && got != (Result{}) || n >= 3 && (got.Rows != n || got.Trust > 1 || got.Trust < 0 || got.Kept != 1) {
			t.Errorf("%d rows: %+v, %v", n, got, err)
		}
		if shares, err := Shared(x, 3, x, 3, n, 5, nil); err != nil || len(shares) != n || n > 1 && shares[0] != 1 {
			t.Errorf("%d rows: %v, %v", n, shares, err)
		}
	}
}

// TestPerfectAndWorst: a map that is the space has all at 1; random places keep what chance keeps.
func TestPerfectAndWorst(t *testing.T) {
	x, y := random(400, 2, 1), random(400, 2, 2)
	if got, _ := Measure(x, 400, 2, near.Euclidean, x, 2, 12, 10, 400, nil); got != (Result{1, 1, 1, 400}) {
		t.Errorf("the space itself: %+v", got)
	}
	got, _ := Measure(x, 400, 2, near.Euclidean, y, 2, 12, 10, 400, nil)
	if math.Abs(got.Trust-.5) > .05 || math.Abs(got.Continuity-.5) > .05 || math.Abs(got.Kept-10./399) > .015 {
		t.Errorf("random places: %+v", got)
	}
}

func random(n, d int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func TestStep(t *testing.T) {
	x, y := random(4000, 50, 1), random(4000, 2, 2)
	stop := errors.New("stop")
	calls, last := 0, 0.0
	_, err := Measure(x, 4000, 50, near.Cosine, y, 2, 12, 10, 1000, func(done, total float64) error {
		if done < last || done > total {
			t.Errorf("%v of %v after %v", done, total, last)
		}
		calls, last = calls+1, done
		return nil
	})
	if err != nil || calls < 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
	if _, err := Measure(x, 4000, 50, near.Cosine, y, 2, 12, 10, 1000, func(float64, float64) error { return stop }); err != stop {
		t.Errorf("stopped with %v", err)
	}
	if _, err := Shared(y, 2, x[:8000], 2, 4000, 10, func(float64, float64) error { return stop }); err != stop {
		t.Errorf("stopped with %v", err)
	}
}

// BenchmarkMeasure: 1,000 of 10,000 rows in less than 1 s, in Chromium's worker. Random places take longest, for their ranks are all over.
func BenchmarkMeasure(b *testing.B) {
	y, noise := random(10_000, 2, 2), random(10_000, 100, 1)
	x := make([]float32, len(noise)) // of which y is a fair map
	for i := range x {
		row, column := i/100, i%100
		x[i] = y[2*row+column%2]*float32(column%7) + .5*noise[i]
	}
	for name, x := range map[string][]float32{"map": x, "random": noise} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := Measure(x, 10_000, 100, near.Cosine, y, 2, 12, 10, 1000, nil)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(r.Trust, "trust")
			}
		})
	}
}

// BenchmarkShared is of all of 10,000 rows.
func BenchmarkShared(b *testing.B) {
	x, y := random(10_000, 2, 1), random(10_000, 2, 2)
	for b.Loop() {
		if _, err := Shared(x, 2, y, 2, 10_000, 10, nil); err != nil {
			b.Fatal(err)
		}
	}
}
