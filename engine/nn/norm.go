package nn

import "loupe/engine/tensor"

// LayerNorm is torch.nn.LayerNorm over the last axis. It records what it divides by as <name>.scale [pos, 1] and what
// it returns as <name>.normalized [pos, d], weight and bias applied, as TransformerLens's ln.hook_normalized is.
type LayerNorm struct {
	W, B []float32 // [d]
	Eps  float32

	scale, normalized string
}

// Forward computes dst [N, d] of x [N, d]; scale [N] is for its own use.
func (l *LayerNorm) Forward(dst, x, scale []float32, p Pass) {
	d := len(l.W)
	tensor.Normalize(dst[:p.N*d], scale[:p.N], x[:p.N*d], p.N, l.Eps)
	if p.Hooks.Wants(l.scale) {
		l.rescale(dst, scale, p)
	}
	tensor.ScaleShift(dst[:p.N*d], l.W, l.B, p.N)
	p.At(l.normalized, dst[:p.N*d], d)
}

// rescale lets an intervention change the scale, and divides by the changed one.
func (l *LayerNorm) rescale(dst, scale []float32, p Pass) {
	d := len(l.W)
	var one [64]float32
	was := append(one[:0], scale[:p.N]...)
	p.At(l.scale, scale[:p.N], 1)
	for t, s := range scale[:p.N] {
		if s == was[t] {
			continue
		}
		for i := range d {
			dst[t*d+i] *= was[t] / s
		}
	}
}
