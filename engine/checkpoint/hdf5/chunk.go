package hdf5

import (
	"encoding/binary"
	"fmt"
	"io"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

const (
	// maxRatio is how many times the file's size chunked numbers may have when they are inflated.
	maxRatio = 100
	// freeRatio bytes may be more: small arrays of zeros are.
	freeRatio = 4 << 20
)

// plausible reports whether n bytes can have been made from the file. Weights hardly shrink; bombs shrink 1000 times.
func (f *file) plausible(n uint64) bool { return n <= freeRatio || n/maxRatio <= f.size }

// grid is how many chunks there are along each dimension.
func (d *dataset) grid() []uint64 {
	g := make([]uint64, len(d.shape))
	for i, n := range d.shape {
		g[i] = (n + d.chunk[i] - 1) / d.chunk[i]
	}
	return g
}

// findChunks reads the index of n bytes of chunked numbers and proves that every chunk that was written is there.
func (d *dataset) findChunks(n uint64) error {
	rank := len(d.shape)
	if len(d.chunk) != rank+1 {
		return fail(fault.BadHDF5, d.what, fmt.Sprintf("chunks of %d dimensions", rank), fmt.Sprint(len(d.chunk)-1))
	}
	if size := d.chunk[rank]; size != uint64(d.kind.size) {
		return fail(fault.BadHDF5, d.what, "elements of "+fault.Bytes(d.kind.size), fault.Bytes(size))
	}
	whole, ok := format.Count(d.chunk)
	if !ok || !d.f.plausible(whole) || !d.f.plausible(n) {
		return fail(fault.TooLarge, d.what, fmt.Sprintf("numbers and chunks of at most %d times the file", maxRatio), format.Shape(d.shape)+" in chunks of "+format.Shape(d.chunk[:rank]))
	}
	count, _ := format.Count(d.grid()) // at most the elements, which were counted
	if count > uint64(d.f.left)/overhead {
		return fail(fault.BadHDF5, d.what, "chunks that fit in the file", fmt.Sprint(count))
	}
	if count == 0 {
		return nil
	}
	if !d.f.plausible(count * whole) { // the chunks at the edges stand out
		return fail(fault.TooLarge, d.what, fmt.Sprintf("chunks of at most %d times the file together", maxRatio), fmt.Sprintf("%d of %d bytes", count, whole))
	}
	d.chunks = make([]chunk, count)
	if err := d.index(d); err != nil {
		return err
	}
	for i := range d.chunks {
		if d.chunks[i].size == 0 {
			if d.hole == nil {
				d.hole = fail(fault.BadHDF5, fmt.Sprintf("%s, chunk %d", d.what, i), "its numbers", "none: it was never written")
			}
			continue
		}
		if err := d.prove(&d.chunks[i], i, whole); err != nil {
			return err
		}
	}
	return nil
}

// prove checks one chunk, of whole bytes when it is unpacked.
func (d *dataset) prove(c *chunk, i int, whole uint64) error {
	where := fmt.Sprintf("%s, chunk %d", d.what, i)
	switch {
	case c.addr > d.f.size || c.size > d.f.size-c.addr:
		return fail(fault.Truncated, where, fault.Bytes(c.size), fault.Bytes(d.f.size-min(c.addr, d.f.size)))
	}
	packed, sums := false, uint64(0)
	for k, f := range d.filters {
		if c.mask>>k&1 == 0 {
			packed = packed || f.id == deflate
			if f.id == fletcher32 {
				sums += 4
			}
		}
	}
	if !packed && c.size != whole+sums {
		return fail(fault.BadHDF5, where, fault.Bytes(whole+sums), fault.Bytes(c.size))
	}
	return nil
}

// chunkTree finds the chunks by a B-tree.
func (d *dataset) chunkTree() error {
	rank, grid := len(d.shape), d.grid()
	return d.f.tree(d.addr, 1, -1, 8+8*(rank+1), func(key []byte, child uint64) error {
		at := uint64(0)
		for i := range rank {
			off := binary.LittleEndian.Uint64(key[8+8*i:])
			if off%d.chunk[i] != 0 || off/d.chunk[i] >= grid[i] {
				return fail(fault.BadHDF5, d.what, fmt.Sprintf("chunks at multiples of %d below %d", d.chunk[i], d.shape[i]), fmt.Sprint(off))
			}
			at = at*grid[i] + off/d.chunk[i]
		}
		if d.chunks[at].size != 0 {
			return fail(fault.BadHDF5, d.what, fmt.Sprintf("chunk %d once", at), "twice")
		}
		d.chunks[at] = chunk{child, uint64(binary.LittleEndian.Uint32(key)), binary.LittleEndian.Uint32(key[4:])}
		return nil
	})
}

// bands reads chunked numbers in row-major order, one row of chunks at a time.
type bands struct {
	d         *dataset
	next      int // the next band
	buf, rest []byte
}

func (b *bands) Close() error { return nil }

func (b *bands) Read(dst []byte) (int, error) {
	for len(b.rest) == 0 {
		grid := b.d.grid()
		if len(b.d.chunks) == 0 || b.next == int(grid[0]) {
			return 0, io.EOF
		}
		if err := b.fill(len(b.d.chunks) / int(grid[0])); err != nil {
			return 0, err
		}
	}
	n := copy(dst, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// fill unpacks the next band, of that many chunks.
func (b *bands) fill(count int) error {
	d := b.d
	shape := append([]int{}, format.Ints(d.shape)...)
	chunk := format.Ints(d.chunk[:len(shape)])
	shape[0] = min(chunk[0], shape[0]-b.next*chunk[0])
	n := tensor.Numel(shape) * d.kind.size
	if cap(b.buf) < n {
		b.buf = make([]byte, n)
	}
	b.buf = b.buf[:n]
	at := make([]int, len(shape)) // of the chunk, in the band
	for i := range count {
		var raw []byte
		if d.chunks[b.next*count+i].size == 0 {
			raw = make([]byte, tensor.Numel(chunk)*d.kind.size)
		} else if u, err := d.unpack(b.next*count + i); err != nil {
			return err
		} else {
			raw = u
		}
		place(b.buf, raw, shape, chunk, at, d.kind.size)
		for k := len(at) - 1; k > 0; k-- { // the next chunk
			if at[k] += chunk[k]; at[k] < shape[k] {
				break
			}
			at[k] = 0
		}
	}
	b.next++
	b.rest = b.buf
	return nil
}

// place copies a chunk into an array, of which it begins at at; what stands out is left.
func place(dst, src []byte, shape, chunk, at []int, size int) {
	last := len(shape) - 1
	run := min(chunk[last], shape[last]-at[last]) * size
	i := make([]int, len(shape)) // in the chunk
	for {
		to, from := 0, 0
		for k := range shape {
			to, from = to*shape[k]+at[k]+i[k], from*chunk[k]+i[k]
		}
		copy(dst[to*size:][:run], src[from*size:])
		k := last - 1
		for ; k >= 0; k-- {
			if i[k]++; i[k] < chunk[k] && at[k]+i[k] < shape[k] {
				break
			}
			i[k] = 0
		}
		if k < 0 {
			return
		}
	}
}

// maxBand is how many bytes one row of chunks may have, unpacked, where rows are read by themselves: it is kept.
const maxBand = 256 << 20

// rows reads whole rows from row on into b, through the row of chunks that was unpacked last. What was never written is 0, as in HDF5: a
// recording has room for more than it came to.
func (d *dataset) rows(b []byte, row int) error {
	width := tensor.Numel(format.Ints(d.shape[1:])) * d.kind.size
	high := int(d.chunk[0])
	if width > 0 && high > maxBand/width {
		return fail(fault.TooLarge, d.what, fmt.Sprintf("at most %d MB a row of chunks", maxBand>>20), fault.Bytes(high*width))
	}
	for len(b) > 0 {
		if d.band == nil || d.band.next != row/high+1 {
			d.band = &bands{d: d, next: row / high}
			if err := d.band.fill(len(d.chunks) / int(d.grid()[0])); err != nil {
				d.band = nil
				return err
			}
		}
		n := copy(b, d.band.buf[row%high*width:])
		b, row = b[n:], row+n/width
	}
	return nil
}
