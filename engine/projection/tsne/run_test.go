package tsne

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// even are n points [n, 50] from a generator that is the same on every processor, in five heaps.
func even(n int) []float32 {
	r := rand.New(rand.NewPCG(7, 8))
	x := make([]float32, n*50)
	for i := range x {
		x[i] = r.Float32() + 2*float32(i/50%5*(i%3))
	}
	return x
}

func run(p *Affinities, y []float32, dims, iterations int, portable bool) *Run {
	r := New(p, y, dims, usual)
	r.portable = portable
	for range iterations {
		r.Step()
	}
	return r
}

// TestSameBytes: the portable form gives these bytes natively and in the browser; either form gives the same twice.
func TestSameBytes(t *testing.T) {
	const n = 300
	x := even(n)
	p := affinities(t, x, n, 20)
	for dims, want := range map[int]string{2: "9ed0b0d911b14273", 3: "efdbc066382d4229"} {
		y := make([]float32, n*dims)
		for i := range y {
			y[i] = 1e-4 * x[i]
		}
		var twice [2][]float32
		for k := range twice {
			twice[k] = run(p, y, dims, 300, false).Y()
		}
		if !slices.Equal(twice[0], twice[1]) {
			t.Errorf("%d dimensions: two runs differ", dims)
		}
		r := run(p, y, dims, 300, true)
		h := sha256.New()
		binary.Write(h, binary.LittleEndian, r.Y())
		binary.Write(h, binary.LittleEndian, []float64{r.KL(), r.Grad()})
		if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != want {
			t.Errorf("%d dimensions: %s, expected %s (KL %v)", dims, got, want, r.KL())
		}
	}
}

// TestKernels: a run with the SIMD kernels ends within 1% of the portable form's KL. (Natively they are the same.)
func TestKernels(t *testing.T) {
	const n = 1000
	x := digits(t, n)
	p := affinities(t, x, n, 30)
	for _, dims := range []int{2, 3} {
		a, b := run(p, beginning(x, n, dims), dims, 600, false), run(p, beginning(x, n, dims), dims, 600, true)
		t.Logf("%d dimensions: KL %.4f, portable %.4f", dims, a.KL(), b.KL())
		if math.Abs(a.KL()-b.KL()) > .01*b.KL() {
			t.Errorf("%d dimensions: KL %g, portable %g", dims, a.KL(), b.KL())
		}
		// The same places, one iteration on: all that an iteration computes.
		start := b.Y()
		c, d := New(p, start, dims, usual), New(p, start, dims, usual)
		d.portable = true
		c.forces()
		d.forces()
		for _, f := range []struct {
			name      string
			got, want []float32
		}{{"repulsion", c.motion.repel, d.motion.repel}, {"attraction", c.attract, d.attract}} {
			if off := difference(f.got, f.want); off > 1e-5 {
				t.Errorf("%d dimensions: %s differs by %g of itself", dims, f.name, off)
			}
		}
		if math.Abs(c.z-d.z) > 1e-5*d.z || math.Abs(c.KL()-d.KL()) > 1e-5*d.KL() {
			t.Errorf("%d dimensions: Z %g and KL %g, portable %g and %g", dims, c.z, c.KL(), d.z, d.KL())
		}
		c.push()
		d.push()
		if off := difference(c.step, d.step); off > 1e-3 || math.Abs(c.grad-d.grad) > 1e-4*d.grad { // attraction and repulsion cancel
			t.Errorf("%d dimensions: step differs by %g of itself, gradient %g, portable %g", dims, off, c.grad, d.grad)
		}
	}
}

// difference is the norm of a - b as a share of b's.
func difference(a, b []float32) float64 {
	var off, all float64
	for i := range a {
		off += (float64(a[i]) - float64(b[i])) * (float64(a[i]) - float64(b[i]))
		all += float64(b[i]) * float64(b[i])
	}
	return math.Sqrt(off / all)
}

// TestMap: a run finds what is there. The limit of KL is that of a near-exact gradient, 0.816, and 1%.
func TestMap(t *testing.T) {
	const n = 1000
	x := digits(t, n)
	p := affinities(t, x, n, 30)
	r := New(p, beginning(x, n, 2), 2, usual)
	for range 1000 {
		if r.Exaggerated() != (r.Iter() < 250) {
			t.Fatalf("iteration %d: exaggerated %v", r.Iter(), r.Exaggerated())
		}
		r.Step()
		if r.Converged() {
			t.Fatalf("converged after %d iterations, KL %g", r.Iter(), r.KL())
		}
	}
	if r.Iter() != 1000 || r.KL() > .824 {
		t.Errorf("after %d iterations KL %g", r.Iter(), r.KL())
	}
	for !r.Converged() && r.Iter() < 3000 {
		r.Step()
	}
	t.Logf("converged after %d iterations, KL %.4f, gradient %.1e", r.Iter(), r.KL(), r.Grad())
	if r.Iter() == 3000 || r.Grad() > 1e-4 {
		t.Errorf("converged: %v after %d iterations, with gradient %g", r.Converged(), r.Iter(), r.Grad())
	}
}

func finite(t *testing.T, r *Run) {
	t.Helper()
	for i, v := range r.Y() {
		if v-v != 0 {
			t.Fatalf("iteration %d: number %d is %g", r.Iter(), i, v)
		}
	}
	if v := r.KL() + r.Grad() + r.z; math.IsNaN(v) || math.IsInf(v, 0) {
		t.Fatalf("iteration %d: KL %g, gradient %g, Z %g", r.Iter(), r.KL(), r.Grad(), r.z)
	}
}

// TestFewPoints: nothing to do is done without harm, and ends.
func TestFewPoints(t *testing.T) {
	for n := range 6 {
		for _, dims := range []int{2, 3} {
			k := max(0, n-1)
			var index []int32
			for i := range n {
				for j := range n {
					if i != j {
						index = append(index, int32(j))
					}
				}
			}
			dist := make([]float32, n*k)
			for i := range dist {
				dist[i] = float32(1 + i%3)
			}
			p, err := NewAffinities(index, dist, n, k, 30, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := run(p, places(n, dims, 1e-4, false), dims, 1500, false)
			finite(t, r)
			if !r.Converged() {
				t.Errorf("%d points in %d dimensions go on moving: KL %g, gradient %g", n, dims, r.KL(), r.Grad())
			}
			if n == 2 && math.Abs(r.KL()) > 1e-5 {
				t.Errorf("KL of two points is %g", r.KL())
			}
		}
	}
}

// TestAwkward: neither places nor settings make a number that is none, or a tree that takes long.
func TestAwkward(t *testing.T) {
	const n = 700
	x := even(n)
	p := affinities(t, x, n, 30)
	same := make([]float32, n*50)
	equal := affinities(t, same, n, 30)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	wild := usual
	wild.LearningRate = 1e30
	odd := Settings{LearningRate: math.NaN(), Exaggeration: math.NaN(), ExaggerationFor: 50}
	huge := Settings{LearningRate: math.Inf(1), Exaggeration: math.Inf(1), ExaggerationFor: 50}
	for _, dims := range []int{2, 3} {
		far := places(n, dims, 1, true)
		far[0], far[1] = 1e8, -1e8
		bad := places(n, dims, 1, true)
		bad[0], bad[3], bad[5] = nan, inf, -inf
		apart := places(n, dims, 1, true)
		for i := range apart {
			apart[i] *= 1e37
		}
		for _, c := range []struct {
			name string
			p    *Affinities
			y    []float32
			s    Settings
		}{
			{"all in one place", p, make([]float32, n*dims), usual}, {"equal rows", equal, places(n, dims, 1e-4, false), usual}, {"one far out", p, far, usual},
			{"not finite", p, bad, usual}, {"as far apart as can be", p, apart, usual}, {"tiny", p, places(n, dims, 1e-30, true), usual},
			{"a learning rate of 1e30", p, places(n, dims, 1, true), wild}, {"settings that are none", p, places(n, dims, 1, true), odd},
			{"infinite settings", p, places(n, dims, 1, true), huge},
		} {
			for _, portable := range []bool{false, true} {
				r := New(c.p, c.y, dims, c.s)
				r.portable = portable
				for range 120 {
					r.Step()
					if v := r.Grad(); math.IsNaN(v) {
						t.Fatalf("%s: iteration %d: the gradient is not a number", c.name, r.Iter())
					}
				}
				t.Run(c.name, func(t *testing.T) { finite(t, r) })
			}
		}
	}
}

// TestOtherAffinities: a run goes on with others, from where it is.
func TestOtherAffinities(t *testing.T) {
	const n = 300
	x := even(n)
	r := run(affinities(t, x, n, 5), beginning(x, n, 2), 2, 300, false)
	before := slices.Clone(r.Y())
	r.SetAffinities(affinities(t, x, n, 40))
	if !slices.Equal(before, r.Y()) {
		t.Error("places changed")
	}
	r.Step()
	first := r.KL()
	for range 300 {
		r.Step()
	}
	if !(r.KL() < first) || r.Iter() != 601 {
		t.Errorf("KL %g, after %d iterations %g", first, r.Iter(), r.KL())
	}
}
