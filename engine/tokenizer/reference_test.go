package tokenizer

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const testdata = "../../testdata/tokenizers"

func openDir(t testing.TB, dir string) Tokenizer {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{"vocab.json", "merges.txt"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = b
	}
	tok, err := Open(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestReference compares with the ids that PyPI tokenizers gives (testdata/gen-formats/bpe_lines.py). BPE_DIR names one
// more folder made by that script, with the real GPT-2's vocabulary, say, which is too large to keep here.
func TestReference(t *testing.T) {
	dirs := []string{testdata + "/bpe"}
	if d := os.Getenv("BPE_DIR"); d != "" {
		dirs = append(dirs, d)
	}
	for _, dir := range dirs {
		tok := openDir(t, dir)
		lines := referenceLines(t, dir)
		equal := 0
		for i, l := range lines {
			tokens, unknown := tok.Encode(l.text)
			if len(unknown) > 0 {
				t.Errorf("line %d: unknown %v of %q", i, unknown, l.text)
			}
			got, at := []int{}, 0
			for _, k := range tokens {
				got = append(got, k.ID)
				if k.Start != at || string(tok.Bytes(k.ID)) != l.text[k.Start:k.End] {
					t.Errorf("line %d: token %v of %q stands for %q", i, k, l.text, tok.Bytes(k.ID))
				}
				at = k.End
			}
			if !slices.Equal(got, l.ids) {
				t.Errorf("line %d: %q\ngot  %v\nwant %v", i, l.text, got, l.ids)
				continue
			}
			equal++
			if s := Decode(tok, got); s != l.text {
				t.Errorf("line %d: decoded %q, was %q", i, s, l.text)
			}
		}
		t.Logf("%s: %d of %d lines equal, vocabulary of %d", dir, equal, len(lines), tok.Size())
		if len(lines) < 5000 {
			t.Errorf("%s: only %d lines", dir, len(lines))
		}
	}
}

type line struct {
	text string
	ids  []int
}

func referenceLines(t testing.TB, dir string) (lines []line) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "lines.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var l line
		if err := json.Unmarshal(s.Bytes(), &[]any{&l.text, &l.ids}); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}
