package nn

import "loupe/engine/tensor"

// Activations are the functions of an MLP that this version knows, by their names in transformers' configs.
var Activations = map[string]func(x []float32){
	"gelu_new":          tensor.GELUNew,
	"gelu_fast":         tensor.GELUNew, // the same maths, written in another way
	"gelu_pytorch_tanh": tensor.GELUNew,
	"gelu":              tensor.GELU,
	"gelu_python":       tensor.GELU,
	"relu":              tensor.ReLU,
	"silu":              tensor.SiLU,
	"swish":             tensor.SiLU,
}

// MLP is a transformer's feed-forward layer: Out(Act(In(x))) or, with a gate, Out(Act(Gate(x)) * In(x)). It records mlp.pre
// (what Act gets), mlp.pre_linear (In(x), where there is a gate) and mlp.post [pos, inner].
type MLP struct {
	In   Linear  // [inner, d]
	Gate *Linear // [inner, d], or nil
	Out  Linear  // [d, inner]
	Act  func(x []float32)

	pre, linear, post string
}

// NewMLP names the activations of the MLP of a block, "blocks.0".
func NewMLP(m MLP, block string) MLP {
	m.pre, m.linear, m.post = block+".mlp.pre", block+".mlp.pre_linear", block+".mlp.post"
	return m
}

// forward computes dst [N, d] of x [N, d].
func (m *MLP) forward(dst, x []float32, w *Work, p Pass) error {
	inner := m.In.W.Rows
	w.inner = Grow(w.inner, p.N*inner)
	h := w.inner
	if m.Gate == nil {
		m.In.Forward(h, x, p.N)
	} else {
		m.Gate.Forward(h, x, p.N)
	}
	p.At(m.pre, h, inner)
	m.Act(h)
	if m.Gate != nil {
		w.linear = Grow(w.linear, p.N*inner)
		m.In.Forward(w.linear, x, p.N)
		p.At(m.linear, w.linear, inner)
		tensor.Mul(h, w.linear)
	}
	p.At(m.post, h, inner)
	if err := p.Pause(); err != nil {
		return err
	}
	m.Out.Forward(dst, h, p.N)
	return nil
}

func (m *MLP) acts() []Act {
	inner := []int{m.In.W.Rows}
	acts := []Act{{Name: m.pre, Inner: inner}}
	if m.Gate != nil {
		acts = append(acts, Act{Name: m.linear, Inner: inner})
	}
	return append(acts, Act{Name: m.post, Inner: inner})
}
