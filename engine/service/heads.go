package service

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// scoreTokens is how many random tokens are said twice to see what a head does, and scoreDraws how often, each time with
// others: what a head does at one draw hangs on its first token.
const (
	scoreTokens = 50
	scoreDraws  = 4
)

// attends are the patterns of a half, which may have none.
func (s *Service) attends(op, half string) ([]string, error) {
	names := s.about.Attends(half)
	if len(names) == 0 {
		return nil, desk.BadRequest(op, "a model with such attention", strings.TrimSpace(s.info.Family+" "+half))
	}
	return names, nil
}

// span is how many queries and keys the patterns of a half have.
func (s *Service) span(half string) (queries, keys int) {
	queries, keys = len(s.base.ids), len(s.base.ids)
	if half == protocol.HalfEncoder {
		queries = len(s.seq.ids)
	}
	if half == protocol.HalfEncoder || half == protocol.HalfCross {
		keys = len(s.seq.ids)
	}
	if half == protocol.HalfCross && queries > 1 { // a step a row: nothing is written after the last token
		queries--
	}
	return queries, keys
}

// output is what a pattern's heads give: it is switched off by index, or whole where there are none by head.
func (s *Service) output(pattern string) (name string, whole bool) {
	if z := strings.TrimSuffix(pattern, "pattern") + "z"; s.act(z) != nil {
		return z, false
	}
	return s.seq.Mixed, true
}

func (s *Service) headScores(j *desk.Job, b protocol.HeadScores) (*protocol.HeadScoresResult, error) {
	names, err := s.attends("headscores", b.Half)
	if err != nil {
		return nil, err
	}
	if b.Half == protocol.HalfCross {
		return nil, desk.BadRequest("headscores", "attention of tokens to one another", b.Half)
	}
	if s.scores[b.Half] != nil {
		return s.scores[b.Half], nil
	}
	n, heads := min(scoreTokens, s.about.Context/2), s.act(names[0]).Inner[0]
	if s.seq != nil {
		n = min(n, s.about.Seq.Context/2)
	}
	r := &protocol.HeadScoresResult{Tokens: n}
	r.Shape = []int{len(names), heads, analysis.Scores}
	r.Data = make([]float32, len(names)*heads*analysis.Scores)
	for draw := range scoreDraws {
		rec := activation.NewRecorder(names...)
		if err := s.repeated(j, b.Half, n, draw, &activation.Hooks{Recorder: rec}); err != nil {
			return nil, err
		}
		for i := range len(names) * heads {
			series := rec.Get(names[i/heads])
			row := analysis.HeadScores(n, func(q int) []float32 { return series.Head(q, i%heads) })
			for k, v := range row {
				r.Data[i*analysis.Scores+k] += v / scoreDraws
			}
		}
	}
	s.scores[b.Half] = r
	return r, nil
}

// repeated runs n random tokens said twice; a decoder on a source of such tokens.
func (s *Service) repeated(j *desk.Job, half string, n, draw int, hooks *activation.Hooks) error {
	in := nn.Input{IDs: analysis.Repeated(n, s.tok.Size(), draw), Hooks: hooks, Yield: j.Yield}
	if s.seq == nil {
		return s.model.Forward(s.model.NewState(), in)
	}
	source := nn.Input{IDs: analysis.Repeated(n, min(s.seq.source.Size(), s.seq.Vocab), draw), Yield: j.Yield}
	if half == protocol.HalfEncoder {
		source.Hooks = hooks
	}
	state, err := s.seq.Encode(source)
	if err != nil || half == protocol.HalfEncoder {
		return err
	}
	in.IDs = analysis.Repeated(n, min(s.tok.Size(), s.info.Vocab), draw)
	return s.model.Forward(state, in)
}

// effects switches each head off alone, from its block up, and sees what becomes of a token's probability.
func (s *Service) effects(j *desk.Job, b protocol.Effects) (*protocol.EffectsResult, error) {
	patterns, err := s.attends("effects", b.Half)
	if err != nil {
		return nil, err
	}
	if err := s.predicts(b.Pos); err != nil {
		return nil, err
	}
	if b.Op != "zero" && (b.Op != "mean" || s.seq != nil) || b.Token >= s.info.Vocab {
		return nil, desk.BadRequest("effects", "zero or mean (of an encoder-decoder zero), of a token of the vocabulary", fmt.Sprint(b.Op, " ", b.Token))
	}
	if err := s.record(j, s.below(b.Half, patterns)...); err != nil {
		return nil, err
	}
	d := s.read(s.base, b.Pos)
	if !finite(d.logits) {
		return nil, notANumber(b.Pos, s.firstBad(s.base, b.Pos))
	}
	if b.Token < 0 {
		b.Token = d.Top
	}
	heads := s.act(patterns[0]).Inner[0]
	r := &protocol.EffectsResult{Token: b.Token, P: float32(math.Exp(float64(d.logits[b.Token]) - d.LogZ))}
	r.Shape = []int{len(patterns), heads}
	r.Data = make([]float32, len(patterns)*heads)
	for i := range r.Data {
		r.Data[i] = nan
	}
	// A head's run changes the state only from its block up, and the next one begins there or below: one copy does for all.
	state, last := s.base.state.Clone(), time.Now()
	state.Truncate(s.upTo(b.Pos))
	for l := len(patterns) - 1; l >= 0; l-- { // the upper blocks cost least: they come first
		out, whole := s.output(patterns[l])
		var mean []float32
		if b.Op == "mean" {
			if mean, err = s.mean(j, s.base, out); err != nil {
				return nil, err
			}
		}
		for h := range heads {
			v := activation.Intervention{Name: out, Pos: activation.All, Index: h, Op: activation.Op(b.Op), Mean: mean}
			if whole {
				v.Index = activation.All
			}
			p, err := s.without(j, state, v, l, b)
			if err != nil {
				return nil, err
			}
			r.Data[l*heads+h] = p - r.P
			if time.Since(last) > 150*time.Millisecond {
				last = time.Now()
				part := *r
				part.Data = slices.Clone(r.Data)
				j.Reply(protocol.Partial, &part)
			}
		}
	}
	return r, nil
}

// below is what effects needs recorded: what each block but the first reads, so that a run may begin there, and what its heads give.
func (s *Service) below(half string, patterns []string) (names []string) {
	for l := range patterns {
		if l > 0 && half != protocol.HalfEncoder {
			names = append(names, s.stream(half, l))
		}
		if out, _ := s.output(patterns[l]); s.seq == nil {
			names = append(names, out)
		}
	}
	return names
}

// stream is what block l of the stack that predicts reads.
func (s *Service) stream(half string, l int) string {
	if half != "" {
		return fmt.Sprintf("decoder.blocks.%d.resid_pre", l)
	}
	return fmt.Sprintf("blocks.%d.resid_pre", l)
}

// upTo is how many tokens the prediction at a position depends on.
func (s *Service) upTo(pos int) int {
	if s.info.Full {
		return len(s.base.ids)
	}
	return pos + 1
}

// without is the probability of b.Token after b.Pos with one intervention in block l.
func (s *Service) without(j *desk.Job, state nn.State, v activation.Intervention, l int, b protocol.Effects) (p float32, err error) {
	n := s.upTo(b.Pos)
	hooks := &activation.Hooks{Interventions: []activation.Intervention{v}}
	in := nn.Input{IDs: s.base.ids[:n], Hooks: hooks, Yield: j.Yield, LogitsFrom: b.Pos,
		Logits: func(at int, logits []float32) {
			if at != b.Pos {
				return
			}
			p = float32(math.Exp(float64(logits[b.Token]) - analysis.Describe(logits).LogZ))
		}}
	switch {
	case s.seq != nil && (l == 0 || b.Half == protocol.HalfEncoder): // the decoder begins anew
		if state, err = s.seq.Encode(nn.Input{IDs: s.seq.ids, Hooks: hooks, Yield: j.Yield}); err != nil {
			return 0, err
		}
	case l == 0:
		state.Truncate(0)
	default:
		in.FromLayer, in.Resid = l, s.base.hooks.Recorder.Get(s.stream(b.Half, l)).Data[:n*s.info.Hidden]
	}
	err = s.model.Forward(state, in)
	return p, err
}
