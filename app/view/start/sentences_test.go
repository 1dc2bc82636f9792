package start

import (
	"slices"
	"testing"

	"loupe/app/view/viewtest"
)

func TestSentences(t *testing.T) {
	for text, want := range map[string][]string{
		"":                            nil,
		"One. Two? Three":             {"One.", "Two?", "Three"},
		"A line\nanother\n\n":         {"A line", "another"},
		"它睡了。他走了！":                    {"它睡了。", "他走了！"},
		"Version 1.5 is out. v2 next": {"Version 1.5 is out.", "v2 next"},
	} {
		var got []string
		for _, s := range sentences(text) {
			got = append(got, s.text)
			if text[s.start:s.end] == "" {
				t.Errorf("%q: an empty part", text)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, expected %q", text, got, want)
		}
	}
}

// TestLikeness draws a model without predictions: its sentences, the one at the caret being as like itself as can be.
func TestLikeness(t *testing.T) {
	e := viewtest.Open(t, "testdata/models/bert-encoder")
	in := e.Input(viewtest.State("the cat. a dog sat. he"))
	for _, p := range Draw(in).Panels {
		if p.ID != "live" {
			continue
		}
		if p.Table == nil || len(p.Table.Rows) != 3 || p.Table.Rows[2][1] != "1.000" || p.Table.Rows[0][1] == "1.000" {
			t.Errorf("%+v", p.Table)
		}
		return
	}
	t.Error("no picture")
}
