package nn

import "loupe/engine/tensor"

// GRU is torch.nn.GRU:
//
//	r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)        reset_gate
//	z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)        update_gate
//	n = tanh(W_in x + b_in + r * (W_hn h + b_hn))     new_gate
//	h = (1 - z) * n + z * h                           hidden
//
// It records all four, [pos, hidden]. Other functions may stand for sigmoid (Gate) and tanh (Act).
type GRU struct {
	gates
	Gate, Act func([]float32)
	name      [4]string // of the activations: r, z, n, hidden
	first     *Linear   // W_hn, b_hn, if the reset comes first
}

// NewGRU reads layer "_l0", .. ; at begins the activations' names.
func NewGRU(load *Load, suffix string, in, hidden int, at string) *GRU {
	c := &GRU{gates: loadGates(load, suffix, 3, in, hidden, hidden), Gate: tensor.Sigmoid, Act: tensor.Tanh}
	for i, n := range []string{".reset_gate", ".update_gate", ".new_gate", ".hidden"} {
		c.name[i] = at + n
	}
	return c
}

// ResetFirst makes it the GRU of Cho et al. 2014, v1 (Keras's reset_after=False):
//
//	n = tanh(W_in x + b_in + W_hn (r * h) + b_hn)
func (c *GRU) ResetFirst() {
	n := c.Rec.Rows(2*c.Out(), 3*c.Out())
	c.first = &n
}

func (c *GRU) Out() int   { return c.Rec.W.Cols }
func (c *GRU) Width() int { return 0 }

func (c *GRU) Acts() (acts []Act) {
	for _, n := range c.name {
		acts = append(acts, Act{Name: n, Inner: []int{c.Out()}})
	}
	return acts
}

func (c *GRU) Forward(dst, _, x, h, _ []float32, w *CellWork, p Pass) {
	d := c.Out()
	c.start(x, w, p.N)
	var t int
	change := func(name string, x []float32) { p.change(name, t, x) }
	for t = range p.N {
		in, rec := c.step(h, w, t)
		next := dst[t*d : (t+1)*d]
		c.one(in, rec, h, next, w, change)
		h = next
	}
	c.record(c.name[:3], d, w, p)
	p.Hooks.Record(c.name[3], p.Pos, p.N, dst[:p.N*d], d)
}

// one computes one step: of in and rec [3*hidden], the products of the input and of the hidden state h, the gates in in, and next, which
// may be h. Each is changed when it is there, before others are computed of it.
func (c *GRU) one(in, rec, h, next []float32, w *CellWork, change func(name string, x []float32)) {
	d := c.Out()
	r, z, n := in[:d], in[d:2*d], in[2*d:3*d]
	tensor.Axpy(in[:2*d], 1, rec[:2*d])
	c.Gate(in[:2*d])
	change(c.name[0], r)
	change(c.name[1], z)
	if c.first != nil {
		w.raw = append(w.raw[:0], h...)
		tensor.Mul(w.raw, r)
		c.first.Forward(rec[2*d:], w.raw, 1)
		tensor.Axpy(n, 1, rec[2*d:])
	} else {
		for k, v := range rec[2*d : 3*d] {
			n[k] += r[k] * v
		}
	}
	c.Act(n)
	change(c.name[2], n)
	for k := range next {
		next[k] = (1-z[k])*n[k] + z[k]*h[k]
	}
	change(c.name[3], next)
}
