package tokenizer

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"loupe/engine/fault"
	"loupe/engine/tokenizer/subword"
)

// merges takes the merges of a file into a BPE.
type merges struct {
	file  string
	vocab *subword.Vocab
	bpe   *subword.BPE
	n     int
	both  []byte
	cut   int // of a right token, its prefix is left out of what two tokens spell together
}

func newMerges(file string, v *subword.Vocab, o subword.BPEOptions, n int) *merges {
	return &merges{file: file, vocab: v, bpe: subword.NewBPE(v, o, min(n, maxVocab)), cut: len(o.Prefix)}
}

// line takes a merge that is written with a space between the tokens.
func (m *merges) line(where func() string, s string) error {
	left, right, ok := strings.Cut(s, " ")
	if !ok || left == "" || right == "" || strings.Contains(right, " ") {
		return bad(m.file, where(), "two tokens and a space between them", fault.Quote(s))
	}
	return m.add(where, left, right)
}

func (m *merges) add(where func() string, left, right string) error {
	rest := right
	if m.cut > 0 {
		rest = right[min(m.cut, len(right)):]
	}
	m.both = append(append(m.both[:0], left...), rest...)
	a, ok := m.vocab.IDs[left]
	b, ok2 := m.vocab.IDs[right]
	c, ok3 := m.vocab.IDs[string(m.both)]
	switch {
	case !ok:
		return m.stranger(where, left)
	case !ok2:
		return m.stranger(where, right)
	case !ok3:
		return m.stranger(where, left+rest)
	}
	if m.n == maxVocab {
		return tooLarge(m.file, where(), fmt.Sprintf("at most %d merges", maxVocab), "more")
	}
	m.bpe.Merge(int32(m.n), a, b, c)
	m.n++
	return nil
}

func (m *merges) stranger(where func() string, name string) error {
	return bad(m.file, where(), "tokens of the vocabulary", fault.Quote(name))
}

// readMerges reads merges.txt: a pair of tokens a line, the first pair first.
func readMerges(file []byte, v *subword.Vocab, o subword.BPEOptions) (*subword.BPE, error) {
	const name = "merges.txt"
	if len(file) > maxFile {
		return nil, tooLarge(name, "", "at most 64 MB", fmt.Sprint(len(file), " bytes"))
	}
	if !utf8.Valid(file) {
		return nil, bad(name, "", "UTF-8", "bytes that are not")
	}
	m := newMerges(name, v, o, len(file)/8)
	n := 0
	for line := range strings.Lines(string(file)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#version") {
			continue
		}
		if err := m.line(func() string { return fmt.Sprint("line ", n) }, line); err != nil {
			return nil, err
		}
	}
	return m.bpe, nil
}
