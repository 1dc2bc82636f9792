package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

// answers are the five words nearest to b - a + c for a line "a b c d" of testdata/relations.txt.
func (v *vectors) answers(t *testing.T, terms ...string) []string {
	t.Helper()
	text := terms[1] + " - " + terms[0] + " + " + terms[2]
	sum, err := v.terms(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := askMap[protocol.MapNearResult](v, protocol.OpMapNear, protocol.MapNear{Map: 1, Terms: sum, Metric: "cosine", K: 5})
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, row := range r.Rows {
		words = append(words, v.list.Names[row])
	}
	return words
}

// relations counts the lines of testdata/relations.txt whose words are all there, those that hold, and those whose answer is
// among the first five.
func (v *vectors) relations(t *testing.T) (tried, first, five int) {
	b, err := os.ReadFile(filepath.Join(enginetest.Root(), "testdata", "relations.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		w := strings.Fields(line)
		if v.row(w[0]) < 0 || v.row(w[1]) < 0 || v.row(w[2]) < 0 || v.row(w[3]) < 0 {
			continue
		}
		tried++
		for i, answer := range v.answers(t, w...) {
			if answer == w[3] {
				five++
				if i == 0 {
					first++
				}
			}
		}
	}
	return tried, first, five
}

// TestRelations asks the built-in vectors for king - man + woman and the like: as many hold as their card says. The script measured
// in float64, the atlas adds in float32, so that one may fall to the other side.
func TestRelations(t *testing.T) {
	v, err := openVectors("word-vectors", everyRow, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var card struct {
		Shows struct {
			Relations struct {
				Tried int
				First int
				Five  int `json:"in_the_first_five"`
			}
		}
	}
	b, err := os.ReadFile(filepath.Join(enginetest.Root(), "web", "models", "word-vectors", "card.json"))
	if err == nil {
		err = json.Unmarshal(b, &card)
	}
	if err != nil {
		t.Fatal(err)
	}
	tried, first, five := v.relations(t)
	t.Logf("of %d relations %d hold, %d among five answers", tried, first, five)
	if say := card.Shows.Relations; tried != say.Tried || first < say.First-1 || five < say.Five-1 {
		t.Errorf("of %d relations %d hold, %d among five answers; the card says %+v", tried, first, five, say)
	}
	if got := v.answers(t, "man", "woman", "king"); got[0] != "queen" {
		t.Errorf("king - man + woman: %v", got)
	}
}

// TestRelationsOfGloVe holds that real vectors keep their relations, although they are kept in int8: of the 64 of the list 57 hold,
// and 62 are among five answers.
func TestRelationsOfGloVe(t *testing.T) {
	dir := filepath.Join(enginetest.Root(), "web", "models-large", "glove-20k")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no GloVe vectors: `make models` fetches them")
	}
	v, err := openVectors(dir, everyRow, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if v.list.N != 20000 || v.list.Dim != 100 {
		t.Errorf("%d words of %d numbers", v.list.N, v.list.Dim)
	}
	tried, first, five := v.relations(t)
	t.Logf("of %d relations %d hold, %d among five answers", tried, first, five)
	if tried != 64 || first < 56 || five < 61 {
		t.Errorf("of %d relations %d hold, %d among five answers", tried, first, five)
	}
	for _, r := range []string{"man woman king queen", "france paris japan tokyo", "france french spain spanish", "river rivers mountain mountains",
		"good better bad worse", "walk walked talk talked"} {
		w := strings.Fields(r)
		if got := v.answers(t, w...); got[0] != w[3] {
			t.Errorf("%s - %s + %s: %v, want %s", w[1], w[0], w[2], got, w[3])
		}
	}
	var speech *protocol.Column
	for i := range v.list.Columns {
		if v.list.Columns[i].Name == "part of speech" {
			speech = &v.list.Columns[i]
		}
	}
	if speech == nil {
		t.Fatal("no part of speech")
	}
	for word, want := range map[string]string{"the": "determiner", "river": "noun", "quickly": "adverb", "paris": "proper noun", "beautiful": "adjective", ",": "punctuation", "three": "number"} {
		if got := speech.Labels[int(speech.Values[v.row(word)])]; got != want {
			t.Errorf("%q is a %s, want %s", word, got, want)
		}
	}
}
