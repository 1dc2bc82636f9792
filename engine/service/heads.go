package service

import (
	"fmt"
	"math"
	"slices"
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

func (s *Service) headScores(j *desk.Job, _ protocol.HeadScores) (*protocol.HeadScoresResult, error) {
	if s.info.Heads == 0 {
		return nil, desk.BadRequest("headscores", "a model with attention", s.info.Family)
	}
	if s.scores != nil {
		return s.scores, nil
	}
	n := min(scoreTokens, s.about.Context/2)
	r := &protocol.HeadScoresResult{Tokens: n}
	r.Shape = []int{s.info.Layers, s.info.Heads, analysis.Scores}
	r.Data = make([]float32, s.info.Layers*s.info.Heads*analysis.Scores)
	for draw := range scoreDraws {
		rec := activation.NewRecorder("blocks.*.attn.pattern")
		err := s.model.Forward(s.model.NewState(), nn.Input{IDs: analysis.Repeated(n, s.tok.Size(), draw), Hooks: &activation.Hooks{Recorder: rec}, Yield: j.Yield})
		if err != nil {
			return nil, err
		}
		for i := range s.info.Layers * s.info.Heads {
			l, h := i/s.info.Heads, i%s.info.Heads
			series := rec.Get(fmt.Sprintf("blocks.%d.attn.pattern", l))
			row := analysis.HeadScores(n, func(q int) []float32 { return series.Head(q, h) })
			for k, v := range row {
				r.Data[i*analysis.Scores+k] += v / scoreDraws
			}
		}
	}
	s.scores = r
	return r, nil
}

// effects switches each head off alone, from its block up, and sees what becomes of a token's probability.
func (s *Service) effects(j *desk.Job, b protocol.Effects) (*protocol.EffectsResult, error) {
	if s.info.Heads == 0 {
		return nil, desk.BadRequest("effects", "a model with attention", s.info.Family)
	}
	if err := s.predicts(b.Pos); err != nil {
		return nil, err
	}
	if b.Op != "zero" && b.Op != "mean" || b.Token >= s.info.Vocab {
		return nil, desk.BadRequest("effects", "zero or mean, of a token of the vocabulary", fmt.Sprint(b.Op, " ", b.Token))
	}
	if err := s.record(j, append(s.blocks("resid_pre"), s.blocks("attn.z")...)...); err != nil {
		return nil, err
	}
	d := s.read(s.base, b.Pos)
	if !finite(d.logits) {
		return nil, notANumber(b.Pos, s.firstBad(s.base, b.Pos))
	}
	if b.Token < 0 {
		b.Token = d.Top
	}
	r := &protocol.EffectsResult{Token: b.Token, P: float32(math.Exp(float64(d.logits[b.Token]) - d.LogZ))}
	r.Shape = []int{s.info.Layers, s.info.Heads}
	r.Data = make([]float32, s.info.Layers*s.info.Heads)
	for i := range r.Data {
		r.Data[i] = nan
	}
	// A head's run changes the state only from its block up, and the next one begins there or below: one copy does for all.
	state, last := s.base.state.Clone(), time.Now()
	state.Truncate(s.upTo(b.Pos))
	for l := s.info.Layers - 1; l >= 0; l-- { // the upper blocks cost least: they come first
		z := fmt.Sprintf("blocks.%d.attn.z", l)
		var mean []float32
		if b.Op == "mean" {
			var err error
			if mean, err = s.mean(j, s.base, z); err != nil {
				return nil, err
			}
		}
		for h := 0; h < s.info.Heads; h++ {
			v := activation.Intervention{Name: z, Pos: activation.All, Index: h, Op: activation.Op(b.Op), Mean: mean}
			p, err := s.without(j, state, v, l, b)
			if err != nil {
				return nil, err
			}
			r.Data[l*s.info.Heads+h] = p - r.P
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
	in := nn.Input{IDs: s.base.ids[:n], Hooks: &activation.Hooks{Interventions: []activation.Intervention{v}}, Yield: j.Yield, LogitsFrom: b.Pos,
		Logits: func(at int, logits []float32) {
			if at != b.Pos {
				return
			}
			p = float32(math.Exp(float64(logits[b.Token]) - analysis.Describe(logits).LogZ))
		}}
	if l == 0 {
		state.Truncate(0)
	} else {
		in.FromLayer, in.Resid = l, s.base.hooks.Recorder.Get(fmt.Sprintf("blocks.%d.resid_pre", l)).Data[:n*s.info.Hidden]
	}
	err = s.model.Forward(state, in)
	return p, err
}
