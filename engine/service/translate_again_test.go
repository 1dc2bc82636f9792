package service

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// TestEditsGoOn holds that a translation that goes on from the middle of another is, bit for bit, the one that is made from the beginning, and that a late edit
// takes the steps before it from there.
func TestEditsGoOn(t *testing.T) {
	for _, name := range []string{"g2p-lstm", "dates-lstm", "g2p-transformer"} {
		t.Run(name, func(t *testing.T) {
			x := opened(t, name)
			r := rand.New(rand.NewPCG(3, 4))
			cross := x.s.seq.Cross[len(x.s.seq.Cross)-1]
			shared := 0
			for _, w := range enginetest.Translations(t, name) {
				text := asText(name, w)
				first := translate(x, plain(text))
				ids := idsOfHyp(first, 0)
				for n := range 4 {
					step := r.IntN(len(ids))
					changes := []protocol.Change{{Name: cross, Pos: step, Index: 0, Op: "onehot", Value: float32(r.IntN(len(first.Source)))}}
					switch n % 4 {
					case 1:
						changes = append(changes, prefixOf(append(slices.Clone(ids[:step]), ids[step])))
					case 2:
						changes = []protocol.Change{prefixOf(append(slices.Clone(ids[:step]), 4+r.IntN(30))), {Name: cross, Pos: step + 1, Index: 0, Op: "uniform"}}
					case 3:
						changes = append(changes, protocol.Change{Name: "encoder.output", Pos: 0, Index: r.IntN(20), Op: "scale", Value: -1})
					}
					q := plain(text, changes...)
					if n%2 == 0 {
						q.Decode.Length, q.Decode.Coverage = 1, .2
						q.Decode.Most, q.Decode.Min, q.Decode.NoRepeat, q.Decode.Early = 24, 6, 2, []string{"first", "never"}[n/2]
						translate(x, protocol.Translate{Text: text, Decode: q.Decode, Top: q.Top})
					}
					got := translate(x, q)
					kept := x.s.seq.kept
					last, before := kept[len(kept)-1], kept[len(kept)-2]
					if a, b := last.traces[0].states[0], before.traces[0].states[0]; n%4 == 0 && step > 0 {
						if &a[0] != &b[0] {
							t.Errorf("an edit at step %d takes no step from the search before", step)
						}
						shared++
					}
					x.s.seq.kept = nil
					sameTranslation(t, fmt.Sprint(text, changes), translate(x, q), got)
					x.s.seq.kept = kept
				}
			}
			if shared < 2 {
				t.Errorf("%d edits were late", shared)
			}
		})
	}
}

// TestBeamOfTransformers compares the search with transformers' own generate, without a length penalty and with one.
func TestBeamOfTransformers(t *testing.T) {
	x := opened(t, "g2p-transformer")
	for _, w := range enginetest.Translations(t, "g2p-transformer") {
		for length, want := range [][]enginetest.Scored{w.Plain, w.ByMean} {
			q := plain(asText("g2p-transformer", w))
			q.Decode.Length = float64(length)
			got := translate(x, q)
			checkTree(t, got)
			if len(want) == 0 || len(got.Hyps) != len(want) {
				t.Fatalf("%v: %d targets, not %d", w.Source, len(got.Hyps), len(want))
			}
			for i, h := range want {
				if math.Abs(got.Hyps[i].Score-h.Score) > 1e-4*math.Max(1, -h.Score) || !slices.Equal(wordsOf(got, i)[:len(h.Words)], h.Words) {
					t.Errorf("%v, length %d: target %d is %v %g, not %v", w.Source, length, i, wordsOf(got, i), got.Hyps[i].Score, h)
				}
			}
		}
	}
}
