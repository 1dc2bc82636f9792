package service

import (
	"context"
	"fmt"
	"math"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// logitsOf runs ids from an empty state, and gives the logits at a position.
func logitsOf(t *testing.T, x *session, ids []int, pos int, changes ...activation.Intervention) (z []float64) {
	t.Helper()
	err := x.s.model.Forward(x.s.model.NewState(), nn.Input{IDs: ids, Hooks: &activation.Hooks{Interventions: changes}, Logits: func(at int, logits []float32) {
		for _, v := range logits {
			if at == pos {
				z = append(z, float64(v))
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// divergence is sum p log(p/q) of softmax(a) and softmax(b).
func divergence(a, b []float64) (kl float64) {
	var za, zb float64
	for i := range a {
		za, zb = za+math.Exp(a[i]), zb+math.Exp(b[i])
	}
	for i := range a {
		p, q := math.Exp(a[i])/za, math.Exp(b[i])/zb
		kl += p * math.Log(p/q)
	}
	return kl
}

// TestMemoryOfTokens compares with what is meant, step by step: each run from its beginning, with and without changes.
func TestMemoryOfTokens(t *testing.T) {
	for _, name := range []string{"gpt2-tied", "gemma2", "bert", "rnn-tanh", "lstm-proj", "gru", "keras-lstm", "keras-both", "pt-onehot"} {
		x, g := opened(t, name), enginetest.ReadGolden(t, name)
		embed := g.Base.Acts["embed"]
		d := embed.Shape[1]
		mean := make([]float32, d)
		for u := range d {
			var sum float64
			for p := range g.IDs {
				sum += float64(embed.Data[p*d+u])
			}
			mean[u] = float32(sum / float64(len(g.IDs)))
		}
		change := protocol.Change{Name: "embed", Pos: 2, To: 4, Index: 1, Op: "add", Value: .5}
		for _, changes := range [][]protocol.Change{nil, {change}} {
			ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs, Changes: changes})
			for _, pos := range []int{0, 4, len(g.IDs) - 1} {
				r := ask[protocol.MemoryResult](x, protocol.OpMemory, protocol.Memory{Pos: pos, Most: 5})
				if want := min(5, pos+1); len(r.Occluded) != want || len(r.Short) != want {
					t.Fatalf("%s: %d and %d distances from %d", name, len(r.Occluded), len(r.Short), pos)
				}
				end := pos + 1
				if x.s.info.Full {
					end = len(g.IDs)
				}
				var made []activation.Intervention
				for p := change.Pos; p < change.To && changes != nil; p++ {
					made = append(made, activation.Intervention{Name: "embed", Pos: p, Index: 1, Op: activation.Add, Value: .5})
				}
				is := logitsOf(t, x, g.IDs[:end], pos, made...)
				for back := range r.Occluded {
					hide := activation.Intervention{Name: "embed", Pos: pos - back, Index: activation.All, Op: activation.Mean, Mean: mean}
					want := divergence(logitsOf(t, x, g.IDs[:end], pos, append(append([]activation.Intervention(nil), made...), hide)...), is)
					near(t, fmt.Sprintf("%s: %d without %d", name, pos, back), float64(r.Occluded[back]), want, 1e-4)
					var shifted []activation.Intervention
					for _, v := range made {
						if v.Pos -= pos - back; v.Pos >= 0 {
							shifted = append(shifted, v)
						}
					}
					want = divergence(logitsOf(t, x, g.IDs[pos-back:end], back, shifted...), is)
					near(t, fmt.Sprintf("%s: %d from %d before", name, pos, back), float64(r.Short[back]), want, 1e-4)
				}
				if pos == 4 && !(r.Short[4] < 1e-6) { // all of the text: nothing is missing
					t.Errorf("%s: all of the text diverges by %v", name, r.Short[4])
				}
			}
		}
	}
}

// TestMemoryEnds holds what is refused, and that a cancel leaves the run as it was.
func TestMemoryEnds(t *testing.T) {
	x := opened(t, "gru")
	if e := x.fails(protocol.OpMemory, protocol.Memory{Most: 3}); e.Code != "no-text" {
		t.Error(e)
	}
	run := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat sat on it"})
	if e := x.fails(protocol.OpMemory, protocol.Memory{Pos: 99}); e.Code != "bad-request" {
		t.Error(e)
	}
	if e := opened(t, "bert-encoder").fails(protocol.OpMemory, protocol.Memory{}); e.Code != "bad-request" {
		t.Error(e)
	}
	want := ask[protocol.MemoryResult](x, protocol.OpMemory, protocol.Memory{Pos: 9, Most: 9})
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	x.yield = func() error {
		if calls++; calls == 20 {
			cancel()
		}
		return nil
	}
	if a := x.send(ctx, protocol.OpMemory, protocol.Memory{Pos: 9, Most: 9}); a.last.Kind != protocol.Cancelled {
		t.Errorf("%s %s", a.last.Kind, a.last.Body)
	}
	x.yield = nil
	same(t, "after a cancel", ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat sat on it"}), run)
	got := ask[protocol.MemoryResult](x, protocol.OpMemory, protocol.Memory{Pos: 9, Most: 9})
	for i := range want.Short {
		if got.Short[i] != want.Short[i] || got.Occluded[i] != want.Occluded[i] {
			t.Errorf("distance %d: %v, %v, before the cancel %v, %v", i, got.Short[i], got.Occluded[i], want.Short[i], want.Occluded[i])
		}
	}
}

// TestSummary compares with loops over the golden activations.
func TestSummary(t *testing.T) {
	for name, gates := range map[string][]string{
		"lstm":       {"input_gate", "forget_gate", "output_gate"},
		"gru":        {"reset_gate", "update_gate"},
		"keras-lstm": {"input_gate", "forget_gate", "output_gate"},
		"rnn-tanh":   nil, "gpt2-tied": nil, "bert": nil,
	} {
		x, g := opened(t, name), enginetest.ReadGolden(t, name)
		run := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs})
		r := ask[protocol.SummaryResult](x, protocol.OpSummary, protocol.Summary{Most: 4})
		var bits, n float64
		for _, v := range run.Surprisal {
			if v == v {
				bits, n = bits+float64(v)/math.Ln2, n+1
			}
		}
		near(t, name+": bits", r.Bits, bits/n, 1e-6)
		i := 0
		for l := range x.s.info.Layers {
			for _, gate := range gates {
				act := fmt.Sprintf("layers.%d.%s", l, gate)
				a := g.Base.Acts[act]
				if i >= len(r.Gates) || r.Gates[i].Name != act {
					t.Fatalf("%s: gate %d of %+v is not %s", name, i, r.Gates, act)
				}
				use, units := r.Gates[i], a.Shape[1]
				i++
				var low, high float64
				for u := range units {
					var shut, open float64
					for p := range g.IDs {
						switch v := a.Data[p*units+u]; {
						case v < .1:
							shut++
						case v > .9:
							open++
						}
					}
					near(t, act, use.Units[2*u], shut/float64(len(g.IDs)), 1e-9)
					near(t, act, use.Units[2*u+1], open/float64(len(g.IDs)), 1e-9)
					low, high = low+shut, high+open
				}
				near(t, act, use.Low, low/float64(len(a.Data)), 1e-9)
				near(t, act, use.High, high/float64(len(a.Data)), 1e-9)
			}
		}
		if i != len(r.Gates) || len(r.Memory) != 4 {
			t.Errorf("%s: %d gates, %d distances", name, len(r.Gates), len(r.Memory))
		}
		starts := evenly(len(g.IDs) - 4)
		if starts[0] != 1 || starts[len(starts)-1] != len(g.IDs)-4 {
			t.Errorf("from %v", starts)
		}
		for d := range 4 {
			var mean float64
			for _, from := range starts {
				mean += float64(ask[protocol.MemoryResult](x, protocol.OpMemory, protocol.Memory{Pos: from + d, Most: d + 1}).Short[d]) / float64(len(starts))
			}
			near(t, fmt.Sprintf("%s: memory of %d", name, d+1), float64(r.Memory[d]), mean, 1e-5)
		}
	}
	x := opened(t, "lstm")
	if e := x.fails(protocol.OpSummary, protocol.Summary{}); e.Code != "no-text" {
		t.Error(e)
	}
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "t"})
	if r := ask[protocol.SummaryResult](x, protocol.OpSummary, protocol.Summary{Most: 99}); len(r.Memory) != 0 || r.Bits != 0 || len(r.Gates) == 0 {
		t.Errorf("one token: %+v", r)
	}
	if r := ask[protocol.SummaryResult](x, protocol.OpSummary, protocol.Summary{}); len(r.Memory) != 0 {
		t.Errorf("no memory was asked for: %v", r.Memory)
	}
}

// BenchmarkMemory looks 32 tokens back from token 200 of a text, and BenchmarkSummary adds up a model's gates and memory over it.
func BenchmarkMemory(b *testing.B) {
	x := longText(b)
	for range b.N {
		ask[protocol.MemoryResult](x, protocol.OpMemory, protocol.Memory{Pos: 200, Most: 32})
	}
}

func BenchmarkSummary(b *testing.B) {
	x := longText(b)
	for range b.N {
		ask[protocol.SummaryResult](x, protocol.OpSummary, protocol.Summary{Most: 64})
	}
}

// BenchmarkUnit lists what feeds a cell of the first layer, by token, and BenchmarkClamp holds a unit from the middle of the text on.
func BenchmarkUnit(b *testing.B) {
	x := longText(b)
	for range b.N {
		ask[protocol.UnitResult](x, protocol.OpUnit, protocol.Unit{Name: "layers.0.cell", Unit: 58, N: 20})
	}
}

func BenchmarkClamp(b *testing.B) {
	x := longText(b)
	run := protocol.Run{IDs: x.s.base.ids}
	for i := range b.N {
		run.Changes = []protocol.Change{{Name: "layers.0.cell", Pos: 100, To: 1000, Index: 58, Op: "set", Value: float32(i)}}
		ask[protocol.RunResult](x, protocol.OpRun, run)
	}
}

// longText is the Shakespeare LSTM with 300 letters.
func longText(b *testing.B) *session {
	x := opened(b, "char-lstm")
	ids := make([]int, 300)
	for i := range ids {
		ids[i] = i * i % 60
	}
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: ids})
	b.ResetTimer()
	return x
}
