package service

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// summary says how well the model expects the text, how its gates are used over it (Karpathy, Johnson and Fei-Fei 2015, "Visualizing and
// Understanding Recurrent Networks", section 4.2: a gate is shut below 0.1, open above 0.9), and how far back it remembers.
func (s *Service) summary(j *desk.Job, b protocol.Summary) (*protocol.SummaryResult, error) {
	if err := s.position(0); err != nil {
		return nil, err
	}
	if b.Most > 0 && s.seq != nil {
		return nil, desk.BadRequest("most", "0 of an encoder-decoder, which reads nothing without its source", b.Most)
	}
	names := s.gates()
	if err := s.record(j, names...); err != nil {
		return nil, err
	}
	r := &protocol.SummaryResult{Bits: meanBits(s.now.surprisal)}
	for _, name := range names {
		if use, ok := gateUse(name, s.now.hooks.Recorder.Get(name)); ok {
			r.Gates = append(r.Gates, use)
		}
		if err := j.Yield(); err != nil {
			return nil, err
		}
	}
	if b.Most < 1 || !s.info.Logits || len(s.now.ids) < 2 {
		return r, nil
	}
	var err error
	r.Memory, err = s.meanShort(j, b.Most)
	return r, err
}

// gates are the activations that say how much passes: not the candidates of cells, which are gates only by name.
func (s *Service) gates() (names []string) {
	for _, a := range s.about.Acts {
		if strings.HasSuffix(a.Name, "_gate") && !strings.HasSuffix(a.Name, ".cell_gate") && !strings.HasSuffix(a.Name, ".new_gate") {
			names = append(names, a.Name)
		}
	}
	return names
}

// meanBits is the mean of the numbers among surprisals in nats, in bits; 0 if there is none.
func meanBits(nats []float32) float64 {
	var sum, n float64
	for _, v := range nats {
		if v-v == 0 {
			sum, n = sum+float64(v), n+1
		}
	}
	return sum / max(n, 1) / math.Ln2
}

// gateUse counts where a gate [pos, units] is shut and open; false if it goes beyond 0 to 1, for then these words mean nothing.
func gateUse(name string, x *activation.Series) (use protocol.GateUse, ok bool) {
	units := x.Inner[0]
	use = protocol.GateUse{Name: name, Units: make([]float64, 2*units)}
	for i, v := range x.Data {
		switch {
		case !(v >= 0 && v <= 1):
			return use, false
		case v < .1:
			use.Units[i%units*2]++
		case v > .9:
			use.Units[i%units*2+1]++
		}
	}
	for u := range units {
		use.Units[2*u] /= float64(x.N)
		use.Units[2*u+1] /= float64(x.N)
		use.Low += use.Units[2*u] / float64(units)
		use.High += use.Units[2*u+1] / float64(units)
	}
	return use, true
}

// summaryStarts is from how many places on the memory is measured.
const summaryStarts = 8

// meanShort is, for each number of tokens up to most, the KL of predictions that are made from so many from those that are, a mean over
// positions: from each start the model reads from an empty state, and its d-th prediction is one made from d+1 tokens.
func (s *Service) meanShort(j *desk.Job, most int) ([]float32, error) {
	n := min(most, memoryMost, len(s.now.ids)/2) // so that there is something to be left out
	starts := evenly(len(s.now.ids) - n)
	mean := make([]float32, n)
	for i, from := range starts {
		hooks := s.changesFrom(from)
		var bad error
		err := s.model.Forward(s.model.NewState(), nn.Input{IDs: s.now.ids[from:s.upTo(from+n-1)], Hooks: &hooks, Yield: j.Yield, Logits: func(d int, z []float32) {
			if d >= n || bad != nil {
				return
			}
			var is *reading
			if is, bad = s.expected(from + d); bad == nil {
				mean[d] += float32(analysis.KL(z, is.logits, analysis.Describe(z), is.Distribution)) / float32(len(starts))
			}
		}})
		if err = cmp.Or(err, bad); err != nil {
			return nil, err
		}
		j.Progress("memory", float64(i+1), float64(len(starts)), "")
	}
	return mean, nil
}

// evenly are up to summaryStarts numbers from 1 to last, as far apart as can be: before the first token nothing is left out.
func evenly(last int) (at []int) {
	for i := range summaryStarts {
		at = append(at, 1+(last-1)*i/(summaryStarts-1))
	}
	return slices.Compact(at)
}
