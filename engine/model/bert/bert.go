// Package bert is BERT and what shares its maths: DistilBERT, RoBERTa, and sentence models like MiniLM. Every token sees all
// others; a LayerNorm stands after each sum, not before each layer; and the head, where a file has one, says what token each
// position could hold. The maths and the tensors' names are those of transformers (models/bert/modeling_bert.py, distilbert,
// roberta); activations have the names of TransformerLens's HookedEncoder.
//
// Loupe runs one text, which is not padded, so there is no mask of what counts; all its tokens are of the first type.
package bert

import (
	"fmt"
	"math"
	"strings"

	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Model is the weights.
type Model struct {
	*nn.Transformer
	family string
	params int
}

// Open reads the weights that config describes. Heads other than that for masked tokens are left aside; without one the model
// has no logits.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: w}
	if !w.Has("embeddings.word_embeddings.weight") {
		load.Prefix = c.kind.prefix
	}
	d := c.Hidden
	t := nn.Transformer{Context: c.Positions - c.firstPos(), FirstPos: c.firstPos(), Embed: load.Matrix("embeddings.word_embeddings.weight", c.Vocab, d),
		Positions: load.Matrix("embeddings.position_embeddings.weight", c.Positions, d)}
	if c.Types > 0 {
		t.Types = load.Matrix("embeddings.token_type_embeddings.weight", c.Types, d)
	}
	t.EmbedNorm = c.norm(load, "embeddings.LayerNorm", "embed.ln")
	for l := 0; l < c.Layers && load.Err == nil; l++ {
		t.Blocks = append(t.Blocks, c.block(load, l))
	}
	if err := load.NoMore(c.keys.layers, c.Layers, fmt.Sprintf(c.kind.layer, c.Layers)+c.kind.out+".weight"); err != nil {
		return nil, err
	}
	load.Prefix = ""
	if w.Has(c.kind.headDense + ".weight") {
		t.Head = c.head(load, t.Embed)
	}
	if load.Err != nil {
		return nil, load.Err
	}
	return &Model{nn.NewTransformer(t), c.kind.family, load.Params}, nil
}

func (c *Config) block(load *nn.Load, l int) nn.Block {
	d, k, at, name := c.Hidden, c.kind, fmt.Sprintf(c.kind.layer, l), fmt.Sprintf("blocks.%d", l)
	hd := d / c.Heads
	b := nn.Block{Kind: nn.Post}
	b.Attn = nn.NewAttention(nn.Attention{
		Attn: tensor.Attn{Heads: c.Heads, KVHeads: c.Heads, Dim: hd, Scale: float32(1 / math.Sqrt(float64(hd))), Full: true},
		Q:    linear(load, at+k.q, d, d), K: linear(load, at+k.k, d, d), V: linear(load, at+k.v, d, d), Out: linear(load, at+k.out, d, d),
	}, name)
	b.Ln1 = c.norm(load, at+k.ln1, name+".ln1")
	b.MLP = nn.NewMLP(nn.MLP{In: linear(load, at+k.in, c.Inner, d), Out: linear(load, at+k.inOut, d, c.Inner), Act: nn.Activations[c.Act]}, name)
	b.Ln2 = c.norm(load, at+k.ln2, name+".ln2")
	return nn.NewBlock(b, name)
}

// head reads the head for masked tokens.
func (c *Config) head(load *nn.Load, embed *tensor.Matrix) *nn.Head {
	k := c.kind
	dense := linear(load, k.headDense, c.Hidden, c.Hidden)
	h := &nn.Head{Dense: &dense, Act: nn.Activations[c.Act], Norm: c.norm(load, k.headNorm, "mlm_head.ln"), W: embed}
	if k.headAct != "" {
		h.Act = nn.Activations[k.headAct]
	}
	if !c.Tied {
		h.W = load.Matrix(k.decoder+".weight", c.Vocab, c.Hidden)
	}
	bias := k.bias
	if !load.W.Has(bias) {
		bias = k.decoder + ".bias"
	}
	h.B = load.Vector(bias, c.Vocab)
	return h
}

// linear reads a layer: all of BERT's have a bias.
func linear(load *nn.Load, name string, out, in int) nn.Linear {
	return nn.Linear{W: load.Matrix(name+".weight", out, in), B: load.Vector(name+".bias", out)}
}

// norm reads a LayerNorm, which has weight and bias or, in the first files, gamma and beta.
func (c *Config) norm(load *nn.Load, name, at string) *nn.Norm {
	weight, bias := ".weight", ".bias"
	if load.W.Has(load.Prefix + name + ".gamma") {
		weight, bias = ".gamma", ".beta"
	}
	return nn.NewNorm(nn.Norm{W: load.Vector(name+weight, c.Hidden), B: load.Vector(name+bias, c.Hidden), Eps: float32(c.Eps)}, at)
}

// Ignores reports whether a tensor that was not read is one that files carry in vain: the numbers of the positions, and what is
// the embedding matrix or a bias once more.
func Ignores(name string) bool {
	for _, k := range kinds {
		if strings.HasPrefix(name, k.decoder+".") {
			return true
		}
	}
	return strings.HasSuffix(name, "embeddings.position_ids") || strings.HasSuffix(name, "embeddings.token_type_ids")
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	i := m.Transformer.Info()
	i.Family, i.Params = m.family, m.params
	return i
}
