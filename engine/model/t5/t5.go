package t5

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
	embed := "shared.weight"
	for _, other := range []string{"encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"} {
		if !w.Has(embed) && w.Has(other) {
			embed = other
		}
	}
	shared := load.Matrix(embed, c.Vocab, c.Width)
	enc := c.stack(load, "encoder", shared, c.Layers)
	dec := c.stack(load, "decoder", shared, c.DecLayers)
	for _, s := range []struct {
		key, side string
		n         int
	}{{"num_layers", "encoder", c.Layers}, {"num_decoder_layers", "decoder", c.DecLayers}} {
		if err := load.NoMore(s.key, s.n, fmt.Sprintf("%s.block.%d.layer.0.SelfAttention.q.weight", s.side, s.n)); err != nil {
			return nil, err
		}
	}
	dec.Head = &nn.Head{W: shared, Scale: float32(1 / math.Sqrt(float64(c.Width)))}
	if !c.Tied {
		dec.Head = &nn.Head{W: load.Matrix("lm_head.weight", c.Vocab, c.Width)}
	}
	if load.Err != nil {
		return nil, load.Err
	}
	family := "T5"
	if c.Type == "mt5" {
		family = "mT5"
	}
	return &Model{&nn.EncoderDecoder{Encoder: nn.NewTransformer(enc), Decoder: nn.NewTransformer(dec), Tokens: c.seq()}, family, load.Params}, nil
}

// stack reads one half.
func (c *Config) stack(load *nn.Load, side string, embed *tensor.Matrix, layers int) nn.Transformer {
	t := nn.Transformer{At: side + ".", Embed: embed}
	bias := c.distance(load.Matrix(side+".block.0.layer.0.SelfAttention.relative_attention_bias.weight", c.Buckets, c.Heads), side == "encoder")
	for l := 0; l < layers && load.Err == nil; l++ {
		t.Blocks = append(t.Blocks, c.block(load, side, l, bias))
	}
	t.Final = c.norm(load, side+".final_layer_norm", side+".ln_final")
	return t
}

func (c *Config) block(load *nn.Load, side string, l int, bias func(head, after int) float32) nn.Block {
	at, name := fmt.Sprintf("%s.block.%d.layer.", side, l), fmt.Sprintf("%s.blocks.%d", side, l)
	attn := tensor.Attn{Heads: c.Heads, KVHeads: c.Heads, Dim: c.Head, Scale: 1, Full: side == "encoder"}
	var b nn.Block
	q, k, v, out := c.projections(load, at+"0.SelfAttention.")
	b.Attn = nn.NewAttention(nn.Attention{Attn: attn, Q: q, K: k, V: v, Out: out, Distance: bias}, name)
	b.Ln1 = c.norm(load, at+"0.layer_norm", name+".ln1")
	feed := at + "1."
	if side == "decoder" {
		q, k, v, out := c.projections(load, at+"1.EncDecAttention.")
		b.Cross = nn.NewCross(nn.Cross{Attn: attn, Q: q, K: k, V: v, Out: out}, name)
		b.LnCross = c.norm(load, feed+"layer_norm", name+".ln_cross")
		feed = at + "2."
	}
	b.Ln2 = c.norm(load, feed+"layer_norm", name+".ln2")
	m := nn.MLP{Out: c.linear(load, feed+"DenseReluDense.wo", c.Width, c.Inner), Act: nn.Activations[c.act]}
	if c.gated {
		gate := c.linear(load, feed+"DenseReluDense.wi_0", c.Inner, c.Width)
		m.Gate, m.In = &gate, c.linear(load, feed+"DenseReluDense.wi_1", c.Inner, c.Width)
	} else {
		m.In = c.linear(load, feed+"DenseReluDense.wi", c.Inner, c.Width)
	}
	b.MLP = nn.NewMLP(m, name)
	return nn.NewBlock(b, name)
}

func (c *Config) projections(load *nn.Load, at string) (q, k, v, out nn.Linear) {
	d, inner := c.Width, c.Heads*c.Head
	return c.linear(load, at+"q", inner, d), c.linear(load, at+"k", inner, d), c.linear(load, at+"v", inner, d), c.linear(load, at+"o", d, inner)
}

func (c *Config) linear(load *nn.Load, name string, out, in int) nn.Linear {
	return nn.Linear{W: load.Matrix(name+".weight", out, in)}
}

func (c *Config) norm(load *nn.Load, name, at string) *nn.Norm {
	return load.RMSNorm(name, c.Width, float32(c.Eps), 0, at)
}

// distance is what a table [buckets, heads] adds to the score of a key that many positions after its query (T5Attention.compute_bias).
func (c *Config) distance(table *tensor.Matrix, both bool) func(head, after int) float32 {
	if table == nil { // the load has failed
		return nil
	}
	rows := make([]float32, c.Buckets*c.Heads)
	for b := range c.Buckets {
		table.Row(rows[b*c.Heads:(b+1)*c.Heads], b)
	}
	return func(head, after int) float32 { return rows[c.bucket(after, both)*c.Heads+head] }
}

// bucket is the row of a distance: one each for the near ones, then by its logarithm (T5Attention._relative_position_bucket, whose logarithm is
// taken in float32). Both: keys after the query have the second half.
func (c *Config) bucket(after int, both bool) int {
	n, first := c.Buckets, 0
	if both {
		if n /= 2; after > 0 {
			first = n
		}
		after = max(after, -after)
	} else {
		after = max(-after, 0)
	}
	exact := n / 2
	if after < exact {
		return first + after
	}
	log := float32(math.Log(float64(float32(after) / float32(exact))))
	return first + min(exact+int(log/float32(math.Log(float64(c.Distance)/float64(exact)))*float32(n-exact)), n-1)
}

// Ignores reports whether a tensor that was not read is one that files carry in vain: the embedding once more, and the bias of a decoder's
// distance to the source, which old files have and transformers does not read.
func Ignores(name string) bool {
	return strings.HasSuffix(name, "embed_tokens.weight") || name == "lm_head.weight" || strings.HasSuffix(name, "EncDecAttention.relative_attention_bias.weight")
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	i := m.EncoderDecoder.Info()
	i.Family, i.Params = m.family, m.params
	return i
}
