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
	config Config
	params int
	wte    *tensor.Matrix // [vocab, d]
	wpe    *tensor.Matrix // [positions, d]
	blocks []block
	lnF    nn.LayerNorm
	head   *tensor.Matrix // [vocab, d]; wte itself where they are tied
	chunk  int            // positions at a time
	rows   int            // positions at a time whose logits are computed
}

type block struct {
	ln1, ln2 nn.LayerNorm
	attn     nn.Attention
	mlp      nn.MLP

	residPre, attnOut, residMid, mlpOut, residPost string // names of activations
}

// Open reads the weights that config describes.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: w}
	if !w.Has("wte.weight") && w.Has("transformer.wte.weight") {
		load.Prefix = "transformer."
	}
	d := c.Embed
	m := &Model{config: *c, wte: load.Matrix("wte.weight", c.Vocab, d), wpe: load.Matrix("wpe.weight", c.Positions, d),
		chunk: nn.Chunk(d * max(3*d, c.Inner)), rows: nn.Chunk(d * c.Vocab)}
	for l := 0; l < c.Layers && load.Err == nil; l++ {
		m.blocks = append(m.blocks, c.block(load, l))
	}
	if next := fmt.Sprintf("h.%d.ln_1.weight", c.Layers); load.Err == nil && w.Has(load.Prefix+next) {
		return nil, nn.Fault(fault.BadConfig, "n_layer", fmt.Sprintf("more than %d, for there is %s", c.Layers, next), fmt.Sprint(c.Layers))
	}
	m.lnF = load.LayerNorm("ln_f", d, float32(c.Eps), "ln_final")
	m.head = m.wte
	if w.Has("lm_head.weight") && !c.Tied {
		load.Prefix = ""
		m.head = load.Matrix("lm_head.weight", c.Vocab, d)
	} else if !c.Tied {
		return nil, nn.Fault(fault.BadConfig, "tie_word_embeddings", "true, for there is no lm_head.weight", "false")
	}
	m.params = load.Params
	return m, load.Err
}

func (c *Config) block(load *nn.Load, l int) block {
	d, at, name := c.Embed, fmt.Sprintf("h.%d.", l), fmt.Sprintf("blocks.%d", l)
	scale := 1.0
	if c.ScaleWeights {
		scale /= math.Sqrt(float64(d / c.Heads))
	}
	if c.ScaleByLayer {
		scale /= float64(l + 1)
	}
	return block{
		ln1:  load.LayerNorm(at+"ln_1", d, float32(c.Eps), name+".ln1"),
		attn: nn.NewAttention(load.Conv1D(at+"attn.c_attn", 3*d, d), load.Conv1D(at+"attn.c_proj", d, d), c.Heads, float32(scale), name),
		ln2:  load.LayerNorm(at+"ln_2", d, float32(c.Eps), name+".ln2"),
		mlp:  nn.NewMLP(load.Conv1D(at+"mlp.c_fc", c.Inner, d), load.Conv1D(at+"mlp.c_proj", d, c.Inner), nn.Activations[c.Act], name),

		residPre: name + ".resid_pre", attnOut: name + ".attn_out", residMid: name + ".resid_mid",
		mlpOut: name + ".mlp_out", residPost: name + ".resid_post",
	}
}

// Ignores reports whether a tensor that was not read is one that files carry in vain: the causal mask, and the head of a model
// whose head is the embedding matrix.
func Ignores(name string) bool {
	return name == "lm_head.weight" || strings.HasSuffix(name, ".attn.bias") || strings.HasSuffix(name, ".attn.masked_bias")
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	c, d := &m.config, m.config.Embed
	hd := d / c.Heads
	acts := []nn.Act{{Name: "embed", Inner: []int{d}}, {Name: "pos_embed", Inner: []int{d}}}
	for l := range m.blocks {
		at := fmt.Sprintf("blocks.%d.", l)
		for _, a := range []nn.Act{
			{Name: "resid_pre", Inner: []int{d}}, {Name: "ln1.scale", Inner: []int{1}}, {Name: "ln1.normalized", Inner: []int{d}},
			{Name: "attn.q", Inner: []int{c.Heads, hd}}, {Name: "attn.k", Inner: []int{c.Heads, hd}}, {Name: "attn.v", Inner: []int{c.Heads, hd}},
			{Name: "attn.attn_scores", Inner: []int{c.Heads}, Heads: true}, {Name: "attn.pattern", Inner: []int{c.Heads}, Heads: true},
			{Name: "attn.z", Inner: []int{c.Heads, hd}}, {Name: "attn.result", Inner: []int{c.Heads, d}}, {Name: "attn_out", Inner: []int{d}},
			{Name: "resid_mid", Inner: []int{d}}, {Name: "ln2.scale", Inner: []int{1}}, {Name: "ln2.normalized", Inner: []int{d}},
			{Name: "mlp.pre", Inner: []int{c.Inner}}, {Name: "mlp.post", Inner: []int{c.Inner}}, {Name: "mlp_out", Inner: []int{d}},
			{Name: "resid_post", Inner: []int{d}},
		} {
			a.Name = at + a.Name
			acts = append(acts, a)
		}
	}
	acts = append(acts, nn.Act{Name: "ln_final.scale", Inner: []int{1}}, nn.Act{Name: "ln_final.normalized", Inner: []int{d}},
		nn.Act{Name: "logits", Inner: []int{c.Vocab}})
	return nn.Info{Family: "GPT-2", Layers: c.Layers, Heads: c.Heads, Hidden: d, Embed: d, Vocab: c.Vocab, Context: c.Positions,
		Params: m.params, Acts: acts}
}

// Unembed computes the logits [vocab] of ln_final.normalized [d].
func (m *Model) Unembed(dst, hidden []float32) { m.head.MulVec(dst, hidden) }

// Bias is nil: GPT-2's logits have none.
func (m *Model) Bias() []float32 { return nil }

// Embedding writes a token's embedding into dst [d].
func (m *Model) Embedding(dst []float32, id int) { m.wte.Row(dst, id) }
