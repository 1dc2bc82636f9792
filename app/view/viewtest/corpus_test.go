package viewtest

import (
	"testing"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// TestCorpus asks about a corpus as a view does: of the model's own, half way, and of one that a person brought.
func TestCorpus(t *testing.T) {
	e := Open(t, "web/models/parens-lstm")
	e.Corpus(3, 300)
	in := e.Input(State("((2))"))
	spec := figure.CorpusSpec{Text: "builtin", Sources: []string{"layers.0.cell"}, Cuts: []protocol.Cut{{Level: 1, On: "above"}}}
	c := in.OpenCorpus(spec)
	if c == nil || c.Info == nil || c.Info.Documents != 3 || !c.Running || c.Settled != 304 || in.Cards[0].ID != "parens-lstm" {
		t.Fatalf("%+v", c)
	}
	q := protocol.Match{Corpus: c.Info.ID, Upto: c.Settled, Cuts: spec.Cuts, Units: []int{15}, Least: 1, N: 3, Left: 1, Right: 1, Tracks: []string{"depth"}}
	r, fresh := in.Matches(q)
	if !fresh || len(r.Rows) != 3 || len(r.Tracks) != 1 || len(r.Tracks[0].Values) != len(r.Tokens) {
		t.Errorf("%+v", r)
	}
	if l, fresh := in.Lift(q); !fresh || l.Places != r.Total || len(l.Rows) == 0 {
		t.Errorf("%+v", l)
	}
	if tr := in.Tracks(); tr == nil || tr.Tracks[0].Name != "depth" {
		t.Errorf("%+v", tr)
	}
	if in.OpenCorpus(figure.CorpusSpec{Text: "file", Sources: spec.Sources}) != nil {
		t.Error("a corpus that nobody brought")
	}
	e.Bring("mine.txt", "((1)2)", 0)
	in = e.Input(State("((2))"))
	spec.Text = "file"
	if c = in.OpenCorpus(spec); c == nil || c.Running || c.Filled.Tokens != 6 || in.Dropped != "mine.txt" {
		t.Errorf("%+v", c)
	}
}
