package normal

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/tokenizer/text"
)

// Charsmap is SentencePiece's compiled normalisation (sentencepiece/src/normalizer.cc): a trie as a double array (darts-clone:
// a unit of 32 bits has a label, a flag for a leaf below, and the offset of its children), and strings that end with 0.
// Every step in the trie is checked, so that any bytes may stand there.
type Charsmap struct {
	trie []uint32
	to   string
}

// NewCharsmap reads one; false: the lengths do not fit.
func NewCharsmap(b []byte) (*Charsmap, bool) {
	if len(b) == 0 {
		return &Charsmap{}, true
	}
	if len(b) <= 4 {
		return nil, false
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n%4 != 0 || n > int64(len(b)-4) {
		return nil, false
	}
	c := &Charsmap{trie: make([]uint32, n/4), to: string(b[4+n:])}
	for i := range c.trie {
		c.trie[i] = binary.LittleEndian.Uint32(b[4+4*i:])
	}
	return c, true
}

// maxReplacement is the longest string that a charsmap puts in a text, in bytes.
const maxReplacement = 256

// prefixes calls found for each key that s begins with, the shortest first, until found says no.
func (c *Charsmap) prefixes(s string, found func(n int, to string) bool) {
	if len(c.trie) == 0 {
		return
	}
	at := offset(c.trie[0])
	for i := range len(s) {
		at ^= uint32(s[i])
		if s[i] == 0 || at >= uint32(len(c.trie)) {
			return
		}
		u := c.trie[at]
		if u&(1<<31|0xff) != uint32(s[i]) {
			return
		}
		at ^= offset(u)
		if u>>8&1 == 1 {
			if at >= uint32(len(c.trie)) {
				return
			}
			v := int(c.trie[at] &^ (1 << 31))
			if v > len(c.to) {
				return
			}
			to, _, ok := strings.Cut(c.to[v:min(len(c.to), v+maxReplacement)], "\x00")
			if !ok && len(to) == maxReplacement {
				return
			}
			if !found(i+1, to) {
				return
			}
		}
	}
}

func offset(u uint32) uint32 { return u >> 10 << (u >> 6 & 8) }

// Longest is what the longest key that s begins with becomes, and the length of the key; 0: none.
func (c *Charsmap) Longest(s string) (to string, n int) {
	c.prefixes(s, func(k int, t string) bool {
		to, n = t, k
		return true
	})
	return to, n
}

// Precompiled is how Hugging Face's tokenizers run a charsmap (normalizers/precompiled.rs): on clusters of characters that are
// shorter than 6 bytes, else on single characters; what the shortest key becomes takes the place of the whole.
func (c *Charsmap) Precompiled(t text.Text) text.Text {
	e := text.Change(t)
	whole := func(n int) bool {
		done := false
		c.prefixes(e.Rest()[:n], func(_ int, to string) bool {
			e.Exchange(n, to)
			done = true
			return false
		})
		return done
	}
	for e.Rest() != "" {
		n := cluster(e.Rest())
		if n < 6 && whole(n) {
			continue
		}
		for n > 0 {
			_, size := utf8.DecodeRuneInString(e.Rest())
			if !whole(size) {
				e.Keep(size)
			}
			n -= size
		}
	}
	return e.Done()
}

// cluster is the length of the characters at the beginning of s that belong together for a reader (UAX 29), exact for those
// of fewer than 6 bytes.
func cluster(s string) int {
	if strings.HasPrefix(s, "\r\n") {
		return 2
	}
	r, n := utf8.DecodeRuneInString(s)
	for n < len(s) && n < 6 && prepended(r) {
		next, size := utf8.DecodeRuneInString(s[n:])
		if breaks(next) {
			return n
		}
		r, n = next, n+size
	}
	if breaks(r) {
		return n
	}
	for n < len(s) {
		next, size := utf8.DecodeRuneInString(s[n:])
		if !extends(next) {
			break
		}
		n += size
	}
	return n
}

// breaks: control characters are never part of a cluster.
func breaks(r rune) bool {
	if r == 0x200c || r == 0x200d || r >= 0xe0020 && r <= 0xe007f {
		return false
	}
	return !prepended(r) && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// extends: Extend, ZWJ and SpacingMark.
func extends(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case r == 0x200c, r == 0x200d, r == 0xff9e, r == 0xff9f, r == 0xe33, r == 0xeb3, r >= 0x1f3fb && r <= 0x1f3ff, r >= 0xe0020 && r <= 0xe007f:
		return true
	case r == 0x102b, r == 0x102c, r == 0x1038, r >= 0x1062 && r <= 0x1064, r >= 0x1067 && r <= 0x106d, r == 0x1083, r >= 0x1087 && r <= 0x108c,
		r == 0x108f, r >= 0x109a && r <= 0x109c, r == 0x1a61, r == 0x1a63, r == 0x1a64, r == 0xaa7b, r == 0xaa7d:
		return false // marks that stand for themselves
	}
	return text.ClassOf(r) == text.Mark
}

// prepended: Prepend of a single character, a sign of a number that follows.
func prepended(r rune) bool {
	return r >= 0x600 && r <= 0x605 || r == 0x6dd || r == 0x70f || r == 0x890 || r == 0x891 || r == 0x8e2 || r == 0xd4e
}
