package service

import (
	"slices"
	"time"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// memoryMost is how many tokens back are looked at at most: the work grows with their square.
const memoryMost = 512

// memory measures how the prediction at a position, with the session's changes, depends on each token up to it, in two ways: by
// occlusion (Zeiler and Fergus 2014: the token's embedding becomes the mean of the text's embeddings, and of one-hot vectors so the shares
// of the text's tokens; its position stays) and by cutting off what lies before (Khandelwal et al. 2018, "Sharp Nearby, Fuzzy Far Away").
// A model that sees all tokens at once goes on seeing those after the position.
func (s *Service) memory(j *desk.Job, b protocol.Memory) (*protocol.MemoryResult, error) {
	if err := s.predicts(b.Pos); err != nil {
		return nil, err
	}
	n := min(max(b.Most, 1), memoryMost, b.Pos+1)
	r := &protocol.MemoryResult{Occluded: slices.Repeat([]float32{nan}, n), Short: slices.Repeat([]float32{nan}, n)}
	is, err := s.expected(b.Pos)
	if err != nil {
		return nil, err
	}
	state, mean, last := s.now.state.Clone(), s.meanEmbedding(), time.Now()
	for d := range n {
		if r.Occluded[d], err = s.occluded(j, state, mean, b.Pos, d, is); err != nil {
			return nil, err
		}
		if r.Short[d], err = s.short(j, b.Pos, d, is); err != nil {
			return nil, err
		}
		j.Progress("memory", float64((d+1)*(d+1)), float64(n*n), "")
		if time.Since(last) > 200*time.Millisecond {
			last = time.Now()
			j.Reply(protocol.Partial, &protocol.MemoryResult{Occluded: slices.Clone(r.Occluded), Short: slices.Clone(r.Short)})
		}
	}
	return r, nil
}

// expected is what the model expects at a position, with the changes; an error if that is no number.
func (s *Service) expected(pos int) (*reading, error) {
	is := s.read(s.now, pos)
	if !finite(is.logits) {
		return nil, notANumber(pos, s.firstBad(s.now, pos))
	}
	return is, nil
}

// meanEmbedding is the mean of the embeddings of the text's tokens, [embed].
func (s *Service) meanEmbedding() []float32 {
	x := &activation.Series{Inner: []int{s.info.Embed}, N: len(s.now.ids), Data: make([]float32, len(s.now.ids)*s.info.Embed)}
	for i, id := range s.now.ids {
		s.model.Embedding(x.At(i), id)
	}
	return meanRow(x)
}

// occluded is the KL of the prediction at pos when the token d before it has the mean embedding, from the one that is. state has seen
// the text, and is changed from that token on.
func (s *Service) occluded(j *desk.Job, state nn.State, mean []float32, pos, d int, is *reading) (float32, error) {
	hooks := activation.Hooks{Interventions: append(slices.Clip(s.now.hooks.Interventions),
		activation.Intervention{Name: "embed", Pos: pos - d, Index: activation.All, Op: activation.Mean, Mean: mean})}
	from := state.Truncate(pos - d)
	return s.diverges(j, state, s.now.ids[from:s.upTo(pos)], pos, &hooks, is)
}

// short is the KL of the prediction at pos when the model reads no token before the one d before it, from the one that is.
func (s *Service) short(j *desk.Job, pos, d int, is *reading) (float32, error) {
	hooks := s.changesFrom(pos - d)
	return s.diverges(j, s.model.NewState(), s.now.ids[pos-d:s.upTo(pos)], d, &hooks, is)
}

// changesFrom are the changes of the text's end from a token on, which is then the first.
func (s *Service) changesFrom(from int) (hooks activation.Hooks) {
	for _, v := range s.now.hooks.Interventions {
		if v.Pos != activation.All {
			to := max(v.To, v.Pos+1) - from
			if to <= 0 {
				continue
			}
			v.Pos, v.To = max(v.Pos-from, 0), to
		}
		hooks.Interventions = append(hooks.Interventions, v)
	}
	return hooks
}

// diverges runs ids on from a state, and gives the KL of the prediction at pos from what is.
func (s *Service) diverges(j *desk.Job, state nn.State, ids []int, pos int, hooks *activation.Hooks, is *reading) (kl float32, err error) {
	kl = nan
	err = s.model.Forward(state, nn.Input{IDs: ids, Hooks: hooks, LogitsFrom: pos, Yield: j.Yield, Logits: func(at int, z []float32) {
		if at == pos {
			kl = float32(analysis.KL(z, is.logits, analysis.Describe(z), is.Distribution))
		}
	}})
	return kl, err
}
