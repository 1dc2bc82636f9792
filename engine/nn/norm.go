package nn

import "loupe/engine/tensor"

// Norm is torch.nn.LayerNorm over the last axis or, with RMS, torch.nn.RMSNorm. It records what it divides by as <name>.scale
// [pos, 1] and what it returns as <name>.normalized [pos, d], weight and bias applied, as TransformerLens's
// ln.hook_normalized is. With Heads, each head is normalised by itself: [pos, head] and [pos, head, d].
type Norm struct {
	W, B  []float32 // [d]; B may be nil
	Eps   float32
	RMS   bool
	Heads int

	scale, normalized string
}

// NewNorm names the activations of a norm: at+".scale", at+".normalized".
func NewNorm(n Norm, at string) *Norm {
	n.scale, n.normalized = at+".scale", at+".normalized"
	return &n
}

// Forward computes dst [N, d] of x [N, d], or [N, heads, d]; scale [N], or [N, heads], is for its own use. dst may be x.
func (l *Norm) Forward(dst, x, scale []float32, p Pass) {
	d, rows := len(l.W), p.N*max(l.Heads, 1)
	dst, x, scale = dst[:rows*d], x[:rows*d], scale[:rows]
	if l.RMS {
		tensor.RMSNorm(dst, scale, x, rows, l.Eps)
	} else {
		tensor.Normalize(dst, scale, x, rows, l.Eps)
	}
	if p.Hooks.Wants(l.scale) {
		l.rescale(dst, scale, p)
	}
	if l.B != nil {
		tensor.ScaleShift(dst, l.W, l.B, rows)
	} else {
		for t := range rows {
			tensor.Mul(dst[t*d:(t+1)*d], l.W)
		}
	}
	if l.Heads > 0 {
		p.At(l.normalized, dst, l.Heads, d)
	} else {
		p.At(l.normalized, dst, d)
	}
}

// rescale lets an intervention change the scale, and divides by the changed one.
func (l *Norm) rescale(dst, scale []float32, p Pass) {
	d := len(l.W)
	var one [64]float32
	was := append(one[:0], scale...)
	p.At(l.scale, scale, max(l.Heads, 1))
	for t, s := range scale {
		if s == was[t] {
			continue
		}
		for i := range d {
			dst[t*d+i] *= was[t] / s
		}
	}
}

func (l *Norm) acts() []Act {
	if l == nil {
		return nil
	}
	inner := []int{len(l.W)}
	if l.Heads > 0 {
		inner = []int{l.Heads, len(l.W)}
	}
	return []Act{{Name: l.scale, Inner: []int{max(l.Heads, 1)}}, {Name: l.normalized, Inner: inner}}
}
