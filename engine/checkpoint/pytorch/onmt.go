package pytorch

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// maxVocabLevels is how deep in what OpenNMT-py keeps under "vocab" the tokens may lie: dict, TextMultiField, list, tuple, Field, Vocab.
const maxVocabLevels = 8

// onmt is a checkpoint of OpenNMT-py: {"model", "generator", "vocab", "opt", ..} (its ModelSaver, v0.1 to v3), or ok is false. The
// generator's tensors are named generator.*, the options become a config.json, and the two vocabularies are in the metadata as source_vocab
// and target_vocab, in the order of ids.
func (c *container) onmt(top any) (f *format.File, ok bool, err error) {
	d, isDict := top.(*dict)
	if !isDict {
		return nil, false, nil
	}
	model, isModel := d.get("model").(*dict)
	generator, isGenerator := d.get("generator").(*dict)
	vocab, opt := d.get("vocab"), d.get("opt")
	if !isModel || !isGenerator || vocab == nil {
		return nil, false, nil
	}
	if len(fields(opt)) == 0 {
		return nil, true, fail(fault.BadConfig, "opt", "the options of OpenNMT-py's training", kind(opt))
	}
	w := &weights{}
	for _, part := range []struct {
		prefix string
		from   *dict
	}{{"", model}, {"generator.", generator}} {
		for _, p := range part.from.pairs {
			if name, isName := p.key.(string); isName {
				if a, isArray := p.value.(*array); isArray {
					w.add(part.prefix+name, a)
				}
			}
		}
	}
	if len(w.names) == 0 || len(w.names) > format.MaxTensors {
		return nil, true, fail(fault.NoWeights, "model", fmt.Sprintf("1 to %d tensors", format.MaxTensors), fmt.Sprint(len(w.names)))
	}
	source, err := onmtVocab(vocab, "src")
	if err != nil {
		return nil, true, err
	}
	target, err := onmtVocab(vocab, "tgt")
	if err != nil {
		return nil, true, err
	}
	config, err := onmtConfig(opt, source, target)
	if err != nil {
		return nil, true, err
	}
	tensors, err := c.tensors(w)
	if err != nil {
		return nil, true, err
	}
	return &format.File{Tensors: tensors, Config: config, Files: map[string][]byte{}, Metadata: map[string]any{"source_vocab": source, "target_vocab": target}}, true, nil
}

// onmtVocab is the vocabulary of a side.
func onmtVocab(vocab any, side string) ([]string, error) {
	list := itos(vocab, side, maxVocabLevels)
	if len(list) == 0 {
		return nil, fail(fault.BadConfig, "vocab."+side, "a list of tokens, or torchtext's Field with its Vocab", "none")
	}
	out := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok || !utf8.ValidString(s) {
			return nil, fail(fault.BadConfig, fmt.Sprintf("vocab.%s[%d]", side, i), "a token in UTF-8", kind(v))
		}
		out[i] = s
	}
	return out, nil
}

// itos finds the tokens of a side in v:
//
//	v0.1 to 0.7   [("src", Vocab), ("tgt", Vocab), ..]
//	v0.8          {"src": [("src", Field)], ..}
//	v0.9 to 2     {"src": TextMultiField, ..}, whose fields are [("src", Field)]
//	v3            {"src": [token, ..], ..}
func itos(v any, side string, levels int) []any {
	if levels == 0 {
		return nil
	}
	switch v := v.(type) {
	case *seq:
		for _, x := range v.items {
			if t, ok := x.(*seq); ok && len(t.items) == 2 && t.items[0] == side {
				return itos(t.items[1], side, levels-1)
			}
		}
		if len(v.items) > 0 {
			if _, ok := v.items[0].(string); ok {
				return v.items
			}
		}
	case *dict:
		return itos(v.get(side), side, levels-1)
	case *object:
		attrs := v.attrs()
		for _, key := range []string{"itos", "vocab", "base_field", "fields"} {
			if attrs == nil {
				break
			}
			if list := itos(attrs.get(key), side, levels-1); list != nil {
				return list
			}
		}
	}
	return nil
}

// onmtConfig is the options as a config.json: what one option says of both halves (layers, word_vec_size, rnn_size, brnn) is said of each, as
// OpenNMT-py does when it opens a checkpoint, and v3's names of sizes are those of before.
func onmtConfig(opt any, source, target []string) ([]byte, error) {
	c := map[string]any{}
	for _, p := range fields(opt) {
		key, ok := p.key.(string)
		if !ok || len(c) >= maxFacts || len(key) > maxText {
			continue
		}
		switch v := p.value.(type) {
		case bool, int64:
			c[key] = v
		case float64:
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				c[key] = v
			}
		case string:
			if len(v) <= maxText {
				c[key] = v
			}
		}
	}
	if kind := c["model_type"]; kind != nil && kind != "text" {
		return nil, fail(fault.Unsupported, "opt.model_type", `"text"`, fault.Quote(fmtAny(kind)))
	}
	c["model_type"] = "onmt"
	for _, k := range []struct {
		from string
		to   []string
	}{{"hidden_size", []string{"rnn_size"}}, {"enc_hid_size", []string{"enc_rnn_size"}}, {"dec_hid_size", []string{"dec_rnn_size"}},
		{"layers", []string{"enc_layers", "dec_layers"}}, {"word_vec_size", []string{"src_word_vec_size", "tgt_word_vec_size"}}, {"rnn_size", []string{"enc_rnn_size", "dec_rnn_size"}}} {
		if n, ok := c[k.from].(int64); ok && n > 0 {
			for _, to := range k.to {
				c[to] = n
			}
		}
	}
	if c["brnn"] == true {
		c["encoder_type"] = "brnn"
	}
	start, end := slices.Index(target, "<s>"), slices.Index(target, "</s>")
	if start < 0 || end < 0 {
		return nil, fail(fault.BadConfig, "vocab.tgt", "<s> and </s>", "not both")
	}
	c["tgt_start"], c["tgt_end"] = start, end
	c["src_vocab_size"], c["tgt_vocab_size"] = len(source), len(target)
	c["source_tokens"], c["target_tokens"] = onmtTokens(source), onmtTokens(target)
	return json.Marshal(c)
}

// onmtTokens is what a text is cut into: OpenNMT-py's texts have spaces between tokens, be they words or characters.
func onmtTokens(vocab []string) string {
	for _, s := range vocab {
		if marked := len(s) > 2 && s[0] == '<' && s[len(s)-1] == '>'; !marked && utf8.RuneCountInString(s) != 1 {
			return "words"
		}
	}
	return "characters"
}
