package memory

import (
	"math"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

const verse = "To be, or not to be: that is the question."

// scene is the tab over the char LSTM, with the GRU run beside it on an engine of its own.
func scene(t *testing.T, model, text, set string) *axis.Scene {
	st := viewtest.State(text)
	if bad := st.Patch("view=states&o.states.tab=memory&" + set); bad != nil {
		t.Fatalf("pairs %q", bad)
	}
	e := viewtest.Open(t, "web/models/"+model)
	in := e.Input(st)
	st.Model = model
	if st.At < 0 {
		st.At = len(in.Run.Tokens) - 1
	}
	for _, id := range []string{"char-lstm", "char-gru", "char-rnn"} {
		in.Cards = append(in.Cards, figure.Card{ID: id, Title: map[string]string{"en": id, "zh": id}, Runs: true, Layers: 2, Hidden: 192, Parameters: 500_000, Bytes: 1 << 20})
	}
	in.Besides = func(id string, most int) *figure.Beside {
		other := viewtest.Open(t, "web/models/"+id)
		o := other.Input(viewtest.State(text))
		return &figure.Beside{Card: &figure.Card{ID: id}, Model: o.Model, Run: o.Run, Summary: o.Summary(most)}
	}
	return &axis.Scene{In: in, Cols: axis.Of(in), Now: st.At}
}

// drawn is the panels as a figure.
func drawn(s *axis.Scene) figure.Figure {
	f := figure.Figure{Layout: "st wide", Panels: Panels(s)}
	for i := range f.Panels {
		f.Panels[i].Column = "st-below"
	}
	return f
}

func TestGolden(t *testing.T) {
	viewtest.Golden(t, "states-memory", "lstm", drawn(scene(t, "char-lstm", verse, "at=30&o.states.vs=char-gru,char-rnn")))
	s := scene(t, "parens-lstm", "((2(3)))0((2", "")
	s.In.L, s.In.Dark = lang.Chinese, true
	viewtest.Golden(t, "states-memory", "parens", drawn(s))
}

func TestShots(t *testing.T) {
	in := scene(t, "char-lstm", verse, "at=30&o.states.vs=char-gru,char-rnn").In
	viewtest.Shots(t, "memory", func() *figure.Input { i := *in; return &i }, func(in *figure.Input) figure.Figure {
		return drawn(&axis.Scene{In: in, Cols: axis.Of(in), Now: in.State.At})
	})
}

// TestNumbers holds that what is said and listed is what the engine measured.
func TestNumbers(t *testing.T) {
	s := scene(t, "char-lstm", verse, "at=30&o.states.vs=char-gru")
	panels := Panels(s)
	m := s.In.Memory(30, most)
	rows := panels[0].Table.Rows
	if len(rows) != len(m.Occluded) || len(rows) != 31 {
		t.Fatalf("%d rows of %d distances", len(rows), len(m.Occluded))
	}
	for d, row := range rows {
		if row[2] != value(m.Occluded, d) || row[3] != value(m.Short, d) {
			t.Errorf("%d back: %v", d, row)
		}
	}
	if last := float64(m.Short[30]); math.Abs(last) > 1e-6 {
		t.Errorf("reading all of the text changes the prediction by %g", last)
	}
	if len(panels) != 4 || len(panels[1].Table.Head) != 4 || len(panels[3].Table.Rows) != 2*3+2*2 {
		t.Fatalf("%d panels", len(panels))
	}
	other := s.In.Besides("char-gru", most).Run
	for i, row := range panels[1].Table.Rows[1:] {
		if own, gru := bitsOf(s.In.Run.Surprisal[i+1]), bitsOf(other.Surprisal[i+1]); row[2] != own || row[3] != gru {
			t.Errorf("token %d: %v, want %s and %s", i+1, row, own, gru)
		}
	}
}

func bitsOf(nats float32) string { return svg.Fixed(float64(nats)/math.Ln2, 2) }

// TestReach is the last point from which on all is the same.
func TestReach(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		short []float32
		want  int
	}{{nil, -1}, {[]float32{1, .01, 1, .01, 0}, 3}, {[]float32{0, 0}, 0}, {[]float32{0, 1}, -1}, {[]float32{1, .01, nan}, -1}} {
		if got := Reach(c.short); got != c.want {
			t.Errorf("%v: %d, want %d", c.short, got, c.want)
		}
	}
}

// TestWithout says why there is nothing, and what is waited for.
func TestWithout(t *testing.T) {
	s := scene(t, "char-lstm", verse, "")
	if p := Panels(s); len(p) != 2 || !strings.Contains(p[1].HTML[0].Spans[0].Text, "Choose models") {
		t.Errorf("%+v", p)
	}
	big := *s.In.Model
	big.Params = quick + 1
	s.In.Model = &big
	if p := Panels(s)[0]; p.SVG != "" || len(p.Controls) != 1 || p.Controls[0].Key != "o.states.mem=1" {
		t.Errorf("a large model was not asked about: %+v", p)
	}
	s.In.State.Patch("o.states.mem=1")
	if p := Panels(s)[0]; p.SVG == "" {
		t.Error("it was asked for, and is not there")
	}
	none := big
	none.Logits = false
	s.In.Model = &none
	if p := Panels(s); len(p) != 1 || p[0].SVG != "" {
		t.Errorf("a model without predictions: %+v", p)
	}
	s.In.Model, s.In.Fetch = &big, func(string, any) any { return nil }
	s.In.State.Patch("o.states.vs=char-gru")
	s.In.Besides = func(id string, _ int) *figure.Beside {
		return &figure.Beside{Card: &figure.Card{ID: id}, Err: &protocol.Error{Detail: "no room"}}
	}
	if p := Panels(s); p[0].Busy == "" || !strings.Contains(p[1].HTML[0].Spans[0].Text, "no room") {
		t.Errorf("%+v", p)
	}
}
