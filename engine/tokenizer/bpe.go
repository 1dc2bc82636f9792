package tokenizer

import "strings"

// end is the one special token of GPT-2. Where a text spells it, it is that token, as transformers has it.
const end = "<|endoftext|>"

// bpe is byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): text is cut into pieces (split), a
// piece into its bytes, and of all neighbours that may be merged the pair of the lowest rank is, again and again.
type bpe struct {
	bytes  [][]byte            // of each token
	byteID [256]int32          // the token of a single byte; -1: none
	merges map[[2]int32]merged // by the tokens of a pair
	end    int32               // the token <|endoftext|>; -1: none
	roles
}

type merged struct{ rank, id int32 }

func (b *bpe) Kind() string { return "byte-level BPE" }
func (b *bpe) Size() int    { return len(b.bytes) }

func (b *bpe) Bytes(id int) []byte {
	if id < 0 || id >= len(b.bytes) {
		return nil
	}
	return b.bytes[id]
}

func (b *bpe) Spell(ids []int) (string, []Token) { return spell(ids, b.Bytes) }

func (b *bpe) Encode(text string) ([]Token, []Span) {
	w := encoding{bpe: b, cache: map[string][]int32{}}
	for at := 0; at < len(text); {
		stop := len(text)
		if b.end >= 0 {
			if n := strings.Index(text[at:], end); n >= 0 {
				stop = at + n
			}
		}
		for at < stop {
			n := split(text[:stop], at)
			w.piece(text, at, n)
			at = n
		}
		if at < len(text) {
			w.tokens = append(w.tokens, Token{int(b.end), at, at + len(end)})
			at += len(end)
		}
	}
	return w.tokens, w.unknown
}

// encoding is one call of Encode at work.
type encoding struct {
	*bpe
	tokens  []Token
	unknown []Span
	cache   map[string][]int32 // the tokens of short pieces: most words of a text stand in it many times
	parts   []part
	queue   []pair
}

// maxCached is the longest piece that is remembered, in bytes.
const maxCached = 32

// piece encodes text[from:to].
func (w *encoding) piece(text string, from, to int) {
	s := text[from:to]
	if ids, ok := w.cache[s]; ok {
		for _, id := range ids {
			n := from + len(w.bytes[id])
			w.tokens = append(w.tokens, Token{int(id), from, n})
			from = n
		}
		return
	}
	w.merge(s)
	var ids []int32
	for i := int32(0); i >= 0; i = w.parts[i].next {
		p := w.parts[i]
		start, stop := from+int(i), to
		if p.next >= 0 {
			stop = from + int(p.next)
		}
		if p.id < 0 {
			w.unknown = append(w.unknown, Span{start, stop})
		} else {
			w.tokens = append(w.tokens, Token{int(p.id), start, stop})
		}
		ids = append(ids, p.id)
	}
	if len(s) <= maxCached && (len(w.unknown) == 0 || w.unknown[len(w.unknown)-1].Start < from) {
		w.cache[s] = ids
	}
}

// part is a token of a piece; it begins at the byte of its index. -1: none.
type part struct{ id, prev, next int32 }

// pair is a merge that may be done: of the parts at and after at.
type pair struct{ rank, at, id int32 }

func (p pair) before(q pair) bool { return p.rank < q.rank || p.rank == q.rank && p.at < q.at }

// merge leaves the tokens of s in w.parts. Pairs wait in a heap by rank and place, so that a piece of n bytes takes
// n log n steps. One that is out of date when its turn comes is passed over.
func (w *encoding) merge(s string) {
	w.parts, w.queue = w.parts[:0], w.queue[:0]
	for i := range len(s) {
		w.parts = append(w.parts, part{w.byteID[s[i]], int32(i) - 1, int32(i) + 1})
	}
	w.parts[len(s)-1].next = -1
	for i := range len(s) {
		w.offer(int32(i))
	}
	for len(w.queue) > 0 {
		p := w.pop()
		left := &w.parts[p.at]
		if left.id < 0 || left.next < 0 {
			continue
		}
		if m, ok := w.merges[[2]int32{left.id, w.parts[left.next].id}]; !ok || m.rank != p.rank {
			continue
		}
		gone := &w.parts[left.next]
		left.id, left.next, gone.id = p.id, gone.next, -1
		if left.next >= 0 {
			w.parts[left.next].prev = p.at
		}
		w.offer(p.at)
		if left.prev >= 0 {
			w.offer(left.prev)
		}
	}
}

// offer queues the pair that begins at i, if it may be merged.
func (w *encoding) offer(i int32) {
	p := w.parts[i]
	if p.next < 0 {
		return
	}
	m, ok := w.merges[[2]int32{p.id, w.parts[p.next].id}]
	if !ok {
		return
	}
	q := append(w.queue, pair{m.rank, i, m.id})
	for c := len(q) - 1; c > 0; {
		up := (c - 1) / 2
		if !q[c].before(q[up]) {
			break
		}
		q[c], q[up] = q[up], q[c]
		c = up
	}
	w.queue = q
}

// pop takes the pair of the lowest rank.
func (w *encoding) pop() pair {
	q := w.queue
	top, last := q[0], len(q)-1
	q[0] = q[last]
	q = q[:last]
	for up := 0; ; {
		c := 2*up + 1
		if c+1 < last && q[c+1].before(q[c]) {
			c++
		}
		if c >= last || !q[c].before(q[up]) {
			break
		}
		q[c], q[up] = q[up], q[c]
		up = c
	}
	w.queue = q
	return top
}
