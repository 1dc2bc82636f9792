package subword

import "unicode/utf8"

// part is a token of a word while neighbours are merged. It begins at the byte of its index; dead ones have len 0.
type part struct{ id, len, prev, next int32 }

// pair is a merge that may be done: of the parts at and after at, to the token id.
type pair struct{ rank, at, id int32 }

func (p pair) before(q pair) bool { return p.rank < q.rank || p.rank == q.rank && p.at < q.at }

// merger merges the parts of one word: of all neighbours that may be merged the pair of the lowest rank, the first of
// equals, again and again. Pairs wait in a heap, so that a word of n bytes takes n log n steps. One that is out of date when
// its turn comes is passed over.
type merger struct {
	parts []part
	queue []pair
	first int32
	// join says what two parts make; the second begins where the first ends.
	join func(at int32, a, b *part) (rank, id int32, ok bool)
}

// add appends a part of n bytes.
func (m *merger) add(id int32, n int) {
	at := int32(len(m.parts))
	prev := at - 1
	for prev >= 0 && m.parts[prev].len == 0 {
		prev--
	}
	m.parts = append(m.parts, part{id, int32(n), prev, at + int32(n)})
	for range n - 1 {
		m.parts = append(m.parts, part{})
	}
}

// run merges. The parts that are left are found from 0 on by next.
func (m *merger) run() {
	m.queue = m.queue[:0]
	n := int32(len(m.parts))
	for i := int32(0); i < n; i = m.parts[i].next {
		if m.parts[i].next >= n {
			m.parts[i].next = -1
			break
		}
	}
	for i := int32(0); i >= 0 && n > 0; i = m.parts[i].next {
		m.offer(i)
	}
	for len(m.queue) > 0 {
		p := m.pop()
		left := &m.parts[p.at]
		if left.len == 0 || left.next < 0 {
			continue
		}
		right := &m.parts[left.next]
		if _, id, ok := m.join(p.at, left, right); !ok || id != p.id {
			continue
		}
		left.id, left.len, left.next = p.id, left.len+right.len, right.next
		right.len = 0
		if left.next >= 0 {
			m.parts[left.next].prev = p.at
		}
		if left.prev >= 0 {
			m.offer(left.prev)
		}
		m.offer(p.at)
	}
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
