package service

import (
	"testing"

	"loupe/engine/protocol"
)

// BenchmarkTranslate is a source of 10 letters, or 4 words, with a beam of 5, whole; and with a change of its last step but one, where the rest is kept.
func BenchmarkTranslate(b *testing.B) {
	for name, text := range map[string]string{"g2p-lstm": "phonograph", "g2p-transformer": "phonograph", "dates-lstm": "5 march 2021"} {
		x := opened(b, name)
		first := translate(x, plain(text))
		kept := x.s.seq.kept
		edited := plain(text, protocol.Change{Name: x.s.seq.Cross[0], Pos: len(first.Live) - 2, Index: 0, Op: "uniform"})
		for what, q := range map[string]protocol.Translate{"whole": plain(text), "edit": edited} {
			b.Run(name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					x.s.seq.kept = nil
					if what == "edit" {
						x.s.seq.kept = kept[:1:1]
					}
					translate(x, q)
				}
			})
		}
	}
}
