// Package text is a text on its way to a model: what the stages of a tokenizer have made of it, and for each of its bytes
// the bytes of the original that it stands for. So a token knows its place in what a person wrote, whatever was lowered,
// composed, replaced or put in between.
package text

import (
	"strings"
	"unicode/utf8"
)

// Text is a text or a piece of one. The zero value is empty.
type Text struct {
	S     string
	spans []span // of each byte of S; nil: S stands in the original from base on
	base  int32
}

type span struct{ start, end int32 }

// New is an original.
func New(s string) Text { return Text{S: s} }

// Slice is bytes i to j (excluded).
func (t Text) Slice(i, j int) Text {
	if t.spans == nil {
		return Text{S: t.S[i:j], base: t.base + int32(i)}
	}
	return Text{S: t.S[i:j], spans: t.spans[i:j]}
}

// Span is the bytes of the original that bytes i to j stand for, i < j.
func (t Text) Span(i, j int) (start, end int) {
	a, b := t.at(i), t.at(j-1)
	return int(a.start), int(b.end)
}

// Start is where the text begins in the original.
func (t Text) Start() int {
	if t.S == "" {
		return int(t.base)
	}
	return int(t.at(0).start)
}

func (t Text) at(i int) span {
	if t.spans == nil {
		return span{t.base + int32(i), t.base + int32(i) + 1}
	}
	return t.spans[i]
}

// Cut makes pieces between places, which ascend: 0 to ends[0], ends[0] to ends[1], .. Empty pieces are left out.
func (t Text) Cut(dst []Text, ends []int) []Text {
	at := 0
	for _, end := range ends {
		if end > at {
			dst = append(dst, t.Slice(at, end))
			at = end
		}
	}
	if at < len(t.S) {
		dst = append(dst, t.Slice(at, len(t.S)))
	}
	return dst
}

// Edit writes a text anew from another, from its beginning to its end.
type Edit struct {
	from  Text
	at    int // the byte of from that comes next
	s     []byte
	spans []span
}

// Change begins an edit of t.
func Change(t Text) *Edit {
	return &Edit{from: t, s: make([]byte, 0, len(t.S)+8), spans: make([]span, 0, len(t.S)+8)}
}

// Keep takes the next n bytes as they are.
func (e *Edit) Keep(n int) {
	e.s = append(e.s, e.from.S[e.at:e.at+n]...)
	if e.from.spans != nil {
		e.spans = append(e.spans, e.from.spans[e.at:e.at+n]...)
	} else {
		for at := e.from.base + int32(e.at); n > 0; n-- {
			e.spans = append(e.spans, span{at, at + 1})
			at, e.at = at+1, e.at+1
		}
	}
	e.at += n
}

// Drop leaves out the next n bytes.
func (e *Edit) Drop(n int) { e.at += n }

// Replace makes s of the next n bytes, n > 0. Each byte of s stands for all of them.
func (e *Edit) Replace(n int, s string) {
	p := span{e.from.at(e.at).start, e.from.at(e.at + n - 1).end}
	e.put(s, p)
	e.at += n
}

// Exchange makes s of the next n bytes, character for character: where s has more characters than they, the last of them
// stands for all the rest; where it has fewer, its last stands for the rest of them.
func (e *Edit) Exchange(n int, s string) {
	end := e.at + n
	for s != "" && e.at < end {
		_, size := utf8.DecodeRuneInString(s)
		_, old := utf8.DecodeRuneInString(e.from.S[e.at:end])
		if last := e.at+old == end; last {
			size = len(s)
		} else if size == len(s) {
			old = end - e.at
		}
		e.Replace(old, s[:size])
		s = s[size:]
	}
	e.at = end
}

// Insert puts s in between: it stands for nothing.
func (e *Edit) Insert(s string) {
	var at int32
	switch {
	case e.at < len(e.from.S):
		at = e.from.at(e.at).start
	case e.at > 0:
		at = e.from.at(e.at - 1).end
	}
	e.put(s, span{at, at})
}

func (e *Edit) put(s string, p span) {
	e.s = append(e.s, s...)
	for range len(s) {
		e.spans = append(e.spans, p)
	}
}

// Rest is what was not taken yet.
func (e *Edit) Rest() string { return e.from.S[e.at:] }

// Done is the new text.
func (e *Edit) Done() Text { return Text{S: string(e.s), spans: e.spans, base: e.from.base} }

// Limit is the length to which a text of n bytes may grow on its way: the longest that a character becomes in a normal form
// is 36 bytes.
func Limit(n int) int { return 64*n + 4096 }

// Map changes each character by f: another, itself, or -1 to leave it out.
func Map(t Text, f func(rune) rune) Text {
	at := strings.IndexFunc(t.S, func(r rune) bool { return f(r) != r })
	if at < 0 {
		return t
	}
	e := Change(t)
	for e.at < len(t.S) {
		e.Keep(at)
		if e.at == len(t.S) {
			break
		}
		r, n := utf8.DecodeRuneInString(e.Rest())
		if m := f(r); m < 0 {
			e.Drop(n)
		} else {
			e.Replace(n, string(m))
		}
		if at = strings.IndexFunc(e.Rest(), func(r rune) bool { return f(r) != r }); at < 0 {
			at = len(e.Rest())
		}
	}
	return e.Done()
}

// ReplaceAll puts s for each time that old stands in t.
func ReplaceAll(t Text, old, s string) Text {
	if old == "" || !strings.Contains(t.S, old) {
		return t
	}
	e := Change(t)
	for {
		n := strings.Index(e.Rest(), old)
		if n < 0 {
			e.Keep(len(e.Rest()))
			return e.Done()
		}
		e.Keep(n)
		e.Replace(len(old), s)
	}
}

// Prepend puts s before t.
func Prepend(t Text, s string) Text {
	e := Change(t)
	e.Insert(s)
	e.Keep(len(t.S))
	return e.Done()
}

// Bytes spells each byte of texts as a character, cut stays cut: alphabet has one for each byte.
func Bytes(texts []Text, alphabet *[256]string) []Text {
	size := 0
	for _, t := range texts {
		for i := range len(t.S) {
			size += len(alphabet[t.S[i]])
		}
	}
	s, spans := make([]byte, 0, size), make([]span, 0, size)
	ends := make([]int, len(texts))
	for k, t := range texts {
		for i := range len(t.S) {
			c := alphabet[t.S[i]]
			s = append(s, c...)
			p := t.at(i)
			for range len(c) {
				spans = append(spans, p)
			}
		}
		ends[k] = len(s)
	}
	all := Text{S: string(s), spans: spans}
	out, at := make([]Text, len(texts)), 0
	for k, end := range ends {
		out[k], at = all.Slice(at, end), end
	}
	return out
}
