package tokenizer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"loupe/engine/fault"
	"loupe/engine/tokenizer/normal"
	"loupe/engine/tokenizer/pre"
	"loupe/engine/tokenizer/subword"
	"loupe/engine/tokenizer/text"
)

// gguf is the tokenizer in the metadata of a GGUF file (ggml's docs/gguf.md; llama.cpp's src/llama-vocab.cpp).
type gguf struct {
	meta   map[string]any
	names  []string
	types  []int64
	scores []float64
}

const ggml = "tokenizer.ggml."

func get[T any](g *gguf, key string) (x T, ok bool) {
	x, ok = g.meta[ggml+key].(T)
	return x, ok
}

// id is a token's id under a key, or -1.
func (g *gguf) id(key string) int {
	if id, ok := get[int64](g, key+"_token_id"); ok && id >= 0 && id < int64(len(g.names)) {
		return int(id)
	}
	return subword.None
}

func (g *gguf) is(key string, missing bool) bool {
	if on, ok := get[bool](g, key); ok {
		return on
	}
	return missing
}

func (g *gguf) kind(i int) int64 {
	if i < len(g.types) {
		return g.types[i]
	}
	return pieceNormal
}

func badGGUF(key, expected, found string) error { return bad("", ggml+key, expected, found) }

func openGGUF(meta map[string]any) (Tokenizer, error) {
	g := &gguf{meta: meta}
	model, _ := get[string](g, "model")
	var ok bool
	if g.names, ok = get[[]string](g, "tokens"); !ok || len(g.names) == 0 {
		return nil, badGGUF("tokens", "a list of tokens", "none")
	}
	if len(g.names) > maxVocab {
		return nil, tooLarge("", ggml+"tokens", fmt.Sprintf("at most %d tokens", maxVocab), fmt.Sprint(len(g.names)))
	}
	g.types, _ = get[[]int64](g, "token_type")
	g.scores, _ = get[[]float64](g, "scores")
	v, err := g.vocab(model == "bert")
	if err != nil {
		return nil, err
	}
	p := &pipeline{vocab: v, normal: keep, pre: whole}
	var open func(*pipeline) error
	switch model {
	case "gpt2":
		open = g.bpe
	case "llama":
		open = g.llama
	case "bert":
		open = g.bert
	case "t5":
		open = g.t5
	default:
		return nil, badGGUF("model", "gpt2, llama, bert or t5", fault.Quote(model))
	}
	if err := open(p); err != nil {
		return nil, err
	}
	tokens := g.added()
	if model == "t5" { // Unigram finds what users defined by itself
		tokens = slices.DeleteFunc(tokens, func(a added) bool { return !a.Special })
	}
	p.finish(tokens, &side{}, nil)
	g.roles(p)
	return p, nil
}

// vocab are the names. BERT's mark words that begin with U+2581; here those that go on are marked, as in its own files.
func (g *gguf) vocab(bert bool) (*subword.Vocab, error) {
	v := &subword.Vocab{Names: slices.Clone(g.names), IDs: make(map[string]int32, len(g.names))}
	for i, s := range v.Names {
		if len(s) > maxToken {
			return nil, badGGUF(fmt.Sprintf("tokens[%d]", i), fmt.Sprintf("at most %d bytes", maxToken), fmt.Sprint(len(s)))
		}
		if bert && g.kind(i) == pieceNormal && !special(s) {
			rest, begins := strings.CutPrefix(s, normal.Escaped)
			if s = rest; !begins {
				s = "##" + s
			}
			v.Names[i] = s
		}
		if s == "" {
			continue
		}
		if j, twice := v.IDs[s]; twice {
			return nil, badGGUF(fmt.Sprintf("tokens[%d]", i), "each token once", fmt.Sprintf("%s, which is tokens[%d] too", fault.Quote(s), j))
		}
		v.IDs[s] = int32(i)
	}
	return v, nil
}

// added are the marks, and what users defined.
func (g *gguf) added() (out []added) {
	plain := false
	for i, s := range g.names {
		kind := g.kind(i)
		mark := kind == pieceControl || kind == pieceUnknown
		if s != "" && (mark || kind == pieceUser) {
			out = append(out, added{ID: i, Content: s, Special: mark, Normalized: &plain})
		}
	}
	return out
}

// roles: after which tokens a text is over, and the mask.
func (g *gguf) roles(p *pipeline) {
	var named []int
	for _, key := range []string{"eos", "eot", "eom"} {
		if id := g.id(key); id >= 0 && !slices.Contains(named, id) {
			named = append(named, id)
		}
	}
	for _, id := range p.ends {
		if !slices.Contains(named, id) && g.kind(id) != pieceNormal {
			named = append(named, id)
		}
	}
	p.ends = named
	for _, id := range append(named, g.id("bos"), g.id("padding"), g.id("cls"), g.id("seperator"), g.id("mask")) {
		if id >= 0 {
			p.special[id] = true
		}
	}
	if id := g.id("mask"); id >= 0 {
		p.mask = id
	}
}

// around puts marks around a text where the file says so; missing: what it means if it does not say.
func (g *gguf) around(p *pipeline, bos, eos bool) {
	if id := g.id("bos"); id >= 0 && g.is("add_bos_token", bos) {
		p.before = []int{id}
	}
	if id := g.id("eos"); id >= 0 && g.is("add_eos_token", eos) {
		p.after = []int{id}
	}
}

// bpe is byte-level BPE; the name under "pre" says how text is cut.
func (g *gguf) bpe(p *pipeline) error {
	name, _ := get[string](g, "pre")
	cut, ok := ggufCuts[name]
	if !ok {
		return badGGUF("pre", "a pre-tokenizer that this version knows", fault.Quote(name))
	}
	list, ok := get[[]string](g, "merges")
	if !ok {
		return badGGUF("merges", "a list of merges", "none")
	}
	m := newMerges("", p.vocab, subword.BPEOptions{Unk: subword.None, IgnoreMerges: cut.ignore}, len(list))
	for i, s := range list {
		where := func() string { return fmt.Sprintf("%smerges[%d]", ggml, i) }
		if len(s) > 2*maxToken {
			return bad("", where(), fmt.Sprintf("at most %d bytes", 2*maxToken), fmt.Sprint(len(s)))
		}
		if err := m.line(where, s); err != nil {
			return err
		}
	}
	p.kind, p.model, p.decoders = "byte-level BPE", m.bpe, []decoder{byteLevel}
	p.pre = pre.All(slices.Concat(cut.steps, []pre.Step{pre.Bytes(&alphabet)}, cut.spelt))
	if cut.nfc {
		p.normal = normal.NFC
	}
	g.around(p, cut.bos, false)
	return nil
}

// llama is SentencePiece's BPE, its merges by score.
func (g *gguf) llama(p *pipeline) error {
	if len(g.scores) < len(g.names) {
		return badGGUF("scores", fmt.Sprint(len(g.names), " scores"), fmt.Sprint(len(g.scores)))
	}
	scores := make([]float32, len(g.names))
	normals := make(map[string]int32, len(g.names))
	unk := int32(g.id("unknown"))
	for i, s := range g.names {
		if scores[i] = float32(g.scores[i]); scores[i] != scores[i] {
			return badGGUF(fmt.Sprintf("scores[%d]", i), "a score", "not a number")
		}
		switch g.kind(i) {
		case pieceNormal, pieceUser, pieceUnused:
			if s != "" {
				normals[s] = int32(i)
			}
		case pieceUnknown:
			unk = int32(i)
		}
	}
	prefix := g.is("add_space_prefix", true)
	p.kind, p.model = "BPE", subword.NewScored(p.vocab, scores, normals, nil, unk, true)
	p.normal = (&normal.SentencePiece{Map: &normal.Charsmap{}, AddPrefix: prefix, Escape: true}).Step
	p.decoders, p.pre = spDecoders(prefix), atSpaces(p.vocab, g.added())
	g.around(p, true, false)
	return nil
}

// bert is WordPiece.
func (g *gguf) bert(p *pipeline) error {
	unk := int32(g.id("unknown"))
	if unk < 0 {
		unk = p.vocab.ID("[UNK]")
	}
	lower := g.is("normalizer.lowercase", true)
	p.kind, p.pre, p.decoders = "WordPiece", pre.Bert, []decoder{wordPiece("##", true)}
	p.normal = normal.Bert{Clean: true, Chinese: true, Lower: lower, Accents: g.is("normalizer.strip_accents", lower)}.Step
	p.model = subword.NewWordPiece(p.vocab, "##", unk, 100)
	for _, m := range []struct {
		keys []string
		name string
		to   *[]int
	}{{[]string{"cls", "bos"}, "[CLS]", &p.before}, {[]string{"seperator", "eos"}, "[SEP]", &p.after}} {
		id := int(p.vocab.ID(m.name))
		for _, key := range slices.Backward(m.keys) {
			if i := g.id(key); i >= 0 {
				id = i
			}
		}
		if id >= 0 {
			*m.to = []int{id}
		}
	}
	return nil
}

// t5 is SentencePiece's Unigram.
func (g *gguf) t5(p *pipeline) error {
	if len(g.scores) < len(g.names) {
		return badGGUF("scores", fmt.Sprint(len(g.names), " scores"), fmt.Sprint(len(g.scores)))
	}
	var raw []byte
	switch m := g.meta[ggml+"precompiled_charsmap"].(type) {
	case []int64:
		for _, b := range m {
			raw = append(raw, byte(b))
		}
	case []byte:
		raw = m
	}
	m, ok := normal.NewCharsmap(raw)
	if !ok {
		return badGGUF("precompiled_charsmap", "a trie and its strings", fault.Bytes(len(raw))+" that are none")
	}
	normals, users := map[string]int32{}, map[string]int32{}
	user := make([]bool, len(g.names))
	scores := make([]float64, len(g.names))
	lowest, highest := math.MaxFloat32, 0x1p-126
	unk := int32(g.id("unknown"))
	for i, s := range g.names {
		if scores[i] = float64(float32(g.scores[i])); scores[i] != scores[i] {
			return badGGUF(fmt.Sprintf("scores[%d]", i), "a score", "not a number")
		}
		switch kind := g.kind(i); {
		case s == "":
		case kind == pieceNormal:
			lowest, highest = min(lowest, scores[i]), max(highest, scores[i])
			normals[s] = int32(i)
		case kind == pieceUser:
			user[i], normals[s], users[s] = true, int32(i), int32(i)
		case kind == pieceUnknown:
			unk = int32(i)
		}
	}
	step := &normal.SentencePiece{Map: m, AddPrefix: g.is("add_space_prefix", true), RemoveExtra: g.is("remove_extra_whitespaces", true), Escape: true}
	if len(users) > 0 {
		step.User = text.NewTrie(users)
	}
	p.kind, p.normal, p.decoders = "Unigram", step.Step, spDecoders(step.AddPrefix)
	p.model = subword.NewUnigram(p.vocab, normals, scores, lowest, highest, subword.UnigramOptions{Unk: unk, Single: true, User: user})
	g.around(p, false, true)
	return nil
}

// atSpaces cuts an escaped text before each space after which a word begins, if no token reaches across: merges stay within
// words then, which are remembered.
func atSpaces(v *subword.Vocab, tokens []added) pre.Step {
	literal := map[string]bool{}
	for _, a := range tokens {
		literal[a.Content] = true
	}
	if v.ID(normal.Escaped) == subword.None {
		return whole
	}
	for _, name := range v.Names {
		if i := strings.LastIndex(name, normal.Escaped); i > 0 && !literal[name] && strings.Trim(name[:i], normal.Escaped) != "" {
			return whole
		}
	}
	return pre.Words(normal.Escaped)
}
