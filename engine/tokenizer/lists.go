package tokenizer

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loupe/engine/fault"
	"loupe/engine/tokenizer/normal"
	"loupe/engine/tokenizer/pre"
	"loupe/engine/tokenizer/subword"
)

// unknowns are the names that lists give to what they do not have.
var unknowns = []string{"<unk>", "<UNK>", "[UNK]", "UNK", "<oov>", "<OOV>"}

// listOf makes a tokenizer of a list: of characters if each token is one, of words if not. Of a token that stands twice the
// first counts, if twice says so.
func listOf(file string, vocab []string, twice bool) (Tokenizer, error) {
	var unk *string
	one := true
	for i, s := range vocab {
		if slices.Contains(unknowns, s) {
			unk = &vocab[i]
		} else if !special(s) && utf8.RuneCountInString(s) != 1 {
			one = false
		}
	}
	rows := vocab
	if twice {
		vocab = apart(vocab)
	}
	l, err := newList(file, vocab, unk)
	l.rows = rows
	switch {
	case err != nil:
		return nil, err
	case one:
		return newChars(l), nil
	}
	return newWords(l), nil
}

// Rows are the words of a list as it has them, also those that stand in it twice; nil: t is no list, or one that says which id each
// word has. A list must have as many words as a matrix has rows.
func Rows(t Tokenizer) []string {
	if l, ok := t.(interface{ asListed() []string }); ok {
		return l.asListed()
	}
	return nil
}

// special reports whether a name looks like that of a mark: <s>, [PAD].
func special(s string) bool {
	return len(s) > 2 && (s[0] == '<' && s[len(s)-1] == '>' || s[0] == '[' && s[len(s)-1] == ']')
}

// apart names tokens that stand a second time by their place, so that each has a name.
func apart(vocab []string) []string {
	seen := make(map[string]bool, len(vocab))
	out := slices.Clone(vocab)
	for i, s := range out {
		if s == "" || seen[s] {
			out[i] = fmt.Sprintf("<%d>", i)
		}
		seen[out[i]] = true
	}
	return out
}

// wordList is a plain list of words, a word a line.
func wordList(file string, names []string) (Tokenizer, error) { return listOf(file, names, true) }

// openLabels reads the words of a table.
func openLabels(file string, b []byte) (Tokenizer, error) {
	l, err := ReadLabels(file, b)
	if err != nil {
		return nil, err
	}
	return listOf(file, l.Words, true)
}

// openVocabJSON reads the vocabularies that PyTorch's examples and their like write: ["a", ..], {"a": 0, ..}, one of these
// under a name (idx2word, word2idx, itos, ..), or Keras's Tokenizer.to_json.
func openVocabJSON(file string, b []byte) (Tokenizer, error) {
	var v any
	if _, err := readJSON(file, b, &v); err != nil {
		return nil, err
	}
	if s, ok := v.(string); ok { // to_json's text written as JSON once more
		v = nil
		if _, err := readJSON(file, []byte(s), &v); err != nil {
			return nil, err
		}
	}
	if o, ok := v.(map[string]any); ok {
		if o["class_name"] == "Tokenizer" {
			return openKeras(file, o)
		}
		for _, name := range []string{"idx2word", "itos", "idx2char", "index2word", "vocab", "chars", "words", "word2idx", "stoi", "char2idx", "word_index", "dictionary", "word2index"} {
			if inner, ok := o[name]; ok {
				if names, err := namesOf(file, name, inner); err == nil {
					return listed(file, names, inner)
				}
			}
		}
	}
	names, err := namesOf(file, "", v)
	if err != nil {
		return nil, err
	}
	return listed(file, names, v)
}

// listed is listOf names that were read of v, ["a", ..] or {"a": 0, ..}: the latter says which id each has.
func listed(file string, names []string, v any) (Tokenizer, error) {
	t, err := listOf(file, names, false)
	if _, numbered := v.(map[string]any); numbered {
		switch t := t.(type) {
		case *words:
			t.rows = nil
		case *chars:
			t.rows = nil
		}
	}
	return t, err
}

// namesOf are tokens by id: of ["a", ..], {"a": 0, ..} or {"0": "a", ..}.
func namesOf(file, where string, v any) ([]string, error) {
	wrong := bad(file, where, `["a", ..] or {"a": 0, ..}`, "another value")
	var out []string
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, wrong
			}
			out = append(out, s)
		}
	case map[string]any:
		limit := maxID(len(v))
		for key, x := range v {
			name, id := key, -1
			if s, ok := x.(string); ok {
				n, err := strconv.Atoi(key)
				if err != nil {
					return nil, wrong
				}
				name, id = s, n
			} else if f, ok := x.(float64); ok && f == float64(int(f)) {
				id = int(f)
			}
			if id < 0 || id > limit {
				return nil, bad(file, where+" "+name, fmt.Sprintf("an id from 0 to %d", limit), fmt.Sprint(x))
			}
			for len(out) <= id {
				out = append(out, "")
			}
			if out[id] != "" {
				return nil, bad(file, fmt.Sprint("id ", id), "one token", "two")
			}
			out[id] = name
		}
	default:
		return nil, wrong
	}
	for i, s := range out {
		if s == "" {
			out[i] = fmt.Sprintf("<%d>", i) // 0 is often padding
		}
	}
	if len(out) == 0 {
		return nil, bad(file, where, "at least one token", "none")
	}
	return out, nil
}

// openKeras reads Keras's Tokenizer.to_json (keras_preprocessing/text.py): words, or characters, by how often they stood in
// the training text, from 1 on; 0 is padding. It leaves out what it does not know, unless it has oov_token.
func openKeras(file string, o map[string]any) (Tokenizer, error) {
	config, _ := o["config"].(map[string]any)
	index := config["word_index"]
	if s, ok := index.(string); ok { // a JSON text within the JSON
		var inner map[string]any
		if _, err := readJSON(file, []byte(s), &inner); err != nil {
			return nil, err
		}
		index = inner
	}
	names, err := namesOf(file, "word_index", index)
	if err != nil {
		return nil, err
	}
	names[0] = "<pad>"
	if n, ok := config["num_words"].(float64); ok && n >= 1 && int(n) < len(names) {
		names = names[:int(n)]
	}
	v := &subword.Vocab{Names: names, IDs: make(map[string]int32, len(names))}
	for i, s := range names {
		v.IDs[s] = int32(i)
	}
	delete(v.IDs, "<pad>")
	unk := int32(subword.None)
	if s, ok := config["oov_token"].(string); ok {
		unk = v.ID(s)
	}
	p := &pipeline{kind: "word", vocab: v, normal: keep, model: &subword.Words{Vocab: *v, Unk: unk}, decoders: []decoder{spaced}}
	if lower, ok := config["lower"].(bool); !ok || lower {
		p.normal = normal.Lower
	}
	if char, _ := config["char_level"].(bool); char {
		p.kind, p.decoders = "char", nil
		p.pre = pre.FixedLength(1)
	} else {
		filters, _ := config["filters"].(string)
		apart := " "
		if s, ok := config["split"].(string); ok {
			apart = s
		}
		p.pre = pre.Split(pre.Chars(func(r rune) bool { return strings.ContainsRune(filters+apart, r) }), pre.Removed, false)
	}
	p.finish(nil, &side{}, nil)
	p.special[0] = true
	return p, nil
}

// openList finds a vocabulary among files that have no name of their own: a lone list of words, or JSON.
func openList(files map[string][]byte) (Tokenizer, error) {
	var names []string
	for n := range files {
		if path.Ext(n) == ".txt" && !notVocabulary[n] || path.Ext(n) == ".json" && namesVocabulary(n) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	var first error
	for _, n := range names {
		var t Tokenizer
		var err error
		if path.Ext(n) == ".json" {
			t, err = openVocabJSON(n, files[n])
		} else {
			var words []string
			if words, err = lines(n, files[n], maxToken); err == nil {
				t, err = plainList(n, words)
			}
		}
		if err == nil {
			return t, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// notVocabulary are texts that stand beside models and hold no list of tokens.
var notVocabulary = map[string]bool{"merges.txt": true, "requirements.txt": true, "license.txt": true, "readme.txt": true}

// namesVocabulary reports whether the name of a JSON file is one that vocabularies have; models have many others beside them.
func namesVocabulary(file string) bool {
	if file == "tokenizer_config.json" || file == "special_tokens_map.json" || file == "added_tokens.json" || strings.HasSuffix(file, ".index.json") {
		return false
	}
	return slices.ContainsFunc([]string{"vocab", "word", "char", "itos", "stoi", "idx", "index", "tok", "dict", "keras"}, func(s string) bool { return strings.Contains(file, s) })
}

// plainList is a word list of any name: a line with words apart is text, and no token.
func plainList(file string, words []string) (Tokenizer, error) {
	for i, w := range words {
		if strings.ContainsAny(strings.TrimSpace(w), " \t") {
			return nil, bad(file, fmt.Sprint("line ", i+1), "a list, one token a line", fault.Quote(w))
		}
	}
	return wordList(file, words)
}
