package attention

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

const quarrel = "ROMEO:\nGood Mercutio, what says the prince to Mercutio, and what says the prince to Romeo?\n\nMERCUTIO:\nGood Romeo, what says the"

// TestShots draws pictures to look at (see viewtest.Shots).
func TestShots(t *testing.T) {
	e := viewtest.Open(t, "web/models/mini-gpt")
	for name, pairs := range map[string]string{
		"attention":       "layer=2&head=7&change=blocks.2.attn.z@*,7:mean",
		"attention-short": "text=Good+Romeo,+what+says+the&o.attn.w=value",
	} {
		viewtest.Shots(t, name, func() *figure.Input {
			st := viewtest.Patched(t, "attention", pairs)
			if st.Text == "" {
				st.Text = quarrel
			}
			return e.Input(st)
		}, Draw)
	}
}

// TestGolden keeps the figure of a tiny GPT-2 in each of its forms.
func TestGolden(t *testing.T) {
	e := viewtest.Open(t, "testdata/models/gpt2-tied")
	for name, c := range map[string]struct {
		pairs string
		width float64
		dark  bool
		l     *lang.Catalogue
	}{
		"wide":  {"text=abcabdabcab&layer=1&head=2&at=8", 1376, false, lang.English},
		"off":   {"text=abcabdabcab&layer=1&head=2&change=blocks.1.attn.z@*,2:zero&change=blocks.0.attn.z@*,0:mean", 1376, true, lang.Chinese},
		"phone": {"text=abcabdabcab&o.attn.w=score", 358, false, lang.English},
		"value": {"text=abcabdabcababcabdabcababcab&layer=0&head=0&at=20&o.attn.w=value", 1376, false, lang.English},
		"one":   {"text=a", 900, false, lang.English},
	} {
		t.Run(name, func(t *testing.T) {
			in := e.Input(viewtest.Patched(t, "attention", c.pairs))
			in.Width, in.Dark, in.L = c.width, c.dark, c.l
			viewtest.Golden(t, "attention", name, Draw(in))
		})
	}
}

// TestSizes draws models and texts of all sizes, and holds that nothing overlaps the picture's edge or escapes unescaped.
func TestSizes(t *testing.T) {
	for _, c := range []struct{ n, layers, heads int }{{1, 1, 1}, {2, 1, 1}, {9, 24, 16}, {64, 12, 12}, {300, 2, 3}} {
		for _, width := range []float64{328, 700, 1136, 1376, 1616} {
			for _, mode := range []string{byAttention, byValue, byScore} {
				in := madeInput(c.n, c.layers, c.heads, viewtest.Patched(t, "attention", "o.attn.w="+mode), even)
				in.Width, in.Touch = width, width < 700
				f := Draw(in)
				for _, p := range f.Panels {
					if width == 1376 {
						viewtest.Check(t, p)
					}
					if strings.Contains(p.Marks(), "<img") {
						t.Fatal("a token's text is markup")
					}
					if p.ID != "one" && p.Width > width {
						t.Errorf("%v at %v: panel %s is %v wide", c, width, p.ID, p.Width)
					}
				}
				one := f.Panels[1]
				if width >= 688 && one.Width > width {
					t.Errorf("%v at %v: the head is %v wide", c, width, one.Width)
				}
				if n := strings.Count(one.Marks(), "<path"); n > 2*manyLines+4*c.n {
					t.Errorf("%v: %d paths", c, n)
				}
				if one.Height > 800 {
					t.Errorf("%v at %v: the head is %v tall", c, width, one.Height)
				}
				for r := -1; r <= c.n; r++ { // what the shell may ask
					one.Tip(r, c.n-1)
					one.Over(r, 0)
				}
			}
		}
	}
}

// TestWords holds that every word is in the catalogue, in both languages: one that is not shows as its key.
func TestWords(t *testing.T) {
	kinds := map[string]bool{}
	for _, l := range lang.Languages {
		for head := range 9 { // their scores make them all kinds of heads
			for _, more := range []string{"", "&at=0", "&o.attn.w=value", "&o.attn.w=score", "&change=blocks.0.attn.z@*,0:zero&change=blocks.1.attn.z@*,1:mean"} {
				in := madeInput([]int{30, 60}[head%2], 2, 10, viewtest.Patched(t, "attention", fmt.Sprintf("layer=0&head=%d%s", head, more)), func(_, _, q, k int) float64 {
					if k == (q+head)%(q+1) {
						return .9
					}
					return .1 / float64(q+1)
				})
				in.L = l
				for _, in := range []*figure.Input{in, viewtest.Without(in, protocol.OpHeadScores), viewtest.Without(in, protocol.OpActivation)} {
					f := Draw(in)
					text := fmt.Sprint(f)
					if tip := f.Panels[1].Tip; tip != nil {
						text += tip(5, 3) + tip(3, 5)
					}
					if i := bareKey(text); i >= 0 {
						t.Errorf("%s: %s shows %q", l.Code, more, text[i:min(len(text), i+40)])
					}
				}
				kinds[newScene(in).kindOf(0, head).key] = true
			}
		}
	}
	if len(kinds) != 5 {
		t.Errorf("the heads are only %v", kinds)
	}
}

// bareKey is where a text shows a key of the catalogue, or a verb that was not filled, or -1.
func bareKey(text string) int {
	for i := 0; ; i++ {
		n := strings.Index(text[i:], "attn.")
		if n < 0 {
			return strings.Index(text, "%!")
		}
		if i += n; i == 0 || text[i-1] != '.' && text[i-1] != '_' { // not that of blocks.0.attn.z
			return i
		}
	}
}

// TestEmpty holds that no text is said in words, not drawn.
func TestEmpty(t *testing.T) {
	f := Draw(madeInput(0, 2, 2, viewtest.Patched(t, "attention", ""), even))
	if len(f.Panels) != 0 || !strings.Contains(figure.Plain(f.Reading), "no text") {
		t.Errorf("%+v", f)
	}
}

// TestNotNumbers holds that weights that are no numbers are said to be none, and drawn as nothing.
func TestNotNumbers(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, mode := range []string{byAttention, byValue, byScore} {
			in := madeInput(9, 2, 2, viewtest.Patched(t, "attention", "o.attn.w="+mode), func(_, _, _, _ int) float64 { return bad })
			f := Draw(in)
			for _, p := range f.Panels {
				viewtest.Check(t, p)
			}
			if r := figure.Plain(f.Reading); !strings.Contains(r, "not numbers") {
				t.Errorf("%v: %s", bad, r)
			}
		}
	}
}

// TestWaiting holds that every answer may be missing.
func TestWaiting(t *testing.T) {
	all := []string{protocol.OpPatterns, protocol.OpActivation, protocol.OpHeadScores, protocol.OpEffects, protocol.OpPredict}
	in := madeInput(9, 2, 2, viewtest.Patched(t, "attention", ""), even)
	f := Draw(viewtest.Without(in, all...))
	for _, p := range f.Panels[:4] {
		viewtest.Check(t, p)
		if p.Busy == "" {
			t.Errorf("panel %s does not say that it waits", p.ID)
		}
	}
	for _, op := range all {
		for _, p := range Draw(viewtest.Without(in, op)).Panels {
			viewtest.Check(t, p)
		}
	}
}

// TestBadState holds that an address may name what this model has not.
func TestBadState(t *testing.T) {
	for _, pairs := range []string{"layer=99&head=99&at=999&token=12345678", "o.attn.w=nonsense&o.attn.op=set", "change=blocks.0.attn.z@3,0:zero", "change=blocks.77.attn.z@*,0:zero"} {
		f := Draw(madeInput(9, 2, 2, viewtest.Patched(t, "attention", pairs), even))
		if f.Chosen == "" || len(viewtest.Patched(t, "attention", "").Patch(f.Chosen)) > 0 {
			t.Errorf("%s: chosen is %q", pairs, f.Chosen)
		}
		if strings.Contains(f.Panels[0].Marks(), "att-strike") {
			t.Errorf("%s: a head is drawn as off", pairs)
		}
	}
}

// TestSwitch holds what the switch does: off is a change, off again undoes it, another way replaces it.
func TestSwitch(t *testing.T) {
	st := viewtest.Patched(t, "attention", "layer=1&head=1")
	act := func(st *state.State, do string) {
		t.Helper()
		c, err := state.ParseChange(strings.TrimPrefix(strings.TrimPrefix(do, "do:"), figure.DoChange))
		if err != nil {
			t.Fatal(err)
		}
		st.Toggle(c)
	}
	controls := func() []figure.Control { return Draw(madeInput(9, 2, 2, st, even)).Panels[3].Controls }
	c := controls()
	if c[0].Value != "" || c[1].Key != "o.attn.op" || c[1].Value != toMean {
		t.Fatalf("on: %+v", c)
	}
	act(st, c[0].Key)
	c = controls()
	if c[0].Value != "1" || len(st.Changes) != 1 || st.Changes[0].Op != toMean || st.Changes[0].Name != "blocks.1.attn.z" || st.Changes[0].Index != 1 {
		t.Fatalf("off: %+v %+v", c, st.Changes)
	}
	act(st, c[1].Key+c[1].Options[1].Value)
	c = controls()
	if c[0].Value != "1" || len(st.Changes) != 1 || st.Changes[0].Op != toZero || c[1].Value != c[1].Options[1].Value {
		t.Fatalf("zero: %+v %+v", c, st.Changes)
	}
	act(st, c[0].Key)
	if c = controls(); c[0].Value != "" || len(st.Changes) != 0 {
		t.Fatalf("on again: %+v %+v", c, st.Changes)
	}
}

// TestTrue compares what is written with the model's numbers, taken another way.
func TestTrue(t *testing.T) {
	e := viewtest.Open(t, "testdata/models/gpt2-tied")
	in := e.Input(viewtest.Patched(t, "attention", "text=abcabdabcab&layer=1&head=2&at=8"))
	s := newScene(in)
	all := in.Activation(protocol.Activation{Name: "blocks.1.attn.pattern", From: 8, To: 9, Index: -1})
	row := all.Data[2*9 : 3*9]
	sum, best := 0.0, 0
	for k, a := range row {
		sum += float64(a)
		if a > row[best] {
			best = k
		}
	}
	if k, a := s.looksAt(); k != best || a != float64(row[best]) {
		t.Errorf("looks at %d %v, want %d %v", k, a, best, row[best])
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("the row sums to %v", sum)
	}
	if svg := Draw(in).Panels[1].SVG; !strings.Contains(svg, fmt.Sprintf("row 8 sums to %.2f", sum)) {
		t.Error("the sum is not written")
	}
	// the head off: the prediction of a run with it off, and the effect measured apart from it
	effect := float64(s.effects.Data[1*3+2])
	off := newScene(e.Input(viewtest.Patched(t, "attention", "text=abcabdabcab&layer=1&head=2&at=8&change=blocks.1.attn.z@*,2:mean")))
	for _, r := range off.likely() {
		if r.ID == s.effects.Token {
			if got := float64(r.P) - on(r); math.Abs(got-effect) > 1e-6 || math.Abs(on(r)-float64(s.effects.P)) > 1e-6 {
				t.Errorf("off: %v, its own effect: %v", got, effect)
			}
			return
		}
	}
	t.Error("the token is not in the chart")
}

func TestStrongest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		n := 1 + r.IntN(40)
		row := make([]float64, n)
		total := 0.0
		for i := range row {
			row[i] = math.Pow(r.Float64(), 4)
			total += row[i]
		}
		edges := strongest(n, n, func(k int) float64 { return row[k] }, false)
		sum, least := 0.0, math.Inf(1)
		for _, e := range edges {
			if math.Abs(e.share-row[e.to]/total) > 1e-12 || e.share > least {
				t.Fatalf("edge %+v of %v", e, row)
			}
			sum, least = sum+e.share, e.share
		}
		if sum < mass || sum-least >= mass {
			t.Fatalf("%d edges carry %v", len(edges), sum)
		}
		if few := strongest(n, 2, func(k int) float64 { return row[k] }, false); len(few) > 2 || few[0] != edges[0] {
			t.Fatalf("at most two: %+v of %+v", few, edges)
		}
	}
}

// BenchmarkDraw draws 512 tokens and 12 x 12 heads: first, and when now moves.
func BenchmarkDraw(b *testing.B) {
	for _, n := range []int{64, 512} {
		in := madeInput(n, 12, 12, viewtest.Patched(b, "attention", "layer=5&head=1"), even)
		Draw(in)
		b.Run(fmt.Sprintf("first/%d", n), func(b *testing.B) {
			for b.Loop() {
				memory.drawn, memory.order = nil, nil
				Draw(in)
			}
		})
		b.Run(fmt.Sprintf("move/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				in.State.At = i % n
				Draw(in)
			}
		})
	}
}
