package match

import "slices"

// Bits is which units are on at which tokens.
type Bits struct {
	cuts  []Cut
	tests []test
	units int
	n     int        // tokens
	rows  int        // blocks of a page
	sums  []uint64   // room of fill
	pages [][]uint64 // [rows, units], a word for 64 tokens of a unit, the first in its lowest bit
}

func newBits(s *Store, cuts []Cut) *Bits {
	b := &Bits{cuts: slices.Clone(cuts), units: s.units, rows: 1, sums: make([]uint64, s.stride/lanes)}
	for b.rows < 4096/block && 2*b.rows*b.units*8 <= pageBytes {
		b.rows *= 2
	}
	for _, c := range cuts {
		b.tests = append(b.tests, newTest(c))
	}
	return b
}

// On reports whether unit u is on at token t.
func (b *Bits) On(t, u int) bool { return b.block(t / block)[u]>>(t%block)&1 != 0 }

// value is 1 where unit u is on, else 0.
func (b *Bits) value(t, u int) float32 { return float32(b.block(t / block)[u] >> (t % block) & 1) }

// block is the words of all units for 64 tokens.
func (b *Bits) block(i int) []uint64 { return b.pages[i/b.rows][i%b.rows*b.units:][:b.units] }

// blocks is how many blocks n tokens have.
func blocks(n int) int { return (n + block - 1) / block }

func (b *Bits) bytes() int64 { return int64(len(b.pages)) * int64(b.rows) * int64(b.units) * 8 }

// grow decides for the tokens that came since. What yield interrupts is gone on with the next time.
func (b *Bits) grow(s *Store, yield func() error) error {
	p := pace{yield: yield}
	for b.n < s.n {
		b.fill(s, b.n/block)
		if err := p.after(block * s.stride); err != nil {
			return err
		}
	}
	return nil
}

// fill decides for the tokens of block i. What it says of those that are still to come means nothing.
func (b *Bits) fill(s *Store, i int) {
	if i/b.rows == len(b.pages) {
		b.pages = append(b.pages, make([]uint64, b.rows*b.units))
	}
	rows := s.pages[0]
	if s.HasValues() {
		rows = s.pages[i*block/s.rows][i*block%s.rows*s.stride:]
	}
	b.n = min(s.n, (i+1)*block)
	dst := b.block(i)
	for j, p := range s.parts {
		b.tests[j].gather(dst[p.first:][:p.units], words(rows)[p.at/lanes:], b.sums, s.stride/lanes)
	}
}

// gather makes dst, a word a unit, of 64 rows of f16 that begin every stride words of src. sums is room: 16 tokens fill the lanes of a word.
func (t *test) gather(dst, src, sums []uint64, stride int) {
	sums = sums[:(len(dst)+fill-1)/fill*fill/lanes]
	clear(dst)
	for quarter := 0; quarter < block; quarter += block / lanes {
		t.decide(sums, src[quarter*stride:], stride)
		for i, w := range sums[:len(dst)/lanes] {
			four := dst[lanes*i:][:lanes]
			four[0] |= w & 0xffff << quarter
			four[1] |= w >> 16 & 0xffff << quarter
			four[2] |= w >> 32 & 0xffff << quarter
			four[3] |= w >> 48 << quarter
		}
		for u := len(dst) / lanes * lanes; u < len(dst); u++ {
			dst[u] |= sums[u/lanes] >> (16 * (u % lanes)) & 0xffff << quarter
		}
	}
}
