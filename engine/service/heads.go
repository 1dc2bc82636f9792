package service

import (
	"fmt"
	"time"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// scoreTokens is how many random tokens are said twice to see what a head does.
const scoreTokens = 50

func (s *Service) headScores(j *job, _ protocol.HeadScores) (*protocol.HeadScoresResult, error) {
	if s.info.Heads == 0 {
		return nil, badRequest("headscores", "a model with attention", s.info.Family)
	}
	if s.scores != nil {
		return s.scores, nil
	}
	n := min(scoreTokens, s.about.Context/2)
	rec := activation.NewRecorder("blocks.*.attn.pattern")
	err := s.model.Forward(s.model.NewState(), nn.Input{IDs: analysis.Repeated(n, s.tok.Size()), Hooks: &activation.Hooks{Recorder: rec}, Yield: j.Yield})
	if err != nil {
		return nil, err
	}
	r := &protocol.HeadScoresResult{Tokens: n}
	r.Shape = []int{s.info.Layers, s.info.Heads, analysis.Scores}
	for l := 0; l < s.info.Layers; l++ {
		series := rec.Get(fmt.Sprintf("blocks.%d.attn.pattern", l))
		for h := 0; h < s.info.Heads; h++ {
			sc := analysis.HeadScores(n, func(q int) []float32 { return series.At(q)[h*(q+1) : (h+1)*(q+1)] })
			r.Data = append(r.Data, sc[:]...)
		}
	}
	s.scores = r
	return r, nil
}

// effects switches each head off alone, from its block up, and sees what becomes of a token's probability.
func (s *Service) effects(j *job, b protocol.Effects) (*protocol.EffectsResult, error) {
	if s.info.Heads == 0 {
		return nil, badRequest("effects", "a model with attention", s.info.Family)
	}
	if err := s.position(b.Pos); err != nil {
		return nil, err
	}
	if b.Op != "zero" && b.Op != "mean" || b.Token >= s.info.Vocab {
		return nil, badRequest("effects", "zero or mean, of a token of the vocabulary", fmt.Sprint(b.Op, " ", b.Token))
	}
	logits := make([]float32, s.info.Vocab)
	s.model.Unembed(logits, s.base.hidden(s.final(), b.Pos))
	d := analysis.Describe(logits)
	if b.Token < 0 {
		b.Token = d.Top
	}
	r := &protocol.EffectsResult{Token: b.Token, P: float32(exp(float64(logits[b.Token]) - d.LogZ))}
	r.Shape = []int{s.info.Layers, s.info.Heads}
	r.Data = make([]float32, s.info.Layers*s.info.Heads)
	for i := range r.Data {
		r.Data[i] = nan
	}
	last := time.Now()
	for l := s.info.Layers - 1; l >= 0; l-- { // the upper blocks cost least: they come first
		resid, err := s.series(j, fmt.Sprintf("blocks.%d.resid_pre", l), true)
		if err != nil {
			return nil, err
		}
		z := fmt.Sprintf("blocks.%d.attn.z", l)
		var mean []float32
		if b.Op == "mean" {
			if mean, err = s.mean(j, z); err != nil {
				return nil, err
			}
		}
		for h := 0; h < s.info.Heads; h++ {
			v := activation.Intervention{Name: z, Pos: activation.All, Index: h, Op: activation.Op(b.Op), Mean: mean}
			p, err := s.without(j, v, l, b, resid)
			if err != nil {
				return nil, err
			}
			r.Data[l*s.info.Heads+h] = p - r.P
			if time.Since(last) > 150*time.Millisecond {
				last = time.Now()
				j.reply(protocol.Partial, r)
			}
		}
	}
	return r, nil
}

// without is the probability of b.Token after b.Pos with one intervention in block l.
func (s *Service) without(j *job, v activation.Intervention, l int, b protocol.Effects, resid *activation.Series) (p float32, err error) {
	n := b.Pos + 1
	in := nn.Input{IDs: s.base.ids[:n], Hooks: &activation.Hooks{Interventions: []activation.Intervention{v}}, Yield: j.Yield, LogitsFrom: b.Pos,
		Logits: func(_ int, logits []float32) {
			p = float32(exp(float64(logits[b.Token]) - analysis.Describe(logits).LogZ))
		}}
	state := s.model.NewState()
	if l > 0 {
		state = s.base.state.Clone()
		if state.Truncate(n) != n {
			return 0, fmt.Errorf("service: the state could not go back to %d", n)
		}
		in.FromLayer, in.Resid = l, resid.Data[:n*s.info.Hidden]
	}
	err = s.model.Forward(state, in)
	return p, err
}
