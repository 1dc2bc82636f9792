package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// class is a datatype's class, as the specification numbers them.
type class byte

const (
	fixedPoint  class = 0
	floating    class = 1
	text        class = 3
	opaque      class = 5
	enumeration class = 8
	varying     class = 9 // of any length, in a global heap
)

// kind is a datatype: of one element.
type kind struct {
	class     class
	size      int
	bigEndian bool
	padding   byte // of text: 0 ends with a zero byte, 1 with zeros, 2 with spaces
	isText    bool // of varying: a string
	dtype     tensor.DType
}

// datatype reads a datatype message. A type that no tensor has gets a name that package tensor does not know.
func datatype(c *cursor) kind {
	head := c.byte()
	bits := uint32(c.uint(3))
	k := kind{class: class(head & 15), size: int(c.u32())}
	if version := head >> 4; version < 1 || version > 5 {
		c.unsupported("a datatype of version 1 to 5", fmt.Sprint(version))
	}
	if c.err == nil && k.size == 0 {
		c.wrong("a datatype of at least 1 byte", "0 bytes")
	}
	k.dtype = tensor.DType(fmt.Sprintf("HDF5 class %d of %d bytes", k.class, k.size))
	switch k.class {
	case fixedPoint:
		k.bigEndian = bits&1 != 0
		k.dtype = whole(c, k.size, bits&8 != 0)
	case floating:
		k.bigEndian = bits&1 != 0
		k.dtype = float(c, k, bits)
	case text:
		k.padding = byte(bits & 15)
	case enumeration:
		if k.size == 1 {
			k.dtype = tensor.Bool // as h5py has it
		}
	case varying:
		k.isText = bits&15 == 1
	}
	return k
}

// whole is the type of a whole number.
func whole(c *cursor, size int, signed bool) tensor.DType {
	from, precision := c.u16(), c.u16()
	name := fmt.Sprintf("U%d", 8*size)
	if signed {
		name = fmt.Sprintf("I%d", 8*size)
	}
	if from != 0 || int(precision) != 8*size {
		name += fmt.Sprintf(" of %d bits", precision)
	}
	return tensor.DType(name)
}

// float is the type of a number by where its bits lie.
func float(c *cursor, k kind, bits uint32) tensor.DType {
	c.u16()
	precision := int(c.u16())
	exponentAt, exponent, mantissaAt, mantissa := c.byte(), c.byte(), c.byte(), c.byte()
	bias := c.u32()
	got := fmt.Sprint(bits>>8, k.size, precision, exponentAt, exponent, mantissaAt, mantissa, bias)
	if bits&0x40 == 0 {
		for _, d := range []struct {
			dtype tensor.DType
			as    string
		}{
			{tensor.F64, "63 8 64 52 11 0 52 1023"}, {tensor.F32, "31 4 32 23 8 0 23 127"}, {tensor.F16, "15 2 16 10 5 0 10 15"}, {tensor.BF16, "15 2 16 7 8 0 7 127"},
		} {
			if got == d.as {
				return d.dtype
			}
		}
	}
	return tensor.DType(fmt.Sprintf("a float of %d bytes", k.size))
}

// space reads a dataspace message: a shape; empty is a space of no element at all.
func space(c *cursor) (shape []uint64, empty bool) {
	version := c.version(1, 2)
	rank := int(c.byte())
	c.byte() // says that the largest dimensions that it may grow to follow
	if version == 1 {
		c.take(5)
	} else {
		empty = c.byte() == 2
	}
	if rank > format.MaxRank {
		c.fail(fault.BadShape, fmt.Sprintf("at most %d dimensions", format.MaxRank), fmt.Sprint(rank))
		return nil, false
	}
	for range rank {
		shape = append(shape, c.u64())
	}
	if _, ok := format.Count(shape); !ok {
		c.fail(fault.BadShape, "elements that can be counted", format.Shape(shape))
	}
	return shape, empty
}

// attribute reads an attribute message into attrs. One of a type that is not read is left out.
func (f *file) attribute(c *cursor, attrs map[string]any) {
	version := c.version(1, 2, 3)
	if flags := c.byte(); version > 1 && flags&3 != 0 {
		c.unsupported("an attribute's own type", "one that objects share")
	}
	nameSize, typeSize, spaceSize := int(c.u16()), int(c.u16()), int(c.u16())
	if version == 3 {
		c.byte() // ASCII or UTF-8
	}
	part := func(n int, what string) *cursor {
		p := &cursor{b: c.take(n), what: c.what + ", its " + what}
		if version == 1 {
			c.take(min((8-n%8)%8, c.more()))
		}
		return p
	}
	name, _, _ := strings.Cut(string(part(nameSize, "name").b), "\x00")
	t, s := part(typeSize, "type"), part(spaceSize, "shape")
	if c.err != nil {
		return
	}
	c.what = "attribute " + fault.Quote(name)
	k := datatype(t)
	shape, empty := space(s)
	for _, p := range []*cursor{t, s} {
		if c.err == nil {
			c.err = p.err
		}
	}
	count, _ := format.Count(shape)
	if empty {
		count = 0
	}
	if c.err == nil && count > uint64(len(c.b)/k.size) {
		c.wrong(fmt.Sprintf("%d elements of %d bytes", count, k.size), fault.Bytes(c.more()))
	}
	data := c.take(int(count) * k.size)
	if c.err == nil {
		if v := f.value(c, k, data, int(count), len(shape) == 0); v != nil {
			attrs[name] = v
		}
	}
}

// value is an attribute's elements as a Go value, or nil if the type is not read.
func (f *file) value(c *cursor, k kind, data []byte, count int, scalar bool) any {
	if count == 0 {
		return []string{} // the type of nothing does not matter, and h5py makes it float64
	}
	switch {
	case k.class == text || k.class == varying && k.isText:
		out := make([]string, 0, count)
		for i := range count {
			out = append(out, f.text(c, k, data[i*k.size:(i+1)*k.size]))
		}
		return one(out, scalar)
	case k.class == fixedPoint && k.size <= 8:
		out := make([]int64, count)
		for i := range out {
			out[i] = integer(k, data[i*k.size:(i+1)*k.size])
		}
		return one(out, scalar)
	case k.dtype == tensor.F32 || k.dtype == tensor.F64:
		out := make([]float64, count)
		for i := range out {
			out[i] = real(k, data[i*k.size:(i+1)*k.size])
		}
		return one(out, scalar)
	}
	return nil
}

func one[T any](v []T, scalar bool) any {
	if scalar {
		return v[0]
	}
	return v
}

func integer(k kind, b []byte) int64 {
	var w [8]byte
	for i, x := range b {
		if k.bigEndian {
			i = len(b) - 1 - i
		}
		w[i] = x
	}
	v := int64(binary.LittleEndian.Uint64(w[:]))
	if shift := 64 - 8*len(b); k.dtype[0] == 'I' {
		v = v << shift >> shift
	}
	return v
}

func real(k kind, b []byte) float64 {
	order := binary.ByteOrder(binary.LittleEndian)
	if k.bigEndian {
		order = binary.BigEndian
	}
	if k.size == 4 {
		return float64(math.Float32frombits(order.Uint32(b)))
	}
	return math.Float64frombits(order.Uint64(b))
}

// text is one string: the bytes themselves, or where they are in a global heap.
func (f *file) text(c *cursor, k kind, b []byte) string {
	if k.class == varying {
		r := &cursor{b: b, what: c.what}
		n, addr, index := r.u32(), r.u64(), r.u32()
		if r.err != nil || n == 0 && (addr == 0 || addr == none) {
			c.err = r.err
			return ""
		}
		heap, err := f.globalHeap(addr)
		if err == nil && (index > 1<<16 || uint32(len(heap[uint16(index)])) < n) {
			c.wrong(fmt.Sprintf("%d bytes in the heap at byte %d", n, addr), fault.Bytes(len(heap[uint16(index)])))
		}
		if err == nil {
			err = f.pay(uint64(n), c.what) // many may point to one
		}
		if c.err == nil {
			c.err = err
		}
		if c.err != nil {
			return ""
		}
		b = heap[uint16(index)][:n]
	}
	if k.padding == 2 {
		return string(bytes.TrimRight(b, " "))
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// globalHeap reads a collection of strings.
func (f *file) globalHeap(addr uint64) (map[uint16][]byte, error) {
	if h, ok := f.heaps[addr]; ok {
		return h, nil
	}
	c := f.at(addr, 16, "global heap")
	c.tag("GCOL")
	c.version(1)
	c.take(3)
	size := c.u64()
	if c.err == nil && size < 16 {
		c.wrong("at least 16 bytes", fault.Bytes(size))
	}
	if c.err != nil {
		return nil, c.err
	}
	c = f.at(addr+16, size-16, "global heap objects")
	h := map[uint16][]byte{}
	for c.more() >= 16 {
		index := c.u16()
		c.take(6)
		n := c.u64()
		if index == 0 { // what is left is free
			break
		}
		h[index] = c.take(int(min(n, 1<<40)))
		c.take(min(int((8-n%8)%8), c.more()))
		if err := f.pay(0, c.what); c.err == nil {
			c.err = err
		}
	}
	f.heaps[addr] = h
	return h, c.err
}
