package beam

import (
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/translate/scene"
	"loupe/app/view/viewtest"
)

// drawn are the tree and the reference below it for a state.
func drawn(t testing.TB, e *viewtest.Engine, pairs string, change func(*figure.Input)) (*scene.Scene, figure.Panel, figure.Panel) {
	t.Helper()
	in := e.Input(viewtest.Patched(t, "translate", pairs))
	if change != nil {
		change(in)
	}
	s := scene.Of(in)
	if s == nil || s.T == nil {
		t.Fatal("no translation")
	}
	p := Panels(s)
	return s, p[0], p[1]
}

func said(p figure.Panel) (out string) {
	for _, b := range p.HTML {
		out += figure.Plain(b.Spans) + "\n"
	}
	return out
}

// TestGolden keeps a tree with a reference that left it, and one that it has.
func TestGolden(t *testing.T) {
	lstm, transformer := viewtest.Open(t, "web/models/g2p-lstm"), viewtest.Open(t, "web/models/g2p-transformer")
	_, left, below := drawn(t, lstm, "text=aloisio&o.translate.beam=1&o.translate.ref=AA0+L+OY1+S+IY0+OW0", nil)
	viewtest.Golden(t, "translate-beam", "left", figure.Figure{Panels: []figure.Panel{left, below}, Layout: "tr"})
	_, whole, under := drawn(t, transformer, "text=phonograph&o.translate.ref=F+OW1+N+AH0+G+R+AE2+F", func(in *figure.Input) { in.Dark, in.L = true, lang.Chinese })
	viewtest.Golden(t, "translate-beam", "whole", figure.Figure{Panels: []figure.Panel{whole, under}, Layout: "tr"})
}

// TestReference holds what is drawn and said of a reference: dashed as far as it goes, longer than the winner within the figure, a click that has
// the target begin as it does, and all of its steps in the table.
func TestReference(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	_, without, _ := drawn(t, e, "text=cat", nil)
	s, p, below := drawn(t, e, "text=cat&o.translate.ref=K+AA1+T+S+IH0+NG", nil)
	r := s.Ref
	if r == nil || r.Left != 3 || len(r.Tokens) != 7 || s.Cols.Steps < 7 || s.Cols.X(6) > s.Cols.Right {
		t.Fatalf("%+v in %d columns", r, s.Cols.Steps)
	}
	if n := strings.Count(p.SVG, `class="tr-ref"`); n != 6 || strings.Count(p.SVG, `class="tr-left"`) != 1 || strings.Contains(without.SVG, "tr-ref") {
		t.Errorf("%d dashed edges", n)
	}
	begin := scene.Changing(scene.Prefixed(nil, []int{r.Tokens[0].ID, r.Tokens[1].ID, r.Tokens[2].ID, r.Tokens[3].ID})) + "&at=4"
	if set := below.HTML[0].Spans[len(below.HTML[0].Spans)-1].Set; set != begin || !strings.Contains(p.SVG, strings.ReplaceAll(begin, "&", "&amp;")) {
		t.Errorf("a click says %q, not %q", set, begin)
	}
	if n, m := len(p.Table.All()), len(without.Table.All()); n != m+7 {
		t.Errorf("%d rows after %d", n, m)
	}
	if below.Controls[0].Value != "K AA1 T S IH0 NG" || below.Controls[1].Key != "o.translate.ref=" {
		t.Errorf("%+v", below.Controls)
	}
	s, _, _ = drawn(t, e, begin+"&text=cat&o.translate.ref=K+AA1+T+S+IH0+NG", nil)
	if s.T.Forced != 4 || s.Ref.Left < 4 {
		t.Errorf("the target is held to %d, and leaves at %d", s.T.Forced, s.Ref.Left)
	}
	for pairs, want := range map[string]string{
		"text=cat&o.translate.ref=K+AE1+T":                                                "The winner is the reference",
		"text=cat&o.translate.ref=K+9+T":                                                  "no token for these characters: \"9\"",
		"text=cat&change=prefix@0:row=34&o.translate.ref=K+AE1+T":                         "held to another word",
		"text=cat&o.translate.beam=1&o.translate.ref=K+AE1+T+S":                           "over at step 3",
		"text=aloisio&o.translate.beam=1&o.translate.ref=AA0+L+OY1+S+IY0+OW0":             "the search lost it. It left the beam at step 2, \"OY1\": there it was no. 2, and 1 went on.",
		"text=cat&o.translate.most=2&o.translate.ref=K+AE1+T":                             "over at step 2",
		"text=cat&o.translate.ref=" + strings.Repeat("K+", 500):                           "longer than a target may be",
		"text=phonograph&o.translate.beam=1&o.translate.ref=F+OW1+N+AH0+G+R+AE2+F&at=500": "prefers the winner",
	} {
		if _, _, p := drawn(t, e, pairs, nil); !strings.Contains(said(p), want) {
			t.Errorf("%s: %q, not %q", pairs, said(p), want)
		}
	}
	if s, _, _ := drawn(t, e, "text=cat&o.translate.ref=+", nil); s.Ref != nil {
		t.Error("white space is a reference")
	}
}
