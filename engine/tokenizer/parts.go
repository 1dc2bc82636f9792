package tokenizer

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"loupe/engine/fault"
	"loupe/engine/tokenizer/normal"
	"loupe/engine/tokenizer/pre"
	"loupe/engine/tokenizer/text"
)

// part is a part of a tokenizer.json's pipeline: any of them, by Type; each uses some of the fields.
type part struct {
	Type          string  `json:"type"`
	Normalizers   []*part `json:"normalizers"`
	PreTokenizers []*part `json:"pretokenizers"`
	Processors    []*part `json:"processors"`
	Decoders      []*part `json:"decoders"`

	Pattern *struct {
		String *string
		Regex  *string
	} `json:"pattern"`
	Content        string  `json:"content"`
	Prepend        string  `json:"prepend"`
	Charsmap       *string `json:"precompiled_charsmap"`
	StripLeft      *bool   `json:"strip_left"`
	StripRight     *bool   `json:"strip_right"`
	CleanText      *bool   `json:"clean_text"`
	ChineseChars   *bool   `json:"handle_chinese_chars"`
	StripAccents   *bool   `json:"strip_accents"`
	Lowercase      *bool   `json:"lowercase"`
	AddPrefixSpace *bool   `json:"add_prefix_space"`
	UseRegex       *bool   `json:"use_regex"`
	Replacement    string  `json:"replacement"`
	PrependScheme  string  `json:"prepend_scheme"`
	Split          *bool   `json:"split"`
	Behavior       string  `json:"behavior"`
	Invert         bool    `json:"invert"`
	Individual     bool    `json:"individual_digits"`
	Delimiter      string  `json:"delimiter"`
	Length         int     `json:"length"`
	Prefix         *string `json:"prefix"`
	Suffix         *string `json:"suffix"`
	Cleanup        *bool   `json:"cleanup"`
	Start          int     `json:"start"`
	Stop           int     `json:"stop"`

	Single  json.RawMessage `json:"single"`
	Special map[string]struct {
		IDs []int `json:"ids"`
	} `json:"special_tokens"`
	Cls json.RawMessage `json:"cls"`
	Sep json.RawMessage `json:"sep"`
}

// or is *b, or what a missing key means.
func or(b *bool, missing bool) bool {
	if b == nil {
		return missing
	}
	return *b
}

func unknownPart(where string, p *part, known string) error {
	return bad(tokenizerJSON, where+".type", known, fault.Quote(p.Type))
}

// maxContent is the longest text that a part puts in place of another, in bytes.
const maxContent = 64

// tooLong refuses what would make a text many times as long.
func (p *part) tooLong(where string) error {
	for _, s := range []string{p.Content, p.Prepend, p.Replacement, p.Delimiter, text0(p.Prefix), text0(p.Suffix)} {
		if len(s) > maxContent {
			return bad(tokenizerJSON, where, fmt.Sprintf("texts of at most %d bytes", maxContent), fmt.Sprint(len(s)))
		}
	}
	return nil
}

// normalizer is one of a file.
func normalizer(p *part) (normal.Step, error) {
	if err := p.tooLong("normalizer"); err != nil {
		return nil, err
	}
	switch p.Type {
	case "Sequence":
		steps, err := each(p.Normalizers, normalizer)
		return normal.All(steps), err
	case "NFC":
		return normal.NFC, nil
	case "NFD":
		return normal.NFD, nil
	case "NFKC":
		return normal.NFKC, nil
	case "NFKD":
		return normal.NFKD, nil
	case "Lowercase":
		return normal.Lower, nil
	case "StripAccents":
		return normal.StripAccents, nil
	case "Strip":
		return normal.Strip(or(p.StripLeft, true), or(p.StripRight, true)), nil
	case "Nmt":
		return normal.Nmt, nil
	case "Prepend":
		return normal.Prepend(p.Prepend), nil
	case "Replace":
		return replacer(p)
	case "ByteLevel":
		return func(t text.Text) text.Text {
			if t.S == "" {
				return t
			}
			return text.Bytes([]text.Text{t}, &alphabet)[0]
		}, nil
	case "BertNormalizer":
		lower := or(p.Lowercase, true)
		return normal.Bert{Clean: or(p.CleanText, true), Chinese: or(p.ChineseChars, true), Accents: or(p.StripAccents, lower), Lower: lower}.Step, nil
	case "Precompiled":
		m, err := charsmap(p)
		if err != nil {
			return nil, err
		}
		return m.Precompiled, nil
	}
	return nil, unknownPart("normalizer", p, "a normalizer that this version knows")
}

func charsmap(p *part) (*normal.Charsmap, error) {
	b, err := base64.StdEncoding.DecodeString(text0(p.Charsmap))
	if m, ok := normal.NewCharsmap(b); ok && err == nil {
		return m, nil
	}
	return nil, bad(tokenizerJSON, "normalizer.precompiled_charsmap", "a trie and its strings", fmt.Sprint(len(b), " bytes that are none"))
}

// replacer is Replace: of a string, or of one of the patterns that files have.
func replacer(p *part) (normal.Step, error) {
	if p.Pattern == nil || p.Pattern.String == nil && p.Pattern.Regex == nil {
		return nil, bad(tokenizerJSON, "normalizer.pattern", "String or Regex", "neither")
	}
	if s := p.Pattern.String; s != nil {
		return normal.Replace(*s, p.Content), nil
	}
	isSpace := func(r rune) bool { return r == ' ' }
	isLine := func(r rune) bool { return r == '\n' || r == '\r' }
	switch r := *p.Pattern.Regex; r {
	case " {2,}", "  +":
		return normal.ReplaceRuns(isSpace, 2, p.Content), nil
	case " +":
		return normal.ReplaceRuns(isSpace, 1, p.Content), nil
	case `\s+`:
		return normal.ReplaceRuns(unicode.IsSpace, 1, p.Content), nil
	case `[\n\r]+`, `[\r\n]+`:
		return normal.ReplaceRuns(isLine, 1, p.Content), nil
	case " ", "▁", `\n`:
		return normal.Replace(strings.ReplaceAll(r, `\n`, "\n"), p.Content), nil
	}
	return nil, unknownPattern("normalizer.pattern", *p.Pattern.Regex)
}

// unknownPattern: no pattern of a file is ever run.
func unknownPattern(where, pattern string) error {
	return bad(tokenizerJSON, where, "one of the patterns that this version knows", fault.Quote(pattern))
}

// preTokenizer is one of a file.
func preTokenizer(p *part) (pre.Step, error) {
	if err := p.tooLong("pre_tokenizer"); err != nil {
		return nil, err
	}
	switch p.Type {
	case "Sequence":
		steps, err := each(p.PreTokenizers, preTokenizer)
		return pre.All(steps), err
	case "ByteLevel":
		return byteLevelSteps(or(p.AddPrefixSpace, true), or(p.UseRegex, true)), nil
	case "Whitespace":
		return pre.Whitespace, nil
	case "WhitespaceSplit":
		return pre.WhitespaceSplit, nil
	case "BertPreTokenizer":
		return pre.Bert, nil
	case "Metaspace":
		return metaspaceSteps(p), nil
	case "Digits":
		return pre.Digits(p.Individual), nil
	case "CharDelimiterSplit":
		return pre.Split(pre.Literal(p.Delimiter), pre.Removed, false), nil
	case "FixedLength":
		if p.Length < 1 {
			return nil, bad(tokenizerJSON, "pre_tokenizer.length", "1 or more", fmt.Sprint(p.Length))
		}
		return pre.FixedLength(p.Length), nil
	case "Punctuation":
		b, err := behaviour(p, pre.Isolated)
		return pre.Split(pre.Chars(text.IsPunctuation), b, false), err
	case "Split":
		return splitter(p)
	}
	return nil, unknownPart("pre_tokenizer", p, "a pre-tokenizer that this version knows")
}

// byteLevelSteps: a space before, GPT-2's pattern, bytes as characters.
func byteLevelSteps(prefix, regex bool) pre.Step {
	var steps []pre.Step
	if prefix {
		steps = append(steps, pre.Prepend(" ", false))
	}
	if regex {
		steps = append(steps, pre.Split(pre.GPT2, pre.Isolated, false))
	}
	return pre.All(append(steps, pre.Bytes(&alphabet)))
}

func metaspaceSteps(p *part) pre.Step {
	mark := p.Replacement
	if mark == "" {
		mark = normal.Escaped
	}
	steps := []pre.Step{pre.Replace(" ", mark)}
	if scheme := p.scheme(); scheme != "never" {
		steps = append(steps, pre.Prepend(mark, scheme == "first"))
	}
	if or(p.Split, true) {
		steps = append(steps, pre.Split(pre.Literal(mark), pre.Next, false))
	}
	return pre.All(steps)
}

// scheme is where Metaspace puts its mark before a text: "always", "first" or "never".
func (p *part) scheme() string {
	switch {
	case !or(p.AddPrefixSpace, true):
		return "never"
	case p.PrependScheme == "":
		return "always"
	}
	return p.PrependScheme
}

func behaviour(p *part, missing pre.Behaviour) (pre.Behaviour, error) {
	if p.Behavior == "" {
		return missing, nil
	}
	for _, b := range pre.Behaviours {
		if string(b) == p.Behavior {
			return b, nil
		}
	}
	return "", bad(tokenizerJSON, "pre_tokenizer.behavior", fmt.Sprint(pre.Behaviours), fault.Quote(p.Behavior))
}

func splitter(p *part) (pre.Step, error) {
	b, err := behaviour(p, "")
	if err != nil || b == "" {
		return nil, bad(tokenizerJSON, "pre_tokenizer.behavior", fmt.Sprint(pre.Behaviours), fault.Quote(p.Behavior))
	}
	if p.Pattern == nil || p.Pattern.String == nil && p.Pattern.Regex == nil {
		return nil, bad(tokenizerJSON, "pre_tokenizer.pattern", "String or Regex", "neither")
	}
	if s := p.Pattern.String; s != nil {
		return pre.Split(pre.Literal(*s), b, p.Invert), nil
	}
	pattern, ok := pre.Known(*p.Pattern.Regex)
	if !ok {
		return nil, unknownPattern("pre_tokenizer.pattern", *p.Pattern.Regex)
	}
	return pre.Split(pattern, b, p.Invert), nil
}

// hasByteLevel reports whether a pre-tokenizer spells bytes.
func hasByteLevel(p *part) bool {
	if p == nil {
		return false
	}
	for _, q := range p.PreTokenizers {
		if hasByteLevel(q) {
			return true
		}
	}
	return p.Type == "ByteLevel"
}

// each makes what f makes of parts.
func each[T any](parts []*part, f func(*part) (T, error)) ([]T, error) {
	out := make([]T, 0, len(parts))
	for i, p := range parts {
		if p == nil {
			return nil, bad(tokenizerJSON, fmt.Sprintf("part %d of a Sequence", i), "a part", "null")
		}
		x, err := f(p)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}
