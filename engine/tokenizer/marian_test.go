package tokenizer

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"loupe/engine/enginetest"
)

// marianFiles are a tiny MarianTokenizer's, made by testdata/gen-tokenizers/marian.py.
func marianFiles(t *testing.T) map[string][]byte {
	files := map[string][]byte{}
	folder := filepath.Join(enginetest.Root(), "testdata", "tokenizers", "marian")
	for _, f := range []string{"source.spm", "target.spm", "vocab.json", "config.json", "cases.json"} {
		files[f] = enginetest.ReadFile(t, filepath.Join(folder, f))
	}
	return files
}

// TestMarian compares ids and texts with transformers'.
func TestMarian(t *testing.T) {
	files := marianFiles(t)
	type one struct {
		Text string
		IDs  []int
	}
	var cases struct{ Source, Target []one }
	if err := json.Unmarshal(files["cases.json"], &cases); err != nil || len(cases.Source) < 10 || len(cases.Target) < 3 {
		t.Fatal(err)
	}
	source, target, err := OpenPair(files, nil, files["config.json"])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases.Source {
		tokens, _ := source.Encode(c.Text)
		var ids []int
		for _, x := range tokens {
			if ids = append(ids, x.ID); x.Start > x.End || x.End > len(c.Text) {
				t.Errorf("%q: %+v", c.Text, x)
			}
		}
		if !slices.Equal(ids, c.IDs) {
			t.Errorf("%q: %v, want %v", c.Text, ids, c.IDs)
		}
	}
	for _, c := range cases.Target {
		var ids []int
		for _, id := range c.IDs {
			if !target.Special(id) {
				ids = append(ids, id)
			}
		}
		if got := Decode(target, ids); got != c.Text {
			t.Errorf("%v: %q, want %q", ids, got, c.Text)
		}
		tokens, _ := target.Encode(c.Text)
		for i, x := range tokens {
			if i >= len(c.IDs) || x.ID != c.IDs[i] {
				t.Errorf("%q: %v, want %v", c.Text, tokens, c.IDs)
				break
			}
		}
	}
	for _, lacks := range []string{"vocab.json", "target.spm"} {
		files := marianFiles(t)
		delete(files, lacks)
		if _, _, err := OpenPair(files, nil, files["config.json"]); err == nil {
			t.Errorf("it opens without %s", lacks)
		}
	}
}
