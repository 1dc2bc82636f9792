package onmt

import (
	"fmt"
	"math"

	"loupe/engine/fault"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// Model is the weights.
type Model struct {
	config Config
	params int
	src    *tensor.Matrix // [source vocab, embed]
	tgt    *tensor.Matrix // [vocab, embed]

	forth []nn.Cell // the encoder's layers, if it reads one way
	both  []nn.Both // or both ways
	// bridges make the decoder's first hidden states, and cells, of the encoder's last: one for h, one for c. nil: they are the same.
	bridges []nn.Linear
	cells   []nn.Stepper // the decoder's layers
	attn    attention
	gate    *gate   // or nil
	copy    *copier // or nil
	head    nn.Head // [vocab, size]
	width   int     // of a decoder's state: h and c of each layer, and o
}

// Open reads the weights that config describes.
func Open(config []byte, w nn.Weights) (*Model, error) {
	c, err := readConfig(config)
	if err != nil {
		return nil, err
	}
	m := &Model{config: *c}
	load := &nn.Load{W: w}
	if m.src, m.tgt, err = c.embeddings(load); err != nil {
		return nil, err
	}
	m.openEncoder(load)
	m.openDecoder(load)
	m.head = c.head(load)
	m.params = load.Params
	return m, load.Err
}

// embeddings reads the source's and the target's.
func (c *Config) embeddings(load *nn.Load) (src, tgt *tensor.Matrix, err error) {
	src = load.Matrix("encoder.embeddings.make_embedding.emb_luts.0.weight", c.SrcVocab, c.SrcEmbed)
	tgt = load.Matrix("decoder.embeddings.make_embedding.emb_luts.0.weight", c.TgtVocab, c.TgtEmbed)
	if extra := "encoder.embeddings.make_embedding.emb_luts.1.weight"; load.Err == nil && load.W.Has(extra) {
		return nil, nil, nn.Fault(fault.Unsupported, extra, "no features of words", "some")
	}
	return src, tgt, load.Err
}

// head reads the generator, which v3 calls otherwise than those before.
func (c *Config) head(load *nn.Load) nn.Head {
	at := "generator.0"
	if !load.W.Has(at+".weight") && load.W.Has("generator.weight") {
		at = "generator"
	}
	if c.Copy {
		at = "generator.linear"
	}
	return nn.Head{W: load.Matrix(at+".weight", c.TgtVocab, c.DecSize), B: load.Vector(at+".bias", c.TgtVocab)}
}

// cell reads a layer. Its tensors are at+"weight_ih"+suffix, ..
func (c *Config) cell(load *nn.Load, at, suffix string, in, size int, name string) nn.Stepper {
	load.Prefix = at
	defer func() { load.Prefix = "" }()
	if c.Cell == "GRU" {
		return nn.NewGRU(load, suffix, in, size, name)
	}
	return nn.NewLSTM(load, suffix, in, size, 0, name)
}

func (m *Model) openEncoder(load *nn.Load) {
	c := &m.config
	for l, in := 0, c.SrcEmbed; l < c.EncLayers && load.Err == nil; l, in = l+1, c.EncSize {
		suffix, name := fmt.Sprintf("_l%d", l), fmt.Sprintf("encoder.layers.%d", l)
		if c.brnn() {
			m.both = append(m.both, nn.Both{Forth: c.cell(load, "encoder.rnn.", suffix, in, c.EncSize/2, name), Back: c.cell(load, "encoder.rnn.", suffix+"_reverse", in, c.EncSize/2, name)})
		} else {
			m.forth = append(m.forth, c.cell(load, "encoder.rnn.", suffix, in, c.EncSize, name))
		}
	}
	if !c.Bridge || load.Err != nil {
		return
	}
	states, total := 1, c.EncLayers*c.EncSize
	if c.Cell == "LSTM" {
		states = 2
	}
	if c.brnn() {
		total /= 2
	}
	for i := range states {
		m.bridges = append(m.bridges, load.Linear(fmt.Sprintf("encoder.bridge.%d", i), total, total))
	}
}

func (m *Model) openDecoder(load *nn.Load) {
	c := &m.config
	in := c.TgtEmbed
	if c.feeds() {
		in += c.DecSize
	}
	if c.Gate != "" {
		m.gate = openGate(load, c, in)
	}
	for l := 0; l < c.DecLayers && load.Err == nil; l++ {
		at, suffix := fmt.Sprintf("decoder.rnn.layers.%d.", l), ""
		if !c.feeds() {
			at, suffix = "decoder.rnn.", fmt.Sprintf("_l%d", l)
		}
		cell := c.cell(load, at, suffix, in, c.DecSize, fmt.Sprintf("decoder.layers.%d", l))
		if load.Err != nil {
			return
		}
		m.cells, in = append(m.cells, cell), c.DecSize
		m.width += cell.Out() + cell.Width()
	}
	m.width += c.DecSize
	m.attn = openAttention(load, c, "decoder.attn.", c.Attention)
	if c.Copy {
		m.copy = openCopier(load, c)
	}
}

// Info describes the model.
func (m *Model) Info() nn.Info {
	c := &m.config
	source := func(acts []nn.Act) []nn.Act {
		for i := range acts {
			acts[i].Source = true
		}
		return acts
	}
	acts := []nn.Act{{Name: "encoder.embed", Inner: []int{c.SrcEmbed}}}
	for i := range m.both {
		acts = append(acts, m.both[i].Acts()...)
	}
	for _, cell := range m.forth {
		acts = append(acts, cell.Acts()...)
	}
	acts = source(append(acts, nn.Act{Name: "encoder.output", Inner: []int{c.EncSize}}))
	acts = append(acts, nn.Act{Name: "decoder.embed", Inner: []int{c.TgtEmbed}})
	if c.feeds() {
		acts = append(acts, nn.Act{Name: "decoder.input", Inner: []int{c.TgtEmbed + c.DecSize}})
	}
	for _, cell := range m.cells {
		acts = append(acts, cell.Acts()...)
	}
	acts = append(append(append(append(acts, m.copy.acts(c)...), m.attn.acts(c)...), m.gate.acts(c)...), nn.Act{Name: "logits", Inner: []int{c.TgtVocab}})
	return nn.Info{Family: "OpenNMT " + c.Cell, Layers: c.DecLayers, Hidden: c.DecSize, Embed: c.TgtEmbed, Vocab: c.TgtVocab, Params: m.params, Acts: acts, Logits: true}
}

// Seq is nn.Seq2Seq's.
func (m *Model) Seq() nn.Seq {
	s := m.config.seq()
	s.Vocab, s.Embed, s.Cross, s.Mixed = m.config.SrcVocab, m.config.SrcEmbed, []string{"decoder.attn.pattern"}, "decoder.context"
	return s
}

func (c *Config) seq() nn.Seq {
	return nn.Seq{Start: c.start(), Ends: []int{c.end()}, First: -1, Last: -1, Manner: nn.Manner{Length: math.NaN()}}
}

// Unembed computes the logits [vocab] of o, what attention made of a step: of a model that copies, the generator's alone.
func (m *Model) Unembed(dst, hidden []float32) { m.head.Logits(dst, hidden, 1) }

// Bias is the generator's [vocab].
func (m *Model) Bias() []float32 { return m.head.B }

// Embedding, SourceEmbedding and OutputEmbedding write a token's rows.
func (m *Model) Embedding(dst []float32, id int)       { m.tgt.Row(dst, id) }
func (m *Model) SourceEmbedding(dst []float32, id int) { m.src.Row(dst, id) }
func (m *Model) OutputEmbedding(dst []float32, id int) { m.head.W.Row(dst, id) }
