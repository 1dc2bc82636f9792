package keras

import (
	"fmt"
	"slices"

	"loupe/engine/activation"
	"loupe/engine/fault"
	"loupe/engine/nn"
)

// State is what was seen: where runs go on, the cells' states after each token, else the tokens.
type State struct {
	trail *nn.Trail // [pos, h and c of each cell]
	ids   []int
	each  bool // as Model.each: ids count, else trail

	row, zero, x, logits []float32
	y                    [][]float32 // of each stage: [N, width]
	c                    [][]float32 // of each cell: [N, cell]
	back                 [4][]float32
	work                 nn.CellWork
}

// NewState has seen nothing.
func (m *Model) NewState() nn.State {
	return &State{trail: nn.NewTrail(m.trail), each: m.each}
}

func (s *State) Len() int {
	if s.each {
		return len(s.ids)
	}
	return s.trail.Len()
}

func (s *State) Truncate(n int) int {
	if s.each {
		s.ids = s.ids[:min(max(n, 0), len(s.ids))]
		return len(s.ids)
	}
	return s.trail.Truncate(n)
}

func (s *State) Clone() nn.State {
	return &State{trail: s.trail.Clone(), ids: slices.Clone(s.ids), each: s.each}
}

// Short has it keep fewer states to go back to.
func (s *State) Short() { s.trail.Short() }

// Forward runs in.IDs. FromLayer only says from where on something may have changed: all layers are run again, for in Keras the
// layers between two cells are of any kind.
func (m *Model) Forward(state nn.State, in nn.Input) error {
	s := state.(*State)
	if in.FromLayer > 0 {
		from := s.Len() - len(in.IDs)
		if from < 0 || s.Truncate(from) != from {
			return fmt.Errorf("keras: the state after %d tokens is not kept", from)
		}
		in.FromLayer, in.Resid = 0, nil
	}
	from, err := in.Start(s.Len(), m.vocab, 0, len(m.cells), 0)
	if err != nil {
		return err
	}
	if i := slices.Index(in.IDs, 0); m.masked && m.embed != nil && i >= 0 {
		return nn.Fault(fault.BadToken, fmt.Sprintf("ids[%d]", i), fmt.Sprintf("1 to %d: this model passes over 0", m.vocab-1), "0")
	}
	if s.y == nil {
		s.y, s.c = make([][]float32, len(m.stages)), make([][]float32, len(m.stages))
	}
	if m.each {
		return m.runs(s, &in)
	}
	s.row = append(s.row[:0], s.trail.Last()...)
	for i := 0; i < len(in.IDs); i += m.chunk {
		ids := in.IDs[i:min(i+m.chunk, len(in.IDs))]
		if err := m.goOn(s, ids, nn.Pass{Input: &in, Pos: from + i, N: len(ids)}); err != nil {
			return err
		}
	}
	return nil
}

// goOn runs tokens on from s.row, the cells' states.
func (m *Model) goOn(s *State, ids []int, p nn.Pass) error {
	s.x = nn.Grow(s.x, p.N*m.width)
	m.input(s.x, ids)
	p.At("embed", s.x, m.width)
	x, row := s.x, s.row
	for i, st := range m.stages {
		s.y[i] = nn.Grow(s.y[i], p.N*st.width())
		switch st := st.(type) {
		case *recurrent:
			if err := p.Pause(); err != nil {
				return err
			}
			h, c := row[:st.cell.Out()], row[st.cell.Out():st.cell.Out()+st.cell.Width()]
			row = row[len(h)+len(c):]
			s.c[i] = nn.Grow(s.c[i], p.N*len(c))
			st.cell.Forward(s.y[i], s.c[i], x, h, c, &s.work, p)
		case rowwise:
			st.forward(s.y[i], x, p)
		}
		x = s.y[i]
	}
	for t := range p.N {
		row := s.row[:0]
		for i, st := range m.stages {
			if r, ok := st.(*recurrent); ok {
				d, w := r.cell.Out(), r.cell.Width()
				row = append(append(row, s.y[i][t*d:(t+1)*d]...), s.c[i][t*w:(t+1)*w]...)
			}
		}
		s.trail.Push(row)
	}
	return m.predict(s, x, p)
}

// predict computes the logits, if it predicts tokens, of what the last stage returned.
func (m *Model) predict(s *State, x []float32, p nn.Pass) error {
	if m.head.W == nil {
		return nil
	}
	return p.Unembed(&m.head, x, &s.logits)
}

// runs runs each beginning of the text by itself.
func (m *Model) runs(s *State, in *nn.Input) error {
	widest := 0
	for _, r := range m.cells {
		widest = max(widest, r.cell.Out(), r.cell.Width())
		if r.back != nil {
			widest = max(widest, r.back.Out(), r.back.Width())
		}
	}
	s.zero = make([]float32, widest)
	quiet := *in
	if quiet.Hooks != nil {
		quiet.Hooks = &activation.Hooks{Interventions: in.Hooks.Interventions}
	}
	for _, id := range in.IDs {
		w := &window{m: m, s: s, loud: in, quiet: &quiet, pos: len(s.ids)}
		if err := w.run(append(s.ids, id)); err != nil {
			return err
		}
		s.ids = append(s.ids, id)
	}
	return nil
}
