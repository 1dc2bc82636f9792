// Package tokenizer turns text into the tokens that a model reads, and back, as the model's own tokenizer does it. Every token
// knows which bytes of the text it stands for.
//
// No pattern that a file brings is ever run: the known pre-tokenisations are scanners written by hand.
package tokenizer

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Token is one token of a text: bytes Start to End (excluded) of it.
type Token struct{ ID, Start, End int }

// Span is a range of bytes of a text.
type Span struct{ Start, End int }

// Tokenizer turns text into tokens and back. It keeps no state between calls.
type Tokenizer interface {
	// Kind is "char", "word", "byte-level BPE", "BPE", "WordPiece", "Unigram" or "numbers".
	Kind() string
	// Size is the number of tokens; ids go from 0 to Size-1.
	Size() int
	// Encode cuts text into tokens, with the special tokens that the model's own tokenizer adds: they have Start == End.
	// What no token stands for is left out and listed, a character or word at a time. A token may stand for a part of a
	// character: its bytes.
	Encode(text string) (tokens []Token, unknown []Span)
	// Spell is the text of tokens and where each of them stands in it: what Encode would be given, as far as the tokens
	// tell. Ids out of range have no text. Where tokens end inside a character, the text may not be UTF-8.
	Spell(ids []int) (text string, tokens []Token)
	// Bytes is what a token stands for, alone; nil if there is no such token.
	Bytes(id int) []byte

	// Special reports whether a token is none of text but a mark for the model: <s>, [CLS], <pad>, ..
	Special(id int) bool
	// Mask is the token that stands where a model shall guess, or -1.
	Mask() int
	// Ends are the tokens after which a text is over.
	Ends() []int
	// Truncates is the number of tokens to which the files say that a text is cut (a sentence model's do), or 0. It is not
	// done: every token of a text is there to be looked at.
	Truncates() int
}

// Limits of what a file may bring.
const (
	maxFile  = 64 << 20 // bytes
	maxVocab = 1 << 20  // tokens, and merges
	maxToken = 1024     // bytes of one token
)

// Open makes a tokenizer from the files beside a model, by base name, or from the metadata of a GGUF file (meta; may be
// nil). The error is an *fault.Error.
//
//	tokenizer.json             Hugging Face's, or a list of ours
//	vocab.json and merges.txt  byte-level BPE
//	*.model                    SentencePiece
//	vocab.txt                  WordPiece, or a list of words
//	tokenizer.ggml.* in meta   of GGUF
//	words in meta              the words of word vectors
//	metadata.tsv               the labels of vectors, as the Embedding Projector has them; also any other .tsv with meta or label in its name
//	another .txt or .json      a list of words or characters, Keras's Tokenizer
func Open(files map[string][]byte, meta map[string]any) (Tokenizer, error) {
	return openAs(files, meta, "")
}

// openAs is Open, of a tokenizer of that class where no file says which.
func openAs(files map[string][]byte, meta map[string]any, class string) (Tokenizer, error) {
	side, err := readSide(files)
	if err != nil {
		return nil, err
	}
	side.Class = cmp.Or(side.Class, class)
	if b, ok := files[tokenizerJSON]; ok {
		return openHF(b, side)
	}
	vocab, hasVocab := files["vocab.json"]
	merges, hasMerges := files["merges.txt"]
	switch {
	case hasVocab && hasMerges:
		return openBPE(vocab, merges, side)
	case hasMerges:
		return nil, missing("merges.txt", "vocab.json beside it", "none")
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) == ".model" {
			return openSentencePiece(name, files[name], side)
		}
	}
	if b, ok := files["vocab.txt"]; ok {
		return openVocabTxt(b, side)
	}
	if _, ok := meta[ggml+"model"]; ok {
		return openGGUF(meta)
	}
	if words, ok := meta["words"].([]string); ok {
		return listOf("words", words, true)
	}
	if name := labelsFile(files); name != "" {
		return openLabels(name, files[name])
	}
	t, err := openList(files)
	switch {
	case t != nil:
		return t, nil
	case hasVocab && err != nil:
		return nil, missing("vocab.json", "merges.txt beside it, or a list of words", "neither")
	case err != nil:
		return nil, err
	}
	return nil, missing("", "tokenizer.json, or vocab.json and merges.txt", "none")
}

// Decode is the text of tokens.
func Decode(t Tokenizer, ids []int) string {
	text, _ := t.Spell(ids)
	return text
}

// spell joins the bytes of tokens.
func spell(ids []int, bytes func(id int) []byte) (text string, tokens []Token) {
	return spellApart(ids, bytes, func(_, _ int) bool { return false })
}

// spellApart is spell with a space between two tokens that stand apart.
func spellApart(ids []int, bytes func(id int) []byte, apart func(a, b int) bool) (text string, tokens []Token) {
	var s strings.Builder
	for i, id := range ids {
		if i > 0 && apart(ids[i-1], id) {
			s.WriteByte(' ')
		}
		start := s.Len()
		s.Write(bytes(id))
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
