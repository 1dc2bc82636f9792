package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/fault"
)

// pairConfig is what a config.json says of an encoder-decoder's tokens.
type pairConfig struct {
	Type   string `json:"model_type"`
	Source string `json:"source_tokens"` // "characters" or "words": of a list of ours, or of OpenNMT-py
	Target string `json:"target_tokens"`
	Lower  bool   `json:"lower_case"`
	EOS    *int   `json:"eos_token_id"`
}

// OpenPair makes the tokenizers of an encoder-decoder: what cuts a source as the encoder reads it, and what spells a target. They are
// one where the model has one vocabulary.
//
//	vocab.json                          {"src": [..], "tgt": [..]}, or one {"a": 0, ..}, where config has source_tokens and target_tokens
//	source_vocab, target_vocab in meta  of OpenNMT-py
//	source.spm, target.spm, vocab.json  of MarianMT
//	as Open                             of others
func OpenPair(files map[string][]byte, meta map[string]any, config []byte) (source, target Tokenizer, err error) {
	var c pairConfig
	if _, err := readJSON("config.json", config, &c); err != nil {
		return nil, nil, err
	}
	src, hasSource := meta["source_vocab"].([]string)
	tgt, hasTarget := meta["target_vocab"].([]string)
	switch {
	case hasSource && hasTarget:
		return openUnits("vocab", src, tgt, c)
	case c.Source != "" || c.Target != "":
		if src, tgt, err = readPair(files["vocab.json"]); err != nil {
			return nil, nil, err
		}
		return openUnits("vocab.json", src, tgt, c)
	case files["source.spm"] != nil:
		return openMarian(files)
	}
	t, err := openAs(files, meta, classes[c.Type])
	return t, t, err
}

// classes are the tokenizers of families, where tokenizer_config.json is not there: they put marks around a text.
var classes = map[string]string{"bart": "BartTokenizer", "t5": "T5Tokenizer", "mt5": "T5Tokenizer"}

// readPair reads a vocab.json of two vocabularies, or of one for both.
func readPair(b []byte) (src, tgt []string, err error) {
	if b == nil {
		return nil, nil, missing("", "vocab.json", "none")
	}
	var v map[string]any
	if _, err := readJSON("vocab.json", b, &v); err != nil {
		return nil, nil, err
	}
	if v["src"] == nil || v["tgt"] == nil {
		src, err = namesOf("vocab.json", "", v)
		return src, src, err
	}
	if src, err = namesOf("vocab.json", "src", v["src"]); err == nil {
		tgt, err = namesOf("vocab.json", "tgt", v["tgt"])
	}
	return src, tgt, err
}

// units is a list of whole words or of characters. White space parts words, and is no token. Marks such as <s> have no text.
type units struct {
	list
	words bool
	lower bool
	end   int // the token that Encode adds; -1: none
}

func openUnits(file string, src, tgt []string, c pairConfig) (source, target Tokenizer, err error) {
	open := func(vocab []string, kind string) (*units, error) {
		if kind != "characters" && kind != "words" && kind != "" {
			return nil, bad("config.json", "source_tokens, target_tokens", `"characters" or "words"`, fault.Quote(kind))
		}
		l, err := newList(file, apart(vocab), nil)
		if err != nil {
			return nil, err
		}
		for i, s := range l.vocab {
			if special(s) {
				l.special[i] = true
			}
			if slices.Contains(unknowns, s) {
				l.unk = i
			}
		}
		return &units{l, kind != "characters", c.Lower, -1}, nil
	}
	s, err := open(src, c.Source)
	if err != nil {
		return nil, nil, err
	}
	t, err := open(tgt, c.Target)
	if err != nil {
		return nil, nil, err
	}
	if c.Type != "onmt" && c.EOS != nil { // OpenNMT-py's encoders read no end
		if s.end = *c.EOS; s.end < 0 || s.end >= s.Size() {
			return nil, nil, bad("config.json", "eos_token_id", fmt.Sprintf("0 to %d", s.Size()-1), fmt.Sprint(s.end))
		}
	}
	return s, t, nil
}

func (u *units) Kind() string {
	if u.words {
		return "word"
	}
	return "char"
}

// Spell has a space between words, but for those of Han characters, which are written without.
func (u *units) Spell(ids []int) (string, []Token) {
	return spellApart(ids, u.written, func(a, b int) bool {
		return u.words && u.written(a) != nil && u.written(b) != nil && !(u.unspaced(a) && u.unspaced(b))
	})
}

// written is a token's text; nil of marks.
func (u *units) written(id int) []byte {
	if u.Special(id) {
		return nil
	}
	return u.Bytes(id)
}

func (u *units) unspaced(id int) bool {
	return han(utf8.DecodeLastRune(u.Bytes(id)))
}

// Encode cuts at white space, or into characters. A word that the vocabulary has not is cut on into those that it has, from the left
// the longest first, if all of it is; else it is <unk>, and unknown. A character that is not there is left out.
func (u *units) Encode(text string) (tokens []Token, unknown []Span) {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += n
			continue
		}
		if u.words {
			if n = strings.IndexFunc(text[i:], unicode.IsSpace); n < 0 {
				n = len(text) - i
			}
		}
		if found := u.cut(text, i, i+n); found != nil {
			tokens = append(tokens, found...)
		} else {
			unknown = append(unknown, Span{i, i + n})
			if u.words && u.unk >= 0 {
				tokens = append(tokens, Token{u.unk, i, i + n})
			}
		}
		i += n
	}
	if u.end >= 0 {
		tokens = append(tokens, Token{u.end, len(text), len(text)})
	}
	return tokens, unknown
}

// cut is the tokens of text[from:to], which holds no white space; nil if the vocabulary has not all of it.
func (u *units) cut(text string, from, to int) (tokens []Token) {
	for from < to {
		n := to - from
		for ; n > 0; n-- {
			if id, ok := u.id(text[from : from+n]); ok {
				tokens = append(tokens, Token{id, from, from + n})
				break
			}
		}
		if n == 0 {
			return nil
		}
		if from += n; from < to && !han(utf8.DecodeLastRuneInString(text[:from])) && !han(utf8.DecodeRuneInString(text[from:])) {
			return nil // words of letters are whole words
		}
	}
	return tokens
}

func han(r rune, _ int) bool { return unicode.Is(unicode.Han, r) }

func (u *units) id(s string) (int, bool) {
	id, ok := u.ids[s]
	if !ok && u.lower { // of two vocabularies one may have capitals
		id, ok = u.ids[strings.ToLower(s)]
	}
	return id, ok && !u.special[id]
}
