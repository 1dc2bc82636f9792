package onmt

import (
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// attention is OpenNMT-py's GlobalAttention of a step's hidden state h on the encoder's states m_j:
//
//	general: s_j = m_j . W_in h      dot: s_j = m_j . h      mlp: s_j = v . tanh(W_q h + b_q + W_c m_j)
//	a = softmax(s) or sparsemax(s),  c = sum_j a_j m_j,  o = tanh(W_out [c; h]);  of mlp o = W_out [c; h] + b
//
// It records attn.query (what is multiplied with m_j), attn.attn_scores, attn.pattern [1, query, key], context (c) and attentional (o), which
// of a model with a gate is attn.output.
type attention struct {
	in      *tensor.Matrix // general
	query   nn.Linear      // mlp
	context *tensor.Matrix // mlp: W_c
	v       []float32      // mlp
	out     nn.Linear
	mlp     bool
	weigh   func(scores []float32)
	output  string // o's name
}

func openAttention(load *nn.Load, c *Config) attention {
	const at = "decoder.attn."
	a, d := attention{mlp: c.Attention == "mlp", weigh: tensor.Softmax, output: "decoder.attentional"}, c.DecSize
	if c.Function == "sparsemax" {
		a.weigh = sparsemax
	}
	if c.Gate != "" {
		a.output = "decoder.attn.output"
	}
	switch c.Attention {
	case "general":
		a.in = load.Matrix(at+"linear_in.weight", d, d)
	case "mlp":
		a.context = load.Matrix(at+"linear_context.weight", d, d)
		a.query = load.Linear(at+"linear_query", d, d)
		if v := load.Matrix(at+"v.weight", 1, d); v != nil {
			a.v = make([]float32, d)
			v.Row(a.v, 0)
		}
	}
	a.out = load.Linear(at+"linear_out", d, 2*d)
	return a
}

func (a *attention) acts(c *Config) []nn.Act {
	d, one := []int{c.DecSize}, []int{1}
	return []nn.Act{{Name: "decoder.attn.query", Inner: d},
		{Name: "decoder.attn.attn_scores", Inner: one, Heads: true, Full: true, Cross: true},
		{Name: "decoder.attn.pattern", Inner: one, Heads: true, Full: true, Cross: true},
		{Name: "decoder.context", Inner: d}, {Name: a.output, Inner: d}}
}

// memory is what the decoder attends to.
type memory struct {
	n    int
	m    []float32 // [n, d]
	keys []float32 // [n, d], what queries meet: m itself, or of mlp W_c m
}

func (a *attention) memory(m []float32, n int) *memory {
	if !a.mlp {
		return &memory{n, m, m}
	}
	keys := make([]float32, len(m))
	a.context.Mul(keys, m, n)
	return &memory{n, m, keys}
}

// forward computes o [p.N, d] of h [p.N, d], all at position p.Pos. weights, if not nil, is given each one's attention.
func (a *attention) forward(o, h []float32, mem *memory, w *work, p nn.Pass, weights func(i int, row []float32)) {
	d := len(h) / p.N
	q := h
	switch {
	case a.mlp:
		w.q = nn.Grow(w.q, len(h))
		a.query.Forward(w.q, h, p.N)
		q = w.q
	case a.in != nil:
		w.q = nn.Grow(w.q, len(h))
		a.in.Mul(w.q, h, p.N)
		q = w.q
	default:
		w.q = append(w.q[:0], h...)
		q = w.q
	}
	w.scores, w.cat = nn.Grow(w.scores, mem.n), nn.Grow(w.cat, p.N*2*d)
	for i := range p.N {
		query, s, c := q[i*d:(i+1)*d], w.scores, w.cat[i*2*d:i*2*d+d]
		p.Hooks.At("decoder.attn.query", p.Pos, 1, query, d)
		a.scores(s, query, mem, w)
		p.Hooks.AtHeads("decoder.attn.attn_scores", p.Pos, 1, 1, mem.n, true, s)
		a.weigh(s)
		p.Hooks.AtHeads("decoder.attn.pattern", p.Pos, 1, 1, mem.n, true, s)
		if weights != nil {
			weights(i, s)
		}
		clear(c)
		for j, v := range s {
			tensor.Axpy(c, v, mem.m[j*d:(j+1)*d])
		}
		p.Hooks.At("decoder.context", p.Pos, 1, c, d)
		copy(w.cat[i*2*d+d:], h[i*d:(i+1)*d])
	}
	a.out.Forward(o, w.cat, p.N)
	if !a.mlp {
		tensor.Tanh(o[:p.N*d])
	}
	for i := range p.N {
		p.Hooks.At(a.output, p.Pos, 1, o[i*d:(i+1)*d], d)
	}
}

// scores computes s [n] of a query [d].
func (a *attention) scores(s, query []float32, mem *memory, w *work) {
	d := len(query)
	for j := range s {
		key := mem.keys[j*d : (j+1)*d]
		if !a.mlp {
			s[j] = tensor.Dot(query, key)
			continue
		}
		w.sum = append(w.sum[:0], query...)
		tensor.Axpy(w.sum, 1, key)
		tensor.Tanh(w.sum)
		s[j] = tensor.Dot(a.v, w.sum)
	}
}
