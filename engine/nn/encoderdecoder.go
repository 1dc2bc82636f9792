package nn

import (
	"slices"

	"loupe/engine/activation"
)

// EncoderDecoder is a Seq2Seq model of two Transformers: the encoder's tokens see one another; the decoder's blocks have a Cross, by which
// they look at what the encoder made of the source. A family sets Tokens.
type EncoderDecoder struct {
	Encoder, Decoder *Transformer
	Tokens           Seq
}

// NewState has read no source.
func (m *EncoderDecoder) NewState() State { return m.Decoder.NewState() }

// Seq is Seq2Seq's.
func (m *EncoderDecoder) Seq() Seq {
	s := m.Tokens
	s.Vocab, s.Embed, s.Context = m.Encoder.Embed.Rows, m.Encoder.Embed.Cols, m.Encoder.Context
	for i := range m.Decoder.Blocks {
		s.Cross = append(s.Cross, m.Decoder.Blocks[i].Cross.pattern)
		s.Mixed = m.Decoder.Blocks[i].Cross.out
	}
	return s
}

// Encode is Seq2Seq's.
func (m *EncoderDecoder) Encode(in Input) (State, error) {
	e := m.Encoder
	enc := e.NewState().(*transformerState)
	if err := e.Forward(enc, in); err != nil {
		return nil, err
	}
	n, d := len(in.IDs), e.Embed.Cols
	p := Pass{Input: &in, N: n}
	out := enc.x[:n*d]
	p.At("encoder.output", out, d)
	s := m.NewState().(*transformerState)
	for i := range m.Decoder.Blocks {
		if err := in.Pause(); err != nil {
			return nil, err
		}
		s.mem = append(s.mem, m.Decoder.Blocks[i].Cross.read(out, p))
	}
	return s, nil
}

// Forward runs tokens of the target.
func (m *EncoderDecoder) Forward(state State, in Input) error {
	if state.(*transformerState).mem == nil {
		panic("nn: the state has read no source")
	}
	return m.Decoder.Forward(state, in)
}

// Step is Seq2Seq's: all tokens go through each layer together.
func (m *EncoderDecoder) Step(states []State, in Input, attn func(i int, weights []float32)) error {
	t, n := m.Decoder, len(states)
	first := states[0].(*transformerState)
	if _, err := in.Start(0, t.Embed.Rows, 0, len(t.Blocks), t.Embed.Cols); err != nil {
		return err
	}
	if t.Context > 0 && first.n >= t.Context {
		_, err := in.Start(first.n, t.Embed.Rows, t.Context, len(t.Blocks), t.Embed.Cols)
		return err
	}
	in.Hooks = sidewise(in.Hooks, first.n, n)
	p := Pass{Input: &in, Pos: first.n, N: n, rows: true}
	var w Work
	w.fit(t.Embed.Cols, n)
	t.embed(&w, in.IDs, p)
	kvs := make([]*KV, n)
	for l := range t.Blocks {
		for i, s := range states {
			kvs[i] = &s.(*transformerState).kv[l]
		}
		look := attn
		if l < len(t.Blocks)-1 {
			look = nil
		}
		if err := t.Blocks[l].forward(kvs, &first.mem[l], &w, p, look); err != nil {
			return err
		}
	}
	if t.Final != nil {
		t.Final.Forward(w.x, w.x, w.scale, p)
	}
	z, err := p.logits(t.Head, w.x, n, &w.logits)
	if err != nil {
		return err
	}
	for _, s := range states {
		s.(*transformerState).n++
	}
	v := t.Head.W.Rows
	p.Hooks.Change("logits", p.Pos, n, z, v)
	for i := range n {
		in.Logits(i, z[i*v:(i+1)*v])
	}
	return nil
}

// sidewise are hooks for n rows that all stand at a position: what changes that position changes all of them.
func sidewise(h *activation.Hooks, pos, n int) *activation.Hooks {
	out := &activation.Hooks{}
	if h == nil {
		return out
	}
	for _, v := range h.Interventions {
		switch {
		case v.Pos == activation.All:
		case v.Pos == pos || pos > v.Pos && pos < v.To:
			v.Pos, v.To = pos, pos+n
		default:
			continue
		}
		out.Interventions = append(out.Interventions, v)
	}
	return out
}

// Info describes the decoder, with the activations of both.
func (m *EncoderDecoder) Info() Info {
	enc, i := m.Encoder.Info(), m.Decoder.Info()
	for k := range enc.Acts {
		enc.Acts[k].Source = true
	}
	output := Act{Name: "encoder.output", Inner: []int{m.Encoder.Embed.Cols}, Source: true}
	i.Acts = slices.Concat(enc.Acts, []Act{output}, i.Acts)
	return i
}

// The decoder's: see model.Model. SourceEmbedding is Seq2Seq's.
func (m *EncoderDecoder) Unembed(dst, hidden []float32)         { m.Decoder.Unembed(dst, hidden) }
func (m *EncoderDecoder) Bias() []float32                       { return m.Decoder.Bias() }
func (m *EncoderDecoder) Embedding(dst []float32, id int)       { m.Decoder.Embedding(dst, id) }
func (m *EncoderDecoder) OutputEmbedding(dst []float32, id int) { m.Decoder.OutputEmbedding(dst, id) }
func (m *EncoderDecoder) SourceEmbedding(dst []float32, id int) { m.Encoder.Embedding(dst, id) }
