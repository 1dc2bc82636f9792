package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	"unicode/utf8"
)

// TestOffsets compares where tokens stand with the reference's offsets. Ours are of bytes and never overlap, so they may
// differ where tokens share a character (the first has it), where the reference gives what was put in the place of its
// neighbour, and where a character was joined of several (ours has them all).
func TestOffsets(t *testing.T) {
	var want map[string][]struct {
		Line    int
		IDs     []int
		Offsets []int
	}
	type row = struct {
		Line    int
		IDs     []int
		Offsets []int
	}
	var raw map[string][][3]json.RawMessage
	if err := json.Unmarshal(read(t, "offsets.json.gz"), &raw); err != nil {
		t.Fatal(err)
	}
	want = map[string][]row{}
	for name, rows := range raw {
		for _, r := range rows {
			var x row
			json.Unmarshal(r[0], &x.Line)
			json.Unmarshal(r[1], &x.IDs)
			json.Unmarshal(r[2], &x.Offsets)
			want[name] = append(want[name], x)
		}
	}
	refs := loadReferences()
	checked := 0
	for name, rows := range want {
		tok := refs.by[name].model(t)
		for _, r := range rows {
			line := refs.lines[r.Line]
			if name == "Unigram charsmap" && line != "" && line[0] < ' ' {
				continue // the reference loses count where a charsmap takes away the beginning
			}
			tokens, _ := tok.Encode(line)
			if !slices.Equal(ids(tokens), r.IDs) {
				t.Errorf("%s, line %d: ids %v, want %v", name, r.Line, ids(tokens), r.IDs)
				continue
			}
			chars := characterOf(line)
			for i, k := range tokens {
				from, to := r.Offsets[2*i], r.Offsets[2*i+1]
				start, end := chars[k.Start], chars[k.End]
				if k.End > k.Start && !boundary(line, k.End) {
					end++
				}
				switch {
				case start == from && end == to:
					checked++
				case from == to || k.Start == k.End: // shared, or put in between
				case start >= from && end <= to: // a part of what the reference has several times
				case start <= from && end >= to && end-to <= 6: // joined
				default:
					t.Errorf("%s, line %d %q: token %d (%q) at %d..%d, the reference says %d..%d", name, r.Line, line, i, tok.Bytes(k.ID), start, end, from, to)
				}
			}
		}
	}
	if checked < 10_000 {
		t.Errorf("only %d offsets are the reference's", checked)
	}
}

func boundary(s string, i int) bool { return i == len(s) || utf8.RuneStart(s[i]) }

// characterOf is the number of the character of each byte of s, and of its end.
func characterOf(s string) []int {
	out, n := make([]int, 0, len(s)+1), -1
	for i := range len(s) {
		if utf8.RuneStart(s[i]) {
			n++
		}
		out = append(out, n)
	}
	return append(out, n+1)
}

// TestFolders compares with the reference on folders that TOKENIZERS names: files of a tokenizer, and sums.bin, which
// testdata/gen-tokenizers/reference.py's save writes.
func TestFolders(t *testing.T) {
	for _, dir := range filepath.SplitList(os.Getenv("TOKENIZERS")) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, e := range entries {
			if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		tok, err := Open(files, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %s of %d tokens, opened in %v", dir, tok.Kind(), tok.Size(), time.Since(start))
		same(t, tok, dir, files["sums.bin"], nil)
	}
}

// TestRealModels compares with what the reference makes of the 10,000 lines with the tokenizers of models that are too large
// to keep here.
func TestRealModels(t *testing.T) {
	dir := filepath.Join("..", "..", "web", "models-large", "all-minilm-l6-v2")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("make models")
	}
	files := map[string][]byte{}
	for _, name := range []string{"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = b
	}
	sums := read(t, "real-minilm.bin")
	for _, without := range []string{"", "tokenizer.json"} {
		delete(files, without)
		tok, err := Open(files, nil)
		if err != nil {
			t.Fatal(err)
		}
		same(t, tok, "MiniLM without "+without, sums, nil)
		if without == "" && tok.Truncates() != 128 || tok.Mask() != 103 || !tok.Special(101) || tok.Special(100) || tok.Kind() != "WordPiece" {
			t.Errorf("%s: truncates %d, mask %d", tok.Kind(), tok.Truncates(), tok.Mask())
		}
	}
}
