package service

import (
	"fmt"
	"math"
	"slices"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

var nan = float32(math.NaN())

// checkChanges refuses a change of what this model has not.
func (s *Service) checkChanges(changes []protocol.Change) error {
	for _, c := range changes {
		check := s.checkChange
		switch {
		case s.seq != nil && (c.Name == protocol.SourceChange || c.Name == protocol.PrefixChange):
			check = s.seq.checkTokens
		case s.seq == nil && c.Name == protocol.TokenChange:
			check = s.checkToken
		}
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

// checkChange refuses a change of an activation that this model has not.
func (s *Service) checkChange(c protocol.Change) error {
	a := s.act(c.Name)
	if a == nil {
		return desk.BadRequest("change", "an activation of this model", c.Name)
	}
	indices, err := c.Indices()
	for _, i := range indices {
		if i < -1 || i >= a.Inner[0] {
			return desk.BadRequest("change "+c.Name, fmt.Sprintf("an index from 0 to %d", a.Inner[0]-1), i)
		}
	}
	switch {
	case err != nil:
		return desk.BadRequest("change "+c.Name, "indices with + between them", c.Also)
	case slices.Contains([]string{"row", "onehot", "uniform", "weight", "like"}, c.Op):
		return s.checkRow(c, a)
	case c.Pos < -1 || !slices.Contains([]string{"set", "add", "scale", "zero", "mean"}, c.Op):
		return desk.BadRequest("change "+c.Name, "set, add, scale, zero or mean at a position", fmt.Sprintf("%s at %d", c.Op, c.Pos))
	case c.To != 0 && (c.Pos < 0 || c.To <= c.Pos):
		return desk.BadRequest("change "+c.Name, "positions that end after they begin", fmt.Sprintf("%d to %d", c.Pos, c.To))
	case c.Op == "mean" && a.Heads:
		return desk.BadRequest("change "+c.Name, "set, add, scale or zero, for rows of attention have no mean", c.Op)
	}
	return nil
}

// checkToken refuses a token that the vocabulary has not, or another change of one than to set it at one position.
func (s *Service) checkToken(c protocol.Change) error {
	if c.Pos < 0 || c.Op != "set" || c.Index != -1 || c.Also != "" || c.To != 0 {
		return desk.BadRequest("change "+c.Name, "set, at one position", c)
	}
	if id := int(c.Value); float32(id) != c.Value || id < 0 || id >= s.info.Vocab {
		return desk.BadRequest("change "+c.Name, fmt.Sprintf("a token from 0 to %d", s.info.Vocab-1), c.Value)
	}
	return nil
}

// replaced are ids with the tokens that changes put in their places: ids itself if there are none. Of two at the same place the later
// one stays.
func replaced(ids []int, changes []protocol.Change) []int {
	out := ids
	for _, c := range changes {
		if c.Name == protocol.TokenChange && c.Pos < len(ids) {
			if &out[0] == &ids[0] {
				out = slices.Clone(ids)
			}
			out[c.Pos] = int(c.Value)
		}
	}
	return out
}

// replacements are a text's tokens as they are run with changes: where they stand stays.
func (s *Service) replacements(tokens []protocol.Token, ids []int) []protocol.Token {
	out := slices.Clone(tokens)
	for i, id := range ids {
		if own := tokens[i]; own.ID != id {
			out[i].ID, out[i].Text, out[i].Was = id, s.names[id], &protocol.Choice{ID: own.ID, Text: own.Text}
		}
	}
	return out
}

// changed runs ids, which base has run, with changes. Without any it is base itself.
func (s *Service) changed(j *desk.Job, base *track, changes []protocol.Change, ids []int) (*track, error) {
	if len(changes) == 0 {
		return base, nil
	}
	inter, means, err := s.interventions(j, base, changes)
	if err != nil {
		return nil, err
	}
	t := s.now
	same := s.seq == nil && slices.Equal(changes, s.changes) && !means && slices.Equal(t.hooks.Recorder.Globs(), base.hooks.Recorder.Globs())
	if !same {
		first := len(ids)
		for _, c := range changes {
			first = min(first, max(c.Pos, 0))
		}
		if s.seq != nil { // a change of the encoder changes all
			first = 0
		}
		t = s.fork(base, inter, first)
	}
	return t, s.extend(j, t, replaced(ids, changes))
}

// interventions makes the engine's changes of the page's, one an index; means says that one of them depends on the text.
func (s *Service) interventions(j *desk.Job, base *track, changes []protocol.Change) (out []activation.Intervention, means bool, err error) {
	for _, c := range changes {
		if c.Name == protocol.TokenChange || s.seq != nil && (c.Name == protocol.SourceChange || c.Name == protocol.PrefixChange) {
			continue
		}
		v := activation.Intervention{Name: c.Name, Pos: c.Pos, To: c.To, Op: activation.Op(c.Op), Value: c.Value}
		switch c.Op {
		case "row":
			if v.Row, err = c.Numbers(); err != nil {
				return nil, false, err
			}
		case "weight":
			n, err := c.Numbers()
			if err != nil {
				return nil, false, err
			}
			v.Key, v.Value = int(n[0]), n[1]
		case "like":
			v.Op = activation.Mean
			if v.Mean, err = s.stateLike(j, c); err != nil {
				return nil, false, err
			}
		}
		if c.Op == "mean" {
			means = true
			if v.Mean, err = s.mean(j, base, c.Name); err != nil {
				return nil, false, err
			}
		}
		indices, err := c.Indices()
		if err != nil {
			return nil, false, err
		}
		for _, v.Index = range indices {
			out = append(out, v)
		}
	}
	return out, means, nil
}

// mean is an activation's mean over the positions of a run without changes.
func (s *Service) mean(j *desk.Job, base *track, name string) ([]float32, error) {
	x := base.hooks.Recorder.Get(name)
	if x == nil { // a run for this alone
		t := s.newTrack(nil, append(s.least(), name))
		if err := s.extend(j, t, base.ids); err != nil {
			return nil, err
		}
		x = t.hooks.Recorder.Get(name)
	}
	return meanRow(x), nil
}

// meanRow is the mean of an activation over its positions.
func meanRow(x *activation.Series) []float32 {
	sum := make([]float64, len(x.At(0)))
	for p := range x.N {
		for i, v := range x.At(p) {
			sum[i] += float64(v)
		}
	}
	out := make([]float32, len(sum))
	for i, v := range sum {
		out[i] = float32(v / float64(x.N))
	}
	return out
}
