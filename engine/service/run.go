package service

import (
	"fmt"
	"slices"
	"time"

	"loupe/engine/desk"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// text is what the person wrote, as the model reads it.
type text struct {
	text   string
	ids    []int
	tokens []protocol.Token

	warnings []protocol.Warning // of a source
}

func (s *Service) reset() {
	s.base = s.newTrack(nil, s.least())
	s.now, s.changes = s.base, nil
}

// run makes a text the session's and runs it. When it fails or is cancelled, the session's text is as much of it as was
// run, without changes.
func (s *Service) run(j *desk.Job, b protocol.Run) (*protocol.RunResult, error) {
	start := time.Now()
	if err := s.checkChanges(b.Changes); err != nil {
		return nil, err
	}
	t, window, warnings, err := s.textOf(j, b)
	if err != nil {
		return nil, err
	}
	base := s.base
	moved := window[0] != s.window[0] || s.seq != nil
	s.window = window
	if globs := s.wanted(len(t.ids)); moved || !covers(base.hooks.Recorder.Globs(), globs) || s.bytes(base.hooks.Recorder.Globs(), len(t.ids)) > 2*recordAll {
		base = s.newTrack(nil, globs)
	}
	was, changes := s.now, s.changes
	s.base, s.now, s.changes, s.text = base, base, nil, t
	if err := s.extend(j, base, t.ids); err != nil {
		return nil, err
	}
	s.now, s.changes = was, changes // to be built on
	now, err := s.changed(j, base, b.Changes, t.ids)
	if err != nil {
		s.now, s.changes = base, nil
		return nil, err
	}
	s.now, s.changes = now, slices.Clone(b.Changes)
	s.rev++
	if p := s.broken(now); p >= 0 {
		warnings = append(warnings, protocol.Warning{Code: "not-a-number", What: s.firstBad(now, p), N: p})
	}
	if bad := s.recordedBad(now); bad != "" {
		warnings = append(warnings, protocol.Warning{Code: "not-a-number", What: bad})
	}
	r := &protocol.RunResult{Rev: s.rev, Text: t.text, Tokens: s.replacements(t.tokens, now.ids), Surprisal: slices.Clone(now.surprisal),
		Entropy: slices.Clone(now.entropy), Rank: slices.Clone(now.rank), Next: slices.Clone(now.next), Warnings: warnings, From: window[0],
		Ms: float64(time.Since(start).Microseconds()) / 1000}
	if now != base {
		r.Before = slices.Clone(base.surprisal)
	}
	if s.seq != nil {
		r.SourceText, r.Source = s.seq.text.text, s.seq.tokens(s.seq.ids)
	}
	return r, nil
}

// covers reports whether all of want are among have.
func covers(have, want []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
}

// textOf is the text of a request: of a recorded set, its window.
func (s *Service) textOf(j *desk.Job, b protocol.Run) (t text, window [2]int, warnings []protocol.Warning, err error) {
	if s.recording() != nil {
		return s.windowed(b)
	}
	if s.seq != nil {
		t, warnings, err = s.target(j, b)
		return t, window, warnings, err
	}
	t, warnings, err = s.tokenize(b)
	return t, window, warnings, err
}

// tokenize makes tokens of a text, or takes ids, and cuts them to what the model can read.
func (s *Service) tokenize(b protocol.Run) (t text, warnings []protocol.Warning, err error) {
	limit := s.about.Context
	tooLong := func(n int) {
		if n > limit {
			warnings = append(warnings, protocol.Warning{Code: "text-cut", N: n - limit})
		}
	}
	if len(b.IDs) > 0 {
		for i, id := range b.IDs {
			if id < 0 || id >= s.info.Vocab {
				return t, nil, desk.BadRequest(fmt.Sprintf("ids[%d]", i), fmt.Sprintf("0 to %d", s.info.Vocab-1), id)
			}
		}
		tooLong(len(b.IDs))
		t.ids = slices.Clone(b.IDs[:min(limit, len(b.IDs))])
		var tokens []tokenizer.Token
		t.text, tokens = s.tok.Spell(t.ids)
		t.tokens = s.tokens(tokens)
		return t, warnings, nil
	}
	tokens, unknown := s.encode(b.Text)
	if len(unknown) > 0 {
		warnings = append(warnings, unknownIn(b.Text, unknown))
	}
	tooLong(len(tokens))
	tokens = tokens[:min(limit, len(tokens))]
	for _, k := range tokens {
		t.ids = append(t.ids, k.ID)
	}
	t.text, t.tokens = b.Text, s.tokens(tokens)
	return t, warnings, nil
}

// unknownIn says which parts of a text no token stands for.
func unknownIn(text string, unknown []tokenizer.Span) protocol.Warning {
	w := protocol.Warning{Code: "unknown-characters", N: len(unknown)}
	for _, u := range unknown[:min(len(unknown), 8)] {
		w.What += text[u.Start:u.End]
	}
	return w
}

// encode cuts a text into tokens that the model has.
func (s *Service) encode(text string) (tokens []tokenizer.Token, unknown []tokenizer.Span) {
	tokens, unknown = s.tok.Encode(text)
	tokens = slices.DeleteFunc(tokens, func(k tokenizer.Token) bool {
		if k.ID >= s.info.Vocab {
			unknown = append(unknown, tokenizer.Span{Start: k.Start, End: k.End})
		}
		return k.ID >= s.info.Vocab
	})
	return tokens, unknown
}

// tokens are the protocol's of the tokenizer's.
func (s *Service) tokens(tokens []tokenizer.Token) []protocol.Token {
	out := make([]protocol.Token, len(tokens))
	for i, k := range tokens {
		out[i] = protocol.Token{ID: k.ID, Text: s.names[k.ID], Start: k.Start, End: k.End}
	}
	return out
}

// firstBad is the first activation, in the order of the model, that has a value that is not finite at a position or before.
func (s *Service) firstBad(t *track, pos int) string {
	for _, a := range s.info.Acts {
		x := t.hooks.Recorder.Get(a.Name)
		for p := 0; x != nil && p <= pos; p++ {
			if slices.ContainsFunc(x.At(p), func(v float32) bool { return v-v != 0 }) {
				return a.Name
			}
		}
	}
	return ""
}
