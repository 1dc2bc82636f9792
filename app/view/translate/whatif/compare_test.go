package whatif

import (
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// with is the view's input with another served model that can stand beside, asked as app/beside does.
func with(t testing.TB, in *figure.Input, id string) *figure.Input {
	t.Helper()
	in.Cards = append(in.Cards, figure.Card{ID: id, Title: map[string]string{"en": "the other", "zh": "另一个"}, Pairs: new(figure.CardFile)})
	in.Besides = func(string, int) *figure.Beside {
		e := viewtest.Open(t, "web/models/"+id)
		b := &figure.Beside{Card: &in.Cards[0], Model: e.Model, Translation: new(protocol.Translation), States: new(protocol.Array)}
		q := protocol.Translate{Text: in.State.Text, Decode: in.State.Decode(e.Model.Seq.DecodeOf(in.State.Text)), Top: 10}
		ask := func(op string, body, into any) {
			if err := e.Ask(op, body, into); err != nil {
				t.Fatal(err)
			}
		}
		ask(protocol.OpTranslate, q, b.Translation)
		for _, name := range e.Model.Seq.Cross {
			a := new(protocol.Array)
			ask(protocol.OpTranslated, protocol.Translated{Of: q, Name: name}, a)
			b.Cross = append(b.Cross, a)
		}
		ask(protocol.OpTranslated, protocol.Translated{Of: q, Name: e.Model.Seq.Decoder}, b.States)
		return b
	}
	return in
}

// pair are the first two targets that are compared.
func pair(t testing.TB, s *scene.Scene) *versus {
	t.Helper()
	base, list := shown(s, s.Base, s.Was, 0), others(s)
	if len(list) == 0 || list[0].side.t == nil {
		t.Fatal("nothing stands beside")
	}
	return beside(s, base, list[0].side, alike(base.t, list[0].side.t, list[0].apart), list[0].apart)
}

// TestDifference: a cell of the difference is that of the two arrays of attention at the aligned word and token, the mean of heads that the engine's
// own numbers give; where a word or a token has no counterpart there is none. What changes log p sums to the whole difference.
func TestDifference(t *testing.T) {
	for name, c := range map[string]struct{ model, pairs, beside string }{
		"sentence":    {"g2p-lstm", "text=phonograph&o.translate.vs=photograph", ""},
		"shorter":     {"dates-lstm", "text=two+books&o.translate.vs=two+red+books", ""},
		"heads":       {"g2p-transformer", "text=phonograph&o.translate.vs=photographer&layer=0&head=1", ""},
		"mean":        {"g2p-transformer", "text=phonograph&o.translate.vs=phone", ""},
		"model":       {"g2p-lstm", "text=phonograph&o.translate.cards=g2p-transformer&o.translate.beam=3", "g2p-transformer"},
		"model, head": {"g2p-lstm", "text=phonograph&o.translate.cards=g2p-transformer&o.translate.vslayer=0&o.translate.vshead=2", "g2p-transformer"},
	} {
		e := viewtest.Open(t, "web/models/"+c.model)
		in := e.Input(viewtest.Patched(t, "translate", c.pairs))
		if c.beside != "" {
			in = with(t, in, c.beside)
		}
		s := scene.Of(in)
		v := pair(t, s)
		was := s.In.Translated(protocol.Translated{Of: s.Base, Name: s.Seq.Cross[s.Layer]})
		now, head := new(protocol.Array), s.Head
		if c.beside != "" {
			b := in.Besides(c.beside, 0)
			layer := min(scene.Int(in, "vslayer", 99), len(b.Cross)-1)
			now, head = b.Cross[layer], scene.Int(in, "vshead", -1)
			if want := in.State.Decode(b.Model.Seq.DecodeOf(in.State.Text)); b.Translation.Decode.Beam != want.Beam {
				t.Errorf("%s: beam %d, want %d", name, b.Translation.Decode.Beam, want.Beam)
			}
		} else {
			q := s.Base
			q.Text = in.State.Opt("translate.vs", "")
			now = s.In.Translated(protocol.Translated{Of: q, Name: s.Seq.Cross[s.Layer]})
		}
		cell := func(a *protocol.Array, head, step, token int) float64 {
			sum, n := 0., 0.
			for h := range a.Shape[0] {
				if head < 0 || h == head {
					sum, n = sum+float64(a.Data[(h*a.Shape[1]+step)*a.Shape[2]+token]), n+1
				}
			}
			return sum / n
		}
		cells, top := 0, least
		for j, k := range v.source {
			for i, w := range v.words {
				got := v.difference(j, i)
				if w.A < 0 || w.B < 0 || k.A < 0 || k.B < 0 {
					if got == got {
						t.Errorf("%s: cell %d, %d has no counterpart, and is %g", name, j, i, got)
					}
					continue
				}
				cells++
				want := cell(now, head, w.B, k.B) - cell(was, s.Head, w.A, k.A)
				if math.Abs(got-want) > 1e-6 { // float32 means of heads in another order
					t.Errorf("%s: cell %d, %d is %g, want %g", name, j, i, got, want)
				}
				if top = max(top, math.Abs(got)); c.beside != "" && !k.Same {
					t.Errorf("%s: tokens of two models that differ are compared: %v", name, k)
				}
			}
		}
		if cells == 0 || v.top != top {
			t.Errorf("%s: %d cells, colours to %g, want %g", name, cells, v.top, top)
		}
		sum := 0.
		for _, w := range v.words {
			sum += v.change(w)
		}
		if want := v.now.t.Hyps[0].LogP - v.was.t.Hyps[0].LogP; math.Abs(sum-want) > 1e-9 {
			t.Errorf("%s: changes of log p sum to %g, want %g", name, sum, want)
		}
		for i, w := range v.words {
			if d := v.now.entropy(w); w.B >= 0 {
				if want := float64(v.now.t.Nodes[v.now.path[w.B].Parent].Next.Entropy) / math.Ln2; d != want {
					t.Errorf("%s: entropy %d is %g, want %g", name, i, d, want)
				}
			} else if d == d {
				t.Errorf("%s: a word that is gone has entropy %g", name, d)
			}
		}
		if moved := v.moved(); (moved == nil) != (c.beside != "") {
			t.Errorf("%s: states moved %v", name, moved)
		}
	}
}

// TestItself: a sentence beside itself differs in nothing.
func TestItself(t *testing.T) {
	v := pair(t, open(t, "g2p-lstm", "text=phonograph&o.translate.vs=phonograph"))
	for j := range v.source {
		for i := range v.words {
			if v.difference(j, i) != 0 || v.change(v.words[i]) != 0 {
				t.Errorf("%d, %d: %g", j, i, v.difference(j, i))
			}
		}
	}
	if v.top != least {
		t.Errorf("colours go to %g", v.top)
	}
	if v.tip(0, 0) == "" || v.tip(len(v.source), 0) != "" || v.tip(0, len(v.words)) != "" {
		t.Error("a cell of a picture that was has a tip")
	}
}

// TestApart: a model of another task reads other tokens, and that is said; only its own attention is shown.
func TestApart(t *testing.T) {
	in := with(t, viewtest.Open(t, "web/models/g2p-lstm").Input(viewtest.Patched(t, "translate", "text=phonograph&o.translate.part=compare&o.translate.cards=dates-lstm")), "dates-lstm")
	panels := compare(scene.Of(in))
	if i := slices.IndexFunc(panels, func(p figure.Panel) bool { return p.ID == "versus0" }); i < 0 || len(panels[i].HTML) != 1 || panels[i].HTML[0].Spans[0].Text != in.L.T("compare.apart") {
		t.Errorf("%+v", panels)
	}
}

// TestList: what is set beside is listed with its difference, can be taken away, and says how it was searched where two models are.
func TestList(t *testing.T) {
	in := with(t, viewtest.Open(t, "web/models/g2p-lstm").Input(viewtest.Patched(t, "translate", "text=cat&o.translate.part=compare&o.translate.vs=cut%1Ecart&o.translate.cards=g2p-transformer&o.translate.beam=4&o.translate.min=3")), "g2p-transformer")
	s := scene.Of(in)
	list := others(s)
	if len(list) != 3 || viewtest.Patched(t, "translate", list[0].drop).Opt("translate.vs", "") != "cart" || viewtest.Patched(t, "translate", list[1].drop).Opt("translate.vs", "") != "cut" || viewtest.Patched(t, "translate", list[2].drop).Opt("translate.cards", "") != "" {
		t.Fatalf("%+v", list)
	}
	panels := compare(s)
	html, table := panels[0].HTML[0].HTML, panels[0].Table
	if n := strings.Count(html, "beam 4, at most"); n != 2 || strings.Count(html, in.L.T("beam.rule.min", 3)) != 2 || strings.Count(html, "<li ") != 4 || len(table.Rows) != 4 {
		t.Errorf("%d say how they were searched: %s", n, html)
	}
	for i, o := range list {
		if want := o.side.t.Hyps[0].Text; table.Rows[i+1][1] != want {
			t.Errorf("row %v, want %q", table.Rows[i+1], want)
		}
	}
}

// TestWarned: what there is to say of a sentence that stands beside is said.
func TestWarned(t *testing.T) {
	s := open(t, "dates-lstm", "text=two+books&o.translate.part=compare&o.translate.vs=two+red+books")
	w := others(s)[0].side.t.Warnings
	if len(w) == 0 {
		t.Fatal("red is no word of the model's, and it does not say so")
	}
	if want, html := s.In.L.T("warn."+w[0].Code, w[0].What, w[0].N), compare(s)[0].HTML[0].HTML; !strings.Contains(html, svg.Esc(want)) {
		t.Errorf("%q is not in %s", want, html)
	}
}

// TestVariants: what was changed, and what was put aside, stand beside the sentence without changes, as the effect of the changes is drawn.
func TestVariants(t *testing.T) {
	kept := [][]protocol.Change{{{Name: protocol.SourceChange, Pos: 0, Index: -1, Op: "set", Value: 6}}}
	s := open(t, "g2p-lstm", "text=phonograph&o.translate.part=compare&change=decoder.attn.pattern@5:onehot=0&change=decoder.attentional@1,5:zero&o.translate.kept="+scene.Keep(kept))
	list := others(s)
	if len(list) != 2 || !strings.Contains(list[0].name, " + ") || !slices.Equal(after(t, list[1].set), kept[0]) || len(after(t, list[0].drop)) != 0 || viewtest.Patched(t, "translate", list[1].drop).Opt("translate.kept", "") != "" {
		t.Fatalf("%+v", list)
	}
	base := shown(s, s.Base, s.Was, 0)
	v, e := beside(s, base, list[0].side, places(base.t, list[0].side.t), false), changed(s)
	if list[0].side.t != s.T || v.top != e.top || len(v.words) != len(e.words) {
		t.Errorf("colours to %g, those of the effect to %g", v.top, e.top)
	}
	k := places(base.t, list[1].side.t)
	if len(k) != len(base.t.Source) || k[0] != (scene.Pair{}) || k[1] != (scene.Pair{A: 1, B: 1, Same: true}) {
		t.Errorf("%v", k)
	}
}

// TestPlane: rows that lie in a plane keep their distances, and those that do not keep what the first two components of a diagonal case hold.
func TestPlane(t *testing.T) {
	var rows [][]float32
	for i := range 20 {
		a, b := math.Sin(float64(i)*.7)*3, math.Cos(float64(i)*1.3)
		rows = append(rows, []float32{float32(a + b), float32(a - b), float32(2 * b), 7, float32(-a)})
	}
	places, share := plane(rows)
	if math.Abs(share-1) > 1e-9 {
		t.Errorf("share %g", share)
	}
	for i := range rows {
		for k := range rows {
			want := 0.
			for d := range rows[i] {
				want += math.Pow(float64(rows[i][d])-float64(rows[k][d]), 2)
			}
			got := math.Hypot(places[2*i]-places[2*k], places[2*i+1]-places[2*k+1])
			if math.Abs(got-math.Sqrt(want)) > 1e-5 { // the rows are float32
				t.Errorf("%d, %d: %g apart, want %g", i, k, got, math.Sqrt(want))
			}
		}
	}
	// variances 18, 8, 2 along three axes
	if _, share = plane([][]float32{{3, 0, 0}, {-3, 0, 0}, {0, 2, 0}, {0, -2, 0}, {0, 0, 1}, {0, 0, -1}}); math.Abs(share-26./28) > 1e-9 {
		t.Errorf("share %g, want %g", share, 26./28)
	}
	if places, share = plane([][]float32{{1, 2}, {1, 2}}); share != 0 || slices.Max(places) != 0 {
		t.Errorf("one point: %v, %g", places, share)
	}
	for _, x := range []float64{math.NaN(), math.Inf(1)} {
		if places, share = plane([][]float32{{1, 2}, {float32(x), 2}, {3, 4}}); share != 0 || len(places) != 6 || slices.Max(places) != 0 {
			t.Errorf("with %v: %v, %g", x, places, share)
		}
	}
}

// compared are states of the part, by name of picture.
var compared = map[string]struct{ model, pairs, beside string }{
	"sentence": {"g2p-lstm", "text=phonograph&o.translate.vs=photograph", ""},
	"three":    {"dates-lstm", "text=two+books&o.translate.vs=two+red+books%1Ethree+books+on+May+3&o.translate.vsattn=attention", ""},
	"models":   {"g2p-lstm", "text=phonograph&o.translate.vs=phone&o.translate.cards=g2p-transformer", "g2p-transformer"},
	"long":     {"dates-lstm", "text=we+bought+two+hundred+and+five+books+on+the+third+of+March&o.translate.vs=they+sold+one+hundred+and+twelve+old+books+on+the+twenty-first+of+September+,+1984", ""},
	"variants": {"g2p-lstm", "text=phonograph&change=decoder.attn.pattern@5:onehot=0&o.translate.kept=source%400%3Aset%3D6&o.translate.vs=photograph", ""},
	"effect":   {"g2p-lstm", "text=phonograph&o.translate.part=&change=decoder.attn.pattern@5:onehot=0", ""},
}

func input(t testing.TB, name string) *figure.Input {
	c := compared[name]
	in := viewtest.Open(t, "web/models/"+c.model).Input(viewtest.Patched(t, "translate", "o.translate.part=compare&"+c.pairs))
	if c.beside != "" {
		in = with(t, in, c.beside)
	}
	return in
}

func drawn(in *figure.Input) (f figure.Figure) {
	f.Layout = "tr"
	if scene.Wide(in) {
		f.Layout = "tr wide"
	}
	f.Panels = Panels(scene.Of(in))
	return f
}

// TestCompareShots draws pictures to look at (see viewtest.Shots).
func TestCompareShots(t *testing.T) {
	for name := range compared {
		viewtest.Shots(t, "compare-"+name, func() *figure.Input { return input(t, name) }, drawn)
	}
}

// TestCompareGolden keeps the part with the served models.
func TestCompareGolden(t *testing.T) {
	for name, l := range map[string]*lang.Catalogue{"sentence": lang.English, "three": lang.Chinese, "models": lang.English} {
		in := input(t, name)
		in.L = l
		viewtest.Golden(t, "translate-whatif", "compare-"+name, drawn(in))
	}
}
