package tokenizer

import (
	"encoding/json"
	"fmt"
	"strconv"

	"loupe/engine/fault"
	"loupe/engine/tokenizer/subword"
)

// values reads the strings and numbers of a value of JSON that encoding/json found well formed, in order. It takes a
// vocabulary of 250,000 tokens apart in a tenth of the time.
type values struct {
	b []byte
	i int
}

// next is the kind of what comes next: a string ('"'), a number or other word ('0'), or a bracket; 0 at the end. Commas and
// colons are passed over.
func (v *values) next() byte {
	for ; v.i < len(v.b); v.i++ {
		switch c := v.b[v.i]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
		case '"', '[', ']', '{', '}':
			return c
		default:
			return '0'
		}
	}
	return 0
}

// bracket passes over a bracket.
func (v *values) bracket() { v.i++ }

// str reads a string; the bytes may be of the file.
func (v *values) str() []byte {
	start := v.i
	escaped := false
	for v.i++; v.b[v.i] != '"'; v.i++ {
		if v.b[v.i] == '\\' {
			escaped = true
			v.i++
		}
	}
	v.i++
	if !escaped {
		return v.b[start+1 : v.i-1]
	}
	var s string
	json.Unmarshal(v.b[start:v.i], &s)
	return []byte(s)
}

// number reads a number; 0, false: it is something else.
func (v *values) number() (float64, bool) {
	start := v.i
	for v.i < len(v.b) {
		switch v.b[v.i] {
		case ' ', '\t', '\r', '\n', ',', ':', '"', '[', ']', '{', '}':
			goto end
		}
		v.i++
	}
end:
	x, err := strconv.ParseFloat(string(v.b[start:v.i]), 64)
	return x, err == nil
}

// readVocab reads {"token": id, ..}.
func readVocab(file, where string, b []byte) (*subword.Vocab, error) {
	v := values{b: b}
	if v.next() != '{' {
		return nil, bad(file, where, `{"token": id, ..}`, "another value")
	}
	v.bracket()
	out := &subword.Vocab{IDs: make(map[string]int32, len(b)/16)}
	type entry struct {
		name string
		id   int
	}
	entries := make([]entry, 0, len(b)/16)
	for v.next() == '"' {
		name := string(v.str())
		at := where + " " + fault.Quote(name)
		if where == "" {
			at = "token " + fault.Quote(name)
		}
		if v.next() != '0' {
			return nil, bad(file, at, "a number", "another value")
		}
		id, ok := v.number()
		switch {
		case !ok || id != float64(int(id)) || id < 0:
			return nil, bad(file, at, "an id of 0 or more", fmt.Sprint(id))
		case name == "" || len(name) > maxToken:
			return nil, bad(file, at, fmt.Sprintf("1 to %d bytes", maxToken), fmt.Sprint(len(name)))
		case len(entries) == maxVocab:
			return nil, tooLarge(file, where, fmt.Sprintf("at most %d tokens", maxVocab), "more")
		}
		if _, twice := out.IDs[name]; twice {
			return nil, bad(file, at, "each token once", "it again")
		}
		out.IDs[name] = int32(min(id, maxVocab))
		entries = append(entries, entry{name, int(min(id, maxVocab))})
	}
	limit, top := maxID(len(entries)), -1
	for _, e := range entries {
		if e.id > limit {
			return nil, bad(file, where+" "+fault.Quote(e.name), fmt.Sprintf("an id from 0 to %d", limit), fmt.Sprint(e.id))
		}
		top = max(top, e.id)
	}
	if top < 0 {
		return nil, bad(file, where, "at least one token", "none")
	}
	out.Names = make([]string, top+1)
	for _, e := range entries {
		if was := out.Names[e.id]; was != "" {
			return nil, bad(file, fmt.Sprint("id ", e.id), "one token", fault.Quote(min(was, e.name))+" and "+fault.Quote(max(was, e.name)))
		}
		out.Names[e.id] = e.name
	}
	return out, nil
}

// readScores reads [["token", score], ..].
func readScores(b []byte) (names []string, scores []float64, err error) {
	const where = "model.vocab"
	v := values{b: b}
	if v.next() != '[' {
		return nil, nil, bad(tokenizerJSON, where, `[["token", score], ..]`, "another value")
	}
	v.bracket()
	for v.next() == '[' {
		at := fmt.Sprintf("%s[%d]", where, len(names))
		v.bracket()
		if v.next() != '"' {
			return nil, nil, bad(tokenizerJSON, at, `["token", score]`, "another value")
		}
		name := string(v.str())
		score, ok := 0.0, v.next() == '0'
		if ok {
			score, ok = v.number()
		}
		if !ok || v.next() != ']' {
			return nil, nil, bad(tokenizerJSON, at, `["token", score]`, "another value")
		}
		v.bracket()
		switch {
		case len(name) > maxToken:
			return nil, nil, bad(tokenizerJSON, at, fmt.Sprintf("at most %d bytes", maxToken), fmt.Sprint(len(name)))
		case len(names) == maxVocab:
			return nil, nil, tooLarge(tokenizerJSON, where, fmt.Sprintf("at most %d tokens", maxVocab), "more")
		}
		names, scores = append(names, name), append(scores, score)
	}
	if len(names) == 0 {
		return nil, nil, bad(tokenizerJSON, where, "at least one token", "none")
	}
	return names, scores, nil
}

// readMergesJSON reads ["a b", ..] or [["a", "b"], ..].
func readMergesJSON(b []byte, vocab *subword.Vocab, o subword.BPEOptions) (*subword.BPE, error) {
	const where = "model.merges"
	v := values{b: b}
	if v.next() != '[' {
		return nil, bad(tokenizerJSON, where, `["a b", ..] or [["a", "b"], ..]`, "another value")
	}
	v.bracket()
	m := newMerges(tokenizerJSON, vocab, o, len(b)/16)
	for {
		at := func() string { return fmt.Sprintf("%s[%d]", where, m.n) }
		switch v.next() {
		case '"':
			if err := m.line(at, string(v.str())); err != nil {
				return nil, err
			}
		case '[':
			v.bracket()
			var two [2]string
			for i := range two {
				if v.next() != '"' {
					return nil, bad(tokenizerJSON, at(), "two tokens", "another value")
				}
				two[i] = string(v.str())
			}
			if v.next() != ']' {
				return nil, bad(tokenizerJSON, at(), "two tokens", "more")
			}
			v.bracket()
			if err := m.add(at, two[0], two[1]); err != nil {
				return nil, err
			}
		case ']':
			return m.bpe, nil
		default:
			return nil, bad(tokenizerJSON, at(), "two tokens", "another value")
		}
	}
}
