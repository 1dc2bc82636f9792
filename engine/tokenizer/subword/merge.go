package subword

import "unicode/utf8"

// part is a token of a word while neighbours are merged: from the byte of its index to end. Dead ones have end 0. -1: none.
type part struct{ id, end, prev, next int32 }

// pair is a merge that may be done: of the parts at and after at, to the token id.
type pair struct{ rank, at, id int32 }

func (p pair) before(q pair) bool { return p.rank < q.rank || p.rank == q.rank && p.at < q.at }

// merger merges the parts of one word: of all neighbours that may be merged the pair of the lowest rank, the first of
// equals, again and again. Pairs wait in a heap, so that a word of n bytes takes n log n steps. One that is out of date when
// its turn comes is passed over.
type merger struct {
	parts       []part
	queue       []pair
	first, last int32
	// join says what two parts make, of which the first begins at at.
	join func(at int32, a, b *part) (rank, id int32, ok bool)
}

func (m *merger) reset() { m.parts, m.queue, m.first, m.last = m.parts[:0], m.queue[:0], -1, -1 }

// add appends a part of n bytes.
func (m *merger) add(id int32, n int) {
	at := int32(len(m.parts))
	m.parts = append(m.parts, part{id, at + int32(n), m.last, -1})
	if m.last < 0 {
		m.first = at
	} else {
		m.parts[m.last].next = at
	}
	m.last = at
	m.skip(n - 1)
}

// skip appends n bytes that are in no part: what is around them may still be merged.
func (m *merger) skip(n int) {
	for range n {
		m.parts = append(m.parts, part{})
	}
}

// run merges.
func (m *merger) run() {
	for i := m.first; i >= 0; i = m.parts[i].next {
		m.offer(i)
	}
	for len(m.queue) > 0 {
		p := m.pop()
		left := &m.parts[p.at]
		if left.end == 0 || left.next < 0 {
			continue
		}
		right := &m.parts[left.next]
		if _, id, ok := m.join(p.at, left, right); !ok || id != p.id {
			continue
		}
		left.id, left.end, left.next = p.id, right.end, right.next
		right.end = 0
		if left.next >= 0 {
			m.parts[left.next].prev = p.at
		}
		if left.prev >= 0 {
			m.offer(left.prev)
		}
		m.offer(p.at)
	}
}

// pieces appends what is left, and None for what is in no part.
func (m *merger) pieces(dst []Piece) []Piece {
	at := int32(0)
	gap := func(to int32) {
		if to > at {
			dst = append(dst, Piece{None, to - at})
		}
	}
	for i := m.first; i >= 0; i = m.parts[i].next {
		gap(i)
		at = m.parts[i].end
		dst = append(dst, Piece{m.parts[i].id, at - i})
	}
	gap(int32(len(m.parts)))
	return dst
}

// offer queues the pair that begins at i, if it may be merged.
func (m *merger) offer(i int32) {
	a := &m.parts[i]
	if a.next < 0 {
		return
	}
	rank, id, ok := m.join(i, a, &m.parts[a.next])
	if !ok {
		return
	}
	q := append(m.queue, pair{rank, i, id})
	for c := len(q) - 1; c > 0; {
		up := (c - 1) / 2
		if !q[c].before(q[up]) {
			break
		}
		q[c], q[up] = q[up], q[c]
		c = up
	}
	m.queue = q
}

// pop takes the pair of the lowest rank.
func (m *merger) pop() pair {
	q := m.queue
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
	m.queue = q
	return top
}

// character is the length of the character at the beginning of s.
func character(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}
