package onmt

import (
	"slices"

	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// State is the decoder's: h and c of each layer, and o, after each token; what it attends to; and what a step uses on the way.
type State struct {
	mem   *memory // shared by clones; nil: no source was read
	start []float32
	trail *nn.Trail // [pos, width]
}

// work is what a call uses on the way.
type work struct {
	nn.CellWork
	x, h, c, o, q, scores, cat, sum, shares, logits []float32
}

// NewState has read no source.
func (m *Model) NewState() nn.State { return &State{trail: nn.NewTrail(m.width)} }

func (s *State) Len() int           { return s.trail.Len() }
func (s *State) Truncate(n int) int { return s.trail.Truncate(n) }
func (s *State) Clone() nn.State    { return &State{s.mem, s.start, s.trail.Clone()} }

// row is the state after the last token.
func (s *State) row() []float32 {
	if s.trail.Len() == 0 {
		return s.start
	}
	return s.trail.Last()
}

// Encode runs a source.
func (m *Model) Encode(in nn.Input) (nn.State, error) {
	c := &m.config
	n := len(in.IDs)
	if _, err := in.Start(0, c.SrcVocab, 0, c.EncLayers, c.SrcEmbed); err != nil {
		return nil, err
	}
	p := nn.Pass{Input: &in, N: n}
	x := make([]float32, n*c.SrcEmbed)
	nn.Embed(x, m.src, in.IDs)
	p.At("encoder.embed", x, c.SrcEmbed)
	var hs, cs [][]float32 // the last states of each layer
	for i := range m.both {
		if err := in.Pause(); err != nil {
			return nil, err
		}
		var h, cell []float32
		x, h, cell = m.both[i].Forward(x, p)
		hs, cs = append(hs, h), append(cs, cell)
	}
	for _, cell := range m.forth {
		if err := in.Pause(); err != nil {
			return nil, err
		}
		d, w := cell.Out(), cell.Width()
		states, cells := make([]float32, n*d), make([]float32, n*w)
		cell.Forward(states, cells, x, make([]float32, d), make([]float32, w), &nn.CellWork{}, p)
		x = states
		hs, cs = append(hs, slices.Clone(states[(n-1)*d:])), append(cs, cells[max(n-1, 0)*w:]) // a bridge writes into hs, not into what is attended to
	}
	p.At("encoder.output", x, c.EncSize)
	m.bridge(hs, 0)
	m.bridge(cs, 1)
	mem := &memory{n: n, m: x, keys: m.attn.keys(x, n)}
	if m.copy != nil {
		m.copy.read(mem, in.IDs)
	}
	s := &State{mem: mem, trail: nn.NewTrail(m.width)}
	for l := range hs {
		s.start = append(append(s.start, hs[l]...), cs[l]...)
	}
	s.start = append(s.start, make([]float32, c.DecSize)...)
	return s, nil
}

// bridge makes the decoder's first states of the encoder's last: OpenNMT-py views [layers*directions, 1, size] as rows of the bridge's
// width, so that a row is all layers' states one after another, and of two directions there are two rows.
func (m *Model) bridge(states [][]float32, which int) {
	if which >= len(m.bridges) {
		return
	}
	b := &m.bridges[which]
	dirs := 1
	if m.config.brnn() {
		dirs = 2
	}
	var flat []float32
	for _, s := range states { // l0 forth, l0 back, l1 forth, ..
		flat = append(flat, s...)
	}
	out := make([]float32, len(flat))
	b.Forward(out, flat, dirs)
	tensor.ReLU(out)
	for _, s := range states {
		out = out[copy(s, out):]
	}
}

// Forward runs tokens of the target, one step after another, for what attention made of one is a part of the next.
func (m *Model) Forward(state nn.State, in nn.Input) error {
	s := state.(*State)
	from, err := in.Start(s.Len(), m.config.TgtVocab, 0, len(m.cells)+1, m.config.DecSize)
	if err != nil {
		return err
	}
	if s.mem == nil {
		panic("onmt: the state has read no source")
	}
	var w work
	if in.FromLayer > 0 {
		panic("onmt: no run from a layer up")
	}
	for i, id := range in.IDs {
		if err := in.Pause(); err != nil {
			return err
		}
		p := nn.Pass{Input: &in, Pos: from + i, N: 1}
		o := m.step([]*State{s}, []int{id}, &w, p, nil)
		if err := m.unembed(o, s.mem, &w, p); err != nil {
			return err
		}
	}
	return nil
}

// unembed gives the logits of a step's o.
func (m *Model) unembed(o []float32, mem *memory, w *work, p nn.Pass) error {
	if m.copy == nil {
		return p.Unembed(&m.head, o, &w.logits)
	}
	asked := p.Logits != nil && p.Pos >= p.LogitsFrom
	if !asked && !p.Hooks.Wants("logits") && !p.Hooks.Wants("decoder.copy") {
		return nil
	}
	v := m.config.TgtVocab
	w.logits = nn.Grow(w.logits, v)
	if err := p.Pause(); err != nil {
		return err
	}
	m.head.Logits(w.logits, o, 1)
	m.copy.mix(w.logits[:v], o, mem, w, p)
	p.Hooks.At("logits", p.Pos, 1, w.logits[:v], v)
	if asked {
		p.Logits(p.Pos, w.logits[:v])
	}
	return nil
}

// Step is nn.Seq2Seq's.
func (m *Model) Step(states []nn.State, in nn.Input, attn func(i int, weights []float32)) error {
	own := make([]*State, len(states))
	for i, s := range states {
		own[i] = s.(*State)
	}
	p := nn.Pass{Input: &in, Pos: own[0].Len(), N: len(states)}
	if _, err := in.Start(0, m.config.TgtVocab, 0, len(m.cells)+1, m.config.DecSize); err != nil {
		return err
	}
	var w work
	o := m.step(own, in.IDs, &w, p, attn)
	v := m.config.TgtVocab
	w.logits = nn.Grow(w.logits, p.N*v)
	if err := in.Pause(); err != nil {
		return err
	}
	m.head.Logits(w.logits, o, p.N)
	if m.copy != nil {
		m.copy.mix(w.logits[:p.N*v], o, own[0].mem, &w, p)
	}
	for i := range p.N {
		z := w.logits[i*v : (i+1)*v]
		p.Hooks.Change("logits", p.Pos, 1, z, v)
		in.Logits(i, z)
	}
	return nil
}

// step takes one step of several states, which have seen as many tokens: ids[i] follows states[i]. It returns o [n, size].
func (m *Model) step(states []*State, ids []int, w *work, p nn.Pass, attn func(i int, weights []float32)) []float32 {
	c, n := &m.config, len(ids)
	d, e, in := c.DecSize, c.TgtEmbed, c.TgtEmbed
	if c.feeds() {
		in += d
	}
	w.x, w.o = nn.Grow(w.x, n*in), nn.Grow(w.o, n*d)
	for i, id := range ids {
		x := w.x[i*in : (i+1)*in]
		m.tgt.Row(x[:e], id)
		p.Hooks.At("decoder.embed", p.Pos, 1, x[:e], e)
		if c.feeds() {
			copy(x[e:], states[i].row()[m.width-d:])
			p.Hooks.At("decoder.input", p.Pos, 1, x, in)
		}
	}
	rows := make([]float32, n*m.width) // the states after
	x, at := w.x, 0
	for _, cell := range m.cells {
		out, width := cell.Out(), cell.Width()
		w.h, w.c = nn.Grow(w.h, n*out), nn.Grow(w.c, n*width)
		for i, s := range states {
			copy(w.h[i*out:], s.row()[at:at+out])
			copy(w.c[i*width:(i+1)*width], s.row()[at+out:])
		}
		dst := make([]float32, n*out)
		p.N = n
		cell.Step(dst, w.c, x, w.h, w.c, &w.CellWork, p)
		for i := range n {
			row := rows[i*m.width+at:]
			copy(row, dst[i*out:(i+1)*out])
			copy(row[out:], w.c[i*width:(i+1)*width])
		}
		x, at = dst, at+out+width
	}
	mem, weights := states[0].mem, attn
	if m.copy != nil {
		w.shares = nn.Grow(w.shares, n*mem.n)
		weights = func(i int, row []float32) {
			copy(w.shares[i*mem.n:], row)
			if attn != nil {
				attn(i, row)
			}
		}
	}
	m.attn.forward(w.o, x, mem, w, p, weights)
	if m.gate != nil {
		m.gate.forward(w.o[:n*d], w.x[:n*in], x, p)
	}
	if m.copy != nil {
		m.copy.look(w.o[:n*d], mem, w, p)
	}
	for i, s := range states {
		row := rows[i*m.width : (i+1)*m.width]
		copy(row[m.width-d:], w.o[i*d:(i+1)*d])
		s.trail.Push(row)
	}
	return w.o[:n*d]
}
