package unit

import (
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/states/axis"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// TestShots makes pictures to look at, when SHOTS names a folder.
func TestShots(t *testing.T) {
	for _, c := range pictured {
		t.Run(c.name, func(t *testing.T) {
			in := c.input(t)
			viewtest.Shots(t, "unit-"+c.name, func() *figure.Input { i := *in; return &i }, func(in *figure.Input) figure.Figure { return c.draw(t, in) })
		})
	}
}

// TestGolden draws what the engine says of built-in models.
func TestGolden(t *testing.T) {
	for i, c := range pictured {
		if c.model != "web/models/parens-lstm" && c.name != "gpt" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			in := c.input(t)
			switch i % 3 {
			case 1:
				in.L, in.Dark = lang.Chinese, true
			case 2:
				in.Width, in.Touch = 358, true
			}
			viewtest.Golden(t, "states-unit", c.name, c.draw(t, in))
		})
	}
}

// BenchmarkDraw draws one unit of 1,024 over 800 tokens as now moves.
func BenchmarkDraw(b *testing.B) {
	s := made(b, "o.states.tab=unit", nil)
	s.Cols.N, s.Sources[0].Units = 800, 1024
	s.In.Run.Tokens = nil
	for range 800 {
		s.In.Run.Tokens = append(s.In.Run.Tokens, protocol.Token{Text: "x"})
	}
	s.Sources[0].X = make([]float32, 800*1024)
	for i := range s.Sources[0].X {
		s.Sources[0].X[i] = float32(i%83)/41 - 1
	}
	for b.Loop() {
		s.Now = (s.Now + 1) % 800
		Panels(s)
	}
}

// picture is a scene on a model of the repository.
type picture struct {
	name, model, text, set string
	sources                []string
	unit                   int
	tokens                 int // of the corpus that are run; 0: all of its first documents
}

const (
	parens = "(((  3)2(3)))0(  ((3)2)((3)))" // of the language that the model learnt
	verse  = "ROMEO:\nIs the day so young?\n\nBENVOLIO:\nBut new struck nine.\n"
)

var pictured = []picture{
	{"parens", "web/models/parens-lstm", parens, "at=8&o.states.tab=unit", []string{"layers.0.cell"}, 5, 0},
	{"verse", "web/models/char-lstm", verse, "at=20&o.states.tab=unit", []string{"layers.0.hidden"}, 7, 3000},
	{"gru", "web/models/char-gru", verse, "at=20&o.states.tab=unit&o.states.gate=update_gate", []string{"layers.0.hidden"}, 7, 3000},
	{"gpt", "web/models/mini-gpt", verse, "at=20&o.states.tab=unit", []string{"blocks.0.mlp.post"}, 7, 600},
	{"follow", "web/models/parens-lstm", parens, "at=8&o.states.tab=follow", []string{"layers.0.cell", "layers.0.hidden"}, 5, 0},
	{"digit", "web/models/parens-lstm", parens, "at=8&o.states.tab=follow&o.states.follow=class:digit", []string{"layers.0.hidden"}, 3, 0},
	{"label", "web/models/char-lstm", verse, "at=20&o.states.tab=follow&o.states.follow=class", []string{"layers.0.hidden"}, 7, 3000},
}

func (c *picture) input(t testing.TB) *figure.Input {
	st := viewtest.State(c.text)
	if bad := st.Patch("view=states&" + c.set); bad != nil {
		t.Fatalf("pairs %q", bad)
	}
	e := viewtest.Open(t, c.model)
	e.Corpus(3, c.tokens)
	return e.Input(st)
}

// draw draws the panels as the view puts them.
func (c *picture) draw(t testing.TB, in *figure.Input) figure.Figure {
	s := &axis.Scene{In: in, Cols: axis.Of(in), Now: in.State.At, Unit: c.unit, Choose: choose}
	for _, name := range c.sources {
		layer, _, what, _ := split(name)
		a := in.Activation(protocol.Activation{Name: name, To: -1, Index: -1})
		s.Sources = append(s.Sources, axis.Source{Name: name, What: what, Layer: layer, Units: a.Shape[1], X: a.Data, Cut: protocol.Cut{Level: .4, On: "above"}})
	}
	f := figure.Figure{Layout: "st", Panels: Panels(s)}
	if axis.Wide(in) {
		f.Layout = "st wide"
	}
	for i := range f.Panels {
		f.Panels[i].Column = "st-below"
	}
	return f
}
