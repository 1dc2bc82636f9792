package hdf5

import (
	"bytes"
	"fmt"
	"io"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// The ways in which a dataset is stored.
const (
	compact    = 1 // in the header
	contiguous = 2
	chunked    = 3
)

// dataset is what an object's header says of its numbers.
type dataset struct {
	f       *file
	what    string
	shape   []uint64
	empty   bool
	kind    kind
	stored  int    // compact, contiguous, chunked; 0: none, it is a group
	data    []byte // of compact
	addr    uint64 // of contiguous: the numbers; of chunked: the index
	bytes   uint64 // of contiguous
	chunk   []uint64
	index   func(d *dataset) error // of chunked: finds the chunks
	filters []filter
	chunks  []chunk // in row-major order
	band    *bands  // of rows: the row of chunks that was read last
	hole    error   // of the first chunk that was never written
}

// chunk is where one chunk is stored. mask has a bit for each filter that was not applied.
type chunk struct {
	addr, size uint64
	mask       uint32
}

// layout reads a data layout message.
func (d *dataset) layout(c *cursor) {
	version := c.version(1, 2, 3, 4, 5)
	if version < 3 {
		c.unsupported("a layout of version 3 to 5, as HDF5 1.6 and later write", fmt.Sprint(version))
		return
	}
	class := c.byte()
	switch class {
	case 0:
		d.stored = compact
		d.data = bytes.Clone(c.take(int(c.u16())))
	case 1:
		d.stored = contiguous
		d.addr, d.bytes = c.u64(), c.u64()
	case 2:
		d.stored = chunked
		if version == 3 {
			d.chunkLayout3(c)
		} else {
			d.chunkLayout4(c)
		}
	default:
		c.unsupported("compact, contiguous or chunked numbers", fmt.Sprint("layout ", class))
	}
}

// chunkLayout3: the chunks are in a B-tree.
func (d *dataset) chunkLayout3(c *cursor) {
	rank := int(c.byte())
	d.addr = c.u64()
	d.chunkShape(c, rank, 4)
	d.index = (*dataset).chunkTree
}

// chunkShape reads a chunk's dimensions, the last of which is an element's size.
func (d *dataset) chunkShape(c *cursor, rank, width int) {
	if rank < 2 || rank > format.MaxRank+1 || width < 1 || width > 8 {
		c.wrong(fmt.Sprintf("chunks of 1 to %d dimensions", format.MaxRank), fmt.Sprint(rank-1))
		return
	}
	for range rank {
		n := c.uint(width)
		if c.err == nil && n == 0 {
			c.wrong("chunks that are not empty", "0")
		}
		d.chunk = append(d.chunk, n)
	}
}

// tensor proves that the numbers are all there.
func (d *dataset) tensor(attrs map[string]any) (*format.Tensor, error) {
	if d.kind.size == 0 {
		return nil, fail(fault.BadHDF5, d.what, "a datatype", "none")
	}
	if d.empty {
		d.shape = []uint64{0}
	}
	if s, ok := attrs["dtype"].(string); ok && s == "bfloat16" && d.kind.size == 2 { // Keras 3, for h5py has no name for it
		d.kind.dtype = "BF16"
	}
	t := &format.Tensor{Size: d.kind.dtype.Size(), BigEndian: d.kind.bigEndian}
	t.DType, t.Shape = d.kind.dtype, format.Ints(d.shape)
	n, ok := format.Count(append([]uint64{uint64(d.kind.size)}, d.shape...))
	if !ok {
		return nil, fail(fault.BadShape, d.what, "elements that can be counted", format.Shape(d.shape))
	}
	t.Bytes = int64(n)
	switch d.stored {
	case compact:
		if uint64(len(d.data)) < n {
			return nil, fail(fault.BadHDF5, d.what, fault.Bytes(n), fault.Bytes(len(d.data)))
		}
		t.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(d.data[:n])), nil }
		t.Rows = d.section(bytes.NewReader(d.data), 0, n)
	case contiguous:
		if n == 0 {
			d.addr = 0
		}
		switch {
		case d.addr == none:
			return nil, fail(fault.BadHDF5, d.what, fault.Bytes(n), "numbers that were never written")
		case d.bytes < n:
			return nil, fail(fault.BadHDF5, d.what, fault.Bytes(n), fault.Bytes(d.bytes))
		case d.addr > d.f.size || n > d.f.size-d.addr:
			return nil, fail(fault.Truncated, d.what, fault.Bytes(n), fault.Bytes(d.f.size-min(d.addr, d.f.size)))
		}
		t.Open = format.Section(d.f.r, int64(d.addr), int64(n))
		t.Rows = d.section(d.f.r, int64(d.addr), n)
	case chunked:
		if err := d.findChunks(n); err != nil {
			return nil, err
		}
		t.Open = func() (io.ReadCloser, error) {
			if d.hole != nil { // weights are whole
				return nil, d.hole
			}
			return &bands{d: d}, nil
		}
		t.Rows = d.within(n, d.rows)
	}
	return t, nil
}

// section reads rows of n bytes that lie one after another from addr on.
func (d *dataset) section(r io.ReaderAt, addr int64, n uint64) func([]byte, int) error {
	return d.within(n, func(b []byte, row int) error {
		width := int64(n / max(d.shape[0], 1))
		if e := format.ReadAt(r, b, addr+int64(row)*width, d.what); e != nil {
			e.In = "hdf5"
			return e
		}
		return nil
	})
}

// within holds that whole rows of the dataset, of n bytes, are asked for; nil if it has none.
func (d *dataset) within(n uint64, read func(b []byte, row int) error) func([]byte, int) error {
	if len(d.shape) == 0 || n == 0 {
		return nil
	}
	width := n / d.shape[0]
	return func(b []byte, row int) error {
		if count := uint64(len(b)) / width; row < 0 || uint64(len(b))%width != 0 || count > d.shape[0] || uint64(row) > d.shape[0]-count {
			return fail(fault.BadHDF5, d.what, fmt.Sprintf("rows 0 to %d", d.shape[0]), fmt.Sprintf("%s from row %d on", fault.Bytes(len(b)), row))
		}
		return read(b, row)
	}
}
