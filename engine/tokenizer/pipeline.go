package tokenizer

import (
	"loupe/engine/tokenizer/normal"
	"loupe/engine/tokenizer/pre"
	"loupe/engine/tokenizer/subword"
	"loupe/engine/tokenizer/text"
)

// pipeline is a tokenizer in the stages of Hugging Face's tokenizers, whatever file it came from:
//
//	added tokens | normal | added tokens | pre | model | before and after | decoders
//	-------------|--------|--------------|-----|-------|------------------|---------
//	are found in the text as it is, and once more as it is normalised; what is between them is cut into words (pre),
//	the model takes words apart, and the model's marks are put around all. Decoders go back.
//
// The model keeps room for its work between calls, so one call at a time.
type pipeline struct {
	roles
	kind          string
	vocab         *subword.Vocab // of the model and of added tokens
	alone         [][]byte       // what each token stands for
	plain, cooked *matcher       // added tokens; nil: none
	normal        normal.Step
	pre           pre.Step
	model         subword.Model
	before, after []int
	decoders      []decoder
}

func (p *pipeline) Kind() string { return p.kind }
func (p *pipeline) Size() int    { return len(p.vocab.Names) }

func (p *pipeline) Bytes(id int) []byte {
	if id < 0 || id >= len(p.alone) {
		return nil
	}
	return p.alone[id]
}

// Limits of what Encode remembers in one call: most words of a text stand in it many times.
const (
	maxCached  = 48      // bytes of a word
	maxEntries = 1 << 16 // words
)

// encoding is one call of Encode at work.
type encoding struct {
	*pipeline
	tokens  []Token
	unknown []Span
	at      int // where the last token ends
	cache   map[string][]subword.Piece
	pieces  []subword.Piece
	words   []text.Text
}

func (p *pipeline) Encode(s string) ([]Token, []Span) {
	e := encoding{pipeline: p, cache: map[string][]subword.Piece{}}
	for _, id := range p.before {
		e.tokens = append(e.tokens, Token{ID: id})
	}
	p.plain.cut(text.New(s), func(t text.Text, id int) {
		if id >= 0 {
			e.token(id, t, 0, len(t.S))
			return
		}
		p.cooked.cut(p.normal(t), func(t text.Text, id int) {
			if id >= 0 {
				e.token(id, t, 0, len(t.S))
				return
			}
			e.words = append(e.words[:0], t)
			for _, w := range p.pre(e.words) {
				e.word(w)
			}
		})
	})
	for _, id := range p.after {
		e.tokens = append(e.tokens, Token{id, len(s), len(s)})
	}
	return e.tokens, e.unknown
}

// word takes a word apart.
func (e *encoding) word(w text.Text) {
	pieces, ok := e.cache[w.S]
	if !ok {
		e.pieces = e.model.Encode(e.pieces[:0], w.S)
		pieces = e.pieces
		if len(w.S) <= maxCached && len(e.cache) < maxEntries {
			e.cache[w.S] = append([]subword.Piece(nil), pieces...)
		}
	}
	at := 0
	for _, p := range pieces {
		e.token(int(p.ID), w, at, at+int(p.Len))
		at += int(p.Len)
	}
}

// token adds a token that stands for bytes i to j of t. Where tokens share a character, the first has it.
func (e *encoding) token(id int, t text.Text, i, j int) {
	start, end := t.Span(i, j)
	start = max(start, e.at)
	end = max(end, start)
	e.at = end
	if id < 0 {
		e.unknown = append(e.unknown, Span{start, end})
		return
	}
	e.tokens = append(e.tokens, Token{id, start, end})
}

// keep changes nothing.
func keep(t text.Text) text.Text { return t }

// whole cuts nothing.
func whole(ts []text.Text) []text.Text { return ts }
