package exact

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"
)

// groups are n rows in three groups, one after the other.
func groups(n, d int) []float32 {
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(r.NormFloat64())
		if i%d == i/d*3/n {
			x[i] += 8
		}
	}
	return x
}

// TestRun: the divergence falls, and the nearest on the map is of the same group.
func TestRun(t *testing.T) {
	const n, d = 90, 5
	r := New(groups(n, d), n, d, 2, 10, 10, 150, 3)
	defer r.Close()
	if r.Iter() != 0 || len(r.Y()) != 2*n {
		t.Fatal(r.Iter(), len(r.Y()))
	}
	var first float64
	for i := range 150 {
		if !r.Step() || r.Iter() != i+1 {
			t.Fatalf("iteration %d of %d", r.Iter(), i)
		}
		if i == 0 {
			first = r.KL()
		}
	}
	if r.Step() || r.Iter() != 150 {
		t.Error("more iterations than asked for")
	}
	if !(r.KL() < first/2) {
		t.Errorf("the divergence is %v, and was %v", r.KL(), first)
	}
	y, kept := r.Y(), 0
	for i := range n {
		best, nearest := math.Inf(1), 0
		for j := range n {
			if dist := math.Hypot(float64(y[2*i]-y[2*j]), float64(y[2*i+1]-y[2*j+1])); j != i && dist < best {
				best, nearest = dist, j
			}
		}
		if nearest*3/n == i*3/n {
			kept++
		}
	}
	if kept < n*9/10 {
		t.Errorf("%d of %d rows lie beside one of their group", kept, n)
	}
	if kl := divergence(groups(n, d), n, d, y, 10); math.Abs(kl-r.KL()) > .02*r.KL() {
		t.Errorf("the divergence is %v, go-tsne says %v", kl, r.KL())
	}
}

// divergence is the Kullback-Leibler divergence by its definition (van der Maaten and Hinton 2008). go-tsne's is of one iteration before, and of
// probabilities that are at least 1e-12.
func divergence(x []float32, n, d int, y []float32, perplexity float64) float64 {
	square := func(a []float32, d, i, j int) (s float64) {
		for k := range d {
			v := float64(a[i*d+k]) - float64(a[j*d+k])
			s += v * v
		}
		return s
	}
	p, q, sum := make([]float64, n*n), make([]float64, n*n), 0.0
	for i := range n {
		low, high := -30.0, 30.0 // of the logarithm of the precision
		for range 80 {
			beta, z, h := math.Exp((low+high)/2), 0.0, 0.0
			for j := range n {
				if j != i {
					p[i*n+j] = math.Exp(-beta * square(x, d, i, j))
					z += p[i*n+j]
				}
			}
			for j := range n {
				if p[i*n+j] /= z; p[i*n+j] > 0 {
					h -= p[i*n+j] * math.Log(p[i*n+j])
				}
			}
			if h > math.Log(perplexity) {
				low = (low + high) / 2
			} else {
				high = (low + high) / 2
			}
		}
		for j := range n {
			if j != i {
				q[i*n+j] = 1 / (1 + square(y, 2, i, j))
				sum += q[i*n+j]
			}
		}
	}
	kl := 0.0
	for i := range n {
		for j := range n {
			if v := (p[i*n+j] + p[j*n+i]) / float64(2*n); v > 0 && i != j {
				kl += v * math.Log(v/(q[i*n+j]/sum))
			}
		}
	}
	return kl
}

func TestSeed(t *testing.T) {
	const n, d = 30, 4
	places := func(seed uint64) []float32 {
		r := New(groups(n, d), n, d, 3, 5, 10, 20, seed)
		defer r.Close()
		for r.Step() {
		}
		return slices.Clone(r.Y())
	}
	a, b, c := places(7), places(7), places(8)
	if !slices.Equal(a, b) {
		t.Error("the same seed gives other places")
	}
	if slices.Equal(a, c) {
		t.Error("another seed gives the same places")
	}
}

// TestClose: a run ends when it is closed, begun or not, and nothing of it is left.
func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 20 {
		r := New(groups(12, 3), 12, 3, 2, 3, 10, 100, 1)
		for range i % 3 {
			r.Step()
		}
		r.Close()
		if r.Step() {
			t.Fatal("a closed run goes on")
		}
		r.Close()
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, before there were %d", runtime.NumGoroutine(), before)
}

func TestFewRows(t *testing.T) {
	for n := range 2 {
		r := New(make([]float32, n*3), n, 3, 2, 5, 10, 100, 1)
		if r.Step() || len(r.Y()) != 2*n {
			t.Errorf("%d rows are mapped", n)
		}
		r.Close()
	}
	r := New([]float32{1, 2, 1, 2, 1, 2, 5, 5}, 4, 2, 2, 30, 10, 50, 1) // equal rows, and fewer than the perplexity
	defer r.Close()
	for r.Step() {
	}
	for _, v := range r.Y() {
		if v-v != 0 {
			t.Fatalf("places %v", r.Y())
		}
	}
}

// BenchmarkStep is of 500 rows, without the affinities: the yardstick of package tsne.
func BenchmarkStep(b *testing.B) {
	r := New(groups(500, 50), 500, 50, 2, 30, 100, 1<<30, 1)
	defer r.Close()
	r.Step()
	for b.Loop() {
		r.Step()
	}
}
