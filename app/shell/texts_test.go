package shell

import (
	"encoding/json"
	"math"
	"testing"

	"loupe/app/client"
	"loupe/app/figure"
	"loupe/engine/protocol"
)

// aPage of two matches, with one annotation of labels and one of numbers.
func aPage() *protocol.PlacesResult {
	return &protocol.PlacesResult{Total: 2, Strict: 1, Rows: []protocol.Place{
		{Pos: 5, Len: 2, Left: 1, Right: 1, Both: 3, Any: 4}, {Pos: 9, Len: 1, Right: 1, Both: 2, Any: 6}},
		Documents: protocol.Names{"a, 1", "b"}, Tokens: protocol.Names{"the", " \"old\"", " house", ".", "x", "\n"},
		Tracks: []protocol.Track{{Name: "class", Labels: []string{"word", "mark"}, Values: []float32{0, 0, 0, 1, 0, 1}},
			{Name: "depth", Values: []float32{0, 1, float32(math.NaN()), 0, 2, 2}}}}
}

func TestMatchesAsCSV(t *testing.T) {
	want := "\ufeffdocument,position,length,units on,units on or asked for,before,match,after,class,depth\r\n" +
		"\"a, 1\",5,2,3,4,the,\" \"\"old\"\" house\",.,word word,1 -\r\n" +
		"b,9,1,2,6,,x,\"'\n\",word,2\r\n"
	if got := matchesText(aPage()); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestMatchesAsJSON(t *testing.T) {
	c := &figure.Corpus{Name: "plays", Info: &protocol.CorpusInfo{Sources: []protocol.Source{{Name: "layers.0.hidden", Units: 8}}}}
	b, err := matchesJSON("char-lstm", c, protocol.Match{Units: []int{1, 2}}, aPage())
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Matches []struct {
			Pos, Len int
			Document string
			Tokens   []string
		}
		Question protocol.Match
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Matches) != 2 || got.Matches[1].Pos != 9 || got.Matches[1].Document != "b" || len(got.Matches[0].Tokens) != 4 || len(got.Question.Units) != 2 {
		t.Errorf("%s", b)
	}
}

// TestTexts tells texts from what belongs to a model.
func TestTexts(t *testing.T) {
	for name, want := range map[string]bool{"a.txt": true, "plays/b.JSONL": true, "c.conllu": true, "vocab.txt": false, "merges.txt": false, "model.gguf": false, "x.json": false, "README": false} {
		if got := texts([]client.File{{Name: name}}); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if texts([]client.File{{Name: "a.txt"}, {Name: "model.safetensors"}}) {
		t.Error("weights are texts")
	}
	if s := textsOf([]client.File{{Name: "f/a.txt"}, {Name: "b.csv"}}); s.Name != "a.txt + 1" {
		t.Error(s.Name)
	}
}
