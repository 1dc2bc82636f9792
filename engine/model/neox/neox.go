// Package neox is GPT-NeoX, the family of Pythia: attention and MLP read the residual stream at the same time, each through a
// LayerNorm of its own, and a part of each head's queries and keys is turned by its position. The maths and the tensors' names
// are those of transformers' GPTNeoXForCausalLM (models/gpt_neox/modeling_gpt_neox.py); activations have TransformerLens's names.
package neox

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
	nn.NotDone
	nn.Rope
	Layers   int      `json:"num_hidden_layers"`
	Heads    int      `json:"num_attention_heads"`
	Hidden   int      `json:"hidden_size"`
	Inner    int      `json:"intermediate_size"`
	Vocab    int      `json:"vocab_size"`
	Act      string   `json:"hidden_act"`
	Eps      float64  `json:"layer_norm_eps"`
	Base     float64  `json:"rotary_emb_base"` // rope_theta's name in this family
	Part     float64  `json:"rotary_pct"`      // partial_rotary_factor's
	Parallel bool     `json:"use_parallel_residual"`
	Bias     bool     `json:"attention_bias"`
	Tied     bool     `json:"tie_word_embeddings"`
	Archs    []string `json:"architectures"`
}

func readConfig(config []byte) (*Config, error) {
	c := &Config{Layers: 44, Heads: 64, Hidden: 6144, Inner: 24576, Vocab: 50432, Act: "gelu", Eps: 1e-5, Base: 10000, Part: 0.25, Parallel: true, Bias: true}
	c.Positions = 2048
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	if c.Theta == 0 {
		c.Theta = c.Base
	}
	if c.Partial == 0 {
		c.Partial = c.Part
	}
	return c, c.check()
}

// check refuses what is absurd and what this package does not do.
func (c *Config) check() error {
	for _, k := range []struct {
		key string
		n   int
	}{{"num_hidden_layers", c.Layers}, {"num_attention_heads", c.Heads}, {"hidden_size", c.Hidden}, {"intermediate_size", c.Inner},
		{"vocab_size", c.Vocab}, {"max_position_embeddings", c.Positions}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return err
		}
	}
	switch {
	case c.Hidden%c.Heads != 0:
		return nn.Fault(fault.BadConfig, "num_attention_heads", fmt.Sprintf("a divisor of hidden_size %d", c.Hidden), fmt.Sprint(c.Heads))
	case !(c.Eps >= 0 && c.Eps < 1):
		return nn.Fault(fault.BadConfig, "layer_norm_eps", "0 to 1", fmt.Sprint(c.Eps))
	case nn.Activations[c.Act] == nil:
		return nn.Fault(fault.Unsupported, "hidden_act", "gelu, gelu_new, gelu_fast, relu or silu", fault.Quote(c.Act))
	}
	for _, a := range c.Archs {
		if a != "GPTNeoXForCausalLM" && a != "GPTNeoXModel" {
			return nn.Fault(fault.Unsupported, "architectures", "GPTNeoXForCausalLM", fault.Quote(a))
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
	t := nn.Transformer{Context: c.Limit(), Embed: load.Matrix("embed_in.weight", c.Vocab, c.Hidden)}
	for l := 0; l < c.Layers && load.Err == nil; l++ {
		t.Blocks = append(t.Blocks, c.block(load, l, rotary))
	}
	if err := load.NoMore("num_hidden_layers", c.Layers, fmt.Sprintf("layers.%d.input_layernorm.weight", c.Layers)); err != nil {
		return nil, err
	}
	t.Final = load.LayerNorm("final_layer_norm", c.Hidden, float32(c.Eps), "ln_final")
	t.Head = &nn.Head{W: t.Embed}
	if !c.Tied {
		load.Prefix = ""
		t.Head.W = load.Matrix("embed_out.weight", c.Vocab, c.Hidden)
	}
	if load.Err != nil {
		return nil, load.Err
	}
	return &Model{nn.NewTransformer(t), load.Params}, nil
}

func (c *Config) block(load *nn.Load, l int, rotary *nn.Rotary) nn.Block {
	d, at, name := c.Hidden, fmt.Sprintf("layers.%d.", l), fmt.Sprintf("blocks.%d", l)
	b := nn.Block{Kind: nn.Sequential, Ln1: load.LayerNorm(at+"input_layernorm", d, float32(c.Eps), name+".ln1")}
	if c.Parallel {
		b.Kind = nn.Parallel
	}
	attn := nn.Attention{Rotary: rotary, Attn: tensor.Attn{Heads: c.Heads, KVHeads: c.Heads, Dim: d / c.Heads, Scale: float32(1 / math.Sqrt(float64(d/c.Heads)))}}
	qkv := c.linear(load, at+"attention.query_key_value", 3*d, d)
	attn.Out = c.linear(load, at+"attention.dense", d, d)
	b.Ln2 = load.LayerNorm(at+"post_attention_layernorm", d, float32(c.Eps), name+".ln2")
	in, out := load.Linear(at+"mlp.dense_h_to_4h", c.Inner, d), load.Linear(at+"mlp.dense_4h_to_h", d, c.Inner)
	if load.Err != nil {
		return b
	}
	if attn.Q, attn.K, attn.V, load.Err = c.apart(qkv); load.Err != nil {
		return b
	}
	b.Attn = nn.NewAttention(attn, name)
	b.MLP = nn.NewMLP(nn.MLP{In: in, Out: out, Act: nn.Activations[c.Act]}, name)
	return nn.NewBlock(b, name)
}

// linear reads a layer of attention, which has a bias where the config says so.
func (c *Config) linear(load *nn.Load, name string, out, in int) nn.Linear {
	f := nn.Linear{W: load.Matrix(name+".weight", out, in)}
	if c.Bias {
		f.B = load.Vector(name+".bias", out)
	}
	return f
}

// apart takes queries, keys and values out of the one layer that is stored, which has those of a head side by side: its rows are
// [head, 3, d_head].
func (c *Config) apart(qkv nn.Linear) (q, k, v nn.Linear, err error) {
	hd := c.Hidden / c.Heads
	if len(qkv.W.Raw) > 0 && hd%4 != 0 { // blocks of four rows lie one in the other
		return q, k, v, nn.Fault(fault.Unsupported, "num_attention_heads", "heads of a multiple of 4 numbers, where weights are in blocks", fmt.Sprint(hd))
	}
	for i, part := range []*nn.Linear{&q, &k, &v} {
		var rows []*tensor.Matrix
		for h := range c.Heads {
			at := (3*h + i) * hd
			rows = append(rows, qkv.W.Slice(at, at+hd))
			if qkv.B != nil {
				part.B = append(part.B, qkv.B[at:at+hd]...)
			}
		}
		part.W = tensor.Stack(rows...)
	}
	return q, k, v, nil
}

// Ignores reports whether a tensor that was not read is one that files carry in vain: the causal mask, the frequencies of the
// rotation, and the head of a model whose head is the embedding matrix.
func Ignores(name string) bool {
	for _, end := range []string{".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return name == "embed_out.weight"
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	i := m.Transformer.Info()
	i.Family, i.Params = "GPT-NeoX", m.params
	return i
}
