package whatif

import (
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/translate/scene"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

func open(t testing.TB, model, pairs string) *scene.Scene {
	t.Helper()
	s := scene.Of(viewtest.Open(t, "web/models/"+model).Input(viewtest.Patched(t, "translate", pairs)))
	if s == nil || s.T == nil || len(s.T.Hyps) == 0 {
		t.Fatal("no translation")
	}
	return s
}

// after is the state's changes after a patch.
func after(t testing.TB, patch string) []protocol.Change {
	t.Helper()
	return viewtest.Patched(t, "translate", patch).Changes
}

func names(rows []row) (out []string) {
	for _, r := range rows {
		out = append(out, r.name)
	}
	return out
}

const chain = "change=source@0:set=6&change=decoder.attn.pattern@1:onehot=2&change=decoder.attentional@1,5:zero&change=encoder.output@1:like=0+dog"

// TestRows names each change, and its patches lead to the changes that they should.
func TestRows(t *testing.T) {
	s := open(t, "g2p-lstm", "text=cat&"+chain)
	list := rows(s)
	got := names(list)
	if len(got) != 5 || got[0] != "as it is" || !strings.HasPrefix(got[1], "c → ") || !strings.HasPrefix(got[2], "attention of “") || !strings.HasSuffix(got[2], "” on t alone") ||
		got[3] != "unit 5 of decoder.attentional at step 1 off" || got[4] != "state of a as in “dog”" {
		t.Fatalf("%q", got)
	}
	all := s.Now.Changes
	for i, r := range list {
		if c := after(t, r.set); !slices.Equal(c, all[:i]) {
			t.Errorf("%s: a click gives %v", r.name, c)
		}
		if r.now != (i == 4) {
			t.Errorf("%s: now %v", r.name, r.now)
		}
		if i > 0 {
			if want := slices.Delete(slices.Clone(all), i-1, i); !slices.Equal(after(t, r.drop), want) {
				t.Errorf("%s: × gives %v", r.name, after(t, r.drop))
			}
		}
	}
}

// TestIdlePrefix: a prefix that the winner has anyway is no row, and goes with the change of attention that brought it.
func TestIdlePrefix(t *testing.T) {
	s := open(t, "g2p-lstm", "text=cat&at=2")
	ids := s.IDs(s.Step)
	changes := append(s.AtStep(nil), protocol.Change{Name: s.Seq.Cross[0], Pos: s.Step, Index: -1, Op: "uniform"})
	if len(ids) != 1 || len(changes) != 2 {
		t.Fatalf("%v %v", ids, changes)
	}
	s = open(t, "g2p-lstm", "text=cat&at=2&"+strings.TrimPrefix(scene.Changing(changes), "change=&"))
	list := rows(s)
	if len(list) != 2 || !list[1].now || len(after(t, list[1].drop)) != 0 {
		t.Errorf("%q, × gives %v", names(list), after(t, list[1].drop))
	}
}

// TestKept puts changes aside and gets them back, whatever their text.
func TestKept(t *testing.T) {
	lists := [][]protocol.Change{{{Name: "encoder.output", Pos: 1, Index: -1, Op: "like", Row: "0 a|b~c&d=e"}}, {{Name: protocol.SourceChange, Pos: 0, Index: -1, Op: "set", Value: 6}, {Name: "decoder.attn.pattern", Pos: 1, Index: -1, Op: "onehot", Value: 2}}}
	s := open(t, "g2p-lstm", "text=cat&o.translate.kept="+scene.Keep(lists))
	if kept := s.Kept(); len(kept) != 2 || !slices.Equal(kept[0], lists[0]) || !slices.Equal(kept[1], lists[1]) {
		t.Fatalf("%v", kept)
	}
	list := rows(s)
	if len(list) != 3 || !slices.Equal(after(t, list[2].set), lists[1]) {
		t.Errorf("%q", names(list))
	}
	left := viewtest.Patched(t, "translate", list[1].drop)
	s.In.State = left
	if kept := s.Kept(); len(kept) != 1 || !slices.Equal(kept[0], lists[1]) {
		t.Errorf("× leaves %v", kept)
	}
	if list[0].now {
		t.Error("nothing is changed, and a row is marked")
	}
}

// TestEffect: the probabilities are those of the two searches, and states that no change reaches have not moved.
func TestEffect(t *testing.T) {
	if effect(open(t, "g2p-lstm", "text=phonograph")) != nil {
		t.Error("nothing was changed")
	}
	s := open(t, "g2p-lstm", "text=phonograph&change=decoder.attn.pattern@5:onehot=0")
	v := changed(s)
	moved := v.moved()
	for i, w := range v.words[:5] {
		if w.A != i || w.B != i || math.Abs(moved[i]) > 1e-9 {
			t.Errorf("step %d is before the change, and moved by %g", i, moved[i])
		}
	}
	if !slices.ContainsFunc(moved[5:], func(d float64) bool { return d > 1e-4 }) {
		t.Errorf("from the change on: %v", moved[5:])
	}
	p := effect(s)
	if p == nil || len(p.Table.Rows) != len(v.words) {
		t.Fatal("no panel")
	}
	for i, w := range v.words {
		if w.Same && p.Table.Rows[i][0] != p.Table.Rows[i][1] {
			t.Errorf("%v", p.Table.Rows[i])
		}
	}
}

// TestAlign aligns with the fewest edits: as many as a search over all ways finds.
func TestAlign(t *testing.T) {
	nodes := func(word string) (out []protocol.Node) {
		for _, r := range word {
			out = append(out, protocol.Node{ID: int(r), Text: string(r)})
		}
		return out
	}
	var fewest func(a, b string) int
	fewest = func(a, b string) int {
		switch {
		case a == "" || b == "":
			return len(a) + len(b)
		case a[0] == b[0]:
			return fewest(a[1:], b[1:])
		}
		return 1 + min(fewest(a[1:], b[1:]), fewest(a[1:], b), fewest(a, b[1:]))
	}
	for _, c := range [][2]string{{"", ""}, {"abc", ""}, {"", "ab"}, {"kitten", "sitting"}, {"abcd", "bcda"}, {"aab", "aaab"}, {"sunday", "saturday"}} {
		for _, pairs := range [][]scene.Pair{scene.Align(nodes(c[0]), nodes(c[1])), scene.AlignText(nodes(c[0]), nodes(c[1]))} {
			edits, a, b := 0, 0, 0
			for _, p := range pairs {
				if !p.Same {
					edits++
				}
				if p.A >= 0 {
					if p.A != a {
						t.Errorf("%q: not in order: %v", c, pairs)
					}
					a++
				}
				if p.B >= 0 {
					if p.B != b {
						t.Errorf("%q: not in order: %v", c, pairs)
					}
					b++
				}
				if p.Same && c[0][p.A] != c[1][p.B] {
					t.Errorf("%q: %v is not the same", c, p)
				}
			}
			if edits != fewest(c[0], c[1]) || a != len(c[0]) || b != len(c[1]) {
				t.Errorf("%q: %d edits, %v", c, edits, pairs)
			}
		}
	}
}

func draw(s *scene.Scene) (f figure.Figure) {
	f.Layout, f.Panels = "tr", append(Panels(s), Change(s)...)
	return f
}

// TestGolden keeps the panels with the served models.
func TestGolden(t *testing.T) {
	for name, c := range map[string]struct {
		model, pairs string
		l            *lang.Catalogue
	}{
		"chain": {"g2p-lstm", "text=cat&at=2&o.translate.src=0&" + chain, lang.English},
		"heads": {"g2p-transformer", "text=cat&at=2&o.translate.act=decoder.blocks.0.cross_attn.z&change=decoder.blocks.0.cross_attn.z@*,1:zero&o.translate.kept=source%400%3Aset%3D6", lang.Chinese},
	} {
		e := viewtest.Open(t, "web/models/"+c.model)
		in := e.Input(viewtest.Patched(t, "translate", c.pairs))
		in.Width, in.L = 1376, c.l
		viewtest.Golden(t, "translate-whatif", name, draw(scene.Of(in)))
	}
}
