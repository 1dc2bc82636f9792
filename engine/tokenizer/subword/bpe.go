package subword

// BPE is byte-pair encoding (Sennrich et al. 2016) with merges by rank: of tokens, characters to begin with.
type BPE struct {
	BPEOptions
	vocab  *Vocab
	merges map[[2]int32]merged
	bytes  fallback
	letter [128]int32 // the tokens of single characters, if they need neither prefix nor suffix
	m      merger
}

// BPEOptions are what files say of it.
type BPEOptions struct {
	Unk          int32 // None: what has no token is left out
	FuseUnk      bool  // unknown characters in a row are one token
	ByteFallback bool
	IgnoreMerges bool   // a word that is a token is that token, whatever the merges say
	Prefix       string // of the tokens within a word
	Suffix       string // of the last token of a word
}

type merged struct{ rank, id int32 }

// NewBPE has no merges yet.
func NewBPE(v *Vocab, o BPEOptions, merges int) *BPE {
	b := &BPE{BPEOptions: o, vocab: v, bytes: newFallback(v, o.ByteFallback), merges: make(map[[2]int32]merged, merges)}
	for c := range b.letter {
		b.letter[c] = v.ID(string(rune(c)))
	}
	b.m.join = func(_ int32, l, r *part) (rank, id int32, ok bool) {
		x, ok := b.merges[[2]int32{l.id, r.id}]
		return x.rank, x.id, ok
	}
	return b
}

// Merge adds a merge. A pair that was added before has its later rank.
func (b *BPE) Merge(rank, left, right, to int32) {
	b.merges[[2]int32{left, right}] = merged{rank, to}
}

// Encode merges the tokens of the word's characters.
func (b *BPE) Encode(dst []Piece, word string) []Piece {
	if b.IgnoreMerges {
		if id, ok := b.vocab.IDs[word]; ok {
			return append(dst, Piece{id, int32(len(word))})
		}
	}
	b.m.reset()
	unk := 0 // bytes of characters before i that have no token
	flush := func() {
		if unk > 0 {
			b.m.add(b.Unk, unk)
			unk = 0
		}
	}
	for i := 0; i < len(word); {
		n := character(word[i:])
		id := b.character(word, i, n)
		switch {
		case id != None:
			flush()
			b.m.add(id, n)
		case b.fall(word[i : i+n]):
		case b.Unk == None:
			b.m.skip(n)
		default:
			if !b.FuseUnk {
				flush()
			}
			unk += n
		}
		i += n
	}
	flush()
	b.m.run()
	return b.m.pieces(dst)
}

// character is the token of the character word[i:i+n].
func (b *BPE) character(word string, i, n int) int32 {
	if b.Prefix == "" && b.Suffix == "" {
		if c := word[i]; c < 128 {
			return b.letter[c]
		}
		return b.vocab.ID(word[i : i+n])
	}
	s := word[i : i+n]
	if i > 0 {
		s = b.Prefix + s
	}
	if i+n == len(word) {
		s += b.Suffix
	}
	return b.vocab.ID(s)
}

// fall adds the tokens of the bytes of s, if there are tokens for all.
func (b *BPE) fall(s string) bool {
	for i := range len(s) {
		if b.bytes[s[i]] == None {
			return false
		}
	}
	for i := range len(s) {
		b.m.add(b.bytes[s[i]], 1)
	}
	return true
}
