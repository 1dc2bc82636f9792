// Package exact is t-SNE by go-tsne, without approximation: the reference to compare with, for a few thousand rows at most.
package exact

// Most is the most rows: memory and time grow with their square.
const Most = 2500

// Run is a map that is being made.
type Run struct{}

// New begins with rows x [n, d]; seed decides where they start.
func New(x []float32, n, d, dims int, perplexity, rate float64, iterations int, seed uint64) *Run {
	panic("exact: not written")
}

// Step does one iteration; false: there are no more.
func (r *Run) Step() bool { panic("exact: not written") }

// Y are the places [n, dims].
func (r *Run) Y() []float32 { panic("exact: not written") }

// KL is the divergence, in nats.
func (r *Run) KL() float64 { panic("exact: not written") }

// Iter is how many iterations were done.
func (r *Run) Iter() int { panic("exact: not written") }

// Close ends the run.
func (r *Run) Close() { panic("exact: not written") }
