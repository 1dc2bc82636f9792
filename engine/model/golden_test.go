package model_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/sample"
	"loupe/engine/tensor"
)

// tolerance is the largest relative error of an activation in f32 against PyTorch in f64.
const tolerance = 1e-5

// forEach runs a test on every model that has a golden.
func forEach(t *testing.T, f func(t *testing.T, m model.Model, g *enginetest.Golden)) {
	for _, name := range enginetest.Models {
		t.Run(name, func(t *testing.T) { f(t, enginetest.Open(t, name), enginetest.ReadGolden(t, name)) })
	}
}

// forward runs ids after what state has seen and fails the test on an error.
func forward(t *testing.T, m model.Model, state nn.State, in nn.Input) {
	t.Helper()
	if err := m.Forward(state, in); err != nil {
		t.Fatal(err)
	}
}

// record runs ids from the beginning, recording everything.
func record(t *testing.T, m model.Model, ids []int, changes ...activation.Intervention) (*activation.Recorder, nn.State) {
	t.Helper()
	rec, state := activation.NewRecorder("*"), m.NewState()
	forward(t, m, state, nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: rec, Interventions: changes}})
	return rec, state
}

// last is the name of what a model computes last: "logits", or of a model without a head its last layer's output.
func last(m model.Model) string {
	acts := m.Info().Acts
	return acts[len(acts)-1].Name
}

// TestActivations compares every activation with PyTorch's, and that Info lists exactly those, in those shapes.
func TestActivations(t *testing.T) {
	forEach(t, func(t *testing.T, m model.Model, g *enginetest.Golden) {
		rec, _ := record(t, m, g.IDs)
		var listed []string
		for _, a := range m.Info().Acts {
			listed = append(listed, a.Name)
			s := rec.Get(a.Name)
			if s == nil {
				t.Fatalf("%s is listed and not recorded", a.Name)
			}
			if !slices.Equal(s.Inner, a.Inner) || s.Heads != a.Heads || a.Full != (s.Keys > 0) {
				t.Errorf("%s is listed as %v, recorded as %v", a.Name, a.Inner, s.Inner)
			}
		}
		want := slices.Sorted(maps.Keys(g.Base.Acts))
		if i := m.Info(); i.Logits != (last(m) == "logits") || i.Full && (i.Context == 0 || !i.Here) {
			t.Errorf("%s says of itself %v", i.Family, i)
		}
		if slices.Sort(listed); !slices.Equal(listed, want) {
			t.Errorf("listed %v, PyTorch has %v", listed, want)
		}
		if !slices.Equal(rec.Names(), want) {
			t.Errorf("recorded %v", rec.Names())
		}
		t.Logf("largest relative error %.2g", enginetest.Same(t, rec, g.Base.Acts, tolerance))
	})
}

// TestInterventions compares runs with changes, that flow on to later layers and positions, with PyTorch's.
func TestInterventions(t *testing.T) {
	forEach(t, func(t *testing.T, m model.Model, g *enginetest.Golden) {
		base, _ := record(t, m, g.IDs)
		for _, run := range g.Changed {
			rec, _ := record(t, m, g.IDs, run.Changes...)
			enginetest.Same(t, rec, run.Acts, tolerance)
			if slices.Equal(rec.Get(last(m)).Data, base.Get(last(m)).Data) {
				t.Errorf("%v changes nothing", run.Changes)
			}
		}
	})
}

// TestOutputEmbedding holds that a logit is the dot product of the token's output embedding and the hidden state, plus the bias.
func TestOutputEmbedding(t *testing.T) {
	forEach(t, func(t *testing.T, m model.Model, _ *enginetest.Golden) {
		info := m.Info()
		if !info.Logits {
			return
		}
		r := rand.New(rand.NewPCG(1, 2))
		h := make([]float32, info.Acts[len(info.Acts)-2].Inner[0])
		for i := range h {
			h[i] = float32(r.NormFloat64())
			if info.Family == "Gemma 2" { // where logits are capped softly, only small ones are the product
				h[i] /= 1000
			}
		}
		want, got, row := make([]float32, info.Vocab), make([]float32, info.Vocab), make([]float32, len(h))
		m.Unembed(want, h)
		for id := range got {
			m.OutputEmbedding(row, id)
			sum := 0.0
			for i, x := range row {
				sum += float64(x) * float64(h[i])
			}
			if bias := m.Bias(); bias != nil {
				sum += float64(bias[id])
			}
			got[id] = float32(sum)
		}
		if e := enginetest.RelErr(want, got); !(e <= tolerance) {
			t.Errorf("relative error %.2g", e)
		}
	})
}

// TestSteps holds that token by token, in pieces, and after going back, is the same as all at once; and that a clone is.
func TestSteps(t *testing.T) {
	forEach(t, func(t *testing.T, m model.Model, g *enginetest.Golden) {
		if m.Info().Full {
			again(t, m, g)
			return
		}
		for _, pieces := range [][]int{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {3, 1, 5, 2}, {10, 1}} {
			rec, state := activation.NewRecorder("*"), m.NewState()
			at := 0
			for i, n := range pieces {
				if i == 2 { // a wrong turn on the way, and back
					forward(t, m, state, nn.Input{IDs: []int{1, 2}, Hooks: &activation.Hooks{Recorder: rec}})
					if k := state.Truncate(at); k != at {
						t.Fatalf("truncated to %d, expected %d", k, at)
					}
					other := state.Clone()
					forward(t, m, other, nn.Input{IDs: []int{5, 6, 7}}) // must not touch state
				}
				forward(t, m, state, nn.Input{IDs: g.IDs[at : at+n], Hooks: &activation.Hooks{Recorder: rec}})
				at += n
			}
			if state.Len() != len(g.IDs) {
				t.Errorf("the state has seen %d tokens", state.Len())
			}
			enginetest.Same(t, rec, g.Base.Acts, tolerance)
		}
		_, state := record(t, m, g.IDs[:6])
		rec := activation.NewRecorder("*")
		forward(t, m, m.NewState(), nn.Input{IDs: g.IDs[:6], Hooks: &activation.Hooks{Recorder: rec}})
		forward(t, m, state.Clone(), nn.Input{IDs: g.IDs[6:], Hooks: &activation.Hooks{Recorder: rec}})
		enginetest.Same(t, rec, g.Base.Acts, tolerance)
	})
}

// again holds that a model that sees all tokens at once goes back to the beginning only, and then reads another text.
func again(t *testing.T, m model.Model, g *enginetest.Golden) {
	rec, state := activation.NewRecorder("*"), m.NewState()
	for _, ids := range [][]int{{1, 2, 3}, g.IDs} {
		if k := state.Truncate(state.Len()); k != state.Len() {
			t.Errorf("nothing was to be dropped, and %d tokens are left", k)
		}
		if k := state.Truncate(state.Len() - 1); k != 0 || state.Len() != 0 {
			t.Errorf("truncated to %d", k)
		}
		forward(t, m, state, nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: rec}})
		if state.Len() != len(ids) {
			t.Errorf("the state has seen %d tokens", state.Len())
		}
	}
	enginetest.Same(t, rec, g.Base.Acts, tolerance)
}

// TestFromLayer holds that running from a layer up with what lay below it gives what the whole run gave, also for the last
// positions only (where those do not change the others), with changes, and that the state stays usable.
func TestFromLayer(t *testing.T) {
	forEach(t, func(t *testing.T, m model.Model, g *enginetest.Golden) {
		info := m.Info()
		below := func(rec *activation.Recorder, l int) *activation.Series {
			if info.Heads > 0 {
				return rec.Get("blocks." + string(rune('0'+l)) + ".resid_pre")
			}
			return rec.Get("layers." + string(rune('0'+l-1)) + ".hidden")
		}
		for l := 1; l < info.Layers; l++ {
			for _, n := range []int{len(g.IDs), 4, 1} {
				if info.Full && n < len(g.IDs) {
					continue
				}
				rec, state := record(t, m, g.IDs)
				from := len(g.IDs) - n
				resid := slices.Concat(below(rec, l).Data)
				resid = resid[len(resid)/len(g.IDs)*from:]
				forward(t, m, state, nn.Input{IDs: g.IDs[from:], Hooks: &activation.Hooks{Recorder: rec}, FromLayer: l, Resid: resid})
				enginetest.Same(t, rec, g.Base.Acts, tolerance)
				if info.Full {
					continue
				}
				whole, _ := record(t, m, append(slices.Clone(g.IDs), 3))
				forward(t, m, state, nn.Input{IDs: []int{3}, LogitsFrom: len(g.IDs), Logits: func(pos int, z []float32) {
					if e := enginetest.RelErr(z, whole.Get("logits").At(len(g.IDs))); e > tolerance {
						t.Errorf("the next token after FromLayer %d: error %.2g", l, e)
					}
				}})
			}
		}
	})
}

// TestGreedy continues the text by the likeliest token, as PyTorch does.
func TestGreedy(t *testing.T) {
	forEach(t, func(t *testing.T, m model.Model, g *enginetest.Golden) {
		state, ids, got := m.NewState(), g.IDs, []int(nil)
		for range g.Greedy {
			next := -1
			seen := state.Len()
			forward(t, m, state, nn.Input{IDs: ids, LogitsFrom: seen + len(ids) - 1, Logits: func(pos int, z []float32) {
				if pos != seen+len(ids)-1 {
					t.Errorf("logits of position %d were not asked for", pos)
				}
				next = int(sample.Order(z)[0])
			}})
			ids, got = []int{next}, append(got, next)
		}
		if !slices.Equal(got, g.Greedy) {
			t.Errorf("continued with %v, PyTorch with %v", got, g.Greedy)
		}
	})
}

// TestUnembed holds that Unembed of what stands before "logits" gives the logits.
func TestUnembed(t *testing.T) {
	forEach(t, func(t *testing.T, m model.Model, g *enginetest.Golden) {
		rec, _ := record(t, m, g.IDs)
		acts := m.Info().Acts
		h, dst := rec.Get(acts[len(acts)-2].Name), make([]float32, m.Info().Vocab)
		for p := range g.IDs {
			if !m.Info().Logits {
				break
			}
			m.Unembed(dst, h.At(p))
			if e := enginetest.RelErr(dst, rec.Get("logits").At(p)); e > 1e-6 {
				t.Errorf("position %d: error %.2g", p, e)
			}
		}
		embed := make([]float32, m.Info().Embed)
		if m.Embedding(embed, g.IDs[2]); !slices.Equal(embed, rec.Get("embed").At(2)) {
			t.Error("Embedding is not what the run embeds")
		}
	})
}

// TestYield holds that a pass ends with the error of Yield, and that the state then can go on.
func TestYield(t *testing.T) {
	stop := errors.New("stop")
	forEach(t, func(t *testing.T, m model.Model, g *enginetest.Golden) {
		state, calls, seen := m.NewState(), 0, 5
		if m.Info().Full {
			seen = 0
		}
		forward(t, m, state, nn.Input{IDs: g.IDs[:seen]})
		err := m.Forward(state, nn.Input{IDs: g.IDs[seen:], Yield: func() error {
			if calls++; calls > 1 || m.Info().Layers == 1 {
				return stop
			}
			return nil
		}})
		if err != stop || state.Len() != seen {
			t.Fatalf("error %v, %d tokens seen", err, state.Len())
		}
		rec, _ := record(t, m, g.IDs[:seen])
		forward(t, m, state, nn.Input{IDs: g.IDs[seen:], Hooks: &activation.Hooks{Recorder: rec}})
		enginetest.Same(t, rec, g.Base.Acts, tolerance)
	})
}

// TestStoredTypes holds that weights of every kind of type compute what the same numbers in F32 do. The numbers of Gemma's
// embedding are scaled by the same factor whatever their type.
func TestStoredTypes(t *testing.T) {
	const size = `"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
		"vocab_size": 96, "tie_word_embeddings": true`
	ids := []int{3, 90, 17, 3, 90, 55, 8, 41}
	for _, config := range []string{
		`{"n_layer": 2, "n_head": 2, "n_embd": 64, "n_positions": 64, "vocab_size": 96, "model_type": "gpt2"}`,
		`{"model_type": "llama", ` + size + `}`, `{"model_type": "phi3", ` + size + `}`, `{"model_type": "gemma3_text", ` + size + `}`,
		`{"model_type": "gpt_neox", ` + size + `}`, `{"model_type": "phi", ` + size + `}`, `{"model_type": "bert", ` + size + `}`,
	} {
		for _, d := range []tensor.DType{tensor.F32, tensor.F16, tensor.BF16, tensor.Q8, tensor.Q8_0, tensor.Q4_1} {
			wide, err := enginetest.RandomModel(config, &enginetest.Random{DType: d, Wide: true})
			if err != nil {
				t.Fatal(err)
			}
			m, err := enginetest.RandomModel(config, &enginetest.Random{DType: d})
			if err != nil {
				t.Fatal(err)
			}
			want, _ := record(t, wide, ids)
			got, _ := record(t, m, ids)
			for _, name := range want.Names() {
				if e := enginetest.RelErr(got.Get(name).Data, want.Get(name).Data); !(e <= tolerance) {
					t.Errorf("%s: %s: %s: relative error %.2g", config, d, name, e)
				}
			}
		}
	}
}

// TestEveryActivation holds that a change of any activation reaches what is computed last, at its position or later, and
// none before where no position sees those after it.
func TestEveryActivation(t *testing.T) {
	const pos = 2
	forEach(t, func(t *testing.T, m model.Model, g *enginetest.Golden) {
		base, _ := record(t, m, g.IDs)
		before := base.Get(last(m)).Data[:pos*base.Get(last(m)).Inner[0]]
		if m.Info().Full {
			before = nil
		}
		for _, a := range m.Info().Acts {
			for _, all := range []bool{false, true} { // recording all, and recording the last alone
				rec := activation.NewRecorder(last(m))
				if all {
					rec = activation.NewRecorder("*")
				}
				h := &activation.Hooks{Recorder: rec, Interventions: []activation.Intervention{
					{Name: a.Name, Pos: pos, Index: activation.All, Op: activation.Set, Value: 0.5}}}
				forward(t, m, m.NewState(), nn.Input{IDs: g.IDs, Hooks: h})
				got := rec.Get(last(m)).Data
				if slices.Equal(got, base.Get(last(m)).Data) {
					t.Errorf("a change of %s reaches nothing", a.Name)
				}
				if e := enginetest.RelErr(got[:len(before)], before); e > 1e-6 {
					t.Errorf("a change of %s at %d changes what was before", a.Name, pos)
				}
			}
		}
	})
}
