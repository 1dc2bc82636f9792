package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// The filters that are read, by their registered numbers.
const (
	deflate    = 1
	shuffle    = 2
	fletcher32 = 3
)

// filter is one step by which a chunk was packed.
type filter struct {
	id   uint16
	size int // of shuffle: an element's bytes
}

// pipeline reads a filter pipeline message.
func (d *dataset) pipeline(c *cursor) {
	version := c.version(1, 2)
	count := int(c.byte())
	if version == 1 {
		c.take(6)
	}
	for range count {
		f := filter{id: c.u16()}
		names := 0
		if version == 1 || f.id >= 256 {
			names = int(c.u16())
		}
		c.u16()
		values := int(c.u16())
		name, _, _ := strings.Cut(string(c.take(names)), "\x00")
		for i := range values {
			if v := c.u32(); i == 0 {
				f.size = int(v)
			}
		}
		if version == 1 && values%2 == 1 {
			c.take(4)
		}
		switch {
		case f.id < deflate || f.id > fletcher32:
			c.unsupported("gzip, shuffle or fletcher32", fmt.Sprintf("filter %d %s", f.id, fault.Quote(name)))
		case f.id == shuffle && f.size < 1:
			c.wrong("elements of at least 1 byte", fmt.Sprint(f.size))
		}
		if c.err != nil {
			return
		}
		d.filters = append(d.filters, f)
	}
}

// unpack reads chunk i and undoes its filters, the last first.
func (d *dataset) unpack(i int) ([]byte, error) {
	c := d.chunks[i]
	where := fmt.Sprintf("%s, chunk %d", d.what, i)
	b := make([]byte, c.size)
	if err := d.f.read(b, c.addr, where); err != nil {
		return nil, err
	}
	n, _ := format.Count(d.chunk)
	whole := int(n)
	for k := len(d.filters) - 1; k >= 0; k-- {
		if c.mask>>k&1 != 0 {
			continue
		}
		var err error
		switch f := d.filters[k]; f.id {
		case fletcher32:
			b, err = checked(b)
		case deflate:
			b, err = inflate(b, whole+4*len(d.filters))
		case shuffle:
			b = unshuffle(b, f.size)
		}
		if err != nil {
			return nil, &fault.Error{Code: fault.BadHDF5, In: "hdf5", Where: where, Err: err}
		}
	}
	if len(b) != whole {
		return nil, fail(fault.BadHDF5, where, fault.Bytes(whole), fault.Bytes(len(b)))
	}
	return b, nil
}

// inflate unpacks at most limit bytes.
func inflate(b []byte, limit int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out := make([]byte, limit+1)
	n, err := io.ReadFull(z, out)
	if err != io.ErrUnexpectedEOF || n > limit {
		if err == nil {
			err = fmt.Errorf("more than %d bytes", limit)
		}
		return nil, err
	}
	// ReadFull says the same of a stream that is cut: only a whole one ends with io.EOF.
	if _, err := z.Read(out[n:]); err != io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	return out[:n], nil
}

// unshuffle puts the bytes of elements of that size together again: all first bytes were stored before all second ones. What
// is left over at the end is as it was.
func unshuffle(b []byte, size int) []byte {
	n := len(b) / size
	out := make([]byte, len(b))
	for k := range size {
		for i, v := range b[k*n : (k+1)*n] {
			out[i*size+k] = v
		}
	}
	copy(out[n*size:], b[n*size:])
	return out
}

// checked takes Fletcher's checksum from the end of b: two sums of its big-endian words of 16 bits, modulo 65535.
func checked(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	b, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	var s1, s2 uint32
	for i := 0; i < len(b); i += 2 {
		w := uint32(b[i]) << 8
		if i+1 < len(b) {
			w |= uint32(b[i+1])
		}
		s1 = (s1 + w) % 65535
		s2 = (s2 + s1) % 65535
	}
	if s1 != (sum&0xffff)%65535 || s2 != (sum>>16)%65535 { // 65535 and 0 are the same
		return nil, fmt.Errorf("its checksum is %04x%04x, not %08x", s2, s1, sum)
	}
	return b, nil
}
