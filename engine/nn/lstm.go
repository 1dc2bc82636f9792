package nn

import "loupe/engine/tensor"

// LSTM is torch.nn.LSTM, with proj_size or without:
//
//	i, f, o = sigmoid(W_i. x + b_i. + W_h. h + b_h.)   input_gate, forget_gate, output_gate
//	g       = tanh(W_ig x + b_ig + W_hg h + b_hg)      cell_gate
//	c       = f*c + i*g                                cell
//	h       = o * tanh(c), times W_hr if there is one  hidden
//
// It records all of them: the gates and cell [pos, cell], hidden [pos, out]. Other functions
// may stand for sigmoid (Gate) and, both times, tanh (Act).
type LSTM struct {
	gates
	Gate, Act func([]float32)
	Proj      *tensor.Matrix // [out, cell], weight_hr; nil without projections
	name      [6]string      // of the activations, in the order of the file: i, f, g, o, cell, hidden
}

// NewLSTM reads layer "_l0", .. ; at begins the activations' names. proj 0 has no projections.
func NewLSTM(load *Load, suffix string, in, hidden, proj int, at string) *LSTM {
	c := &LSTM{Gate: tensor.Sigmoid, Act: tensor.Tanh}
	for i, n := range []string{".input_gate", ".forget_gate", ".cell_gate", ".output_gate", ".cell", ".hidden"} {
		c.name[i] = at + n
	}
	out := hidden
	if proj > 0 {
		out = proj
		c.Proj = load.Matrix("weight_hr"+suffix, proj, hidden)
	}
	c.gates = loadGates(load, suffix, 4, in, hidden, out)
	return c
}

func (c *LSTM) Out() int   { return c.Rec.W.Cols }
func (c *LSTM) Width() int { return c.Rec.W.Rows / 4 }

func (c *LSTM) Acts() (acts []Act) {
	for _, n := range c.name[:5] {
		acts = append(acts, Act{Name: n, Inner: []int{c.Width()}})
	}
	return append(acts, Act{Name: c.name[5], Inner: []int{c.Out()}})
}

func (c *LSTM) Forward(dst, cells, x, h, cell []float32, w *CellWork, p Pass) {
	d, hd := c.Out(), c.Width()
	c.start(x, w, p.N)
	w.raw = Grow(w.raw, hd)
	var t int
	change := func(name string, x []float32) { p.change(name, t, x) }
	for t = range p.N {
		in, rec := c.step(h, w, t)
		tensor.Axpy(in, 1, rec)
		next := cells[t*hd : (t+1)*hd]
		h = dst[t*d : (t+1)*d]
		c.one(in, cell, next, h, w.raw[:hd], change)
		cell = next
	}
	c.record(c.name[:4], hd, w, p)
	p.Hooks.Record(c.name[4], p.Pos, p.N, cells[:p.N*hd], hd)
	p.Hooks.Record(c.name[5], p.Pos, p.N, dst[:p.N*d], d)
}

// one computes one step: of in [4*cell], the sum of the products, the gates there; next [cell] of the cell before, and h [out]. Each is
// changed when it is there, before others are computed of it. next may be cell; raw [cell] is for its own use.
func (c *LSTM) one(in, cell, next, h, raw []float32, change func(name string, x []float32)) {
	hd := c.Width()
	i, f, g, o := in[:hd], in[hd:2*hd], in[2*hd:3*hd], in[3*hd:4*hd]
	c.Gate(in[:2*hd])
	c.Act(g)
	c.Gate(o)
	for k, gate := range [...][]float32{i, f, g, o} {
		change(c.name[k], gate)
	}
	for k := range next {
		next[k] = f[k]*cell[k] + i[k]*g[k]
	}
	change(c.name[4], next)
	copy(raw, next)
	c.Act(raw)
	for k, v := range o {
		raw[k] *= v
	}
	if c.Proj == nil {
		copy(h, raw)
	} else {
		c.Proj.MulVec(h, raw)
	}
	change(c.name[5], h)
}
