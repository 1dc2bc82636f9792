package shell

import (
	"slices"

	"loupe/app/state"
)

// maxSteps is how many steps can be undone.
const maxSteps = 100

// moment is what undo goes back to.
type moment struct {
	state   *state.State
	ids     []int
	genFrom int
}

// history is the moments before and after now.
type history struct{ past, future []moment }

// push notes a moment before it is left. What was undone is forgotten.
func (h *history) push(m moment) {
	h.past = append(h.past, m)
	if len(h.past) > maxSteps {
		h.past = h.past[len(h.past)-maxSteps:]
	}
	h.future = nil
}

// back returns the moment before now, which becomes the first of the future.
func (h *history) back(now moment) (moment, bool) { return move(&h.past, &h.future, now) }

// forth is the other way.
func (h *history) forth(now moment) (moment, bool) { return move(&h.future, &h.past, now) }

func move(from, to *[]moment, now moment) (moment, bool) {
	n := len(*from)
	if n == 0 {
		return now, false
	}
	m := (*from)[n-1]
	*from, *to = (*from)[:n-1], append(*to, now)
	return m, true
}

func (s *Session) moment() moment { return moment{s.State.Clone(), s.ids, s.GenFrom} }

// push notes where undo goes back to, before something changes.
func (s *Session) push() {
	s.history.push(s.moment())
	s.walking = false
}

// Undo goes a step back.
func (s *Session) Undo() { s.travel(s.history.back) }

// Redo undoes an undo.
func (s *Session) Redo() { s.travel(s.history.forth) }

func (s *Session) travel(way func(moment) (moment, bool)) {
	s.Stop()
	s.endTyping()
	if m, ok := way(s.moment()); ok {
		s.GenFrom = m.genFrom
		m.state.View = s.State.View // the browser's Back goes back to a view
		s.setState(m.state, m.ids)
		s.address(s.State.String(), false)
		s.changed()
	}
}

// setState puts a whole state (of the same model) in place and runs what it says.
func (s *Session) setState(st *state.State, ids []int) {
	s.State, s.ids, s.caret, s.dragging, s.walking = st, ids, -1, false, false
	s.sync()
}

// change does one step that can be undone; moves of now alone, one after another, are one step, and going to another view
// is none. push says that the
// browser's Back should come here too.
func (s *Session) change(push bool, f func(*state.State)) {
	before := s.moment()
	next := s.State.Clone()
	f(next)
	s.hold(before.state, next)
	if next.String() == before.state.String() {
		return
	}
	same := next.Clone()
	same.At = before.state.At
	walks := same.String() == before.state.String()
	same.At, same.View = next.At, before.state.View
	looks := same.String() == before.state.String() // only the view is another
	if !s.dragging && !looks && !(walks && s.walking) {
		s.history.push(before)
	}
	s.State, s.walking = next, walks
	s.address(s.State.String(), push)
	s.sync()
	s.changed()
}

// Patch sets pairs of the state (see state.Patch): one step of undo. Going to another view is worth a Back.
func (s *Session) Patch(pairs string) { s.patch(pairs) }

// Drag is Patch while something is dragged: only the end is a step of undo.
func (s *Session) Drag(pairs string, end bool) {
	s.patch(pairs)
	s.dragging = !end
}

func (s *Session) patch(pairs string) {
	next := s.State.Clone()
	next.Patch(pairs)
	if s.drawn.fig != nil && s.drawn.model == s.Model && !slices.Equal(next.Changes, s.State.Changes) { // they were made of those that were on screen
		next.Changes = state.Merged(s.drawn.with, next.Changes, s.State.Changes)
	}
	s.change(next.View != s.State.View, func(st *state.State) { *st = *next })
}
