package annotation

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/annotation/brill"
)

// speeches are the parts of speech, of which several of the Penn Treebank's are one.
var speeches = []string{"noun", "name", "verb", "modal", "adjective", "adverb", "pronoun", "determiner", "preposition", "conjunction", "particle", "number", "punctuation", "other"}

// speechOf is an index of speeches by a tag's beginning, the first that fits.
var speechOf = []struct {
	tag string
	at  float32
}{{"NNP", 1}, {"NN", 0}, {"VB", 2}, {"MD", 3}, {"JJ", 4}, {"RB", 5}, {"WRB", 5}, {"PRP", 6}, {"WP", 6}, {"EX", 6}, {"DT", 7}, {"PDT", 7}, {"WDT", 7}, {"IN", 8},
	{"CC", 9}, {"TO", 10}, {"RP", 10}, {"POS", 10}, {"CD", 11}, {"SYM", 13}, {"FW", 13}, {"UH", 13}, {"LS", 13}}

// partOfSpeech is that of the token's word, in English, as Brill's tagger has it, which learnt from newspapers.
func partOfSpeech(t *Text, _ []int) []float32 {
	spans := pieces(t.Text)
	values := make([]float32, len(spans))
	starts := t.Sentences
	if starts == nil {
		starts = Sentences(t.Text)
	}
	seen := smalls(t.Text, spans)
	for lo, s := 0, 0; lo < len(spans); {
		for s < len(starts) && starts[s] <= spans[lo][0] {
			s++
		}
		hi := lo
		for hi < len(spans) && (s == len(starts) || spans[hi][0] < starts[s]) {
			hi++
		}
		words := make([]string, 0, hi-lo)
		for i := lo; i < hi; i++ {
			begins := i == lo || strings.ContainsAny(t.Text[spans[i-1][0]:spans[i][0]], "\n\"“")
			words = append(words, asTagged(t.Text[spans[i][0]:spans[i][1]], begins, seen))
		}
		for i, tag := range brill.Tag(words) {
			values[lo+i] = speech(t.Text[spans[lo+i][0]:spans[lo+i][1]], tag)
		}
		lo = hi
	}
	return Spread(t, spans, values)
}

// speech is an index of speeches, of a word or a part of one by its tag, of a mark by itself.
func speech(s, tag string) float32 {
	if r, n := utf8.DecodeRuneInString(s); !inWord(r) && !letterAt(s, n) {
		if unicode.IsPunct(r) {
			return 12
		}
		return 13
	}
	for _, s := range speechOf {
		if strings.HasPrefix(tag, s.tag) {
			return s.at
		}
	}
	return 13
}

// marks are how the Penn Treebank writes marks that the lexicon lacks.
var marks = map[string]string{"[": "(", "]": ")", "{": "(", "}": ")", "“": "``", "”": "''", "«": "``", "»": "''", "‘": "``", "’": "''", "'": "''", "`": "``", "–": "--", "—": "--", "…": "..."}

// asTagged is a word as the tagger wants it: in small letters, but for names. A capital says nothing of the words that hold English together, of
// a word that the text has in small letters, too, and of a known one where a sentence, a line of verse or a speech begins.
func asTagged(word string, begins bool, seen map[string]bool) string {
	if m, ok := marks[word]; ok {
		return m
	}
	first, _ := utf8.DecodeRuneInString(word)
	if !unicode.IsUpper(first) {
		return strings.Replace(word, "’", "'", 1)
	}
	small := strings.ToLower(word)
	if brill.Closed(small) || seen[small] || begins && brill.Known(small) {
		return small
	}
	return word
}

// smalls are the words of a text that it has in small letters.
func smalls(text string, spans [][2]int) map[string]bool {
	out := map[string]bool{}
	for _, s := range spans {
		if first, _ := utf8.DecodeRuneInString(text[s[0]:]); unicode.IsLower(first) {
			out[text[s[0]:s[1]]] = true
		}
	}
	return out
}

// endings are what the Penn Treebank parts from a word.
var endings = []string{"n't", "'s", "'m", "'d", "'re", "'ve", "'ll"}

// pieces are the spans of words and marks as the Penn Treebank parts them: do n't, he 's, each mark by itself.
func pieces(text string) (out [][2]int) {
	found := words(text)
	out = make([][2]int, 0, len(found)*5/4)
	single := func(from, to int) {
		for at := from; at < to; {
			r, n := utf8.DecodeRuneInString(text[at:to])
			if !blank(r) {
				out = append(out, [2]int{at, at + n})
			}
			at += n
		}
	}
	last := 0
	for _, w := range found {
		single(last, w[0])
		last = w[1]
		cut := w[1]
		if word := text[w[0]:w[1]]; strings.ContainsAny(word, "'’") {
			word = strings.ReplaceAll(strings.ToLower(word), "’", "'")
			for _, e := range endings {
				if rest, ok := strings.CutSuffix(word, e); ok && rest != "" {
					n := len(e)
					if strings.Contains(text[w[0]:w[1]], "’") {
						n += len("’") - 1
					}
					cut = w[1] - n
					break
				}
			}
		}
		out = append(out, [2]int{w[0], cut})
		if cut < w[1] {
			out = append(out, [2]int{cut, w[1]})
		}
	}
	single(last, len(text))
	return out
}

// english reports whether a text is likely English: of the words that it begins with, a fifth or more are those that hold English together.
func english(text string) bool {
	text = text[:min(len(text), 4000)]
	held, all := 0, 0
	for _, w := range words(text) {
		if !letterAt(text, w[0]) {
			continue
		}
		all++
		if brill.Closed(strings.ToLower(text[w[0]:w[1]])) {
			held++
		}
	}
	return all >= 5 && 5*held >= all
}
