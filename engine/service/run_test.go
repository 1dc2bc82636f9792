package service

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
	"loupe/engine/tensor"
)

// softmax of a golden's logits at a position, in f64.
func softmax(logits *tensor.Tensor, pos int) []float64 {
	v := logits.Shape[1]
	p, sum := make([]float64, v), 0.0
	for i, z := range logits.Data[pos*v : (pos+1)*v] {
		p[i] = math.Exp(float64(z))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*max(1, math.Abs(want))) {
		t.Errorf("%s: %v, expected %v", what, got, want)
	}
}

// agree compares a run's numbers with those that the logits give.
func agree(t *testing.T, m *protocol.Model, r *protocol.RunResult, ids []int, logits *tensor.Tensor) {
	t.Helper()
	if !m.Logits {
		for i := range ids {
			if s := r.Surprisal[i]; s == s || r.Rank[i] != -1 || r.Next[i].ID != -1 {
				t.Errorf("position %d is said to be predicted", i)
			}
		}
		return
	}
	if !m.Here && (r.Surprisal[0] == r.Surprisal[0] || r.Rank[0] != -1) {
		t.Errorf("the first token has surprisal %v, rank %v", r.Surprisal[0], r.Rank[0])
	}
	for i := range ids {
		p := softmax(logits, i)
		var entropy float64
		for _, q := range p {
			entropy -= q * math.Log(q)
		}
		near(t, "entropy", float64(r.Entropy[i]), entropy, 1e-5)
		top := slices.Index(p, slices.Max(p))
		if r.Next[i].ID != top {
			t.Errorf("position %d: next %d, expected %d", i, r.Next[i].ID, top)
		}
		near(t, "its probability", float64(r.Next[i].P), p[top], 1e-5)
		if at := m.Of(i); at < len(ids) {
			id, rank := ids[at], 0
			for _, q := range p {
				if q > p[id] {
					rank++
				}
			}
			near(t, "surprisal", float64(r.Surprisal[at]), -math.Log(p[id]), 1e-5)
			if int(r.Rank[at]) != rank {
				t.Errorf("position %d: rank %v, expected %d", at, r.Rank[at], rank)
			}
		}
	}
}

func changes(run enginetest.Run) (out []protocol.Change) {
	for _, c := range run.Changes {
		out = append(out, protocol.Change{Name: c.Name, Pos: c.Pos, Index: c.Index, Op: string(c.Op), Value: c.Value})
	}
	return out
}

// TestRun compares runs, without changes and with, with PyTorch's logits; and each prediction before and after.
func TestRun(t *testing.T) {
	for _, name := range enginetest.Models {
		t.Run(name, func(t *testing.T) {
			g, x := enginetest.ReadGolden(t, name), opened(t, name)
			agree(t, &x.s.about, ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs}), g.IDs, g.Base.Acts["logits"])
			for _, run := range g.Changed {
				agree(t, &x.s.about, ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs, Changes: changes(run)}), g.IDs, run.Acts["logits"])
				if !x.s.about.Logits {
					continue
				}
				for pos := range g.IDs {
					p := ask[protocol.Prediction](x, protocol.OpPredict, protocol.Predict{Pos: pos, N: 5, Watch: []int{39, 1}, Sampling: protocol.Sampling{T: 1, P: 1}})
					after, before := softmax(run.Acts["logits"], pos), softmax(g.Base.Acts["logits"], pos)
					var kl float64
					for i := range after {
						kl += after[i] * math.Log(after[i]/before[i])
					}
					near(t, "KL", float64(p.KL), kl, 1e-4)
					for _, r := range append(p.Rows, p.Watched...) {
						near(t, "p", float64(r.P), after[r.ID], 1e-5)
						near(t, "q", float64(r.Sampled), after[r.ID], 1e-5)
						near(t, "before", float64(r.Before), before[r.ID], 1e-5)
					}
				}
			}
			// and back: as if nothing had been
			agree(t, &x.s.about, ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs}), g.IDs, g.Base.Acts["logits"])
		})
	}
}

// same compares two runs but for their number and time. What one token at a time gives may differ in the last bit.
func same(t *testing.T, what string, a, b *protocol.RunResult) {
	t.Helper()
	if a.Text != b.Text || !reflect.DeepEqual(a.Tokens, b.Tokens) || !slices.Equal(a.Rank, b.Rank) || !reflect.DeepEqual(a.Warnings, b.Warnings) || len(a.Surprisal) != len(b.Surprisal) {
		t.Errorf("%s: %+v, expected %+v", what, a, b)
		return
	}
	for i := range a.Tokens {
		if a.Surprisal[i] == a.Surprisal[i] || b.Surprisal[i] == b.Surprisal[i] {
			near(t, what+": surprisal", float64(a.Surprisal[i]), float64(b.Surprisal[i]), 1e-5)
		}
		if a.Entropy[i] != a.Entropy[i] && b.Entropy[i] != b.Entropy[i] {
			continue
		}
		near(t, what+": entropy", float64(a.Entropy[i]), float64(b.Entropy[i]), 1e-5)
	}
}

// TestEdit holds that a text that is edited in place, with changes or without, gives what it gives to a new session, and
// that what was run of its beginning is not run again.
func TestEdit(t *testing.T) {
	for _, name := range []string{"gpt2-untied", "lstm-proj", "gru", "bert", "bert-encoder"} {
		x := opened(t, name)
		c := count(x)
		cut := protocol.Change{Name: "embed", Pos: 5, Index: 2, Op: "add", Value: 1}
		all := protocol.Change{Name: "embed", Pos: -1, Index: 1, Op: "mean"}
		for _, step := range []struct {
			text    string
			changes []protocol.Change
			tokens  int // that it may cost
		}{
			{"the cat sat", nil, 11},
			{"the cat sat on", nil, 3},
			{"the cat sat on", nil, 0},
			{"the cat", nil, 0},
			{"the cow", nil, 2},
			{"the cow", []protocol.Change{cut}, 2}, // from the change on
			{"the cows", []protocol.Change{cut}, 2},
			{"the cows", nil, 0},
			{"the cows", []protocol.Change{cut, all}, 8},
			{"the cowards", []protocol.Change{cut, all}, 4 + 11},
			{"", nil, 0},
			{"x", nil, 1},
		} {
			c.tokens = 0
			if x.s.info.Full { // any other text is run whole, without changes and with
				step.tokens = 2 * len(step.text)
			}
			r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: step.text, Changes: step.changes})
			if c.tokens > step.tokens {
				t.Errorf("%s: %q ran %d tokens, expected at most %d", name, step.text, c.tokens, step.tokens)
			}
			same(t, name+": "+step.text, r, ask[protocol.RunResult](opened(t, name), protocol.OpRun, protocol.Run{Text: step.text, Changes: step.changes}))
		}
	}
}

// TestText holds what becomes of texts of every kind.
func TestText(t *testing.T) {
	x := opened(t, "lstm")
	r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{})
	if len(r.Tokens) != 0 || len(r.Surprisal) != 0 || len(r.Next) != 0 {
		t.Errorf("an empty text: %+v", r)
	}
	r = ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "aé中b😀<img onerror=x>e\u0301"})
	var got []string
	for _, k := range r.Tokens {
		got = append(got, k.Text)
		if r.Text[k.Start:k.End] != k.Text {
			t.Errorf("token %q stands for %q", k.Text, r.Text[k.Start:k.End])
		}
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "unknown-characters" || r.Warnings[0].N != 2 || len(got) != 6 || !strings.Contains(r.Warnings[0].What, "😀") {
		t.Errorf("%q: warnings %+v", got, r.Warnings)
	}
	r = ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: []int{19, 33, 34}})
	if r.Text != "q中<img onerror=x>" || len(r.Tokens) != 3 {
		t.Errorf("ids: %+v", r)
	}
	r = ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: strings.Repeat("to be or ", 11112)}) // 100,008 characters
	if len(r.Tokens) != MaxTokens || len(r.Warnings) != 1 || r.Warnings[0].Code != "text-cut" || r.Warnings[0].N != 100_008-MaxTokens {
		t.Errorf("%d tokens, warnings %+v", len(r.Tokens), r.Warnings)
	}
	y := opened(t, "gpt2-tied")
	r = ask[protocol.RunResult](y, protocol.OpRun, protocol.Run{IDs: make([]int, 100)})
	if len(r.Tokens) != 32 || len(r.Entropy) != 32 || r.Warnings[0].N != 68 {
		t.Errorf("%d tokens, warnings %+v", len(r.Tokens), r.Warnings)
	}
}

// TestCancel cancels a run at each place where it can be, and holds that the next one is right.
func TestCancel(t *testing.T) {
	for _, name := range []string{"gpt2-untied", "lstm-proj"} {
		want := ask[protocol.RunResult](opened(t, name), protocol.OpRun, protocol.Run{Text: "the cat sat on it"})
		for at := 1; ; at++ {
			x := opened(t, name)
			ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the"})
			ctx, cancel := context.WithCancel(context.Background())
			calls := 0
			x.yield = func() error {
				if calls++; calls == at {
					cancel()
				}
				return nil
			}
			a := x.send(ctx, protocol.OpRun, protocol.Run{Text: "the cat sat on it"})
			x.yield = nil
			if calls < at {
				if at < 3 {
					t.Errorf("%s: %d places to cancel", name, at)
				}
				break
			}
			if a.last.Kind != protocol.Cancelled {
				t.Fatalf("%s: cancelled at %d: %s %s", name, at, a.last.Kind, a.last.Body)
			}
			same(t, name, ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat sat on it"}), want)
		}
	}
	x := opened(t, "gru")
	x.yield = func() error { return errors.New("the page is gone") }
	if e := x.fails(protocol.OpRun, protocol.Run{Text: "abc"}); e.Code != "failed" {
		t.Error(e)
	}
}
