package hdf5

import (
	"encoding/binary"
	"fmt"
	"io"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// file is a file whose structure is being read.
type file struct {
	r       io.ReaderAt
	size    uint64
	left    int64 // bytes of structure that may still be read
	objects int
	pages   map[uint64][]byte
	heaps   map[uint64]map[uint16][]byte // global heaps by their address: strings of any length
}

// pay takes n bytes, and the cost of one piece, from the account.
func (f *file) pay(n uint64, what string) error {
	if n > f.size+free {
		n = f.size + free
	}
	if f.left -= int64(n) + overhead; f.left < 0 {
		return fail(fault.BadHDF5, what, "a structure that is read once", "parts that point at one another, or overlap")
	}
	return nil
}

// at gives n bytes at addr. what names them in errors.
func (f *file) at(addr, n uint64, what string) *cursor {
	c := &cursor{what: fmt.Sprintf("%s at byte %d", what, addr)}
	switch {
	case addr == none:
		c.what = what
		c.wrong("an address", "none")
	case addr > f.size || n > 1<<62:
		c.wrong("an address inside the file", fault.Bytes(f.size))
	case n > f.size-addr:
		c.err = fail(fault.Truncated, c.what, fault.Bytes(addr+n), fault.Bytes(f.size))
	default:
		if c.err = f.pay(n, c.what); c.err == nil {
			c.b = make([]byte, n)
			c.err = f.fill(c.b, addr, c.what)
		}
	}
	return c
}

// Structure lies in small pieces near one another; a read of a File in a browser costs the more the more there are.
const (
	pageSize = 16 << 10
	maxPages = 128
)

// fill reads b through pages.
func (f *file) fill(b []byte, addr uint64, what string) error {
	if len(b) > pageSize {
		return f.read(b, addr, what)
	}
	for len(b) > 0 {
		start := addr / pageSize * pageSize
		page := f.pages[start]
		if page == nil {
			page = make([]byte, min(pageSize, f.size-start))
			if err := f.read(page, start, what); err != nil {
				return err
			}
			if len(f.pages) == maxPages {
				clear(f.pages)
			}
			f.pages[start] = page
		}
		n := copy(b, page[addr-start:])
		b, addr = b[n:], addr+uint64(n)
	}
	return nil
}

func (f *file) read(b []byte, addr uint64, what string) error {
	if e := format.ReadAt(f.r, b, int64(addr), what); e != nil {
		e.In = "hdf5"
		return e
	}
	return nil
}

// cursor takes numbers from a piece of structure. After the first error it gives zeros.
type cursor struct {
	b    []byte
	i    int
	what string
	err  error
}

// take gives the next n bytes, or nil.
func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b)-c.i {
		c.wrong(fmt.Sprintf("%d bytes from its byte %d on", n, c.i), fault.Bytes(max(len(c.b)-c.i, 0)))
	}
	if c.err != nil {
		return nil
	}
	c.i += n
	return c.b[c.i-n : c.i]
}

// uint is a number of n bytes, at most 8.
func (c *cursor) uint(n int) uint64 {
	var b [8]byte
	copy(b[:], c.take(n))
	return binary.LittleEndian.Uint64(b[:])
}

func (c *cursor) byte() byte  { return byte(c.uint(1)) }
func (c *cursor) u16() uint16 { return uint16(c.uint(2)) }
func (c *cursor) u32() uint32 { return uint32(c.uint(4)) }
func (c *cursor) u64() uint64 { return c.uint(8) }

// more is how many bytes are left.
func (c *cursor) more() int {
	if c.err != nil {
		return 0
	}
	return len(c.b) - c.i
}

// tag expects four letters.
func (c *cursor) tag(s string) {
	if got := string(c.take(4)); c.err == nil && got != s {
		c.wrong(s, fault.Quote(got))
	}
}

// version expects one of the versions in turn.
func (c *cursor) version(known ...byte) byte {
	v := c.byte()
	for _, k := range known {
		if v == k {
			return v
		}
	}
	c.unsupported(fmt.Sprint("version ", known), fmt.Sprint(v))
	return 0
}

func (c *cursor) fail(code fault.Code, expected, found string) {
	if c.err == nil {
		c.err = fail(code, c.what, expected, found)
	}
}

func (c *cursor) wrong(expected, found string)       { c.fail(fault.BadHDF5, expected, found) }
func (c *cursor) unsupported(expected, found string) { c.fail(fault.Unsupported, expected, found) }
