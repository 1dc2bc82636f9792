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
	at      string // what its tensors' and activations' names begin with
	output  string // o's name
}

func openAttention(load *nn.Load, c *Config, at, kind string) attention {
	a, d := attention{at: at, mlp: kind == "mlp", weigh: tensor.Softmax, output: "decoder.attentional"}, c.DecSize
	if c.Function == "sparsemax" {
		a.weigh = sparsemax
	}
	if c.Gate != "" {
		a.output = "decoder.attn.output"
	}
	switch kind {
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
	d := []int{c.DecSize}
	return append(a.looks(c), nn.Act{Name: "decoder.context", Inner: d}, nn.Act{Name: a.output, Inner: d})
}

// looks are the activations of look.
func (a *attention) looks(c *Config) []nn.Act {
	one := []int{1}
	return []nn.Act{{Name: a.at + "query", Inner: []int{c.DecSize}},
		{Name: a.at + "attn_scores", Inner: one, Heads: true, Full: true, Cross: true},
		{Name: a.at + "pattern", Inner: one, Heads: true, Full: true, Cross: true}}
}

// memory is what the decoder attends to.
type memory struct {
	n     int
	m     []float32 // [n, d]
	keys  []float32 // [n, d], what queries meet: m itself, or of mlp W_c m
	again []float32 // [n, d], what those of a copy attention meet
	words []int     // [n], of a model that copies: each token's id in the target's vocabulary
}

// keys are what queries meet, of m [n, d].
func (a *attention) keys(m []float32, n int) []float32 {
	if !a.mlp {
		return m
	}
	keys := make([]float32, len(m))
	a.context.Mul(keys, m, n)
	return keys
}

// look gives each row of h [p.N, d], all at position p.Pos, its weights on n keys [n, d].
func (a *attention) look(h, keys []float32, n int, w *work, p nn.Pass, each func(i int, weights []float32)) {
	d := len(h) / p.N
	w.q = nn.Grow(w.q, len(h))
	switch {
	case a.mlp:
		a.query.Forward(w.q, h, p.N)
	case a.in != nil:
		a.in.Mul(w.q, h, p.N)
	default:
		copy(w.q, h)
	}
	w.scores = nn.Grow(w.scores, n)
	for i := range p.N {
		query, s := w.q[i*d:(i+1)*d], w.scores[:n]
		p.Hooks.At(a.at+"query", p.Pos, 1, query, d)
		a.scores(s, query, keys, w)
		p.Hooks.AtHeads(a.at+"attn_scores", p.Pos, 1, 1, n, true, s)
		a.weigh(s)
		p.Hooks.AtHeads(a.at+"pattern", p.Pos, 1, 1, n, true, s)
		each(i, s)
	}
}

// forward computes o [p.N, d] of h [p.N, d], all at position p.Pos. weights, if not nil, is given each one's attention.
func (a *attention) forward(o, h []float32, mem *memory, w *work, p nn.Pass, weights func(i int, row []float32)) {
	d := len(h) / p.N
	w.cat = nn.Grow(w.cat, p.N*2*d)
	a.look(h, mem.keys, mem.n, w, p, func(i int, s []float32) {
		if weights != nil {
			weights(i, s)
		}
		c := w.cat[i*2*d : i*2*d+d]
		clear(c)
		for j, v := range s {
			tensor.Axpy(c, v, mem.m[j*d:(j+1)*d])
		}
		p.Hooks.At("decoder.context", p.Pos, 1, c, d)
		copy(w.cat[i*2*d+d:], h[i*d:(i+1)*d])
	})
	a.out.Forward(o, w.cat, p.N)
	if !a.mlp {
		tensor.Tanh(o[:p.N*d])
	}
	for i := range p.N {
		p.Hooks.At(a.output, p.Pos, 1, o[i*d:(i+1)*d], d)
	}
}

// scores computes s [n] of a query [d] and keys [n, d].
func (a *attention) scores(s, query, keys []float32, w *work) {
	d := len(query)
	for j := range s {
		key := keys[j*d : (j+1)*d]
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
