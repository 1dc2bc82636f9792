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

// Rate is the learning rate for n rows: n / exaggeration, at least 50 (Belkina and others 2019).
func Rate(n int, exaggeration float64) float64 { return max(50, float64(n)/max(1, exaggeration)) }

// Run is a map that is being made.
type Run struct {
	Settings Settings

	p    *Affinities
	n    int
	dims int
	iter int

	y     []float32 // [n, dims], and one number more, which kernels read
	began []float32 // y as the last iteration found it
	step  []float32 // the last change of y
	gain  []float32

	tree    *tree
	lists   lists
	repel   []float32 // [dims, stride], in the tree's order
	own     []float32 // [stride]: sum of w for each point
	repelY  []float32 // [n, dims]
	attract []float32 // [n, dims]
	z, grad float64
	kl      float64 // NaN: not computed yet

	still still
	plain bool // portable code only
}

// New begins from places y [n, dims], which it takes over.
func New(p *Affinities, y []float32, dims int, s Settings) *Run {
	n := p.N
	r := &Run{Settings: s, p: p, n: n, dims: dims, y: padded(n * dims), began: padded(n * dims), step: make([]float32, n*dims), gain: make([]float32, n*dims),
		tree: newTree(n, dims), repelY: make([]float32, n*dims), attract: padded(n * dims), kl: math.NaN()}
	r.repel, r.own = make([]float32, dims*r.tree.stride), make([]float32, r.tree.stride)
	for i, v := range y[:n*dims] {
		if v-v == 0 { // finite
			r.y[i] = min(max(v, -edge), edge)
		}
	}
	for i := range r.gain {
		r.gain[i] = 1
	}
	return r
}

func padded(n int) []float32 { return make([]float32, n+1)[:n] }

// edge is as far out as a place may be: its squares are far from overflow.
const edge = 1e9

// SetAffinities goes on with other affinities of the same rows.
func (r *Run) SetAffinities(p *Affinities) {
	if p.N != r.n {
		panic("tsne: affinities of other rows")
	}
	r.p, r.kl, r.still = p, math.NaN(), still{}
}

// Step does one iteration.
func (r *Run) Step() {
	if r.n == 0 {
		r.iter++
		return
	}
	copy(r.began, r.y)
	t := r.tree
	t.build(r.y)
	t.place(r.y)
	t.repulsion(&r.lists, r.repel, r.own, r.plain)
	r.z = 0
	for k, i := range t.order {
		r.z += float64(r.own[k] - 1)
		for d := range r.dims {
			r.repelY[int(i)*r.dims+d] = r.repel[d*t.stride+k]
		}
	}
	if r.dims == 2 {
		portableAttract2(r.p, r.y, r.attract)
	} else {
		portableAttract3(r.p, r.y, r.attract)
	}
	r.kl = math.NaN()
	r.move()
	r.iter++
	r.still.see(r)
}

// move changes the places by the gradient, 4 (exaggeration * attraction - repulsion / Z), with momentum and a gain for each number
// (Jacobs 1988), as van der Maaten's implementations and scikit-learn's do.
func (r *Run) move() {
	attract, repel, momentum := float32(4), float32(0), float32(.8)
	if r.z > 0 {
		repel = float32(4 / r.z)
	}
	if r.Exaggerated() {
		attract *= float32(r.Settings.Exaggeration)
		momentum = .5
	}
	rate := float32(r.rate())
	sum := 0.0
	for i := range r.y {
		g := float32(attract*r.attract[i]) - float32(repel*r.repelY[i])
		sum += float64(float64(g) * float64(g))
		step, gain := r.step[i], r.gain[i]
		if g > 0 && step < 0 || g < 0 && step > 0 {
			gain += .2
		} else {
			gain = max(float32(gain*.8), .01)
		}
		step = float32(momentum*step) - float32(rate*float32(gain*g))
		r.gain[i], r.step[i] = gain, step
		r.y[i] = min(max(r.y[i]+step, -edge), edge)
	}
	r.grad = math.Sqrt(sum)
}

func (r *Run) rate() float64 {
	if v := r.Settings.LearningRate; v > 0 && !math.IsInf(v, 1) {
		return v
	}
	return Rate(r.n, r.Settings.Exaggeration)
}

// Y are the places [n, dims]; they change with the next Step.
func (r *Run) Y() []float32 { return r.y }

// Iter is how many iterations were done.
func (r *Run) Iter() int { return r.iter }

// KL is the divergence of the map's similarities from P, in nats, as of the last iteration's beginning, without exaggeration. It is computed
// when it is first asked for after an iteration, in about a tenth of the time of one.
func (r *Run) KL() float64 {
	if r.z > 0 && math.IsNaN(r.kl) {
		r.kl = r.p.negative + 2*portableSpread(r.p, r.began, r.dims) + math.Log(r.z)
	}
	if math.IsNaN(r.kl) {
		return 0
	}
	return r.kl
}

// Grad is the norm of the last gradient.
func (r *Run) Grad() float64 { return r.grad }

// Exaggerated reports whether early exaggeration is on.
func (r *Run) Exaggerated() bool {
	return r.iter < r.Settings.ExaggerationFor && r.Settings.Exaggeration > 1
}

type still struct{ converged bool }

func (s *still) see(r *Run) {}

// Converged reports that going on changes nothing that one could see.
func (r *Run) Converged() bool { return r.still.converged }
