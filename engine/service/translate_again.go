package service

import (
	"reflect"
	"slices"
	"strings"

	"loupe/engine/activation"
	"loupe/engine/beam"
	"loupe/engine/nn"
)

// tracesMost is how many bytes the states of kept searches take, about, before those of the older ones are dropped.
const tracesMost = 64 << 20

// traced is a search that was done, with what it takes to go on from the middle of it.
type traced struct {
	opts   beam.Options
	found  *beam.Result
	states [][]nn.State // after each step, of all hypotheses that took it
	words  [][][]int    // what these had written before it
}

// again is the search, or the encoder, of a kept translation that an edit leaves as it is.
type again struct {
	*traced
	steps int // that are the same
}

// encoded is the decoder's first state, if a kept translation has read the same source with the same changes of the encoder.
func (s *Service) encoded(r *search) nn.State {
	for _, k := range slices.Backward(s.seq.kept) {
		if k.begin != nil && s.sameSource(r, k.search) {
			return k.begin
		}
	}
	return nil
}

// earlier is the kept search that goes as this one does for the most steps. What is computed after them is what would be computed anyway, bit for bit:
// the same states in the same order.
func (s *Service) earlier(r *search, o *beam.Options) (best again) {
	for _, k := range slices.Backward(s.seq.kept) {
		if !s.sameSource(r, k.search) {
			continue
		}
		for _, f := range k.traces {
			n := o.Agree(&f.opts, len(f.states)-1)
			for t := range n {
				if !s.sameStep(r, k.search, t) {
					n = t
					break
				}
			}
			if n > best.steps {
				best = again{f, n}
			}
		}
	}
	return best
}

// sameSource reports whether two searches have read the same, with the same changes.
func (s *Service) sameSource(a, b *search) bool {
	return slices.Equal(a.ids, b.ids) && reflect.DeepEqual(s.inSource(a), s.inSource(b))
}

// inSource are the changes of what is computed of the source, before the first step.
func (s *Service) inSource(r *search) (out []activation.Intervention) {
	for _, v := range r.hooks.Interventions {
		if !s.stepwise(v.Name) {
			out = append(out, v)
		}
	}
	return out
}

// stepwise reports whether an activation of a step hangs on that step and those before alone.
func (s *Service) stepwise(name string) bool {
	if a := s.act(name); a == nil || a.Source || strings.HasPrefix(name, "encoder.") {
		return false
	}
	return !strings.HasSuffix(name, "cross_attn.k") && !strings.HasSuffix(name, "cross_attn.v")
}

// sameStep reports whether two searches of the same source make the same changes at a step.
func (s *Service) sameStep(a, b *search, step int) bool {
	x, bound := s.atStep(a, step)
	y, too := s.atStep(b, step)
	return reflect.DeepEqual(x, y) && bound == too && (!bound || slices.Equal(a.prefix[:step], b.prefix[:step]))
}

// atStep are the changes at a step, and whether some are of hypotheses that begin with the prefix only.
func (s *Service) atStep(r *search, step int) (out []activation.Intervention, bound bool) {
	for _, v := range r.hooks.Interventions {
		if s.stepwise(v.Name) && v.At(step) {
			out = append(out, v)
		}
	}
	for _, v := range r.bound {
		if v.Pos == step {
			out, bound = append(out, v), true
		}
	}
	return out, bound
}

// forget drops the states of the older kept searches, where all take more than tracesMost: a state has about two numbers a unit, a layer and a token.
func (s *Service) forget() {
	each, sum := 8*max(s.info.Layers, 1)*max(s.info.Hidden, 1), 0
	for _, k := range slices.Backward(s.seq.kept) {
		for _, f := range k.traces {
			for _, states := range f.states {
				for _, state := range states {
					sum += each * state.Len()
				}
			}
		}
		if sum > tracesMost {
			k.traces = nil
		}
	}
}
