package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// split gives the end of the piece of s that begins at i, i < len(s), as GPT-2 cuts text before merging (openai/gpt-2,
// encoder.py):
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// The alternatives are tried in this order. A byte that is no UTF-8 counts as a character of no class.
func split(s string, i int) int {
	if n := contraction(s[i:]); n > 0 {
		return i + n
	}
	at := i
	if s[i] == ' ' {
		at++ // " ?": one space goes with what follows it
	}
	if at < len(s) {
		if c, n := classAt(s, at); c != space {
			return run(s, at+n, c)
		}
	}
	// White space. It leaves its last character to what follows it (?!\S), unless it is only one, or nothing follows.
	end := run(s, i, space)
	if end == len(s) {
		return end
	}
	_, n := utf8.DecodeLastRuneInString(s[i:end])
	if last := end - n; last > i {
		return last
	}
	return end
}

// contraction is the length of 's 't 're 've 'm 'll 'd at the beginning of s, or 0.
func contraction(s string) int {
	if len(s) < 2 || s[0] != '\'' {
		return 0
	}
	switch s[1] {
	case 's', 't', 'm', 'd':
		return 2
	}
	if len(s) > 2 {
		switch s[1:3] {
		case "re", "ve", "ll":
			return 3
		}
	}
	return 0
}

type class byte

const (
	other  class = iota
	letter       // \p{L}
	number       // \p{N}
	space        // \s
)

// run is where the characters of class c end that begin at i.
func run(s string, i int, c class) int {
	for i < len(s) {
		k, n := classAt(s, i)
		if k != c {
			break
		}
		i += n
	}
	return i
}

// classAt is the class of the character at i, and its length.
func classAt(s string, i int) (class, int) {
	if b := s[i]; b < utf8.RuneSelf {
		return ascii[b], 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	switch {
	case unicode.IsLetter(r), unicode.Is(newLetters, r):
		return letter, n
	case unicode.IsNumber(r), unicode.Is(newNumbers, r):
		return number, n
	case unicode.IsSpace(r):
		return space, n
	}
	return other, n
}

var ascii = func() (t [utf8.RuneSelf]class) {
	for b := range t {
		switch r := rune(b); {
		case unicode.IsLetter(r):
			t[b] = letter
		case unicode.IsNumber(r):
			t[b] = number
		case unicode.IsSpace(r):
			t[b] = space
		}
	}
	return t
}()
