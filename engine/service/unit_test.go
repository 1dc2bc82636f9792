package service

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/tensor"
)

// product is W x of a row, in f64.
func product(w, x []float32) (sum float64) {
	for i, v := range w {
		sum += float64(v) * float64(x[i])
	}
	return sum
}

// TestIncoming computes what units get of what the rows name, and compares it with what the model made of it: the rows of a gate, of
// its input and of the state a token ago, and those of an MLP, are all that there is but the bias, which is the same at all positions.
func TestIncoming(t *testing.T) {
	inverse := func(act string, y float64) float64 { // of the gate's function
		if strings.HasSuffix(act, "_gate") && !strings.HasSuffix(act, "cell_gate") {
			return math.Log(y / (1 - y))
		}
		return math.Atanh(y)
	}
	for _, name := range []string{"gpt2-tied", "neox", "phi", "bert", "llama", "gemma2", "rnn-tanh", "lstm", "lstm-proj", "lstm-tied", "gru", "keras-lstm", "pt-onehot", "pt-cells"} {
		x, g := opened(t, name), enginetest.ReadGolden(t, name)
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs})
		acts := g.Base.Acts
		at := func(act string, pos int) []float32 {
			a := acts[act]
			if a == nil {
				t.Fatalf("%s: no golden of %s", name, act)
			}
			n := len(a.Data) / a.Shape[0]
			return a.Data[pos*n : (pos+1)*n]
		}
		tested := 0
		for _, a := range x.s.about.Acts {
			if a.Heads || len(a.Inner) > 1 || acts[a.Name] == nil {
				continue
			}
			into := map[string][]nn.Row{}
			const unit = 2
			if a.Inner[0] <= unit {
				continue
			}
			for _, row := range x.s.model.(nn.Weighted).Incoming(a.Name, unit) {
				into[row.Into] = append(into[row.Into], row)
			}
			for act, rows := range into {
				if act != a.Name || strings.HasSuffix(act, "new_gate") { // what the reset gate takes away stands between
					continue
				}
				var sums, got []float64
				for pos := 1; pos < len(g.IDs); pos++ {
					var sum float64
					for _, row := range rows {
						switch from := row.From; {
						case strings.HasSuffix(from, ".hidden") && len(rows) > 1 && layer(from) == layer(act):
							sum += product(row.W, at(from, pos-1))
						case strings.HasSuffix(from, ".cell"):
							h := slices.Clone(at(from, pos))
							tensor.Tanh(h)
							tensor.Mul(h, at(strings.Replace(from, ".cell", ".output_gate", 1), pos))
							sum += product(row.W, h)
						default:
							sum += product(row.W, at(from, pos))
						}
					}
					y := float64(at(act, pos)[unit])
					if strings.HasPrefix(act, "layers.") && len(rows) > 1 {
						if y = inverse(act, y); math.Abs(y) > 4 { // so near to its limit, a float does not tell
							continue
						}
					}
					sums, got = append(sums, sum), append(got, y)
				}
				for i := range sums {
					near(t, fmt.Sprintf("%s: %s", name, act), sums[i]-sums[0], got[i]-got[0], 1e-4)
				}
				tested++
			}
		}
		if tested < 2 {
			t.Errorf("%s: %d activations were compared", name, tested)
		}
	}
}

func layer(act string) string { return strings.Join(strings.Split(act, ".")[:2], ".") }

// TestUnit compares the lists with the matrices that the answer names, which are read from the file again.
func TestUnit(t *testing.T) {
	for _, c := range []struct {
		model, act string
		unit       int
		in         []string // Into, From, Tensor of each list
		out        string
	}{
		{"lstm", "layers.0.cell", 3, []string{"layers.0.input_gate token rnn.weight_ih_l0", "layers.0.input_gate layers.0.hidden rnn.weight_hh_l0",
			"layers.0.forget_gate token rnn.weight_ih_l0", "layers.0.forget_gate layers.0.hidden rnn.weight_hh_l0", "layers.0.cell_gate token rnn.weight_ih_l0", "layers.0.cell_gate layers.0.hidden rnn.weight_hh_l0"}, ""},
		{"lstm", "layers.1.output_gate", 3, []string{"layers.1.output_gate layers.0.hidden rnn.weight_ih_l1", "layers.1.output_gate layers.1.hidden rnn.weight_hh_l1"}, ""},
		{"gru", "layers.0.update_gate", 5, []string{"layers.0.update_gate token rnn.weight_ih_l0", "layers.0.update_gate layers.0.hidden rnn.weight_hh_l0"}, ""},
	} {
		x := opened(t, c.model)
		ck := enginetest.Checkpoint(t, enginetest.Dir(c.model)+"/model.safetensors")
		r := ask[protocol.UnitResult](x, protocol.OpUnit, protocol.Unit{Name: c.act, Unit: c.unit, N: 4})
		var in []string
		for _, l := range r.In {
			in = append(in, l.Into+" "+l.From+" "+l.Tensor)
			shape := ck.Shape(l.Tensor)
			w, err := ck.Matrix(l.Tensor, shape[0], shape[1])
			if err != nil {
				t.Fatal(err)
			}
			gate := slices.IndexFunc([]string{"input_gate", "forget_gate", "cell_gate", "output_gate"}, func(s string) bool { return strings.HasSuffix(l.Into, s) })
			count := 4
			if c.model == "gru" {
				gate, count = 1, 3
			}
			row := make([]float32, w.Cols)
			w.Row(row, gate*w.Rows/count+c.unit)
			if l.From == "token" {
				all := make([]float32, x.s.info.Vocab)
				for id := range all {
					e := make([]float32, w.Cols)
					x.s.model.Embedding(e, id)
					all[id] = float32(product(row, e))
				}
				row = all
			}
			if len(l.Rows) != 4 {
				t.Fatalf("%d rows", len(l.Rows))
			}
			order := make([]int, len(row))
			for i := range order {
				order[i] = i
			}
			slices.SortStableFunc(order, func(a, b int) int {
				return int(math.Copysign(1, math.Abs(float64(row[b]))-math.Abs(float64(row[a]))))
			})
			for i, c := range l.Rows {
				near(t, l.Into, float64(c.P), float64(row[order[i]]), 1e-6)
				if c.ID != order[i] || (c.Text != "") != (l.From == "token") {
					t.Errorf("%s from %s: row %d is %d (%q), expected %d", l.Into, l.From, i, c.ID, c.Text, order[i])
				}
			}
		}
		if !slices.Equal(in, c.in) || r.OutTensor != c.out {
			t.Errorf("%s %s: %q, %q", c.model, c.act, in, r.OutTensor)
		}
	}
	x := opened(t, "lstm")
	if e := x.fails(protocol.OpUnit, protocol.Unit{Name: "layers.9.cell"}); e.Code != "bad-request" {
		t.Error(e)
	}
	if e := x.fails(protocol.OpUnit, protocol.Unit{Name: "layers.0.cell", Unit: 1000}); e.Code != "bad-request" {
		t.Error(e)
	}
	if r := ask[protocol.UnitResult](opened(t, "bert"), protocol.OpUnit, protocol.Unit{Name: "blocks.0.attn.pattern", N: 3}); len(r.In)+len(r.Up) > 0 {
		t.Errorf("a head: %+v", r)
	}
}

// TestPromotes adds to a unit of the last layer while what Outgoing does not count is held, the final norm's scale, and compares the
// change of all logits with the answer.
func TestPromotes(t *testing.T) {
	for _, c := range []struct{ model, act, scale string }{
		{"gpt2-tied", "blocks.1.mlp.post", "ln_final.scale"}, {"gpt2-untied", "blocks.1.resid_post", "ln_final.scale"}, {"neox", "blocks.1.mlp_out", "ln_final.scale"},
		{"phi", "blocks.1.mlp.post", "ln_final.scale"}, {"llama", "blocks.1.mlp.post", "ln_final.scale"}, {"qwen3", "blocks.1.resid_post", "ln_final.scale"},
		{"gemma3", "blocks.1.mlp.post", "ln_final.scale blocks.1.ln2_post.scale"}, {"gpt2-tied", "ln_final.normalized", ""}, {"lstm", "layers.1.hidden", ""}, {"lstm-proj", "", ""}, {"gru", "", ""}, {"rnn-relu", "", ""}, {"keras-lstm", "", ""}, {"bert", "", ""},
	} {
		x, g := opened(t, c.model), enginetest.ReadGolden(t, c.model)
		v, last := x.s.info.Vocab, len(g.IDs)-1
		if c.act == "" {
			c.act = x.s.final
		}
		for _, s := range []*string{&c.act, &c.scale} {
			*s = strings.ReplaceAll(*s, "blocks.1", fmt.Sprintf("blocks.%d", x.s.info.Layers-1))
		}
		const unit, add = 3, 2
		rec := func(changes ...activation.Intervention) map[string][]float32 {
			r := activation.NewRecorder("*")
			if err := x.s.model.Forward(x.s.model.NewState(), nn.Input{IDs: g.IDs, Hooks: &activation.Hooks{Recorder: r, Interventions: changes}}); err != nil {
				t.Fatal(err)
			}
			out := map[string][]float32{}
			for _, name := range r.Names() {
				out[name] = r.Get(name).At(last)
			}
			return out
		}
		was, scale := rec(), float32(1)
		changes := []activation.Intervention{{Name: c.act, Pos: last, Index: unit, Op: activation.Add, Value: add}}
		for _, name := range strings.Fields(c.scale) {
			scale *= was[name][0]
			changes = append(changes, activation.Intervention{Name: name, Pos: last, Index: activation.All, Op: activation.Set, Value: was[name][0]})
		}
		now := rec(changes...)
		r := ask[protocol.UnitResult](x, protocol.OpUnit, protocol.Unit{Name: c.act, Unit: unit, N: v})
		if len(r.Up) != v || len(r.Down) != v || r.OutTensor == "" {
			t.Fatalf("%s: %d tokens of %q", c.model, len(r.Up), r.OutTensor)
		}
		for i, up := range r.Up {
			want := (now["logits"][up.ID] - was["logits"][up.ID]) * scale / add
			// the difference of two logits, of which each has f32's rounding
			near(t, fmt.Sprintf("%s %s token %d", c.model, c.act, up.ID), float64(up.P), float64(want), 2e-4)
			if i > 0 && up.P > r.Up[i-1].P || r.Down[v-1-i] != up || up.Text == "" {
				t.Errorf("%s: row %d: %+v after %+v, %+v from below", c.model, i, up, r.Up[max(i, 1)-1], r.Down[v-1-i])
			}
		}
	}
	for _, c := range []struct{ model, act string }{{"bert", "blocks.0.mlp.post"}, {"bert-encoder", "blocks.1.resid_post"}, {"lstm", "layers.0.hidden"}, {"gru", "layers.1.update_gate"}} {
		if r := ask[protocol.UnitResult](opened(t, c.model), protocol.OpUnit, protocol.Unit{Name: c.act, N: 3}); len(r.Up)+len(r.Down) > 0 || r.OutTensor != "" {
			t.Errorf("%s %s: %+v", c.model, c.act, r)
		}
	}
	// a cell's way is its hidden state's column, through the projection where there is one
	x := opened(t, "lstm")
	cell := ask[protocol.UnitResult](x, protocol.OpUnit, protocol.Unit{Name: "layers.1.cell", Unit: 4, N: 9})
	if h := ask[protocol.UnitResult](x, protocol.OpUnit, protocol.Unit{Name: "layers.1.hidden", Unit: 4, N: 9}); !slices.Equal(h.Up, cell.Up) || !slices.Equal(h.Down, cell.Down) {
		t.Errorf("%+v and %+v", h, cell)
	}
}
