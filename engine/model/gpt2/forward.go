package gpt2

import (
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// State is the keys and values of the tokens seen, a block each, and what a step uses on the way.
type State struct {
	n  int
	d  int
	kv []nn.KV // [blocks] of [n, d]

	x, a, b, inner, scale, logits []float32
	attn                          nn.Work
}

// NewState has seen nothing.
func (m *Model) NewState() nn.State {
	return &State{d: m.config.Embed, kv: make([]nn.KV, len(m.blocks))}
}

func (s *State) Len() int { return s.n }

func (s *State) Truncate(n int) int {
	s.n = max(min(n, s.n), 0)
	return s.n
}

func (s *State) Clone() nn.State {
	c := &State{n: s.n, d: s.d, kv: make([]nn.KV, len(s.kv))}
	for l := range s.kv {
		c.kv[l] = s.kv[l].Clone(s.n, s.d)
	}
	return c
}

// Forward runs in.IDs, a chunk of positions at a time.
func (m *Model) Forward(state nn.State, in nn.Input) error {
	s := state.(*State)
	from, err := in.Start(s.n, m.config.Vocab, m.config.Positions, len(m.blocks), m.config.Embed)
	if err != nil {
		return err
	}
	for i := 0; i < len(in.IDs); i += m.chunk {
		ids := in.IDs[i:min(i+m.chunk, len(in.IDs))]
		p := nn.Pass{Input: &in, Pos: from + i, N: len(ids)}
		s.fit(m, len(ids))
		if in.FromLayer > 0 {
			copy(s.x, in.Resid[i*s.d:(i+len(ids))*s.d])
		} else {
			m.embed(s, ids, p)
		}
		for l := in.FromLayer; l < len(m.blocks); l++ {
			if err := m.blocks[l].forward(s, &s.kv[l], p); err != nil {
				return err
			}
		}
		m.lnF.Forward(s.a, s.x, s.scale, p)
		s.n = max(s.n, p.Pos+p.N)
		if err := p.Unembed(m.head, nil, s.a, &s.logits, m.rows); err != nil {
			return err
		}
	}
	return nil
}

// fit makes the buffers fit n positions.
func (s *State) fit(m *Model, n int) {
	s.x = nn.Grow(s.x, n*s.d)
	s.a = nn.Grow(s.a, n*s.d)
	s.b = nn.Grow(s.b, n*s.d)
	s.inner = nn.Grow(s.inner, n*m.config.Inner)
	s.scale = nn.Grow(s.scale, n)
}

// embed is x = wte[id] + wpe[position]: x [N, d].
func (m *Model) embed(s *State, ids []int, p nn.Pass) {
	nn.Embed(s.x, m.wte, ids)
	p.At("embed", s.x, s.d)
	for t := range ids {
		m.wpe.Row(s.a[t*s.d:(t+1)*s.d], p.Pos+t)
	}
	p.At("pos_embed", s.a, s.d)
	tensor.Axpy(s.x, 1, s.a)
}

// forward adds to the residual stream s.x [N, d] what attention reads off it, and then what the MLP makes of that.
func (b *block) forward(s *State, kv *nn.KV, p nn.Pass) error {
	if err := p.Pause(); err != nil {
		return err
	}
	p.At(b.residPre, s.x, s.d)
	b.ln1.Forward(s.a, s.x, s.scale, p)
	b.attn.Forward(s.b, s.a, kv, &s.attn, p)
	p.At(b.attnOut, s.b, s.d)
	tensor.Axpy(s.x, 1, s.b)
	p.At(b.residMid, s.x, s.d)
	if err := p.Pause(); err != nil {
		return err
	}
	b.ln2.Forward(s.a, s.x, s.scale, p)
	if err := b.mlp.Forward(s.b, s.a, s.inner, p); err != nil {
		return err
	}
	p.At(b.mlpOut, s.b, s.d)
	tensor.Axpy(s.x, 1, s.b)
	p.At(b.residPost, s.x, s.d)
	return nil
}
