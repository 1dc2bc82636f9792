package attention

import (
	"fmt"
	"slices"
	"strings"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/engine/protocol"
)

// Which attention of an encoder-decoder is shown is the choice o.attn.half. Its names are protocol's; other models have "".
var halves = []string{protocol.HalfEncoder, protocol.HalfDecoder, protocol.HalfCross}

// chooseHalf sets which attention is looked at, its tokens and which of them is now.
func (s *scene) chooseHalf() {
	m, run := s.in.Model, s.in.Run
	s.tokens, s.keys, s.first = run.Tokens, run.Tokens, 0
	if m.Seq != nil {
		s.half = halfOf(m, s.in.State)
	}
	s.patterns = m.Attends(s.half)
	at := s.in.State.At
	if m.Seq != nil && at < 0 {
		at = figure.LeastLikely(run)
	}
	switch s.half {
	case protocol.HalfEncoder:
		s.tokens, s.keys = run.Source, run.Source
		s.pos = min(at, len(run.Tokens)-1) - 1 // the step that writes it
		at = max(0, figure.ChosenSource(s.in.State))
	case protocol.HalfCross: // a row is named by the token that is written there, not by the one before it, which is read
		s.tokens, s.keys, s.first = run.Tokens[min(1, len(run.Tokens)):], run.Source, 1
		at = max(0, at-1)
	}
	s.n, s.m = len(s.tokens), len(s.keys)
	if s.now = at; at < 0 || at >= s.n {
		s.now = s.n - 1
	}
	if s.half != protocol.HalfEncoder {
		s.pos = s.now
	}
	s.pos = max(s.pos, 0)
}

// halfOf is the attention that is wished, or else the first that the model has of the decoder's own, of the source, of the encoder's.
func halfOf(m *protocol.Model, st *state.State) string {
	for _, h := range []string{st.Opt("attn.half", ""), protocol.HalfDecoder, protocol.HalfCross, protocol.HalfEncoder} {
		if slices.Contains(halves, h) && len(m.Attends(h)) > 0 {
			return h
		}
	}
	return protocol.HalfCross
}

// halfControl switches between the attentions of an encoder-decoder; false: there is one.
func (s *scene) halfControl() (figure.Control, bool) {
	c := figure.Control{Kind: "radio", Key: "o.attn.half", Label: s.L.T("attn.half"), Value: s.half}
	for _, h := range halves {
		if s.in.Model.Seq != nil && len(s.in.Model.Attends(h)) > 0 {
			c.Options = append(c.Options, figure.Option{Value: h, Label: s.L.T("attn.half." + h)})
		}
	}
	return c, len(c.Options) > 1
}

// ofSource reports whether queries, or keys, are tokens of the source.
func (s *scene) ofSource(key bool) bool {
	return s.half == protocol.HalfEncoder || key && s.half == protocol.HalfCross
}

// rowHover and columnHover are what all marks of a query's token, or a key's, share on the page, so that hover lights them together.
func (s *scene) rowHover(i int) string { return hover(s.ofSource(false), i+s.first) }

func (s *scene) columnHover(k int) string { return hover(s.ofSource(true), k) }

func hover(source bool, i int) string {
	if source {
		return fmt.Sprintf("s%d", i)
	}
	return fmt.Sprintf("t%d", i)
}

// rowSet and columnSet are the pairs that choose a query's token, or a key's.
func (s *scene) rowSet(i int) string { return chosen(s.ofSource(false), i+s.first) }

func (s *scene) columnSet(k int) string { return chosen(s.ofSource(true), k) }

func chosen(source bool, i int) string {
	if source {
		return fmt.Sprintf("o.translate.src=%d", i)
	}
	return fmt.Sprintf("at=%d", i)
}

// square reports whether tokens look at one another.
func (s *scene) square() bool { return s.half != protocol.HalfCross }

// whole reports whether there is one head that has no output of its own: the decoder's attention of an RNN. It is switched off by what it reads
// off the source.
func (s *scene) whole() bool { return s.half != "" && !s.records("z") }

// output is what the heads of a block give; switched off, it is 0.
func (s *scene) output(l int) string {
	if s.whole() {
		return s.in.Model.Seq.Mixed
	}
	return strings.TrimSuffix(s.patterns[l], "pattern") + "z"
}

// index is the head of an output.
func (s *scene) index(h int) int {
	if s.whole() {
		return -1
	}
	return h
}

// key is a key of the catalogue, or its form for what is predicted of a token that is named: that which the target has there.
func (s *scene) key(key string) string {
	if s.whole() && strings.HasPrefix(key, "attn.without") {
		return key + ".whole"
	}
	if s.half == protocol.HalfEncoder || s.half == protocol.HalfCross {
		return key + ".target"
	}
	return s.in.Key(key)
}
