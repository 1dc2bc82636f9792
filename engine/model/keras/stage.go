package keras

import (
	"math"

	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// stage is one layer after the input.
type stage interface {
	// width is of what it returns for a position.
	width() int
	// acts are the activations that it records, what it returns last.
	acts() []nn.Act
	// incoming are the rows of weights by which a unit of one of them is fed; from is what the layer gets. nil of others.
	incoming(act string, unit int, from string) []nn.Row
}

// rowwise is a stage that computes each position by itself: dst [N, width] of x [N, ..].
type rowwise interface {
	stage
	forward(dst, x []float32, p nn.Pass)
}

// dense is keras.layers.Dense. It records dense.N.pre and, after its activation function, dense.N.post.
type dense struct {
	nn.Linear
	act  func([]float32)
	kind string
	name string
}

func (d *dense) width() int { return d.W.Rows }

func (d *dense) acts() []nn.Act {
	return []nn.Act{{Name: d.name + ".pre", Inner: []int{d.width()}}, {Name: d.name + ".post", Inner: []int{d.width()}}}
}

func (d *dense) forward(dst, x []float32, p nn.Pass) {
	n := d.width()
	dst = dst[:p.N*n]
	d.Forward(dst, x, p.N)
	p.At(d.name+".pre", dst, n)
	for t := range p.N {
		d.act(dst[t*n : (t+1)*n])
	}
	p.At(d.name+".post", dst, n)
}

// alone is keras.layers.Activation where it stands alone. It records activation.N.
type alone struct {
	n    int
	act  func([]float32)
	name string
}

func (a *alone) width() int     { return a.n }
func (a *alone) acts() []nn.Act { return []nn.Act{{Name: a.name, Inner: []int{a.n}}} }

func (a *alone) forward(dst, x []float32, p nn.Pass) {
	dst = dst[:p.N*a.n]
	copy(dst, x)
	for t := range p.N {
		a.act(dst[t*a.n : (t+1)*a.n])
	}
	p.At(a.name, dst, a.n)
}

// norm is keras.layers.LayerNormalization.
type norm struct {
	*nn.Norm
	at string
}

func (l *norm) width() int { return len(l.W) }

func (l *norm) acts() []nn.Act {
	return []nn.Act{{Name: l.at + ".scale", Inner: []int{1}}, {Name: l.at + ".normalized", Inner: []int{len(l.W)}}}
}

func (l *norm) forward(dst, x []float32, p nn.Pass) {
	l.Forward(dst, x, make([]float32, p.N), p)
}

// affine is keras.layers.BatchNormalization when it is not trained: x*w + b. It records norm.N.normalized.
type affine struct {
	w, b []float32
	name string
}

// fold makes gamma (x - mean) / sqrt(variance + eps) + beta one product and one sum.
func fold(gamma, beta, mean, variance []float32, eps float32, name string) *affine {
	a := &affine{make([]float32, len(gamma)), make([]float32, len(gamma)), name}
	for i := range gamma {
		w := float64(gamma[i]) / math.Sqrt(float64(variance[i])+float64(eps))
		a.w[i], a.b[i] = float32(w), float32(float64(beta[i])-w*float64(mean[i]))
	}
	return a
}

func (a *affine) width() int     { return len(a.w) }
func (a *affine) acts() []nn.Act { return []nn.Act{{Name: a.name, Inner: []int{len(a.w)}}} }

func (a *affine) forward(dst, x []float32, p nn.Pass) {
	dst = dst[:p.N*len(a.w)]
	copy(dst, x)
	tensor.ScaleShift(dst, a.w, a.b, p.N)
	p.At(a.name, dst, len(a.w))
}
