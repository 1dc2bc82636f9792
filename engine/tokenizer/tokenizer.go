// Package tokenizer turns text into the tokens that a model reads, and back: characters, words, and byte-level BPE as
// GPT-2 has it. Every token knows which bytes of the text it stands for.
//
// No pattern that a file brings is ever run: the known pre-tokenisations are scanners written by hand.
package tokenizer

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Token is one token of a text: bytes Start to End (excluded) of it.
type Token struct{ ID, Start, End int }

// Span is a range of bytes of a text.
type Span struct{ Start, End int }

// Tokenizer turns text into tokens and back. It keeps no state between calls.
type Tokenizer interface {
	// Kind is "char", "word" or "byte-level BPE".
	Kind() string
	// Size is the number of tokens; ids go from 0 to Size-1.
	Size() int
	// Encode cuts text into tokens. What no token stands for is left out and listed, a character or word at a time. A token
	// may stand for a part of a character: its bytes.
	Encode(text string) (tokens []Token, unknown []Span)
	// Decode is the text of tokens; ids out of range have none. Of byte-level tokens that are cut off inside a character the
	// bytes remain, so the string may not be UTF-8.
	Decode(ids []int) string
	// Bytes is what a token stands for, alone; nil if there is no such token.
	Bytes(id int) []byte
}

// Limits of what a file may bring.
const (
	maxFile  = 64 << 20 // bytes
	maxVocab = 1 << 20  // tokens, and merges
	maxToken = 1024     // bytes of one token
)

// Open makes a tokenizer from the files beside a model, by base name: tokenizer.json of type char or word, or vocab.json
// with merges.txt. The error is an *fault.Error.
func Open(files map[string][]byte) (Tokenizer, error) {
	if b, ok := files["tokenizer.json"]; ok {
		t, err := openOwn(b)
		if t != nil || err != nil {
			return t, err
		}
	}
	vocab, hasVocab := files["vocab.json"]
	merges, hasMerges := files["merges.txt"]
	_, hasOther := files["tokenizer.json"]
	switch {
	case hasVocab && hasMerges:
		return openBPE(vocab, merges)
	case hasVocab:
		return nil, missing("vocab.json", "merges.txt beside it", "none")
	case hasMerges:
		return nil, missing("merges.txt", "vocab.json beside it", "none")
	case hasOther:
		return nil, bad("tokenizer.json", "type",
			"char or word, or vocab.json and merges.txt beside it", "a tokenizer.json of another kind")
	}
	return nil, missing("", "tokenizer.json, or vocab.json and merges.txt", "none")
}

// Spell is the text of tokens and where each of them stands in it: what Encode would be given, as far as the tokens
// tell. The tokens of a word tokenizer are set apart by spaces.
func Spell(t Tokenizer, ids []int) (text string, tokens []Token) {
	w, words := t.(*words)
	var s strings.Builder
	for i, id := range ids {
		if words && i > 0 && w.apart(ids[i-1], id) {
			s.WriteByte(' ')
		}
		start := s.Len()
		s.Write(t.Bytes(id))
		tokens = append(tokens, Token{ID: id, Start: start, End: s.Len()})
	}
	return s.String(), tokens
}

// Visible is text to show for bytes: those that are no character stand as "<E5>".
func Visible(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&s, "<%02X>", b[0])
		} else {
			s.Write(b[:n])
		}
		b = b[n:]
	}
	return s.String()
}

// ends are the tokens after which a text is over.
var ends = map[string]bool{"<|endoftext|>": true, "</s>": true, "<eos>": true, "<|end|>": true, "<EOS>": true}

// IsEnd reports whether a token ends a text.
func IsEnd(t Tokenizer, id int) bool { return ends[string(t.Bytes(id))] }
