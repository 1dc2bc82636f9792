package service

import (
	"slices"
	"strings"
	"testing"

	"loupe/engine/protocol"
)

// TestKeras opens Keras's files, says how texts are filled up and what of weights alone was guessed, takes corrections, and
// answers a run with and without a change.
func TestKeras(t *testing.T) {
	guessed := func(m *protocol.Model) (list []string) {
		for _, g := range m.Guesses {
			list = append(list, g.Key+"="+g.Value+" "+g.Why)
		}
		return list
	}
	for name, want := range map[string][]string{
		"keras-lstm":    {"padding=0 default"},
		"keras-gru":     {"padding=8 shapes"},
		"keras-both":    {"padding=8 shapes"},
		"keras2-onehot": {"padding=6 shapes"},
		"keras-weights": {"activation=tanh default", "recurrent_activation=sigmoid default", "return_sequences=false default", "mask_zero=false default", "padding=0 default"},
	} {
		x := newSession(t)
		m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.folder(name)})
		if got := guessed(m); !slices.Equal(got, want) || len(m.Warnings) > 0 || !m.Logits || m.Format != "keras" {
			t.Errorf("%s: %v, %v, %s", name, got, m.Warnings, m.Format)
		}
		r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the.cat.sat"})
		change := []protocol.Change{{Name: "layers.0.hidden", Pos: 2, Index: 3, Op: "set", Value: 0.9}}
		c := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the.cat.sat", Changes: change})
		if len(r.Tokens) != 11 || slices.Equal(r.Surprisal[4:], c.Surprisal[4:]) || !slices.Equal(r.Surprisal[1:3], c.Surprisal[1:3]) {
			t.Errorf("%s: %v, changed %v", name, r.Surprisal, c.Surprisal)
		}
		fixed := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.folder(name), Config: map[string]any{"padding": 5}})
		p := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the.cat.sat"})
		if slices.ContainsFunc(fixed.Guesses, func(g protocol.Guess) bool { return g.Key == "padding" }) || slices.Equal(r.Surprisal[4:], p.Surprisal[4:]) {
			t.Errorf("%s: padding was corrected, and %v, %v", name, fixed.Guesses, p.Surprisal)
		}
	}
	x := newSession(t)
	if e := x.fails(protocol.OpOpen, protocol.Open{Files: x.folder("keras-lstm"), Config: map[string]any{"padding": -1}}); e.Code != "bad-config" || e.Where != "padding" {
		t.Errorf("%+v", e)
	}
	if e := x.fails(protocol.OpOpen, protocol.Open{Files: x.folder("keras-weights"), Config: map[string]any{"recurrent_activation": "cosine"}}); e.Code != "unsupported" || !strings.Contains(e.Where, "lstm") {
		t.Errorf("%+v", e)
	}
	x = opened(t, "keras-both") // 0 fills up, and is masked
	if e := x.fails(protocol.OpRun, protocol.Run{IDs: []int{3, 0, 4}}); e.Code != "bad-token" || e.Where != "ids[1]" {
		t.Errorf("%+v", e)
	}
}
