// Package annotation says something of each token of a text: what is built in (depth of brackets, place in the line, surprisal, ..), and
// what a file brings. It says how much more often labels occur at some places than by chance.
package annotation

import "unicode/utf8"

// Track is one annotation over a text: a number a token, or one of Labels by its index. NaN: the token has none.
type Track struct {
	Name   string
	Own    bool // a file brought it
	Labels []string
	Values []float32
}

// Token is a token of a text, with its place in bytes. One that stands for no text (a mark of the tokenizer) ends where it starts.
type Token struct{ ID, Start, End int }

// Text is one document as the model read it. Surprisal, Entropy (nats) and Rank are nil of a model that predicts nothing.
type Text struct {
	Text                     string
	Tokens                   []Token // in the order of their places
	Surprisal, Entropy, Rank []float32
	Sentences                []int // where sentences begin, in bytes, where a file says so; nil: they are found
}

// Anchor is the byte by which token i belongs to a word or a sentence: that of its first character that is no white space or, if it has none, its
// first. It is -1 of a token that stands for no text.
func (t *Text) Anchor(i int) int {
	k := t.Tokens[i]
	for at := k.Start; at < k.End; {
		r, n := utf8.DecodeRuneInString(t.Text[at:])
		if !blank(r) {
			return at
		}
		at += n
	}
	if k.Start < k.End {
		return k.Start
	}
	return -1
}

// Spread gives each token the value of the span of bytes (of spans, which ascend) that its Anchor lies in; NaN: it lies in none.
func Spread(t *Text, spans [][2]int, values []float32) []float32 {
	out, at := make([]float32, len(t.Tokens)), 0
	for i := range t.Tokens {
		out[i] = nan
		a := t.Anchor(i)
		for at < len(spans) && spans[at][1] <= a {
			at++
		}
		if at < len(spans) && a >= spans[at][0] {
			out[i] = values[at]
		}
	}
	return out
}

// Begins are the tokens at which stretches of a text begin that begin at bytes starts, which ascend: of each the first whose Anchor is there or after
// it. A stretch without a token is left out.
func Begins(t *Text, starts []int) (out []int) {
	at := 0
	for i := range t.Tokens {
		a, any := t.Anchor(i), false
		for at < len(starts) && starts[at] <= a {
			at, any = at+1, true
		}
		if any {
			out = append(out, i)
		}
	}
	return out
}
