package service

import (
	"fmt"
	"math"
	"slices"

	"loupe/engine/activation"
	"loupe/engine/protocol"
)

var nan = float32(math.NaN())

func exp(x float64) float64 { return math.Exp(x) }

// act is the activation of that name, or nil.
func (s *Service) act(name string) *protocol.Act {
	for i := range s.about.Acts {
		if s.about.Acts[i].Name == name {
			return &s.about.Acts[i]
		}
	}
	return nil
}

// checkChanges refuses a change of what this model has not.
func (s *Service) checkChanges(changes []protocol.Change) error {
	for _, c := range changes {
		a := s.act(c.Name)
		if a == nil {
			return badRequest("change", "an activation of this model", c.Name)
		}
		if c.Index < -1 || c.Index >= a.Inner[0] {
			return badRequest("change "+c.Name, fmt.Sprintf("an index from 0 to %d", a.Inner[0]-1), fmt.Sprint(c.Index))
		}
		if c.Pos < -1 || !slices.Contains([]string{"set", "add", "scale", "zero", "mean"}, c.Op) {
			return badRequest("change "+c.Name, "set, add, scale, zero or mean at a position", fmt.Sprintf("%s at %d", c.Op, c.Pos))
		}
		if c.Op == "mean" && a.Heads {
			return badRequest("change "+c.Name, "set, add, scale or zero, for rows of attention have no mean", c.Op)
		}
	}
	return nil
}

// changed runs ids with changes. Without any it is base itself.
func (s *Service) changed(j *job, base *track, changes []protocol.Change, ids []int) (*track, error) {
	if len(changes) == 0 {
		return base, nil
	}
	inter, means, err := s.interventions(j, changes)
	if err != nil {
		return nil, err
	}
	t := s.now
	same := slices.Equal(changes, s.changes) && !means && slices.Equal(t.hooks.Recorder.Globs(), base.hooks.Recorder.Globs())
	if t == base || !same {
		t = s.newTrack(inter, base.hooks.Recorder.Globs())
	}
	if err := s.extend(j, t, ids); err != nil {
		return nil, err
	}
	return t, nil
}

// interventions makes the engine's changes of the page's; means says that one of them depends on the text.
func (s *Service) interventions(j *job, changes []protocol.Change) (out []activation.Intervention, means bool, err error) {
	for _, c := range changes {
		v := activation.Intervention{Name: c.Name, Pos: c.Pos, Index: c.Index, Op: activation.Op(c.Op), Value: c.Value}
		if v.Op == activation.Mean {
			means = true
			if v.Mean, err = s.mean(j, c.Name); err != nil {
				return nil, false, err
			}
		}
		out = append(out, v)
	}
	return out, means, nil
}

// mean is an activation's mean over the positions of the run without changes.
func (s *Service) mean(j *job, name string) ([]float32, error) {
	series, err := s.series(j, name, true)
	if err != nil {
		return nil, err
	}
	size := 1
	for _, d := range series.Inner {
		size *= d
	}
	sum := make([]float64, size)
	for p := 0; p < series.N; p++ {
		for i, v := range series.At(p) {
			sum[i] += float64(v)
		}
	}
	out := make([]float32, size)
	for i, v := range sum {
		out[i] = float32(v / float64(series.N))
	}
	return out, nil
}

// series is a recorded activation of the run with changes, or of the one without. What was not recorded is, by
// running again with it.
func (s *Service) series(j *job, name string, before bool) (*activation.Series, error) {
	if s.act(name) == nil {
		return nil, badRequest("activation", "one of this model's", name)
	}
	if len(s.base.ids) == 0 {
		return nil, &protocol.Error{Code: "no-text", Detail: "service: there is no text"}
	}
	if !s.base.hooks.Recorder.Wants(name) {
		globs := append(slices.Clone(s.base.hooks.Recorder.Globs()), name)
		base := s.newTrack(nil, globs)
		if err := s.extend(j, base, s.base.ids); err != nil {
			return nil, err
		}
		now, ids := base, s.base.ids
		if len(s.changes) > 0 {
			old := s.base
			s.base = base
			t, err := s.changed(j, base, s.changes, ids)
			if err != nil {
				s.base = old
				return nil, err
			}
			now = t
		}
		s.base, s.now = base, now
	}
	t := s.now
	if before {
		t = s.base
	}
	return t.hooks.Recorder.Get(name), nil
}
