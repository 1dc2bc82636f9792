// Package normal is what a tokenizer does to a text before it is cut: the normalizers of Hugging Face's tokenizers
// (tokenizers/src/normalizers) and of SentencePiece.
package normal

import (
	"strings"
	"unicode"

	"loupe/engine/tokenizer/text"
)

// Step changes a text.
type Step func(text.Text) text.Text

// All makes one step of several. Steps that a hostile file has grow a text without end are left out.
func All(steps []Step) Step {
	return func(t text.Text) text.Text {
		limit := text.Limit(len(t.S))
		for _, s := range steps {
			if len(t.S) > limit {
				break
			}
			t = s(t)
		}
		return t
	}
}

// Lower is Lowercase: character by character, so that a sigma at the end of a word is one like any other.
func Lower(t text.Text) text.Text {
	if strings.Contains(t.S, "\u0130") {
		t = text.ReplaceAll(t, "\u0130", "i\u0307")
	}
	return text.Map(t, text.Lowered)
}

// StripAccents leaves out combining marks. The text was decomposed before, if it is to do anything.
func StripAccents(t text.Text) text.Text { return without(t, text.IsCombining) }

func without(t text.Text, gone func(rune) bool) text.Text {
	return text.Map(t, func(r rune) rune {
		if gone(r) {
			return -1
		}
		return r
	})
}

// Strip takes white space from the beginning and the end.
func Strip(left, right bool) Step {
	return func(t text.Text) text.Text {
		from, to := 0, len(t.S)
		if left {
			from = to - len(strings.TrimLeftFunc(t.S, unicode.IsSpace))
		}
		if right {
			to = max(from, len(strings.TrimRightFunc(t.S, unicode.IsSpace)))
		}
		return t.Slice(from, to)
	}
}

// Prepend puts s before a text that is not empty.
func Prepend(s string) Step {
	return func(t text.Text) text.Text {
		if t.S == "" {
			return t
		}
		return text.Prepend(t, s)
	}
}

// Replace puts s for each old.
func Replace(old, s string) Step {
	return func(t text.Text) text.Text { return text.ReplaceAll(t, old, s) }
}

// ReplaceRuns puts s for each run of at least n characters that in holds.
func ReplaceRuns(in func(rune) bool, n int, s string) Step {
	return func(t text.Text) text.Text {
		e := text.Change(t)
		for {
			at := strings.IndexFunc(e.Rest(), in)
			if at < 0 {
				e.Keep(len(e.Rest()))
				return e.Done()
			}
			e.Keep(at)
			run := e.Rest()
			if stop := strings.IndexFunc(run, func(r rune) bool { return !in(r) }); stop >= 0 {
				run = run[:stop]
			}
			if len([]rune(run)) < n {
				e.Keep(len(run))
			} else {
				e.Replace(len(run), s)
			}
		}
	}
}

// Nmt is what NMT models' texts went through: control characters go, the odd kinds of white space are spaces.
func Nmt(t text.Text) text.Text {
	return text.Map(t, func(r rune) rune {
		switch {
		case r >= 1 && r <= 8, r == 0xb, r >= 0xe && r <= 0x1f, r == 0x7f, r == 0x8f, r == 0x9f:
			return -1
		case r == '\t', r == '\n', r == '\f', r == '\r', r == 0x1680, r >= 0x200b && r <= 0x200f, r == 0x2028, r == 0x2029,
			r == 0x2581, r == 0xfeff, r == 0xfffd:
			return ' '
		}
		return r
	})
}

// Bert is what BERT's text goes through (google-research/bert, tokenization.py, BasicTokenizer).
type Bert struct{ Clean, Chinese, Accents, Lower bool }

// Step is the normalizer. Accents means that they are taken off.
func (b Bert) Step(t text.Text) text.Text {
	if b.Clean {
		t = text.Map(t, func(r rune) rune {
			switch {
			case text.IsControl(r):
				return -1
			case unicode.IsSpace(r):
				return ' '
			}
			return r
		})
	}
	if b.Chinese && strings.IndexFunc(t.S, chinese) >= 0 {
		e := text.Change(t)
		for _, r := range t.S {
			n := len(string(r))
			if r == 0xfffd && !strings.HasPrefix(e.Rest(), string(r)) {
				n = 1
			}
			if chinese(r) {
				e.Replace(n, " "+string(r)+" ")
			} else {
				e.Keep(n)
			}
		}
		t = e.Done()
	}
	if b.Accents {
		t = without(NFD(t), text.IsAccent)
	}
	if b.Lower {
		t = Lower(t)
	}
	return t
}

// chinese is the blocks of CJK ideographs that BERT's tokenizer names; the last bound of Extension E is its own mistake.
func chinese(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r >= 0x20000 && r <= 0x2a6df || r >= 0x2a700 && r <= 0x2b73f ||
		r >= 0x2b740 && r <= 0x2b81f || r >= 0x2b920 && r <= 0x2ceaf || r >= 0xf900 && r <= 0xfaff || r >= 0x2f800 && r <= 0x2fa1f
}
