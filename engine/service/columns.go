package service

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/protocol"
)

// columns are the properties of tokens, a value a token: those that its text tells, but where the table beside the vectors has one of
// that name, and then those of the table. What no token has is left out.
func (s *Service) columns(k *kinds, ids []int) (out []protocol.Column) {
	var own []protocol.Column
	if s.labels != nil {
		for _, c := range s.labels.Columns {
			p := protocol.Column{Name: c.Name, Own: true, Labels: c.Labels, Values: make([]float32, len(ids))}
			for i, id := range ids {
				p.Values[i] = c.Values[id]
			}
			own = append(own, p)
		}
	}
	for _, c := range k.columns(ids) {
		if !slices.ContainsFunc(own, func(o protocol.Column) bool { return o.Name == c.Name }) {
			out = append(out, c)
		}
	}
	out = append(out, own...)
	for i := range out {
		used(&out[i])
	}
	return slices.DeleteFunc(out, func(c protocol.Column) bool {
		return !slices.ContainsFunc(c.Values, func(v float32) bool { return v == v })
	})
}

// columns are the properties that tokens' texts tell.
func (k *kinds) columns(ids []int) []protocol.Column {
	all := []protocol.Column{{Name: "rank"}, {Name: "class", Labels: classes}, {Name: "script", Labels: scriptNames()}, {Name: "case", Labels: cases}, {Name: "length"}}
	for i := range all {
		all[i].Values = make([]float32, len(ids))
	}
	for i, id := range ids {
		class, text := k.class(id)
		all[0].Values[i], all[1].Values[i] = float32(id), float32(class)
		all[2].Values[i], all[3].Values[i], all[4].Values[i] = nan, nan, nan
		if class != classSpecial && class != classBytes {
			all[2].Values[i], all[3].Values[i] = script(text), letterCase(text)
			all[4].Values[i] = float32(utf8.RuneCountInString(text))
		}
	}
	return all
}

// used leaves a column those labels only that a row has.
func used(c *protocol.Column) {
	if c.Labels == nil {
		return
	}
	place := make([]int, len(c.Labels))
	for _, v := range c.Values {
		if v == v {
			place[int(v)] = 1
		}
	}
	var labels []string
	for i, l := range c.Labels {
		if place[i] > 0 {
			place[i], labels = len(labels), append(labels, l)
		}
	}
	for i, v := range c.Values {
		if v == v {
			c.Values[i] = float32(place[int(v)])
		}
	}
	c.Labels = labels
}

// The classes of tokens.
const (
	classWord = iota
	classPart // of a word
	classNumber
	classPunctuation
	classSpecial
	classBytes
)

var classes = []string{"word", "part", "number", "punctuation", "special", "bytes"}

// kinds tells the classes of a vocabulary's tokens.
type kinds struct {
	s     *Service
	pads  bool // words begin with a space
	trail bool // words end with one
}

func (s *Service) kinds() *kinds {
	k := &kinds{s: s}
	if whole(s.about.Tokenizer) {
		return k
	}
	for _, name := range s.names {
		if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(name, " ▁")); unicode.IsLetter(first) {
			k.pads = k.pads || name[0] == ' ' || strings.HasPrefix(name, "▁")
			k.trail = k.trail || strings.HasSuffix(name, " ")
		}
	}
	k.trail = k.trail && !k.pads
	return k
}

// whole reports whether a tokenizer's tokens are whole words.
func whole(tokenizer string) bool { return tokenizer == "word" || tokenizer == "numbers" }

// class is the class of a token, and its text without what stands for a space or for going on.
func (k *kinds) class(id int) (class int, text string) {
	name, raw := k.s.names[id], k.s.tok.Bytes(id)
	switch {
	case id >= k.s.tok.Size(), k.s.tok.Special(id), mark(name, k.s.about.Tokenizer):
		return classSpecial, name
	case !utf8.Valid(raw), strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }):
		return classBytes, name
	}
	text = strings.Trim(name, " ▁")
	goes := false
	if k.s.about.Tokenizer == "WordPiece" {
		text, goes = strings.CutPrefix(text, "##")
	}
	switch first := strings.IndexFunc(text, unicode.IsLetter); {
	case first < 0 && strings.ContainsFunc(text, unicode.IsNumber):
		return classNumber, text
	case first < 0:
		return classPunctuation, text
	case goes, k.s.about.Tokenizer == "char" && !apart(text):
		return classPart, text
	case k.pads && !strings.HasPrefix(name, " ") && !strings.HasPrefix(name, "▁") && !apart(text), k.trail && !strings.HasSuffix(name, " "):
		return classPart, text
	}
	return classWord, text
}

// isWord reports whether a token is a whole word; where all tokens are, whether a text may have it.
func (k *kinds) isWord(id int) bool {
	if whole(k.s.about.Tokenizer) {
		return k.s.isWord(id)
	}
	class, _ := k.class(id)
	return class == classWord
}

// mark reports whether a token looks like a mark for the model, or a place in the vocabulary that no text uses: <unk>, <unused7>; and,
// where tokens are words, also [PAD], <p>.
func mark(name, tokenizer string) bool {
	n := len(name)
	if n < 3 || !(name[0] == '<' && name[n-1] == '>' || name[0] == '[' && name[n-1] == ']') {
		return false
	}
	inner := strings.ToLower(name[1 : n-1])
	return inner == "unk" || strings.HasPrefix(inner, "unused") ||
		(whole(tokenizer) || tokenizer == "char" || tokenizer == "WordPiece") && !strings.ContainsAny(inner, " <>[]")
}

// apart reports whether a text is of a script that puts no spaces between words.
func apart(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) {
			return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		}
	}
	return false
}

// scripts are those that are told apart.
var scripts = []struct {
	name   string
	tables []*unicode.RangeTable
}{
	{"Latin", []*unicode.RangeTable{unicode.Latin}}, {"Greek", []*unicode.RangeTable{unicode.Greek}}, {"Cyrillic", []*unicode.RangeTable{unicode.Cyrillic}},
	{"Arabic", []*unicode.RangeTable{unicode.Arabic}}, {"Hebrew", []*unicode.RangeTable{unicode.Hebrew}}, {"Devanagari", []*unicode.RangeTable{unicode.Devanagari}},
	{"Thai", []*unicode.RangeTable{unicode.Thai}}, {"Han", []*unicode.RangeTable{unicode.Han}}, {"Kana", []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana}},
	{"Hangul", []*unicode.RangeTable{unicode.Hangul}},
}

func scriptNames() []string {
	var names []string
	for _, s := range scripts {
		names = append(names, s.name)
	}
	return append(names, "other")
}

// script is the script of the first letter; NaN: there is none.
func script(text string) float32 {
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		for i := range scripts {
			if unicode.In(r, scripts[i].tables...) {
				return float32(i)
			}
		}
		return float32(len(scripts))
	}
	return nan
}

var cases = []string{"lower", "capital", "upper", "mixed"}

// letterCase is how the letters that have two cases are written; NaN: there are none.
func letterCase(text string) float32 {
	letters, uppers, first := 0, 0, false
	for _, r := range text {
		upper := unicode.IsUpper(r) || unicode.IsTitle(r)
		if !upper && !unicode.IsLower(r) {
			continue
		}
		if letters == 0 {
			first = upper
		}
		letters++
		if upper {
			uppers++
		}
	}
	switch {
	case letters == 0:
		return nan
	case uppers == 0:
		return 0
	case uppers == letters:
		return 2
	case uppers == 1 && first:
		return 1
	}
	return 3
}
