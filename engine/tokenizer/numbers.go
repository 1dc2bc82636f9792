package tokenizer

import (
	"strconv"
	"strings"
)

// Numbers is for a model that has no tokenizer: a text is ids, "12 5 7". What is no id of the vocabulary is unknown.
func Numbers(vocab int) Tokenizer { return &numbers{vocab, roles{mask: -1}} }

type numbers struct {
	size int
	roles
}

func (n *numbers) Kind() string { return "numbers" }
func (n *numbers) Size() int    { return n.size }

func (n *numbers) Bytes(id int) []byte {
	if id < 0 || id >= n.size {
		return nil
	}
	return strconv.AppendInt(nil, int64(id), 10)
}

func (n *numbers) Encode(text string) (tokens []Token, unknown []Span) {
	for at := 0; at < len(text); {
		rest := text[at:]
		if n := len(rest) - len(strings.TrimLeft(rest, " ,\t\r\n")); n > 0 {
			at += n
			continue
		}
		stop := len(text)
		if i := strings.IndexAny(rest, " ,\t\r\n"); i >= 0 {
			stop = at + i
		}
		if id, err := strconv.Atoi(text[at:stop]); err == nil && id >= 0 && id < n.size {
			tokens = append(tokens, Token{id, at, stop})
		} else {
			unknown = append(unknown, Span{at, stop})
		}
		at = stop
	}
	return tokens, unknown
}

func (n *numbers) Spell(ids []int) (string, []Token) {
	return spellApart(ids, n.Bytes, func(_, _ int) bool { return true })
}
