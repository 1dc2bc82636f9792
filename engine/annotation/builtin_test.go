package annotation

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// each is a text whose tokens are its characters, or what bars part.
func each(s string) *Text {
	t := &Text{Text: strings.ReplaceAll(s, "|", "")}
	if t.Text != s {
		at := 0
		for p := range strings.SplitSeq(s, "|") {
			t.Tokens = append(t.Tokens, Token{Start: at, End: at + len(p)})
			at += len(p)
		}
		return t
	}
	for i, r := range s {
		t.Tokens = append(t.Tokens, Token{ID: int(r), Start: i, End: i + len(string(r))})
	}
	return t
}

// said are values as text: digits, or letters of labels; - is none.
func said(v []float32) string {
	var b strings.Builder
	for _, x := range v {
		if x != x {
			b.WriteByte('-')
		} else {
			b.WriteByte("0123456789abcdefghijklmnopqrstuvwxyz"[int(x)])
		}
	}
	return b.String()
}

func TestBuiltins(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"depth", "(a[b]c)d", "11221100"},
		{"depth", ")(", "01"},
		{"depth", "(]a)", "1110"},
		{"depth", `"a"b`, "1100"},
		{"depth", "“a(”b", "11222"},
		{"depth", "{《》}", "1210"},
		{"depth", " f((|x))", "20"},
		{"depth", "(||a", "111"}, // a mark of the tokenizer between
		{"in quotes", `a"bc"d"`, "0111001"},
		{"in quotes", "“a”b«c»「d」", "1100110110"},
		{"in quotes", "\"a\n\nb\"", "111001"},
		{"in quotes", "\"a\nb", "1111"},
		{"in quotes", "``|a| don't |''|b", "11100"},
		{"in quotes", "“a\"b”", "11110"}, // another kind inside
		{"line position", "ab\ncd", "12012"},
		{"line position", "ab\nc|d|\n|é", "1201"},
		{"line start", "ab\n\ncd", "100010"},
		{"line start", "a\nb|c\n|\n|d", "1001"},
		{"indentation", "a\n  b c\n\td", "0012222011"},
		{"class", "aÉ3.+ \n中\x01", "012345607"},
		{"class", " the| The| .| 9|\n\n|  |é", "0132650"},
		{"class", "||a", "--0"},
		{"word position", "it's a b-c", "1234010101"},
		{"word position", "中文a", "111"},
		{"word position", "hel|lo, |wo|rld", "3025"},
		{"word length", "it's a, b", "4444-1--1"},
		{"word length", "hel|lo|,| you", "55-3"},
		{"sentence position", "A b. C d e.", "11222112233"},
		{"sentence position", "A b.| C d| e.", "223"},
		{"document position", "abc", "012"},
		{"speaker name", "KING LEAR:\nNo: I\n\nFool:\nYes", "111111111100000000111110000"},
	} {
		b := builtin(t, c.name)
		if got := said(b.Make(each(c.text), nil)); got != c.want {
			t.Errorf("%s of %q: %s, expected %s", c.name, c.text, got, c.want)
		}
	}
}

func builtin(t testing.TB, name string) *Builtin {
	for i := range Builtins {
		if Builtins[i].Name == name {
			return &Builtins[i]
		}
	}
	t.Fatal("no ", name)
	return nil
}

// TestPartsOfCharacters: tokens that are bytes of a character change nothing until the last.
func TestPartsOfCharacters(t *testing.T) {
	s := "a“é” 中"
	text := &Text{Text: s}
	for i := range len(s) {
		text.Tokens = append(text.Tokens, Token{Start: i, End: i + 1})
	}
	for name, want := range map[string]string{
		// a, “ (3 bytes), é (2), ” (3), a space, 中 (3)
		"depth": "0001111100000", "line position": "1112233345556",
	} {
		if got := said(builtin(t, name).Make(text, nil)); got != want {
			t.Errorf("%s: %s, expected %s", name, got, want)
		}
	}
}

func TestOf(t *testing.T) {
	names := func(text *Text) (out []string) {
		for _, tr := range Of(text, nil) {
			out = append(out, tr.Name)
			if len(tr.Values) != len(text.Tokens) {
				t.Errorf("%s has %d values", tr.Name, len(tr.Values))
			}
		}
		return out
	}
	plain := []string{"class", "word position", "word length", "sentence position", "document position", "frequency"}
	if got := names(each("don't a) go")); !slices.Equal(got, plain) {
		t.Error(got)
	}
	text := each("A:\n (\"the b\")\n\nB:\nand the c")
	n := len(text.Tokens)
	text.Surprisal, text.Entropy, text.Rank = make([]float32, n), make([]float32, n), make([]float32, n)
	text.Surprisal[3] = math.Ln2 * 3
	var all []string
	for _, b := range Builtins {
		all = append(all, b.Name)
	}
	if got := names(text); !slices.Equal(got, all) {
		t.Error(got)
	}
	for _, tr := range Of(text, nil) {
		if tr.Name == "surprisal" && tr.Values[3] != 3 {
			t.Errorf("3 bits are %v", tr.Values[3])
		}
	}
	if got := Of(&Text{}, nil); len(got) == 0 {
		t.Error("of no text")
	}
}

func TestFrequency(t *testing.T) {
	text := &Text{Text: "abac", Tokens: []Token{{0, 0, 1}, {1, 1, 2}, {0, 2, 3}, {7, 3, 4}}}
	own := frequency(text, nil)
	if math.Abs(float64(own[0])-math.Log10(.5)) > 1e-6 || own[0] != own[2] {
		t.Error(own)
	}
	of := frequency(text, []int{10, 90})
	if of[0] != -1 || math.Abs(float64(of[1])-math.Log10(.9)) > 1e-6 || of[3] == of[3] {
		t.Error(of)
	}
}
