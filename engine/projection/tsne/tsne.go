// Package tsne is t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008) by a tree (Barnes-Hut-SNE, van der Maaten 2014)
// whose cells are expanded to the second order.
package tsne

import "math"

// Step is called every few milliseconds with how far the work is; its error ends the work.
type Step func(done, total float64) error

// Settings may change between iterations.
type Settings struct {
	LearningRate    float64 // 0: Rate(n, Exaggeration)
	Exaggeration    float64
	ExaggerationFor int // iterations
}

// Rate is the learning rate for n rows: n / exaggeration (Belkina and others 2019), at least 25. With the 50 of scikit-learn, maps of some
// hundred rows swing to and fro under exaggeration, and end with a larger KL.
func Rate(n int, exaggeration float64) float64 {
	if !(exaggeration > 1) {
		exaggeration = 1
	}
	return max(25, float64(n)/exaggeration)
}

// Run is a map that is being made.
type Run struct {
	Settings Settings

	p    *Affinities
	n    int
	dims int
	iter int

	// [n, dims]. Behind each are a few numbers more, which kernels read and leave as they are.
	y     []float32
	began []float32 // y as the last iteration found it
	motion

	tree    *tree
	lists   lists
	force   []float32 // [dims, stride], in the tree's order
	weight  []float32 // [stride]: the sum of w of each point and all others
	z, grad float64
	kl      float64
	klAt    int // the iteration after which it was computed; -1: none

	past      []float64 // the last KLs that were looked at
	converged bool

	portable bool // no SIMD kernels
}

// New begins from places y [n, dims], of which those that are not finite become 0.
func New(p *Affinities, y []float32, dims int, s Settings) *Run {
	n := p.N
	if dims != 2 && dims != 3 || len(y) != n*dims {
		panic("tsne: places of other rows, or not in 2 or 3 dimensions")
	}
	r := &Run{Settings: s, p: p, n: n, dims: dims, y: padded(n * dims), began: padded(n * dims), tree: newTree(n, dims), klAt: -1}
	r.motion = motion{attract: padded(n * dims), repel: padded(n * dims), step: padded(n * dims), gain: padded(n * dims)}
	r.force, r.weight = make([]float32, dims*r.tree.stride), make([]float32, r.tree.stride)
	for i, v := range y {
		if v-v == 0 {
			r.y[i] = min(max(v, -edge), edge)
		}
		r.gain[i] = 1
	}
	return r
}

// padded is n numbers and, behind them, four to seven more.
func padded(n int) []float32 { return make([]float32, (n+3)&^3+4)[:n] }

// edge is as far out as a place may be, and as long as a step: times the points of a million rows, its fourth power is no overflow.
const edge = 1e7

// SetAffinities goes on with other affinities of the same rows.
func (r *Run) SetAffinities(p *Affinities) {
	if p.N != r.n {
		panic("tsne: affinities of other rows")
	}
	r.p, r.klAt, r.past, r.converged = p, -1, nil, false
}

// Step does one iteration.
func (r *Run) Step() {
	if r.n > 0 {
		r.forces()
		r.push()
	}
	r.iter++
	r.check()
}

// rebuild is after how many iterations points go to other cells. Between, cells are judged by where their points have gone: they are a little larger
// than need be, and as exact.
const rebuild = 4

// forces computes the attraction and the repulsion at the places as they are.
func (r *Run) forces() {
	copy(r.began, r.y)
	if r.iter%rebuild == 0 {
		r.tree.build(r.y)
	}
	r.tree.place(r.y)
	r.tree.repulsion(&r.lists, r.force, r.weight, r.portable)
	r.z = 0
	for _, w := range r.weight[:r.n] {
		r.z += float64(w)
	}
	r.tree.rows(r.repel, r.force)
	attraction(r.p, r.y, r.attract, r.dims, r.portable)
}

// push changes the places by the gradient, 4 (exaggeration * attraction - repulsion / Z).
func (r *Run) push() {
	c := change{attract: 4, momentum: .8, rate: float32(r.rate())}
	if r.z > 0 {
		c.repel = float32(4 / r.z)
	}
	if r.Exaggerated() {
		c.attract = float32(4 * min(r.Settings.Exaggeration, 1e6))
		c.momentum = .5
	}
	move := move
	if r.portable {
		move = portableMove
	}
	r.grad = math.Sqrt(move(r.y, &r.motion, c))
}

func (r *Run) rate() float64 {
	if v := r.Settings.LearningRate; v > 0 {
		return min(v, edge)
	}
	return Rate(r.n, r.Settings.Exaggeration)
}

// Y are the places [n, dims]; they change with the next Step.
func (r *Run) Y() []float32 { return r.y }

// Iter is how many iterations were done.
func (r *Run) Iter() int { return r.iter }

// KL is the divergence of the map's similarities from P, in nats, without exaggeration, as of the last iteration's beginning; of n > 5,000 rows
// it may be n / 5,000 iterations older. It is computed when it is asked for, which takes about a third of an iteration. 0 before the first.
func (r *Run) KL() float64 {
	if r.z > 0 && (r.klAt < 0 || r.iter-r.klAt > r.n/5000) {
		spread := spread
		if r.portable {
			spread = portableSpread
		}
		r.kl, r.klAt = r.p.negative+2*spread(r.p, r.began, r.dims)+log(r.z), r.iter
	}
	return r.kl
}

// Grad is the norm of the last gradient.
func (r *Run) Grad() float64 { return r.grad }

// Exaggerated reports whether early exaggeration is on.
func (r *Run) Exaggerated() bool {
	return r.iter < r.Settings.ExaggerationFor && r.Settings.Exaggeration > 1
}

// A map has converged if KL changed by less than enough of itself in so many iterations, after early exaggeration. Of 1,000 digits that is so
// after 1,100 iterations, of 2,500 after 2,300; what follows is growth, which a picture does not show. KL below 0.05 counts as
// 0.05: there rounding is what changes it.
const (
	enough   = 1. / 2000
	within   = 200
	interval = 50 // of looking
)

// check looks at the KL now and then.
func (r *Run) check() {
	if r.Exaggerated() {
		r.past, r.converged = r.past[:0], false
		return
	}
	if r.iter%interval != 0 {
		return
	}
	kl := r.KL()
	r.past = append(r.past, kl)
	if before := len(r.past) - 1 - within/interval; before >= 0 {
		r.converged = math.Abs(r.past[before]-kl) < enough*max(kl, .05)
		r.past = r.past[before:]
	}
}

// Converged reports that going on changes nothing that one could see.
func (r *Run) Converged() bool { return r.converged }
