package start

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// cards are a model of each kind of thumbnail, one that this version cannot run, and one whose card is damaged.
func cards() []figure.Card {
	bytes := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i * 37)
		}
		return b
	}
	card := func(id string, runs bool, t *figure.Thumb) figure.Card {
		return figure.Card{ID: id, Title: map[string]string{"en": "Title of " + id, "zh": "标题 " + id}, About: map[string]string{"en": "About " + id},
			Family: "LSTM", Layers: 2, Hidden: 16, Parameters: 2661, Bytes: 11000, Runs: runs, Thumb: t}
	}
	heads := card("heads", true, &figure.Thumb{Kind: "heads", Shape: []int{2, 3, 4, 4}, Scale: .01, Data: bytes(96), Unit: -1})
	heads.Heads = 3
	words := card("words", true, &figure.Thumb{Kind: "words", Shape: []int{12, 2}, Scale: .01, Data: bytes(24), Unit: -1})
	words.Layers = 0
	return []figure.Card{
		card("parens-lstm", true, &figure.Thumb{Kind: "cells", Shape: []int{6, 4}, Scale: .01, Data: bytes(24), Unit: 2}),
		card("cells", true, &figure.Thumb{Kind: "cells", Shape: []int{6, 40}, Scale: .01, Data: bytes(240), Unit: -1}),
		heads,
		card("later", false, nil),
		card("damaged", true, &figure.Thumb{Kind: "cells", Shape: []int{1 << 30, 1 << 30}, Data: bytes(3)}),
		words,
	}
}

func TestGolden(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	for name, wide := range map[string]float64{"wide": 1376, "narrow": 720, "phone": 358} {
		st := viewtest.State("(1(2  (3)2)1)0(1 (2   )1(2)1)0")
		st.Model, st.At = "parens-lstm", 9
		in := e.Input(st)
		in.Width, in.Cards = wide, cards()
		viewtest.Golden(t, "start", name, Draw(in))
	}
}

// all is the figure as text.
func all(t *testing.T, in *figure.Input) string { return viewtest.Text(t, Draw(in)) }

func TestCards(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	in := e.Input(viewtest.State("(1"))
	in.State.Model = "cells"
	in.Cards = cards()
	in.Cards[1].Title = map[string]string{"en": `<img src=x onerror="alert(1)">`}
	text := all(t, in)
	for want, n := range map[string]int{`aria-current="true"`: 1, `data-do="model=cells" aria-current`: 1, `data-do="model=later"`: 0, `aria-disabled="true"`: 1,
		"&lt;img": 1, `data-do="` + figure.DoFile + `"`: 1, `data-do="` + figure.DoFolder + `"`: 1, `data-set="view=states"`: 2, ".gguf": 1, `data-do="` + figure.DoOpen + `"`: 1} {
		if got := strings.Count(text, want); got != n {
			t.Errorf("%d of %s, want %d", got, want, n)
		}
	}
	in.State.Model = "0123456789abcdef" // a file of one's own
	if text := all(t, in); !strings.Contains(text, "Your own file: model.safetensors, LSTM with 2.7\u00a0k parameters") || strings.Contains(text, "aria-current") {
		t.Error("a file of one's own is not said to be one")
	}
}

// TestWordVectors holds that a set of vectors leads to the map of its words.
func TestWordVectors(t *testing.T) {
	e := viewtest.Open(t, "web/models/word-vectors")
	text := all(t, e.Input(viewtest.State("the king and the queen walked along the river")))
	for _, want := range []string{`data-set="view=words">Look at the map of its words`, ">Vectors<", "numbers of each vector"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not there", want)
		}
	}
	if strings.Contains(text, "view=states") || strings.Contains(text, "Composition") {
		t.Error("it speaks of layers")
	}
}

func TestSmallTexts(t *testing.T) {
	e := viewtest.Open(t, "web/models/parens-lstm")
	if text := all(t, e.Input(viewtest.State(""))); !strings.Contains(text, "There is no text") {
		t.Error("an empty text is not said to be one")
	}
	in := e.Input(viewtest.State("("))
	if text := all(t, in); !strings.Contains(text, "fp-next") || strings.Contains(text, "fp-call") {
		t.Error("one token: a unit cannot have turned yet, and something comes next")
	}
	if text := all(t, viewtest.Without(in, protocol.OpMap, protocol.OpPredict, protocol.OpActivation)); strings.Contains(text, "fp-next") || !strings.Contains(text, "Composition") {
		t.Error("before the answers there are titles alone")
	}
	in.Width = 0 // before the page was laid out
	all(t, in)
	st := viewtest.State(strings.Repeat("(1(2)1)0", 60))
	st.At = 300
	if text := all(t, e.Input(st)); strings.Contains(text, "at={c}") {
		t.Error("a click on a window into the text would move now to its beginning")
	}
}

func TestCallout(t *testing.T) {
	for _, c := range []struct {
		name   string
		series [][]float64
		want   call
	}{
		{"turns", [][]float64{{1, -1, 1, -1, 1, -1, 1, -1, 1}, {.5, .5, .4, .6, -.5, -.4, -.5, -.6, -.7}}, call{1, 4, true, .6, -.5}},
		{"the clearest", [][]float64{{1, 1, 1, 1, -.1, -1, -1, -1}, {.5, .5, .5, .5, -.5, -.5, -.5, -.5}}, call{1, 4, true, .5, -.5}},
		{"too late to say", [][]float64{{1, 1, 1, 1, 1, 1, -1}, {2, 2, 2, 2, 2, 2, 2}}, call{0, 6, false, 1, -1}},
		{"jumps", [][]float64{{0, .1, .2}, {0, 3, .2}}, call{1, 1, false, 0, 3}},
		{"still", [][]float64{{1, 1}, {2, 2}}, call{unit: -1}},
		{"one token", [][]float64{{1}, {2}}, call{unit: -1}},
		{"not numbers", [][]float64{{math.NaN(), math.NaN(), math.NaN()}}, call{unit: -1}},
	} {
		if got := callout(c.series); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestOrder(t *testing.T) {
	series := [][]float64{{1, -1, 1, -1}, {1, 1, 1, 1}, {1, 1, -1, -1}, {2, 2, 2, 1}}
	if got := order(series, 9, -1); got[0] != 1 || got[1] != 3 || got[2] != 2 || got[3] != 0 {
		t.Errorf("the steadiest on top: %v", got)
	}
	if got := order(series, 2, 0); len(got) != 2 || got[0] != 1 || got[1] != 0 {
		t.Errorf("two rows that keep unit 0: %v", got)
	}
}

// TestMap holds that labels do not overlap and that the token at now has one.
func TestMap(t *testing.T) {
	e := viewtest.Open(t, "web/models/mini-gpt")
	st := viewtest.State("ROMEO:\nGood Mercutio")
	in := e.Input(st)
	m := in.Map(mapTokens)
	s := &scene{in: in, at: 3, n: len(in.Run.Tokens), wide: true}
	dots := s.dots(m.IDs, m.Names, m.Data, place{0, 0, 160, 230})
	if !dots[0].now || dots[0].id != in.Run.Tokens[3].ID {
		t.Errorf("the first is %+v, now is %+v", dots[0], in.Run.Tokens[3])
	}
	for _, d := range dots {
		if !(d.x >= 0 && d.x <= 160 && d.y >= 0 && d.y <= 230) {
			t.Fatalf("%+v is outside", d)
		}
	}
}

func TestNotFinite(t *testing.T) {
	nan := float32(math.NaN())
	acts := []protocol.Act{{Name: "layers.0.cell", Inner: []int{2}}}
	run := &protocol.RunResult{Tokens: []protocol.Token{{Text: "a"}, {Text: "b", ID: 1}}, Next: []protocol.Choice{{}, {}}}
	in := viewtest.Made(&protocol.Model{Logits: true, Vocab: 2, Acts: acts, Tokenizer: "char"}, run, viewtest.State("ab"), map[string]any{
		protocol.OpActivation: &protocol.Array{Shape: []int{2, 2}, Data: []float32{nan, nan, 1, nan}},
		protocol.OpMap:        &protocol.Array{Shape: []int{2, 2}, Data: []float32{nan, 0, 0, 0}, Names: []string{"a", "b"}, IDs: []int{0, 1}},
	})
	all(t, in)
}

func BenchmarkDraw(b *testing.B) {
	e := viewtest.Open(b, "web/models/mini-gpt")
	st := viewtest.State(strings.Repeat("Good Mercutio, what says the prince? ", 12))
	st.Model = "parens-lstm"
	in := e.Input(st)
	in.Cards = cards()
	Draw(in) // asks
	for b.Loop() {
		Draw(in)
	}
}

// TestShots shows the models of the last built site in the gallery, if there is one.
func TestShots(t *testing.T) {
	var index struct{ Models []figure.Card }
	if b, err := os.ReadFile(filepath.Join(viewtest.Root(t), "dist/site/models/index.json")); err == nil {
		if err := json.Unmarshal(b, &index); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"char-lstm", "mini-gpt"} {
		e := viewtest.Open(t, "web/models/"+id)
		viewtest.Shots(t, "start-"+id, func() *figure.Input {
			st := viewtest.State("To be, or not to be: that is the ")
			st.Model = id
			in := e.Input(st)
			in.Cards = index.Models
			return in
		}, Draw)
	}
}
