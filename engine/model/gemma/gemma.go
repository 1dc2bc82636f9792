// Package gemma is Gemma, Gemma 2 and the text model of Gemma 3: token embeddings times sqrt(d), blocks of attention with
// rotary positions and a gated MLP, RMSNorm before each and, from Gemma 2 on, after each as well; most layers see a window of
// the text only. Gemma 2 caps scores and logits softly, Gemma 3 normalises queries and keys. The maths and the tensors' names
// are those of transformers' Gemma3ForCausalLM and its like (models/gemma3/modeling_gemma3.py), run in float32: there, sqrt(d)
// is as exact as a float32 is, whatever type the weights are kept in. Activations have TransformerLens's names.
package gemma

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
	name   string
	params int
}

// prefixes stand before the text model's tensors: of a text model, and of one that also sees, by transformers' age.
var prefixes = []string{"model.", "language_model.model.", "model.language_model.", ""}

// Open reads the weights that config describes.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	full, sliding, err := c.rotaries()
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: w}
	for _, load.Prefix = range prefixes {
		if w.Has(load.Prefix + "embed_tokens.weight") {
			break
		}
	}
	t := nn.Transformer{Context: c.Limit(), Embed: load.Matrix("embed_tokens.weight", c.Vocab, c.Hidden), EmbedScale: float32(math.Sqrt(float64(c.Hidden)))}
	for l := 0; l < c.Layers && load.Err == nil; l++ {
		b, err := c.block(load, full, sliding, l)
		if err != nil {
			return nil, err
		}
		t.Blocks = append(t.Blocks, b)
	}
	if err := load.NoMore("num_hidden_layers", c.Layers, fmt.Sprintf("layers.%d.input_layernorm.weight", c.Layers)); err != nil {
		return nil, err
	}
	t.Final = load.RMSNorm("norm", c.Hidden, float32(c.Eps), 1, "ln_final")
	t.Head = &nn.Head{W: t.Embed}
	if c.FinalCap != nil {
		t.Head.SoftCap = float32(*c.FinalCap)
	}
	if !c.Tied {
		if load.Prefix = ""; w.Has("language_model.lm_head.weight") {
			load.Prefix = "language_model."
		}
		t.Head.W = load.Matrix("lm_head.weight", c.Vocab, c.Hidden)
	}
	if load.Err != nil {
		return nil, load.Err
	}
	return &Model{nn.NewTransformer(t), kinds[c.Type].name, load.Params}, nil
}

// block reads layer l. Layers of a kind share the rotary positions.
func (c *Config) block(load *nn.Load, full, sliding *nn.Rotary, l int) (nn.Block, error) {
	at, name := fmt.Sprintf("layers.%d.", l), fmt.Sprintf("blocks.%d", l)
	norm := func(tensor, act string) *nn.Norm {
		return load.RMSNorm(at+tensor, c.Hidden, float32(c.Eps), 1, name+act)
	}
	attn, err := c.attention(load, full, sliding, l)
	if err != nil {
		return nn.Block{}, err
	}
	b := nn.Block{Ln1: norm("input_layernorm", ".ln1")}
	if c.Type == "gemma" {
		b.Ln2 = norm("post_attention_layernorm", ".ln2")
	} else {
		b.Ln1Post = norm("post_attention_layernorm", ".ln1_post")
		b.Ln2 = norm("pre_feedforward_layernorm", ".ln2")
		b.Ln2Post = norm("post_feedforward_layernorm", ".ln2_post")
	}
	gate := load.Linear(at+"mlp.gate_proj", c.Inner, c.Hidden)
	mlp := nn.MLP{Gate: &gate, In: load.Linear(at+"mlp.up_proj", c.Inner, c.Hidden), Out: load.Linear(at+"mlp.down_proj", c.Hidden, c.Inner), Act: nn.Activations[c.Act]}
	if load.Err != nil {
		return b, load.Err
	}
	b.Attn, b.MLP = nn.NewAttention(attn, name), nn.NewMLP(mlp, name)
	return nn.NewBlock(b, name), nil
}

// attention reads the projections of layer l.
func (c *Config) attention(load *nn.Load, full, sliding *nn.Rotary, l int) (nn.Attention, error) {
	at, name := fmt.Sprintf("layers.%d.self_attn.", l), fmt.Sprintf("blocks.%d.attn", l)
	a := nn.Attention{Attn: tensor.Attn{Heads: c.Heads, KVHeads: c.KVHeads, Dim: c.HeadDim, Scale: c.scale()}, Rotary: full}
	switch slides, err := c.sliding(l); {
	case err != nil:
		return a, err
	case slides:
		a.Window, a.Rotary = c.Window, sliding
	}
	if c.AttnCap != nil && c.Type == "gemma2" {
		a.SoftCap = float32(*c.AttnCap)
	}
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	a.Q, a.K, a.V = load.Linear(at+"q_proj", q, c.Hidden), load.Linear(at+"k_proj", kv, c.Hidden), load.Linear(at+"v_proj", kv, c.Hidden)
	a.Out = load.Linear(at+"o_proj", c.Hidden, q)
	if c.AttnBias {
		load.Need(at+"q_proj.bias", at+"k_proj.bias", at+"v_proj.bias", at+"o_proj.bias")
	}
	if c.Type == "gemma3_text" {
		a.QNorm = load.RMSNorm(at+"q_norm", a.Dim, float32(c.Eps), 1, name+".q_norm")
		a.KNorm = load.RMSNorm(at+"k_norm", a.Dim, float32(c.Eps), 1, name+".k_norm")
		a.QNorm.Heads, a.KNorm.Heads = a.Heads, a.KVHeads
	}
	return a, nil
}

// Ignores reports whether a tensor that was not read is one that files carry in vain: the rotary frequencies of old files, and
// the head of a model whose head is the embedding matrix.
func Ignores(name string) bool {
	return strings.HasSuffix(name, "lm_head.weight") || strings.HasSuffix(name, "rotary_emb.inv_freq")
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	i := m.Transformer.Info()
	i.Family, i.Params = m.name, m.params
	return i
}
