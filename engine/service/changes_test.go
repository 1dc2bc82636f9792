package service

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// literally runs ids from the beginning with interventions, and compares all that a run says.
func literally(t *testing.T, what string, x *session, r *protocol.RunResult, ids []int, changes []activation.Intervention) {
	t.Helper()
	for i, id := range ids {
		if r.Tokens[i].ID != id {
			t.Errorf("%s: token %d is %d, expected %d", what, i, r.Tokens[i].ID, id)
		}
	}
	at := 0
	err := x.s.model.Forward(x.s.model.NewState(), nn.Input{IDs: ids, Hooks: &activation.Hooks{Interventions: changes}, Logits: func(pos int, z []float32) {
		var sum, entropy float64
		for _, v := range z {
			sum += math.Exp(float64(v))
		}
		for _, v := range z {
			p := math.Exp(float64(v)) / sum
			entropy -= p * math.Log(p)
		}
		near(t, fmt.Sprintf("%s: entropy at %d", what, pos), float64(r.Entropy[pos]), entropy, 1e-5)
		if of := x.s.about.Of(pos); of < len(ids) {
			near(t, fmt.Sprintf("%s: surprisal of %d", what, of), float64(r.Surprisal[of]), math.Log(sum)-float64(z[ids[of]]), 1e-5)
		}
		at++
	}})
	if err != nil || at != len(ids) {
		t.Fatalf("%s: %d of %d positions, %v", what, at, len(ids), err)
	}
}

// TestChanges makes changes of every kind, one after another in the same session, and compares each with a run from the beginning that
// is changed unit by unit and position by position; and takes them back.
func TestChanges(t *testing.T) {
	for _, model := range []struct{ name, act string }{
		{"gpt2-tied", "blocks.0.mlp.post"}, {"llama", "blocks.1.resid_pre"}, {"bert", "blocks.0.mlp.post"}, {"rnn-relu", "layers.0.hidden"},
		{"lstm", "layers.0.cell"}, {"lstm-proj", "layers.0.forget_gate"}, {"gru", "layers.0.update_gate"}, {"keras-lstm", "layers.0.cell"}, {"keras-both", "layers.0.hidden"}, {"pt-onehot", "layers.0.hidden"},
	} {
		x, g := opened(t, model.name), enginetest.ReadGolden(t, model.name)
		n := len(g.IDs)
		first := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs})
		change := func(op string, pos, to, index int, also string, value float32) protocol.Change {
			return protocol.Change{Name: model.act, Pos: pos, To: to, Index: index, Also: also, Op: op, Value: value}
		}
		token := func(pos, id int) protocol.Change {
			return protocol.Change{Name: protocol.TokenChange, Pos: pos, Index: -1, Op: "set", Value: float32(id)}
		}
		clamp, set := change("set", -1, 0, 3, "", .5), change("zero", 2, 6, 1, "4+5", 0)
		for _, changes := range [][]protocol.Change{
			{clamp}, {change("zero", 3, 0, 2, "", 0)}, {change("scale", -1, 0, 1, "", -2)}, {change("add", 4, 0, -1, "", .25)}, {set},
			{change("scale", 3, 1000, 0, "5", 3)}, {token(4, 9)}, {token(0, 7)}, {token(n-1, 8)}, {token(n, 3)}, {token(4, 9), token(4, 11), token(2, 5)}, {clamp, set, token(3, 12)},
			{change("set", 5, 0, 2, "", .1), change("scale", 5, 7, 2, "3", 2)}, // of the same place, in their order
		} {
			what := fmt.Sprintf("%s: %+v", model.name, changes)
			ids, made := slices.Clone(g.IDs), []activation.Intervention(nil)
			for _, c := range changes {
				if c.Name == protocol.TokenChange {
					if c.Pos < n {
						ids[c.Pos] = int(c.Value)
					}
					continue
				}
				indices, err := c.Indices()
				if err != nil {
					t.Fatal(err)
				}
				for _, i := range indices {
					for p := range n {
						if p == c.Pos || c.Pos < 0 || p > c.Pos && p < c.To {
							made = append(made, activation.Intervention{Name: c.Name, Pos: p, Index: i, Op: activation.Op(c.Op), Value: c.Value})
						}
					}
				}
			}
			r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs, Changes: changes})
			literally(t, what, x, r, ids, made)
			if !bitwise(r.Before, first.Surprisal) {
				t.Errorf("%s: before %v, expected %v", what, r.Before, first.Surprisal)
			}
			for i, k := range r.Tokens {
				own := first.Tokens[i]
				if k.Start != own.Start || k.End != own.End || (k.Was != nil) != (k.ID != own.ID) || k.Was != nil && (k.Was.ID != own.ID || k.Was.Text != own.Text || k.Text != x.s.names[k.ID]) {
					t.Errorf("%s: token %d is %+v, and was %+v", what, i, k, own)
				}
			}
			if p := ask[protocol.Prediction](x, protocol.OpPredict, protocol.Predict{Pos: 1, N: 1, Sampling: protocol.Sampling{T: 1, P: 1}}); p.Actual.ID != ids[x.s.about.Of(1)] {
				t.Errorf("%s: after token 1 stands %d, expected %d", what, p.Actual.ID, ids[x.s.about.Of(1)])
			}
		}
		back := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs})
		if !bitwise(back.Surprisal, first.Surprisal) || !bitwise(back.Entropy, first.Entropy) || !slices.Equal(back.Next, first.Next) || len(back.Before) > 0 || !slices.Equal(back.Tokens, first.Tokens) {
			t.Errorf("%s: without changes again %v, expected %v", model.name, back.Surprisal, first.Surprisal)
		}
	}
}

// bitwise compares floats, of which those that are no number are equal.
func bitwise(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// TestChangesRunLate holds that of a changed run only what comes after the earliest change is run, and that a text that goes on under
// changes is not run again.
func TestChangesRunLate(t *testing.T) {
	x := opened(t, "lstm")
	c := count(x)
	changes := []protocol.Change{{Name: "layers.0.cell", Pos: 9, To: 12, Index: 1, Also: "2", Op: "zero"}, {Name: protocol.TokenChange, Pos: 8, Index: -1, Op: "set", Value: 5}}
	for _, step := range []struct {
		text    string
		changes []protocol.Change
		tokens  int
	}{
		{"the cat sat on it", nil, 17}, {"the cat sat on it", changes, 9}, {"the cat sat on it all", changes, 8}, {"the cat sat on it all", changes[:1], 12}, {"the cat sat on it all", nil, 0},
	} {
		c.tokens = 0
		r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: step.text, Changes: step.changes})
		if c.tokens != step.tokens {
			t.Errorf("%q with %d changes ran %d tokens, expected %d", step.text, len(step.changes), c.tokens, step.tokens)
		}
		same(t, step.text, r, ask[protocol.RunResult](opened(t, "lstm"), protocol.OpRun, protocol.Run{Text: step.text, Changes: step.changes}))
	}
}

// TestBadChanges holds what is refused.
func TestBadChanges(t *testing.T) {
	x := opened(t, "lstm")
	for _, c := range []protocol.Change{
		{Name: "layers.0.cell", Pos: 3, To: 3, Index: 1, Op: "zero"}, {Name: "layers.0.cell", Pos: -1, To: 3, Index: 1, Op: "zero"}, {Name: "layers.0.cell", Pos: 3, Index: 1, Also: "2+x", Op: "zero"},
		{Name: "layers.0.cell", Pos: 3, Index: 1, Also: "99999", Op: "zero"}, {Name: "layers.0.cell", Pos: 3, Index: -1, Also: "2", Op: "zero"}, {Name: "layers.0.cell", Pos: 3, Index: 1, Also: "-1", Op: "zero"},
		{Name: "token", Pos: -1, Index: -1, Op: "set", Value: 1}, {Name: "token", Pos: 1, Index: -1, Op: "zero"}, {Name: "token", Pos: 1, Index: 1, Op: "set"}, {Name: "token", Pos: 1, To: 3, Index: -1, Op: "set"},
		{Name: "token", Pos: 1, Index: -1, Op: "set", Value: -1}, {Name: "token", Pos: 1, Index: -1, Op: "set", Value: 1.5}, {Name: "token", Pos: 1, Index: -1, Op: "set", Value: 1e9},
	} {
		if e := x.fails(protocol.OpRun, protocol.Run{Text: "abc", Changes: []protocol.Change{c}}); e.Code != "bad-request" || e.Where == "" {
			t.Errorf("%+v: %+v", c, e)
		}
	}
}
