package tokenizer

import (
	"bytes"
	"cmp"
	"strings"

	"loupe/engine/tokenizer/normal"
	"loupe/engine/tokenizer/subword"
)

// openMarian is transformers' MarianTokenizer (tokenization_marian.py): a SentencePiece model for each side cuts text into pieces, whose ids are
// those of vocab.json, or for the target of target_vocab.json where there is one. What the vocabulary has not is <unk>; </s> ends a
// text; >>fr<<, which says the language of the target, is one token. Punctuation is left as it stands, as there without sacremoses.
func openMarian(files map[string][]byte) (source, target Tokenizer, err error) {
	side, err := readSide(files)
	if err != nil {
		return nil, nil, err
	}
	if files["target.spm"] == nil {
		return nil, nil, missing("source.spm", "target.spm beside it", "none")
	}
	own := "vocab.json"
	if files["target_vocab.json"] != nil {
		own = "target_vocab.json"
	}
	if source, err = marianSide("source.spm", "vocab.json", files, side); err != nil {
		return nil, nil, err
	}
	if own == "vocab.json" && bytes.Equal(files["source.spm"], files["target.spm"]) {
		return source, source, nil
	}
	target, err = marianSide("target.spm", own, files, side)
	return source, target, err
}

// marianSide makes the tokenizer of one side.
func marianSide(spm, vocab string, files map[string][]byte, side *side) (Tokenizer, error) {
	v, err := marianVocab(vocab, files[vocab])
	if err != nil {
		return nil, err
	}
	s, err := readSentencePiece(spm, files[spm])
	if err != nil {
		return nil, err
	}
	pieces, err := s.vocab(spm)
	if err != nil {
		return nil, err
	}
	m, ok := normal.NewCharsmap(s.charsmap)
	if !ok {
		return nil, bad(spm, "normalizer_spec.precompiled_charsmap", "a trie and its strings", "none")
	}
	s.normal.Map = m
	inner, kind, err := s.subwords(spm, pieces)
	if err != nil {
		return nil, err
	}
	r := &renumbered{inner: inner, ids: v.IDs, to: make([]int32, len(s.pieces))}
	var special []added
	var marks [3]int32 // </s>, <unk>, <pad>
	for i, n := range []string{cmp.Or(string(side.EOS), "</s>"), cmp.Or(string(side.Unk), "<unk>"), cmp.Or(string(side.Pad), "<pad>")} {
		id, ok := v.IDs[n]
		if !ok {
			return nil, missing(vocab, n, "none")
		}
		marks[i] = id
		special = append(special, added{ID: int(id), Content: n, Special: true})
	}
	r.unk = marks[1]
	for i, piece := range s.pieces {
		if r.to[i] = subword.None; s.types[i] != pieceUnknown {
			if id, ok := v.IDs[piece]; ok {
				r.to[i] = id
			}
		}
	}
	for id, n := range v.Names {
		if strings.HasPrefix(n, ">>") && strings.HasSuffix(n, "<<") {
			special = append(special, added{ID: id, Content: n, Special: true})
		}
	}
	p := &pipeline{vocab: v, pre: whole, normal: s.normal.Step, model: r, kind: kind, after: []int{int(marks[0])}, decoders: spDecoders(s.normal.AddPrefix && !s.normal.Suffix)}
	p.finish(unique(special), side, func(s string) string { return s })
	return p, nil
}

// marianVocab reads {"piece": id, ..}.
func marianVocab(file string, b []byte) (*subword.Vocab, error) {
	if b == nil {
		return nil, missing("source.spm", file+" beside it", "none")
	}
	var all any
	if _, err := readJSON(file, b, &all); err != nil {
		return nil, err
	}
	names, err := namesOf(file, "", all)
	if err != nil {
		return nil, err
	}
	names = apart(names)
	v := &subword.Vocab{Names: names, IDs: make(map[string]int32, len(names))}
	for i, n := range names {
		v.IDs[n] = int32(i)
	}
	return v, nil
}

// renumbered is a model whose pieces have other ids.
type renumbered struct {
	inner subword.Model
	to    []int32          // the id of each of its pieces; subword.None: by its text, as of pieces that it has not itself
	ids   map[string]int32 // by text
	unk   int32
}

func (r *renumbered) Encode(dst []subword.Piece, s string) []subword.Piece {
	from, at := len(dst), 0
	dst = r.inner.Encode(dst, s)
	for i := from; i < len(dst); i++ {
		p := &dst[i]
		text := s[at : at+int(p.Len)]
		at += int(p.Len)
		id := int32(subword.None)
		if p.ID >= 0 {
			id = r.to[p.ID]
		}
		if known, ok := r.ids[text]; ok && id < 0 {
			id = known
		}
		if p.ID = id; id < 0 {
			p.ID = r.unk
		}
	}
	return dst
}
