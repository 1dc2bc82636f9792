package lstmvis_test

import (
	"testing"

	"loupe/engine/activation"
	"loupe/engine/nn"
)

// BenchmarkForward is how many tokens a second are handed on, of both sources, from contiguous float32 and from gzipped chunks of float16.
func BenchmarkForward(b *testing.B) {
	for _, name := range []string{"parens", "chunked"} {
		b.Run(name, func(b *testing.B) {
			m, r := open(b, name)
			ids := ints(r.Words())
			for b.Loop() {
				in := nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: activation.NewRecorder("*")}}
				if err := m.Forward(m.NewState(), in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(ids)*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
