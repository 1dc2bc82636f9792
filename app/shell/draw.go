package shell

import (
	"fmt"
	"time"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view"
	"loupe/engine/protocol"
)

// holdMost is how long the figure before stays on screen while quick answers for the next are on their way.
const holdMost = 300 * time.Millisecond

// drawn is the figure on screen.
type drawn struct {
	fig   *figure.Figure
	view  string
	model *protocol.Model
	since time.Time         // the figure is held since; zero: it is whole
	with  []protocol.Change // the changes that it shows
}

// Draw draws a view, and asks the engine for what it lacks. It returns the figure that was there before while quick answers
// are missing. in brings what depends on the page: width, theme, language.
func (s *Session) Draw(v *view.View, in figure.Input) *figure.Figure {
	in.Model, in.Run, in.Cards, in.Fetch = s.Model, s.Run, s.Cards, s.answers.fetch
	in.Maps, in.CorpusName, in.Corpus = s.maps.Map, s.corpus[0], s.corpus[1]
	in.State = s.shown()
	in.Corpora, in.AskCorpus, in.Besides, in.Annotated = s.texts.Open, s.askTexts, s.beside, s.noted
	in.PairsOf = s.pairs.Open
	if s.dropped != nil {
		in.Dropped = s.dropped.Name
	}
	s.answers.begin()
	s.maps.Begin()
	s.texts.Begin()
	s.pairs.Begin()
	s.besides.Begin()
	fig := s.try(v, &in)
	s.maps.End()
	s.texts.End()
	s.pairs.End()
	s.besides.End()
	s.answers.end()
	d := &s.drawn
	if fig == nil {
		return nil
	}
	if waits := s.answers.pending > 0 || !s.idle(); waits && d.fig != nil && d.model == s.Model {
		if d.since.IsZero() {
			d.since = time.Now()
			time.AfterFunc(holdMost, func() { s.post(s.changed) })
		}
		empty := len(fig.Panels) == 0 // it would take away what a hand is dragging
		if time.Since(d.since) < holdMost || s.dragging && empty {
			return d.fig
		}
	}
	*d = drawn{fig: fig, view: v.ID, model: s.Model, with: in.State.Changes}
	return fig
}

// Shown says that what Draw returned is on screen. A generation makes its next token when it is whole.
func (s *Session) Shown() {
	if s.gen != nil && s.answers.pending == 0 {
		s.gen.drawn()
	}
}

// try draws a view. One that fails takes nothing else with it.
func (s *Session) try(v *view.View, in *figure.Input) (fig *figure.Figure) {
	defer func() {
		if p := recover(); p != nil {
			fig = nil
			s.notice(&Notice{Key: "notice.view-failed", Args: []any{v.ID},
				Report: &protocol.Error{Code: "view", Where: v.ID, Detail: fmt.Sprint(p)}})
		}
	}()
	f := v.Draw(in)
	return &f
}

// idle reports whether the engine has nothing to do for the text.
func (s *Session) idle() bool { return s.running != nil && s.running.done && !s.stopped && !s.away }

// shown is the state as views see it: now is a position, and what the model or the text does not have is not chosen.
func (s *Session) shown() *state.State {
	st := s.State.Clone()
	st.At = s.Now()
	n := 0
	if s.Run != nil {
		n = len(s.Run.Tokens)
	}
	if st.Range[1] > n {
		st.Range = [2]int{}
	}
	if m := s.Model; m != nil {
		within(&st.Layer, m.Layers)
		within(&st.Head, m.Heads)
		within(&st.Token, m.Vocab)
	}
	return st
}

func within(i *int, n int) {
	if *i >= n {
		*i = -1
	}
}
