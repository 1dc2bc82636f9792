package annotation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// words are the spans of a text's words, in bytes: letters, digits and marks in a row, with apostrophes between letters. Chinese and Japanese do
// not part words: there each character counts as one.
func words(s string) (out [][2]int) {
	out = make([][2]int, 0, len(s)/5)
	begin := -1
	end := func(at int) {
		if begin >= 0 {
			out = append(out, [2]int{begin, at})
		}
		begin = -1
	}
	for at := 0; at < len(s); {
		r, n := utf8.DecodeRuneInString(s[at:])
		switch {
		case r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			end(at)
			out = append(out, [2]int{at, at + n})
		case inWord(r), begin >= 0 && (r == '\'' || r == '’') && letterAt(s, at+n):
			if begin < 0 {
				begin = at
			}
		default:
			end(at)
		}
		at += n
	}
	end(len(s))
	return out
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

func letterAt(s string, at int) bool {
	r, _ := utf8.DecodeRuneInString(s[at:])
	return unicode.IsLetter(r)
}

// wordPosition is how many characters of the word have been read; 0 outside words.
func wordPosition(t *Text, _ []int) []float32 {
	spans, at := words(t.Text), 0
	out := make([]float32, len(t.Tokens))
	for i, k := range t.Tokens {
		for at < len(spans) && spans[at][1] < k.End {
			at++
		}
		if at < len(spans) && spans[at][0] < k.End {
			out[i] = float32(whole(t.Text[spans[at][0]:k.End]))
		}
	}
	return out
}

// whole counts the characters of s, without a last one that is not whole.
func whole(s string) int {
	n := utf8.RuneCountInString(s)
	if r, size := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && size == 1 {
		for i := 1; i <= min(3, len(s)); i++ {
			if b := s[len(s)-i:]; utf8.RuneStart(b[0]) {
				if !utf8.FullRuneInString(b) {
					return n - i // each of its bytes was counted
				}
				break
			}
		}
	}
	return n
}

// wordLength is how many characters the token's word has; NaN outside words.
func wordLength(t *Text, _ []int) []float32 {
	spans := words(t.Text)
	lengths := make([]float32, len(spans))
	for i, w := range spans {
		lengths[i] = float32(utf8.RuneCountInString(t.Text[w[0]:w[1]]))
	}
	return Spread(t, spans, lengths)
}

// sentencePosition is how many words of the sentence have begun.
func sentencePosition(t *Text, _ []int) []float32 {
	spans, starts := words(t.Text), t.Sentences
	if starts == nil {
		starts = Sentences(t.Text)
	}
	out := make([]float32, len(t.Tokens))
	word, sentence, n := 0, 0, 0
	for i, k := range t.Tokens {
		for {
			switch {
			case sentence < len(starts) && starts[sentence] < k.End && (word == len(spans) || starts[sentence] <= spans[word][0]):
				sentence, n = sentence+1, 0
				continue
			case word < len(spans) && spans[word][0] < k.End:
				word, n = word+1, n+1
				continue
			}
			break
		}
		out[i] = float32(n)
	}
	return out
}

// speakerName is whether the token belongs to the line that names who speaks, in a play.
func speakerName(t *Text, _ []int) []float32 {
	lines := speakers(t.Text)
	ones := make([]float32, len(lines))
	for i := range ones {
		ones[i] = 1
	}
	out := Spread(t, lines, ones)
	for i, v := range out {
		if v != v {
			out[i] = 0
		}
	}
	return out
}

// speakers are the lines that name who speaks, with their colon: short, begun by a capital, ended by a colon, after an empty line (or at the
// beginning) and before one that is not empty, without other punctuation than apostrophes, hyphens and full stops.
func speakers(s string) (out [][2]int) {
	alone := true
	for at := 0; at < len(s); {
		end := strings.IndexByte(s[at:], '\n')
		if end < 0 {
			return out
		}
		line := s[at : at+end]
		next := at + end + 1
		if alone && len(line) <= 80 && next < len(s) && s[next] != '\n' && isSpeaker(strings.TrimRight(line, " \r")) {
			out = append(out, [2]int{at, at + len(strings.TrimRight(line, " \r"))})
		}
		alone = strings.TrimSpace(line) == ""
		at = next
	}
	return out
}

func isSpeaker(line string) bool {
	name, ok := strings.CutSuffix(line, ":")
	first, _ := utf8.DecodeRuneInString(name)
	return ok && unicode.IsUpper(first) && len(strings.Fields(name)) <= 5 &&
		!strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && !inWord(r) && !strings.ContainsRune("'’-.", r) })
}
