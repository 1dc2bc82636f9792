// Package brill tags English words with parts of speech by Eric Brill's rules (A simple rule-based part of speech tagger, 1992): a word has the
// commonest tag that the lexicon has for it, or what rules of its form guess; then rules of context change tags. Tags are the Penn Treebank's.
// rules.txt and lexicon.txt are those of version 1.14, in part: see testdata/annotation/brill.py.
package brill

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed lexicon.txt
var lexicon string

//go:embed rules.txt
var rules string

// tagger is what the files say.
type tagger struct {
	tags    map[string]string
	form    []formRule
	context []contextRule
	bit     map[string]uint64 // of the tags that context rules change
}

// formRule changes a word's tag to another. from "" is any tag.
type formRule struct{ from, how, x, to string }

// contextRule changes a tag to another. from "*" is any tag.
type contextRule struct {
	from, to, how, x, y string
	needs, gives        uint64 // bits of from and to
}

var load = sync.OnceValue(func() *tagger {
	t := &tagger{tags: map[string]string{}, bit: map[string]uint64{}}
	for l := range strings.Lines(lexicon) {
		if f := strings.Fields(l); f[0] != "#" {
			for _, w := range f[1:] {
				t.tags[w] = f[0]
			}
		}
	}
	inContext := false
	for l := range strings.Lines(rules) {
		f := strings.Fields(l)
		switch {
		case f[0] == "#":
			inContext = inContext || l == "# of context\n"
		case inContext:
			r := contextRule{from: f[0], to: f[1], how: f[2], x: f[3]}
			if len(f) > 4 {
				r.y = f[4]
			}
			if t.bit[r.from] == 0 {
				t.bit[r.from] = 1 << len(t.bit)
			}
			t.context = append(t.context, r)
		default: // "NN s fhassuf 1 NNS x" or "ly hassuf 2 RB x"
			r := formRule{x: f[0], how: f[1], to: f[len(f)-2]}
			if how, ok := strings.CutPrefix(f[2], "f"); ok && slices.Contains(hows, how) {
				r.from, r.x, r.how = f[0], f[1], how
			}
			t.form = append(t.form, r)
		}
	}
	for i := range t.context {
		r := &t.context[i]
		r.needs, r.gives = t.bit[r.from], t.bit[r.to]
	}
	return t
})

// hows are the conditions of rules of form. With an f before it, a rule is of one tag.
var hows = []string{"char", "haspref", "hassuf", "addpref", "addsuf", "deletepref", "deletesuf", "goodleft", "goodright"}

// Closed reports whether a word, in small letters, is one of the few that hold English together: the, of, he, and, to, can.
func Closed(word string) bool {
	switch load().tags[word] {
	case "DT", "IN", "PRP", "PRP$", "CC", "TO", "MD", "WDT", "WP", "WP$", "WRB":
		return true
	}
	return false
}

// Known reports whether the lexicon has a word, in small letters.
func Known(word string) bool { return load().tags[word] != "" }

// Tag gives each word of a sentence its part of speech. Words are as the Penn Treebank parts them (do n't, he 's), in small letters but for names.
func Tag(words []string) []string {
	t := load()
	tags := make([]string, len(words))
	for i, w := range words {
		tags[i] = t.tags[w]
	}
	for i, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		switch {
		case tags[i] != "":
		case unicode.IsUpper(first):
			tags[i] = "NNP"
		case strings.Trim(w, "0123456789-,.:/%$") == "":
			tags[i] = "CD"
		default:
			tags[i] = t.guess(words, i)
		}
	}
	t.inContext(words, tags)
	return tags
}

// guess is the tag of a word that the lexicon lacks.
func (t *tagger) guess(words []string, i int) string {
	w, tag := words[i], "NN"
	known := func(w string) bool { return t.tags[w] != "" }
	for _, r := range t.form {
		if r.from != "" && r.from != tag {
			continue
		}
		is := false
		switch r.how {
		case "char":
			is = strings.Contains(w, r.x)
		case "haspref":
			is = strings.HasPrefix(w, r.x)
		case "hassuf":
			is = strings.HasSuffix(w, r.x)
		case "addpref":
			is = known(r.x + w)
		case "addsuf":
			is = known(w + r.x)
		case "deletepref":
			rest, ok := strings.CutPrefix(w, r.x)
			is = ok && known(rest)
		case "deletesuf":
			rest, ok := strings.CutSuffix(w, r.x)
			is = ok && known(rest)
		case "goodleft":
			is = i+1 < len(words) && words[i+1] == r.x
		case "goodright":
			is = i > 0 && words[i-1] == r.x
		}
		if is {
			tag = r.to
		}
	}
	return tag
}

// now is the place of the word in question among it and the three at either side.
const now = 3

// inContext changes tags by what stands around them: one rule after another goes over all words. A rule for a tag that no word has is passed over.
func (t *tagger) inContext(words, tags []string) {
	outside := []string{"STAART", "STAART", "STAART"} // the rules' word for it
	w, g := slices.Concat(outside, words, outside), slices.Concat(outside, tags, outside)
	present := t.bit["*"]
	for _, tag := range tags {
		present |= t.bit[tag]
	}
	for k := range t.context {
		r := &t.context[k]
		if present&r.needs == 0 {
			continue
		}
		for i := range words {
			if (g[i+now] == r.from || r.from == "*") && r.holds(w[i:i+2*now+1], g[i:i+2*now+1]) {
				g[i+now] = r.to
				present |= r.gives
			}
		}
	}
	copy(tags, g[now:])
}

// holds reports whether a rule's condition is met.
func (r *contextRule) holds(word, tag []string) bool {
	x, y := r.x, r.y
	switch r.how {
	case "PREVTAG":
		return x == tag[now-1]
	case "NEXTTAG":
		return x == tag[now+1]
	case "PREV2TAG":
		return x == tag[now-2]
	case "NEXT2TAG":
		return x == tag[now+2]
	case "PREV1OR2TAG":
		return x == tag[now-1] || x == tag[now-2]
	case "NEXT1OR2TAG":
		return x == tag[now+1] || x == tag[now+2]
	case "PREV1OR2OR3TAG":
		return x == tag[now-1] || x == tag[now-2] || x == tag[now-3]
	case "SURROUNDTAG":
		return x == tag[now-1] && y == tag[now+1]
	case "CURWD":
		return x == word[now]
	case "PREVWD":
		return x == word[now-1]
	case "NEXTWD":
		return x == word[now+1]
	case "PREV1OR2WD":
		return x == word[now-1] || x == word[now-2]
	case "WDPREVTAG":
		return x == tag[now-1] && y == word[now]
	case "WDNEXTTAG":
		return x == word[now] && y == tag[now+1]
	case "WDAND2AFT":
		return x == word[now] && y == word[now+2]
	case "WDAND2TAGBFR":
		return x == tag[now-2] && y == word[now]
	case "WDAND2TAGAFT":
		return x == word[now] && y == tag[now+2]
	case "LBIGRAM":
		return x == word[now-1] && y == word[now]
	case "RBIGRAM":
		return x == word[now] && y == word[now+1]
	case "PREVBIGRAM":
		return x == tag[now-2] && y == tag[now-1]
	case "NEXTBIGRAM":
		return x == tag[now+1] && y == tag[now+2]
	}
	panic("brill: a rule of unknown kind: " + r.how)
}
