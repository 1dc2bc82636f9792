package service

import (
	"testing"

	"loupe/engine/annotation"
	"loupe/engine/corpus"
	"loupe/engine/protocol"
)

// TestTracksOfFilesThatDiffer: labels of several files are one list; a column that is numbers in one file and labels in another has labels only.
func TestTracksOfFilesThatDiffer(t *testing.T) {
	doc := func(labels []string, v float32) document {
		return document{corpus.Document{Text: "a", Words: [][2]int{{0, 1}}, Tracks: []annotation.Track{{Name: "x", Labels: labels, Values: []float32{v}}}}, 0, 1}
	}
	c := &texts{docs: []document{doc(nil, 7), doc([]string{"b"}, 0), doc([]string{"c", "b"}, 1)}}
	for i := range c.docs {
		c.brought(c.docs[i].Tracks[0])
	}
	k := &column{Track: protocol.Track{Name: "x", Labels: c.tracks[0].Labels}}
	text := &annotation.Text{Text: "a", Tokens: []annotation.Token{{Start: 0, End: 1}}}
	var got []float32
	for i := range c.docs {
		got = append(got, k.spread(text, &c.docs[i])...)
	}
	if got[0] == got[0] || got[1] != 0 || got[2] != 0 || len(c.tracks) != 1 || len(k.Labels) != 2 {
		t.Error(got, k.Labels)
	}
}
