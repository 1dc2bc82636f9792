package tokenizer

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"loupe/engine/fault"
)

// TestLabels reads the labels of the Embedding Projector: a column alone, or one of several that have names.
func TestLabels(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb b\na\n": "a|b b|<2>", "id\tWord\n7\tcat\n8\tdog\r\n": "cat|dog", "first\tsecond\ncat\t1\n": "cat", "a\n": "a",
		"id\tword\n7\n": "error: line 2", "": "error", "id\tword\n": "error",
	} {
		tok, err := Open(map[string][]byte{"metadata.tsv": []byte(in)}, nil)
		if place, bad := strings.CutPrefix(want, "error"); bad {
			if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(place, ": ")) {
				t.Errorf("%q: %v", in, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		var got []string
		for id := range tok.Size() {
			got = append(got, string(tok.Bytes(id)))
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q: %s, expected %s", in, s, want)
		}
	}
}

// TestColumns reads the other columns of a table: numbers where all cells are, else texts; a cell that is empty has no value.
func TestColumns(t *testing.T) {
	for in, want := range map[string]string{
		"word\tfreq\tpos\ncat\t1.5\tnoun\nsat\t\tverb\ndog\t-2e3\tnoun\n": "freq [] [1.5 NaN -2000]; pos [noun verb] [0 1 0]",
		"word\tpos\ncat\t noun \nsat\t\ndog\tnoun\n":                      "pos [noun] [0 NaN 0]",
		"mixed\tword\t\tempty\nnan\ta\tx\t\n1\tb\tx\t\ninf\tc\tx\t\n":     "mixed [nan 1 inf] [0 1 2]",
		"word\tn\na\tNaN\nb\t3\n":                                         "n [] [NaN 3]",
		"a\nb\n":                                                          "",
		"word\tlong\na\t" + strings.Repeat("x", 5000) + "\nb\t" + strings.Repeat("x", 5000) + "\n":     "long [" + strings.Repeat("x", 5000) + "] [0 0]",
		"word\tlong\na\t" + strings.Repeat("x", 70_000) + "\nb\t" + strings.Repeat("x", 70_000) + "\n": "error: line 2",
		strings.Repeat("\t", 1000) + "\n" + strings.Repeat("\t", 1000) + "\n":                          "error: line 1",
		"word\tn\na\t1\t2\n": "error: line 2",
	} {
		l, err := ReadLabels("metadata.tsv", []byte(in))
		if place, bad := strings.CutPrefix(want, "error: "); bad {
			if err == nil || !strings.Contains(err.Error(), place) {
				t.Errorf("%.40q: %v", in, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%.40q: %v", in, err)
			continue
		}
		var got []string
		for _, c := range l.Columns {
			got = append(got, fmt.Sprint(c.Name, " ", c.Labels, " ", c.Values))
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%.40q: %.80s, expected %.80s", in, s, want)
		}
	}
}

// TestLabelsOf: a table by any of its names, and one of another length.
func TestLabelsOf(t *testing.T) {
	table := []byte("word\tn\na\t1\nb\t2\n")
	for name, found := range map[string]bool{"metadata.tsv": true, "glove_meta.tsv": true, "labels.tsv": true, "scores.tsv": false, "metadata.txt": false} {
		if l, err := LabelsOf(map[string][]byte{name: table}, 2, "v.txt"); err != nil || (l != nil) != found {
			t.Errorf("%s: %v, %v", name, l, err)
		}
	}
	_, err := LabelsOf(map[string][]byte{"metadata.tsv": table}, 5, "v.txt")
	if err == nil || !strings.Contains(err.Error(), "metadata.tsv: counts-differ: expected 5 rows, one for each vector of v.txt, found 2") {
		t.Error(err)
	}
}

// TestRows: a list has a word for each row, in order; what says which id each word has need not.
func TestRows(t *testing.T) {
	for name, c := range map[string]struct{ file, content, want string }{
		"a list": {"words.txt", "the\ncat\nthe\n", "[the cat the]"}, "a JSON list": {"words.json", `["a", "b"]`, "[a b]"},
		"a JSON index": {"word_index.json", `{"the": 1, "cat": 2}`, "[]"}, "an index under a name": {"vocab.json", `{"stoi": {"a": 0}}`, "[]"},
		"a list under a name": {"vocab.json", `{"itos": ["a"]}`, "[a]"}, "labels": {"labels.tsv", "a\nb\n", "[a b]"},
	} {
		tok, err := Open(map[string][]byte{c.file: []byte(c.content)}, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := fmt.Sprint(Rows(tok)); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if Rows(Numbers(3)) != nil {
		t.Error("numbers have rows")
	}
}

// FuzzLabels holds that any bytes give a word and a value of each column for every row, or a typed error.
func FuzzLabels(f *testing.F) {
	for _, s := range []string{"a\nb\n", "word\tn\na\t1\nb\tx\n", "\t\n\t\n", "a\tb\n1\t2\n3\n", "x\ty\tword\n\tnan\tinf\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ReadLabels("metadata.tsv", b)
		var e *fault.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("%v has no type", err)
			}
			return
		}
		l.AddWords()
		for _, c := range l.Columns {
			if len(c.Values) != len(l.Words) {
				t.Fatalf("column %q has %d values of %d rows", c.Name, len(c.Values), len(l.Words))
			}
			for _, v := range c.Values {
				if v == v && c.Labels != nil && int(v) >= len(c.Labels) {
					t.Fatalf("column %q: %v of %d labels", c.Name, v, len(c.Labels))
				}
			}
		}
	})
}
