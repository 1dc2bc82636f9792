package service

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

var greedy = protocol.Sampling{P: 1}

func TestPredict(t *testing.T) {
	x := opened(t, "lstm")
	g := enginetest.ReadGolden(t, "lstm")
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs})
	c := count(x)
	want := softmax(g.Base.Acts["logits"], 4)
	for i, s := range []protocol.Sampling{{T: 1, P: 1}, {T: 0.5, P: 1}, {T: 1, P: 1, K: 3}, {T: 1, P: 0.6}, {T: 1, P: 1, MinP: 0.3}, {T: 2, P: 0.8, K: 9, MinP: 0.1}, {P: 1}} {
		p := ask[protocol.Prediction](x, protocol.OpPredict, protocol.Predict{Pos: 4, N: 40, Watch: []int{3, -1, 40}, Sampling: s})
		sum, kept := 0.0, 0
		for k, r := range p.Rows {
			sum += float64(r.Sampled)
			if r.Sampled > 0 {
				kept++
			}
			if r.Rank != k || k > 0 && r.Logit > p.Rows[k-1].Logit || r.Before != -1 {
				t.Errorf("row %d: %+v", k, r)
			}
			near(t, "p", float64(r.P), want[r.ID], 1e-5)
			near(t, "p from the logit", float64(r.P), math.Exp(float64(r.Logit-p.LogZ)), 1e-5)
			near(t, "bias", float64(r.Bias), float64(x.s.model.Bias()[r.ID]), 0)
		}
		near(t, "sum", sum, 1, 1e-5)
		if kept != p.Kept || p.Kept > p.ByK || s.T > 0 && (p.ByP > p.ByK || p.ByMinP > p.ByP) {
			t.Errorf("sampling %d: %d kept, %+v", i, kept, *p)
		}
		if len(p.Watched) != 1 || p.Watched[0].ID != 3 || p.Actual.ID != g.IDs[5] || len(p.Hidden) != 16 || !p.HasBias || p.KL != 0 {
			t.Errorf("%+v", p)
		}
	}
	if c.unembeds > 1 {
		t.Errorf("%d products W h for one position", c.unembeds)
	}
	if p := ask[protocol.Prediction](x, protocol.OpPredict, protocol.Predict{Pos: 10, N: -3}); p.Actual != nil || len(p.Rows) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestActivation(t *testing.T) {
	x, g := opened(t, "gpt2-untied"), enginetest.ReadGolden(t, "gpt2-untied")
	run := g.Changed[0]
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs, Changes: changes(run)})
	n := len(g.IDs)
	for name, want := range g.Base.Acts {
		a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: name, To: -1, Index: -1, Before: true})
		if !slices.Equal(a.Shape, want.Shape) || enginetest.RelErr(a.Data, want.Data) > 1e-5 {
			t.Errorf("%s: shape %v, expected %v", name, a.Shape, want.Shape)
		}
	}
	for name, want := range run.Acts {
		if a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: name, To: -1, Index: -1}); enginetest.RelErr(a.Data, want.Data) > 1e-5 {
			t.Errorf("%s with changes is not PyTorch's", name)
		}
	}
	z := g.Base.Acts["blocks.1.attn.z"] // [n, 3, 8]
	a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "blocks.1.attn.z", From: 2, To: 6, Index: 1, Before: true})
	if !slices.Equal(a.Shape, []int{4, 8}) || enginetest.RelErr(a.Data[8:16], z.Data[(3*3+1)*8:(3*3+2)*8]) > 1e-5 {
		t.Errorf("z of head 1: %v", a)
	}
	u := g.Base.Acts["blocks.1.mlp.post"]
	a = ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "blocks.1.mlp.post", From: 2, To: 6, Index: 7, Before: true})
	if !slices.Equal(a.Shape, []int{4}) || enginetest.RelErr(a.Data[3:], u.Data[5*40+7:5*40+8]) > 1e-5 {
		t.Errorf("unit 7: %v", a)
	}
	p := g.Base.Acts["blocks.2.attn.pattern"]
	a = ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "blocks.2.attn.pattern", From: 4, To: 6, Index: 2, Before: true})
	if !slices.Equal(a.Shape, []int{2, 6}) || enginetest.RelErr(a.Data[6:], p.Data[(2*n+5)*n:][:6]) > 1e-5 {
		t.Errorf("pattern of head 2: %v", a)
	}
}

func TestPatterns(t *testing.T) {
	x, g := opened(t, "gpt2-tied"), enginetest.ReadGolden(t, "gpt2-tied")
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs})
	n := len(g.IDs)
	whole := ask[protocol.Array](x, protocol.OpPatterns, protocol.Patterns{Size: 99})
	if want := g.Base.Acts["blocks.1.attn.pattern"].Data; !slices.Equal(whole.Shape, []int{2, 3, n, n}) || enginetest.RelErr(whole.Data[3*n*n:], want) > 1e-5 {
		t.Errorf("patterns: %v", whole.Shape)
	}
	small := ask[protocol.Array](x, protocol.OpPatterns, protocol.Patterns{Size: 4})
	if !slices.Equal(small.Shape, []int{2, 3, 4, 4}) || slices.Max(small.Data[:16]) != slices.Max(whole.Data[:n*n]) {
		t.Errorf("small patterns: %v", small.Shape)
	}
}

func TestHeadScores(t *testing.T) {
	x := opened(t, "gpt2-untied")
	r := ask[protocol.HeadScoresResult](x, protocol.OpHeadScores, protocol.HeadScores{})
	if !slices.Equal(r.Shape, []int{3, 3, 4}) || r.Tokens != 16 {
		t.Fatalf("%v of %d tokens", r.Shape, r.Tokens)
	}
	for i, v := range r.Data {
		if !(v > 0 && v < 1) || i > 0 && v == r.Data[i-1] {
			t.Errorf("score %d: %v", i, v)
		}
	}
}

// TestEffects compares what each head does alone with runs that switch it off.
func TestEffects(t *testing.T) {
	for _, model := range []string{"gpt2-untied", "bert", "gemma2", "neox"} {
		x, g := opened(t, model), enginetest.ReadGolden(t, model)
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs})
		const pos, token = 7, 12
		heads := x.s.info.Heads
		for _, op := range []string{"zero", "mean"} {
			e := ask[protocol.EffectsResult](x, protocol.OpEffects, protocol.Effects{Pos: pos, Token: token, Op: op})
			near(t, "p", float64(e.P), softmax(g.Base.Acts["logits"], pos)[token], 1e-5)
			for l := range x.s.info.Layers {
				name := fmt.Sprintf("blocks.%d.attn.z", l)
				for h := range heads {
					y := opened(t, model)
					ask[protocol.RunResult](y, protocol.OpRun, protocol.Run{IDs: g.IDs, Changes: []protocol.Change{{Name: name, Pos: -1, Index: h, Op: op}}})
					p := ask[protocol.Prediction](y, protocol.OpPredict, protocol.Predict{Pos: pos, Watch: []int{token}, Sampling: greedy})
					near(t, model+" "+name, float64(e.Data[l*heads+h]), float64(p.Watched[0].P-p.Watched[0].Before), 1e-6)
				}
			}
		}
		likeliest := ask[protocol.EffectsResult](x, protocol.OpEffects, protocol.Effects{Pos: pos, Token: -1, Op: "zero"})
		p := softmax(g.Base.Acts["logits"], pos)
		if likeliest.Token != slices.Index(p, slices.Max(p)) {
			t.Errorf("%s: token %d", model, likeliest.Token)
		}
	}
}

// TestGenerate holds greedy against PyTorch, and that a seed decides all, token by token or at once, and nothing else changes.
func TestGenerate(t *testing.T) {
	for _, name := range enginetest.Models {
		g, x := enginetest.ReadGolden(t, name), opened(t, name)
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: g.IDs})
		if x.s.info.Full {
			x.fails(protocol.OpGenerate, protocol.Generate{N: 3, Sampling: greedy})
			continue
		}
		a := x.send(context.Background(), protocol.OpGenerate, protocol.Generate{N: len(g.Greedy), Sampling: greedy})
		var r protocol.GenerateResult
		if err := a.last.Into(&r); err != nil || !slices.Equal(r.IDs, append(slices.Clone(g.IDs), g.Greedy...)) || r.N != len(g.Greedy) || r.End != "n" || len(a.partial) != r.N {
			t.Errorf("%s: %+v, expected %v", name, r, g.Greedy)
		}
		for i, part := range a.partial {
			var k protocol.Generated
			if err := part.Into(&k); err != nil || k.Token.ID != g.Greedy[i] || k.Q != 1 || !(k.P > 0 && k.P <= 1) {
				t.Errorf("%s: %+v %v", name, k, err)
			}
		}
	}
	x := opened(t, "gru")
	s := protocol.Sampling{T: 1.2, K: 20, P: 0.95, Seed: 5}
	cut := []protocol.Change{{Name: "layers.0.hidden", Pos: -1, Index: 3, Op: "set", Value: 0.5}}
	for _, ch := range [][]protocol.Change{nil, cut} {
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the", Changes: ch})
		all := ask[protocol.GenerateResult](x, protocol.OpGenerate, protocol.Generate{N: 12, Sampling: s})
		ids := all.IDs[:3]
		for len(ids) < len(all.IDs) {
			ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: ids, Changes: ch})
			ids = ask[protocol.GenerateResult](x, protocol.OpGenerate, protocol.Generate{N: 1, Sampling: s}).IDs
		}
		if !slices.Equal(ids, all.IDs) {
			t.Errorf("one by one %v, at once %v", ids, all.IDs)
		}
		s.Seed++
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the", Changes: ch})
		if other := ask[protocol.GenerateResult](x, protocol.OpGenerate, protocol.Generate{N: 12, Sampling: s}); slices.Equal(other.IDs, all.IDs) {
			t.Error("another seed gives the same")
		}
	}
	y := opened(t, "gpt2-tied")
	ask[protocol.RunResult](y, protocol.OpRun, protocol.Run{IDs: make([]int, 30)})
	if r := ask[protocol.GenerateResult](y, protocol.OpGenerate, protocol.Generate{N: 9, Sampling: greedy}); r.N != 2 || r.End != "context" {
		t.Errorf("at the end of the context: %+v", r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	x.yield = func() error {
		if n++; n == 40 {
			cancel()
		}
		return nil
	}
	if a := x.send(ctx, protocol.OpGenerate, protocol.Generate{N: 1 << 30, Sampling: s}); a.last.Kind != protocol.Cancelled || len(a.partial) < 5 {
		t.Errorf("%s after %d tokens", a.last.Kind, len(a.partial))
	}
}

func TestMapAndFind(t *testing.T) {
	x := opened(t, "gpt2-tied")
	m := ask[protocol.Array](x, protocol.OpMap, protocol.Map{Max: 10})
	if !slices.Equal(m.Shape, []int{10, 2}) || len(m.Data) != 20 || len(m.Names) != 10 || slices.Max(m.Data) == 0 {
		t.Errorf("%+v", m)
	}
	for text, want := range map[string][]string{
		"": nil, "b": {"b", "B"}, "IMG": {"<img onerror=x>"}, "zz": nil,
	} {
		var got []string
		for _, c := range ask[protocol.FindResult](x, protocol.OpFind, protocol.Find{Text: text, N: 2}).Tokens {
			got = append(got, c.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("find %q: %q", text, got)
		}
	}
}
