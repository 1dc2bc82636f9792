package onmt

import (
	"fmt"
	"math"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// maxPositions is how many positions OpenNMT-py's PositionalEncoding has.
const maxPositions = 5000

// Transformer is OpenNMT-py's Transformer (Vaswani et al. 2017), with norms before each part and one after the last block.
type Transformer struct {
	*nn.EncoderDecoder
	params int
}

// IsTransformer reports whether a config is for OpenTransformer.
func IsTransformer(config []byte) bool {
	var c Config
	return nn.ReadConfig(config, &c) == nil && c.Encoder == "transformer"
}

// transformerConfig is what the options of a Transformer say besides those of any model.
type transformerConfig struct {
	*Config
	Heads      int     `json:"heads"`
	Inner      int     `json:"transformer_ff"`
	Positions  bool    `json:"position_encoding"`
	Act        string  `json:"pos_ffn_activation_fn"` // since v2: "relu", "gelu"
	Eps        float32 `json:"norm_eps"`              // since v3.4
	Self       string  `json:"self_attn_type"`
	Norm       string  `json:"layer_norm"`
	Encoding   string  `json:"position_encoding_type"`
	Relative   int     `json:"max_relative_positions"` // -1: rotary
	Buckets    int     `json:"relative_positions_buckets"`
	KV         int     `json:"num_kv"`
	Experts    int     `json:"num_experts"`
	Window     int     `json:"sliding_window"`
	Multiquery bool    `json:"multiquery"`
	Parallel   bool    `json:"parallel_residual"`
}

func readTransformer(config []byte) (*transformerConfig, error) {
	c := &transformerConfig{Config: &Config{}, Heads: 8, Inner: 2048, Act: "relu", Eps: 1e-6, Self: "scaled-dot", Norm: "standard", Encoding: "SinusoidalInterleaved"}
	if err := nn.ReadConfig(config, c); err != nil {
		return nil, err
	}
	var err error
	if c.Config, err = readConfig(config); err != nil {
		return nil, err
	}
	for _, k := range []struct {
		key, is string
		can     []string
	}{{"decoder_type", c.Decoder, []string{"transformer"}}, {"pos_ffn_activation_fn", c.Act, []string{"relu", "gelu"}},
		{"self_attn_type", c.Self, []string{"scaled-dot", "scaled-dot-flash"}}, {"layer_norm", c.Norm, []string{"standard"}},
		{"position_encoding_type", c.Encoding, []string{"SinusoidalInterleaved"}}} {
		if err := oneOf(k.key, k.is, k.can); err != nil {
			return nil, err
		}
	}
	for _, k := range []struct {
		key   string
		is, d any
	}{{"max_relative_positions", c.Relative, 0}, {"relative_positions_buckets", c.Buckets, 0}, {"num_kv", c.KV, 0}, {"num_experts", c.Experts, 0},
		{"sliding_window", c.Window, 0}, {"multiquery", c.Multiquery, false}, {"parallel_residual", c.Parallel, false}, {"copy_attn", c.Copy, false}} {
		if k.is != k.d {
			return nil, nn.Fault(fault.Unsupported, k.key, fmt.Sprint(k.d), fmt.Sprint(k.is))
		}
	}
	for _, k := range []struct {
		key string
		n   int
	}{{"heads", c.Heads}, {"transformer_ff", c.Inner}} {
		if err := nn.Positive(k.key, k.n); err != nil {
			return nil, err
		}
	}
	switch d := c.DecSize; {
	case d%c.Heads != 0:
		return nil, nn.Fault(fault.BadConfig, "heads", fmt.Sprintf("a divisor of rnn_size, %d", d), fmt.Sprint(c.Heads))
	case c.SrcEmbed != d:
		return nil, nn.Fault(fault.BadConfig, "src_word_vec_size", fmt.Sprintf("rnn_size, %d", d), fmt.Sprint(c.SrcEmbed))
	case c.TgtEmbed != d:
		return nil, nn.Fault(fault.BadConfig, "tgt_word_vec_size", fmt.Sprintf("rnn_size, %d", d), fmt.Sprint(c.TgtEmbed))
	case c.Positions && d%2 != 0:
		return nil, nn.Fault(fault.BadConfig, "rnn_size", "an even number, for there are position encodings", fmt.Sprint(d))
	}
	return c, nil
}

// OpenTransformer reads the weights that config describes.
func OpenTransformer(config []byte, w nn.Weights) (*Transformer, error) {
	c, err := readTransformer(config)
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: w}
	src, tgt, err := c.embeddings(load)
	if err != nil {
		return nil, err
	}
	enc := nn.Transformer{At: "encoder.", Embed: src}
	dec := nn.Transformer{At: "decoder.", Embed: tgt}
	for l := 0; l < c.EncLayers && load.Err == nil; l++ {
		enc.Blocks = append(enc.Blocks, c.block(load, fmt.Sprintf("encoder.transformer.%d.", l), fmt.Sprintf("encoder.blocks.%d", l), false))
	}
	for l := 0; l < c.DecLayers && load.Err == nil; l++ {
		dec.Blocks = append(dec.Blocks, c.block(load, fmt.Sprintf("decoder.transformer_layers.%d.", l), fmt.Sprintf("decoder.blocks.%d", l), true))
	}
	enc.Final = load.LayerNorm("encoder.layer_norm", c.EncSize, c.Eps, "encoder.ln_final")
	dec.Final = load.LayerNorm("decoder.layer_norm", c.DecSize, c.Eps, "decoder.ln_final")
	head := c.head(load)
	dec.Head = &head
	if err := load.NoMore("enc_layers", c.EncLayers, fmt.Sprintf("encoder.transformer.%d.layer_norm.weight", c.EncLayers)); err != nil {
		return nil, err
	}
	if err := load.NoMore("dec_layers", c.DecLayers, fmt.Sprintf("decoder.transformer_layers.%d.layer_norm_1.weight", c.DecLayers)); err != nil {
		return nil, err
	}
	if load.Err != nil {
		return nil, load.Err
	}
	if c.Positions {
		enc.Positions = sines(maxPositions, c.DecSize)
		for _, t := range []*nn.Transformer{&enc, &dec} {
			t.Context, t.Positions, t.EmbedScale = maxPositions, enc.Positions, float32(math.Sqrt(float64(c.DecSize)))
		}
	}
	return &Transformer{&nn.EncoderDecoder{Encoder: nn.NewTransformer(enc), Decoder: nn.NewTransformer(dec), Tokens: c.seq()}, load.Params}, nil
}

// block reads a layer, whose tensors' names begin with at.
func (c *transformerConfig) block(load *nn.Load, at, name string, decoder bool) nn.Block {
	d := c.DecSize
	dim := d / c.Heads
	attn := tensor.Attn{Heads: c.Heads, KVHeads: c.Heads, Dim: dim, Scale: float32(1 / math.Sqrt(float64(dim))), Full: !decoder}
	b := nn.Block{Kind: nn.Sequential}
	q, k, v, out := projections(load, at+"self_attn.", d)
	b.Attn = nn.NewAttention(nn.Attention{Attn: attn, Q: q, K: k, V: v, Out: out}, name)
	if decoder {
		b.Ln1 = load.LayerNorm(at+"layer_norm_1", d, c.Eps, name+".ln1")
		b.LnCross = load.LayerNorm(at+"layer_norm_2", d, c.Eps, name+".ln_cross")
		q, k, v, out := projections(load, at+"context_attn.", d)
		b.Cross = nn.NewCross(nn.Cross{Attn: attn, Q: q, K: k, V: v, Out: out}, name)
	} else {
		b.Ln1 = load.LayerNorm(at+"layer_norm", d, c.Eps, name+".ln1")
	}
	at += "feed_forward."
	b.Ln2 = load.LayerNorm(at+"layer_norm", d, c.Eps, name+".ln2")
	b.MLP = nn.NewMLP(nn.MLP{In: load.Linear(at+"w_1", c.Inner, d), Out: load.Linear(at+"w_2", d, c.Inner), Act: nn.Activations[c.Act]}, name)
	return nn.NewBlock(b, name)
}

func projections(load *nn.Load, at string, d int) (q, k, v, out nn.Linear) {
	return load.Linear(at+"linear_query", d, d), load.Linear(at+"linear_keys", d, d), load.Linear(at+"linear_values", d, d), load.Linear(at+"final_linear", d, d)
}

// sines are OpenNMT-py's positions: sin(pos/10000^(2j/d)) at 2j of a row, the cosine after it. Angles are float32, as there.
func sines(n, d int) *tensor.Matrix {
	m := tensor.NewMatrix(tensor.F32, n, d)
	for j := 0; j < d; j += 2 {
		rate := float32(math.Exp(-float64(j) * math.Log(10000) / float64(d)))
		for pos := range n {
			sin, cos := math.Sincos(float64(float32(pos) * rate))
			m.F32[pos*d+j], m.F32[pos*d+j+1] = float32(sin), float32(cos)
		}
	}
	return m
}

// Ignores reports whether a tensor that was not read is the table of positions, which is computed.
func Ignores(name string) bool { return strings.HasSuffix(name, ".make_embedding.pe.pe") }

// Info describes the model.
func (m *Transformer) Info() nn.Info {
	i := m.EncoderDecoder.Info()
	i.Family, i.Params = "OpenNMT Transformer", m.params
	return i
}
