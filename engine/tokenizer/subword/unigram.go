package subword

import "loupe/engine/tokenizer/text"

// Unigram takes the cut of a word whose tokens' log-probabilities have the greatest sum (Kudo 2018), by Viterbi's
// algorithm.
type Unigram struct {
	trie   *text.Trie
	scores []float64
	user   []bool // tokens that are always taken; may be nil
	max    float64
	unk    int32
	unkFor float64 // the score of an unknown character
	bytes  fallback
	single bool
	best   []node
}

// node is the best way to a place of the word.
type node struct {
	score float64
	start int32 // -1: no way yet
	id    int32
}

// UnigramOptions are what differs.
type UnigramOptions struct {
	Unk          int32
	ByteFallback bool
	// Single: sums are rounded to 32 bits, as SentencePiece does it; Hugging Face's tokenizers add in 64.
	Single bool
	User   []bool // of each id: SentencePiece's user-defined, which win
}

// penalty is how much less likely than the least likely token an unknown character is.
const penalty = 10

// NewUnigram makes one. keys are the tokens that text can be, scores of all ids; lowest and highest of the normal ones.
func NewUnigram(v *Vocab, keys map[string]int32, scores []float64, lowest, highest float64, o UnigramOptions) *Unigram {
	u := &Unigram{trie: text.NewTrie(keys), scores: scores, user: o.User, max: highest, unk: o.Unk,
		bytes: newFallback(v, o.ByteFallback), single: o.Single}
	u.unkFor = u.round(lowest - penalty)
	return u
}

// Encode finds the best way. Unknown characters in a row are one token.
func (u *Unigram) Encode(dst []Piece, word string) []Piece {
	if cap(u.best) <= len(word) {
		u.best = make([]node, 0, len(word)+1)
	}
	best := u.best[:len(word)+1]
	for i := range best {
		best[i] = node{start: -1}
	}
	for at := 0; at < len(word); {
		n := u.from(best, word, at)
		if best[at+n].start == -1 || u.unknown(best[at].score) > best[at+n].score {
			if !u.has(word[at : at+n]) {
				best[at+n] = node{u.unknown(best[at].score), int32(at), u.unk}
			}
		}
		at += n
	}
	first := len(dst)
	for at := int32(len(word)); at > 0; at = best[at].start {
		dst = append(dst, Piece{best[at].id, at - best[at].start})
	}
	u.best = best[:0]
	return u.finish(dst, first, word)
}

// from offers the tokens that begin at a place, and gives the length of the character there.
func (u *Unigram) from(best []node, word string, at int) int {
	till := best[at].score
	for i, t := at, int32(0); i < len(word); {
		if t = u.trie.Step(t, word[i]); t == 0 {
			break
		}
		i++
		id := u.trie.ID(t)
		if id == None {
			continue
		}
		score := u.scores[id]
		if u.user != nil && u.user[id] {
			score = float64(float32(i-at)*float32(u.max)) - 0.1
		}
		if sum := u.round(score + till); best[i].start == -1 || sum > best[i].score {
			best[i] = node{sum, int32(at), id}
		}
	}
	return character(word[at:])
}

func (u *Unigram) round(x float64) float64 {
	if u.single {
		return float64(float32(x))
	}
	return x
}

func (u *Unigram) unknown(till float64) float64 { return u.round(u.unkFor + till) }

// has reports whether a character is a token.
func (u *Unigram) has(c string) bool {
	t := int32(0)
	for i := range len(c) {
		if t = u.trie.Step(t, c[i]); t == 0 {
			return false
		}
	}
	return u.trie.ID(t) != None
}

// finish turns round what the way back gave from first on, and puts unknown characters together, or apart into bytes.
func (u *Unigram) finish(dst []Piece, first int, word string) []Piece {
	back := append([]Piece(nil), dst[first:]...)
	dst = dst[:first]
	at := int32(0)
	for i := len(back) - 1; i >= 0; i-- {
		p := back[i]
		if p.ID == u.unk {
			for i > 0 && back[i-1].ID == u.unk {
				i--
				p.Len += back[i].Len
			}
			if bytes, ok := u.bytes.bytes(dst, word[at:at+p.Len]); ok {
				dst, at = bytes, at+p.Len
				continue
			}
		}
		dst, at = append(dst, p), at+p.Len
	}
	return dst
}
