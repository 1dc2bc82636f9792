package subword

import "unicode/utf8"

// WordPiece takes the longest token that a word begins with, then the longest that goes on, to its end; a word that cannot
// be taken apart so is unknown as a whole (google-research/bert, tokenization.py).
type WordPiece struct {
	first, rest map[string]int32 // tokens that begin a word, and that go on, without their prefix
	unk         int32
	limit       int // characters; longer words are unknown
	longest     int // bytes of a token
}

// NewWordPiece makes one; prefix marks tokens that go on: "##".
func NewWordPiece(v *Vocab, prefix string, unk int32, limit int) *WordPiece {
	w := &WordPiece{first: v.IDs, rest: map[string]int32{}, unk: unk, limit: limit}
	for name, id := range v.IDs {
		w.longest = max(w.longest, len(name))
		if len(name) > len(prefix) && name[:len(prefix)] == prefix {
			w.rest[name[len(prefix):]] = id
		}
	}
	return w
}

func (w *WordPiece) Encode(dst []Piece, word string) []Piece {
	n := len(dst)
	unknown := Piece{w.unk, int32(len(word))}
	if utf8.RuneCountInString(word) > w.limit {
		return append(dst, unknown)
	}
	tokens := w.first
	for at := 0; at < len(word); {
		end := min(len(word), at+w.longest)
		for end < len(word) && end > at && !utf8.RuneStart(word[end]) {
			end--
		}
		for ; end > at; _, end = lastRune(word[at:end], at) {
			if id, ok := tokens[word[at:end]]; ok {
				dst = append(dst, Piece{id, int32(end - at)})
				break
			}
		}
		if end == at {
			return append(dst[:n], unknown)
		}
		at, tokens = end, w.rest
	}
	return dst
}

// lastRune is the last character of s, which begins at at, and where it begins.
func lastRune(s string, at int) (rune, int) {
	r, n := utf8.DecodeLastRuneInString(s)
	return r, at + len(s) - n
}
