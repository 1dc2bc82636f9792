package projection

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func noise(n, d int) []float32 {
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(r.NormFloat64() * (1 + 5/float64(1+i%d)))
	}
	return x
}

// TestAgainstSVD compares with gonum's singular value decomposition of the centred rows, with fewer and with more rows
// than columns.
func TestAgainstSVD(t *testing.T) {
	for _, size := range [][2]int{{40, 6}, {6, 40}, {12, 12}, {1, 5}, {3, 1}, {150, 60}, {60, 150}} {
		n, d := size[0], size[1]
		x := noise(n, d)
		got, err := PCA(x, n, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, _ := centre(x, n)
		var svd mat.SVD
		if !svd.Factorize(mat.NewDense(n, d, rows), mat.SVDThin) {
			t.Fatal("no SVD")
		}
		var u mat.Dense
		svd.UTo(&u)
		s := svd.Values(nil)
		for k := range 3 {
			best := 0
			for i := range n {
				if k < len(s) && math.Abs(u.At(i, k)) > math.Abs(u.At(best, k))*(1+1e-9) {
					best = i
				}
			}
			for i := range n {
				want := 0.0
				if k < len(s) {
					want = s[k] * u.At(i, k) * math.Copysign(1, u.At(best, k))
				}
				if math.Abs(float64(got[i*3+k])-want) > 1e-5*(1+s[0]) {
					t.Fatalf("%v: row %d, axis %d: %v, want %v", size, i, k, got[i*3+k], want)
				}
			}
		}
	}
}

// BenchmarkPCA is the map of GPT-2's embeddings: all eigenvectors would take some ten seconds.
func BenchmarkPCA(b *testing.B) {
	x := noise(512, 768)
	for b.Loop() {
		if _, err := PCA(x, 512, 2, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func TestBadRows(t *testing.T) {
	if _, err := PCA([]float32{1, 2, 3}, 2, 2, nil); err == nil {
		t.Error("three numbers are two rows")
	}
	if _, err := PCA([]float32{1, float32(math.NaN()), 3, 4}, 2, 2, nil); err == nil {
		t.Error("NaN has a place")
	}
	if xy, err := PCA([]float32{5, 5, 5, 5}, 2, 2, nil); err != nil || xy[0] != 0 || xy[3] != 0 {
		t.Errorf("two equal rows: %v, %v", xy, err)
	}
}

func TestYield(t *testing.T) {
	stop := errors.New("stop")
	for _, n := range []int{3, 40} {
		for at := 1; at < 5; at++ {
			calls := 0
			_, err := PCA(make([]float32, n*8), n, 2, func() error {
				if calls++; calls == at {
					return stop
				}
				return nil
			})
			if calls >= at && err != stop {
				t.Errorf("%d rows, stopped at %d: %v", n, at, err)
			}
		}
	}
}
