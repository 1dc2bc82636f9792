package service

import (
	"math"
	"slices"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/sample"
)

// track is one run of the text: with or without changes.
type track struct {
	state     nn.State
	hooks     activation.Hooks
	ids       []int     // what state has seen
	surprisal []float32 // the elements of a RunResult, as many as ids
	entropy   []float32
	rank      []float32
	next      []protocol.Choice

	last reading // of a position, for a slider asks for the same again and again
}

// reading is what a model expects after a position.
type reading struct {
	pos    int       // -1: none
	logits []float32 // [vocab]
	analysis.Distribution
	order []int32 // ids by their logits; nil if not asked for yet
	reach [3]int  // how many tokens hold 50, 90 and 95 %; with order
}

func (s *Service) newTrack(changes []activation.Intervention, globs []string) *track {
	return &track{state: s.before(), last: reading{pos: -1},
		hooks: activation.Hooks{Recorder: activation.NewRecorder(globs...), Interventions: changes}}
}

// fork is a track with changes that begins as t does: the first n tokens, which the changes leave as they are.
func (s *Service) fork(t *track, changes []activation.Intervention, n int) *track {
	f := s.newTrack(changes, t.hooks.Recorder.Globs())
	if n = min(n, len(t.ids)); n <= 0 {
		return f
	}
	f.state = t.state.Clone()
	n = f.state.Truncate(n)
	f.hooks.Recorder = t.hooks.Recorder.Clone(n)
	f.ids, f.next = slices.Clone(t.ids[:n]), slices.Clone(t.next[:n])
	f.surprisal, f.entropy, f.rank = slices.Clone(t.surprisal[:n]), slices.Clone(t.entropy[:n]), slices.Clone(t.rank[:n])
	return f
}

// truncate goes back to n tokens or fewer.
func (t *track) truncate(n int) {
	n = t.state.Truncate(n)
	t.hooks.Recorder.Truncate(n)
	t.ids, t.next, t.last.pos = t.ids[:n], t.next[:n], -1
	t.surprisal, t.entropy, t.rank = t.surprisal[:n], t.entropy[:n], t.rank[:n]
}

// extend runs what of ids the track has not seen, keeping the beginning that it has. After an error it holds as much as
// was run.
func (s *Service) extend(j *desk.Job, t *track, ids []int) error {
	keep := s.keep(t, ids)
	t.truncate(keep)
	if keep = len(t.ids); keep == len(ids) {
		return nil
	}
	if keep == 0 && s.seq != nil {
		var err error
		if t.state, err = s.seq.Encode(nn.Input{IDs: s.seq.ids, Hooks: &t.hooks, Yield: j.Yield}); err != nil {
			return err
		}
	}
	switch {
	case s.info.Here: // each token is scored where it stands
	case keep == 0 || !s.info.Logits:
		t.surprisal, t.rank = append(t.surprisal, nan), append(t.rank, -1)
	default:
		r := s.read(t, keep-1)
		t.score(r.logits, r.Distribution, ids[keep])
	}
	t.last.pos = -1
	t.ids = append(t.ids, ids[keep:]...)
	err := s.model.Forward(t.state, nn.Input{IDs: ids[keep:], Hooks: &t.hooks, LogitsFrom: keep, Yield: j.Yield,
		Logits: func(pos int, z []float32) {
			d := analysis.Describe(z)
			t.predict(z, d, s.names)
			if about := s.about.Of(pos); about < len(ids) {
				t.score(z, d, ids[about])
			}
			j.Progress("run", float64(pos+1-keep), float64(len(ids)-keep), "")
		}})
	if err != nil {
		t.cut(len(t.entropy))
		return err
	}
	for len(t.entropy) < len(ids) { // nothing is predicted
		t.entropy, t.next = append(t.entropy, nan), append(t.next, protocol.Choice{ID: -1})
	}
	for len(t.surprisal) < len(ids) {
		t.surprisal, t.rank = append(t.surprisal, nan), append(t.rank, -1)
	}
	return nil
}

// keep is how many tokens of ids the track has run already. What sees all tokens at once has run all of them, or none.
func (s *Service) keep(t *track, ids []int) int {
	n := 0
	for n < min(len(ids), len(t.ids)) && ids[n] == t.ids[n] {
		n++
	}
	if s.info.Full && n < len(ids) {
		return 0
	}
	return n
}

// cut is truncate after a run that stopped half way, when not all is equally long.
func (t *track) cut(n int) {
	n = t.state.Truncate(n)
	t.surprisal, t.rank = t.surprisal[:min(n, len(t.surprisal))], t.rank[:min(n, len(t.rank))]
	t.truncate(n)
}

// score notes how likely token id was under the logits z before it.
func (t *track) score(z []float32, d analysis.Distribution, id int) {
	t.surprisal = append(t.surprisal, float32(d.Surprisal(z, id)))
	t.rank = append(t.rank, float32(analysis.Rank(z, id)))
}

// predict notes what the model expects.
func (t *track) predict(z []float32, d analysis.Distribution, names []string) {
	c := protocol.Choice{ID: d.Top, Text: names[d.Top], P: float32(math.Exp(float64(z[d.Top]) - d.LogZ))}
	if c.P != c.P {
		c.P = 0 // JSON has no NaN; the entropy is one
	}
	t.entropy, t.next = append(t.entropy, float32(d.Entropy)), append(t.next, c)
}

// broken is the first position whose prediction is not a number, or -1.
func (s *Service) broken(t *track) int {
	if !s.info.Logits {
		return -1
	}
	return slices.IndexFunc(t.entropy, func(e float32) bool { return e != e })
}

// hidden is the vector that W multiplies at a position.
func (s *Service) hidden(t *track, pos int) []float32 { return t.hooks.Recorder.Get(s.final).At(pos) }

// read is what the model expects after a position, with the changes. It is the track's own memory.
func (s *Service) read(t *track, pos int) *reading {
	r := &t.last
	if r.pos != pos {
		r.logits = nn.Grow(r.logits, s.info.Vocab)
		s.model.Unembed(r.logits, s.hidden(t, pos))
		h := activation.Hooks{Interventions: t.hooks.Interventions}
		h.At("logits", pos, 1, r.logits, s.info.Vocab)
		r.pos, r.Distribution, r.order = pos, analysis.Describe(r.logits), nil
	}
	return r
}

// sorted is read, with order and reach.
func (s *Service) sorted(t *track, pos int) *reading {
	r := s.read(t, pos)
	if r.order == nil {
		r.order = sample.Order(r.logits)
		r.reach = [3]int(sample.Reach(r.logits, r.order, .5, .9, .95))
	}
	return r
}
