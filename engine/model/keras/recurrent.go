package keras

import (
	"fmt"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// recurrent is a recurrent layer, of one direction or, with back, of both.
type recurrent struct {
	kind  string // for Info.Family
	cell  nn.Cell
	back  nn.Cell
	merge string // of both: "concat", "sum", "mul" or "ave"
	one   bool   // it returns the last vector alone
	name  string // of both: layers.N.hidden, what the directions make together
}

func (r *recurrent) width() int {
	if r.merge == "concat" {
		return r.cell.Out() + r.back.Out()
	}
	return r.cell.Out()
}

func (r *recurrent) acts() []nn.Act {
	if r.back == nil {
		return r.cell.Acts()
	}
	acts := append(r.cell.Acts(), r.back.Acts()...)
	return append(acts, nn.Act{Name: r.name, Inner: []int{r.width()}})
}

// join makes one vector of both directions'.
func (r *recurrent) join(dst, a, b []float32) {
	if r.merge == "concat" {
		copy(dst[copy(dst, a):], b)
		return
	}
	for i := range dst {
		switch r.merge {
		case "sum":
			dst[i] = a[i] + b[i]
		case "mul":
			dst[i] = a[i] * b[i]
		case "ave":
			dst[i] = (a[i] + b[i]) / 2
		}
	}
}

// recurrent reads a recurrent layer.
func (b *builder) recurrent(l *layer) error {
	if b.one {
		return l.bad("return_sequences in the layer before it", "false")
	}
	at := fmt.Sprintf("layers.%d", len(b.m.cells))
	r := &recurrent{name: at + ".hidden"}
	inner := l
	var err error
	if l.Class == "Bidirectional" {
		if inner, err = b.both(l, r, at); err != nil {
			return err
		}
	} else if l.Config.GoBackwards {
		return l.unsupported("go_backwards only inside Bidirectional", "true")
	} else if r.cell, err = b.cell(l, b.at, at); err != nil {
		return err
	}
	kind := strings.TrimPrefix(inner.Class, "CuDNN")
	if r.kind += kind; kind == "SimpleRNN" {
		r.kind = strings.TrimSuffix(r.kind, kind) + "RNN"
	}
	r.one = !inner.Config.Sequences
	b.stateful = b.stateful || inner.Config.Stateful
	b.one = r.one
	b.m.stages, b.m.cells, b.width = append(b.m.stages, r), append(b.m.cells, r), r.width()
	return nil
}

// both reads a Bidirectional layer, and returns the layer that it runs forward.
func (b *builder) both(l *layer, r *recurrent, at string) (*layer, error) {
	forward, backward := l.Config.Layer, l.Config.Backward
	if forward == nil {
		return nil, l.bad("a layer in it", "none")
	}
	if backward == nil {
		backward = forward
	}
	r.kind, r.merge = "Bidirectional ", "concat"
	if l.Config.Merge != nil {
		r.merge = *l.Config.Merge
	}
	switch r.merge {
	case "concat", "sum", "mul", "ave":
	default:
		return nil, l.unsupported("merge_mode concat, sum, mul or ave", fault.Quote(r.merge))
	}
	if forward.Config.GoBackwards {
		return nil, l.unsupported("a layer that goes forward", "go_backwards")
	}
	var err error
	if r.cell, err = b.cell(forward, b.at+"forward/", at+".forward"); err != nil {
		return nil, err
	}
	if r.back, err = b.cell(backward, b.at+"backward/", at+".backward"); err != nil {
		return nil, err
	}
	if r.merge != "concat" && r.cell.Out() != r.back.Out() || forward.Config.Sequences != backward.Config.Sequences {
		return nil, l.bad("directions of the same shape", "others")
	}
	return forward, nil
}

// cell reads one direction of a recurrent layer, whose tensors begin with prefix.
func (b *builder) cell(l *layer, prefix, at string) (nn.Cell, error) {
	s := &l.Config
	if err := nn.Positive(l.name()+": units", s.Units); err != nil {
		return nil, err
	}
	if s.TimeMajor {
		return nil, l.unsupported("time_major false", "true")
	}
	w := &cellWeights{Weights: b.load.W, prefix: prefix, class: strings.TrimPrefix(l.Class, "CuDNN"), in: b.width, units: s.Units,
		bias: s.UseBias == nil || *s.UseBias || strings.HasPrefix(l.Class, "CuDNN"), both: s.ResetAfter}
	if err := w.look(); err != nil {
		return nil, err
	}
	act, gate := function(s.Activation, "tanh"), function(s.Gate, "sigmoid")
	actF, gateF := b.config.find(act), b.config.find(gate)
	if actF == nil || gateF == nil || act == "softmax" || gate == "softmax" {
		return nil, l.unsupported("activation functions that are known", act+" and "+gate)
	}
	load := &nn.Load{W: w}
	var cell nn.Cell
	switch w.class {
	case "LSTM":
		c := nn.NewLSTM(load, "", b.width, s.Units, 0, at)
		c.Act, c.Gate, cell = actF, gateF, c
	case "GRU":
		c := nn.NewGRU(load, "", b.width, s.Units, at)
		if c.Act, c.Gate, cell = actF, gateF, c; load.Err == nil && !w.both {
			c.ResetFirst()
		}
	case "SimpleRNN":
		cell = nn.NewRNN(load, "", b.width, s.Units, actF, at)
	default:
		return nil, l.unsupported("SimpleRNN, LSTM or GRU", l.Class)
	}
	b.load.Params += w.params
	b.work = max(b.work, w.gates()*s.Units*max(b.width, s.Units))
	return cell, load.Err
}

// cellWeights gives a cell of nn the tensors of a Keras layer as PyTorch has them: weight_ih, weight_hh, bias_ih, bias_hh.
//
// Keras keeps kernel [in, gates*units] and recurrent_kernel [units, gates*units]. An LSTM's gates are in PyTorch's order (i, f,
// c, o), a GRU's are z, r, h. bias is [gates*units], or [2, gates*units] of a GRU that resets after the product.
//
// CuDNN's layers keep the same shapes with other contents, as Keras's own loader has it (hdf5_format.py): of each gate, kernel's
// [in, units] numbers are [units, in] in truth, recurrent_kernel is transposed, and bias is two halves [2*gates*units].
type cellWeights struct {
	nn.Weights
	prefix    string
	class     string
	in, units int
	bias      bool
	both      bool // of GRU: a bias for the hidden state too; the reset comes after the product
	cudnn     bool
	params    int
}

func (w *cellWeights) gates() int {
	return map[string]int{"LSTM": 4, "GRU": 3}[w.class] + map[string]int{"SimpleRNN": 1}[w.class]
}

// look tells by the bias whether the weights are CuDNN's: they may lie under a plain layer's name.
func (w *cellWeights) look() error {
	n := w.gates() * w.units
	w.params = n * (w.in + w.units)
	if !w.bias {
		return nil
	}
	shape := w.Shape(w.prefix + "bias")
	w.params += tensor.Numel(shape)
	if w.cudnn = n > w.units && len(shape) == 1 && shape[0] == 2*n; w.cudnn {
		w.both = w.class == "GRU"
	}
	return nil
}

// Matrix gives weight_ih or weight_hh.
func (w *cellWeights) Matrix(name string, rows, cols int) (m *tensor.Matrix, err error) {
	from := w.prefix + "recurrent_kernel"
	if name == "weight_ih" {
		from = w.prefix + "kernel"
	}
	if w.cudnn {
		m, err = w.Weights.Matrix(from, cols, rows)
	} else {
		m, err = w.Weights.MatrixT(from, rows, cols)
	}
	if err != nil {
		return nil, err
	}
	if m.Type != tensor.F32 && m.Type != tensor.F16 && m.Type != tensor.BF16 {
		return nil, nn.Fault(fault.UnknownDType, fault.Name(from), "F32, F16 or BF16", string(m.Type))
	}
	if w.cudnn {
		m = unpack(m, name == "weight_ih", w.gates())
	}
	if w.class == "GRU" {
		u := w.units
		m = tensor.Stack(m.Slice(u, 2*u), m.Slice(0, u), m.Slice(2*u, 3*u))
	}
	return m, nil
}

// unpack makes [gates*units, in] of CuDNN's [in, gates*units].
func unpack(m *tensor.Matrix, input bool, gates int) *tensor.Matrix {
	in, n := m.Rows, m.Cols
	units := n / gates
	out := tensor.NewMatrix(tensor.F32, n, in)
	out.Name = m.Name
	row := make([]float32, n)
	for i := range in {
		m.Row(row, i)
		for g := range gates {
			for j, v := range row[g*units : (g+1)*units] {
				if at := g*units*in + i*units + j; input { // the gate's numbers, one after another
					out.F32[at] = v
				} else { // in = units: the gate's block, as it is
					out.F32[(g*units+i)*in+j] = v
				}
			}
		}
	}
	return out
}

// Vector gives bias_ih or bias_hh [n].
func (w *cellWeights) Vector(name string, n int) ([]float32, error) {
	hidden, from := name == "bias_hh", w.prefix+"bias"
	v := make([]float32, n)
	switch {
	case !w.bias:
		return v, nil
	case w.cudnn:
		both, err := w.Weights.Vector(from, 2*n)
		if err != nil {
			return nil, err
		}
		if v = both[:n]; hidden {
			v = both[n:]
		}
	case w.class == "GRU" && w.both:
		both, err := w.Weights.Matrix(from, 2, n)
		if err != nil {
			return nil, err
		}
		both.Row(v, map[bool]int{true: 1}[hidden])
	case !hidden:
		var err error
		if v, err = w.Weights.Vector(from, n); err != nil {
			return nil, err
		}
	}
	if w.class == "GRU" {
		u := w.units
		v = append(append(append([]float32(nil), v[u:2*u]...), v[:u]...), v[2*u:]...)
	}
	return v, nil
}
