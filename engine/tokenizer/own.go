package tokenizer

import (
	"encoding/json"
	"fmt"
	"loupe/engine/fault"
	"strings"
	"unicode"
	"unicode/utf8"
)

// openOwn reads a tokenizer.json of ours: {"type": "char" or "word", "vocab": ["a", "b", ..], "unk_token": "<unk>"}; a
// token's id is its place in vocab.
func openOwn(f *hfFile) (Tokenizer, error) {
	if *f.Type != "char" && *f.Type != "word" {
		return nil, bad(tokenizerJSON, "type", "char or word", fault.Quote(*f.Type))
	}
	var vocab []string
	if len(f.Vocab) > 0 && json.Unmarshal(f.Vocab, &vocab) != nil {
		return nil, bad(tokenizerJSON, "vocab", "a list of tokens", "another value")
	}
	l, err := newList(tokenizerJSON, vocab, f.Unk)
	switch {
	case err != nil:
		return nil, err
	case *f.Type == "char":
		return newChars(l), nil
	}
	return newWords(l), nil
}

// list is a vocabulary of whole strings.
type list struct {
	vocab []string
	ids   map[string]int
	unk   int      // -1: none
	rows  []string // as the file has them, if their order alone gives the ids
	roles
}

func (l *list) asListed() []string { return l.rows }

func newList(file string, vocab []string, unk *string) (list, error) {
	l := list{vocab: vocab, ids: make(map[string]int, len(vocab)), unk: -1}
	switch {
	case len(vocab) == 0:
		return l, bad(file, "vocab", "at least one token", "none")
	case len(vocab) > maxVocab:
		return l, tooLarge(file, "vocab", fmt.Sprintf("at most %d tokens", maxVocab), fmt.Sprint(len(vocab)))
	}
	for i, s := range vocab {
		where := func() string { return fmt.Sprintf("vocab[%d]", i) }
		if s == "" || len(s) > maxToken {
			return l, bad(file, where(), fmt.Sprintf("1 to %d bytes", maxToken), fmt.Sprint(len(s)))
		}
		if j, ok := l.ids[s]; ok {
			return l, bad(file, where(), "each token once", fmt.Sprintf("%s, which is vocab[%d] too", fault.Quote(s), j))
		}
		l.ids[s] = i
	}
	if unk != nil {
		id, ok := l.ids[*unk]
		if !ok {
			return l, bad(file, "unk_token", "a token of vocab", fault.Quote(*unk))
		}
		l.unk = id
	}
	l.roles = roles{special: map[int]bool{}, mask: -1}
	for _, name := range ends {
		if id, ok := l.ids[name]; ok {
			l.ends, l.special[id] = append(l.ends, id), true
		}
	}
	return l, nil
}

func (l *list) Size() int { return len(l.vocab) }

func (l *list) Bytes(id int) []byte {
	if id < 0 || id >= len(l.vocab) {
		return nil
	}
	return []byte(l.vocab[id])
}

// chars takes the longest token that stands next in the text; a token is usually one character. A character that begins
// no token is unknown.
type chars struct {
	list
	lengths []int // of the tokens, in bytes, the longest first
}

func newChars(l list) *chars {
	c := &chars{list: l}
	seen := [maxToken + 1]bool{}
	for _, s := range l.vocab {
		seen[len(s)] = true
	}
	for n := maxToken; n > 0; n-- {
		if seen[n] {
			c.lengths = append(c.lengths, n)
		}
	}
	return c
}

func (c *chars) Kind() string { return "char" }

func (c *chars) Spell(ids []int) (string, []Token) { return spell(ids, c.Bytes) }

func (c *chars) Encode(text string) (tokens []Token, unknown []Span) {
	for i := 0; i < len(text); {
		id, n := c.longest(text[i:])
		if n == 0 {
			_, n = utf8.DecodeRuneInString(text[i:])
			if c.unk < 0 {
				unknown = append(unknown, Span{i, i + n})
				i += n
				continue
			}
			id = c.unk
		}
		tokens = append(tokens, Token{id, i, i + n})
		i += n
	}
	return tokens, unknown
}

func (c *chars) longest(s string) (id, n int) {
	for _, n := range c.lengths {
		if n <= len(s) {
			if id, ok := c.ids[s[:n]]; ok {
				return id, n
			}
		}
	}
	return 0, 0
}

// words cuts a text at white space. What stands between is one token if the vocabulary has it; if not, it is cut further,
// into runs of letters, digits and marks, and all other characters one by one, and each part is a token or unknown.
// White space is no token, unless the vocabulary has the character itself (a new line, say).
type words struct {
	list
	line int // the token of a new line, <eos>, as PyTorch's word_language_model has it; -1: none
}

func newWords(l list) *words {
	w := &words{l, -1}
	if _, ok := l.ids["\n"]; !ok {
		if id, ok := l.ids["<eos>"]; ok {
			w.line = id
		}
	}
	return w
}

func (w *words) Kind() string { return "word" }

func (w *words) Spell(ids []int) (string, []Token) { return spellApart(ids, w.Bytes, w.apart) }

// apart reports whether a space stands between two tokens: not beside one that is white space itself.
func (w *words) apart(a, b int) bool {
	white := func(id int) bool { return strings.TrimSpace(string(w.Bytes(id))) == "" }
	return !white(a) && !white(b)
}

func (w *words) Encode(text string) (tokens []Token, unknown []Span) {
	put := func(start, end int) {
		id, ok := w.ids[text[start:end]]
		switch {
		case ok:
			tokens = append(tokens, Token{id, start, end})
		case w.unk >= 0:
			tokens = append(tokens, Token{w.unk, start, end})
		default:
			unknown = append(unknown, Span{start, end})
		}
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			if _, ok := w.ids[text[i:i+n]]; ok {
				put(i, i+n)
			} else if r == '\n' && w.line >= 0 {
				tokens = append(tokens, Token{w.line, i, i + n})
			}
			i += n
			continue
		}
		end := strings.IndexFunc(text[i:], unicode.IsSpace)
		if end < 0 {
			end = len(text) - i
		}
		if _, ok := w.ids[text[i:i+end]]; ok {
			put(i, i+end)
		} else {
			for _, p := range parts(text[i : i+end]) {
				put(i+p.Start, i+p.End)
			}
		}
		i += end
	}
	return tokens, unknown
}

// parts cuts what holds no white space.
func parts(s string) []Span {
	var out []Span
	wordly := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if wordly(r) {
			if n = strings.IndexFunc(s[i:], func(r rune) bool { return !wordly(r) }); n < 0 {
				n = len(s) - i
			}
		}
		out = append(out, Span{i, i + n})
		i += n
	}
	return out
}
