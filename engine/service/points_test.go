package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
	"loupe/engine/tensor"
	"loupe/engine/tokenizer"
)

// points asks for vectors, and takes them from the page.
func (x *session) points(b protocol.Points) (*protocol.PointsResult, []float32) {
	x.t.Helper()
	r := ask[protocol.PointsResult](x, protocol.OpPoints, b)
	raw := x.held[r.Held]
	if len(raw) != 4*r.N*r.Dim || len(r.Names) != r.N || len(r.IDs) != r.N {
		x.t.Fatalf("%d bytes, %d names and %d ids of %d vectors of %d", len(raw), len(r.Names), len(r.IDs), r.N, r.Dim)
	}
	for _, c := range r.Columns {
		if len(c.Values) != r.N {
			x.t.Fatalf("column %s has %d values", c.Name, len(c.Values))
		}
		for _, v := range c.Values {
			if c.Labels != nil && v == v && (v < 0 || int(v) >= len(c.Labels) || v != float32(int(v))) {
				x.t.Fatalf("column %s: %v of %d labels", c.Name, v, len(c.Labels))
			}
		}
	}
	v := make([]float32, r.N*r.Dim)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return r, v
}

// col is a column's values as texts: labels, or numbers.
func col(r *protocol.PointsResult, name string) (out []string) {
	i := slices.IndexFunc(r.Columns, func(c protocol.Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	for _, v := range r.Columns[i].Values {
		switch c := r.Columns[i]; {
		case v != v:
			out = append(out, "-")
		case c.Labels != nil:
			out = append(out, c.Labels[int(v)])
		default:
			out = append(out, fmt.Sprint(v))
		}
	}
	return out
}

// TestPoints compares rows with the model's own, of every kind of model and of each side.
func TestPoints(t *testing.T) {
	for _, name := range append([]string{"mini-gpt", "char-lstm"}, enginetest.Models...) {
		x := opened(t, name)
		m, info := x.s.model, x.s.info
		row := make([]float32, max(info.Embed, info.Hidden)+info.Vocab)
		for _, source := range []string{"input", "output"} {
			if missing := map[bool]string{info.OneHot && source == "input": "no-embedding", !info.Logits && source == "output": "no-output"}[true]; missing != "" {
				if e := x.fails(protocol.OpPoints, protocol.Points{Source: source, Max: 9}); e.Code != missing {
					t.Errorf("%s: %v", name, e)
				}
				continue
			}
			r, v := x.points(protocol.Points{Source: source, Max: 1 << 20})
			if r.N != info.Vocab || r.Total != r.N || len(r.Warnings) != 0 || r.Tensor != map[string]string{"input": "embed", "output": "unembed"}[source] {
				t.Fatalf("%s: %d of %d, %s, %v", name, r.N, r.Total, r.Tensor, r.Warnings)
			}
			for i := range r.N {
				if source == "input" {
					m.Embedding(row[:r.Dim], i)
				} else {
					m.OutputEmbedding(row[:r.Dim], i)
				}
				if !slices.Equal(v[i*r.Dim:(i+1)*r.Dim], row[:r.Dim]) || r.Names[i] != strings.ReplaceAll(x.s.names[i], "\x1f", "\ufffd") || int(r.IDs[i]) != i {
					t.Fatalf("%s: %s of token %d", name, source, i)
				}
			}
			if rank := col(r, "rank"); rank[3] != "3" || len(r.Columns) < 4 {
				t.Errorf("%s: %v", name, rank[:4])
			}
		}
	}
}

// TestBoth has the input's rows and then the output's; of tied weights they are the same.
func TestBoth(t *testing.T) {
	x := opened(t, "gpt2-tied")
	r, v := x.points(protocol.Points{Source: "both", Max: 10, Include: []int{39, 2}})
	m := r.N / 2
	if r.N != 20 || r.Total != 40 || !slices.Equal(v[:m*r.Dim], v[m*r.Dim:]) || !slices.Equal(r.IDs[:m], r.IDs[m:]) || r.Tensor != "embed, unembed" {
		t.Errorf("%d of %d, %v", r.N, r.Total, r.IDs)
	}
	if side := col(r, "side"); side[0] != "input" || side[m-1] != "input" || side[m] != "output" || side[r.N-1] != "output" {
		t.Error(side)
	}
	if !slices.Contains(r.IDs, 39) || !slices.Contains(r.IDs, 2) || !slices.IsSorted(r.IDs[:m]) {
		t.Error(r.IDs)
	}
	if len(r.Warnings) != 1 || r.Warnings[0] != (protocol.Warning{Code: "points-sampled", What: "40", N: 10}) {
		t.Error(r.Warnings)
	}
	_, v = opened(t, "gpt2-untied").points(protocol.Points{Source: "both", Max: 99})
	if slices.Equal(v[:len(v)/2], v[len(v)/2:]) {
		t.Error("both sides of a model that is not tied are the same")
	}
	if e := opened(t, "lstm").fails(protocol.OpPoints, protocol.Points{Source: "both", Max: 9}); e.Code != "both-widths" || e.Expected != "12" || e.Found != "16" {
		t.Error(e)
	}
	for _, b := range []protocol.Points{{Source: "elsewhere"}, {}, {Source: "input", Include: []int{40}}, {Source: "input", Include: []int{-1}}} {
		if e := x.fails(protocol.OpPoints, b); e.Code != "bad-request" {
			t.Errorf("%+v: %v", b, e)
		}
	}
}

// TestPointsRoom: no more than there is memory for, whatever is asked; and nothing if nobody holds them, or after a cancel.
func TestPointsRoom(t *testing.T) {
	x := opened(t, "gpt2-tied")
	was := mostPoints
	defer func() { mostPoints = was }()
	mostPoints = 4 * 24 * 2 * 5
	if r, _ := x.points(protocol.Points{Source: "both", Max: 30}); r.N != 10 || r.Warnings[0].N != 5 {
		t.Errorf("%d vectors", r.N)
	}
	if e := x.fails(protocol.OpPoints, protocol.Points{Source: "both", Max: 3, Include: []int{0, 1, 2, 3, 4, 5}}); e.Code != "bad-request" {
		t.Error(e)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if a := x.send(ctx, protocol.OpPoints, protocol.Points{Source: "input", Max: 3}); a.last.Kind != protocol.Cancelled {
		t.Error(a.last.Kind)
	}
	x.s.Hold = nil
	if e := x.fails(protocol.OpPoints, protocol.Points{Source: "input", Max: 3}); e.Code != "failed" {
		t.Error(e)
	}
}

// TestClasses tells tokens by their text and their tokenizer's marks.
func TestClasses(t *testing.T) {
	type row struct{ name, class, script, letters, length string }
	for tokenizer, rows := range map[string][]row{
		"BPE": {{" the", "word", "Latin", "lower", "3"}, {"ing", "part", "Latin", "lower", "3"}, {" The", "word", "Latin", "capital", "3"}, {" USA", "word", "Latin", "upper", "3"},
			{" iPhone", "word", "Latin", "mixed", "6"}, {" 1990", "number", "-", "-", "4"}, {"0.5", "number", "-", "-", "3"}, {" x1", "word", "Latin", "lower", "2"}, {"...", "punctuation", "-", "-", "3"},
			{" ", "punctuation", "-", "-", "0"}, {"\n", "punctuation", "-", "-", "1"}, {"中", "word", "Han", "-", "1"}, {"ка", "part", "Cyrillic", "lower", "2"}, {" да", "word", "Cyrillic", "lower", "2"},
			{" λ", "word", "Greek", "lower", "1"}, {"<unk>", "special", "-", "-", "-"}, {"<unused7>", "special", "-", "-", "-"}, {"<div>", "part", "Latin", "lower", "5"}, {"\xe5", "bytes", "-", "-", "-"}, {"\x00", "bytes", "-", "-", "-"},
			{" かな", "word", "Kana", "-", "2"}, {" 한국", "word", "Hangul", "-", "2"}, {" שלום", "word", "Hebrew", "-", "4"}, {" كتاب", "word", "Arabic", "-", "4"}, {" हिन्दी", "word", "Devanagari", "-", "6"}, {"ไทย", "word", "Thai", "-", "3"},
			{" հայ", "word", "other", "lower", "3"}, {"🙂", "punctuation", "-", "-", "1"}, {"½", "number", "-", "-", "1"}, {" don't", "word", "Latin", "lower", "5"}, {" A", "word", "Latin", "upper", "1"}},
		"WordPiece": {{"the", "word", "Latin", "lower", "3"}, {"##ing", "part", "Latin", "lower", "3"}, {"[unused3]", "special", "-", "-", "-"}, {"##7", "number", "-", "-", "1"}, {"[", "punctuation", "-", "-", "1"}},
		"word":      {{"the", "word", "Latin", "lower", "3"}, {"<pad>", "special", "-", "-", "-"}, {"a-b", "word", "Latin", "lower", "3"}, {"new york", "word", "Latin", "lower", "8"}, {"1990", "number", "-", "-", "4"}},
		"char":      {{"a", "part", "Latin", "lower", "1"}, {"中", "word", "Han", "-", "1"}, {" ", "punctuation", "-", "-", "0"}, {"7", "number", "-", "-", "1"}},
	} {
		s := &Service{tok: fake{rows: make([]string, len(rows))}}
		s.about.Tokenizer = tokenizer
		ids := make([]int, len(rows))
		for i, r := range rows {
			ids[i], s.tok.(fake).rows[i] = i, r.name
		}
		s.names = names(s.tok, len(rows))
		r := &protocol.PointsResult{Columns: s.columns(s.kinds(), ids)}
		for i, want := range rows {
			got := row{want.name, col(r, "class")[i], col(r, "script")[i], col(r, "case")[i], col(r, "length")[i]}
			if got != want {
				t.Errorf("%s: %+v, expected %+v", tokenizer, got, want)
			}
		}
	}
	x := opened(t, "bert")
	r, _ := x.points(protocol.Points{Source: "input", Max: 99})
	for id := range x.s.about.Specials {
		if class := col(r, "class")[x.s.about.Specials[id]]; class != "special" {
			t.Errorf("special token %d is a %s", id, class)
		}
	}
}

// TestWordsFirst: of a vocabulary that does not fit, whole words come first; of a list of words, those at the top of the file.
func TestWordsFirst(t *testing.T) {
	for kind, want := range map[string]string{"BPE": "[1 4 5]", "word": "[1 2 3]"} {
		rows := []string{"<unk>", " the", "ing", "1990", " cat", " sat", "!"}
		s := &Service{tok: fake{rows: rows}, names: rows}
		s.about.Tokenizer = kind
		if got := fmt.Sprint(s.words(3, s.kinds().isWord)); got != want {
			t.Errorf("%s: %s, expected %s", kind, got, want)
		}
		if got := fmt.Sprint(s.words(3, s.kinds().isWord, 6, 0)); got != "[0 1 6]" {
			t.Errorf("%s: with two that are asked for: %s", kind, got)
		}
	}
}

// fake is a tokenizer's vocabulary alone.
type fake struct {
	tokenizer.Tokenizer
	rows []string
}

func (f fake) Size() int           { return len(f.rows) }
func (f fake) Bytes(id int) []byte { return []byte(f.rows[id]) }
func (f fake) Special(int) bool    { return false }

// TestContexts holds that the hidden states of a word's occurrences are those of a plain run of its line.
func TestContexts(t *testing.T) {
	const text = "the bank of the river\nMy Bank, my bankers: bank\r\n\nno such word"
	for name, layer := range map[string]string{"gpt2-tied": "blocks.%d.resid_post", "bert": "blocks.%d.ln2.normalized", "llama": "blocks.%d.resid_post", "neox": "blocks.%d.resid_post",
		"gru": "layers.%d.hidden", "lstm-proj": "layers.%d.hidden", "keras-lstm": "layers.%d.hidden", "bert-encoder": "blocks.%d.ln2.normalized"} {
		x := opened(t, name)
		last := x.s.info.Layers - 1
		for _, layers := range [][]int{{last}, {0, last}, {-1}, nil} {
			if last == 0 && len(layers) == 2 || len(layers) == 2 && x.s.act(x.s.layerAct(0)).Inner[0] != x.s.act(x.s.layerAct(last)).Inner[0] {
				continue
			}
			r, v := x.points(protocol.Points{Source: "context", Text: text, Word: "bank", Max: 100, Layers: layers})
			m := r.Total
			if m != 3 || r.N%m != 0 || layers != nil && r.N != m*len(layers) {
				t.Fatalf("%s: %d vectors of %d occurrences: %q", name, r.N, m, r.Contexts)
			}
			if strings.Join(r.Names[:3], " ") != "bank Bank bank" || r.Contexts[0] != "the \x1ebank\x1e of the river" || r.Contexts[2] != "My Bank, my bankers: \x1ebank\x1e" {
				t.Errorf("%s: %q %q", name, r.Names, r.Contexts)
			}
			lines := strings.Split(text, "\n")
			for i := range r.N {
				l, line := col(r, "layer")[i], col(r, "line")[i]
				act := "embed"
				if l != "-1" {
					act = strings.ReplaceAll(layer, "%d", l)
				}
				y := opened(t, name)
				run := ask[protocol.RunResult](y, protocol.OpRun, protocol.Run{Text: strings.TrimRight(lines[line[0]-'0'], "\r")})
				a := ask[protocol.Array](y, protocol.OpActivation, protocol.Activation{Name: act, To: -1, Index: -1})
				at := -1
				for p := range run.Tokens {
					if fmt.Sprint(p) == col(r, "position")[i] {
						at = p
					}
				}
				if at < 0 || run.Tokens[at].ID != int(r.IDs[i]) || !slices.Equal(a.Data[at*r.Dim:(at+1)*r.Dim], v[i*r.Dim:(i+1)*r.Dim]) {
					t.Fatalf("%s: row %d of layers %v is not %s of token %d", name, i, layers, act, at)
				}
			}
		}
	}
}

// TestContextsOfSession: every token of the session's text, without its changes, and nothing of it is touched.
func TestContextsOfSession(t *testing.T) {
	x := opened(t, "gpt2-tied")
	if e := x.fails(protocol.OpPoints, protocol.Points{Source: "context", Max: 9}); e.Code != "no-text" {
		t.Error(e)
	}
	run := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "the cat\nsat", Changes: []protocol.Change{{Name: "embed", Pos: -1, Index: 3, Op: "set", Value: 2}}})
	r, v := x.points(protocol.Points{Source: "context", Max: 99, Layers: []int{0}})
	plain := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "blocks.0.resid_post", To: -1, Index: -1, Before: true})
	now := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: "blocks.0.resid_post", To: -1, Index: -1})
	if !slices.Equal(v, plain.Data) || slices.Equal(v, now.Data) || r.N != len(run.Tokens) || r.Tensor != "blocks.0.resid_post" {
		t.Errorf("%d vectors of %s are not those of the run without changes", r.N, r.Tensor)
	}
	for i, k := range run.Tokens {
		if r.Names[i] != k.Text {
			t.Errorf("%q is %q", r.Names[i], k.Text)
		}
	}
	if r, _ := x.points(protocol.Points{Source: "context", Max: 5}); r.N != 15 || r.Tensor != "embed, blocks.*.resid_post" || len(r.Warnings) != 1 ||
		r.Warnings[0] != (protocol.Warning{Code: "contexts-sampled", What: fmt.Sprint(len(run.Tokens)), N: 5}) {
		t.Errorf("%d, %s, %+v", r.N, r.Tensor, r.Warnings)
	}
	for _, b := range []protocol.Points{{Source: "context", Layers: []int{2}}, {Source: "context", Layers: []int{-2}}, {Source: "context", Layers: []int{1, 1}}} {
		if e := x.fails(protocol.OpPoints, b); e.Code != "bad-request" || e.Where != "layers" {
			t.Errorf("%+v: %v", b, e)
		}
	}
	if e := x.fails(protocol.OpPoints, protocol.Points{Source: "context", Word: "dog"}); e.Code != "no-occurrence" || e.Where != "dog" {
		t.Error(e)
	}
	if e := opened(t, "lstm").fails(protocol.OpPoints, protocol.Points{Source: "context", Text: "abc", Layers: []int{-1, 0}}); e.Code != "bad-request" {
		t.Errorf("layers of two widths: %v", e)
	}
}

// TestLongContexts: a line longer than the model reads is run in parts that begin with words; a run can be cancelled.
func TestLongContexts(t *testing.T) {
	for _, name := range []string{"gpt2-tied", "bert"} {
		x := opened(t, name)
		line := strings.Repeat("a bank of sand ", 40) + "end"
		r, v := x.points(protocol.Points{Source: "context", Text: line, Word: "bank", Max: 99, Layers: []int{1}})
		if r.Total != 40 || len(r.Warnings) == 0 || r.Warnings[len(r.Warnings)-1] != (protocol.Warning{Code: "contexts-cut", What: fmt.Sprint(x.s.about.Context), N: 1}) {
			t.Errorf("%s: %d of 40, %+v", name, r.Total, r.Warnings)
		}
		var whole string
		for i, part := range x.s.parts(line, x.s.about.Context) {
			if tokens, _ := x.s.tok.Encode(part); len(tokens) > x.s.about.Context || part == "" {
				t.Errorf("%s: part %d has %d tokens", name, i, len(tokens))
			}
			whole += part
		}
		if whole != line || !finite(v) {
			t.Errorf("%s: %q", name, whole)
		}
		for _, s := range x.s.parts(strings.Repeat("é", 100)+strings.Repeat("x", 200), 20) { // no space anywhere
			if strings.ToValidUTF8(s, "?") != s {
				t.Errorf("%q is cut in a character", s)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		x.yield = func() error {
			if n++; n == 20 {
				cancel()
			}
			return nil
		}
		if a := x.send(ctx, protocol.OpPoints, protocol.Points{Source: "context", Text: strings.Repeat(line+"\n", 30), Max: 9999}); a.last.Kind != protocol.Cancelled {
			t.Errorf("%s: %s", name, a.last.Kind)
		}
	}
}

// TestFindWords is about whole words, whatever the case.
func TestFindWords(t *testing.T) {
	for _, c := range []struct{ text, word, want string }{
		{"bank Bank BANK banks embank", "bank", "[[0 4] [5 9] [10 14]]"}, {"(bank) bank's e-bank, bank2", "bank", "[[1 5] [7 11] [16 20]]"},
		{"Été été étés", "été", "[[0 5] [6 11]]"}, {"去银行取钱，银行", "银行", "[[3 9] [18 24]]"}, {"New York, new york", "new york", "[[0 8] [10 18]]"},
		{"a...b...", "...", "[[1 4] [5 8]]"}, {"ΑΣ ας", "ας", "[[0 4] [5 9]]"}, {"", "a", "[]"}, {"\xffbank\xff", "bank", "[[1 5]]"},
	} {
		if got := fmt.Sprint(find(c.text, c.word)); got != c.want {
			t.Errorf("%q in %q: %s, expected %s", c.word, c.text, got, c.want)
		}
	}
	long := strings.Repeat("word ", 30)
	if before, it, after := around(long+"it"+" "+long, len(long), len(long)+2); before != strings.Repeat("word ", 6) || it != "it" || after != strings.Repeat(" word", 6) {
		t.Errorf("%q %q %q", before, it, after)
	}
	chinese := strings.Repeat("字", 100)
	if before, _, after := around(chinese+"银行"+chinese, 300, 306); before != strings.Repeat("字", 60) || after != before {
		t.Errorf("%q %q", before, after)
	}
}

// BenchmarkPoints answers for 20,000 words of 100 numbers.
func BenchmarkPoints(b *testing.B) {
	const n, d = 20_000, 100
	x := newSession(b)
	var words strings.Builder
	for i := range n {
		fmt.Fprintf(&words, "word%d\n", i)
	}
	ask[protocol.Model](x, protocol.OpOpen, protocol.Open{Files: []protocol.FileRef{x.file("words.txt", []byte(words.String())),
		x.file("v.safetensors", enginetest.Safetensors(enginetest.Stored{Name: "v", DType: tensor.F32, Shape: []int{n, d}, Fill: func(i int) float32 { return float32(i%97) / 97 }}))}})
	for b.Loop() {
		r := ask[protocol.PointsResult](x, protocol.OpPoints, protocol.Points{Source: "input", Max: n})
		clear(x.held)
		if r.N != n || r.Dim != d {
			b.Fatal(r.N, r.Dim)
		}
	}
}
