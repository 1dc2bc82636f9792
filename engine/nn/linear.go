package nn

import "loupe/engine/tensor"

// Linear is torch.nn.Linear: y = x Wᵀ + b.
type Linear struct {
	W *tensor.Matrix // [out, in]
	B []float32      // [out], or nil
}

// Forward computes dst [n, out] of x [n, in].
func (l *Linear) Forward(dst, x []float32, n int) {
	l.W.Mul(dst, x, n)
	if l.B != nil {
		tensor.AddBias(dst[:n*l.W.Rows], l.B, n)
	}
}

// Rows is the layer of the outputs lo to hi alone. It shares the weights.
func (l *Linear) Rows(lo, hi int) Linear {
	r := Linear{W: l.W.Slice(lo, hi)}
	if l.B != nil {
		r.B = l.B[lo:hi]
	}
	return r
}

// Embed writes the rows of table [vocab, d] that ids name into dst [len(ids), d]: torch.nn.Embedding.
func Embed(dst []float32, table *tensor.Matrix, ids []int) {
	d := table.Cols
	for t, id := range ids {
		table.Row(dst[t*d:(t+1)*d], id)
	}
}
