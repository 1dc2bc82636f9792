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
		a := s.act(c.Name)
		if a == nil {
			return desk.BadRequest("change", "an activation of this model", c.Name)
		}
		if c.Index < -1 || c.Index >= a.Inner[0] {
			return desk.BadRequest("change "+c.Name, fmt.Sprintf("an index from 0 to %d", a.Inner[0]-1), c.Index)
		}
		if c.Pos < -1 || !slices.Contains([]string{"set", "add", "scale", "zero", "mean"}, c.Op) {
			return desk.BadRequest("change "+c.Name, "set, add, scale, zero or mean at a position", fmt.Sprintf("%s at %d", c.Op, c.Pos))
		}
		if c.Op == "mean" && a.Heads {
			return desk.BadRequest("change "+c.Name, "set, add, scale or zero, for rows of attention have no mean", c.Op)
		}
	}
	return nil
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
	same := slices.Equal(changes, s.changes) && !means && slices.Equal(t.hooks.Recorder.Globs(), base.hooks.Recorder.Globs())
	if !same {
		first := len(ids)
		for _, c := range changes {
			first = min(first, max(c.Pos, 0))
		}
		t = s.fork(base, inter, first)
	}
	return t, s.extend(j, t, ids)
}

// interventions makes the engine's changes of the page's; means says that one of them depends on the text.
func (s *Service) interventions(j *desk.Job, base *track, changes []protocol.Change) (out []activation.Intervention, means bool, err error) {
	for _, c := range changes {
		v := activation.Intervention{Name: c.Name, Pos: c.Pos, Index: c.Index, Op: activation.Op(c.Op), Value: c.Value}
		if v.Op == activation.Mean {
			means = true
			if v.Mean, err = s.mean(j, base, c.Name); err != nil {
				return nil, false, err
			}
		}
		out = append(out, v)
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
	return out, nil
}
