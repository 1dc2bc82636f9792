package nn

import "loupe/engine/tensor"

// KV is what attention keeps of the positions that were seen: their keys and values.
type KV struct {
	K, V []float32 // [pos, kv heads*d_head]
}

// grow makes room for n positions of width w, keeping those that are there.
func (c *KV) grow(n, w int) {
	if cap(c.K) < n*w {
		room := max(n, min(2*n, n+256)) * w
		k, v := make([]float32, n*w, room), make([]float32, n*w, room)
		copy(k, c.K)
		copy(v, c.V)
		c.K, c.V = k, v
	}
	c.K, c.V = c.K[:n*w], c.V[:n*w]
}

// clone returns an independent copy of the first n positions of width w.
func (c *KV) clone(n, w int) KV {
	return KV{append([]float32(nil), c.K[:n*w]...), append([]float32(nil), c.V[:n*w]...)}
}

// Attention is multi-head self-attention, in which a head of keys and values may serve several of queries. It records
// attn.q [pos, head, d_head], attn.k and attn.v [pos, kv head, d_head], with norms attn.q_norm.* and attn.k_norm.*, with a
// rotary embedding attn.rot_q and attn.rot_k, then attn.attn_scores and attn.pattern [head, query, key] (the scores before
// and after softmax, scaled), attn.z [pos, head, d_head] and, only when it is asked for, attn.result [pos, head, d]: each
// head's share of what Out gives.
type Attention struct {
	tensor.Attn
	Q, K, V      Linear  // [heads*d_head, d], [kv heads*d_head, d] twice
	Out          Linear  // [d, heads*d_head]
	Rotary       *Rotary // nil: none
	QNorm, KNorm *Norm   // with Heads set; nil: none
	// Distance is what is added to the score of a head's query for a key that many positions after it (before: negative); nil: nothing (T5).
	Distance func(head, after int) float32

	q, k, v, rotQ, rotK, scores, pattern, z, result string
}

// NewAttention names the activations of the attention of a block, "blocks.0".
func NewAttention(a Attention, block string) Attention {
	at := block + ".attn."
	a.q, a.k, a.v, a.rotQ, a.rotK = at+"q", at+"k", at+"v", at+"rot_q", at+"rot_k"
	a.scores, a.pattern, a.z, a.result = at+"attn_scores", at+"pattern", at+"z", at+"result"
	return a
}

// Work is what blocks use on the way, kept from step to step.
type Work struct {
	x, a, b, scale, q, k, v, z, scores, wide, inner, linear, logits []float32
}

// forward computes dst [N, d] of x [N, d], attending to what kv holds before p.Pos and to itself. Of rows that are all at p.Pos each attends
// to its own.
func (a *Attention) forward(dst, x []float32, kvs []*KV, w *Work, p Pass) error {
	if p.rows {
		return a.sidewise(dst, x, kvs, w, p)
	}
	kv := kvs[0]
	n, d, width, kvWidth, keys := p.N, a.Out.W.Rows, a.Heads*a.Dim, a.KVHeads*a.Dim, p.Pos+p.N
	w.q, w.z = Grow(w.q, n*width), Grow(w.z, n*width)
	w.scores = Grow(w.scores, a.Heads*n*(keys+255&^255))[:a.Heads*n*keys] // not a little more at every step
	kv.grow(keys, kvWidth)
	k, v := kv.K[p.Pos*kvWidth:keys*kvWidth], kv.V[p.Pos*kvWidth:keys*kvWidth]
	err := p.pieces(d*(width+2*kvWidth), func(i int, part Pass) error {
		a.Q.Forward(w.q[i*width:], x[i*d:], part.N)
		a.K.Forward(k[i*kvWidth:], x[i*d:], part.N)
		a.V.Forward(v[i*kvWidth:], x[i*d:], part.N)
		return nil
	})
	if err != nil {
		return err
	}
	p.At(a.q, w.q, a.Heads, a.Dim)
	p.At(a.k, k, a.KVHeads, a.Dim)
	p.At(a.v, v, a.KVHeads, a.Dim)
	a.place(k, w, p)
	a.Attn.Scores(w.scores, w.q, kv.K, n, keys)
	a.bias(w.scores, p.Pos, n, keys)
	p.Hooks.AtHeads(a.scores, p.Pos, n, a.Heads, keys, a.Full, w.scores)
	if err := p.Pause(); err != nil { // each of the three takes long where there are many queries and keys
		return err
	}
	a.Attn.Pattern(w.scores, w.scores, n, keys)
	p.Hooks.AtHeads(a.pattern, p.Pos, n, a.Heads, keys, a.Full, w.scores)
	if err := p.Pause(); err != nil {
		return err
	}
	a.Attn.Mix(w.z, w.scores, kv.V, n, keys)
	p.At(a.z, w.z, a.Heads, a.Dim)
	if p.Hooks.Wants(a.result) {
		return p.pieces(a.Heads*d*width, func(i int, part Pass) error {
			part.byHead(dst[i*d:], w.z[i*width:], &a.Out, a.Heads, a.Dim, a.result, w)
			return nil
		})
	}
	return p.pieces(d*width, func(i int, part Pass) error {
		a.Out.Forward(dst[i*d:], w.z[i*width:], part.N)
		return nil
	})
}

// sidewise is forward for rows that are all at p.Pos.
func (a *Attention) sidewise(dst, x []float32, kvs []*KV, w *Work, p Pass) error {
	n, width, kvWidth, keys := p.N, a.Heads*a.Dim, a.KVHeads*a.Dim, p.Pos+1
	w.q, w.z, w.k, w.v = Grow(w.q, n*width), Grow(w.z, n*width), Grow(w.k, n*kvWidth), Grow(w.v, n*kvWidth)
	w.scores = Grow(w.scores, a.Heads*keys)[:a.Heads*keys]
	a.Q.Forward(w.q, x, n)
	a.K.Forward(w.k, x, n)
	a.V.Forward(w.v, x, n)
	p.At(a.q, w.q[:n*width], a.Heads, a.Dim)
	p.At(a.k, w.k[:n*kvWidth], a.KVHeads, a.Dim)
	p.At(a.v, w.v[:n*kvWidth], a.KVHeads, a.Dim)
	if a.QNorm != nil || a.Rotary != nil {
		panic("nn: no norms of queries and no rotary positions in a decoder of two halves")
	}
	for i, kv := range kvs {
		kv.grow(keys, kvWidth)
		copy(kv.K[p.Pos*kvWidth:], w.k[i*kvWidth:(i+1)*kvWidth])
		copy(kv.V[p.Pos*kvWidth:], w.v[i*kvWidth:(i+1)*kvWidth])
		a.Attn.Scores(w.scores, w.q[i*width:], kv.K, 1, keys)
		a.bias(w.scores, p.Pos, 1, keys)
		p.Hooks.AtHeads(a.scores, p.Pos, 1, a.Heads, keys, false, w.scores)
		a.Attn.Pattern(w.scores, w.scores, 1, keys)
		p.Hooks.AtHeads(a.pattern, p.Pos, 1, a.Heads, keys, false, w.scores)
		a.Attn.Mix(w.z[i*width:], w.scores, kv.V, 1, keys)
	}
	p.At(a.z, w.z[:n*width], a.Heads, a.Dim)
	if p.Hooks.Wants(a.result) {
		p.byHead(dst, w.z, &a.Out, a.Heads, a.Dim, a.result, w)
	} else {
		a.Out.Forward(dst, w.z, n)
	}
	return nil
}

// bias adds what the distance of query and key says to scores [heads, n, keys] of queries from pos on (T5).
func (a *Attention) bias(s []float32, pos, n, keys int) {
	if a.Distance == nil {
		return
	}
	for h := range a.Heads {
		for i := range n {
			row := s[(h*n+i)*keys : (h*n+i+1)*keys]
			for k := range row {
				row[k] += a.Distance(h, k-(pos+i))
			}
		}
	}
}

// place normalises queries and keys and turns them to their positions.
func (a *Attention) place(k []float32, w *Work, p Pass) {
	if a.QNorm != nil {
		w.scale = Grow(w.scale, p.N*a.Heads)
		a.QNorm.Forward(w.q, w.q, w.scale, p)
		a.KNorm.Forward(k, k, w.scale, p)
	}
	if a.Rotary != nil {
		a.Rotary.apply(w.q, p.Pos, p.N, a.Heads, a.Dim)
		a.Rotary.apply(k, p.Pos, p.N, a.KVHeads, a.Dim)
		p.At(a.rotQ, w.q, a.Heads, a.Dim)
		p.At(a.rotK, k, a.KVHeads, a.Dim)
	}
}

// byHead computes result, what out makes of each head of z alone, and dst as their sum.
func (p Pass) byHead(dst, z []float32, out *Linear, heads, dim int, result string, w *Work) {
	n, d, width := p.N, out.W.Rows, heads*dim
	alone := make([]float32, n*heads*width) // [N, head, heads*d_head]: z of one head, zeros elsewhere
	for t := range n {
		for h := range heads {
			copy(alone[(t*heads+h)*width+h*dim:][:dim], z[t*width+h*dim:])
		}
	}
	w.wide = Grow(w.wide, n*heads*d)
	out.W.Mul(w.wide, alone, n*heads)
	p.At(result, w.wide, heads, d)
	for t := range n {
		row := dst[t*d : (t+1)*d]
		clear(row)
		copy(row, out.B)
		for h := range heads {
			tensor.Axpy(row, 1, w.wide[(t*heads+h)*d:][:d])
		}
	}
}

func (a *Attention) acts() []Act {
	heads, kv, rows := []int{a.Heads, a.Dim}, []int{a.KVHeads, a.Dim}, []int{a.Heads}
	acts := []Act{{Name: a.q, Inner: heads}, {Name: a.k, Inner: kv}, {Name: a.v, Inner: kv}}
	acts = append(append(acts, a.QNorm.acts()...), a.KNorm.acts()...)
	if a.Rotary != nil {
		acts = append(acts, Act{Name: a.rotQ, Inner: heads}, Act{Name: a.rotK, Inner: kv})
	}
	return append(acts, Act{Name: a.scores, Inner: rows, Heads: true, Full: a.Full}, Act{Name: a.pattern, Inner: rows, Heads: true, Full: a.Full},
		Act{Name: a.z, Inner: heads}, Act{Name: a.result, Inner: []int{a.Heads, a.Out.W.Rows}})
}
