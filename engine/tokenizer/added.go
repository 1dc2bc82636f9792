package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/tokenizer/text"
)

// added is a token that is found in a text before a model sees it.
type added struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // only where no word goes on beside it
	LStrip     bool   `json:"lstrip"`      // takes the white space before it
	RStrip     bool   `json:"rstrip"`      // and after it
	Normalized *bool  `json:"normalized"`  // is found in the normalised text; missing: if it is not special
	Special    bool   `json:"special"`
}

func (a *added) normalized() bool {
	if a.Normalized != nil {
		return *a.Normalized
	}
	return !a.Special
}

// matcher finds added tokens: of those that begin first the longest.
type matcher struct {
	trie   *text.Trie
	tokens []added
}

// newMatcher finds tokens by what spell makes of them. It is nil if there are none.
func newMatcher(tokens []added, spell func(string) string) *matcher {
	keys := map[string]int32{}
	for i, a := range tokens {
		if s := spell(a.Content); s != "" {
			keys[s] = int32(i)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return &matcher{text.NewTrie(keys), tokens}
}

// cut calls f for each added token in t, and with id -1 for what is between them; never for nothing.
func (m *matcher) cut(t text.Text, f func(t text.Text, id int)) {
	between := func(from, to int) {
		if from < to {
			f(t.Slice(from, to), -1)
		}
	}
	if m == nil {
		between(0, len(t.S))
		return
	}
	done := 0
	for i := 0; i < len(t.S); {
		k, n := m.trie.Longest(t.S[i:])
		if n == 0 {
			i++
			continue
		}
		a, start, end := &m.tokens[k], i, i+n
		i = end
		if a.SingleWord && !alone(t.S, start, end) {
			continue
		}
		if a.LStrip {
			start = max(done, len(strings.TrimRightFunc(t.S[:start], unicode.IsSpace)))
		}
		if a.RStrip {
			end = len(t.S) - len(strings.TrimLeftFunc(t.S[end:], unicode.IsSpace))
		}
		if end < done { // a token within the white space that the one before took
			continue
		}
		start = max(start, done)
		between(done, start)
		if start < end {
			f(t.Slice(start, end), a.ID)
		}
		done = end
	}
	between(done, len(t.S))
}

// alone reports whether no word goes on before s[start:end] and after it.
func alone(s string, start, end int) bool {
	before, n := utf8.DecodeLastRuneInString(s[:start])
	after, k := utf8.DecodeRuneInString(s[end:])
	return (n == 0 || !text.IsWord(before)) && (k == 0 || !text.IsWord(after))
}
