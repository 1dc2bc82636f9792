package rnn

import (
	"fmt"

	"loupe/engine/nn"
)

// State is the layers' hidden states and cells after each token, h and c of layer 0, then of layer 1, .., and what a step uses
// on the way.
type State struct {
	trail *nn.Trail // [pos, width]

	x, row, logits []float32
	h, c           [][]float32 // of each layer: [N, out], [N, cell]
	work           nn.CellWork
}

// NewState has seen nothing.
func (m *Model) NewState() nn.State { return &State{trail: nn.NewTrail(m.width)} }

func (s *State) Len() int           { return s.trail.Len() }
func (s *State) Truncate(n int) int { return s.trail.Truncate(n) }
func (s *State) Clone() nn.State    { return &State{trail: s.trail.Clone()} }

// Short has it keep fewer states to go back to.
func (s *State) Short() { s.trail.Short() }

// Forward runs in.IDs, a chunk of positions at a time, layer by layer.
func (m *Model) Forward(state nn.State, in nn.Input) error {
	s := state.(*State)
	below := m.config.out() // the width of in.Resid
	if l := in.FromLayer; l > 0 && l < len(m.cells) {
		below = m.cells[l-1].Out()
	}
	from, err := in.Start(s.Len(), m.config.Vocab, 0, len(m.cells), below)
	if err != nil {
		return err
	}
	start := s.trail.Last()
	if in.FromLayer > 0 {
		if start = s.trail.At(from); start == nil {
			return fmt.Errorf("rnn: the state after %d tokens is not kept", from)
		}
	}
	s.row = append(s.row[:0], start...)
	for i := 0; i < len(in.IDs); i += m.chunk {
		ids := in.IDs[i:min(i+m.chunk, len(in.IDs))]
		p := nn.Pass{Input: &in, Pos: from + i, N: len(ids)}
		s.fit(m, len(ids))
		x := s.x
		if in.FromLayer > 0 {
			x = in.Resid[i*below:]
		} else {
			for t, id := range ids {
				m.Embedding(x[t*m.config.Embed:(t+1)*m.config.Embed], id)
			}
			p.At("embed", x, m.config.Embed)
		}
		if err := m.layers(s, x, p); err != nil {
			return err
		}
		m.keep(s, p)
		if err := p.Unembed(&m.decoder, s.h[len(m.cells)-1], &s.logits); err != nil {
			return err
		}
	}
	return nil
}

// layers runs the layers from p.FromLayer up on x [N, in]; s.row is the state before.
func (m *Model) layers(s *State, x []float32, p nn.Pass) error {
	row := s.row
	for l, cell := range m.cells {
		h, c := row[:cell.Out()], row[cell.Out():cell.Out()+cell.Width()]
		row = row[len(h)+len(c):]
		if l < p.FromLayer {
			continue
		}
		if err := p.Pause(); err != nil {
			return err
		}
		cell.Forward(s.h[l], s.c[l], x, h, c, &s.work, p)
		x = s.h[l]
	}
	return nil
}

// keep notes the states of the layers from p.FromLayer up after each of the pass's tokens.
func (m *Model) keep(s *State, p nn.Pass) {
	layer := p.FromLayer
	for t := range p.N {
		m.fill(s, s.row, layer, t)
		if layer == 0 {
			s.trail.Push(s.row)
			continue
		}
		if kept := s.trail.At(p.Pos + t + 1); kept != nil {
			m.fill(s, kept, layer, t)
		}
		if p.Pos+t+1 == s.trail.Len() {
			m.fill(s, s.trail.Last(), layer, t)
		}
	}
}

// fill copies the states after step t into row, of the layers from that layer up.
func (m *Model) fill(s *State, row []float32, layer, t int) {
	for l, cell := range m.cells {
		d, w := cell.Out(), cell.Width()
		if l >= layer {
			copy(row[:d], s.h[l][t*d:])
			copy(row[d:d+w], s.c[l][t*w:])
		}
		row = row[d+w:]
	}
}

// fit makes the buffers fit n positions.
func (s *State) fit(m *Model, n int) {
	if s.h == nil {
		s.h, s.c = make([][]float32, len(m.cells)), make([][]float32, len(m.cells))
	}
	s.x = nn.Grow(s.x, n*m.config.Embed)
	for l, cell := range m.cells {
		s.h[l] = nn.Grow(s.h[l], n*cell.Out())
		s.c[l] = nn.Grow(s.c[l], n*cell.Width())
	}
}
