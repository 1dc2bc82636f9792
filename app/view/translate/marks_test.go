package translate

import (
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/view/translate/scene"
	"loupe/app/view/viewtest"
)

// drawn is all that the panels of a figure write.
func drawn(f figure.Figure) string {
	var b strings.Builder
	for i := range f.Panels {
		b.WriteString(f.Panels[i].Marks())
		for _, k := range f.Panels[i].HTML {
			b.WriteString(k.HTML)
		}
	}
	return b.String()
}

// TestPatches has each mark and control say what the state can read: of each built-in model, in each form, with changes of each kind.
func TestPatches(t *testing.T) {
	marks := regexp.MustCompile(`data-set="([^"]*)"`)
	for name, c := range pictures {
		e := viewtest.Open(t, "web/models/"+c[0])
		for _, width := range []float64{1376, 960, 358} {
			in := e.Input(viewtest.Patched(t, "translate", c[1]))
			in.Width = width
			f := Draw(in)
			n := 0
			for _, m := range marks.FindAllStringSubmatch(drawn(f), -1) {
				pairs := strings.NewReplacer("{r}", "1", "{c}", "1").Replace(html.UnescapeString(m[1]))
				if bad := in.State.Clone().Patch(pairs); len(bad) > 0 {
					t.Errorf("%s, %g px: %q: bad %q", name, width, pairs, bad)
				}
				n++
			}
			if n < 20 {
				t.Errorf("%s, %g px: %d marks can be clicked", name, width, n)
			}
			if s := drawn(f); strings.Contains(s, "style=") || strings.Contains(s, "NaN") {
				t.Errorf("%s, %g px: a style or a NaN is drawn", name, width)
			}
		}
	}
}

// TestDrag drags the bars of the attention of a step: the weight becomes what it was dragged to, the others keep their proportions, and all sum to 1.
func TestDrag(t *testing.T) {
	for _, c := range []struct{ model, pairs string }{{"g2p-lstm", "text=phonograph&at=3"}, {"g2p-transformer", "text=phonograph&at=3&layer=1&head=2"}} {
		e := viewtest.Open(t, "web/models/"+c.model)
		in := e.Input(viewtest.Patched(t, "translate", c.pairs))
		s := scene.Of(in)
		before := append([]float32{}, s.Row(s.Step)...)
		j, k, m := 4, 1, 2 // dragged, and two others
		st := in.State.Clone()
		if bad := st.Patch(strings.Replace(dragged(s, j), "{}", "0.75", 1)); len(bad) > 0 {
			t.Fatalf("%s: bad %q", c.model, bad)
		}
		in = e.Input(st)
		s = scene.Of(in)
		if s.Step != 2 {
			t.Fatalf("%s: step %d is chosen after the drag", c.model, s.Step)
		}
		after := s.Row(s.Step)
		sum := 0.0
		for _, v := range after {
			sum += float64(v)
		}
		if math.Abs(float64(after[j])-.75) > 1e-6 || math.Abs(sum-1) > 1e-5 { // sums of float32 near 1
			t.Errorf("%s: the weight is %v, all sum to %v", c.model, after[j], sum)
		}
		if was, is := float64(before[k])*float64(after[m]), float64(before[m])*float64(after[k]); math.Abs(was-is) > 1e-5*math.Max(was, is) {
			t.Errorf("%s: weights %v, %v have become %v, %v", c.model, before[k], before[m], after[k], after[m])
		}
		if !changedBars(s)(j) || changedBars(s)(k) {
			t.Errorf("%s: it is not the dragged bar that is marked", c.model)
		}
		// Dragging it further leaves one change of it.
		st = in.State.Clone()
		st.Patch(strings.Replace(dragged(s, j), "{}", "0.5", 1))
		n := 0
		for _, ch := range st.Changes {
			if ch.Op == "weight" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d changes of one weight", c.model, n)
		}
	}
}

// TestHeaviest has the lines carry the fewest tokens that hold the share.
func TestHeaviest(t *testing.T) {
	row := []float32{.1, .5, 0, .25, .15}
	for _, c := range []struct {
		share float64
		want  []int
	}{{.5, []int{1}}, {.75, []int{1, 3}}, {.76, []int{1, 3, 4}}, {1, []int{1, 3, 4, 0}}} {
		got := heaviest(row, c.share)
		if len(got) != len(c.want) {
			t.Errorf("%v of it: %v, want %v", c.share, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%v of it: %v, want %v", c.share, got, c.want)
			}
		}
	}
}

// TestReading has each form of the sentence say its numbers.
func TestReading(t *testing.T) {
	for _, c := range []struct {
		model, pairs string
		want         []string
	}{
		{"g2p-lstm", "text=phonograph&at=2", []string{"comes from o", "% of its attention", "won over"}},
		{"g2p-transformer", "text=phonograph&at=2&layer=1&head=2", []string{"looks most at", "layer 1, head 2"}},
		{"g2p-transformer", "text=phonograph&at=2&layer=0", []string{"layer 0, mean of heads"}},
		{"g2p-lstm", "text=phonograph&at=9&o.translate.min=12", []string{"though </s> was likelier there", "forbids it"}},
		{"g2p-lstm", "text=phonograph&o.translate.most=3", []string{"limit of 3 tokens"}},
		{"g2p-lstm", "text=phonograph&change=prefix@0:row=34_40", []string{"was made to begin with", "Without the changes the target is"}},
		{"g2p-lstm", "text=phonograph&change=decoder.attn.pattern@2:weight=4_0.9", []string{"changes"}},
	} {
		e := viewtest.Open(t, "web/models/"+c.model)
		got := figure.Plain(Draw(e.Input(viewtest.Patched(t, "translate", c.pairs))).Reading)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s %s: %q does not say %q", c.model, c.pairs, got, w)
			}
		}
		if strings.Contains(got, "{") || strings.Contains(got, "%!") {
			t.Errorf("%s: %q", c.pairs, got)
		}
	}
}

// TestTable has the twin hold what is drawn: the words, and rows of attention that sum to 1.
func TestTable(t *testing.T) {
	in := viewtest.Open(t, "web/models/dates-lstm").Input(viewtest.Patched(t, "translate", "text=the+third+of+March"))
	s := scene.Of(in)
	table := table(s)
	for i, row := range table.Rows {
		if row[1] != s.Path()[i].Text {
			t.Errorf("row %d is of %q, not of %q", i, row[1], s.Path()[i].Text)
		}
		sum := 0.0
		for _, v := range row[7:] {
			x, err := strconv.ParseFloat(v, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += x
		}
		if n := len(s.T.Source); len(row) != 7+n || math.Abs(sum-1) > 1e-4*float64(n) { // four decimals each
			t.Errorf("row %d: %d weights sum to %v", i, len(row)-7, sum)
		}
	}
}

// TestNoRun draws what there is to say where nothing was read.
func TestNoRun(t *testing.T) {
	in := viewtest.Open(t, "web/models/g2p-lstm").Input(viewtest.Patched(t, "translate", "text=cat"))
	fetch := in.Fetch
	in.Fetch = func(string, any) any { return nil } // nothing is there yet
	if f := Draw(in); f.Layout == "" {
		t.Error("no layout")
	}
	in.Fetch = fetch
	in.Run = nil
	if got := figure.Plain(Draw(in).Reading); got != in.L.T("tr.empty") {
		t.Errorf("%q", got)
	}
}

// Of another hypothesis than the best, another word begins a search of which the best is shown.
func TestAnew(t *testing.T) {
	e := viewtest.Open(t, "web/models/g2p-lstm")
	in := e.Input(viewtest.Patched(t, "translate", "text=phonograph&at=3&o.translate.hyp=2"))
	f := Draw(in)
	n := 0
	for _, m := range regexp.MustCompile(`class="opt" data-set="([^"]*)"`).FindAllStringSubmatch(drawn(f), -1) {
		st := in.State.Clone()
		if bad := st.Patch(html.UnescapeString(m[1])); len(bad) > 0 {
			t.Fatalf("bad %q", bad)
		}
		if len(st.Changes) == 0 {
			continue // it is the word that stands there
		}
		if n++; st.Opt("translate.hyp", "0") != "0" {
			t.Fatalf("%q keeps hypothesis %s", m[1], st.Opt("translate.hyp", ""))
		}
	}
	if n == 0 {
		t.Error("no other word can be chosen")
	}
}
