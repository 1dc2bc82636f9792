package main

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

const endOfBlock = 256

// bitOf is the unit of costs: a sixteenth of a bit.
const bitOf = 16

// distanceCode is a distance's symbol and how many bits more it has (RFC 1951, 3.2.5).
func distanceCode(d int) (code, extra int) {
	if d <= 4 {
		return d - 1, 0
	}
	extra = bits.Len(uint(d-1)) - 2
	return 2*extra + (d-1)>>extra, extra
}

// lengthCode is a length's symbol, and how many bits more it has.
func lengthCode(l int) (code, extra int) {
	switch {
	case l == longest:
		return 285, 0
	case l <= 10:
		return 254 + l, 0
	}
	extra = bits.Len(uint(l-3)) - 3
	return 257 + 4*extra + (l-3)>>extra, extra
}

// count is how often each symbol is used: of literals, ends and lengths, and of distances.
type count struct {
	symbols   [286]int
	distances [30]int
}

func countOf(b []byte, way []match) *count {
	c := &count{}
	for _, m := range way {
		c.add(b, m)
		b = b[m.length:]
	}
	c.symbols[endOfBlock]++
	return c
}

func (c *count) add(b []byte, m match) {
	if m.length == 1 {
		c.symbols[b[0]]++
		return
	}
	l, _ := lengthCode(int(m.length))
	d, _ := distanceCode(int(m.distance))
	c.symbols[l]++
	c.distances[d]++
}

func (c *count) join(d *count) {
	for i, n := range d.symbols {
		c.symbols[i] += n
	}
	for i, n := range d.distances {
		c.distances[i] += n
	}
}

// bits is about what a block costs: its symbols by their entropy, and the table of their lengths.
func (c *count) bits() float64 {
	all := 0.0
	for _, counts := range [][]int{c.symbols[:], c.distances[:]} {
		total := 0
		for _, n := range counts {
			total += n
			if n > 0 {
				all += 2.5 - float64(n)*math.Log2(float64(n))
			}
		}
		if total > 0 {
			all += float64(total) * math.Log2(float64(total))
		}
	}
	return all
}

// costs are what is paid for a literal, a length and a distance's symbol, with the bits that follow it.
type costs struct {
	symbol   [256]uint32
	length   [longest + 1]uint32
	distance [30]uint32
}

// firstCosts are those before anything is known.
func firstCosts() *costs {
	c := &count{}
	for i := range c.symbols {
		c.symbols[i] = 1
	}
	for i := range c.distances {
		c.distances[i] = 1
	}
	return c.costs()
}

func (c *count) costs() *costs {
	symbols, distances := entropies(c.symbols[:]), entropies(c.distances[:])
	x := &costs{symbol: [256]uint32(symbols)}
	for l := 3; l <= longest; l++ {
		code, extra := lengthCode(l)
		x.length[l] = symbols[code] + uint32(extra)*bitOf
	}
	for d := range distances {
		x.distance[d] = distances[d] + uint32(max(0, d/2-1))*bitOf
	}
	return x
}

// entropies are the symbols' costs; one that is not used costs as one that is used half a time.
func entropies(counts []int) []uint32 {
	total := 1
	for _, n := range counts {
		total += n
	}
	out := make([]uint32, len(counts))
	for i, n := range counts {
		out[i] = uint32(bitOf * math.Log2(float64(total)/max(float64(n), 0.5)))
	}
	return out
}

// lengths are those of a prefix code for symbols used that often, of which none has more than most bits and all together cost least:
// by package-merge (Larmore and Hirschberg, 1990). At least two symbols have a code.
func lengths(counts []int, most int) []uint8 {
	type item struct {
		weight  int
		symbols []int
	}
	var leaves []item
	for i, n := range counts {
		if n > 0 {
			leaves = append(leaves, item{n, []int{i}})
		}
	}
	for i := 0; len(leaves) < 2; i++ {
		if counts[i] == 0 {
			leaves = append(leaves, item{0, []int{i}})
		}
	}
	byWeight := func(a, b item) int { return cmp.Compare(a.weight, b.weight) }
	slices.SortStableFunc(leaves, byWeight)
	level := leaves
	for range most - 1 {
		next := slices.Clone(leaves)
		for i := 0; i+1 < len(level); i += 2 {
			next = append(next, item{level[i].weight + level[i+1].weight, slices.Concat(level[i].symbols, level[i+1].symbols)})
		}
		slices.SortStableFunc(next, byWeight)
		level = next
	}
	out := make([]uint8, len(counts))
	for _, x := range level[:2*len(leaves)-2] {
		for _, s := range x.symbols {
			out[s]++
		}
	}
	return out
}

// codes are the canonical codes of those lengths, their bits in the order in which they are written.
func codes(lengths []uint8) []uint16 {
	out, code := make([]uint16, len(lengths)), uint16(0)
	for n := uint8(1); n <= 15; n++ {
		for s, l := range lengths {
			if l == n {
				out[s] = bits.Reverse16(code) >> (16 - n)
				code++
			}
		}
		code <<= 1
	}
	return out
}

type bitWriter struct {
	out  []byte
	held uint64
	n    int
}

func (w *bitWriter) write(x, n int) {
	w.held |= uint64(x) << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.out = append(w.out, byte(w.held))
		w.held >>= 8
	}
}

// end writes an empty block: the last one, or one that is stored, after which a byte begins.
func (w *bitWriter) end(last bool) {
	if last {
		w.write(1|1<<1, 3) // with the fixed code, whose end of block is seven zeros
		w.write(0, 7)
	} else {
		w.write(0, 3)
	}
	w.write(0, (8-w.n)%8)
	if !last {
		w.out = append(w.out, 0, 0, 0xff, 0xff)
	}
}

// block writes a block with a code of its own.
func (w *bitWriter) block(b []byte, way []match) {
	c := countOf(b, way)
	symbols, distances := lengths(c.symbols[:], 15), lengths(c.distances[:], 15)
	w.write(2<<1, 3)
	w.table(symbols, distances)
	symbolCodes, distanceCodes := codes(symbols), codes(distances)
	put := func(s int) { w.write(int(symbolCodes[s]), int(symbols[s])) }
	for _, m := range way {
		if m.length == 1 {
			put(int(b[0]))
		} else {
			l, extra := lengthCode(int(m.length))
			put(l)
			w.write((int(m.length)-3)&(1<<extra-1), extra)
			d, extra := distanceCode(int(m.distance))
			w.write(int(distanceCodes[d]), int(distances[d]))
			w.write((int(m.distance)-1)&(1<<extra-1), extra)
		}
		b = b[m.length:]
	}
	put(endOfBlock)
}

// table writes the lengths of both codes, with runs of the same or of zero shortened (RFC 1951, 3.2.7).
func (w *bitWriter) table(symbols, distances []uint8) {
	type run struct{ symbol, more, bits int }
	var runs []run
	used := func(l []uint8, least int) []uint8 {
		for len(l) > least && l[len(l)-1] == 0 {
			l = l[:len(l)-1]
		}
		return l
	}
	symbols, distances = used(symbols, 257), used(distances, 1)
	all := slices.Concat(symbols, distances)
	for i := 0; i < len(all); {
		n := 1
		for i+n < len(all) && all[i+n] == all[i] {
			n++
		}
		switch {
		case all[i] == 0 && n >= 11:
			n = min(n, 138)
			runs = append(runs, run{18, n - 11, 7})
		case all[i] == 0 && n >= 3:
			runs = append(runs, run{17, n - 3, 3})
		case i > 0 && all[i] == all[i-1] && n >= 3:
			n = min(n, 6)
			runs = append(runs, run{16, n - 3, 2})
		default:
			n = 1
			runs = append(runs, run{int(all[i]), 0, 0})
		}
		i += n
	}
	counts := make([]int, 19)
	for _, r := range runs {
		counts[r.symbol]++
	}
	lengths := lengths(counts, 7)
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	n := len(order)
	for n > 4 && lengths[order[n-1]] == 0 {
		n--
	}
	w.write(len(symbols)-257, 5)
	w.write(len(distances)-1, 5)
	w.write(n-4, 4)
	for _, s := range order[:n] {
		w.write(int(lengths[s]), 3)
	}
	codes := codes(lengths)
	for _, r := range runs {
		w.write(int(codes[r.symbol]), int(lengths[r.symbol]))
		w.write(r.more, r.bits)
	}
}
