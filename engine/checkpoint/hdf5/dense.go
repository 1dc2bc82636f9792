package hdf5

import (
	"fmt"
	"math/bits"
)

// Members and attributes that are too many for a header (more than 8) lie in a fractal heap, and a B-tree of version 2 says
// where. h5py writes them with libver="latest" or track_order; Keras does not.

// denseLinks reads a link info message, and the members that are not in the header.
func (f *file) denseLinks(c *cursor, o *Object, depth int) error {
	c.version(0)
	if c.byte()&1 != 0 {
		c.u64() // the last order of creation
	}
	heap, index := c.u64(), c.u64()
	if c.err != nil || heap == none {
		return c.err
	}
	return f.dense(heap, index, 5, 4, func(m *cursor) error { return f.link(m, o, depth) })
}

// denseAttributes reads an attribute info message, and the attributes that are not in the header.
func (f *file) denseAttributes(c *cursor, attrs map[string]any) {
	c.version(0)
	if c.byte()&1 != 0 {
		c.u16() // the last order of creation
	}
	heap, index := c.u64(), c.u64()
	if c.err != nil || heap == none {
		return
	}
	c.err = f.dense(heap, index, 8, 0, func(m *cursor) error {
		f.attribute(m, attrs)
		return m.err
	})
}

// dense calls read with each message of a heap that an index of that kind names; a record's heap id begins at its byte at.
func (f *file) dense(heap, index uint64, kind byte, at int, read func(m *cursor) error) error {
	h, err := f.openHeap(heap)
	if err != nil {
		return err
	}
	return f.records(index, kind, func(record []byte) error {
		if len(record) < at+h.idSize {
			return badHeap(heap, fmt.Sprintf("records of at least %d bytes", at+h.idSize), fmt.Sprint(len(record)))
		}
		m, err := h.message(record[at : at+h.idSize])
		if err != nil {
			return err
		}
		return read(m)
	})
}

// badHeap is an error of a heap.
func badHeap(heap uint64, expected, found string) error {
	c := cursor{what: fmt.Sprintf("fractal heap at byte %d", heap)}
	c.wrong(expected, found)
	return c.err
}

// heap is a fractal heap: blocks in a table of rows, whose sizes double from row to row.
type heap struct {
	f              *file
	addr           uint64
	idSize         int
	offset, length int // bytes of both in an id
	width          uint64
	start          uint64 // bytes of the first blocks
	direct         int    // rows of blocks with data; in those below are tables again
	root           uint64
	rows           int // of the root table; 0: the root is a block with data
	sums, largest  int
}

// openHeap reads a fractal heap's header.
func (f *file) openHeap(addr uint64) (*heap, error) {
	c := f.at(addr, 146, "fractal heap")
	c.tag("FRHP")
	c.version(0)
	h := &heap{f: f, addr: addr, idSize: int(c.u16())}
	filters, flags, most := c.u16(), c.byte(), c.u32()
	c.take(12 * 8)
	h.width, h.start = uint64(c.u16()), c.u64()
	largest, bits16 := c.u64(), int(c.u16())
	c.u16()
	h.root, h.rows = c.u64(), int(c.u16())
	power := func(n uint64) bool { return n > 0 && n&(n-1) == 0 && n <= 1<<32 }
	switch {
	case c.err != nil:
	case filters != 0:
		c.unsupported("a heap without filters", "one with some")
	case !power(h.width) || !power(h.start) || !power(largest) || largest < h.start || bits16 < 8 || bits16 > 64 || most == 0 || h.rows > 64:
		c.wrong("a table of blocks", "sizes that are none")
	}
	if c.err != nil {
		return nil, c.err
	}
	log := bits.Len64(largest) - 1
	h.direct = log - (bits.Len64(h.start) - 1) + 2
	h.offset, h.length = (bits16+7)/8, min((log+7)/8, (bits.Len32(most)-1)/8+1)
	h.sums = int(flags>>1&1) * 4
	h.largest = int(largest)
	return h, nil
}

// message gives the object that an id names.
func (h *heap) message(id []byte) (*cursor, error) {
	c := &cursor{b: id, what: fmt.Sprintf("id in the fractal heap at byte %d", h.addr)}
	switch kind := c.byte(); kind >> 4 {
	case 0: // in a block
		offset, length := c.uint(h.offset), c.uint(h.length)
		if c.err != nil {
			return nil, c.err
		}
		return h.find(h.root, h.rows, offset, length)
	case 2: // in the id itself
		b := c.take(int(kind&15) + 1)
		return &cursor{b: b, what: c.what}, c.err
	default:
		c.unsupported("objects in blocks", fmt.Sprint("id ", kind))
		return nil, c.err
	}
}

// find gives length bytes at an offset of the table or block at addr. rows 0: a block with data.
func (h *heap) find(addr uint64, rows int, offset, length uint64) (*cursor, error) {
	for range maxDepth {
		if rows == 0 {
			c := h.f.at(addr, 4, "fractal heap block")
			if c.tag("FHDB"); c.err != nil {
				return nil, c.err
			}
			if offset > uint64(h.largest) || length > uint64(h.largest) || addr > 1<<62 {
				return nil, badHeap(h.addr, "an object in its block", fmt.Sprintf("%d bytes at %d", length, offset))
			}
			m := h.f.at(addr+offset, length, "fractal heap object")
			return m, m.err
		}
		row, size, begin := 0, h.start, uint64(0)
		if first := h.width * h.start; offset >= first {
			row = bits.Len64(offset / first)
			size, begin = h.start<<(row-1), first<<(row-1)
		}
		if row >= rows {
			return nil, badHeap(h.addr, fmt.Sprintf("an object in its %d rows", rows), fmt.Sprint("row ", row))
		}
		column := (offset - begin) / size
		c := h.f.at(addr, 4, "fractal heap table")
		if c.tag("FHIB"); c.err != nil || addr > 1<<62 {
			return nil, c.err
		}
		c = h.f.at(addr+5+8+uint64(h.offset)+8*(uint64(row)*h.width+column), 8, "fractal heap table entry")
		offset -= begin + column*size
		if addr, rows = c.u64(), 0; row >= h.direct {
			rows = bits.Len64(size / (h.width * h.start)) // as many as fill the block
		}
		if c.err != nil {
			return nil, c.err
		}
	}
	return nil, badHeap(h.addr, fmt.Sprintf("at most %d tables in one another", maxDepth), "more")
}

// records calls read with each record of a B-tree of version 2.
func (f *file) records(addr uint64, kind byte, read func(record []byte) error) error {
	c := f.at(addr, 38, "B-tree of version 2")
	c.tag("BTHD")
	c.version(0)
	if k := c.byte(); c.err == nil && k != kind {
		c.wrong(fmt.Sprint("a tree of kind ", kind), fmt.Sprint(k))
	}
	t := tree2{f: f, node: int(c.u32()), size: int(c.u16()), read: read}
	depth := int(c.u16())
	c.u16()
	root, n := c.u64(), int(c.u16())
	switch {
	case c.err != nil:
	case t.size < 1 || t.node < 10+t.size:
		c.wrong("nodes that hold a record", fmt.Sprintf("records of %d bytes in nodes of %d", t.size, t.node))
	case depth > maxDepth:
		c.wrong(fmt.Sprintf("at most %d levels", maxDepth), fmt.Sprint(depth))
	}
	if c.err != nil || n == 0 {
		return c.err
	}
	return t.walk(root, n, depth, t.counts(depth))
}

// tree2 is a B-tree of version 2.
type tree2 struct {
	f          *file
	node, size int // bytes of a node and of a record
	read       func(record []byte) error
}

// level is what a node keeps of its children: the bytes of how many records they have, and of how many are below them.
type level struct{ own, all int }

// counts gives the levels from the leaves, 0, up to depth.
func (t *tree2) counts(depth int) []level {
	width := func(n int) int { return (bits.Len(uint(n))-1)/8 + 1 }
	most := (t.node - 10) / t.size // records of a leaf
	all, own := most, width(most)
	out := []level{{own, 0}}
	below := 0 // bytes of all below a child
	for d := 1; d <= depth; d++ {
		pointer := 8 + own + below
		most = max((t.node-10-pointer)/(t.size+pointer), 1)
		out[d-1].all = below
		all = min((most+1)*all+most, 1<<60)
		below = width(all)
		out = append(out, level{own, below})
	}
	return out
}

// walk reads the n records of a node, and of those below it.
func (t *tree2) walk(addr uint64, n, depth int, levels []level) error {
	name := "BTLF"
	pointer := 0
	if depth > 0 {
		name, pointer = "BTIN", 8+levels[0].own
		if depth > 1 {
			pointer += levels[depth-1].all
		}
	}
	c := t.f.at(addr, uint64(6+n*t.size+(n+1)*pointer), "B-tree node")
	c.tag(name)
	c.take(2)
	for range n {
		r := c.take(t.size)
		if c.err != nil {
			return c.err
		}
		if err := t.read(r); err != nil {
			return err
		}
	}
	if depth == 0 {
		return c.err
	}
	for range n + 1 {
		child, count := c.u64(), int(c.uint(levels[0].own))
		c.take(pointer - 8 - levels[0].own)
		if c.err != nil {
			return c.err
		}
		if err := t.walk(child, count, depth-1, levels); err != nil {
			return err
		}
	}
	return c.err
}
