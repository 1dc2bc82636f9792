// Package tsne is t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008) by a tree (Barnes-Hut-SNE, van der Maaten 2014)
// whose cells are expanded to the second order.
package tsne

// Step is called every few milliseconds with how far the work is; its error ends the work.
type Step func(done, total float64) error

// Affinities are the joint probabilities P of pairs of near rows: symmetric, their sum 1.
type Affinities struct {
	N int
}

// NewAffinities makes P of the k nearest of n rows (index and dist [n, k]; Euclidean distances), each row's entropy being that of perplexity
// equal neighbours.
func NewAffinities(index []int32, dist []float32, n, k int, perplexity float64, step Step) (*Affinities, error) {
	panic("tsne: not written")
}

// Settings may change between iterations.
type Settings struct {
	LearningRate    float64 // 0: Rate(n, Exaggeration)
	Exaggeration    float64
	ExaggerationFor int // iterations
}

// Rate is the learning rate for n rows: n / exaggeration, at least 50 (Belkina and others 2019).
func Rate(n int, exaggeration float64) float64 { return max(50, float64(n)/max(1, exaggeration)) }

// Run is a map that is being made.
type Run struct {
	Settings Settings
}

// New begins from places y [n, dims], which it takes over.
func New(p *Affinities, y []float32, dims int, s Settings) *Run { panic("tsne: not written") }

// SetAffinities goes on with other affinities of the same rows.
func (r *Run) SetAffinities(p *Affinities) { panic("tsne: not written") }

// Step does one iteration.
func (r *Run) Step() { panic("tsne: not written") }

// Y are the places [n, dims]; they change with the next Step.
func (r *Run) Y() []float32 { panic("tsne: not written") }

// Iter is how many iterations were done.
func (r *Run) Iter() int { panic("tsne: not written") }

// KL is the divergence of the map's similarities from P, in nats, as of the last iteration's beginning, without exaggeration.
func (r *Run) KL() float64 { panic("tsne: not written") }

// Grad is the norm of the last gradient.
func (r *Run) Grad() float64 { panic("tsne: not written") }

// Exaggerated reports whether early exaggeration is on.
func (r *Run) Exaggerated() bool { panic("tsne: not written") }

// Converged reports that going on changes nothing that one could see.
func (r *Run) Converged() bool { panic("tsne: not written") }
