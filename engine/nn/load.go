package nn

import (
	"fmt"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// Load reads a model's tensors from Weights. After the first error it reads nothing more: look at Err at the end of
// each layer, so that a config that lies about the number of layers ends at the first one that is not there.
type Load struct {
	W      Weights
	Prefix string // before every name: "transformer." or none
	NoBias bool   // cells have no biases
	Params int    // numbers read so far
	Err    error
}

// Matrix reads [rows, cols].
func (l *Load) Matrix(name string, rows, cols int) *tensor.Matrix {
	return l.matrix(l.W.Matrix, name, rows, cols)
}

func (l *Load) matrix(read func(string, int, int) (*tensor.Matrix, error), name string, rows, cols int) (m *tensor.Matrix) {
	if l.Err == nil {
		m, l.Err = read(l.Prefix+name, rows, cols)
		l.Params += rows * cols
	}
	return m
}

// Vector reads [n].
func (l *Load) Vector(name string, n int) (v []float32) {
	if l.Err == nil {
		v, l.Err = l.W.Vector(l.Prefix+name, n)
		l.Params += n
	}
	return v
}

// Conv1D reads a Linear that is stored as [in, out], as GPT-2's are.
func (l *Load) Conv1D(name string, out, in int) Linear {
	return Linear{W: l.matrix(l.W.MatrixT, name+".weight", out, in), B: l.Vector(name+".bias", out)}
}

// NoMore is the error of a config whose key says that there are fewer layers than there are: next is a tensor of the one after
// the last.
func (l *Load) NoMore(key string, layers int, next string) error {
	if l.Err != nil || !l.W.Has(l.Prefix+next) {
		return nil
	}
	return Fault(fault.BadConfig, key, fmt.Sprintf("more than %d, for there is %s", layers, next), fmt.Sprint(layers))
}

// Linear reads name.weight [out, in] and, if there is one, name.bias [out].
func (l *Load) Linear(name string, out, in int) Linear {
	f := Linear{W: l.Matrix(name+".weight", out, in)}
	if l.W.Has(l.Prefix + name + ".bias") {
		f.B = l.Vector(name+".bias", out)
	}
	return f
}

// LayerNorm reads name.weight and, if there is one, name.bias [d]. at is what its activations' names begin with.
func (l *Load) LayerNorm(name string, d int, eps float32, at string) *Norm {
	n := Norm{W: l.Vector(name+".weight", d), Eps: eps}
	if l.W.Has(l.Prefix + name + ".bias") {
		n.B = l.Vector(name+".bias", d)
	}
	return NewNorm(n, at)
}

// RMSNorm reads name.weight [d], to which plus is added (Gemma's are stored as w - 1).
func (l *Load) RMSNorm(name string, d int, eps, plus float32, at string) *Norm {
	n := Norm{W: l.Vector(name+".weight", d), Eps: eps, RMS: true}
	for i := range n.W {
		n.W[i] += plus
	}
	return NewNorm(n, at)
}

// Need makes it an error that one of names is not there.
func (l *Load) Need(names ...string) {
	for _, n := range names {
		if l.Err == nil && !l.W.Has(l.Prefix+n) {
			l.Err = &fault.Error{Code: fault.MissingTensor, Where: fault.Name(l.Prefix + n)}
		}
	}
}
