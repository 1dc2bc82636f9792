// Package pre cuts a text into the pieces that a tokenizer's model sees one by one: the pre-tokenizers of Hugging Face's
// tokenizers (tokenizers/src/pre_tokenizers). Patterns that a file names are never run: those that models use are scanners
// written by hand (Known).
package pre

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/tokenizer/text"
)

// Step cuts pieces further, or changes them. Pieces are never empty.
type Step func([]text.Text) []text.Text

// All makes one step of several. Steps that a hostile file has grow a text without end are left out.
func All(steps []Step) Step {
	return func(ts []text.Text) []text.Text {
		limit := text.Limit(size(ts))
		for _, s := range steps {
			if size(ts) > limit {
				break
			}
			ts = s(ts)
		}
		return ts
	}
}

func size(ts []text.Text) (n int) {
	for _, t := range ts {
		n += len(t.S)
	}
	return n
}

// Pattern finds the first match in s that begins at at or after; from < 0: none. A match is not empty.
type Pattern func(s string, at int) (from, to int)

// Behaviour is what becomes of a match.
type Behaviour string

const (
	Removed  Behaviour = "Removed"
	Isolated Behaviour = "Isolated"
	Previous Behaviour = "MergedWithPrevious"
	Next     Behaviour = "MergedWithNext"
	Together Behaviour = "Contiguous" // neighbours that match are one piece
)

// Behaviours are all there are.
var Behaviours = []Behaviour{Removed, Isolated, Previous, Next, Together}

// part is a part of a piece that a pattern matches, or that is between two matches. It begins where the one before ends.
type part struct {
	end   int
	match bool
}

func parts(s string, p Pattern) (out []part) {
	for at := 0; at < len(s); {
		from, to := p(s, at)
		if from < 0 {
			return append(out, part{len(s), false})
		}
		if from > at {
			out = append(out, part{from, false})
		}
		out, at = append(out, part{to, true}), to
	}
	return out
}

// Split cuts at the matches of p, or, if invert, at what is between them.
func Split(p Pattern, b Behaviour, invert bool) Step {
	return func(ts []text.Text) []text.Text {
		out := make([]text.Text, 0, len(ts))
		var ends []int
		for _, t := range ts {
			ps := parts(t.S, p)
			if b == Removed {
				at := 0
				for _, q := range ps {
					if q.match == invert {
						out = append(out, t.Slice(at, q.end))
					}
					at = q.end
				}
				continue
			}
			ends = ends[:0]
			for i, q := range ps {
				if !joined(b, ps, i, invert) {
					ends = append(ends, q.end)
				}
			}
			out = t.Cut(out, ends)
		}
		return out
	}
}

// joined reports whether part i and the one after it are one piece.
func joined(b Behaviour, ps []part, i int, invert bool) bool {
	if i+1 == len(ps) {
		return false
	}
	a, c := ps[i].match != invert, ps[i+1].match != invert
	switch b {
	case Together:
		return a == c
	case Previous:
		return c && !a
	case Next:
		return a && !c
	}
	return false
}

// Chars matches each character that is holds.
func Chars(is func(rune) bool) Pattern {
	return func(s string, at int) (from, to int) {
		i := strings.IndexFunc(s[at:], is)
		if i < 0 {
			return -1, -1
		}
		_, n := utf8.DecodeRuneInString(s[at+i:])
		return at + i, at + i + n
	}
}

// Literal matches s itself.
func Literal(lit string) Pattern {
	return func(s string, at int) (from, to int) {
		i := strings.Index(s[at:], lit)
		if i < 0 || lit == "" {
			return -1, -1
		}
		return at + i, at + i + len(lit)
	}
}

// scan matches where n says how long a match is at the beginning of a text.
func scan(n func(s string) int) Pattern {
	return func(s string, at int) (from, to int) {
		for i := at; i < len(s); {
			if k := n(s[i:]); k > 0 {
				return i, i + k
			}
			_, k := utf8.DecodeRuneInString(s[i:])
			i += k
		}
		return -1, -1
	}
}

// The steps that need nothing of a file.
var (
	// WhitespaceSplit drops white space.
	WhitespaceSplit = Split(Chars(unicode.IsSpace), Removed, false)
	// Whitespace is \w+|[^\w\s]+.
	Whitespace = Split(scan(wordOrOther), Removed, true)
	// Bert drops white space and cuts out punctuation.
	Bert = All([]Step{WhitespaceSplit, Split(Chars(text.IsPunctuation), Isolated, false)})
)

func wordOrOther(s string) int {
	kind := func(r rune) int {
		switch {
		case text.IsWord(r):
			return 1
		case unicode.IsSpace(r):
			return 0
		}
		return 2
	}
	first, _ := utf8.DecodeRuneInString(s)
	k := kind(first)
	if k == 0 {
		return 0
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return kind(r) != k }); i >= 0 {
		return i
	}
	return len(s)
}

// Digits cuts out numbers, whole or by digits.
func Digits(one bool) Step {
	if one {
		return Split(Chars(isNumber), Isolated, false)
	}
	return Split(Chars(isNumber), Together, false)
}

func isNumber(r rune) bool { return text.ClassOf(r)&text.Number != 0 }

// FixedLength cuts after every n characters.
func FixedLength(n int) Step {
	return Split(scan(func(s string) int {
		i := 0
		for k := 0; k < n && i < len(s); k++ {
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
		}
		return i
	}), Isolated, false)
}

// Prepend puts s before each piece that does not begin with it; first: only where the original begins.
func Prepend(s string, first bool) Step {
	return func(ts []text.Text) []text.Text {
		out := slices.Clone(ts)
		for i, t := range out {
			if !strings.HasPrefix(t.S, s) && (!first || t.Start() == 0) {
				out[i] = text.Prepend(t, s)
			}
		}
		return out
	}
}

// Replace puts s for each old.
func Replace(old, s string) Step {
	return func(ts []text.Text) []text.Text {
		out := slices.Clone(ts)
		for i, t := range out {
			out[i] = text.ReplaceAll(t, old, s)
		}
		return out
	}
}

// Bytes spells each byte as a character of the alphabet.
func Bytes(alphabet *[256]string) Step {
	return func(ts []text.Text) []text.Text { return text.Bytes(ts, alphabet) }
}

// Words cuts before each space after a word; mark is how a space is written. So a piece is spaces and the word after them.
func Words(mark string) Step {
	return func(ts []text.Text) []text.Text {
		var out []text.Text
		var ends []int
		for _, t := range ts {
			ends = ends[:0]
			inWord := false
			for i := 0; i < len(t.S); {
				if !strings.HasPrefix(t.S[i:], mark) {
					inWord = true
					i++
					continue
				}
				if inWord {
					ends = append(ends, i)
				}
				inWord = false
				i += len(mark)
			}
			out = t.Cut(out, ends)
		}
		return out
	}
}
