package match

import (
	"cmp"
	"math/bits"
	"slices"
)

// candidate is a longest run of tokens at which enough of the chosen units are on.
type candidate struct{ pos, len, contrast int32 }

// better puts those of larger contrast first, then as in the text.
func (a candidate) better(b candidate) int {
	return cmp.Or(cmp.Compare(b.contrast, a.contrast), cmp.Compare(a.pos, b.pos), cmp.Compare(a.len, b.len))
}

// candidates are the most best ones, and whether there may be others; strict: of runs with all chosen units.
func (s *search) candidates(most int, strict bool) (found []candidate, capped bool, err error) {
	k, last := len(s.chosen), 1
	if strict {
		last = k
	}
	for ; k >= last && len(found) < most; k-- {
		level, err := s.level(k)
		if err != nil {
			return nil, false, err
		}
		capped = capped || len(found)+len(level) > most
		found = append(found, best(level, k, most)...)
	}
	slices.SortFunc(found, candidate.better)
	return found[:min(most, len(found))], capped || k >= last, nil
}

// best is the most of largest contrast of a level k, of equal ones the first; they stay in their order.
func best(level []candidate, k, most int) []candidate {
	if len(level) <= most {
		return level
	}
	having := make([]int, 2*k+1) // a contrast of as much, from -k on
	for _, c := range level {
		having[int(c.contrast)+k]++
	}
	least, left := 2*k, most
	for left > having[least] {
		left -= having[least]
		least--
	}
	return slices.DeleteFunc(level, func(c candidate) bool {
		over := int(c.contrast) + k - least
		if over == 0 {
			left--
		}
		return over < 0 || over == 0 && left < 0
	})
}

// level lists the longest runs of tokens with C >= k in which some token has C = k: the others were candidates of a larger k.
func (s *search) level(k int) (found []candidate, err error) {
	start := -1 // of the run that is open
	fresh := false
	end := func(at int) {
		if at-start >= s.least && fresh {
			found = append(found, candidate{int32(start), int32(at - start), s.contrast(start, at, k)})
		}
		start, fresh = -1, false
	}
	for i := range blocks(s.n) {
		if int(s.peaks[i]) < k && start < 0 {
			continue
		}
		w, base := s.atLeast(i, k), i*block
		exact, stop := w&^s.atLeast(i, k+1), ^w|s.begins[i]
		for at := 0; at < block; {
			from := at
			if start < 0 {
				rest := w >> at
				if rest == 0 {
					break
				}
				from = at + bits.TrailingZeros64(rest)
				start, at = base+from, from+1
			}
			at = min(block, at+bits.TrailingZeros64(stop>>at))
			fresh = fresh || exact&mask(from, at) != 0
			if at < block {
				end(base + at)
			}
		}
		if err := s.pace.after(20 * s.planes); err != nil {
			return nil, err
		}
	}
	if start >= 0 {
		end(s.n)
	}
	return found, s.pace.after(2 * len(s.peaks))
}

// contrast is by how much more units are on from lo up to hi than beside.
func (s *search) contrast(lo, hi, k int) int32 {
	c := k
	if s.prev != nil {
		c -= min(k, int(s.prev[lo]))
	}
	if s.next != nil {
		c -= min(k, int(s.next[hi-1]))
	}
	return int32(c)
}

// count makes C, and the largest of it beside each token.
func (s *search) count() error {
	s.planes = bits.Len(uint(len(s.chosen)))
	s.counts = make([]uint64, blocks(s.n)*s.planes)
	s.peaks = make([]uint16, blocks(s.n))
	for i := range s.peaks {
		sum, w := s.counts[i*s.planes:][:s.planes], s.block(i)
		valid := mask(0, min(block, s.n-i*block))
		for _, u := range s.chosen {
			carry := w[u] & valid
			for p := 0; carry != 0; p++ {
				sum[p], carry = sum[p]^carry, sum[p]&carry
			}
		}
		s.peaks[i] = peak(sum)
		if err := s.pace.after(5 * len(s.chosen)); err != nil {
			return err
		}
	}
	if s.before == 0 && s.after == 0 {
		return nil
	}
	plain := s.plain()
	if s.before > 0 {
		s.prev = make([]uint16, s.n)
		s.beside(s.prev, plain, s.before)
	}
	if err := s.pace.after(10 * s.n); err != nil {
		return err
	}
	if s.after > 0 {
		s.next = make([]uint16, s.n)
		s.reverse(plain)
		s.beside(s.next, plain, s.after)
		s.reverse(s.next)
	}
	return s.pace.after(10 * s.n)
}

// peak is the largest of 64 numbers, of which sum has the lowest bits, the next, and so on.
func peak(sum []uint64) (largest uint16) {
	among := ^uint64(0)
	for p := len(sum) - 1; p >= 0; p-- {
		if among&sum[p] != 0 {
			among &= sum[p]
			largest |= 1 << p
		}
	}
	return largest
}

// reverse turns each stretch round.
func (s *search) reverse(x []uint16) {
	lo := 0
	for _, hi := range s.ends {
		slices.Reverse(x[lo:hi])
		lo = hi
	}
}

// plain is C, a number a token.
func (s *search) plain() []uint16 {
	x := make([]uint16, s.n)
	for t := range x {
		for p, w := range s.counts[t/block*s.planes:][:s.planes] {
			x[t] |= uint16(w>>(t%block)&1) << p
		}
	}
	return x
}

// beside writes the largest of the width numbers before each one, of its stretch, into dst; 0 where there is none.
func (s *search) beside(dst, x []uint16, width int) {
	lo := 0
	var queue []int32
	for _, hi := range s.ends {
		queue = slices.Grow(queue[:0], hi-lo)[:hi-lo]
		largestBefore(dst[lo:hi], x[lo:hi], width, queue)
		lo = hi
	}
}

// largestBefore writes the largest of the width numbers before each one into dst. queue [len(x)] has the places of those that may still
// become the largest, each smaller than the one before it.
func largestBefore(dst, x []uint16, width int, queue []int32) {
	head, tail := 0, 0
	for i, v := range x {
		if head < tail && i-int(queue[head]) > width {
			head++
		}
		dst[i] = 0
		if head < tail {
			dst[i] = x[queue[head]]
		}
		for head < tail && x[queue[tail-1]] <= v {
			tail--
		}
		queue[tail] = int32(i)
		tail++
	}
}

// atLeast is the tokens of block i with C >= k, of which the bits are compared from the highest down.
func (s *search) atLeast(i, k int) uint64 {
	if int(s.peaks[i]) < k {
		return 0
	}
	more, equal := uint64(0), ^uint64(0)
	for p := s.planes - 1; p >= 0; p-- {
		w := s.counts[i*s.planes+p]
		if k>>p&1 != 0 {
			equal &= w
		} else {
			more |= equal & w
			equal &^= w
		}
	}
	return more | equal
}
