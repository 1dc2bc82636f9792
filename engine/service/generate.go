package service

import (
	"fmt"
	"math"
	"slices"

	"loupe/engine/analysis"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/sample"
	"loupe/engine/tensor"
)

// generate continues the text, with the changes that are made. The session's run stays as it was.
func (s *Service) generate(j *desk.Job, b protocol.Generate) (*protocol.GenerateResult, error) {
	n := len(s.now.ids)
	if s.info.Here {
		return nil, desk.BadRequest("generate", "a model that predicts the next token", s.info.Family)
	}
	if err := s.predicts(n - 1); err != nil {
		return nil, err
	}
	if err := checkSampling(b.Sampling); err != nil {
		return nil, err
	}
	r := &protocol.GenerateResult{IDs: slices.Clone(s.now.ids), End: "n"}
	hooks := s.now.hooks
	hooks.Recorder = nil
	tensor.Fast(b.Fast)
	defer tensor.Fast(false)
	ends := s.tok.Ends()
	var state nn.State
	dist := make([]float32, s.info.Vocab)
	logits := slices.Clone(s.read(s.now, n-1).logits)
	for ; r.N < b.N; r.N++ {
		if err := j.Yield(); err != nil {
			return nil, err
		}
		if len(r.IDs) >= s.about.Context {
			r.End = "context"
			break
		}
		d := analysis.Describe(logits)
		if d.LogZ-d.LogZ != 0 {
			return nil, notANumber(len(r.IDs)-1, "")
		}
		sample.Filter(dist, logits, nil, params(b.Sampling))
		// A position has its own random number, so that ten steps give what generating ten tokens gives.
		id := sample.Draw(dist, sample.NewRand(b.Sampling.Seed, uint64(len(r.IDs))))
		r.IDs = append(r.IDs, id)
		j.Reply(protocol.Partial, protocol.Generated{Token: protocol.Token{ID: id, Text: s.names[id]},
			P: float32(math.Exp(float64(logits[id]) - d.LogZ)), Q: dist[id]})
		if slices.Contains(ends, id) {
			r.N, r.End = r.N+1, "eos"
			break
		}
		if r.N+1 == b.N { // nobody asks what comes after the last
			continue
		}
		if state == nil {
			state = s.now.state.Clone()
		}
		err := s.model.Forward(state, nn.Input{IDs: []int{id}, Hooks: &hooks, LogitsFrom: len(r.IDs) - 1, Yield: j.Yield,
			Logits: func(_ int, z []float32) { copy(logits, z) }})
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

func params(p protocol.Sampling) sample.Params {
	return sample.Params{Temperature: p.T, TopK: p.K, TopP: p.P, MinP: p.MinP, Seed: p.Seed}
}

// checkSampling refuses numbers that mean nothing.
func checkSampling(p protocol.Sampling) error {
	if !(p.T >= 0 && p.K >= 0 && p.P >= 0 && p.P <= 1 && p.MinP >= 0 && p.MinP <= 1) {
		return desk.BadRequest("sampling", "T and K of 0 or more, P and MinP from 0 to 1", fmt.Sprintf("%+v", p))
	}
	return nil
}

// notANumber says that the logits of a position are not finite; name is the first activation that is not.
func notANumber(pos int, name string) error {
	return &protocol.Error{Code: "not-a-number", Where: fmt.Sprint("position ", pos), Found: name,
		Detail: fmt.Sprintf("service: position %d: the logits are not finite %s", pos, name)}
}
