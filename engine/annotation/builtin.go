package annotation

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Builtin is an annotation that needs no file. Its values say what is true after the token is read.
type Builtin struct {
	Name   string // a stable key
	Labels []string
	// Needs: "prediction" (of a model that predicts), "brackets", "quotes", "lines", "indentation", "speakers" (of a text that has some),
	// "english" (of a text in English), "" (of any).
	Needs string
	// Make gives a value a token; nil where the run has no such number. counts: how often each token occurs in the corpus, by id; nil: in the text.
	Make func(t *Text, counts []int) []float32
}

var (
	yesNo   = []string{"no", "yes"}
	classes = []string{"letter", "capital", "digit", "punctuation", "symbol", "space", "newline", "other"}
	nan     = float32(math.NaN())
)

// Builtins is THE table of built-in annotations, in the order in which they are offered.
var Builtins = []Builtin{
	{"depth", nil, "brackets", depth},
	{"in quotes", yesNo, "quotes", inQuotes},
	{"speaker name", yesNo, "speakers", speakerName},
	{"line position", nil, "lines", linePosition},
	{"line start", yesNo, "lines", lineStart},
	{"indentation", nil, "indentation", indentation},
	{"class", classes, "", class},
	{"word position", nil, "", wordPosition},
	{"word length", nil, "", wordLength},
	{"part of speech", speeches, "english", partOfSpeech},
	{"sentence position", nil, "", sentencePosition},
	{"document position", nil, "", documentPosition},
	{"frequency", nil, "", frequency},
	{"surprisal", nil, "prediction", func(t *Text, _ []int) []float32 { return bits(t.Surprisal) }},
	{"entropy", nil, "prediction", func(t *Text, _ []int) []float32 { return bits(t.Entropy) }},
	{"rank", nil, "prediction", func(t *Text, _ []int) []float32 { return t.Rank }},
}

// Fits reports whether a text has what b needs. A corpus has it if one of its documents has.
func (b *Builtin) Fits(t *Text) bool {
	switch b.Needs {
	case "prediction":
		return t.Surprisal != nil || t.Entropy != nil || t.Rank != nil
	case "brackets":
		return strings.ContainsFunc(t.Text, func(r rune) bool { return closes[r] != 0 })
	case "quotes":
		return strings.ContainsFunc(t.Text, func(r rune) bool { return quotes[r] != 0 }) || strings.Contains(t.Text, "``")
	case "lines":
		return strings.Contains(strings.TrimSpace(t.Text), "\n")
	case "indentation":
		return strings.Contains(t.Text, "\n ") || strings.Contains(t.Text, "\n\t")
	case "english":
		return english(t.Text)
	case "speakers":
		return len(speakers(t.Text)) > 1
	}
	return true
}

// Of makes all built-in annotations that a text can have.
func Of(t *Text, counts []int) (out []Track) {
	for i := range Builtins {
		b := &Builtins[i]
		if !b.Fits(t) {
			continue
		}
		if v := b.Make(t, counts); v != nil {
			out = append(out, Track{Name: b.Name, Labels: b.Labels, Values: v})
		}
	}
	return out
}

// after reads the text character by character, and asks for a value after each token. A character of several tokens (bytes) is read with
// the last of them.
func (t *Text) after(read func(r rune), value func() float32) []float32 {
	out, at := make([]float32, len(t.Tokens)), 0
	for i, k := range t.Tokens {
		for at < k.End {
			r, n := utf8.DecodeRuneInString(t.Text[at:])
			if at+n > k.End {
				break
			}
			read(r)
			at += n
		}
		out[i] = value()
	}
	return out
}

// closes says what closes a bracket or a quotation. The apostrophe is none.
var closes = map[rune]rune{'(': ')', '[': ']', '{': '}', '"': '"', '“': '”', '«': '»', '（': '）', '「': '」', '『': '』', '【': '】', '《': '》'}

// depth is how deep in brackets and double quotes the text is. A bracket that closes what was not opened last counts for nothing.
func depth(t *Text, _ []int) []float32 {
	var open []rune // what would close each that is open
	return t.after(func(r rune) {
		if r < utf8.RuneSelf && !strings.ContainsRune(`()[]{}"`, r) {
			return
		}
		if n := len(open); n > 0 && open[n-1] == r {
			open = open[:n-1]
		} else if c := closes[r]; c != 0 {
			open = append(open, c)
		}
	}, func() float32 { return float32(len(open)) })
}

// quotes says what ends direct speech. Single quotes are not told from apostrophes.
var quotes = map[rune]rune{'"': '"', '“': '”', '„': '“', '«': '»', '「': '」', '『': '』', '＂': '＂'}

// inQuotes is whether a double quotation is open: “..”, "..", «..», 「..」, or “..” of the Penn treebank. The end of a paragraph (an empty
// line) closes it.
func inQuotes(t *Text, _ []int) []float32 {
	end, last := rune(0), rune(0) // what closes the one that is open; the character before
	return t.after(func(r rune) {
		switch {
		case r == '\n' && last == '\n':
			end = 0
		case end == 0 && r == '`' && last == '`':
			end = '\''
		case end == '\'' && r == '\'' && last == '\'':
			end = 0
		case end == '\'' || r == '\'' || r == '`':
		case end == 0:
			if r == '"' || r >= utf8.RuneSelf {
				end = quotes[r]
			}
		case r == end:
			end = 0
		}
		if r != '\r' && (r != ' ' || last != '\n') {
			last = r
		}
	}, func() float32 { return truth(end != 0) })
}

// linePosition is how many characters of the line have been read; 0 after its end.
func linePosition(t *Text, _ []int) []float32 {
	n := 0
	return t.after(func(r rune) {
		n++
		if r == '\n' {
			n = 0
		}
	}, func() float32 { return float32(n) })
}

// lineStart is whether the token has the first character of a line that is not empty.
func lineStart(t *Text, _ []int) []float32 {
	fresh, first := true, false
	return t.after(func(r rune) {
		first = first || fresh && r != '\n' && r != '\r'
		fresh = r == '\n'
	}, func() float32 {
		v := truth(first)
		first = false
		return v
	})
}

// indentation is how many spaces and tabs the line begins with, of those that have been read.
func indentation(t *Text, _ []int) []float32 {
	n, leading := 0, true
	return t.after(func(r rune) {
		switch {
		case r == '\n':
			n, leading = 0, true
		case r != ' ' && r != '\t':
			leading = false
		case leading:
			n++
		}
	}, func() float32 { return float32(n) })
}

// class is that of the token's first character that is no white space, if it has one.
func class(t *Text, _ []int) []float32 {
	out := make([]float32, len(t.Tokens))
	for i, k := range t.Tokens {
		if a := t.Anchor(i); a < 0 {
			out[i] = nan
		} else if r, _ := utf8.DecodeRuneInString(t.Text[a:]); !blank(r) {
			out[i] = float32(classOf(r))
		} else {
			out[i] = float32(classOf(' '))
			if strings.ContainsRune(t.Text[a:k.End], '\n') {
				out[i] = float32(classOf('\n'))
			}
		}
	}
	return out
}

// classOf is an index of classes.
func classOf(r rune) int {
	switch {
	case r == '\n':
		return 6
	case blank(r):
		return 5
	case unicode.IsUpper(r), unicode.IsTitle(r):
		return 1
	case unicode.IsLetter(r):
		return 0
	case unicode.IsNumber(r):
		return 2
	case unicode.IsPunct(r):
		return 3
	case unicode.IsSymbol(r):
		return 4
	}
	return 7
}

func documentPosition(t *Text, _ []int) []float32 {
	out := make([]float32, len(t.Tokens))
	for i := range out {
		out[i] = float32(i)
	}
	return out
}

// frequency is log10 of the token's share of the corpus, NaN of one that the corpus lacks.
func frequency(t *Text, counts []int) []float32 {
	count, all := map[int]int{}, 0
	for _, k := range t.Tokens {
		if counts == nil {
			count[k.ID]++
		}
		all++
	}
	if counts != nil {
		all = 0
		for _, n := range counts {
			all += n
		}
	}
	out := make([]float32, len(t.Tokens))
	for i, k := range t.Tokens {
		n := count[k.ID]
		if k.ID >= 0 && k.ID < len(counts) {
			n = counts[k.ID]
		}
		out[i] = nan
		if n > 0 {
			out[i] = float32(math.Log10(float64(n) / float64(all)))
		}
	}
	return out
}

// bits are nats as bits; nil stays nil.
func bits(nats []float32) []float32 {
	if nats == nil {
		return nil
	}
	out := make([]float32, len(nats))
	for i, x := range nats {
		out[i] = float32(float64(x) / math.Ln2)
	}
	return out
}

func truth(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func blank(r rune) bool {
	return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r >= 0x80 && unicode.IsSpace(r) || r == '\f' || r == '\v'
}
