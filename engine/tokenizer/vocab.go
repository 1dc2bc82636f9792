package tokenizer

import (
	"fmt"
	"loupe/engine/fault"
	"strings"
	"unicode/utf8"
)

// openBPE reads vocab.json, {"token": id, ..}, and merges.txt, a pair of tokens a line, the first pair first. Both spell
// bytes as characters (alphabet).
func openBPE(vocabFile, mergesFile []byte) (Tokenizer, error) {
	vocab, err := readVocab(vocabFile)
	if err != nil {
		return nil, err
	}
	b := &bpe{bytes: make([][]byte, len(vocab)), end: -1}
	for s, id := range vocab {
		b.bytes[id] = unspell(s)
	}
	for i := range b.byteID {
		b.byteID[i] = -1
		if id, ok := vocab[string(alphabet[i])]; ok {
			b.byteID[i] = int32(id)
		}
	}
	if b.byteID[' '] < 0 {
		return nil, bad("vocab.json", "", "a byte-level vocabulary, with "+fault.Quote(string(alphabet[' ']))+" for a space", "another kind")
	}
	if id, ok := vocab[end]; ok {
		b.end = int32(id)
	}
	b.roles = namedRoles(func(s string) (int, bool) { id, ok := vocab[s]; return id, ok })
	b.merges, err = readMerges(mergesFile, vocab)
	if err != nil {
		return nil, err
	}
	return b, nil
}

func readVocab(file []byte) (map[string]int, error) {
	const name = "vocab.json"
	var vocab map[string]int
	members, err := readJSON(name, file, &vocab)
	switch {
	case err != nil:
		return nil, err
	case len(vocab) == 0:
		return nil, bad(name, "", "at least one token", "none")
	case len(vocab) > maxVocab:
		return nil, tooLarge(name, "", fmt.Sprintf("at most %d tokens", maxVocab), fmt.Sprint(len(vocab)))
	case len(vocab) != members:
		return nil, bad(name, "", "each token once", fmt.Sprint(members-len(vocab), " of them again"))
	}
	by := make([]string, len(vocab))
	for s, id := range vocab {
		switch {
		case s == "" || len(s) > maxToken:
			return nil, bad(name, "token "+fault.Quote(s), fmt.Sprintf("1 to %d bytes", maxToken), fmt.Sprint(len(s)))
		case id < 0 || id >= len(vocab):
			return nil, bad(name, "token "+fault.Quote(s), fmt.Sprintf("an id from 0 to %d", len(vocab)-1), fmt.Sprint(id))
		case by[id] != "":
			a, b := min(s, by[id]), max(s, by[id])
			return nil, bad(name, "id "+fmt.Sprint(id), "one token", fault.Quote(a)+" and "+fault.Quote(b))
		}
		by[id] = s
	}
	return vocab, nil
}

func readMerges(file []byte, vocab map[string]int) (map[[2]int32]merged, error) {
	const name = "merges.txt"
	if len(file) > maxFile {
		return nil, tooLarge(name, "", "at most 64 MB", fmt.Sprint(len(file), " bytes"))
	}
	if !utf8.Valid(file) {
		return nil, bad(name, "", "UTF-8", "bytes that are not")
	}
	merges := make(map[[2]int32]merged, min(len(vocab), len(file)/4))
	n := 0
	for line := range strings.Lines(string(file)) {
		n++
		where := fmt.Sprint("line ", n)
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#version") {
			continue
		}
		left, right, ok := strings.Cut(line, " ")
		if !ok || left == "" || right == "" || strings.Contains(right, " ") {
			return nil, bad(name, where, "two tokens and a space between them", fault.Quote(line))
		}
		var ids [3]int32
		for i, s := range [3]string{left, right, left + right} {
			id, ok := vocab[s]
			if !ok {
				return nil, bad(name, where, "tokens of vocab.json", fault.Quote(s))
			}
			ids[i] = int32(id)
		}
		pair := [2]int32{ids[0], ids[1]}
		if _, ok := merges[pair]; ok {
			return nil, bad(name, where, "each pair once", fault.Quote(line)+" again")
		}
		if len(merges) == maxVocab {
			return nil, tooLarge(name, where, fmt.Sprintf("at most %d merges", maxVocab), "more")
		}
		merges[pair] = merged{int32(len(merges)), ids[2]}
	}
	return merges, nil
}

// alphabet spells each byte as a printable character: those that are printable as they stand as themselves, the others
// from U+0100 on, in order (openai/gpt-2, encoder.py, bytes_to_unicode).
var alphabet = func() (t [256]rune) {
	next := rune(256)
	for b := range t {
		if b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae {
			t[b] = rune(b)
		} else {
			t[b] = next
			next++
		}
	}
	return t
}()

var unspelt = func() map[rune]byte {
	m := make(map[rune]byte, 256)
	for b, r := range alphabet {
		m[r] = byte(b)
	}
	return m
}()

// unspell is the bytes of a token. One with a character outside the alphabet (some special tokens) stands for itself.
func unspell(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := unspelt[r]
		if !ok {
			return []byte(s)
		}
		out = append(out, b)
	}
	return out
}
