package nn

import "loupe/engine/tensor"

// Activations are the functions of an MLP that this version knows, by their names in transformers' configs.
var Activations = map[string]func(x []float32){
	"gelu_new": tensor.GELUNew,
	"gelu":     tensor.GELU,
	"relu":     tensor.ReLU,
}

// MLP is a transformer's feed-forward layer: Out(Act(In(x))). It records mlp.pre and mlp.post [pos, inner].
type MLP struct {
	In  Linear // [inner, d]
	Out Linear // [d, inner]
	Act func(x []float32)

	pre, post string
}

// NewMLP names the activations of the MLP of a block, "blocks.0".
func NewMLP(in, out Linear, act func([]float32), block string) MLP {
	return MLP{in, out, act, block + ".mlp.pre", block + ".mlp.post"}
}

// Forward computes dst [N, d] of x [N, d]; inner [N, inner] is for its own use.
func (m *MLP) Forward(dst, x, inner []float32, p Pass) error {
	w := m.In.W.Rows
	h := inner[:p.N*w]
	m.In.Forward(h, x, p.N)
	p.At(m.pre, h, w)
	m.Act(h)
	p.At(m.post, h, w)
	if err := p.Pause(); err != nil {
		return err
	}
	m.Out.Forward(dst, h, p.N)
	return nil
}
