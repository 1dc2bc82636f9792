package onmt

import (
	"math"

	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// copier is OpenNMT-py's CopyGenerator (See et al. 2017): a word is written by the generator, or read off the source,
//
//	q = sigmoid(w . o + b),  p(y) = (1-q) softmax(W o + b')(y) + q (sum of a_j over the source's tokens j that are y)
//
// where <blank> has no p, and a is a second attention, queried by o, or the decoder's own. A token of the source that the target's
// vocabulary does not have is <unk>. What the model gives as logits are log p, at least log 1e-20 (OpenNMT-py's CopyGeneratorLoss).
// It records copy_attn.query, copy_attn.attn_scores, copy_attn.pattern and copy (q).
type copier struct {
	attn *attention // nil: the decoder's own (reuse_copy_attn)
	gate nn.Linear  // [1, d]
	to   []int      // [source vocab]: the target's id, or -1; nil: none has one
}

// unknown and blank are the ids that OpenNMT-py's vocabularies begin with.
const (
	unknown = 0
	blank   = 1
)

func openCopier(load *nn.Load, c *Config) *copier {
	k := &copier{gate: load.Linear("generator.linear_copy", 1, c.DecSize)}
	if !c.ReuseCopy {
		kind := c.CopyType
		if kind == "" {
			kind = c.Attention
		}
		a := openAttention(load, c, "decoder.copy_attn.", kind)
		k.attn = &a
	}
	return k
}

// Copies is nn.Copier's.
func (m *Model) Copies(to []int) {
	if m.copy != nil {
		m.copy.to = to
	}
}

func (k *copier) acts(c *Config) []nn.Act {
	if k == nil {
		return nil
	}
	acts := []nn.Act{{Name: "decoder.copy", Inner: []int{1}}}
	if k.attn != nil {
		acts = append(k.attn.looks(c), acts...)
	}
	return acts
}

// read adds to mem what is copied: ids are the source's.
func (k *copier) read(mem *memory, ids []int) {
	if k.attn != nil {
		mem.again = k.attn.keys(mem.m, mem.n)
	}
	for _, id := range ids {
		word := unknown
		if k.to != nil && k.to[id] >= 0 {
			word = k.to[id]
		}
		mem.words = append(mem.words, word)
	}
}

// look makes w.shares [p.N, n], what is copied of each token of the source, of o [p.N, d]. The decoder's own attention put them there.
func (k *copier) look(o []float32, mem *memory, w *work, p nn.Pass) {
	if k.attn != nil {
		k.attn.look(o, mem.again, mem.n, w, p, func(i int, s []float32) { copy(w.shares[i*mem.n:], s) })
	}
}

// mix replaces the generator's logits z [p.N, vocab] of o [p.N, d] by log p.
func (k *copier) mix(z, o []float32, mem *memory, w *work, p nn.Pass) {
	v := len(z) / p.N
	q := make([]float32, p.N)
	k.gate.Forward(q, o, p.N)
	tensor.Sigmoid(q)
	for i := range p.N {
		row, q := z[i*v:(i+1)*v], q[i:i+1]
		p.Hooks.At("decoder.copy", p.Pos, 1, q, 1)
		if blank < v {
			row[blank] = float32(math.Inf(-1))
		}
		tensor.Softmax(row)
		for y := range row {
			row[y] *= 1 - q[0]
		}
		for j, y := range mem.words {
			row[y] += q[0] * w.shares[i*mem.n+j]
		}
		for y, p := range row {
			row[y] = float32(math.Log(max(float64(p), 1e-20)))
		}
	}
}
