// Package gpt2 is GPT-2: token and position embeddings, blocks of LayerNorm, attention and MLP around a residual stream,
// a last LayerNorm, and logits by the embedding matrix or one of their own. The maths and the tensors' names are those of
// transformers' GPT2LMHeadModel (models/gpt2/modeling_gpt2.py); activations have TransformerLens's names.
package gpt2

import (
	"fmt"
	"math"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Config is what is read of config.json. The defaults are transformers'.
type Config struct {
	Layers       int      `json:"n_layer"`
	Heads        int      `json:"n_head"`
	Embed        int      `json:"n_embd"`
	Positions    int      `json:"n_positions"`
	Vocab        int      `json:"vocab_size"`
	Inner        int      `json:"n_inner"`
	Act          string   `json:"activation_function"`
	Eps          float64  `json:"layer_norm_epsilon"`
	ScaleWeights bool     `json:"scale_attn_weights"`
	ScaleByLayer bool     `json:"scale_attn_by_inverse_layer_idx"`
	Cross        bool     `json:"add_cross_attention"`
	Tied         bool     `json:"tie_word_embeddings"`
	Archs        []string `json:"architectures"`
}

func readConfig(config []byte) (*Config, error) {
	c := &Config{Layers: 12, Heads: 12, Embed: 768, Positions: 1024, Vocab: 50257, Act: "gelu_new", Eps: 1e-5, ScaleWeights: true, Tied: true}
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	if c.Inner == 0 {
		c.Inner = 4 * c.Embed
	}
	return c, c.check()
}

// check refuses what is absurd and what this package does not do.
func (c *Config) check() error {
	for _, k := range []struct {
		key string
		n   int
	}{{"n_layer", c.Layers}, {"n_head", c.Heads}, {"n_embd", c.Embed}, {"n_positions", c.Positions}, {"vocab_size", c.Vocab}, {"n_inner", c.Inner}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return err
		}
	}
	switch {
	case c.Embed%c.Heads != 0:
		return nn.Fault(fault.BadConfig, "n_head", fmt.Sprintf("a divisor of n_embd %d", c.Embed), fmt.Sprint(c.Heads))
	case !(c.Eps >= 0 && c.Eps < 1):
		return nn.Fault(fault.BadConfig, "layer_norm_epsilon", "0 to 1", fmt.Sprint(c.Eps))
	case nn.Activations[c.Act] == nil:
		return nn.Fault(fault.Unsupported, "activation_function", "gelu_new, gelu or relu", c.Act)
	case c.Cross:
		return nn.Fault(fault.Unsupported, "add_cross_attention", "false", "true")
	}
	for _, a := range c.Archs {
		if a != "GPT2LMHeadModel" && a != "GPT2Model" {
			return nn.Fault(fault.Unsupported, "architectures", "GPT2LMHeadModel", a)
		}
	}
	return nil
}

// Model is the weights.
type Model struct {
	*nn.Transformer
	params int
}

// Open reads the weights that config describes.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: w, Prefix: prefixOf(w)}
	d, layer := c.Embed, load.Conv1D
	if linear(w, load.Prefix) {
		layer = load.Linear
	}
	t := nn.Transformer{Context: c.Positions, Embed: load.Matrix("wte.weight", c.Vocab, d), Positions: load.Matrix("wpe.weight", c.Positions, d)}
	for l := 0; l < c.Layers && load.Err == nil; l++ {
		t.Blocks = append(t.Blocks, c.block(load, l, layer))
	}
	if err := load.NoMore("n_layer", c.Layers, fmt.Sprintf("h.%d.ln_1.weight", c.Layers)); err != nil {
		return nil, err
	}
	t.Final = load.LayerNorm("ln_f", d, float32(c.Eps), "ln_final")
	t.Head = &nn.Head{W: t.Embed}
	if w.Has("lm_head.weight") && !c.Tied {
		load.Prefix = ""
		t.Head.W = load.Matrix("lm_head.weight", c.Vocab, d)
	} else if !c.Tied {
		return nil, nn.Fault(fault.BadConfig, "tie_word_embeddings", "true, for there is no lm_head.weight", "false")
	}
	if load.Err != nil {
		return nil, load.Err
	}
	return &Model{nn.NewTransformer(t), load.Params}, nil
}

// block reads block l, its linear layers by layer.
func (c *Config) block(load *nn.Load, l int, layer func(name string, out, in int) nn.Linear) nn.Block {
	d, at, name := c.Embed, fmt.Sprintf("h.%d.", l), fmt.Sprintf("blocks.%d", l)
	attn := tensor.Attn{Heads: c.Heads, KVHeads: c.Heads, Dim: d / c.Heads, Scale: 1}
	if c.ScaleWeights {
		attn.Scale /= float32(math.Sqrt(float64(attn.Dim)))
	}
	if c.ScaleByLayer {
		attn.Scale /= float32(l + 1)
	}
	b := nn.Block{Ln1: load.LayerNorm(at+"ln_1", d, float32(c.Eps), name+".ln1")}
	qkv, out := layer(at+"attn.c_attn", 3*d, d), layer(at+"attn.c_proj", d, d)
	b.Ln2 = load.LayerNorm(at+"ln_2", d, float32(c.Eps), name+".ln2")
	in, down := layer(at+"mlp.c_fc", c.Inner, d), layer(at+"mlp.c_proj", d, c.Inner)
	if load.Err != nil {
		return b
	}
	b.Attn = nn.NewAttention(nn.Attention{Attn: attn, Q: qkv.Rows(0, d), K: qkv.Rows(d, 2*d), V: qkv.Rows(2*d, 3*d), Out: out}, name)
	b.MLP = nn.NewMLP(nn.MLP{In: in, Out: down, Act: nn.Activations[c.Act]}, name)
	return nn.NewBlock(b, name)
}

// Ignores reports whether a tensor that was not read is one that files carry in vain: the causal mask, and the head of a model
// whose head is the embedding matrix.
func Ignores(name string) bool {
	return name == "lm_head.weight" || strings.HasSuffix(name, ".attn.bias") || strings.HasSuffix(name, ".attn.masked_bias")
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	i := m.Transformer.Info()
	i.Family, i.Params = "GPT-2", m.params
	return i
}
