package nn

import "loupe/engine/tensor"

// Cross is multi-head attention of the decoder on what the encoder made of a source. It records cross_attn.q [pos, head, d_head],
// cross_attn.attn_scores and cross_attn.pattern [head, query, token of the source], cross_attn.z and, only when it is asked for, cross_attn.result; cross_attn.k and cross_attn.v [token
// of the source, head, d_head] once, when the source is encoded.
type Cross struct {
	tensor.Attn
	Q, K, V, Out Linear

	q, k, v, scores, pattern, z, result, out string
}

// NewCross names the activations of a block's, "decoder.blocks.0".
func NewCross(c Cross, block string) *Cross {
	c.Full = true
	at := block + ".cross_attn."
	c.q, c.k, c.v, c.scores, c.pattern, c.z, c.out = at+"q", at+"k", at+"v", at+"attn_scores", at+"pattern", at+"z", block+".cross_attn_out"
	c.result = at + "result"
	return &c
}

// read makes keys and values of the encoder's output m [n, d].
func (c *Cross) read(m []float32, p Pass) KV {
	width := c.Heads * c.Dim
	kv := KV{make([]float32, p.N*width), make([]float32, p.N*width)}
	c.K.Forward(kv.K, m, p.N)
	c.V.Forward(kv.V, m, p.N)
	p.At(c.k, kv.K, c.Heads, c.Dim)
	p.At(c.v, kv.V, c.Heads, c.Dim)
	return kv
}

// forward computes dst [N, d] of x [N, d]. attn, if not nil, is given the mean pattern of each query.
func (c *Cross) forward(dst, x []float32, mem *KV, w *Work, p Pass, attn func(i int, weights []float32)) {
	n, width := p.N, c.Heads*c.Dim
	keys := len(mem.K) / width
	w.q, w.z = Grow(w.q, n*width), Grow(w.z, n*width)
	w.scores = Grow(w.scores, c.Heads*n*keys)[:c.Heads*n*keys]
	c.Q.Forward(w.q, x, n)
	p.At(c.q, w.q, c.Heads, c.Dim)
	c.Attn.Scores(w.scores, w.q, mem.K, n, keys)
	p.Hooks.AtHeads(c.scores, p.Pos, n, c.Heads, keys, true, w.scores)
	c.Attn.Pattern(w.scores, w.scores, n, keys)
	p.Hooks.AtHeads(c.pattern, p.Pos, n, c.Heads, keys, true, w.scores)
	if attn != nil {
		mean := make([]float32, keys)
		for i := range n {
			clear(mean)
			for h := range c.Heads {
				tensor.Axpy(mean, 1/float32(c.Heads), w.scores[(h*n+i)*keys:][:keys])
			}
			attn(i, mean)
		}
	}
	c.Attn.Mix(w.z, w.scores, mem.V, n, keys)
	p.At(c.z, w.z, c.Heads, c.Dim)
	if p.Hooks.Wants(c.result) {
		p.byHead(dst, w.z, &c.Out, c.Heads, c.Dim, c.result, w)
	} else {
		c.Out.Forward(dst, w.z, n)
	}
	p.At(c.out, dst, c.Out.W.Rows)
}

func (c *Cross) acts() []Act {
	if c == nil {
		return nil
	}
	heads, rows := []int{c.Heads, c.Dim}, []int{c.Heads}
	return []Act{{Name: c.q, Inner: heads}, {Name: c.k, Inner: heads, Source: true}, {Name: c.v, Inner: heads, Source: true},
		{Name: c.scores, Inner: rows, Heads: true, Full: true, Cross: true}, {Name: c.pattern, Inner: rows, Heads: true, Full: true, Cross: true},
		{Name: c.z, Inner: heads}, {Name: c.result, Inner: []int{c.Heads, c.Out.W.Rows}}, {Name: c.out, Inner: []int{c.Out.W.Rows}}}
}
