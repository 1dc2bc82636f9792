package nn

import (
	"loupe/engine/tensor"
)

// Cell is one layer of a recurrent network. Forward runs p.N steps from h [out] and, of an LSTM, c [cell]: x [N, in] gives
// dst [N, out] and, of an LSTM, cells [N, cell]. h and c are left as they were.
type Cell interface {
	Forward(dst, cells, x, h, c []float32, w *CellWork, p Pass)
	// Out and Width are the widths of the hidden state and of the cell; 0 where there is no cell.
	Out() int
	Width() int
	// Acts are the activations that it records, the hidden state last.
	Acts() []Act
	// Incoming are the rows of weights by which unit i of one of them is fed (see Weighted); from is what x is called. nil of others.
	Incoming(act string, i int, from string) []Row
}

// CellWork is what cells use on the way, kept from step to step.
type CellWork struct{ in, rec, raw []float32 }

// gates are the products of a cell's input and hidden state with its weights.
type gates struct {
	In  Linear // [k*hidden, in]: weight_ih, bias_ih
	Rec Linear // [k*hidden, out]: weight_hh, bias_hh
}

// start computes the inputs' products for all steps at once, [N, k*hidden], and makes room for one step's.
func (g *gates) start(x []float32, w *CellWork, n int) {
	k := g.In.W.Rows
	w.in, w.rec = Grow(w.in, n*k), Grow(w.rec, k)
	g.In.Forward(w.in, x, n)
}

// step computes the hidden state's product, [k*hidden], and returns it with the input's of step t, in which the gates are then
// computed.
func (g *gates) step(h []float32, w *CellWork, t int) (in, rec []float32) {
	k := g.In.W.Rows
	g.Rec.Forward(w.rec, h, 1)
	return w.in[t*k : (t+1)*k], w.rec
}

// record records the gates of all steps, [N, width] each, which lie side by side in w.in [N, k*hidden].
func (g *gates) record(names []string, width int, w *CellWork, p Pass) {
	k := g.In.W.Rows
	for i, name := range names {
		if !p.Hooks.Wants(name) {
			continue
		}
		w.raw = Grow(w.raw, p.N*width)
		for t := range p.N {
			copy(w.raw[t*width:(t+1)*width], w.in[t*k+i*width:])
		}
		p.Hooks.Record(name, p.Pos, p.N, w.raw, width)
	}
}

// change lets interventions change one step's x, on which all later steps depend. It is recorded with the others' at the end.
func (p Pass) change(name string, t int, x []float32) { p.Hooks.Change(name, p.Pos+t, 1, x, len(x)) }

// loadGates reads PyTorch's tensors of one layer: at+"weight_ih"+suffix and so on, k gates. There are both biases, or none if load.NoBias.
func loadGates(load *Load, suffix string, k, in, hidden, out int) gates {
	g := gates{In: Linear{W: load.Matrix("weight_ih"+suffix, k*hidden, in)}, Rec: Linear{W: load.Matrix("weight_hh"+suffix, k*hidden, out)}}
	ih, hh := "bias_ih"+suffix, "bias_hh"+suffix
	if !load.NoBias {
		g.In.B, g.Rec.B = load.Vector(ih, k*hidden), load.Vector(hh, k*hidden)
	}
	return g
}

// RNN is torch.nn.RNN: h = act(W_ih x + b_ih + W_hh h + b_hh). It records hidden [pos, hidden].
type RNN struct {
	gates
	act    func([]float32)
	hidden string
}

// NewRNN reads layer "_l0", .. ; at begins the activations' names, "layers.0". act is tensor.Tanh or tensor.ReLU.
func NewRNN(load *Load, suffix string, in, hidden int, act func([]float32), at string) *RNN {
	return &RNN{loadGates(load, suffix, 1, in, hidden, hidden), act, at + ".hidden"}
}

func (c *RNN) Out() int    { return c.Rec.W.Rows }
func (c *RNN) Width() int  { return 0 }
func (c *RNN) Acts() []Act { return []Act{{Name: c.hidden, Inner: []int{c.Out()}}} }

func (c *RNN) Forward(dst, _, x, h, _ []float32, w *CellWork, p Pass) {
	d := c.Out()
	c.start(x, w, p.N)
	for t := range p.N {
		in, rec := c.step(h, w, t)
		next := dst[t*d : (t+1)*d]
		copy(next, in)
		tensor.Axpy(next, 1, rec)
		c.act(next)
		p.change(c.hidden, t, next)
		h = next
	}
	p.Hooks.Record(c.hidden, p.Pos, p.N, dst[:p.N*d], d)
}
