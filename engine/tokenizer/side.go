package tokenizer

import (
	"encoding/json"
	"slices"
	"strings"

	"loupe/engine/tokenizer/subword"
)

// side is what the files beside a tokenizer say of it.
type side struct {
	Class      string           `json:"tokenizer_class"`
	BOS        name             `json:"bos_token"`
	EOS        name             `json:"eos_token"`
	Unk        name             `json:"unk_token"`
	Sep        name             `json:"sep_token"`
	Cls        name             `json:"cls_token"`
	Pad        name             `json:"pad_token"`
	Mask       name             `json:"mask_token"`
	AddBOS     *bool            `json:"add_bos_token"`
	AddEOS     *bool            `json:"add_eos_token"`
	AddPrefix  *bool            `json:"add_prefix_space"`
	Lower      *bool            `json:"do_lower_case"`
	Accents    *bool            `json:"strip_accents"`
	Chinese    *bool            `json:"tokenize_chinese_chars"`
	Added      map[string]added `json:"added_tokens_decoder"`
	Template   json.RawMessage  `json:"chat_template"`
	generation struct {
		EOS json.RawMessage `json:"eos_token_id"`
	}
}

// name is a token's name: "</s>" or {"content": "</s>", ..}.
type name string

func (n *name) UnmarshalJSON(b []byte) error {
	var s *string
	if json.Unmarshal(b, &s) == nil {
		if s != nil {
			*n = name(*s)
		}
		return nil
	}
	var o struct{ Content string }
	if err := json.Unmarshal(b, &o); err == nil {
		*n = name(o.Content)
	}
	return nil // another kind of value names no token
}

// readSide reads what is there.
func readSide(files map[string][]byte) (*side, error) {
	s := &side{}
	for _, f := range []string{"special_tokens_map.json", "tokenizer_config.json"} {
		if b, ok := files[f]; ok {
			if _, err := readJSON(f, b, s); err != nil {
				return nil, err
			}
		}
	}
	const generation = "generation_config.json"
	if b, ok := files[generation]; ok {
		if _, err := readJSON(generation, b, &s.generation); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// ends are the names of tokens after which a text is over, where no file says which they are, or says only some.
var ends = []string{"<|endoftext|>", "</s>", "<eos>", "<|end|>", "<EOS>", "<|eot_id|>", "<|im_end|>", "<end_of_turn>", "<|end_of_text|>"}

// roles are what tokens are for, by what the files say and by names.
func (s *side) roles(v *subword.Vocab, tokens []added) roles {
	r := roles{special: map[int]bool{}, mask: subword.None}
	for _, a := range tokens {
		if a.Special && a.Content != string(s.Unk) && !strings.EqualFold(strings.Trim(a.Content, "<>[]"), "unk") {
			r.special[a.ID] = true
		}
	}
	for _, n := range []name{s.Mask, "[MASK]", "<mask>"} {
		if id, ok := v.IDs[string(n)]; ok && r.mask < 0 {
			r.mask = int(id)
		}
	}
	end := func(id int) {
		if id >= 0 && id < len(v.Names) && !slices.Contains(r.ends, id) {
			r.ends = append(r.ends, id)
		}
	}
	var one int
	var several []int
	switch {
	case json.Unmarshal(s.generation.EOS, &one) == nil && len(s.generation.EOS) > 0 && string(s.generation.EOS) != "null":
		end(one)
	case json.Unmarshal(s.generation.EOS, &several) == nil:
		for _, id := range several {
			end(id)
		}
	}
	if id, ok := v.IDs[string(s.EOS)]; ok {
		end(int(id))
	}
	if r.ends == nil {
		for _, n := range ends {
			if id, ok := v.IDs[n]; ok && (len(tokens) == 0 || r.special[int(id)]) {
				end(int(id))
			}
		}
	}
	for _, id := range r.ends {
		r.special[id] = true
	}
	return r
}

// marks puts <s> before and </s> after a text where the class of the tokenizer says so: its own code, not the file, decides.
func (p *pipeline) marks(s *side) {
	switch strings.TrimSuffix(s.Class, "Fast") {
	case "LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer":
	default:
		return
	}
	if s.BOS == "" {
		return
	}
	p.before, p.after = nil, nil
	if id, ok := p.vocab.IDs[string(s.BOS)]; ok && or(s.AddBOS, true) {
		p.before = []int{int(id)}
	}
	if id, ok := p.vocab.IDs[string(s.EOS)]; ok && or(s.AddEOS, false) {
		p.after = []int{int(id)}
	}
}
