package analysis

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*max(1, math.Abs(want))) {
		t.Errorf("%s: %v, expected %v", what, got, want)
	}
}

// TestDescribe compares with the definitions, summed up in f64.
func TestDescribe(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 77, 256, 257, 5000} {
		for _, spread := range []float64{0, 0.1, 5, 60, 1e4} {
			z, q := make([]float32, n), make([]float32, n)
			for i := range z {
				z[i], q[i] = float32(r.NormFloat64()*spread-3), float32(r.NormFloat64()*min(spread, 9))
			}
			d := Describe(z)
			top, sum := 0, 0.0
			for i, v := range z {
				if v > z[top] {
					top = i
				}
			}
			for _, v := range z {
				sum += math.Exp(float64(v) - float64(z[top]))
			}
			logZ := float64(z[top]) + math.Log(sum)
			dq := Describe(q)
			var entropy, kl float64
			for i, v := range z {
				if p := math.Exp(float64(v) - logZ); p > 0 {
					entropy -= p * (float64(v) - logZ)
					kl += p * (float64(v) - logZ - float64(q[i]) + dq.LogZ)
				}
			}
			if d.Top != top {
				t.Errorf("n %d: top %d, expected %d", n, d.Top, top)
			}
			near(t, "LogZ", d.LogZ, logZ, 1e-6)
			near(t, "entropy", d.Entropy, entropy, 1e-5)
			near(t, "surprisal", d.Surprisal(z, n-1), logZ-float64(z[n-1]), 1e-6)
			near(t, "KL", KL(z, q, d, dq), kl, 1e-5)
			near(t, "KL with itself", KL(z, z, d, d), 0, 1e-6)
		}
	}
	inf := float32(math.Inf(1))
	for _, z := range [][]float32{{1, float32(math.NaN())}, {float32(math.NaN()), 1}, {1, inf}, {inf, inf}, {-inf, -inf}} {
		if d := Describe(z); d.LogZ-d.LogZ == 0 {
			t.Errorf("%v: LogZ %v", z, d.LogZ)
		}
	}
	if d := Describe([]float32{2, -inf, 2}); d.Top != 0 || math.Abs(d.Entropy-math.Ln2) > 1e-6 {
		t.Errorf("a token that cannot be: %+v", d)
	}
}

func TestRank(t *testing.T) {
	z := []float32{1, 3, 2, 3, 0}
	for id, want := range []int{3, 0, 2, 1, 4} {
		if got := Rank(z, id); got != want {
			t.Errorf("rank of %d: %d, expected %d", id, got, want)
		}
	}
}

// TestHeadScores gives attention of known kinds to the detector.
func TestHeadScores(t *testing.T) {
	const n = 10
	ids := Repeated(n, 1000, 0)
	for i := range n {
		if ids[i] != ids[n+i] || ids[i] < 0 || ids[i] >= 1000 {
			t.Fatalf("ids %v", ids)
		}
	}
	for kind, key := range map[int]func(q int) int{
		Previous: func(q int) int { return q - 1 }, Induction: func(q int) int { return q - n + 1 },
		Same: func(q int) int { return q - n }, First: func(int) int { return 0 },
	} {
		s := HeadScores(n, func(q int) []float32 {
			row := make([]float32, q+1)
			row[key(q)] = 1
			return row
		})
		for k, v := range s {
			want := 0.0
			if k == kind {
				want = 1
			}
			if k == First && kind == Same || k == Same && kind == First {
				want = max(want, 1.0/n) // the first token's own occurrence
			}
			near(t, "score", float64(v), want, 1e-6)
		}
	}
}

func TestPoolMax(t *testing.T) {
	row := func(q int) []float32 {
		r := make([]float32, q+1)
		r[q] = float32(q + 1)
		return r
	}
	whole, half := make([]float32, 36), make([]float32, 9)
	PoolMax(whole, 6, 6, 6, 6, row)
	PoolMax(half, 3, 3, 6, 6, row)
	for q := range 6 {
		for k := range 6 {
			want := float32(0)
			if q == k {
				want = float32(q + 1)
			}
			if whole[q*6+k] != want {
				t.Errorf("cell %d, %d: %v", q, k, whole[q*6+k])
			}
		}
	}
	for i, want := range []float32{2, 0, 0, 0, 4, 0, 0, 0, 6} {
		if half[i] != want {
			t.Errorf("pooled %v", half)
		}
	}
	for _, size := range []int{1, 2, 3, 5, 7, 10, 11} { // against cell by cell
		for _, full := range []bool{false, true} {
			n, m, rows, cols := 11, 11, size, size
			if full {
				m, cols = 7, min(size, 7)
			}
			at := func(q, k int) float32 { return float32((q*7+k*5)%13) + 1 }
			row := func(q int) []float32 {
				r := make([]float32, q+1)
				if full {
					r = make([]float32, m)
				}
				for k := range r {
					r[k] = at(q, k)
				}
				return r
			}
			got, want := make([]float32, rows*cols), make([]float32, rows*cols)
			PoolMax(got, rows, cols, n, m, row)
			for q := range n {
				for k := range row(q) {
					c := q*rows/n*cols + k*cols/m
					want[c] = max(want[c], at(q, k))
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d x %d: %v, expected %v", rows, cols, got, want)
			}
		}
	}
}
