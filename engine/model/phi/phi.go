// Package phi is Phi-1, Phi-1.5 and Phi-2: attention and MLP read the residual stream at the same time, through one LayerNorm, and
// a part of each head's queries and keys is turned by its position. The maths and the tensors' names are those of transformers'
// PhiForCausalLM (models/phi/modeling_phi.py); activations have TransformerLens's names. Phi-3 is of Llama's kind.
package phi

import (
	"fmt"
	"math"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Config is what is read of config.json. The defaults are transformers'.
type Config struct {
	nn.NotDone
	nn.Rope
	Layers  int      `json:"num_hidden_layers"`
	Heads   int      `json:"num_attention_heads"`
	KVHeads int      `json:"num_key_value_heads"` // 0: as many as heads
	Hidden  int      `json:"hidden_size"`
	Inner   int      `json:"intermediate_size"`
	Vocab   int      `json:"vocab_size"`
	Act     string   `json:"hidden_act"`
	Eps     float64  `json:"layer_norm_eps"`
	QKNorm  bool     `json:"qk_layernorm"`
	Tied    bool     `json:"tie_word_embeddings"`
	Archs   []string `json:"architectures"`
}

func readConfig(config []byte) (*Config, error) {
	c := &Config{Layers: 24, Heads: 32, Hidden: 2048, Inner: 8192, Vocab: 51200, Act: "gelu_new", Eps: 1e-5}
	c.Positions, c.Theta, c.Partial = 2048, 10000, 0.5
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	if c.KVHeads == 0 {
		c.KVHeads = c.Heads
	}
	return c, c.check()
}

// check refuses what is absurd and what this package does not do.
func (c *Config) check() error {
	for _, k := range []struct {
		key string
		n   int
	}{{"num_hidden_layers", c.Layers}, {"num_attention_heads", c.Heads}, {"num_key_value_heads", c.KVHeads}, {"hidden_size", c.Hidden},
		{"intermediate_size", c.Inner}, {"vocab_size", c.Vocab}, {"max_position_embeddings", c.Positions}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return err
		}
	}
	switch {
	case c.Hidden%c.Heads != 0:
		return nn.Fault(fault.BadConfig, "num_attention_heads", fmt.Sprintf("a divisor of hidden_size %d", c.Hidden), fmt.Sprint(c.Heads))
	case c.Heads%c.KVHeads != 0:
		return nn.Fault(fault.BadConfig, "num_key_value_heads", fmt.Sprintf("a divisor of num_attention_heads %d", c.Heads), fmt.Sprint(c.KVHeads))
	case !(c.Eps >= 0 && c.Eps < 1):
		return nn.Fault(fault.BadConfig, "layer_norm_eps", "0 to 1", fmt.Sprint(c.Eps))
	case nn.Activations[c.Act] == nil:
		return nn.Fault(fault.Unsupported, "hidden_act", "gelu_new, gelu, gelu_fast, relu or silu", fault.Quote(c.Act))
	case c.QKNorm: // no model that is known has it
		return nn.Fault(fault.Unsupported, "qk_layernorm", "false", "true")
	}
	for _, a := range c.Archs {
		if a != "PhiForCausalLM" && a != "PhiModel" {
			return nn.Fault(fault.Unsupported, "architectures", "PhiForCausalLM", fault.Quote(a))
		}
	}
	return c.NotDone.Check()
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
	rotary, err := c.Rotary(c.Hidden/c.Heads, false)
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: w, Prefix: prefixOf(w)}
	t := nn.Transformer{Context: c.Limit(), Embed: load.Matrix("embed_tokens.weight", c.Vocab, c.Hidden)}
	for l := 0; l < c.Layers && load.Err == nil; l++ {
		t.Blocks = append(t.Blocks, c.block(load, l, rotary))
	}
	if err := load.NoMore("num_hidden_layers", c.Layers, fmt.Sprintf("layers.%d.input_layernorm.weight", c.Layers)); err != nil {
		return nil, err
	}
	t.Final = load.LayerNorm("final_layernorm", c.Hidden, float32(c.Eps), "ln_final")
	load.Prefix = ""
	t.Head = &nn.Head{W: t.Embed, B: load.Vector("lm_head.bias", c.Vocab)}
	if !c.Tied {
		t.Head.W = load.Matrix("lm_head.weight", c.Vocab, c.Hidden)
	}
	if load.Err != nil {
		return nil, load.Err
	}
	return &Model{nn.NewTransformer(t), load.Params}, nil
}

func (c *Config) block(load *nn.Load, l int, rotary *nn.Rotary) nn.Block {
	d, hd, at, name := c.Hidden, c.Hidden/c.Heads, fmt.Sprintf("layers.%d.", l), fmt.Sprintf("blocks.%d", l)
	b := nn.Block{Kind: nn.Parallel, Ln1: load.LayerNorm(at+"input_layernorm", d, float32(c.Eps), name+".ln1")}
	b.Attn = nn.NewAttention(nn.Attention{
		Attn:   tensor.Attn{Heads: c.Heads, KVHeads: c.KVHeads, Dim: hd, Scale: float32(1 / math.Sqrt(float64(hd)))},
		Out:    linear(load, at+"self_attn.dense", d, d),
		Rotary: rotary,
	}, name)
	if kv := c.KVHeads * hd; load.W.Has(load.Prefix + at + "self_attn.qkv_proj.weight") { // old GGUF files have the three in one
		all := linear(load, at+"self_attn.qkv_proj", d+2*kv, d)
		if load.Err == nil {
			b.Attn.Q, b.Attn.K, b.Attn.V = all.Rows(0, d), all.Rows(d, d+kv), all.Rows(d+kv, d+2*kv)
		}
	} else {
		b.Attn.Q, b.Attn.K, b.Attn.V = linear(load, at+"self_attn.q_proj", d, d), linear(load, at+"self_attn.k_proj", kv, d), linear(load, at+"self_attn.v_proj", kv, d)
	}
	b.MLP = nn.NewMLP(nn.MLP{In: linear(load, at+"mlp.fc1", c.Inner, d), Out: linear(load, at+"mlp.fc2", d, c.Inner), Act: nn.Activations[c.Act]}, name)
	return nn.NewBlock(b, name)
}

// linear reads a layer: all of Phi's have a bias.
func linear(load *nn.Load, name string, out, in int) nn.Linear {
	return nn.Linear{W: load.Matrix(name+".weight", out, in), B: load.Vector(name+".bias", out)}
}

// Ignores reports whether a tensor that was not read is one that files carry in vain: the head of a model whose head is the
// embedding matrix.
func Ignores(name string) bool { return name == "lm_head.weight" }

// Info describes the model.
func (m *Model) Info() nn.Info {
	i := m.Transformer.Info()
	i.Family, i.Params = "Phi", m.params
	return i
}
