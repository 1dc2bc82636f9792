package service

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// passages are texts that are run one by one: the lines of a text, or parts of them.
type passages struct {
	list     []passage
	warnings []protocol.Warning
}

// passage is a line, or what of it begins with token from.
type passage struct {
	text
	line, from int
}

// passages cuts a text into lines, and lines that are longer than the model reads, or than there is room to record names, into parts,
// between words where that is possible. "" is the session's text, which is run as it stands.
func (s *Service) passages(of string, names []string) (*passages, error) {
	p := &passages{}
	if of == "" {
		n := len(s.base.ids)
		if n == 0 {
			return nil, &protocol.Error{Code: "no-text", Detail: "service: there is no text"}
		}
		if size := s.bytes(names, n); size > recordMost {
			return nil, &protocol.Error{Code: "too-large", Where: names[0], Expected: fmt.Sprintf("at most %d MB", recordMost>>20), Found: fmt.Sprintf("%d MB", size>>20),
				Detail: "service: the text is too long to record " + names[0]}
		}
		p.list = []passage{{text: text{text: s.text.text, ids: s.base.ids, tokens: s.text.tokens[:n]}}}
		return p, nil
	}
	limit := s.about.Context
	for limit > 16 && s.bytes(names, limit) > recordAll {
		limit /= 2
	}
	cut := 0
	for i, line := range strings.Split(of, "\n") {
		parts, from := s.parts(strings.TrimRight(line, "\r"), limit), 0
		for _, part := range parts {
			t, warnings, err := s.tokenize(protocol.Run{Text: part})
			if err != nil {
				return nil, err
			}
			p.warn(warnings)
			if len(t.ids) > 0 {
				p.list = append(p.list, passage{t, i, from})
			}
			from += len(t.ids)
		}
		if len(parts) > 1 {
			cut++
		}
	}
	if cut > 0 {
		p.warn([]protocol.Warning{{Code: "contexts-cut", What: fmt.Sprint(limit), N: cut}})
	}
	return p, nil
}

// warn adds warnings, those of one code together.
func (p *passages) warn(warnings []protocol.Warning) {
	for _, w := range warnings {
		if i := slices.IndexFunc(p.warnings, func(o protocol.Warning) bool { return o.Code == w.Code }); i >= 0 {
			p.warnings[i].N += w.N
		} else {
			p.warnings = append(p.warnings, w)
		}
	}
}

// parts cuts a line into pieces of at most limit tokens, before a word's space if there is one.
func (s *Service) parts(line string, limit int) (parts []string) {
	tokens, _ := s.tok.Encode(line)
	all := len(tokens)
	if all <= limit {
		return []string{line}
	}
	tokens = slices.DeleteFunc(tokens, func(k tokenizer.Token) bool { return k.Start == k.End }) // marks around the text
	most := max(1, limit-(all-len(tokens)))
	begin := 0
	for i := most; i < len(tokens); i += most {
		k := i
		for k > i-most+1 && !spaceAt(line, tokens[k].Start) {
			k--
		}
		if k == i-most+1 { // a word that is as long
			k = i
		}
		at := tokens[k].Start
		for at > begin && !utf8.RuneStart(line[at]) {
			at--
		}
		if at > begin {
			parts, begin, i = append(parts, line[begin:at]), at, k
		}
	}
	return append(parts, line[begin:])
}

// spaceAt reports whether a space stands at a byte of a line, or before it.
func spaceAt(line string, at int) bool {
	return at < len(line) && line[at] == ' ' || at > 0 && line[at-1] == ' '
}

// find lists the tokens of words equal to word, the last of each; "": all tokens.
func (p *passages) find(word string) (all []occurrence) {
	word = strings.TrimSpace(word)
	for i := range p.list {
		t := &p.list[i]
		if word == "" {
			for pos, k := range t.tokens {
				all = append(all, occurrence{i, pos, k.Start, k.End})
			}
			continue
		}
		pos := 0
		for _, w := range find(t.text.text, word) {
			for pos < len(t.tokens) && (t.tokens[pos].Start < w[1] || t.tokens[pos].Start == t.tokens[pos].End && t.tokens[pos].Start <= w[0]) {
				pos++
			}
			if k := pos - 1; k >= 0 && t.tokens[k].End > w[0] {
				all = append(all, occurrence{i, k, w[0], w[1]})
			}
		}
	}
	return all
}

// find is where word stands in a text as a whole word, whatever the case: [start, end) in bytes.
func find(text, word string) (places [][2]int) {
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	for i := 0; i < len(text); {
		n := prefix(text[i:], word)
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+n:])
		if n > 0 && !(joins(before) && joins(first)) && !(joins(after) && joins(last)) {
			places = append(places, [2]int{i, i + n})
			i += n
			continue
		}
		_, n = utf8.DecodeRuneInString(text[i:])
		i += n
	}
	return places
}

// joins reports whether a character makes one word with another that does: letters, digits and marks, but those of scripts that put
// no spaces between words.
func joins(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)) && !apart(string(r))
}

// prefix is how many bytes of text are word, whatever the case; 0: it does not begin so.
func prefix(text, word string) (n int) {
	for _, w := range word {
		r, size := utf8.DecodeRuneInString(text[n:])
		if size == 0 || !folds(r, w) {
			return 0
		}
		n += size
	}
	return n
}

// folds reports whether two characters are one but for the case.
func folds(a, b rune) bool {
	for r := unicode.SimpleFold(a); a != b && r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return a == b
}

const (
	contextWords = 6  // on each side
	contextChars = 60 // on each side, at most: not all scripts have spaces
)

// around is bytes start to end of a text, and what stands before and after.
func around(text string, start, end int) (before, it, after string) {
	ahead, rest := lastRunes(text[:start], contextChars), strings.ToValidUTF8(text[end:], "")
	behind := firstRunes(rest, contextChars)
	words := strings.Fields(ahead)
	if len(words) > 1 && len(ahead) < start { // the first may be cut
		words = words[1:]
	}
	before = strings.Join(words[max(0, len(words)-contextWords):], " ")
	words = strings.Fields(behind)
	if len(words) > 1 && len(behind) < len(rest) {
		words = words[:len(words)-1]
	}
	after = strings.Join(words[:min(len(words), contextWords)], " ")
	if r, _ := utf8.DecodeLastRuneInString(text[:start]); unicode.IsSpace(r) {
		before += " "
	}
	if r, _ := utf8.DecodeRuneInString(rest); unicode.IsSpace(r) {
		after = " " + after
	}
	return strings.ToValidUTF8(before, ""), strings.ToValidUTF8(text[start:end], ""), after
}

// firstRunes and lastRunes are at most n characters of the beginning and the end of a text.
func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

func lastRunes(s string, n int) string {
	at := len(s)
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	return s[at:]
}
