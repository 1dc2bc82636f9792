package attention

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// pictured are states of encoder-decoders, by model.
var pictured = map[string][2]string{
	"encoder": {"g2p-transformer", "text=phonograph&o.attn.half=encoder&layer=1&head=2&o.translate.src=3"},
	"decoder": {"g2p-transformer", "text=phonograph&layer=1&head=2&at=3"},
	"cross":   {"g2p-transformer", "text=phonograph&o.attn.half=cross&layer=1&head=2&at=3&change=decoder.blocks.1.cross_attn.z@*,2:zero"},
	"whole":   {"g2p-lstm", "text=phonograph&at=3"},
	"dates":   {"dates-lstm", "text=we+bought+two+hundred+and+five+books+on+the+third+of+March&at=8&change=decoder.context@*:zero"},
}

// TestHalfShots draws pictures to look at (see viewtest.Shots).
func TestHalfShots(t *testing.T) {
	for name, c := range pictured {
		e := viewtest.Open(t, "web/models/"+c[0])
		viewtest.Shots(t, "attention-"+name, func() *figure.Input { return e.Input(viewtest.Patched(t, "attention", c[1])) }, Draw)
	}
}

// TestHalfGolden keeps the figure of each attention of an encoder-decoder.
func TestHalfGolden(t *testing.T) {
	for name, c := range map[string]struct {
		model, pairs string
		width        float64
		dark         bool
		l            *lang.Catalogue
	}{
		"encoder": {"g2p-transformer", "text=cat&o.attn.half=encoder&layer=2&head=1&o.translate.src=1&at=2", 1376, false, lang.English},
		"decoder": {"g2p-transformer", "text=cat&o.attn.half=decoder&layer=0&head=3&at=2&o.attn.w=value", 960, true, lang.Chinese},
		"cross":   {"g2p-transformer", "text=cat&o.attn.half=cross&layer=1&head=2&at=2&change=decoder.blocks.1.cross_attn.z@*,2:zero", 358, false, lang.English},
		"whole":   {"g2p-lstm", "text=cat&at=2&o.attn.w=score", 1376, false, lang.English},
	} {
		t.Run(name, func(t *testing.T) {
			in := viewtest.Open(t, "web/models/"+c.model).Input(viewtest.Patched(t, "attention", c.pairs))
			in.Width, in.Dark, in.L = c.width, c.dark, c.l
			viewtest.Golden(t, "attention", "half-"+name, Draw(in))
		})
	}
}

// TestHalfTrue compares what is written of each attention with the model's numbers, taken another way.
func TestHalfTrue(t *testing.T) {
	for name, c := range pictured {
		e := viewtest.Open(t, "web/models/"+c[0])
		in := e.Input(viewtest.Patched(t, "attention", c[1]))
		s := newScene(in)
		f := Draw(in)
		a := in.Activation(protocol.Activation{Name: s.name("pattern"), From: s.now, To: s.now + 1, Index: -1})
		width := len(a.Data) / s.heads
		row := a.Data[s.head*width:][:width]
		best, sum := 0, 0.0
		for k, v := range row {
			sum += float64(v)
			if v > row[best] {
				best = k
			}
		}
		if k, v := s.looksAt(); k != best || math.Abs(v-float64(row[best])) > 1e-6 { // a run that records what each head adds sums that in another order
			t.Errorf("%s: looks at %d %v, want %d %v", name, k, v, best, row[best])
		}
		if math.Abs(sum-1) > 1e-5 { // float32
			t.Errorf("%s: the row sums to %v", name, sum)
		}
		to, at := in.Run.Tokens, 3
		if s.half != protocol.HalfDecoder {
			to = in.Run.Source
		}
		if name == "dates" {
			at = 8
		}
		r := figure.Plain(f.Reading)
		for _, want := range []string{fmt.Sprintf("(token %d)", at), to[best].Text} {
			if !strings.Contains(r, want) {
				t.Errorf("%s: %q does not say %q", name, r, want)
			}
		}
		if i := bareKey(fmt.Sprint(f)); i >= 0 {
			t.Errorf("%s shows a bare key: %s", name, fmt.Sprint(f)[i:][:60])
		}
	}
}

// TestHalfLinks holds that marks of either side light the tokens of the text that they are of, and choose them.
func TestHalfLinks(t *testing.T) {
	for name, c := range pictured {
		in := viewtest.Open(t, "web/models/"+c[0]).Input(viewtest.Patched(t, "attention", c[1]))
		s := newScene(in)
		f := Draw(in)
		for i := range f.Panels {
			for _, m := range []string{"data-h", "data-set"} {
				for _, part := range strings.Split(f.Panels[i].Marks(), m+`="`)[1:] {
					v, _, _ := strings.Cut(part, `"`)
					var j int
					if _, err := fmt.Sscanf(v, "s%d", &j); err == nil && j >= len(in.Run.Source) {
						t.Errorf("%s: %s=%q", name, m, v)
					}
					if _, err := fmt.Sscanf(v, "t%d", &j); err == nil && j >= len(in.Run.Tokens) {
						t.Errorf("%s: %s=%q", name, m, v)
					}
				}
			}
			if pick := f.Panels[i].Pick; pick != nil {
				st := in.State.Clone()
				if bad := st.Patch(pick(1, 2, false)); len(bad) > 0 {
					t.Errorf("%s: %q", name, bad)
				}
				next := newScene(viewtest.Open(t, "web/models/"+c[0]).Input(st))
				if next.now != 1 {
					t.Errorf("%s: row %d after a click on row 1", name, next.now)
				}
			}
		}
		if last := s.rowHover(s.n - 1); s.half != protocol.HalfEncoder && last != fmt.Sprintf("t%d", len(in.Run.Tokens)-1) {
			t.Errorf("%s: the last row is %s", name, last)
		}
	}
}
