package tokenizer

import (
	"slices"
	"strings"

	"loupe/engine/tokenizer/subword"
)

// decoder is a step from tokens back to text.
type decoder struct {
	token func(name string) string // what it makes of a token, wherever it stands; may be nil
	text  func(s []spelt)          // what it makes of the tokens of a text, in order, not none; may be nil
	model bool                     // it is for the model's tokens only: added ones stand for themselves
}

// spelt is a token in a text: what it adds, and what stands between it and the one before.
type spelt struct{ gap, s string }

// spellAll is what each token stands for alone.
func spellAll(v *subword.Vocab, tokens []added, decoders []decoder) [][]byte {
	out := make([][]byte, len(v.Names))
	isAdded := map[int]bool{}
	for _, a := range tokens {
		isAdded[a.ID] = true
	}
	for id, name := range v.Names {
		for _, d := range decoders {
			if d.token != nil && !(d.model && isAdded[id]) && len(name) <= 4*maxToken {
				name = d.token(name)
			}
		}
		out[id] = []byte(name)
	}
	return out
}

// Spell leaves out the marks that Encode puts around every text.
func (p *pipeline) Spell(ids []int) (string, []Token) {
	from, to := 0, len(ids)
	if n := len(p.before); to-from >= n && slices.Equal(ids[:n], p.before) {
		from = n
	}
	if n := len(p.after); to-from >= n && slices.Equal(ids[to-n:], p.after) {
		to -= n
	}
	s := make([]spelt, to-from)
	for i, id := range ids[from:to] {
		s[i].s = string(p.Bytes(id))
	}
	for _, d := range p.decoders {
		if d.text != nil && len(s) > 0 {
			d.text(s)
		}
	}
	var b strings.Builder
	tokens := make([]Token, 0, len(ids))
	for i, id := range ids {
		if i >= from && i < to {
			b.WriteString(s[i-from].gap)
		}
		start := b.Len()
		if i >= from && i < to {
			b.WriteString(s[i-from].s)
		}
		tokens = append(tokens, Token{id, start, b.Len()})
	}
	return b.String(), tokens
}

// The decoders (tokenizers/src/decoders). Bytes that are no UTF-8 stay, where the reference puts U+FFFD.

// replacing puts s for old in each token.
func replacing(old, s string) decoder {
	return decoder{token: func(name string) string { return strings.ReplaceAll(name, old, s) }}
}

// byteTokens makes bytes of <0x0A>.
var byteTokens = decoder{token: func(name string) string {
	if b, ok := subword.ParseByte(name); ok {
		return string([]byte{b})
	}
	return name
}}

// byteLevel makes bytes of the characters that spell them.
var byteLevel = decoder{token: func(name string) string { return string(unspell(name)) }, model: true}

// spaced puts a space between tokens.
var spaced = decoder{text: func(s []spelt) {
	for i := 1; i < len(s); i++ {
		s[i].gap = " "
	}
}}

// metaspace makes spaces of mark. One that begins the text was put there, if prepended; of several none was.
func metaspace(mark string, prepended bool) decoder {
	d := replacing(mark, " ")
	if prepended {
		d.text = func(s []spelt) {
			if rest, ok := strings.CutPrefix(s[0].s, " "); ok && !strings.HasPrefix(rest, " ") && (rest != "" || len(s) == 1 || !strings.HasPrefix(s[1].s, " ")) {
				s[0].s = rest
			}
		}
	}
	return d
}

// wordPiece puts a space before a token that does not go on with a word, and if cleanup, none before some signs.
func wordPiece(prefix string, cleanup bool) decoder {
	close := []string{".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"}
	return decoder{text: func(s []spelt) {
		for i := 1; i < len(s); i++ {
			rest, goes := strings.CutPrefix(s[i].s, prefix)
			if goes {
				s[i].s = rest
			} else if !cleanup || !slices.ContainsFunc(close, func(c string) bool { return strings.HasPrefix(s[i].s, c) }) {
				s[i].gap = " "
			}
		}
	}}
}

// wordEnd makes a space of the suffix that ends a word, but at the end of the text.
func wordEnd(suffix string) decoder {
	return decoder{token: func(name string) string { return strings.ReplaceAll(name, suffix, " ") }, text: func(s []spelt) {
		last := &s[len(s)-1]
		last.s = strings.TrimSuffix(last.s, " ")
	}}
}

// strip takes up to start of c from the beginning of the text, and up to stop from its end.
func strip(c string, start, stop int) decoder {
	if c == "" {
		return decoder{}
	}
	return decoder{text: func(s []spelt) {
		for i, left := 0, start; i < len(s) && left > 0; i++ {
			for ; left > 0 && strings.HasPrefix(s[i].s, c); left-- {
				s[i].s = s[i].s[len(c):]
			}
			if s[i].s != "" {
				break
			}
		}
		for i, left := len(s)-1, stop; i >= 0 && left > 0; i-- {
			for ; left > 0 && strings.HasSuffix(s[i].s, c); left-- {
				s[i].s = s[i].s[:len(s[i].s)-len(c)]
			}
			if s[i].s != "" {
				break
			}
		}
	}}
}
