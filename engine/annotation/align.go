package annotation

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"loupe/engine/fault"
)

// formNames are what a column is called that repeats the text.
var formNames = set("token tokens word words text form forms char character piece surface")

// forms is the column that repeats the text of the tokens, or -1.
func (t *table) forms(text *Text) int {
	for i, c := range t.columns {
		if formNames[strings.ToLower(strings.TrimSpace(c.name))] || t.words {
			return i
		}
	}
	if len(t.columns) < 2 {
		return -1
	}
	cells := t.columns[0].cells
	if rows := identity(text, t.rows); rows != nil {
		same := 0
		for i, r := range rows {
			if r >= 0 && alike(text, i, cells[r]) {
				same++
			}
		}
		if 2*same > len(rows) {
			return 0
		}
	}
	if Values(cells).number() {
		return -1
	}
	if _, at, _ := align(text.Text, cells); at >= min(5, len(cells)) && at > 0 {
		return 0
	}
	return -1
}

func (t *Track) number() bool { return t == nil || t.Labels == nil }

// match gives each token its row, -1 where it has none.
func (t *table) match(text *Text, forms int) ([]int, error) {
	rows := identity(text, t.rows)
	if forms < 0 {
		if rows == nil {
			return nil, t.fail(fault.AnnotationsDiffer, "", fmt.Sprintf("%d values, one a token", len(text.Tokens)), fmt.Sprint(t.rows))
		}
		return rows, nil
	}
	cells := t.columns[forms].cells
	differs := func(i int) bool { return rows[i] >= 0 && !alike(text, i, cells[rows[i]]) }
	if rows != nil {
		i := 0
		for i < len(rows) && !differs(i) {
			i++
		}
		if i == len(rows) {
			return rows, nil
		}
		if !t.words && 2*i > len(rows) { // the tokens' own rows, until there
			k := text.Tokens[i]
			return nil, t.fail(fault.AnnotationsDiffer, fmt.Sprintf("%s, token %d", t.row(rows[i]), i), fault.Quote(text.Text[k.Start:k.End]), fault.Quote(cells[rows[i]]))
		}
	}
	spans, at, byteAt := align(text.Text, cells)
	if at < len(cells) {
		return nil, t.fail(fault.AnnotationsDiffer, t.row(at), ahead(text.Text[byteAt:], cells[at]), fault.Quote(cells[at]))
	}
	if rest := strings.TrimSpace(text.Text[byteAt:]); rest != "" {
		where := ""
		if len(cells) > 0 {
			where = t.row(len(cells) - 1)
		}
		return nil, t.fail(fault.AnnotationsDiffer, where, ahead(rest, ""), "the end of the file")
	}
	index := make([]float32, 0, len(spans))
	var some [][2]int
	for i, s := range spans {
		if s[0] < s[1] {
			some, index = append(some, s), append(index, float32(i))
		}
	}
	out := make([]int, len(text.Tokens))
	for i, v := range Spread(text, some, index) {
		if out[i] = -1; v == v {
			out[i] = int(v)
		}
	}
	return out, nil
}

// identity is row i of token i, where there are as many rows as tokens or as tokens that stand for some text; else nil.
func identity(t *Text, rows int) []int {
	some := 0
	for _, k := range t.Tokens {
		if k.Start < k.End {
			some++
		}
	}
	if rows != len(t.Tokens) && rows != some {
		return nil
	}
	out, at := make([]int, len(t.Tokens)), 0
	for i, k := range t.Tokens {
		if out[i] = -1; rows == len(t.Tokens) || k.Start < k.End {
			out[i] = at
			at++
		}
	}
	return out
}

// alike reports whether a cell repeats token i, white space apart. A mark of the tokenizer and a part of a character may be written in any way.
func alike(t *Text, i int, cell string) bool {
	k := t.Tokens[i]
	s := t.Text[k.Start:k.End]
	if s == cell || s == "" || !utf8.ValidString(s) {
		return true
	}
	s = strings.TrimSpace(s)
	for _, f := range written(cell) {
		if strings.TrimSpace(f) == s {
			return true
		}
	}
	return false
}

// escapes are ways to write white space, of programs and of tokenizers.
var escapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "\r", `\s`, " ", `\\`, `\`, "Ġ", " ", "Ċ", "\n", "▁", " ", "␣", " ", "␤", "\n", "⏎", "\n", "↵", "\n")

// penn are words that the Penn treebank writes in another way.
var penn = map[string]string{"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": `"`, "''": `"`, `\/`: "/", `\*`: "*"}

// written are the texts that a cell may stand for.
func written(cell string) []string {
	out := []string{cell}
	if e := escapes.Replace(cell); e != cell {
		out = append(out, e)
	}
	if p, ok := penn[cell]; ok {
		out = append(out, p)
	}
	if p, ok := strings.CutPrefix(cell, "##"); ok {
		out = append(out, p)
	}
	return out
}

// align finds words in a text, one after another with nothing but white space between, and gives their spans; of a word of white space alone an empty
// one. done is how many there are, at the byte after the last.
func align(text string, words []string) (spans [][2]int, done, at int) {
	for _, w := range words {
		found := false
		for _, f := range written(w) {
			start, end, ok := wordAt(text, at, f)
			if ok {
				spans, at, found = append(spans, [2]int{start, end}), end, true
				break
			}
		}
		if !found {
			return spans, len(spans), at
		}
	}
	return spans, len(spans), at
}

// wordAt compares a word with the text from byte at on, white space apart on both sides.
func wordAt(text string, at int, word string) (start, end int, ok bool) {
	start, end = -1, at
	for _, r := range word {
		if blank(r) {
			continue
		}
		for end < len(text) {
			if b, n := utf8.DecodeRuneInString(text[end:]); !blank(b) {
				break
			} else {
				end += n
			}
		}
		b, n := utf8.DecodeRuneInString(text[end:])
		if b != r || n == 0 {
			return 0, 0, false
		}
		if start < 0 {
			start = end
		}
		end += n
	}
	if start < 0 {
		return at, at, true
	}
	return start, end, true
}

// ahead says what the text has there: a piece of about the length of a word that was expected.
func ahead(text, word string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text[:min(len(text), 400)], ""))
	if text == "" {
		return "the text’s end"
	}
	if r, n := []rune(text), max(utf8.RuneCountInString(word), 12); len(r) > n {
		text = string(r[:n]) + ".."
	}
	return "the text’s " + fault.Quote(text)
}
