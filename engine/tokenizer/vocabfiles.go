package tokenizer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loupe/engine/fault"
	"loupe/engine/tokenizer/normal"
	"loupe/engine/tokenizer/pre"
	"loupe/engine/tokenizer/subword"
)

// openBPE reads vocab.json, {"token": id, ..}, and merges.txt, a pair of tokens a line, the first pair first. Both spell
// bytes as characters (alphabet). What else there is to know says tokenizer_config.json: GPT-2's way if there is none.
func openBPE(vocabFile, mergesFile []byte, side *side) (Tokenizer, error) {
	const file = "vocab.json"
	if _, err := readJSON(file, vocabFile, new(map[string]int)); err != nil {
		return nil, err
	}
	v, err := readVocab(file, "", vocabFile)
	if err != nil {
		return nil, err
	}
	if v.ID(alphabet[' ']) == subword.None {
		return nil, bad(file, "", "a byte-level vocabulary, with "+fault.Quote(alphabet[' '])+" for a space", "another kind")
	}
	p := &pipeline{kind: "byte-level BPE", vocab: v, normal: keep, decoders: []decoder{byteLevel}}
	if p.model, err = readMerges(mergesFile, v, subword.BPEOptions{Unk: subword.None}); err != nil {
		return nil, err
	}
	p.pre = byteLevelSteps(or(side.AddPrefix, false), true)
	tokens := side.tokens(v)
	switch class := strings.TrimSuffix(side.Class, "Fast"); class {
	case "Qwen2Tokenizer":
		p.normal = normal.NFC
		qwen2, _ := pre.Known(qwen2Pattern)
		p.pre = pre.All([]pre.Step{pre.Split(qwen2, pre.Isolated, false), byteLevelSteps(false, false)})
	case "RobertaTokenizer", "BartTokenizer", "LongformerTokenizer":
		for _, n := range []*name{&side.BOS, &side.EOS} {
			if *n == "" {
				*n = map[*name]name{&side.BOS: "<s>", &side.EOS: "</s>"}[n]
			}
		}
		if id, ok := v.IDs[string(side.BOS)]; ok {
			p.before = []int{int(id)}
		}
		if id, ok := v.IDs[string(side.EOS)]; ok {
			p.after = []int{int(id)}
		}
		for i := range tokens {
			if tokens[i].Content == "<mask>" {
				tokens[i].LStrip = true
			}
		}
	}
	if tokens, err = p.addTokens("tokenizer_config.json", tokens); err != nil {
		return nil, err
	}
	p.finish(tokens, side, nil)
	return p, nil
}

const qwen2Pattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

// tokens are the added tokens that tokenizer_config.json and special_tokens_map.json name, and those that models have
// without a word of it.
func (s *side) tokens(v *subword.Vocab) (out []added) {
	seen := map[string]bool{}
	for key, a := range s.Added {
		id, err := strconv.Atoi(key)
		if err == nil && a.Content != "" && !seen[a.Content] {
			a.ID, seen[a.Content] = id, true
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b added) int { return a.ID - b.ID })
	no := false
	for _, n := range append([]name{s.BOS, s.EOS, s.Unk, s.Sep, s.Cls, s.Pad, s.Mask}, known...) {
		if id, ok := v.IDs[string(n)]; ok && !seen[string(n)] {
			seen[string(n)] = true
			out = append(out, added{ID: int(id), Content: string(n), Special: true, Normalized: &no})
		}
	}
	return out
}

// known are names of special tokens.
var known = []name{"<|endoftext|>", "<s>", "</s>", "<pad>", "<unk>", "<mask>", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}

// lines are the lines of a list of tokens, one a line of at most longest bytes, without the empty ones at the end.
func lines(file string, b []byte, longest int) ([]string, error) {
	switch {
	case len(b) > maxFile:
		return nil, tooLarge(file, "", "at most 64 MB", fault.Bytes(len(b)))
	case !utf8.Valid(b):
		return nil, bad(file, "", "UTF-8", "bytes that are not")
	}
	var out []string
	for l := range strings.Lines(strings.TrimPrefix(string(b), "\ufeff")) {
		l = strings.TrimRight(l, "\r\n")
		switch {
		case len(l) > longest:
			return nil, bad(file, fmt.Sprint("line ", len(out)+1), fmt.Sprintf("at most %d bytes", longest), fmt.Sprint(len(l)))
		case len(out) == maxVocab:
			return nil, tooLarge(file, "", fmt.Sprintf("at most %d tokens", maxVocab), "more")
		}
		out = append(out, l)
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	if len(out) == 0 {
		return nil, bad(file, "", "at least one token", "none")
	}
	return out, nil
}

// openVocabTxt reads vocab.txt, a token a line: BERT's WordPiece, or a list of words if it has none of BERT's tokens.
func openVocabTxt(b []byte, side *side) (Tokenizer, error) {
	const file = "vocab.txt"
	names, err := lines(file, b, maxToken)
	if err != nil {
		return nil, err
	}
	v := &subword.Vocab{Names: names, IDs: make(map[string]int32, len(names))}
	for i, s := range names {
		if s = strings.TrimSpace(s); s != "" {
			v.IDs[s] = int32(i) // of a token that stands twice, the later
		}
	}
	unk := string(side.Unk)
	if unk == "" {
		unk = "[UNK]"
	}
	if v.ID(unk) == subword.None {
		return wordList(file, names)
	}
	lower := or(side.Lower, true)
	p := &pipeline{kind: "WordPiece", vocab: v, pre: pre.Bert, decoders: []decoder{wordPiece("##", true)},
		normal: normal.Bert{Clean: true, Chinese: or(side.Chinese, true), Lower: lower, Accents: or(side.Accents, lower)}.Step,
		model:  subword.NewWordPiece(v, "##", v.ID(unk), 100)}
	for _, n := range []struct {
		name  name
		other string
		to    *[]int
	}{{side.Cls, "[CLS]", &p.before}, {side.Sep, "[SEP]", &p.after}} {
		s := string(n.name)
		if s == "" {
			s = n.other
		}
		if id, ok := v.IDs[s]; ok {
			*n.to = []int{int(id)}
		}
	}
	tokens, err := p.addTokens("tokenizer_config.json", side.tokens(v))
	if err != nil {
		return nil, err
	}
	p.finish(tokens, side, nil)
	return p, nil
}
