package tokenizer

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/tokenizer/pre"
	"loupe/engine/tokenizer/subword"
	"loupe/engine/tokenizer/text"
)

const tokenizerJSON = "tokenizer.json"

// hfFile is Hugging Face's tokenizer.json, or a list of ours (Type "char" or "word"; own.go).
type hfFile struct {
	AddedTokens   []added `json:"added_tokens"`
	Normalizer    *part   `json:"normalizer"`
	PreTokenizer  *part   `json:"pre_tokenizer"`
	PostProcessor *part   `json:"post_processor"`
	Decoder       *part   `json:"decoder"`
	Model         *hfModel
	Truncation    *struct {
		MaxLength int `json:"max_length"`
	} `json:"truncation"`

	Type  *string         `json:"type"`
	Vocab json.RawMessage `json:"vocab"`
	Unk   *string         `json:"unk_token"`
}

type hfModel struct {
	Type     string          `json:"type"`
	Vocab    json.RawMessage `json:"vocab"`
	Merges   json.RawMessage `json:"merges"`
	Unk      *string         `json:"unk_token"`
	UnkID    *int            `json:"unk_id"`
	Prefix   *string         `json:"continuing_subword_prefix"`
	Suffix   *string         `json:"end_of_word_suffix"`
	Fuse     bool            `json:"fuse_unk"`
	Fallback bool            `json:"byte_fallback"`
	Ignore   bool            `json:"ignore_merges"`
	MaxChars *int            `json:"max_input_chars_per_word"`
}

// openHF reads tokenizer.json.
func openHF(b []byte, side *side) (Tokenizer, error) {
	if strings.HasPrefix(strings.TrimSpace(string(b[:min(len(b), 64)])), "\"") { // Keras's, written as JSON once more
		return openVocabJSON(tokenizerJSON, b)
	}
	var f hfFile
	if _, err := readJSON(tokenizerJSON, b, &f); err != nil {
		return nil, err
	}
	switch {
	case f.Type != nil:
		return openOwn(&f)
	case f.Model == nil:
		return openVocabJSON(tokenizerJSON, b)
	}
	p := &pipeline{normal: keep, pre: whole}
	var err error
	if err = p.setModel(f.Model); err != nil {
		return nil, err
	}
	tokens, err := p.addTokens(tokenizerJSON, f.AddedTokens)
	if err != nil {
		return nil, err
	}
	if f.Normalizer != nil {
		if p.normal, err = normalizer(f.Normalizer); err != nil {
			return nil, err
		}
	}
	if f.PreTokenizer != nil {
		if p.pre, err = preTokenizer(f.PreTokenizer); err != nil {
			return nil, err
		}
	}
	if p.kind == "BPE" && !f.Model.Ignore && text0(f.Model.Prefix)+text0(f.Model.Suffix) == "" {
		p.pre = pre.All([]pre.Step{p.pre, atSpaces(p.vocab, tokens)})
	}
	p.decoders = []decoder{spaced}
	if f.Decoder != nil {
		if p.decoders, err = decodersOf(f.Decoder); err != nil {
			return nil, err
		}
	}
	if p.before, p.after, err = postProcessor(f.PostProcessor, p.vocab); err != nil {
		return nil, err
	}
	if f.Truncation != nil {
		p.cut = max(0, f.Truncation.MaxLength)
	}
	if hasByteLevel(f.PreTokenizer) && p.kind == "BPE" {
		p.kind = "byte-level BPE"
	}
	p.finish(tokens, side, nil)
	return p, nil
}

// finish sets what follows from the rest: how tokens are spelt, how added ones are found, what they are for. cook is how an
// added token stands in normalised text; nil: as the normalizer makes it.
func (p *pipeline) finish(tokens []added, side *side, cook func(string) string) {
	p.alone = spellAll(p.vocab, tokens, p.decoders)
	var plain, cooked []added
	for _, a := range tokens {
		if a.normalized() {
			cooked = append(cooked, a)
		} else {
			plain = append(plain, a)
		}
	}
	p.plain = newMatcher(plain, func(s string) string { return s })
	if cook == nil {
		cook = func(s string) string { return p.normal(text.New(s)).S }
	}
	p.cooked = newMatcher(cooked, cook)
	cut := p.cut
	p.roles = side.roles(p.vocab, tokens)
	p.cut = cut
	p.marks(side)
}

// maxChars is the longest word that WordPiece takes apart.
const maxChars = 4096

// setModel reads the model and its vocabulary.
func (p *pipeline) setModel(m *hfModel) error {
	kind := m.Type
	if kind == "" { // old files do not say
		switch {
		case m.Merges != nil:
			kind = "BPE"
		case m.MaxChars != nil:
			kind = "WordPiece"
		case m.UnkID != nil:
			kind = "Unigram"
		default:
			kind = "WordLevel"
		}
	}
	p.kind = kind
	if n := max(len(text0(m.Prefix)), len(text0(m.Suffix))); n > maxContent {
		return bad(tokenizerJSON, "model", fmt.Sprintf("a prefix and a suffix of at most %d bytes", maxContent), fmt.Sprint(n))
	}
	if kind == "Unigram" {
		return p.setUnigram(m)
	}
	v, err := readVocab(tokenizerJSON, "model.vocab", m.Vocab)
	if err != nil {
		return err
	}
	p.vocab = v
	unk := int32(subword.None)
	if m.Unk != nil && *m.Unk != "" {
		if unk = v.ID(*m.Unk); unk == subword.None && kind == "BPE" {
			return bad(tokenizerJSON, "model.unk_token", "a token of the vocabulary", fault.Quote(*m.Unk))
		}
	}
	switch kind {
	case "BPE":
		o := subword.BPEOptions{Unk: unk, FuseUnk: m.Fuse, ByteFallback: m.Fallback, IgnoreMerges: m.Ignore, Prefix: text0(m.Prefix), Suffix: text0(m.Suffix)}
		p.model, err = readMergesJSON(m.Merges, v, o)
		return err
	case "WordPiece":
		prefix, limit := "##", 100
		if m.Prefix != nil {
			prefix = *m.Prefix
		}
		if m.MaxChars != nil {
			limit = min(*m.MaxChars, maxChars)
		}
		p.model = subword.NewWordPiece(v, prefix, unk, limit)
	case "WordLevel":
		p.kind, p.model = "word", &subword.Words{Vocab: *v, Unk: unk}
	default:
		return bad(tokenizerJSON, "model.type", "BPE, WordPiece, Unigram or WordLevel", fault.Quote(kind))
	}
	return nil
}

func (p *pipeline) setUnigram(m *hfModel) error {
	names, scores, err := readScores(m.Vocab)
	if err != nil {
		return err
	}
	v := &subword.Vocab{Names: names, IDs: make(map[string]int32, len(names))}
	lowest := math.Inf(1)
	for i, s := range names {
		if s != "" {
			v.IDs[s] = int32(i)
		}
		lowest = min(lowest, scores[i])
	}
	unk := int32(subword.None)
	if m.UnkID != nil {
		if *m.UnkID < 0 || *m.UnkID >= len(names) {
			return bad(tokenizerJSON, "model.unk_id", fmt.Sprintf("0 to %d", len(names)-1), fmt.Sprint(*m.UnkID))
		}
		unk = int32(*m.UnkID)
	}
	p.vocab = v
	p.model = subword.NewUnigram(v, v.IDs, scores, lowest, 0, subword.UnigramOptions{Unk: unk, ByteFallback: m.Fallback})
	return nil
}

func text0(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// addTokens puts added tokens into the vocabulary. One that the model has keeps the model's id.
func (p *pipeline) addTokens(file string, tokens []added) ([]added, error) {
	var out []added
	for i, a := range tokens {
		where := fmt.Sprintf("added_tokens[%d]", i)
		if a.Content == "" {
			continue
		}
		if len(a.Content) > maxToken {
			return nil, bad(file, where, fmt.Sprintf("at most %d bytes", maxToken), fmt.Sprint(len(a.Content)))
		}
		if id, ok := p.vocab.IDs[a.Content]; ok {
			a.ID = int(id)
		} else {
			if a.ID < 0 || a.ID > maxID(len(p.vocab.Names)+len(tokens)) {
				return nil, bad(file, where, fmt.Sprintf("an id from 0 to %d", maxID(len(p.vocab.Names)+len(tokens))), fmt.Sprint(a.ID))
			}
			for len(p.vocab.Names) <= a.ID {
				p.vocab.Names = append(p.vocab.Names, "")
			}
			if was := p.vocab.Names[a.ID]; was != "" {
				return nil, bad(file, where, "an id of its own", fmt.Sprintf("%d, which is %s too", a.ID, fault.Quote(was)))
			}
			p.vocab.Names[a.ID], p.vocab.IDs[a.Content] = a.Content, int32(a.ID)
		}
		out = append(out, a)
	}
	return out, nil
}

// maxID is the largest id that a vocabulary of n tokens may have: some ids may be left out.
func maxID(n int) int { return min(maxVocab-1, 4*n+1<<14) }
