package normal

import (
	"strings"
	"unicode/utf8"

	"loupe/engine/tokenizer/text"
)

// Escaped is what SentencePiece writes for a space.
const Escaped = "\u2581"

// SentencePiece is SentencePiece's own normalisation of a whole text (sentencepiece/src/normalizer.cc).
type SentencePiece struct {
	Map         *Charsmap
	User        *text.Trie // strings that are kept as they are; may be nil
	AddPrefix   bool       // a space before the text, or after it if Suffix
	Suffix      bool
	RemoveExtra bool // spaces at both ends go, and all but one of several
	Escape      bool // spaces become Escaped
}

// Step is the normalizer.
func (p *SentencePiece) Step(t text.Text) text.Text {
	if t.S == "" {
		return t
	}
	space := " "
	if p.Escape {
		space = Escaped
	}
	e := text.Change(t)
	for p.RemoveExtra && e.Rest() != "" {
		s, n := p.next(e.Rest())
		if s != " " {
			break
		}
		e.Drop(n)
	}
	if e.Rest() == "" {
		return e.Done()
	}
	if p.AddPrefix && !p.Suffix {
		e.Insert(space)
	}
	wasSpace := p.RemoveExtra
	for e.Rest() != "" {
		s, n := p.next(e.Rest())
		if wasSpace {
			s = strings.TrimLeft(s, " ")
		}
		switch {
		case s == "":
			e.Drop(n)
		default:
			wasSpace = p.RemoveExtra && strings.HasSuffix(s, " ")
			if p.Escape {
				s = strings.ReplaceAll(s, " ", Escaped)
			}
			if s == e.Rest()[:n] {
				e.Keep(n)
			} else {
				e.Replace(n, s)
			}
		}
		if !p.RemoveExtra {
			wasSpace = false
		}
	}
	t = e.Done()
	for p.RemoveExtra && strings.HasSuffix(t.S, space) {
		t = t.Slice(0, len(t.S)-len(space))
	}
	if p.AddPrefix && p.Suffix {
		e = text.Change(t)
		e.Keep(len(t.S))
		e.Insert(space)
		t = e.Done()
	}
	return t
}

// next is what comes next in a text, and of how many bytes of it.
func (p *SentencePiece) next(s string) (to string, n int) {
	if p.User != nil {
		if _, n := p.User.Longest(s); n > 0 {
			return s[:n], n
		}
	}
	if to, n := p.Map.Longest(s); n > 0 {
		return to, n
	}
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return "\ufffd", n
	}
	return s[:n], n
}
