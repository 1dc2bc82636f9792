package model_test

import (
	"testing"
	"time"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
)

// BenchmarkRecord runs 64 tokens, recording nothing and recording everything that a run records unasked, in turn, and gives the
// ratio of the shortest times: at most 1.25 is the aim.
func BenchmarkRecord(b *testing.B) {
	for _, name := range []string{"mini-gpt", "char-lstm", "char-gru"} {
		b.Run(name, func(b *testing.B) {
			m := enginetest.Open(b, name)
			all := recorded(m.Info())
			nothing, everything := time.Hour, time.Hour
			for b.Loop() {
				nothing = min(nothing, timed(b, m, nil))
				everything = min(everything, timed(b, m, all))
			}
			b.ReportMetric(float64(everything)/float64(nothing), "everything/nothing")
			b.ReportMetric(float64(nothing.Microseconds())/1000, "ms/64-tokens")
		})
	}
}

// timed is how long 64 tokens take. The logits of all of them are computed, as the service asks for.
func timed(b *testing.B, m model.Model, globs []string) time.Duration {
	ids := make([]int, 64)
	for i := range ids {
		ids[i] = i * 7 % m.Info().Vocab
	}
	state := m.NewState()
	start := time.Now()
	in := nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: activation.NewRecorder(globs...)}, Logits: func(int, []float32) {}}
	if err := m.Forward(state, in); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// BenchmarkStep is one token more, after 63.
func BenchmarkStep(b *testing.B) {
	for _, name := range []string{"mini-gpt", "char-lstm", "char-gru"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			m := enginetest.Open(b, name)
			s, ids := m.NewState(), make([]int, 63)
			for b.Loop() {
				if err := m.Forward(s, nn.Input{IDs: ids, Logits: func(int, []float32) {}, LogitsFrom: 63}); err != nil {
					b.Fatal(err)
				}
				s.Truncate(63)
				ids = ids[:1]
			}
		})
	}
}
