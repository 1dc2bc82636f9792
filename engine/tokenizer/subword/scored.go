package subword

import "slices"

// Scored is SentencePiece's BPE: two neighbours may be merged if what they spell is a token, the one of the best score
// first (sentencepiece/src/bpe_model.cc; llama.cpp's SPM).
type Scored struct {
	vocab   *Vocab
	normal  map[string]int32 // what may be merged to, and what characters are
	rank    []int32          // of each id, by score
	unused  []bool           // ids that are merged to, but taken apart again at the end
	bytes   fallback
	unk     int32
	m       merger
	word    string
	made    map[string]int32 // of unused tokens: the length of the left part
	pending []string
}

// NewScored makes one. normal: the tokens that text can be; unused may be nil.
func NewScored(v *Vocab, scores []float32, normal map[string]int32, unused []bool, unk int32, byteFallback bool) *Scored {
	s := &Scored{vocab: v, normal: normal, rank: make([]int32, len(scores)), unused: unused, bytes: newFallback(v, byteFallback), unk: unk}
	order := make([]int32, len(scores))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return 0
	})
	rank := int32(0)
	for i, id := range order {
		if i > 0 && scores[id] != scores[order[i-1]] {
			rank++
		}
		s.rank[id] = rank
	}
	s.m.join = func(at int32, l, r *part) (rank, id int32, ok bool) {
		id, ok = s.normal[s.word[at:r.end]]
		if !ok {
			return 0, 0, false
		}
		if s.unused != nil && s.unused[id] {
			if s.made == nil {
				s.made = map[string]int32{}
			}
			s.made[s.word[at:r.end]] = l.end - at
		}
		return s.rank[id], id, true
	}
	return s
}

// Encode merges the characters of the word.
func (s *Scored) Encode(dst []Piece, word string) []Piece {
	s.word = word
	s.m.reset()
	clear(s.made)
	for i := 0; i < len(word); {
		n := character(word[i:])
		s.m.add(None, n)
		i += n
	}
	s.m.run()
	for i := s.m.first; i >= 0; i = s.m.parts[i].next {
		dst = s.put(dst, word[i:s.m.parts[i].end])
	}
	s.word = ""
	return fuse(dst, s.unk)
}

// put appends the token of w. An unused one is taken apart into what it was merged of.
func (s *Scored) put(dst []Piece, w string) []Piece {
	s.pending = append(s.pending[:0], w)
	for len(s.pending) > 0 {
		w := s.pending[len(s.pending)-1]
		s.pending = s.pending[:len(s.pending)-1]
		id, ok := s.normal[w]
		if left, cut := s.made[w]; ok && cut && s.unused[id] {
			s.pending = append(s.pending, w[left:], w[:left])
			continue
		}
		if ok {
			dst = append(dst, Piece{id, int32(len(w))})
			continue
		}
		var fell bool
		if dst, fell = s.bytes.bytes(dst, w); !fell {
			dst = append(dst, Piece{s.unk, int32(len(w))})
		}
	}
	return dst
}

// fuse makes one of unknown pieces in a row.
func fuse(ps []Piece, unk int32) []Piece {
	out := ps[:0]
	for _, p := range ps {
		if n := len(out); n > 0 && p.ID == unk && out[n-1].ID == unk {
			out[n-1].Len += p.Len
			continue
		}
		out = append(out, p)
	}
	return out
}
