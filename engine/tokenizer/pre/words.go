package pre

import (
	"strings"
	"unicode/utf8"

	"loupe/engine/tokenizer/text"
)

// words is the family of patterns that began with GPT-2's: contractions, letters, numbers, signs, white space, tried in
// this order. What they differ in:
type words struct {
	contractions contractions
	letters      text.Class // what a word is made of
	lead         lead       // what may stand before the letters of a word
	cased        bool       // a word is capitals, then small letters; a contraction belongs to it
	digits       int        // the longest number; 0: of any length, and a space may stand before it
	signs        text.Class // what stands in words and numbers and so not among signs
	tail         string     // what may follow signs
	lines        bool       // white space up to its last new line is one piece
}

type contractions int

const (
	noContractions    contractions = iota
	smallContractions              // 's 't 're 've 'm 'll 'd
	anyContractions                // in capitals too
)

type lead int

const (
	leadSpace lead = iota // " ?"
	leadAny               // [^\r\n\p{L}\p{N}]?
	leadNone              // no space before signs either, and white space is no match
)

// next is the length of the match at the beginning of s; 0: none.
func (w *words) next(s string) int {
	if !w.cased {
		if n := w.contraction(s); n > 0 {
			return n
		}
	}
	if n := w.word(s); n > 0 {
		return n
	}
	if n := w.number(s); n > 0 {
		return n
	}
	if n := w.sign(s); n > 0 {
		return n
	}
	return w.white(s)
}

// contraction is the length of 's 't 're 've 'm 'll 'd at the beginning of s, or 0.
func (w *words) contraction(s string) int {
	if w.contractions == noContractions || len(s) < 2 || s[0] != '\'' {
		return 0
	}
	fold := byte(0)
	if w.contractions == anyContractions {
		fold = 0x20
		if strings.HasPrefix(s, "'ſ") { // the long s is an s in another case
			return len("'ſ")
		}
	}
	switch s[1] | fold {
	case 's', 't', 'm', 'd':
		return 2
	}
	if len(s) > 2 {
		switch string([]byte{s[1] | fold, s[2] | fold}) {
		case "re", "ve", "ll":
			return 3
		}
	}
	return 0
}

// word: letters, and one character before them that may be.
func (w *words) word(s string) int {
	if !w.cased {
		return w.led(s, func(s string) int { return text.Run(s, w.letters) })
	}
	n := w.led(s, toSmall)
	if n == 0 {
		n = w.led(s, capitalsFirst)
	}
	if n > 0 {
		n += w.contraction(s[n:])
	}
	return n
}

// led is a run with what may stand before it, or without if there is none behind that.
func (w *words) led(s string, run func(string) int) int {
	n := 0
	switch w.lead {
	case leadSpace:
		if s[0] == ' ' {
			n = 1
		}
	case leadAny:
		if c, k := text.At(s); c&(text.Letter|text.Number) == 0 && s[0] != '\r' && s[0] != '\n' {
			n = k
		}
	}
	if n > 0 && n < len(s) {
		if k := run(s[n:]); k > 0 {
			return n + k
		}
	}
	return run(s)
}

// toSmall is [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+. Where small letters are wanting, capitals give back
// down to the last character that may be both.
func toSmall(s string) int {
	i, both := upTo(s)
	if n := smalls(s[i:]); n > 0 {
		return i + n
	}
	return both
}

// capitalsFirst is [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*.
func capitalsFirst(s string) int {
	i, _ := upTo(s)
	if i == 0 {
		return 0
	}
	return i + smalls(s[i:])
}

// upTo is the length of letters and marks that are no small letters, and of those up to the last that is no capital.
func upTo(s string) (n, both int) {
	for n < len(s) {
		c, k := text.At(s[n:])
		if c&(text.Letter|text.Mark) == 0 || c&text.Lower != 0 {
			break
		}
		if n += k; c&text.Upper == 0 {
			both = n
		}
	}
	return n, both
}

// smalls is the length of letters and marks that are no capitals.
func smalls(s string) (n int) {
	for n < len(s) {
		c, k := text.At(s[n:])
		if c&(text.Letter|text.Mark) == 0 || c&text.Upper != 0 {
			break
		}
		n += k
	}
	return n
}

func (w *words) number(s string) int {
	if w.digits == 0 {
		if s[0] == ' ' {
			if n := text.Run(s[1:], text.Number); n > 0 {
				return 1 + n
			}
		}
		return text.Run(s, text.Number)
	}
	i := 0
	for k := 0; k < w.digits && i < len(s); k++ {
		c, n := text.At(s[i:])
		if c&text.Number == 0 {
			break
		}
		i += n
	}
	return i
}

// sign: what is neither white space nor in words and numbers, a space before it, and what may follow.
func (w *words) sign(s string) int {
	n := 0
	if s[0] == ' ' && w.lead != leadNone {
		n = 1
	}
	i := n
	for i < len(s) {
		c, k := text.At(s[i:])
		if c&(text.Space|w.signs) != 0 {
			break
		}
		i += k
	}
	if i == n {
		return 0
	}
	return i + len(s[i:]) - len(strings.TrimLeft(s[i:], w.tail))
}

// white: up to the last new line (\s*[\r\n]+), else all but the last character if something follows (\s+(?!\S)), else all.
func (w *words) white(s string) int {
	if w.lead == leadNone {
		return 0
	}
	n := text.Run(s, text.Space)
	if w.lines {
		if i := strings.LastIndexAny(s[:n], "\r\n"); i >= 0 {
			return i + 1
		}
	}
	if n == len(s) || n == 0 {
		return n
	}
	_, last := utf8.DecodeLastRuneInString(s[:n])
	if last < n {
		return n - last
	}
	return n
}

const letterNumber = text.Letter | text.Number

var (
	gpt2 = words{contractions: smallContractions, letters: text.Letter, signs: letterNumber}
	// cl100k is that of GPT-4 and Llama 3, qwen2 the same with one digit at a time.
	cl100k = words{contractions: anyContractions, letters: text.Letter, lead: leadAny, digits: 3, signs: letterNumber, tail: "\r\n", lines: true}
	qwen2  = words{contractions: anyContractions, letters: text.Letter, lead: leadAny, digits: 1, signs: letterNumber, tail: "\r\n", lines: true}
	qwen35 = words{contractions: anyContractions, letters: text.Letter | text.Mark, lead: leadAny, digits: 1, signs: letterNumber | text.Mark, tail: "\r\n", lines: true}
	// o200k is that of GPT-4o, tekken Mistral's.
	o200k     = words{contractions: anyContractions, lead: leadAny, cased: true, digits: 3, signs: letterNumber, tail: "\r\n/", lines: true}
	tekken    = words{lead: leadAny, cased: true, digits: 1, signs: letterNumber, tail: "\r\n/", lines: true}
	seedCoder = words{contractions: anyContractions, letters: text.Letter, lead: leadAny, digits: 1, signs: letterNumber, lines: true}
	noEnglish = words{letters: text.Letter, lead: leadAny, digits: 1, signs: letterNumber, tail: "\r\n", lines: true}
	miniCPM5  = words{contractions: anyContractions, letters: text.Letter, lead: leadAny, digits: 1 << 30, signs: letterNumber, tail: "\r\n", lines: true}
	// clip leaves white space out.
	clip = words{contractions: smallContractions, letters: text.Letter, lead: leadNone, digits: 1, signs: letterNumber}
)
