package nn

import "loupe/engine/tensor"

// KV is what attention keeps of the positions that were seen: their keys and values.
type KV struct {
	K, V []float32 // [pos, heads*d_head]
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

// Clone returns an independent copy of the first n positions of width w.
func (c *KV) Clone(n, w int) KV {
	return KV{append([]float32(nil), c.K[:n*w]...), append([]float32(nil), c.V[:n*w]...)}
}

// Attention is multi-head causal self-attention. It records, with d_head = d/Heads: attn.q, attn.k, attn.v and attn.z
// [pos, head, d_head], attn.attn_scores and attn.pattern [head, query, key] (the scores before and after softmax, scaled),
// and, only when it is asked for, attn.result [pos, head, d]: each head's share of what Out gives.
type Attention struct {
	QKV   Linear // [3*d, d]: queries, keys, values
	Out   Linear // [d, d]
	Heads int
	Scale float32 // of the scores

	q, k, v, scores, pattern, z, result string
}

// NewAttention names the activations of the attention of a block, "blocks.0".
func NewAttention(qkv, out Linear, heads int, scale float32, block string) Attention {
	at := block + ".attn."
	return Attention{qkv, out, heads, scale, at + "q", at + "k", at + "v", at + "attn_scores", at + "pattern", at + "z", at + "result"}
}

// Work is what attention uses on the way, kept from step to step.
type Work struct {
	qkv, q, z, scores, wide []float32
}

// Forward computes dst [N, d] of x [N, d], attending to what kv holds before p.Pos and to itself.
func (a *Attention) Forward(dst, x []float32, kv *KV, w *Work, p Pass) {
	n, d := p.N, a.Out.W.Cols
	hd, keys := d/a.Heads, p.Pos+p.N
	w.qkv = Grow(w.qkv, n*3*d)
	w.q = Grow(w.q, n*d)
	w.z = Grow(w.z, n*d)
	w.scores = Grow(w.scores, a.Heads*n*(keys+255&^255))[:a.Heads*n*keys] // not a little more at every step
	a.QKV.Forward(w.qkv, x, n)
	kv.grow(keys, d)
	k, v := kv.K[p.Pos*d:], kv.V[p.Pos*d:] // [N, d]
	for t := range n {
		row := w.qkv[t*3*d:]
		copy(w.q[t*d:], row[:d])
		copy(k[t*d:], row[d:2*d])
		copy(v[t*d:], row[2*d:3*d])
	}
	p.At(a.q, w.q, a.Heads, hd)
	p.At(a.k, k, a.Heads, hd)
	p.At(a.v, v, a.Heads, hd)
	tensor.AttnScores(w.scores, w.q, kv.K, n, keys, a.Heads, a.Scale)
	p.Hooks.AtHeads(a.scores, p.Pos, n, a.Heads, keys, w.scores)
	tensor.AttnPattern(w.scores, w.scores, n, keys, a.Heads)
	p.Hooks.AtHeads(a.pattern, p.Pos, n, a.Heads, keys, w.scores)
	tensor.AttnMix(w.z, w.scores, kv.V, n, keys, a.Heads)
	p.At(a.z, w.z, a.Heads, hd)
	if p.Hooks.Wants(a.result) {
		a.byHead(dst, w, p)
		return
	}
	a.Out.Forward(dst, w.z, n)
}

// byHead computes attn.result, what Out makes of each head alone, and dst as their sum.
func (a *Attention) byHead(dst []float32, w *Work, p Pass) {
	n, d := p.N, a.Out.W.Cols
	hd := d / a.Heads
	alone := make([]float32, n*a.Heads*d) // [N, head, d]: z of one head, zeros elsewhere
	for t := range n {
		for h := range a.Heads {
			copy(alone[(t*a.Heads+h)*d+h*hd:][:hd], w.z[t*d+h*hd:])
		}
	}
	w.wide = Grow(w.wide, n*a.Heads*d)
	a.Out.W.Mul(w.wide, alone, n*a.Heads)
	p.At(a.result, w.wide, a.Heads, d)
	for t := range n {
		copy(dst[t*d:], a.Out.B)
		for h := range a.Heads {
			tensor.Axpy(dst[t*d:(t+1)*d], 1, w.wide[(t*a.Heads+h)*d:][:d])
		}
	}
}
