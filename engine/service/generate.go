package service

import (
	"slices"

	"loupe/engine/analysis"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/sample"
	"loupe/engine/tokenizer"
)

// generate continues the text, with the changes that are made. The session's run stays as it was.
func (s *Service) generate(j *job, b protocol.Generate) (*protocol.GenerateResult, error) {
	n := len(s.now.ids)
	if err := s.position(n - 1); err != nil {
		return nil, err
	}
	r := &protocol.GenerateResult{IDs: slices.Clone(s.now.ids), End: "n"}
	hooks := s.now.hooks
	hooks.Recorder = nil
	state := s.now.state.Clone()
	logits, dist := make([]float32, s.info.Vocab), make([]float32, s.info.Vocab)
	s.model.Unembed(logits, s.now.hidden(s.final(), n-1))
	for ; r.N < b.N; r.N++ {
		if err := j.Yield(); err != nil {
			return nil, err
		}
		if len(r.IDs) >= s.about.Context {
			r.End = "context"
			break
		}
		d := analysis.Describe(logits)
		if d.LogZ != d.LogZ {
			return nil, &protocol.Error{Code: "not-a-number", Detail: "service: the logits are not finite"}
		}
		sample.Filter(dist, logits, params(b.Sampling))
		// A position has its own random number, so that ten steps give what generating ten tokens gives.
		id := sample.Draw(dist, sample.NewRand(b.Sampling.Seed, uint64(len(r.IDs))))
		r.IDs = append(r.IDs, id)
		j.reply(protocol.Partial, protocol.Generated{Token: protocol.Token{ID: id, Text: s.names[id]},
			P: float32(exp(float64(logits[id]) - d.LogZ)), Q: dist[id]})
		if id < s.tok.Size() && tokenizer.IsEnd(s.tok, id) {
			r.N, r.End = r.N+1, "eos"
			break
		}
		err := s.model.Forward(state, nn.Input{IDs: []int{id}, Hooks: &hooks, LogitsFrom: len(r.IDs) - 1, Yield: j.Yield,
			Logits: func(_ int, z []float32) { copy(logits, z) }})
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}
