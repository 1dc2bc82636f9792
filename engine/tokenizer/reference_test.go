package tokenizer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"loupe/engine/tokenizer/pre"
	"loupe/engine/tokenizer/text"
)

const testdata = "../../testdata/tokenizers"

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := out.ReadFrom(z); err != nil {
			t.Fatal(err)
		}
		b = out.Bytes()
	}
	return b
}

// hardLines are the lines that the references were asked about.
func hardLines(t testing.TB) (out []string) {
	t.Helper()
	s := bufio.NewScanner(bytes.NewReader(read(t, "lines.jsonl.gz")))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var l string
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

// refCase is something that the references were asked (testdata/gen-tokenizers/reference.py). What they made of each line
// is kept as a sum of a byte; of what is decoded, whether it is the line.
type refCase struct {
	Name         string
	Base         string                     // a tokenizer.json, of which Set exchanges parts
	Set          map[string]json.RawMessage //
	Normalizer   *part
	PreTokenizer *part  `json:"pre_tokenizer"`
	File         string // a SentencePiece model
	Folder       string // vocab.json and merges.txt
	Decode       string // the case whose ids are decoded
}

// model opens the tokenizer of a case.
func (c *refCase) model(t testing.TB) Tokenizer {
	t.Helper()
	if c.Folder != "" {
		return openDir(t)
	}
	files := map[string][]byte{}
	if c.File != "" {
		files["tokenizer.model"] = read(t, c.File)
		files["tokenizer_config.json"] = []byte(`{"tokenizer_class": "Plain", "add_bos_token": false}`)
	} else {
		var f map[string]json.RawMessage
		if err := json.Unmarshal(read(t, c.Base), &f); err != nil {
			t.Fatal(err)
		}
		for k, v := range c.Set {
			if k == "normalizer" {
				v = withCharsmap(t, v)
			}
			f[k] = v
		}
		files[tokenizerJSON], _ = json.Marshal(f)
	}
	tok, err := Open(files, nil)
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	if c.File != "" { // sentencepiece itself takes "<s>" in a text for any text
		tok.(*pipeline).plain = nil
	}
	return tok
}

// withCharsmap puts the charsmap of a model in the place of the model's name.
func withCharsmap(t testing.TB, b []byte) []byte {
	const name = "unigram.model"
	if !bytes.Contains(b, []byte(name)) {
		return b
	}
	s, err := readSentencePiece(name, read(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(b, []byte(name), []byte(base64.StdEncoding.EncodeToString(s.charsmap)))
}

func checksum(s string) byte {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	h ^= h >> 16
	return byte(h ^ h>>8)
}

func spellIDs(tokens []Token) string {
	var s []string
	for _, k := range tokens {
		s = append(s, strconv.Itoa(k.ID))
	}
	return strings.Join(s, " ")
}

// ask is what we make of a line: the text that the references' sum is of.
func (c *refCase) ask(t *testing.T, cases map[string]*refCase) func(line string) string {
	switch {
	case c.Normalizer != nil:
		p := *c.Normalizer
		b, _ := json.Marshal(p)
		if err := json.Unmarshal(withCharsmap(t, b), &p); err != nil {
			t.Fatal(err)
		}
		n, err := normalizer(&p)
		if err != nil {
			t.Fatal(c.Name, err)
		}
		return func(l string) string { return n(text.New(l)).S }
	case c.PreTokenizer != nil:
		p, err := preTokenizer(c.PreTokenizer)
		if err != nil {
			t.Fatal(c.Name, err)
		}
		return func(l string) string { return piecesOf(p, l) }
	case c.Decode != "":
		tok := cases[c.Decode].model(t)
		return func(l string) string {
			tokens, _ := tok.Encode(l)
			return Decode(tok, ids(tokens))
		}
	}
	tok := c.model(t)
	return func(l string) string {
		tokens, _ := tok.Encode(l)
		return spellIDs(tokens)
	}
}

func piecesOf(p pre.Step, l string) string {
	list := []string{}
	if l != "" {
		for _, w := range p([]text.Text{text.New(l)}) {
			list = append(list, w.S)
		}
	}
	return strings.Join(list, "\x00|")
}

// references are the cases with their sums.
type references struct {
	lines []string
	list  []*refCase
	by    map[string]*refCase
	sums  map[string][]byte
}

var loadReferences = sync.OnceValue(func() *references {
	var t fatal
	r := &references{lines: hardLines(t), by: map[string]*refCase{}, sums: map[string][]byte{}}
	if err := json.Unmarshal(read(t, "cases.json"), &r.list); err != nil {
		panic(err)
	}
	sums, n := read(t, "sums.bin"), len(r.lines)
	if len(sums) != len(r.list)*n || n < 10_000 {
		panic(fmt.Sprintf("%d sums of %d cases and %d lines", len(sums), len(r.list), n))
	}
	for i, c := range r.list {
		r.by[c.Name], r.sums[c.Name] = c, sums[i*n:(i+1)*n]
	}
	return r
})

// fatal is a test that panics when it fails.
type fatal struct{ testing.TB }

func (fatal) Helper()           {}
func (fatal) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// TestReference compares with what the references made of 10,000 lines: each case on a part of them, or all if LINES=all.
func TestReference(t *testing.T) {
	r := loadReferences()
	for i, c := range r.list {
		step := 1
		switch {
		case os.Getenv("LINES") == "all":
		case runtime.GOOS == "js":
			step = 11
		case c.Base == "" && c.File == "" && c.Folder == "":
			step = 13
		default:
			step = 3
		}
		ask, want := c.ask(t, r.by), r.sums[c.Name]
		wrong := 0
		for k := i % step; k < len(r.lines); k += step {
			l := r.lines[k]
			got := ask(l)
			if c.Decode != "" && (want[k] == 0 || got == l) { // 1: what comes back is the line
				continue
			}
			if c.Decode != "" || checksum(got) != want[k] {
				if wrong++; wrong <= 3 {
					t.Errorf("%s: line %d, %q becomes %q", c.Name, k, l, got)
				}
			}
		}
		if wrong > 0 {
			t.Errorf("%s: %d lines differ", c.Name, wrong)
		}
	}
}

// same compares a tokenizer's ids with those of a reference, on the lines that hold says.
func same(t *testing.T, tok Tokenizer, name string, sums []byte, holds func(line string) bool) {
	t.Helper()
	n, wrong, step := 0, 0, 5
	switch {
	case os.Getenv("LINES") == "all":
		step = 1
	case runtime.GOOS == "js":
		step = 17
	}
	lines := loadReferences().lines
	for k := 0; k < len(lines); k += step {
		if holds != nil && !holds(lines[k]) {
			continue
		}
		n++
		tokens, _ := tok.Encode(lines[k])
		if got := spellIDs(tokens); checksum(got) != sums[k] {
			if wrong++; wrong <= 3 {
				t.Errorf("%s: line %d, %q becomes %s", name, k, lines[k], got)
			}
		}
	}
	if wrong > 0 || n < 500 {
		t.Errorf("%s: %d of %d lines differ", name, wrong, n)
	}
}

// openDir opens the byte-level BPE that stands as vocab.json and merges.txt.
func openDir(t testing.TB) Tokenizer {
	t.Helper()
	tok, err := Open(map[string][]byte{"vocab.json": read(t, "bpe/vocab.json"), "merges.txt": read(t, "bpe/merges.txt")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}
