package model_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/enginetest"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// translators are the built-in encoder-decoders, and what their sources end with.
var translators = map[string][]int{"g2p-lstm": nil, "dates-lstm": nil, "g2p-transformer": {3}}

// TestTranslators holds that every activation of the built-in encoder-decoders is the reference's, and that Step is Forward.
func TestTranslators(t *testing.T) {
	for name, end := range translators {
		t.Run(name, func(t *testing.T) {
			m, s := enginetest.Translator(t, name)
			for _, w := range enginetest.Translations(t, name) {
				rec := activation.NewRecorder("*")
				hooks := &activation.Hooks{Recorder: rec}
				state, err := s.Encode(nn.Input{IDs: slices.Concat(w.SourceIDs, end), Hooks: hooks})
				if err != nil {
					t.Fatal(err)
				}
				begin := state.Clone()
				var logp []float64
				steps := [][]float32{}
				next := slices.Concat(w.TargetIDs[1:], s.Seq().Ends)
				err = m.Forward(state, nn.Input{IDs: w.TargetIDs, Hooks: hooks, Logits: func(pos int, z []float32) {
					logp = append(logp, -analysis.Describe(z).Surprisal(z, next[pos]))
					steps = append(steps, slices.Clone(z))
				}})
				if err != nil {
					t.Fatal(err)
				}
				for i, p := range logp {
					if math.Abs(p-w.LogP[i]) > 2e-5*math.Max(1, -w.LogP[i]) { // float32 sums of a vocabulary
						t.Errorf("%v: step %d: log p %g, not %g", w.Source, i, p, w.LogP[i])
					}
				}
				want := map[string]*tensor.Tensor{}
				for act, x := range w.Acts {
					if strings.HasSuffix(act, "_start") { // the decoder's state before the first step, which nothing reads
						continue
					}
					if act == "decoder.attn.attn_scores" || act == "decoder.attn.pattern" { // of the only head
						x = &tensor.Tensor{Shape: append([]int{1}, x.Shape...), Data: x.Data}
					}
					if strings.HasSuffix(act, ".attn.attn_scores") { // the reference has -Inf where a query does not look, the recorder 0
						for i, v := range x.Data {
							if math.IsInf(float64(v), -1) {
								x.Data[i] = 0
							}
						}
					}
					want[act] = x
				}
				if len(want) > 0 {
					t.Log(w.Source, enginetest.Same(t, rec, want, 1e-5))
				}
				sameSteps(t, s, begin, w.TargetIDs, steps)
			}
		})
	}
}

// sameSteps takes the steps of a target one by one, twice side by side.
func sameSteps(t *testing.T, s nn.Seq2Seq, begin nn.State, ids []int, want [][]float32) {
	t.Helper()
	states := []nn.State{begin, begin.Clone()}
	for i, id := range ids {
		err := s.Step(states, nn.Input{IDs: []int{id, id}, Logits: func(k int, z []float32) {
			if e := enginetest.RelErr(z, want[i]); e > 1e-5 {
				t.Errorf("step %d, state %d: logits differ by %g from Forward's", i, k, e)
			}
		}}, func(k int, a []float32) {
			var sum float64
			for _, v := range a {
				sum += float64(v)
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("attention sums to %g", sum)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
