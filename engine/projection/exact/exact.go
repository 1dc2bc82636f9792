// Package exact is t-SNE by go-tsne, without approximation: the reference to compare with, for a few thousand rows at most.
//
// It is go-tsne as it is: no early exaggeration, no momentum and no gains; its gradient is never set back to zero (tsne.go, costGradient), so
// that each step repeats all those before it, and a map goes on growing. The first Step takes far longer than those that follow: it
// finds the affinities, and nothing can be asked meanwhile.
package exact

import (
	"iter"
	"math/rand"

	"github.com/danaugrs/go-tsne/tsne"
	"gonum.org/v1/gonum/mat"
)

// Most is the most rows: memory and time grow with their square. In the browser the first Step takes some 5 s of so many; the page takes
// 10 s without a sign of life for a hang.
const Most = 1000

// Run is a map that is being made. It must be closed.
type Run struct {
	y    []float32
	dims int
	kl   float64
	iter int
	next func() (frame, bool)
	stop func()
}

// frame is what go-tsne says after an iteration.
type frame struct {
	kl float64
	y  mat.Matrix
}

// New begins with rows x [n, d]; seed decides where they start. go-tsne draws that from math/rand's global source, which go.mod lets be
// seeded (randseednop=0): the start is the same for the same seed if nobody else draws from it during the first Step, as nobody
// in Loupe does. Until the first Step all places are 0; of fewer than two rows they stay so.
func New(x []float32, n, d, dims int, perplexity, rate float64, iterations int, seed uint64) *Run {
	r := &Run{y: make([]float32, n*dims), dims: dims}
	wide := make([]float64, n*d)
	for i, v := range x[:n*d] {
		wide[i] = float64(v)
	}
	r.next, r.stop = iter.Pull(func(yield func(frame) bool) {
		if n < 2 || iterations < 1 {
			return
		}
		rand.Seed(int64(seed)) // there is no other way into go-tsne
		t := tsne.NewTSNE(dims, perplexity, rate, iterations, false)
		t.EmbedData(mat.NewDense(n, d, wide), func(_ int, kl float64, y mat.Matrix) bool { return !yield(frame{kl, y}) })
	})
	return r
}

// Step does one iteration; false: there are no more.
func (r *Run) Step() bool {
	f, more := r.next()
	if !more {
		return false
	}
	r.iter++
	r.kl = f.kl
	for i := range r.y {
		r.y[i] = float32(f.y.At(i/r.dims, i%r.dims))
	}
	return true
}

// Y are the places [n, dims]; they change with the next Step.
func (r *Run) Y() []float32 { return r.y }

// KL is the divergence, in nats, before the last iteration moved the rows; 0 before the first.
func (r *Run) KL() float64 { return r.kl }

// Iter is how many iterations were done.
func (r *Run) Iter() int { return r.iter }

// Close ends the run; Step then reports false.
func (r *Run) Close() { r.stop() }
