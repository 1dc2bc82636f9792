package model_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/beam"
	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
)

// forHalves runs a test on every model of two halves that has a golden.
func forHalves(t *testing.T, f func(t *testing.T, m model.Model, s nn.Seq2Seq, name string)) {
	for _, name := range enginetest.Halves {
		t.Run(name, func(t *testing.T) {
			m := enginetest.Open(t, name)
			f(t, m, m.(nn.Seq2Seq), name)
		})
	}
}

// encode reads a source, and fails the test on an error.
func encode(t *testing.T, s nn.Seq2Seq, in nn.Input) nn.State {
	t.Helper()
	state, err := s.Encode(in)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// TestHalves compares every activation with transformers', and that Info lists exactly those, in those shapes.
func TestHalves(t *testing.T) {
	forHalves(t, func(t *testing.T, m model.Model, s nn.Seq2Seq, name string) {
		g, rec := enginetest.ReadGolden(t, name), activation.NewRecorder("*")
		hooks := &activation.Hooks{Recorder: rec}
		state := encode(t, s, nn.Input{IDs: g.IDs, Hooks: hooks})
		forward(t, m, state, nn.Input{IDs: g.Target, Hooks: hooks})
		var listed []string
		for _, a := range m.Info().Acts {
			listed = append(listed, a.Name)
			r, n := rec.Get(a.Name), len(g.Target)
			if r == nil {
				t.Fatalf("%s is listed and not recorded", a.Name)
			}
			if a.Source {
				n = len(g.IDs)
			}
			if r.N != n || !slices.Equal(r.Inner, a.Inner) || r.Heads != a.Heads || a.Full != (r.Keys > 0) || a.Cross && r.Keys != len(g.IDs) {
				t.Errorf("%s is listed as %+v, recorded as %d of %v", a.Name, a, r.N, r.Inner)
			}
		}
		want := slices.Sorted(maps.Keys(g.Base.Acts))
		if slices.Sort(listed); !slices.Equal(listed, want) {
			t.Errorf("listed %v, transformers has %v", listed, want)
		}
		t.Logf("largest relative error %.2g", enginetest.Same(t, rec, g.Base.Acts, tolerance))
		for _, cross := range append(s.Seq().Cross, s.Seq().Mixed) {
			if rec.Get(cross) == nil {
				t.Errorf("%s is not recorded", cross)
			}
		}
	})
}

// TestHalvesStep holds that steps of hypotheses side by side are what Forward of each gives, also with changes, after a clone and after
// going back.
func TestHalvesStep(t *testing.T) {
	forHalves(t, func(t *testing.T, m model.Model, s nn.Seq2Seq, name string) {
		g, last := enginetest.ReadGolden(t, name), s.Seq().Cross[len(s.Seq().Cross)-1]
		start := encode(t, s, nn.Input{IDs: g.IDs})
		var changes [][]activation.Intervention
		changes = append(changes, nil, []activation.Intervention{
			{Name: s.Seq().Cross[0], Pos: 2, Index: 1, Op: activation.OneHot, Value: 3},
			{Name: "decoder.blocks.1.attn.z", Pos: 1, Index: 0, Op: activation.Zero},
			{Name: "decoder.blocks.0.mlp.post", Pos: activation.All, Index: 5, Op: activation.Set, Value: 2},
		})
		for _, change := range changes {
			hooks := &activation.Hooks{Interventions: change}
			rows := [][]int{{g.Target[0], 9, 14, 22, 9}, {g.Target[0], 8, 8, 3, 4}, {g.Target[0], 30, 14, 5, 6}}
			states := []nn.State{start.Clone(), start.Clone(), start.Clone()}
			for at := range rows[0] {
				if at == 3 { // a wrong turn, and back
					other := states[1].Clone()
					forward(t, m, other, nn.Input{IDs: []int{1, 2}})
					if n := other.Truncate(at); n != at {
						t.Fatalf("truncated to %d", n)
					}
					states[1] = other
				}
				ids, got, looks := make([]int, len(rows)), make([][]float32, len(rows)), make([][]float32, len(rows))
				for i := range rows {
					ids[i] = rows[i][at]
				}
				err := s.Step(states, nn.Input{IDs: ids, Hooks: hooks, Logits: func(i int, z []float32) { got[i] = slices.Clone(z) }},
					func(i int, a []float32) { looks[i] = slices.Clone(a) })
				if err != nil {
					t.Fatal(err)
				}
				for i := range rows {
					rec := activation.NewRecorder("logits", last)
					alone := start.Clone()
					forward(t, m, alone, nn.Input{IDs: rows[i][:at+1], Hooks: &activation.Hooks{Recorder: rec, Interventions: change}})
					if e := enginetest.RelErr(got[i], rec.Get("logits").At(at)); !(e <= tolerance) || states[i].Len() != at+1 {
						t.Errorf("row %d, step %d: relative error %.2g", i, at, e)
					}
					r := rec.Get(last)
					mean := make([]float32, r.Keys)
					for h := range r.Inner[0] {
						for k, v := range r.Head(at, h) {
							mean[k] += v / float32(r.Inner[0])
						}
					}
					if e := enginetest.RelErr(looks[i], mean); !(e <= tolerance) {
						t.Errorf("row %d, step %d: attention differs by %.2g", i, at, e)
					}
				}
			}
		}
		if start.Len() != 0 {
			t.Errorf("a clone moved the state to %d", start.Len())
		}
	})
}

// TestHalvesYield holds that both halves can be interrupted, and go on afterwards.
func TestHalvesYield(t *testing.T) {
	forHalves(t, func(t *testing.T, m model.Model, s nn.Seq2Seq, name string) {
		g, stop := enginetest.ReadGolden(t, name), errors.New("stop")
		yield := func() error { return stop }
		if _, err := s.Encode(nn.Input{IDs: g.IDs, Yield: yield}); !errors.Is(err, stop) {
			t.Errorf("Encode: %v", err)
		}
		state := encode(t, s, nn.Input{IDs: g.IDs})
		if err := m.Forward(state, nn.Input{IDs: g.Target, Yield: yield}); !errors.Is(err, stop) || state.Len() != 0 {
			t.Errorf("Forward: %v, %d tokens", err, state.Len())
		}
		if err := s.Step([]nn.State{state}, nn.Input{IDs: g.Target[:1], Yield: yield, Logits: func(int, []float32) {}}, nil); !errors.Is(err, stop) || state.Len() != 0 {
			t.Errorf("Step: %v, %d tokens", err, state.Len())
		}
		rec := activation.NewRecorder("logits")
		forward(t, m, state, nn.Input{IDs: g.Target, Hooks: &activation.Hooks{Recorder: rec}})
		if e := enginetest.RelErr(rec.Get("logits").Data, g.Base.Acts["logits"].Data); !(e <= tolerance) {
			t.Errorf("after an interruption: relative error %.2g", e)
		}
	})
}

// optionsOf are those of a search of transformers.
func optionsOf(g *enginetest.Generated) beam.Options {
	early := map[any]string{nil: "", false: beam.Heuristic, true: beam.AtFirst, "never": beam.Thorough}[g.Early]
	return beam.Options{Width: g.Beams, Most: g.Most - 1, Length: g.Length, Min: g.Min, NoRepeat: g.NoRepeat, Early: early, Bad: g.Bad, Renorm: g.Renorm}
}

// TestGenerate compares beam search and greedy search with transformers' own generate, with each of its rules and with several: tokens and scores.
func TestGenerate(t *testing.T) {
	forHalves(t, func(t *testing.T, m model.Model, s nn.Seq2Seq, name string) {
		source, list := enginetest.Generations(t, name)
		start := encode(t, s, nn.Input{IDs: source})
		for _, g := range list {
			found := look(t, s, start, optionsOf(&g))
			if len(found.Hyps) != len(g.Sequences) {
				t.Errorf("%+v: %d targets", g, len(found.Hyps))
				continue
			}
			for i, w := range g.Sequences {
				if got := ids(found, i); !slices.Equal(got, w) {
					t.Errorf("%+v: %d: %v", g, i, got)
				} else if g.Beams > 1 && !(math.Abs(found.Hyps[i].Score-g.Scores[i]) <= 2e-5*math.Abs(g.Scores[i])) { // sums of float32
					t.Errorf("%+v: %d: score %v", g, i, found.Hyps[i].Score)
				}
			}
		}
	})
}

// ids are the tokens of a hypothesis.
func ids(r *beam.Result, hyp int) (out []int) {
	if hyp < len(r.Hyps) {
		for _, n := range r.Hyps[hyp].Path {
			out = append(out, r.Nodes[n].ID)
		}
	}
	return out
}

// look searches with the tokens that the model's config says.
func look(t *testing.T, s nn.Seq2Seq, start nn.State, o beam.Options) *beam.Result {
	t.Helper()
	q := s.Seq()
	o.Start, o.Ends, o.Never, o.First, o.Last = q.Start, q.Ends, q.Never, q.First, q.Last
	states := []nn.State{start}
	r, err := beam.Search(o, func(parents, ids []int, each func(i int, logits, attention []float32)) error {
		var next []nn.State
		for _, p := range parents {
			next = append(next, states[p].Clone())
		}
		if len(parents) != len(ids) {
			return fmt.Errorf("%d parents of %d", len(parents), len(ids))
		}
		states = next
		return s.Step(states, nn.Input{IDs: ids, Logits: func(i int, z []float32) { each(i, z, nil) }}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
