//go:build !js

package main

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
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

// TestTokenizeLikeTheReference compares SmolLM2's tokenizer, as its GGUF file has it, with the reference on 10,000 hard lines
// (testdata/gen-tokenizers/reference.py).
func TestTokenizeLikeTheReference(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	dir := filepath.Join(root, "web", "models-large", "smollm2-135m-instruct")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("make models")
	}
	tok, err := openTokenizer(dir)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(root, "testdata", "tokenizers", "lines.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "testdata", "tokenizers", "real-smollm2.bin"))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(z)
	n, wrong := 0, 0
	for ; d.More(); n++ {
		var line string
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		tokens, unknown := tok.Encode(line)
		var s []string
		var ids []int
		for _, k := range tokens {
			s, ids = append(s, strconv.Itoa(k.ID)), append(ids, k.ID)
		}
		h := uint32(2166136261)
		for _, b := range []byte(strings.Join(s, " ")) {
			h = (h ^ uint32(b)) * 16777619
		}
		h ^= h >> 16
		back, _ := tok.Spell(ids)
		whole := len(unknown) == 0 && !strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r", r) }) // some have no token
		if byte(h^h>>8) != sums[n] || back != line && whole {
			if wrong++; wrong < 4 {
				t.Errorf("line %d, %q becomes %v and comes back as %q", n, line, ids, back)
			}
		}
	}
	if wrong > 0 || n < 10_000 {
		t.Errorf("%d of %d lines differ", wrong, n)
	}
}

func BenchmarkTokenizeSmolLM2(b *testing.B) {
	dir := filepath.Join("..", "..", "..", "web", "models-large", "smollm2-135m-instruct")
	if _, err := os.Stat(dir); err != nil {
		b.Skip("make models")
	}
	tok, err := openTokenizer(dir)
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat("The river runs past the old mill, and nobody has counted its stones in 1987. ", 1<<20/78)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tok.Encode(text)
	}
}
