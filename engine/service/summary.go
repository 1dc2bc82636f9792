package service

import (
	"math"
	"slices"
	"strings"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// summary says how well the model expects the text, how its gates are used over it (Karpathy, Johnson and Fei-Fei 2015, "Visualizing and
// Understanding Recurrent Networks", section 4.2: a gate is shut below 0.1, open above 0.9), and how far back it remembers.
func (s *Service) summary(j *desk.Job, b protocol.Summary) (*protocol.SummaryResult, error) {
	if err := s.position(0); err != nil {
		return nil, err
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
	if b.Most < 1 || !s.info.Logits {
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

// summaryPlaces is of how many positions the memory is the mean.
const summaryPlaces = 8

// meanShort is the mean of Short over positions that all have as many tokens up to them.
func (s *Service) meanShort(j *desk.Job, most int) ([]float32, error) {
	places := evenly(len(s.now.ids), most)
	n := min(most, memoryMost, len(s.now.ids))
	sum := make([]float64, n)
	for i, pos := range places {
		is, err := s.expected(pos)
		if err != nil {
			return nil, err
		}
		for d := range n {
			kl, err := s.short(j, pos, d, is)
			if err != nil {
				return nil, err
			}
			sum[d] += float64(kl) / float64(len(places))
			j.Progress("memory", float64(i*n+d+1), float64(len(places)*n), "")
		}
	}
	out := make([]float32, n)
	for d := range n {
		out[d] = float32(sum[d])
	}
	return out, nil
}

// evenly are up to summaryPlaces positions of n tokens, as far apart as can be, the last of all the last: each has most tokens up to
// it, or all that there are.
func evenly(n, most int) (at []int) {
	first, last := min(most, memoryMost, n)-1, n-1
	for i := range summaryPlaces {
		at = append(at, first+(last-first)*i/(summaryPlaces-1))
	}
	return slices.Compact(at)
}
