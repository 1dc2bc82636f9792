// Package match finds places where the same units are on: LSTMVis's select and match, on bit sets.
//
// A Store keeps what units did at every token of a corpus, as 16-bit floats or, where there is no room, as one bit a unit and
// threshold. Bits are one set of decisions "on or off", 64 tokens a word; Select and Find answer from them.
//
// A value is rounded to 16 bits when it is kept, to nearest and of two to the even one; what is larger than 65504, the largest, becomes 65504,
// so that no distance is infinite. NaN stays NaN, which is never on. Everything here is said of the values as kept: a unit is
// on where the number that Row and Column give is, compared with the level in full precision; and bits of a Store that keeps
// only those are the same as they would be of its values.
package match

import (
	"fmt"
	"slices"

	"loupe/engine/tensor"
)

// Source is one activation whose units are kept. The units of all sources of a Store stand side by side: unit u of source i is
// the number of units of the sources before it, plus u.
type Source struct {
	Name  string
	Units int
}

// Cut says when a unit of a source is on.
type Cut struct {
	Level float32
	On    Side
}

// Side is on which side of zero.
type Side uint8

const (
	Above  Side = iota // x >= Level
	Below              // x <= -Level
	Either             // |x| >= Level
)

// Store keeps the states of a corpus, token after token.
type Store struct {
	sources []Source
	units   int
	cuts    []Cut // of a store of bits

	n      int
	parts  []part
	stride int        // numbers of a row, with those that fill each source up
	rows   int        // tokens of a page: a power of 2, and whole blocks
	pages  [][]uint16 // [rows, stride] f16; of a store of bits one, of the block that is being filled
	made   []*Bits    // the last first
}

// part is where the units of a source are.
type part struct {
	at    int // in a row
	first int // its first unit, of all
	units int
}

// block is how many tokens a word of bits has.
const block = 64

// fill is what the numbers of a source are a multiple of: the kernels take as many at a time.
const fill = 8

// pageBytes is how large a page is: no growing copies what was kept.
const pageBytes = 1 << 20

// New returns an empty Store that keeps 16-bit floats or, if cuts are given (one for each source), only bits by those.
func New(sources []Source, cuts []Cut) *Store {
	s := &Store{sources: slices.Clone(sources), cuts: slices.Clone(cuts)}
	for _, source := range sources {
		s.parts = append(s.parts, part{s.stride, s.units, source.Units})
		s.units += source.Units
		s.stride += (source.Units + fill - 1) / fill * fill
	}
	s.rows = block
	if s.HasValues() {
		for s.rows < 4096 && 2*s.rows*s.stride*2 <= pageBytes {
			s.rows *= 2
		}
	} else {
		s.made = []*Bits{newBits(s, s.cuts)}
	}
	return s
}

// Append keeps one token: rows has the units of each source. It panics if they are not as many as New was told.
func (s *Store) Append(rows [][]float32) {
	if len(rows) != len(s.parts) {
		panic("match: Append: a row for each source")
	}
	row := s.next()
	for i, p := range s.parts {
		if len(rows[i]) != p.units {
			panic("match: Append: another number of units")
		}
		round(row[p.at:], rows[i])
	}
	s.n++
	if !s.HasValues() && s.n%block == 0 {
		s.made[0].fill(s, s.n/block-1)
	}
}

// next is the row of the token that comes.
func (s *Store) next() []uint16 {
	if !s.HasValues() && len(s.pages) == 1 {
		return s.pages[0][s.n%block*s.stride:][:s.stride]
	}
	if s.n%s.rows == 0 {
		s.pages = append(s.pages, make([]uint16, s.rows*s.stride))
	}
	return s.row(s.n)
}

// row is what is kept of token t.
func (s *Store) row(t int) []uint16 { return s.pages[t/s.rows][t%s.rows*s.stride:][:s.stride] }

// Len is the number of tokens, Units that of all sources together, Bytes what they take.
func (s *Store) Len() int   { return s.n }
func (s *Store) Units() int { return s.units }
func (s *Store) Bytes() (n int64) {
	n = int64(len(s.pages)) * int64(s.rows) * int64(s.stride) * 2
	for _, b := range s.made {
		n += b.bytes()
	}
	return n
}

// HasValues reports whether it keeps values, and not only bits.
func (s *Store) HasValues() bool { return len(s.cuts) == 0 }

// Bits are the decisions by cuts, one for each source, for all tokens so far. They are made once and grow with the store; those of the last two
// different cuts are kept. Of a store of bits cuts must be its own. yield is called every few milliseconds.
func (s *Store) Bits(cuts []Cut, yield func() error) (*Bits, error) {
	if len(cuts) != len(s.sources) {
		return nil, fmt.Errorf("match: %d cuts for %d sources", len(cuts), len(s.sources))
	}
	i := slices.IndexFunc(s.made, func(b *Bits) bool { return slices.Equal(b.cuts, cuts) })
	switch {
	case i > 0:
		s.made[0], s.made[i] = s.made[i], s.made[0]
	case i < 0 && !s.HasValues():
		return nil, fmt.Errorf("match: only bits by %v are kept", s.cuts)
	case i < 0:
		s.made = append([]*Bits{newBits(s, cuts)}, s.made[:min(1, len(s.made))]...)
	}
	b := s.made[0]
	return b, b.grow(s, yield)
}

// Row writes the values of all units at token t into dst [Units]; of a store of bits 1 where a unit is on and 0 where it is off.
func (s *Store) Row(dst []float32, t int) {
	if !s.HasValues() {
		b := s.own()
		for u := range s.units {
			dst[u] = b.value(t, u)
		}
		return
	}
	row := s.row(t)
	for _, p := range s.parts {
		widen(dst[p.first:][:p.units], row[p.at:])
	}
}

// Column writes the values of unit u at tokens 0 to len(dst), as Row does.
func (s *Store) Column(dst []float32, u int) {
	if !s.HasValues() {
		b := s.own()
		for t := range dst {
			dst[t] = b.value(t, u)
		}
		return
	}
	at := s.place(u)
	for t := range dst {
		dst[t] = tensor.F16ToF32(s.pages[t/s.rows][t%s.rows*s.stride+at])
	}
}

// own is the bits of a store of bits, for all tokens so far.
func (s *Store) own() *Bits {
	s.made[0].grow(s, nil)
	return s.made[0]
}

// place is where unit u stands in a row.
func (s *Store) place(u int) int {
	for _, p := range s.parts {
		if u < p.first+p.units {
			return p.at + u - p.first
		}
	}
	panic("match: no such unit")
}

// paceWork is how much is done before yield is called, in ns or so; tests lower it.
var paceWork = 2_000_000

// pace calls yield now and then.
type pace struct {
	yield func() error
	work  int
}

// after says that some work of about as many ns was done, and returns what yield does.
func (p *pace) after(ns int) error {
	p.work += ns
	if p.work <= paceWork || p.yield == nil {
		return nil
	}
	p.work = 0
	return p.yield()
}

// mask has the bits from lo up to hi of a word.
func mask(lo, hi int) uint64 { return ^uint64(0) << lo &^ (^uint64(0) << hi) }
