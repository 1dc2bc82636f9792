package words

import (
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/state"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// model is word vectors with parts of speech, that a script of ours trained.
const model = "web/models/word-vectors"

// at is a state that maps few words, so that a test is quick.
func at(pairs string) *state.State {
	st := state.New()
	st.View, st.Text = "words", "the king and the queen walked along the river"
	st.Patch("o.words.max=600&o.words.iters=300&o.words.exagfor=100&" + pairs)
	return st
}

// TestGolden draws maps whose places do not hang on the last bits of sums: by PCA and by own axes.
func TestGolden(t *testing.T) {
	e := viewtest.Open(t, model)
	set := "royal%7C3%7C" + state.FormatRows([]int{12, 40, 77}) + "&o.words.set.2=off%7C-5%7C@part%20of%20speech:verb"
	for _, c := range []struct {
		name, pairs string
		edit        func(*figure.Input)
	}{
		{"pca", "o.words.by=pca&token=240", nil},
		{"axes", "o.words.by=axes&o.words.y=good>badd&o.words.settings=1&o.words.colour=rank", nil},
		{"selection", "o.words.by=pca&o.words.dims=3&o.words.pick=2,0,1&o.words.sel=@part%20of%20speech:verb&o.words.set.1=" + set + "&o.words.rename=1", nil},
		{"search", "o.words.by=pca&o.words.find=^.ing&o.words.re=1&o.words.colour=sets&o.words.set.1=" + set + "&o.words.hide=!@part%20of%20speech:noun", nil},
		{"phone", "o.words.by=pca&o.words.find=qu", func(in *figure.Input) { in.Width, in.Touch = 358, true }},
		{"zh", "o.words.by=pca&o.words.sel=" + state.FormatRows([]int{1, 2, 3}), func(in *figure.Input) { in.L = lang.Chinese }},
	} {
		in := e.Input(at(c.pairs))
		if c.edit != nil {
			c.edit(in)
		}
		viewtest.Golden(t, "words", c.name, Draw(in))
	}
}

// TestOwnAxes holds that own axes are words of the map, by default those that a vocabulary has, and that an isolated map counts
// its own rows.
func TestOwnAxes(t *testing.T) {
	e := viewtest.Open(t, model)
	d := begin(e.Input(at("o.words.by=axes&o.words.y=king,queen>river")))
	l := d.m.Spec.Layout
	if l.Method != "axes" || len(l.Axes) != 2 || d.name(l.Axes[0][0][0]) != "man" || d.name(l.Axes[0][1][0]) != "woman" {
		t.Fatalf("the layout is %+v", l)
	}
	if y := l.Axes[1]; len(y[0]) != 2 || d.name(y[0][1]) != "queen" || d.name(y[1][0]) != "river" {
		t.Errorf("the second axis is %v", y)
	}
	points, _ := d.pointsOfNames([]string{"man", "woman", "king", "queen", "river"})
	part := begin(e.Input(at("o.words.by=axes&o.words.y=king>river&o.words.iso=" + state.FormatRows(points))))
	if l = part.m.Spec.Layout; part.n != 5 || len(l.Axes) != 2 || part.name(l.Axes[0][1][0]) != "woman" || part.name(l.Axes[1][1][0]) != "river" {
		t.Errorf("alone, %d words have the axes %v", part.n, l.Axes)
	}
	_, _, missing := part.axisRows("man > the", part.m.Spec.Rows)
	if len(missing) != 1 || missing[0] != "the" {
		t.Errorf("a word that is not shown is no end of an axis: %q", missing)
	}
}

// TestBefore holds what is drawn before there are vectors, where there are none, and where something went wrong.
func TestBefore(t *testing.T) {
	m := &protocol.Model{Logits: true}
	in := viewtest.Made(m, &protocol.RunResult{}, state.New(), nil)
	for want, made := range map[string]*figure.Map{
		"Reading the vectors …":             {Running: true, Step: &protocol.Step{Stage: "weights", Done: 1, Total: 4}},
		"This model has no such vectors.":   nil,
		"There is no map of these vectors.": {Err: &protocol.Error{Code: "no-embedding"}},
	} {
		in.Maps = func(figure.MapSpec) *figure.Map { return made }
		f := Draw(in)
		if got := figure.Plain(f.Reading); got != want {
			t.Errorf("the reading is %q, want %q", got, want)
		}
		p := f.Panels[0]
		viewtest.Check(t, p)
		switch {
		case made != nil && made.Step != nil && !strings.HasSuffix(p.Busy, "25\u00a0%"):
			t.Errorf("25 %% of the weights: %q", p.Busy)
		case made != nil && made.Err != nil && (len(p.HTML) < 2 || !strings.Contains(p.HTML[0].Spans[0].Text, "no input embedding")):
			t.Errorf("an error is said as %+v", p.HTML)
		}
	}
}

// TestNoText holds that vectors are drawn where no text is.
func TestNoText(t *testing.T) {
	d := made("a b c", nil, nil, labels("kind", "x y x"))
	for _, run := range []*protocol.RunResult{nil, {}} {
		d.in.Run = run
		for _, src := range []string{"input", "context"} {
			d.in.State.Patch("o.words.src=" + src)
			for _, p := range Draw(d.in).Panels {
				viewtest.Check(t, p)
			}
		}
	}
}

// TestOneHot holds that a model without an input embedding begins with its output embedding, and says why the input is not there.
func TestOneHot(t *testing.T) {
	in := viewtest.Made(&protocol.Model{Logits: true, OneHot: true}, &protocol.RunResult{}, state.New(), nil)
	in.Maps = func(s figure.MapSpec) *figure.Map { return &figure.Map{Spec: s} }
	d := begin(in)
	if got := d.m.Spec.Points.Source; got != "output" {
		t.Errorf("it begins with %q", got)
	}
	if o := d.sources().Options[0]; o.Value != "input" || o.Disabled == "" {
		t.Errorf("the input embedding may be chosen: %+v", o)
	}
}

func TestShots(t *testing.T) {
	e := viewtest.Open(t, model)
	for name, pairs := range map[string]string{
		"map": "o.words.max=8000&o.words.iters=500", "chosen": "o.words.settings=1&o.words.find=qu&o.words.colour=rank&token=240",
		"axes": "o.words.by=axes&o.words.y=bad>gud", "pca3": "o.words.by=pca&o.words.dims=3&o.words.sel=@part%20of%20speech:noun",
	} {
		viewtest.Shots(t, "words-"+name, func() *figure.Input { return e.Input(at(pairs)) }, Draw)
	}
}

// TestFewWords holds that maps of very few words are drawn, by every method.
func TestFewWords(t *testing.T) {
	e := viewtest.Open(t, model)
	for n := 1; n <= 5; n++ {
		for _, by := range []string{"pca", "tsne", "axes", "exact"} {
			for _, dims := range []string{"2", "3"} {
				rows := []int{3, 50, 111, 200, 425}[:n]
				f := Draw(e.Input(at("o.words.by=" + by + "&o.words.dims=" + dims + "&o.words.iso=" + state.FormatRows(rows))))
				for _, p := range f.Panels {
					viewtest.Check(t, p)
					if p.Table != nil {
						p.Table.All()
					}
				}
				if p := f.Panels[0]; p.Scatter == nil || len(p.Scatter.Names) != n {
					t.Errorf("%d words by %s in %s dimensions: no map, %+v", n, by, dims, p.HTML)
				}
			}
		}
	}
}

// TestSampled says how many words of how many are shown, with their thousands apart.
func TestSampled(t *testing.T) {
	d := made("a b c", nil, nil)
	d.p.Warnings = []protocol.Warning{{Code: "points-sampled", What: "400000", N: 20000}, {Code: "axis-empty", What: "x"}}
	notes := d.notes()
	if len(notes) != 2 || !strings.HasPrefix(notes[0].Spans[0].Text, "20,000 of 400,000 tokens") || !strings.Contains(notes[1].Spans[0].Text, "axis x") {
		t.Errorf("%+v", notes)
	}
}
