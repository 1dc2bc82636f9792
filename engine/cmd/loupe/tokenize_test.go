//go:build !js

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/engine/enginetest"
)

func TestTokenize(t *testing.T) {
	dir := enginetest.Dir("lstm-proj")
	for _, model := range []string{dir, filepath.Join(dir, "tokenizer.json")} {
		var got []placed
		if err := json.Unmarshal([]byte(done(t, "tokenize", model, "--text", "ab", "--json")), &got); err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || got[0].Text != "a" || got[1].Start != 1 || got[1].End != 2 {
			t.Errorf("%s: %+v", model, got)
		}
	}
	alone := filepath.Join(t.TempDir(), "words.txt")
	if err := os.WriteFile(alone, []byte("the\ncat\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errs := loupe("tokenize", alone, "--text", "the cat sat")
	if code != 0 || strings.Join(strings.Fields(out), " ") != `0 "the" 0..3 1 "cat" 4..7` || !strings.Contains(errs, `no token for "sat", bytes 8 to 11`) {
		t.Errorf("%d %q %q", code, out, errs)
	}
	for _, args := range [][]string{{"tokenize"}, {"tokenize", dir}, {"tokenize", dir, dir, "--text", "a"}, {"tokenize", "--x"}} {
		if code, _, _ := loupe(args...); code != 2 {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
	empty := t.TempDir()
	if code, _, errs := loupe("tokenize", empty, "--text", "a"); code != 1 || strings.Count(errs, "\n") != 1 {
		t.Errorf("a folder without a tokenizer: %d %q", code, errs)
	}
}

// TestTokenizeGGUF: GGUF has its tokenizer inside.
func TestTokenizeGGUF(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "web", "models-large", "smollm2-135m-instruct")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("make models")
	}
	var got []placed
	if err := json.Unmarshal([]byte(done(t, "tokenize", dir, "--text", "In 1987", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	var s []string
	for _, k := range got {
		s = append(s, k.Text)
	}
	if strings.Join(s, "|") != "In| |1|9|8|7" {
		t.Errorf("%q", s)
	}
}
