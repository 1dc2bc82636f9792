// Package subword is how a model's vocabulary takes a piece of text apart: byte-pair merges (by rank or by score), Unigram,
// WordPiece and whole words. Each gives the ids that Hugging Face's tokenizers (tokenizers/src/models) or SentencePiece gives.
package subword

import "fmt"

// Piece is a token of a word: its id, and the number of the word's bytes that it stands for. None: no token stands for them.
type Piece struct{ ID, Len int32 }

// None is the id of what no token stands for.
const None = -1

// Model takes a word apart. The pieces together have the word's length.
type Model interface {
	// Encode appends the tokens of a word, which is not empty.
	Encode(dst []Piece, word string) []Piece
}

// Vocab is tokens by name and by id; an id without a token has an empty name.
type Vocab struct {
	Names []string
	IDs   map[string]int32
}

// ID is the id of a name, or None.
func (v *Vocab) ID(name string) int32 {
	if id, ok := v.IDs[name]; ok {
		return id
	}
	return None
}

// ByteName is how vocabularies with a fallback to bytes name the token of a byte: <0x0A>.
func ByteName(b byte) string { return fmt.Sprintf("<0x%02X>", b) }

// ParseByte reads such a name.
func ParseByte(name string) (byte, bool) {
	if len(name) != 6 || name[:3] != "<0x" || name[5] != '>' {
		return 0, false
	}
	hi, ok := digit(name[3])
	lo, ok2 := digit(name[4])
	return hi<<4 | lo, ok && ok2
}

func digit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// fallback are the tokens of single bytes.
type fallback [256]int32

// newFallback finds the tokens of bytes; on: unknown text is taken apart into them.
func newFallback(v *Vocab, on bool) (f fallback) {
	for b := range f {
		f[b] = None
		if on {
			f[b] = v.ID(ByteName(byte(b)))
		}
	}
	return f
}

// bytes appends the tokens of the bytes of s, if there are tokens for all.
func (f *fallback) bytes(dst []Piece, s string) ([]Piece, bool) {
	n := len(dst)
	for i := range len(s) {
		id := f[s[i]]
		if id == None {
			return dst[:n], false
		}
		dst = append(dst, Piece{id, 1})
	}
	return dst, true
}

// Words is a vocabulary of whole words.
type Words struct {
	Vocab
	Unk int32
}

func (w *Words) Encode(dst []Piece, word string) []Piece {
	id := w.ID(word)
	if id == None {
		id = w.Unk
	}
	return append(dst, Piece{id, int32(len(word))})
}
