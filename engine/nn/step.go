package nn

import "loupe/engine/tensor"

// Stepper is a Cell that can take one step of several sequences at once, so that its weights are read once for all: x [n, in], h [n, out] and,
// of an LSTM, c [n, cell] give dst [n, out] and cells [n, cell], which may be h and c. All are at position p.Pos; n is p.N. Changes are
// of each; what is recorded is a run of one.
type Stepper interface {
	Cell
	Step(dst, cells, x, h, c []float32, w *CellWork, p Pass)
}

// both computes the products of n inputs and n hidden states, [n, k*hidden] each.
func (g *gates) both(x, h []float32, w *CellWork, n int) (in, rec []float32) {
	g.start(x, w, n)
	w.rec = Grow(w.rec, n*g.Rec.W.Rows)
	g.Rec.Forward(w.rec, h, n)
	return w.in, w.rec
}

// each has interventions change x of each sequence, and records it.
func (p Pass) each(name string, x []float32) { p.Hooks.At(name, p.Pos, 1, x, len(x)) }

// Step is Stepper's.
func (c *LSTM) Step(dst, cells, x, h, cell []float32, w *CellWork, p Pass) {
	d, hd := c.Out(), c.Width()
	in, rec := c.both(x, h, w, p.N)
	tensor.Axpy(in[:p.N*4*hd], 1, rec)
	w.raw = Grow(w.raw, hd)
	for i := range p.N {
		c.one(in[i*4*hd:(i+1)*4*hd], cell[i*hd:(i+1)*hd], cells[i*hd:(i+1)*hd], dst[i*d:(i+1)*d], w.raw[:hd], p.each)
	}
}

// Step is Stepper's.
func (c *GRU) Step(dst, _, x, h, _ []float32, w *CellWork, p Pass) {
	d := c.Out()
	in, rec := c.both(x, h, w, p.N)
	for i := range p.N {
		c.one(in[i*3*d:(i+1)*3*d], rec[i*3*d:(i+1)*3*d], h[i*d:(i+1)*d], dst[i*d:(i+1)*d], w, p.each)
	}
}
