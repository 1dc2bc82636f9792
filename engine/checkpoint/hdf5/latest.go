package hdf5

import (
	"fmt"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// What h5py writes with libver="latest", and Keras does not: other indices of chunks.

// chunkLayout4 reads the rest of a chunked layout of version 4, or 5, which may have larger chunks.
func (d *dataset) chunkLayout4(c *cursor) {
	flags := c.byte()
	if flags&1 != 0 {
		c.unsupported("filters on all chunks", "none on those at the edge")
	}
	rank, width := int(c.byte()), int(c.byte())
	d.chunkShape(c, rank, width)
	switch kind := c.byte(); kind {
	case 1:
		single := chunk{}
		if flags&2 != 0 {
			single.size, single.mask = c.u64(), c.u32()
		}
		d.index = func(d *dataset) error { return d.implicit(single) }
	case 2:
		d.index = func(d *dataset) error { return d.implicit(chunk{}) }
	case 3:
		c.byte()
		d.index = (*dataset).fixedArray
	default:
		c.unsupported("chunks of a dataset that does not grow", fmt.Sprint("index ", kind))
	}
	d.addr = c.u64()
}

// implicit is chunks one after another, without an index; one that is filtered has its size and mask in first.
func (d *dataset) implicit(first chunk) error {
	size, _ := format.Count(d.chunk)
	if first.size != 0 {
		size = first.size
	}
	if d.addr > d.f.size {
		return fail(fault.BadHDF5, d.what, "chunks inside the file", fmt.Sprint("byte ", d.addr))
	}
	for i := range d.chunks {
		d.chunks[i] = chunk{d.addr + uint64(i)*size, size, first.mask}
	}
	return nil
}

// fixedArray finds the chunks by an array of their addresses and, where they are filtered, sizes.
func (d *dataset) fixedArray() error {
	c := d.f.at(d.addr, 24, "fixed array")
	c.tag("FAHD")
	c.version(0)
	client, entry, bits, n, block := c.byte(), int(c.byte()), c.byte(), c.u64(), c.u64()
	switch {
	case c.err != nil:
	case n != uint64(len(d.chunks)):
		c.wrong(fmt.Sprint(len(d.chunks), " chunks"), fmt.Sprint(n))
	case client > 1 || client == 0 && entry != 8 || client == 1 && (entry < 13 || entry > 20) || bits > 30:
		c.wrong("addresses, or addresses with sizes", fmt.Sprintf("entries of %d bytes", entry))
	}
	if c.err != nil {
		return c.err
	}
	page, sums, start := 1<<bits, 0, uint64(14)
	if len(d.chunks) > page {
		pages := (len(d.chunks) + page - 1) / page
		start += uint64((pages+7)/8) + 4 // which pages were written, and a checksum
		sums = 4                         // after each page
	} else {
		page = len(d.chunks)
	}
	head := d.f.at(block, 14, "fixed array's block")
	if head.tag("FADB"); head.err != nil {
		return head.err
	}
	whole, _ := format.Count(d.chunk)
	for i := 0; i < len(d.chunks); i += page {
		n := min(page, len(d.chunks)-i)
		c := d.f.at(block+start, uint64(n*entry), "fixed array's page")
		for k := range n {
			e := chunk{addr: c.u64(), size: whole}
			if client == 1 {
				e.size, e.mask = c.uint(entry-12), c.u32()
			}
			d.chunks[i+k] = e
		}
		if c.err != nil {
			return c.err
		}
		start += uint64(n*entry + sums)
	}
	return nil
}
