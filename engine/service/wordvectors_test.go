package service

import (
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
	"loupe/engine/tensor"
)

// vectorFiles are files of testdata/formats/vectors, or, where there is a content, that.
func (x *session) vectorFiles(files ...[2]string) (refs []protocol.FileRef) {
	for _, f := range files {
		b := []byte(f[1])
		if f[1] == "" {
			b = enginetest.ReadFile(x.t, filepath.Join(enginetest.Root(), "testdata", "formats", "vectors", f[0]))
		}
		refs = append(refs, x.file(f[0], b))
	}
	return refs
}

const vectorWords = "</s> the cat sat on mat été 中 a-b 1990 0.5 …" // of testdata/gen-formats/vector_files.py

// TestVectorFiles opens vectors with what may lie beside them: rows, words and columns are as in the files.
func TestVectorFiles(t *testing.T) {
	list := strings.ReplaceAll(vectorWords, " ", "\n")
	quoted, index := []string{}, []string{}
	for i, w := range strings.Fields(vectorWords) {
		quoted = append(quoted, fmt.Sprintf("%q", w))
		if i > 0 {
			index = append(index, fmt.Sprintf("%q: %d", w, i))
		}
	}
	table := "kind\tword\tuses\n"
	for i, w := range strings.Fields(vectorWords) {
		table += fmt.Sprintf("k%d\t%s\t%d\n", i%3, w, i*10)
	}
	var raw []byte
	for k := range 12 * 6 {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32((7*(k/6)+3*(k%6))%101-50)/64))
	}
	const config = `{"embeddings": [{"tensorName": "Mine", "tensorShape": [12, 6], "tensorPath": "mine.bytes", "metadataPath": "words.tsv"}]}`
	zeroth := "<0> " + strings.TrimPrefix(vectorWords, "</s> ")
	for name, c := range map[string]struct {
		files   [][2]string
		words   string
		columns string // own
	}{
		"GloVe": {[][2]string{{"glove.txt", ""}}, vectorWords, ""}, "word2vec": {[][2]string{{"word2vec.bin", ""}}, vectorWords, ""},
		"an array and a list":       {[][2]string{{"embedding_matrix.npy", ""}, {"words.txt", list}}, vectorWords, ""},
		"an array and a JSON list":  {[][2]string{{"embedding_matrix.npy", ""}, {"words.json", "[" + strings.Join(quoted, ",") + "]"}}, vectorWords, ""},
		"an array and a word_index": {[][2]string{{"embedding_matrix.npy", ""}, {"word_index.json", "{" + strings.Join(index, ",") + "}"}}, zeroth, ""},
		"num_words of a word_index": {[][2]string{{"embedding_matrix.npy", ""}, {"word_index.json", "{" + strings.Join(index, ",") + `, "rare": 12, "rarer": 13}`}}, zeroth, ""},
		"tabs and their metadata":   {[][2]string{{"vectors.tsv", ""}, {"metadata.tsv", ""}}, vectorWords, "id"},
		"tabs and a column alone":   {[][2]string{{"vectors.tsv", ""}, {"metadata.tsv", list}}, vectorWords, ""},
		"GloVe and a table":         {[][2]string{{"glove.txt", ""}, {"metadata.tsv", table}}, vectorWords, "kind uses"},
		"word2vec and other words":  {[][2]string{{"word2vec.txt", ""}, {"labels.tsv", strings.ReplaceAll(table, "cat", "chat")}}, vectorWords, "word kind uses"},
		"the Projector's config":    {[][2]string{{"projector_config.json", config}, {"mine.bytes", string(raw)}, {"words.tsv", table}}, vectorWords, "kind uses"},
		"an array, a list, a table": {[][2]string{{"embedding_matrix.npy", ""}, {"words.txt", list}, {"my_metadata.tsv", table}}, vectorWords, "kind uses"},
	} {
		x := newSession(t)
		m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: x.vectorFiles(c.files...)})
		if left := []protocol.Warning{{Code: "words-left-out", N: 2}}; slices.Equal(m.Warnings, left) != (name == "num_words of a word_index") {
			t.Errorf("%s: %+v", name, m.Warnings)
		}
		r, v := x.points(protocol.Points{Source: "input", Max: 99})
		if strings.Join(r.Names, " ") != c.words || r.Dim != 6 {
			t.Errorf("%s: %q of %d", name, r.Names, r.Dim)
		}
		for k, got := range v {
			if i, j := k/6, k%6; math.Abs(float64(got)-float64((7*i+3*j)%101-50)/64) > 1e-6 {
				t.Fatalf("%s: number %d of row %d is %v", name, j, i, got)
			}
		}
		var own []string
		for _, k := range r.Columns {
			if k.Own {
				own = append(own, k.Name)
			}
		}
		if strings.Join(own, " ") != c.columns {
			t.Errorf("%s: columns %q", name, own)
		}
		if slices.Contains(own, "kind") {
			if kind, uses := col(r, "kind"), col(r, "uses"); strings.Join(kind[:4], " ") != "k0 k1 k2 k0" || uses[11] != "110" {
				t.Errorf("%s: %v %v", name, kind, uses)
			}
			r, _ := x.points(protocol.Points{Source: "input", Max: 1, Include: []int{4}})
			if kind, uses := col(r, "kind"), col(r, "uses"); strings.Join(kind, " ") != "k1" || uses[0] != "40" || r.N != 1 {
				t.Errorf("%s: of one row: %v %v", name, kind, uses)
			}
		}
	}
}

// TestBadVectorFiles: what cannot be a map says where it is wrong, with both counts where two do not agree.
func TestBadVectorFiles(t *testing.T) {
	line := func(word string, n int) string { return word + strings.Repeat(" 0.5", n) + "\n" }
	npy := func(rows, cols int) string {
		head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, cols)
		return fmt.Sprintf("\x93NUMPY\x01\x00\x76\x00%-117s\n", head) + strings.Repeat("\x00\x00\x80\x3f", rows*cols)
	}
	for name, c := range map[string]struct {
		files           [][2]string
		code, where     string
		expected, found string
	}{
		"a row too short":          {[][2]string{{"v.vec", line("the", 6) + line("cat", 5)}}, "bad-vectors", "line 2", "a word and 6 numbers", "5 numbers"},
		"a row too long":           {[][2]string{{"v.vec", line("the", 6) + line("cat", 6) + "sat 0.5" + line("", 6)}}, "", "", "", ""}, // a word with a space: "sat 0.5"
		"more rows than said":      {[][2]string{{"v.vec", "1 6\n" + line("the", 6) + line("cat", 6)}}, "bad-vectors", "line 3", "the end after 1 words, as line 1 says", "more"},
		"fewer rows than said":     {[][2]string{{"v.vec", "3 6\n" + line("the", 6) + line("cat", 6)}}, "bad-vectors", "line 4", "3 words, as line 1 says", "2"},
		"2^40 rows":                {[][2]string{{"v.vec", "1099511627776 6\n" + line("the", 6)}}, "too-large", "line 1", "1 to 1048576 words", "1099511627776"},
		"no numbers in a row":      {[][2]string{{"v.vec", "3 0\nthe\n"}}, "bad-vectors", "line 1", "a word and its numbers", "none"},
		"an empty file":            {[][2]string{{"v.vec", "\n"}}, "bad-vectors", "line 1", "a word and its numbers", "none"},
		"an array without columns": {[][2]string{{"v.npy", npy(3, 0)}, {"words.txt", "a\nb\nc\n"}}, "bad-shape", "", "one row or more of one number or more", "[3, 0]"},
		"a word too few":           {[][2]string{{"v.npy", npy(3, 2)}, {"words.txt", "a b\n"}}, "bad-tokenizer", "line 1", "a list, one token a line", `"a b"`},
		"a list too short":         {[][2]string{{"v.npy", npy(3, 2)}, {"words.txt", "a1\nb1\n"}}, "counts-differ", "", "3 words, one for each vector", "2"},
		"a list too long":          {[][2]string{{"v.npy", npy(3, 2)}, {"words.json", `["a1", "b", "c", "d"]`}}, "counts-differ", "", "3 words, one for each vector", "4"},
		"a table too short":        {[][2]string{{"v.vec", line("the", 6) + line("cat", 6)}, {"metadata.tsv", "word\tpos\nthe\tdet\n"}}, "counts-differ", "", "2 rows, one for each vector of v.vec", "1"},
		"a column with a name":     {[][2]string{{"vectors.tsv", "0.5\t1.5\n0.5\t2.5\n"}, {"metadata.tsv", "word\nthe\ncat\n"}}, "counts-differ", "", "2 rows, one for each vector of vectors.tsv", "3"},
		"a ragged table":           {[][2]string{{"v.vec", line("the", 6) + line("cat", 6)}, {"metadata.tsv", "word\tpos\nthe\tdet\ncat\n"}}, "bad-tokenizer", "line 3", "2 columns, as line 1 has", "1"},
	} {
		x := newSession(t)
		open := protocol.Open{Files: x.vectorFiles(c.files...)}
		if c.code == "" {
			ask[protocol.Model](x, protocol.OpOpen, open)
			continue
		}
		if e := x.fails(protocol.OpOpen, open); e.Code != c.code || !strings.Contains(e.Where, c.where) || e.Expected != c.expected || e.Found != c.found || e.File == "" {
			t.Errorf("%s: %+v", name, *e)
		}
	}
}

// TestOddVectorFiles: what is odd and still a set of vectors opens, and says what was done.
func TestOddVectorFiles(t *testing.T) {
	for name, c := range map[string]struct{ file, words, warnings string }{
		"one row":                  {"1 3\nthe 1 2 3\n", "the", ""},
		"one number a row":         {"2 1\nthe 1.5\ncat 2.5\n", "the|cat", ""},
		"a word twice":             {"the 0.5 1.5 2.5 3.5 4.5\ncat 0.5 1.5 2.5 3.5 4.5\nthe 0.5 1.5 2.5 3.5 4\nthe 1 1 1 1 1\n", "the|cat|the|the", "words-twice the 2"},
		"spaces and tabs in words": {"3 3\nnew york 1 2 3\nnew\tyork 1 2 3\n. . . 1 2 3\n", "new york|new\tyork|. . .", ""},
		"not finite":               {"a 0.5 1.5 2.5 3.5 4.5\nb 0.5 nan 2.5 3.5 4.5\nc 0.5 -nan inf 3.5 4\nd 1 1 1 1 1e99\n", "a|b|c|d", "rows-not-finite 2 (b) 3"},
	} {
		x := newSession(t)
		open := protocol.Open{Files: []protocol.FileRef{x.file("v.vec", []byte(c.file))}}
		m := ask[protocol.Model](x, protocol.OpOpen, open)
		var warnings []string
		for _, w := range m.Warnings {
			warnings = append(warnings, fmt.Sprint(w.Code, " ", w.What, " ", w.N))
		}
		r, v := x.points(protocol.Points{Source: "input", Max: 99})
		if strings.Join(r.Names, "|") != c.words || strings.Join(warnings, ", ") != c.warnings || len(v) != r.N*r.Dim {
			t.Errorf("%s: %q, %v", name, r.Names, warnings)
		}
	}
}

// TestMillion opens a million vectors: a map shows the first of them, and says of how many.
func TestMillion(t *testing.T) {
	n := 1_000_000
	if runtime.GOOS == "js" { // as many take the browser ten seconds
		n = 200_000
	}
	b := fmt.Appendf(nil, "%d 2\n", n)
	for i := range n {
		b = fmt.Appendf(b, "w%d %d 0.25\n", i, i%7)
	}
	x := newSession(t)
	m := ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: []protocol.FileRef{x.file("v.vec", b)}})
	r, v := x.points(protocol.Points{Source: "input", Max: 100_000, Include: []int{n - 1}})
	if m.Vocab != n || r.N != 100_000 || r.Total != n || r.Names[99_998] != "w99998" || r.Names[99_999] != fmt.Sprint("w", n-1) || v[2*99_999] != float32((n-1)%7) {
		t.Errorf("%d of %d, %q", r.N, r.Total, r.Names[99_990:])
	}
	if w := r.Warnings[0]; w.Code != "points-sampled" || w.What != fmt.Sprint(n) || w.N != 100_000 {
		t.Error(w)
	}
}

// TestQuantised: rows that are kept in int8 come out as they are multiplied.
func TestQuantised(t *testing.T) {
	x := newSession(t)
	ask[protocol.Model](x, protocol.OpOpen, protocol.Open{NoTokenizer: true, Files: []protocol.FileRef{x.file("v.safetensors",
		enginetest.Safetensors(enginetest.Stored{Name: "v", DType: tensor.F16, Shape: []int{5, 3}, Fill: func(i int) float32 { return float32(i) / 2 }}))}})
	if r, v := x.points(protocol.Points{Source: "input", Max: 9}); r.N != 5 || v[14] != 7 || strings.Join(r.Names, "") != "01234" || col(r, "class")[2] != "number" {
		t.Errorf("%v %q", v, r.Names)
	}
}
