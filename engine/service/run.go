package service

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// recordAll is how many bytes of activations a run records unasked, so that every view is there at once.
// A longer text records what is asked for, by running again.
const recordAll = 96 << 20

// text is what the person wrote, as the model reads it.
type text struct {
	text   string
	ids    []int
	tokens []protocol.Token
}

// track is one run of the text: with or without changes.
type track struct {
	state     nn.State
	hooks     activation.Hooks
	ids       []int // what state has seen
	surprisal []float32
	entropy   []float32
	rank      []float32
	next      []protocol.Choice
	nan       bool
}

// final is the activation that W multiplies: the last one that the model lists.
func (s *Service) final() string {
	for i := len(s.info.Acts) - 1; i >= 0; i-- {
		if n := s.info.Acts[i].Name; n == "ln_final.normalized" || strings.HasSuffix(n, ".hidden") {
			return n
		}
	}
	return ""
}

func (s *Service) reset() {
	s.base = s.newTrack(nil, []string{s.final()})
	s.now = s.base
	s.text, s.changes = text{}, nil
}

func (s *Service) newTrack(changes []activation.Intervention, globs []string) *track {
	return &track{state: s.model.NewState(), hooks: activation.Hooks{Recorder: activation.NewRecorder(globs...), Interventions: changes}}
}

// run makes a text the session's and runs it.
func (s *Service) run(j *job, b protocol.Run) (*protocol.RunResult, error) {
	start := time.Now()
	t, warnings, err := s.read(b)
	if err != nil {
		return nil, err
	}
	if err := s.checkChanges(b.Changes); err != nil {
		return nil, err
	}
	globs := s.base.hooks.Recorder.Globs()
	if all := s.everything(len(t.ids)); all != nil && len(globs) == 1 {
		globs = all
	}
	base, now := s.base, s.now
	if !slices.Equal(globs, base.hooks.Recorder.Globs()) {
		base = s.newTrack(nil, globs)
	}
	if err := s.extend(j, base, t.ids); err != nil {
		return nil, s.broken(base, err)
	}
	s.base = base
	if now, err = s.changed(j, base, b.Changes, t.ids); err != nil {
		s.now, s.changes = s.base, nil
		return nil, err
	}
	s.now, s.text, s.changes = now, t, slices.Clone(b.Changes)
	s.rev++
	if now.nan {
		warnings = append(warnings, protocol.Warning{Code: "not-a-number"})
	}
	return &protocol.RunResult{Rev: s.rev, Text: t.text, Tokens: t.tokens, Surprisal: now.surprisal, Entropy: now.entropy,
		Rank: now.rank, Next: now.next, Warnings: warnings, Ms: float64(time.Since(start).Microseconds()) / 1000}, nil
}

// read makes tokens of a text, or takes ids, and cuts them to what the model can read.
func (s *Service) read(b protocol.Run) (t text, warnings []protocol.Warning, err error) {
	if len(b.IDs) > 0 {
		for i, id := range b.IDs {
			if id < 0 || id >= s.tok.Size() {
				return t, nil, badRequest(fmt.Sprintf("ids[%d]", i), fmt.Sprintf("0 to %d", s.tok.Size()-1), fmt.Sprint(id))
			}
		}
		t.ids = b.IDs
	} else {
		tokens, unknown := s.tok.Encode(b.Text)
		t.text = b.Text
		for _, k := range tokens {
			t.ids = append(t.ids, k.ID)
			t.tokens = append(t.tokens, protocol.Token{ID: k.ID, Text: s.names[k.ID], Start: k.Start, End: k.End})
		}
		if len(unknown) > 0 {
			w := protocol.Warning{Code: "unknown-characters", N: len(unknown)}
			for _, u := range unknown[:min(len(unknown), 8)] {
				w.What += b.Text[u.Start:u.End]
			}
			warnings = append(warnings, w)
		}
	}
	if limit := s.about.Context; len(t.ids) > limit {
		warnings = append(warnings, protocol.Warning{Code: "text-cut", N: len(t.ids) - limit})
		t.ids = t.ids[:limit]
		t.tokens = t.tokens[:min(limit, len(t.tokens))]
	}
	if len(b.IDs) > 0 {
		t.text = ""
		for _, id := range t.ids {
			start := len(t.text)
			t.text += string(s.tok.Bytes(id))
			t.tokens = append(t.tokens, protocol.Token{ID: id, Text: s.names[id], Start: start, End: len(t.text)})
		}
		t.text = s.tok.Decode(t.ids)
	}
	return t, warnings, nil
}

// everything is the globs of a run that records all, or nil if n tokens of it would take too much memory.
// blocks.*.attn.result is left out: it is as large as all the rest, and z says the same.
func (s *Service) everything(n int) []string {
	var bytes int
	var globs []string
	for _, a := range s.info.Acts {
		if strings.HasSuffix(a.Name, ".attn.result") {
			continue
		}
		globs = append(globs, a.Name)
		size := 4 * n
		for _, d := range a.Inner {
			size *= d
		}
		if a.Heads {
			size = size * n / 2
		}
		bytes += size
	}
	if bytes > recordAll {
		return nil
	}
	return globs
}

// extend runs what of ids the track has not seen, keeping the beginning that it has.
func (s *Service) extend(j *job, t *track, ids []int) error {
	keep := 0
	for keep < min(len(ids), len(t.ids)) && ids[keep] == t.ids[keep] {
		keep++
	}
	keep = t.state.Truncate(keep)
	t.hooks.Recorder.Truncate(keep)
	t.ids = t.ids[:keep]
	t.entropy, t.next = t.entropy[:keep], t.next[:keep]
	t.surprisal, t.rank = t.surprisal[:keep], t.rank[:keep]
	if keep == len(ids) {
		return nil
	}
	if keep == 0 {
		t.surprisal, t.rank, t.nan = append(t.surprisal, nan), append(t.rank, -1), false
	} else {
		logits := make([]float32, s.info.Vocab)
		s.model.Unembed(logits, t.hidden(s.final(), keep-1))
		t.score(logits, ids[keep])
	}
	err := s.model.Forward(t.state, nn.Input{IDs: ids[keep:], Hooks: &t.hooks, LogitsFrom: keep, Yield: j.Yield,
		Logits: func(pos int, logits []float32) {
			t.predict(logits, s.names)
			if pos+1 < len(ids) {
				t.score(logits, ids[pos+1])
			}
			j.progress("run", float64(pos+1-keep), float64(len(ids)-keep), "")
		}})
	if err != nil {
		return err
	}
	t.ids = append(t.ids, ids[keep:]...)
	return nil
}

// hidden is the vector that W multiplies at a position.
func (t *track) hidden(final string, pos int) []float32 { return t.hooks.Recorder.Get(final).At(pos) }

// score notes how likely token id was.
func (t *track) score(logits []float32, id int) {
	t.surprisal = append(t.surprisal, float32(analysis.Describe(logits).Surprisal(logits, id)))
	t.rank = append(t.rank, float32(analysis.Rank(logits, id)))
}

// predict notes what the model expects.
func (t *track) predict(logits []float32, names []string) {
	d := analysis.Describe(logits)
	c := protocol.Choice{ID: d.Top, Text: names[d.Top], P: float32(exp(float64(logits[d.Top]) - d.LogZ))}
	if c.P != c.P {
		t.nan, c.P = true, 0
	}
	t.entropy, t.next = append(t.entropy, float32(d.Entropy)), append(t.next, c)
}

// broken forgets a track that stopped half way, so that the next run begins anew.
func (s *Service) broken(t *track, err error) error {
	if t == s.base {
		s.base = s.newTrack(nil, t.hooks.Recorder.Globs())
		s.now, s.text, s.changes = s.base, text{}, nil
	}
	return err
}
