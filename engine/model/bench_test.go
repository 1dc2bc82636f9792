package model_test

import (
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/nn"
)

// BenchmarkRun runs 64 tokens, recording nothing, or everything that a run records unasked.
func BenchmarkRun(b *testing.B) {
	for _, name := range []string{"mini-gpt", "char-lstm", "char-gru"} {
		m := enginetest.Open(b, name)
		acts := m.Info().Acts
		globs := []string{}
		for _, a := range acts {
			if a.Name != "logits" && !activation.Match("*.attn.result", a.Name) {
				globs = append(globs, a.Name)
			}
		}
		ids := make([]int, 64)
		for i := range ids {
			ids[i] = i * 7 % m.Info().Vocab
		}
		for _, g := range []struct {
			name  string
			globs []string
		}{{"nothing", nil}, {"everything", globs}} {
			b.Run(name+"/"+g.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					h := &activation.Hooks{Recorder: activation.NewRecorder(g.globs...)}
					if err := m.Forward(m.NewState(), nn.Input{IDs: ids, Hooks: h}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(name+"/step", func(b *testing.B) {
			b.ReportAllocs()
			s := m.NewState()
			if err := m.Forward(s, nn.Input{IDs: ids}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				s.Truncate(63)
				if err := m.Forward(s, nn.Input{IDs: ids[:1], Logits: func(int, []float32) {}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
