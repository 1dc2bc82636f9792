package pytorch

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"loupe/engine/checkpoint/format"
)

// Limits of what is kept of the values beside the weights.
const (
	maxFacts = 256
	maxTries = 32   // groups of settings, and values that may be the vocabulary
	maxText  = 1024 // bytes of a string, members of a list
)

// settings are the keys under which people save a model's and a training's settings.
var settings = []string{"args", "config", "hparams", "hyper_parameters", "hyperparameters", "opt", "options", "params", "kwargs", "model_args", "cfg"}

// about notes what a file says beside its tensors: where the weights lie in it (pytorch.path), the class of a whole module
// (pytorch.class), the classes that it names and that nothing was made of (pytorch.classes), numbers, texts and lists beside the
// weights under their keys, those of args = Namespace(..) as args.nhid, and those of a module's parts as rnn.mode. A list or dict
// of the vocabulary becomes a tokenizer.json.
func about(f *format.File, w *weights, u *unpickler) {
	facts := facts(f.Metadata)
	if len(w.path) > 0 {
		facts["pytorch.path"] = strings.Join(w.path, ".")
	}
	if w.class != "" {
		facts["pytorch.class"] = w.class
	}
	if len(u.classes) > 0 {
		facts["pytorch.classes"] = u.classes
	}
	if o, ok := w.within.(*object); ok && w.class != "" {
		facts.module(o, "", 0)
	}
	values, groups := append(slices.Clone(w.parents), w.within), 0
	for _, v := range values {
		if v == w.within && w.class != "" {
			break // its attributes are there already
		}
		for _, p := range fields(v) {
			key, ok := p.key.(string)
			if !ok {
				continue
			}
			facts.add(key, p.value)
			if slices.Contains(settings, key) && groups < maxTries {
				groups++
				for _, s := range fields(p.value) {
					if name, ok := s.key.(string); ok {
						facts.add(key+"."+name, s.value)
					}
				}
			}
		}
	}
	if b := vocabulary(f.Tensors, values); b != nil {
		f.Files["tokenizer.json"] = b
	}
}

// facts are a file's metadata.
type facts map[string]any

// add keeps a plain value, the first of its key.
func (f facts) add(key string, v any) {
	if _, twice := f[key]; twice || len(f) >= maxFacts || len(key) > maxText || strings.HasPrefix(key[strings.LastIndexByte(key, '.')+1:], "_") || !utf8.ValidString(key) {
		return
	}
	switch v := v.(type) {
	case bool, int64, float64:
		f[key] = v
	case string:
		if len(v) <= maxText && utf8.ValidString(v) {
			f[key] = v
		}
	case *seq:
		f.list(key, v)
	}
}

// list keeps a short list of values of one type.
func (f facts) list(key string, v *seq) {
	if len(v.items) == 0 || len(v.items) > maxText {
		return
	}
	var texts []string
	var whole []int64
	var real []float64
	for _, x := range v.items {
		switch x := x.(type) {
		case string:
			if len(x) <= maxText && utf8.ValidString(x) {
				texts = append(texts, x)
			}
		case int64:
			whole = append(whole, x)
		case float64:
			real = append(real, x)
		}
	}
	switch len(v.items) {
	case len(texts):
		f[key] = texts
	case len(whole):
		f[key] = whole
	case len(real):
		f[key] = real
	}
}

// module keeps the settings of a pickled module and of its parts: nhid, rnn.mode, drop.p.
func (f facts) module(o *object, prefix string, depth int) {
	attrs := o.attrs()
	if attrs == nil || depth > maxModules || len(f) >= maxFacts || len(prefix) > maxName {
		return
	}
	for _, p := range attrs.pairs {
		key, ok := p.key.(string)
		if ok && key != "training" && key != "call_super_init" && key != "dump_patches" {
			f.add(prefix+key, p.value)
		}
	}
	d, _ := attrs.get("_modules").(*dict)
	if d == nil {
		return
	}
	for _, p := range d.pairs {
		name, isName := p.key.(string)
		if part, ok := p.value.(*object); ok && isName && len(f) < maxFacts {
			f.module(part, prefix+name+".", depth+1)
		}
	}
}

// vocabularies are the keys under which people save the tokens, those in the order of their ids before those by token.
var vocabularies = []string{"itos", "idx2word", "idx2char", "id2token", "idx_to_char", "idx_to_word", "idx_to_token", "ix_to_char", "ix_to_word",
	"int2char", "int_to_char", "int2token", "index2word", "i2w", "i2c", "id_to_token", "id2word", "id2char", "itow", "itoc",
	"stoi", "word2idx", "char2idx", "token2id", "char_to_idx", "word_to_idx", "token_to_idx", "char_to_ix", "word_to_ix",
	"char2int", "char_to_int", "token2int", "word2index", "w2i", "c2i", "token_to_id", "word2id", "char2id", "wtoi", "ctoi",
	"vocab", "vocabulary", "tokens", "chars", "characters", "all_characters", "alphabet", "words", "dictionary", "mapping"}

// vocabulary finds the model's tokens among the values: a list, text or dict under one of those keys that has one token for each row
// (or, where a model reads one-hot, each column) of some matrix. It is given as a tokenizer.json, or nil.
func vocabulary(tensors []format.Tensor, values []any) []byte {
	sizes := map[int]bool{}
	for _, t := range tensors {
		if len(t.Shape) == 2 {
			sizes[t.Shape[0]], sizes[t.Shape[1]] = true, true
		}
	}
	rank, tries := len(vocabularies), 0
	var tokens []string
	for _, v := range values {
		for _, p := range beside(v, 0) {
			key, _ := p.key.(string)
			i := slices.Index(vocabularies, strings.ToLower(key))
			if i < 0 || i >= rank || tries == maxTries {
				continue
			}
			tries++
			if list := tokenList(p.value); sizes[len(list)] {
				rank, tokens = i, list
			}
		}
	}
	if tokens == nil {
		return nil
	}
	single := 0
	for _, s := range tokens {
		if utf8.RuneCountInString(s) == 1 {
			single++
		}
	}
	kind := "word"
	if single*10 >= len(tokens)*9 || len(tokens)-single <= 4 {
		kind = "char"
	}
	b, err := json.Marshal(map[string]any{"type": kind, "vocab": tokens})
	if err != nil {
		return nil
	}
	return b
}

// beside are the pairs of a value and, two levels down, of what lies in it (a corpus that has a dictionary, say).
func beside(v any, depth int) []pair {
	all := fields(v)
	if depth == 2 || len(all) > maxText {
		return all
	}
	all = all[:len(all):len(all)]
	for _, p := range fields(v) {
		if _, ok := p.key.(string); ok && len(all) < 1<<16 {
			all = append(all, beside(p.value, depth+1)...)
		}
	}
	return all
}

// tokenList is a vocabulary in the order of ids, each token once: of a list, of the letters of a text, or of a dict from tokens to
// ids or from ids to tokens. It is nil if v is nothing of that.
func tokenList(v any) []string {
	var list []string
	switch v := v.(type) {
	case string:
		list = strings.Split(v, "")
	case *seq:
		for _, x := range v.items {
			s, ok := x.(string)
			if !ok {
				return nil
			}
			list = append(list, s)
		}
	default:
		pairs := fields(v)
		list = make([]string, len(pairs))
		for _, p := range pairs {
			s, isText := p.key.(string)
			id, isID := p.value.(int64)
			if !isText {
				s, isText = p.value.(string)
				id, isID = p.key.(int64)
			}
			if !isText || !isID || id < 0 || id >= int64(len(list)) || list[id] != "" {
				return nil
			}
			list[id] = s
		}
	}
	seen := make(map[string]bool, len(list))
	for _, s := range list {
		if s == "" || seen[s] || !utf8.ValidString(s) {
			return nil
		}
		seen[s] = true
	}
	return list
}
