package tokenizer

import (
	"encoding/json"
	"fmt"

	"loupe/engine/tokenizer/normal"
	"loupe/engine/tokenizer/subword"
)

// maxMarks is the most tokens that a file may put around a text.
const maxMarks = 64

// postProcessor is what a file puts around a text: ids before and after it.
func postProcessor(p *part, v *subword.Vocab) (before, after []int, err error) {
	if p == nil {
		return nil, nil, nil
	}
	switch p.Type {
	case "ByteLevel": // trims offsets only
		return nil, nil, nil
	case "Sequence":
		for i, q := range p.Processors {
			if q == nil {
				return nil, nil, bad(tokenizerJSON, fmt.Sprintf("post_processor.processors[%d]", i), "a processor", "null")
			}
			b, a, err := postProcessor(q, v)
			if err != nil {
				return nil, nil, err
			}
			if before, after = append(b, before...), append(after, a...); len(before)+len(after) > maxMarks {
				return nil, nil, bad(tokenizerJSON, "post_processor", fmt.Sprintf("at most %d special tokens", maxMarks), "more")
			}
		}
		return before, after, nil
	case "BertProcessing", "RobertaProcessing":
		for _, raw := range []json.RawMessage{p.Cls, p.Sep} {
			var name string
			var id int
			if json.Unmarshal(raw, &[]any{&name, &id}) != nil || id < 0 || id >= len(v.Names) {
				return nil, nil, bad(tokenizerJSON, "post_processor", `cls and sep: ["token", id]`, "another value")
			}
			before, after = after, []int{id}
		}
		return before, after, nil
	case "TemplateProcessing":
		return template(p, v)
	}
	return nil, nil, unknownPart("post_processor", p, "a post-processor that this version knows")
}

// template is the template for a single text: special tokens and the text's, as {"SpecialToken": ..}, {"Sequence": ..}.
func template(p *part, v *subword.Vocab) (before, after []int, err error) {
	const where = "post_processor.single"
	var pieces []struct {
		SpecialToken, Sequence *struct{ ID string }
	}
	if err := json.Unmarshal(p.Single, &pieces); err != nil {
		return nil, nil, bad(tokenizerJSON, where, "a list of SpecialToken and Sequence", "another value")
	}
	seen := false
	for _, q := range pieces {
		switch {
		case q.Sequence != nil:
			seen = true
		case q.SpecialToken != nil:
			for _, id := range p.Special[q.SpecialToken.ID].IDs {
				if id < 0 || id >= len(v.Names) {
					return nil, nil, bad(tokenizerJSON, where, "ids of the vocabulary", fmt.Sprint(id))
				}
				if len(before)+len(after) == maxMarks {
					return nil, nil, bad(tokenizerJSON, where, fmt.Sprintf("at most %d special tokens", maxMarks), "more")
				}
				if seen {
					after = append(after, id)
				} else {
					before = append(before, id)
				}
			}
		}
	}
	return before, after, nil
}

// decodersOf are the decoders of a file, in order.
func decodersOf(p *part) ([]decoder, error) {
	if err := p.tooLong("decoder"); err != nil {
		return nil, err
	}
	switch p.Type {
	case "Sequence":
		lists, err := each(p.Decoders, decodersOf)
		var out []decoder
		for _, l := range lists {
			out = append(out, l...)
		}
		return out, err
	case "ByteLevel":
		return []decoder{byteLevel}, nil
	case "ByteFallback":
		return []decoder{byteTokens}, nil
	case "Fuse":
		return nil, nil
	case "Replace":
		if p.Pattern == nil || p.Pattern.String == nil {
			return nil, bad(tokenizerJSON, "decoder.pattern", "String", "another")
		}
		return []decoder{replacing(*p.Pattern.String, p.Content)}, nil
	case "Strip":
		return []decoder{strip(p.Content, p.Start, p.Stop)}, nil
	case "Metaspace":
		mark := p.Replacement
		if mark == "" {
			mark = normal.Escaped
		}
		return []decoder{metaspace(mark, p.scheme() != "never")}, nil
	case "WordPiece":
		prefix := "##"
		if p.Prefix != nil {
			prefix = *p.Prefix
		}
		return []decoder{wordPiece(prefix, or(p.Cleanup, true))}, nil
	case "BPEDecoder":
		suffix := "</w>"
		if p.Suffix != nil {
			suffix = *p.Suffix
		}
		return []decoder{wordEnd(suffix)}, nil
	}
	return nil, unknownPart("decoder", p, "a decoder that this version knows")
}
