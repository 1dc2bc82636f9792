package projection

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// words is rows whose variances fall slowly, as those of word vectors do, about a mean.
func words(n, d int) []float32 {
	r := rand.New(rand.NewPCG(5, uint64(d)))
	mix := make([]float64, d*d)
	for i := range mix {
		mix[i] = r.NormFloat64() / math.Sqrt(float64(d))
	}
	x, hidden := make([]float32, n*d), make([]float64, d)
	for i := range n {
		for j := range hidden {
			hidden[j] = r.NormFloat64() / math.Pow(1+float64(j), .6)
		}
		for j := range d {
			s := 2 * math.Sin(float64(j))
			for t, h := range hidden {
				s += h * mix[j*d+t]
			}
			x[i*d+j] = float32(s)
		}
	}
	return x
}

// svd is gonum's decomposition of the centred rows: coordinates along each component, up to their sign, and shares of the variance.
func svd(t *testing.T, x []float32, n, d int) (coords *mat.Dense, shares []float64) {
	rows, err := centre(x, n)
	if err != nil {
		t.Fatal(err)
	}
	var s mat.SVD
	if !s.Factorize(mat.NewDense(n, d, rows), mat.SVDThin) {
		t.Fatal("no SVD")
	}
	var u mat.Dense
	s.UTo(&u)
	values, total := s.Values(nil), 0.0
	for _, v := range values {
		total += v * v
	}
	for k, v := range values {
		for i := range n {
			u.Set(i, k, u.At(i, k)*v)
		}
		shares = append(shares, v*v/total)
	}
	return &u, shares
}

// TestPrincipalAgainstSVD compares with gonum's exact decomposition. Sums of float32 leave 1e-5 of the largest coordinate where all is decomposed.
func TestPrincipalAgainstSVD(t *testing.T) {
	for _, size := range [][2]int{{40, 6}, {6, 40}, {12, 12}, {3, 1}, {2, 3}, {700, 60}, {60, 150}, {300, 330}} {
		n, d := size[0], size[1]
		x := noise(n, d)
		const dims = 5
		got, shares, err := Principal(x, n, d, dims, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, wantShares := svd(t, x, n, d)
		for k := range dims {
			share := 0.0
			if k < len(wantShares) {
				share = wantShares[k]
			}
			if math.Abs(float64(shares[k])-share) > 2e-6 {
				t.Errorf("%v: component %d has a share of %v, want %v", size, k, shares[k], share)
			}
			most, off := along(got, want, n, dims, k)
			if largest, _ := along(got, want, n, dims, 0); off > 2e-5*largest {
				t.Errorf("%v: coordinates of component %d off by %g of %g", size, k, off, most)
			}
		}
	}
}

// along is the largest coordinate of component k, and the largest difference to it, the sign of want being that of got. The largest of got must be
// positive.
func along(got []float32, want *mat.Dense, n, dims, k int) (most, off float64) {
	for _, sign := range []float64{1, -1} {
		worst := 0.0
		for i := range n {
			w := 0.0
			if _, c := want.Dims(); k < c {
				w = want.At(i, k)
			}
			most = max(most, math.Abs(w))
			worst = max(worst, math.Abs(float64(got[i*dims+k])-sign*w))
		}
		if sign == 1 || worst < off {
			off = worst
		}
	}
	high, low := 0.0, 0.0
	for i := range n {
		high, low = max(high, float64(got[i*dims+k])), min(low, float64(got[i*dims+k]))
	}
	if -low > high*(1+1e-6) {
		off = math.Inf(1)
	}
	return most, off
}

// TestIteratedAgainstSVD: the components found by iteration have the variance of the true ones to 1e-3 each and 2e-4 together (they settle to
// 1e-4 a pass), and the leading ones, which lie apart, the true coordinates.
func TestIteratedAgainstSVD(t *testing.T) {
	const n, d, dims = 900, 340, 30
	x := words(n, d)
	got, shares, err := Principal(x, n, d, dims, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, _, _ := Principal(x, n, d, dims, 3, nil)
	want, wantShares := svd(t, x, n, d)
	sum, wantSum := 0.0, 0.0
	for k := range dims {
		sum, wantSum = sum+float64(shares[k]), wantSum+wantShares[k]
		if float64(shares[k]) > wantShares[k]*(1+1e-5) || k < dims/2 && float64(shares[k]) < wantShares[k]*(1-1e-3) {
			t.Errorf("component %d has a share of %v, want %v", k, shares[k], wantShares[k])
		}
		if k < 3 {
			if most, off := along(got, want, n, dims, k); off > 2e-3*most {
				t.Errorf("coordinates of component %d off by %g of %g", k, off, most)
			}
		}
	}
	if sum < wantSum*(1-1e-3) {
		t.Errorf("all have %v of the variance, want %v", sum, wantSum)
	}
	t.Logf("share of %d components: %.6f, exactly %.6f", dims, sum, wantSum)
	for i := range got {
		if got[i] != again[i] {
			t.Fatal("the same seed gives other coordinates")
		}
	}
}

func TestPrincipalOfOddRows(t *testing.T) {
	for name, c := range map[string]struct {
		x    []float32
		n, d int
	}{
		"one row":       {[]float32{1, 2, 3}, 1, 3},
		"equal rows":    {[]float32{.1, 7, .1, 7, .1, 7}, 3, 2},
		"zero":          {make([]float32, 12), 4, 3},
		"equal, 3 of 9": {[]float32{1e6 + .5, 1, 1e6 + .5, 1, 1e6 + .5, 1}, 3, 2},
	} {
		got, shares, err := Principal(c.x, c.n, c.d, 2, 1, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, v := range append(got, shares...) {
			if v != 0 {
				t.Errorf("%s: %v with shares %v, want zeros", name, got, shares)
				break
			}
		}
	}
	// A constant column, and numbers whose squares are beyond float32.
	got, shares, err := Principal([]float32{1e30, 5, 3e30, 5, -4e30, 5}, 3, 2, 2, 1, nil)
	if err != nil || shares[0] != 1 || shares[1] != 0 || math.Abs(float64(got[4])/4e30-1) > 1e-6 || got[0] > 0 || got[1] != 0 {
		t.Errorf("%v with shares %v, %v", got, shares, err)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, _, err := Principal([]float32{1, 2, float32(v), 4}, 2, 2, 2, 1, nil); err == nil {
			t.Errorf("%v has a place", v)
		}
	}
	if _, _, err := Principal([]float32{1, 2, 3}, 2, 2, 2, 1, nil); err == nil {
		t.Error("three numbers are two rows of two")
	}
}

func TestPrincipalStops(t *testing.T) {
	stop := errors.New("stop")
	x := noise(6000, 330)
	for _, d := range []int{55, 330} {
		n, calls, last := len(x)/d, 0, 0.0
		_, _, err := Principal(x, n, d, 20, 1, func(done, total float64) error {
			if calls++; done < last || done > total {
				t.Errorf("%v of %v after %v", done, total, last)
			}
			last = done
			return nil
		})
		if err != nil || calls == 0 {
			t.Errorf("%d calls, %v", calls, err)
		}
		if _, _, err := Principal(x, n, d, 20, 1, func(float64, float64) error { return stop }); err != stop {
			t.Errorf("stopped with %v", err)
		}
	}
}

// BenchmarkPrincipal: 50,000 x 300 in at most 3 s, in Chromium's worker. 768 columns are those of GPT-2.
func BenchmarkPrincipal(b *testing.B) {
	for _, c := range []struct {
		name string
		n, d int
	}{{"50000x300", 50_000, 300}, {"20000x768", 20_000, 768}} {
		b.Run(c.name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			x := make([]float32, c.n*c.d)
			for i := range x {
				x[i] = float32(r.NormFloat64() / math.Sqrt(1+float64(i%c.d)))
			}
			for b.Loop() {
				if _, _, err := Principal(x, c.n, c.d, 50, 1, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
