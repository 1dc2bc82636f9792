package charset

import (
	"strings"
	"unicode/utf8"
)

// Other decodes encodings that need large tables: natively golang.org/x/text, in a browser the browser itself (TextDecoder). label is a name of
// the WHATWG's Encoding Standard. What is no character becomes U+FFFD.
var Other func(label string, b []byte) (string, error)

// candidates are the encodings that are told apart, with the characters that are the commonest of the languages written in them.
var candidates = []struct {
	name   string
	label  string
	common string
	least  float64 // share of the characters beyond ASCII that must be such
}{
	{"Shift_JIS", "shift_jis", kana, .2},
	{"EUC-JP", "euc-jp", kana, .2},
	{"EUC-KR", "euc-kr", "이다는에을의가를고하은지로도한기서사있어아나자그라", .2},
	{"GB18030", "gb18030", "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里，。", .15},
	{"Big5", "big5", "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡，。", .15},
	{"windows-1251", "windows-1251", cyrillic, .7},
	{"KOI8-R", "koi8-r", cyrillic, .7},
}

const (
	kana     = "のにはをたがでとしれさいるてなもかこっうくりあすまらけん、。"
	cyrillic = "оеаинтсрвлкмдпуяыьгзбчйх"
)

// Names are the encodings that Decode reads.
func Names() []string {
	names := []string{"UTF-8", "UTF-16", "windows-1252"}
	for _, c := range candidates {
		names = append(names, c.name)
	}
	return names
}

// guess takes the encoding in which most characters beyond ASCII are among the commonest of a language; if in none enough are, windows-1252, if the
// bytes beyond ASCII are what the languages of western Europe have: few in a row. A text too short to tell may be taken for another.
func guess(b []byte) (text, encoding string, ok bool) {
	head := b[:min(len(b), 1<<16)]
	best, at := 0., -1
	for i, c := range candidates {
		if Other == nil || c.least > .5 && !inRows(head) { // scripts that are written with bytes beyond ASCII alone
			continue
		}
		s, err := Other(c.label, head)
		if err != nil {
			continue
		}
		if share := common(s, c.common); share >= c.least && share/c.least > best {
			best, at = share/c.least, i
		}
	}
	if at >= 0 {
		if s, err := Other(candidates[at].label, b); err == nil {
			return s, candidates[at].name, true
		}
	}
	if inRows(head) {
		return "", "", false
	}
	return fromWestern(b), "windows-1252", true
}

// common is the share of the characters beyond ASCII that are in set.
func common(s, set string) float64 {
	hits, all := 0, 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			continue
		}
		all++
		if r != utf8.RuneError && strings.ContainsRune(set, r) {
			hits++
		}
	}
	return float64(hits) / float64(max(all, 1))
}

// inRows reports whether most bytes beyond ASCII stand beside others.
func inRows(b []byte) bool {
	high := func(i int) bool { return i >= 0 && i < len(b) && b[i] >= 0x80 }
	rows, all := 0, 0
	for i := range b {
		if high(i) {
			all++
			if high(i-1) || high(i+1) {
				rows++
			}
		}
	}
	return 2*rows > all
}

// western are the characters of windows-1252 for the bytes 80 to 9F; the others are those of Unicode.
var western = [32]rune{'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f, 0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ'}

func fromWestern(b []byte) string {
	var out strings.Builder
	out.Grow(len(b) + len(b)/8)
	for _, c := range b {
		r := rune(c)
		if c >= 0x80 && c < 0xa0 {
			r = western[c-0x80]
		}
		out.WriteRune(r)
	}
	return out.String()
}
