package bart

import (
	"fmt"
	"math"
	"strings"

	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Model is the weights.
type Model struct {
	*nn.EncoderDecoder
	family string
	params int
}

// Open reads the weights that config describes.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	load := &nn.Load{W: w}
	if !w.Has("encoder.layers.0.fc1.weight") {
		load.Prefix = "model."
	}
	src, tgt := c.embeddings(load)
	enc := c.stack(load, "encoder", src, c.EncLayers, c.EncHeads, c.EncInner)
	dec := c.stack(load, "decoder", tgt, c.DecLayers, c.DecHeads, c.DecInner)
	if load.Err != nil {
		return nil, load.Err
	}
	for side, n := range []int{c.EncLayers, c.DecLayers} {
		side := [...]string{"encoder", "decoder"}[side]
		if err := load.NoMore(side+"_layers", n, fmt.Sprintf("%s.layers.%d.fc1.weight", side, n)); err != nil {
			return nil, err
		}
	}
	load.Prefix = ""
	dec.Head = &nn.Head{W: tgt}
	if !nn.Or(c.Tied, true) && w.Has("lm_head.weight") {
		dec.Head.W = load.Matrix("lm_head.weight", c.TgtVocab, c.Width)
	}
	if bias := load.W.Shape("final_logits_bias"); len(bias) == 2 {
		if m := load.Matrix("final_logits_bias", 1, c.TgtVocab); m != nil {
			dec.Head.B = make([]float32, c.TgtVocab)
			m.Row(dec.Head.B, 0)
		}
	}
	if load.Err != nil {
		return nil, load.Err
	}
	seq := c.seq()
	if err := seq.Check(c.TgtVocab); err != nil {
		return nil, err
	}
	family := "BART"
	if c.marian() {
		family = "Marian"
	}
	return &Model{&nn.EncoderDecoder{Encoder: nn.NewTransformer(enc), Decoder: nn.NewTransformer(dec), Tokens: seq}, family, load.Params}, nil
}

// embeddings reads the source's and the target's: of one that is shared, files keep one or several of its names.
func (c *Config) embeddings(load *nn.Load) (src, tgt *tensor.Matrix) {
	source, target := "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"
	if !nn.Or(c.Shared, true) {
		return load.Matrix(source, c.Vocab, c.Width), load.Matrix(target, c.TgtVocab, c.Width)
	}
	for _, name := range []string{"shared.weight", source, target} {
		if load.W.Has(load.Prefix + name) {
			src = load.Matrix(name, c.Vocab, c.Width)
			return src, src
		}
	}
	prefix := load.Prefix
	load.Prefix = ""
	src = load.Matrix("lm_head.weight", c.Vocab, c.Width)
	load.Prefix = prefix
	return src, src
}

// stack reads one half.
func (c *Config) stack(load *nn.Load, side string, embed *tensor.Matrix, layers, heads, inner int) nn.Transformer {
	t := nn.Transformer{At: side + ".", Context: c.Positions, Embed: embed}
	if c.Scaled {
		t.EmbedScale = float32(math.Sqrt(float64(c.Width)))
	}
	positions := side + ".embed_positions.weight"
	switch {
	case !c.marian():
		t.Positions, t.FirstPos = load.Matrix(positions, c.Positions+2, c.Width), 2 // its first two rows are of padding
	case load.W.Has(load.Prefix + positions):
		t.Positions = load.Matrix(positions, c.Positions, c.Width)
	default:
		t.Positions = sines(c.Positions, c.Width)
	}
	if nn.Or(c.NormEmbed, !c.marian()) {
		t.EmbedNorm = load.LayerNorm(side+".layernorm_embedding", c.Width, 1e-5, side+".embed.ln")
	}
	for l := 0; l < layers && load.Err == nil; l++ {
		t.Blocks = append(t.Blocks, c.block(load, side, l, heads, inner))
	}
	return t
}

func (c *Config) block(load *nn.Load, side string, l, heads, inner int) nn.Block {
	d, at, name := c.Width, fmt.Sprintf("%s.layers.%d.", side, l), fmt.Sprintf("%s.blocks.%d", side, l)
	attn := tensor.Attn{Heads: heads, KVHeads: heads, Dim: d / heads, Scale: float32(1 / math.Sqrt(float64(d/heads))), Full: side == "encoder"}
	b := nn.Block{Kind: nn.Post}
	q, k, v, out := projections(load, at+"self_attn.", d)
	b.Attn = nn.NewAttention(nn.Attention{Attn: attn, Q: q, K: k, V: v, Out: out}, name)
	b.Ln1 = load.LayerNorm(at+"self_attn_layer_norm", d, 1e-5, name+".ln1")
	if side == "decoder" {
		q, k, v, out := projections(load, at+"encoder_attn.", d)
		b.Cross = nn.NewCross(nn.Cross{Attn: attn, Q: q, K: k, V: v, Out: out}, name)
		b.LnCross = load.LayerNorm(at+"encoder_attn_layer_norm", d, 1e-5, name+".ln_cross")
	}
	b.MLP = nn.NewMLP(nn.MLP{In: load.Linear(at+"fc1", inner, d), Out: load.Linear(at+"fc2", d, inner), Act: nn.Activations[c.Act]}, name)
	b.Ln2 = load.LayerNorm(at+"final_layer_norm", d, 1e-5, name+".ln2")
	return nn.NewBlock(b, name)
}

func projections(load *nn.Load, at string, d int) (q, k, v, out nn.Linear) {
	return load.Linear(at+"q_proj", d, d), load.Linear(at+"k_proj", d, d), load.Linear(at+"v_proj", d, d), load.Linear(at+"out_proj", d, d)
}

// sines are Marian's positions: sin(pos/10000^(2j/d)) in the first half of a row, the cosines in the second (MarianSinusoidalPositionalEmbedding).
func sines(n, d int) *tensor.Matrix {
	m := tensor.NewMatrix(tensor.F32, n, d)
	x := m.F32
	half := (d + 1) / 2
	for pos := range n {
		for j := range d {
			a := float64(pos) / math.Pow(10000, 2*float64(j/2)/float64(d))
			if j%2 == 0 {
				x[pos*d+j/2] = float32(math.Sin(a))
			} else {
				x[pos*d+half+j/2] = float32(math.Cos(a))
			}
		}
	}
	return m
}

// Ignores reports whether a tensor that was not read is one that is there once more.
func Ignores(name string) bool {
	return strings.HasSuffix(name, "embed_tokens.weight") || name == "lm_head.weight" || strings.HasSuffix(name, "shared.weight")
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	i := m.EncoderDecoder.Info()
	i.Family, i.Params = m.family, m.params
	return i
}
