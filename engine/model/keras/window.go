package keras

import (
	"loupe/engine/nn"
)

// window is the run of one beginning of the text, which ends with position pos. What its last step computes is recorded, as
// that position's. A change at a position changes the step that reads that token, in all runs that do; a change of all
// positions changes also the steps that fill up.
//
// In a direction that goes back and returns its last vector alone, the last step is the one that has read all: it is the one
// that is recorded, and changed, as position pos.
type window struct {
	m           *Model
	s           *State
	loud, quiet *nn.Input // with the recorder, and without
	pos         int
	n           int // steps
}

// nowhere is a position that no change names.
const nowhere = -1 << 40

// tokens are those of the run: the last ones of ids, filled up on the left with -1.
func (w *window) tokens(ids []int) []int {
	n := w.m.padding
	if n == 0 {
		return ids
	}
	ids = ids[max(0, len(ids)-n):]
	if w.m.masked {
		return ids
	}
	all := make([]int, n)
	for i := range all[:n-len(ids)] {
		all[i] = -1
	}
	copy(all[n-len(ids):], ids)
	return all
}

// run runs the text ids.
func (w *window) run(ids []int) error {
	m, s := w.m, w.s
	ids = w.tokens(ids)
	w.n = len(ids)
	s.x = nn.Grow(s.x, w.n*m.width)
	m.input(s.x, ids)
	w.at("embed", s.x, m.width)
	x := s.x
	for i, st := range m.stages {
		s.y[i] = nn.Grow(s.y[i], w.n*st.width())
		switch st := st.(type) {
		case *recurrent:
			if err := w.recurrent(st, i, x); err != nil {
				return err
			}
			if st.one {
				w.n = 1
			}
		case rowwise:
			in := len(x) / w.n
			if n := w.n - 1; n > 0 {
				st.forward(s.y[i], x, w.pass(w.quiet, w.pos-n, n))
			}
			st.forward(s.y[i][(w.n-1)*st.width():], x[(w.n-1)*in:], w.pass(w.loud, w.pos, 1))
		}
		x = s.y[i][:w.n*st.width()]
	}
	return m.predict(s, x[len(x)-len(x)/w.n:], w.pass(w.loud, w.pos, 1))
}

func (w *window) pass(in *nn.Input, pos, n int) nn.Pass { return nn.Pass{Input: in, Pos: pos, N: n} }

// at is Pass.At for all steps of x [n, d], of which the last is recorded.
func (w *window) at(name string, x []float32, d int) {
	if n := w.n - 1; n > 0 {
		w.pass(w.quiet, w.pos-n, n).At(name, x[:n*d], d)
	}
	w.pass(w.loud, w.pos, 1).At(name, x[(w.n-1)*d:w.n*d], d)
}

// span is n steps, of which the first is of position pos.
type span struct {
	n, pos int
	loud   bool
}

// recurrent runs stage i on x [n, in]; s.y[i] becomes [n, width] or, if it returns one vector alone, [1, width].
func (w *window) recurrent(r *recurrent, i int, x []float32) error {
	s, n := w.s, w.n
	y := s.y[i]
	if r.back != nil {
		s.back[0] = nn.Grow(s.back[0], n*r.cell.Out())
		y = s.back[0]
	}
	s.c[i] = nn.Grow(s.c[i], n*r.cell.Width())
	if err := w.steps(r.cell, y, s.c[i], x, []span{{n - 1, w.pos - n + 1, false}, {1, w.pos, true}}); err != nil {
		return err
	}
	if r.back == nil {
		if d := r.width(); r.one {
			copy(y, y[(n-1)*d:n*d])
		}
		return nil
	}
	return w.backward(r, i, x)
}

// backward runs the direction that goes back, and joins both.
func (w *window) backward(r *recurrent, i int, x []float32) error {
	s, n, d := w.s, w.n, r.back.Out()
	in := len(x) / n
	s.back[1], s.back[2], s.back[3] = nn.Grow(s.back[1], n*in), nn.Grow(s.back[2], n*d), nn.Grow(s.back[3], n*r.back.Width())
	for t := range n {
		copy(s.back[1][t*in:(t+1)*in], x[(n-1-t)*in:])
	}
	if err := w.steps(r.back, s.back[2], s.back[3], s.back[1], w.back(r)); err != nil {
		return err
	}
	y, ahead, behind, width := s.y[i], s.back[0], s.back[2], r.width()
	if r.one {
		r.join(y[:width], ahead[(n-1)*r.cell.Out():], behind[(n-1)*d:n*d])
		w.pass(w.loud, w.pos, 1).At(r.name, y[:width], width)
		return nil
	}
	for t := range n {
		r.join(y[t*width:(t+1)*width], ahead[t*r.cell.Out():(t+1)*r.cell.Out()], behind[(n-1-t)*d:(n-t)*d])
	}
	w.at(r.name, y[:n*width], width)
	return nil
}

// back is the steps of the direction that goes back. They are taken together, if nothing changes one of them.
func (w *window) back(r *recurrent) []span {
	first, last := span{1, w.pos, true}, span{1, w.pos - w.n + 1, false}
	if r.one {
		first, last = span{1, nowhere, false}, span{1, w.pos, true}
	}
	if w.n == 1 {
		return []span{{1, w.pos, true}}
	}
	changed := false
	for _, a := range r.back.Acts() {
		changed = changed || w.quiet.Hooks.Changes(a.Name)
	}
	if !changed {
		return []span{first, {w.n - 2, nowhere, false}, last}
	}
	spans := []span{first}
	for k := 1; k < w.n-1; k++ {
		spans = append(spans, span{1, w.pos - k, false})
	}
	return append(spans, last)
}

// steps runs a cell from zeros: x [n, in] in the order of the steps gives y [n, out] and c [n, cell].
func (w *window) steps(cell nn.Cell, y, c, x []float32, spans []span) error {
	out, width := cell.Out(), cell.Width()
	in := len(x) / w.n
	h0, c0 := w.s.zero[:out], w.s.zero[:width]
	at := 0
	for _, g := range spans {
		for g.n > 0 {
			if err := w.loud.Pause(); err != nil {
				return err
			}
			n, of := min(g.n, w.m.chunk), w.quiet
			if g.loud {
				of = w.loud
			}
			cell.Forward(y[at*out:], c[at*width:], x[at*in:], h0, c0, &w.s.work, w.pass(of, g.pos, n))
			at += n
			h0, c0 = y[(at-1)*out:at*out], c[(at-1)*width:at*width]
			g.n, g.pos = g.n-n, g.pos+n
		}
	}
	return nil
}
