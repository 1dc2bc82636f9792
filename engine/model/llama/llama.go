// Package llama is Llama and its kind, which differ little: Mistral has windows, Qwen2 biases, Qwen3 norms of queries and keys,
// Phi-3 fused projections. Token embeddings, blocks of RMSNorm, attention with rotary positions, in which a head of keys and
// values serves several of queries, and a gated MLP; a last RMSNorm, and logits by the embedding matrix or one of their own.
// The maths and the tensors' names are those of transformers' LlamaForCausalLM and its like (models/llama/modeling_llama.py);
// activations have TransformerLens's names.
package llama

import (
	"fmt"
	"math"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Model is the weights.
type Model struct {
	*nn.Transformer
	name   string
	params int
}

// Open reads the weights that config describes.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	rotary, err := c.Rotary(*c.HeadDim, false)
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: w}
	if w.Has("model.embed_tokens.weight") {
		load.Prefix = "model."
	}
	t := nn.Transformer{Context: c.Limit(), Embed: load.Matrix("embed_tokens.weight", c.Vocab, c.Hidden)}
	for l := 0; l < c.Layers && load.Err == nil; l++ {
		b, err := c.block(load, rotary, l)
		if err != nil {
			return nil, err
		}
		t.Blocks = append(t.Blocks, b)
	}
	if err := load.NoMore("num_hidden_layers", c.Layers, fmt.Sprintf("layers.%d.input_layernorm.weight", c.Layers)); err != nil {
		return nil, err
	}
	t.Final = load.RMSNorm("norm", c.Hidden, float32(c.Eps), 0, "ln_final")
	t.Head = &nn.Head{W: t.Embed}
	if !c.Tied {
		if !w.Has("lm_head.weight") && load.Err == nil {
			return nil, nn.Fault(fault.BadConfig, "tie_word_embeddings", "true, for there is no lm_head.weight", "false")
		}
		load.Prefix = ""
		t.Head.W = load.Matrix("lm_head.weight", c.Vocab, c.Hidden)
	}
	if load.Err != nil {
		return nil, load.Err
	}
	return &Model{nn.NewTransformer(t), kinds[c.Type].name, load.Params}, nil
}

// block reads layer l. All layers share the rotary positions.
func (c *Config) block(load *nn.Load, rotary *nn.Rotary, l int) (nn.Block, error) {
	at, name, eps := fmt.Sprintf("layers.%d.", l), fmt.Sprintf("blocks.%d", l), float32(c.Eps)
	window, err := c.window(l)
	if err != nil {
		return nn.Block{}, err
	}
	attn, mlp := nn.Attention{Rotary: rotary}, nn.MLP{Act: nn.Activations[c.Act]}
	attn.Attn = tensor.Attn{Heads: c.Heads, KVHeads: *c.KVHeads, Dim: *c.HeadDim, Window: window, Scale: float32(math.Pow(float64(*c.HeadDim), -0.5))}
	b := nn.Block{Ln1: load.RMSNorm(at+"input_layernorm", c.Hidden, eps, 0, name+".ln1")}
	c.attention(load, &attn, at+"self_attn.", name)
	b.Ln2 = load.RMSNorm(at+"post_attention_layernorm", c.Hidden, eps, 0, name+".ln2")
	c.mlp(load, &mlp, at+"mlp.")
	if load.Err != nil {
		return b, load.Err
	}
	b.Attn, b.MLP = nn.NewAttention(attn, name), nn.NewMLP(mlp, name)
	return nn.NewBlock(b, name), nil
}

// attention reads the projections.
func (c *Config) attention(load *nn.Load, a *nn.Attention, at, name string) {
	q, kv, bias := a.Heads*a.Dim, a.KVHeads*a.Dim, c.AttnBias || c.Type == "qwen2"
	if c.Type == "phi3" {
		qkv := load.Linear(at+"qkv_proj", q+2*kv, c.Hidden)
		a.Out = load.Linear(at+"o_proj", c.Hidden, q)
		if load.Err == nil {
			a.Q, a.K, a.V = qkv.Rows(0, q), qkv.Rows(q, q+kv), qkv.Rows(q+kv, q+2*kv)
		}
		return
	}
	a.Q = load.Linear(at+"q_proj", q, c.Hidden)
	a.K = load.Linear(at+"k_proj", kv, c.Hidden)
	a.V = load.Linear(at+"v_proj", kv, c.Hidden)
	a.Out = load.Linear(at+"o_proj", c.Hidden, q)
	if bias {
		load.Need(at+"q_proj.bias", at+"k_proj.bias", at+"v_proj.bias")
	}
	if c.AttnBias {
		load.Need(at + "o_proj.bias")
	}
	if c.Type == "qwen3" {
		a.QNorm = load.RMSNorm(at+"q_norm", a.Dim, float32(c.Eps), 0, name+".attn.q_norm")
		a.KNorm = load.RMSNorm(at+"k_norm", a.Dim, float32(c.Eps), 0, name+".attn.k_norm")
		a.QNorm.Heads, a.KNorm.Heads = a.Heads, a.KVHeads
	}
}

// mlp reads the gated MLP.
func (c *Config) mlp(load *nn.Load, m *nn.MLP, at string) {
	if c.Type == "phi3" {
		both := load.Linear(at+"gate_up_proj", 2*c.Inner, c.Hidden)
		if load.Err == nil {
			gate := both.Rows(0, c.Inner)
			m.Gate, m.In = &gate, both.Rows(c.Inner, 2*c.Inner)
		}
	} else {
		gate := load.Linear(at+"gate_proj", c.Inner, c.Hidden)
		m.Gate, m.In = &gate, load.Linear(at+"up_proj", c.Inner, c.Hidden)
	}
	m.Out = load.Linear(at+"down_proj", c.Hidden, c.Inner)
	if c.MLPBias {
		load.Need(at+"gate_proj.bias", at+"up_proj.bias", at+"down_proj.bias")
	}
}

// Ignores reports whether a tensor that was not read is one that files carry in vain: the rotary frequencies of old files, and
// the head of a model whose head is the embedding matrix.
func Ignores(name string) bool {
	return name == "lm_head.weight" || strings.HasSuffix(name, "rotary_emb.inv_freq")
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	i := m.Transformer.Info()
	i.Family, i.Params = m.name, m.params
	return i
}
