package near

import (
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view/viewtest"
)

// panel is one of a figure's by its ID.
func panel(t *testing.T, f figure.Figure, id string) *figure.Panel {
	t.Helper()
	for i := range f.Panels {
		if f.Panels[i].ID == id {
			return &f.Panels[i]
		}
	}
	t.Fatalf("no panel %s", id)
	return nil
}

// TestLandsNearItself: states of sentences that are on the map land where they are on it, and no sentence moves a row of it.
func TestLandsNearItself(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	e.Pairs(80)
	var first []float32
	var far []float64
	for _, word := range []string{"aaron", "abate", "phonograph", "academically"} {
		in := e.Input(viewtest.Patched(t, "translate", "text="+word+"&o.translate.map=tsne&o.translate.space=encoder"))
		d := panel(t, draw(in), "near").Scatter.Map
		n := d.N() - d.Landed
		if len(ownRows(d)) != len(word) || d.Landed <= len(word) || len(d.Frame.Y) != 2*d.N() || !slices.Equal(d.Points.Sentences[d.Points.Sentence[n]].Source, strings.Split(word, "")) {
			t.Fatalf("%s: %d landed, %v", word, d.Landed, d.Points.Sentences[len(d.Points.Sentences)-1])
		}
		if first == nil {
			first = slices.Clone(d.Frame.Y[:2*n])
		}
		if !slices.Equal(first, d.Frame.Y[:2*n]) {
			t.Errorf("%s: the map moved", word)
		}
		lo, hi := slices.Min(first), slices.Max(first)
		for i := range n {
			of := d.Points.Sentences[d.Points.Sentence[i]]
			if strings.Join(of.Source, "") != word {
				continue
			}
			k := n + int(property(d, "position", i))
			far = append(far, math.Hypot(float64(d.Frame.Y[2*i]-d.Frame.Y[2*k]), float64(d.Frame.Y[2*i+1]-d.Frame.Y[2*k+1]))/float64(hi-lo))
		}
	}
	slices.Sort(far)
	if len(far) < 10 {
		t.Fatalf("%d of the map's states were looked at", len(far))
	}
	t.Logf("%d states lie %.4f of the map's width from themselves at the median, %.4f at most", len(far), far[len(far)/2], far[len(far)-1])
	if far[len(far)/2] > .01 || far[len(far)-1] > .05 {
		t.Errorf("they lie %v of the map's width from themselves", far)
	}
}

// TestLoop: what is in a loop is listed as pairs, the word of each marked, the nearest to the chosen state on the map first.
func TestLoop(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	e.Pairs(60)
	rows := []int{4, 50, 51, 200, 300}
	in := e.Input(viewtest.Patched(t, "translate", "text=phonograph&at=3&o.translate.map=tsne&o.translate.loop="+state.FormatRows(rows)))
	p := panel(t, draw(in), "near")
	d := p.Scatter.Map
	chosen := p.Scatter.Chosen[0]
	if d.Points.Names[chosen] != in.Run.Tokens[3].Text {
		t.Errorf("%q is chosen", d.Points.Names[chosen])
	}
	html := p.HTML[len(p.HTML)-1].HTML
	if got := strings.Count(html, "<li>"); got != len(rows) || strings.Count(html, "<mark>") != len(rows) {
		t.Errorf("%d of %d are listed:\n%s", got, len(rows), html)
	}
	last := 0.0
	for _, k := range inLoop(d, nearestFirst(d, rows, chosen)) {
		i := slices.IndexFunc(rows, func(r int) bool {
			of := d.Points.Sentences[d.Points.Sentence[r]]
			return slices.Equal(of.Source, k.Source) && int(property(d, "position", r)) == k.Pos
		})
		if i < 0 || k.Side != "target" || k.Target[k.Pos] != d.Points.Names[rows[i]] {
			t.Fatalf("%+v", k)
		}
		away := math.Hypot(float64(d.Frame.Y[2*rows[i]]-d.Frame.Y[2*chosen]), float64(d.Frame.Y[2*rows[i]+1]-d.Frame.Y[2*chosen+1]))
		if away < last {
			t.Errorf("%v comes after one that is farther", k.Source)
		}
		last = away
	}
}

// TestWithoutPairs: on what was translated, its what-ifs land on the map of the sentence, and the small pictures find their neighbours there.
func TestWithoutPairs(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	plain := "text=phonograph&o.translate.map=tsne&o.translate.space=encoder"
	f := draw(e.Input(viewtest.Patched(t, "translate", plain)))
	d := panel(t, f, "near").Scatter.Map
	if d.N() != 10 || d.Landed != 0 || len(ownRows(d)) != 10 || len(f.Panels) != 3 {
		t.Fatalf("%d rows, %d landed, %d panels", d.N(), d.Landed, len(f.Panels))
	}
	was := slices.Clone(d.Frame.Y)
	f = draw(e.Input(viewtest.Patched(t, "translate", plain+"&change=source@1:set=9")))
	d = panel(t, f, "near").Scatter.Map
	if d.N() != 30 || d.Landed != 20 || len(ownRows(d)) != 10 || !slices.Equal(was, d.Frame.Y[:20]) {
		t.Fatalf("%d rows, %d landed", d.N(), d.Landed)
	}
	if each := panel(t, f, "each"); strings.Count(each.SVG, "tr-each") != 10 || strings.Count(each.SVG, "tr-close") != 10 || strings.Contains(each.HTML[0].Spans[0].Text, "not on the map") {
		t.Error(each.HTML[0].Spans[0].Text)
	}
	if list := panel(t, f, "nearest").HTML; strings.Count(list[len(list)-1].HTML, "<li") != 19 {
		t.Error("its own states are not listed")
	}
}
