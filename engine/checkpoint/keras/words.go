package keras

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"loupe/engine/fault"
)

// wordList is Loupe's own list of words of a vocabulary with a word a line: the first is the empty one that fills up, the
// second stands for all that are not in the list.
func wordList(name, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fail(fault.BadTokenizer, name, "UTF-8", "bytes that are not")
	}
	words := strings.Split(s, "\n")
	if len(words) < 3 || words[0] != "" {
		return nil, fail(fault.BadTokenizer, name, "an empty line, and a word a line", fmt.Sprintf("%d lines, the first %s", len(words), fault.Quote(words[0])))
	}
	words[0] = "<pad>"
	b, err := json.Marshal(map[string]any{"type": "word", "vocab": words, "unk_token": words[1]})
	if err != nil {
		return nil, fail(fault.BadTokenizer, name, "words", err.Error())
	}
	return b, nil
}
