package gguf

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// Types of values (enum gguf_metadata_value_type).
const (
	typeU8 = iota
	typeI8
	typeU16
	typeI16
	typeU32
	typeI32
	typeF32
	typeBool
	typeString
	typeArray
	typeU64
	typeI64
	typeF64
)

// sizes of values, in bytes; of a string or an array the least: their lengths.
var sizes = [...]int64{1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8}

const (
	// piece is how many bytes are read at once. A vocabulary is some hundred thousand strings: reading each by itself would
	// take seconds in a browser.
	piece = 1 << 20
	// maxString is the longest string, in bytes. Chat templates have up to some hundred thousand.
	maxString = 10 << 20
	// maxNarrow is how many numbers of less than 4 bytes arrays may have together, since they are kept as 8 bytes each.
	maxNarrow = 1 << 20
	// maxNesting is how deep arrays may lie in arrays. They are passed over.
	maxNesting = 4
)

// parser reads a header from front to back through a window of the file. After the first error it gives zeros.
type parser struct {
	r      io.ReaderAt
	size   int64
	window []byte
	from   int64 // where the window begins in the file
	at     int   // where the parser is in the window
	meta   map[string]any
	narrow int64
	err    error
}

func (p *parser) pos() int64  { return p.from + int64(p.at) }
func (p *parser) left() int64 { return p.size - p.pos() }

// fail keeps the first error. Without a place it is that of the parser.
func (p *parser) fail(code fault.Code, where, expected, found string) {
	if p.err == nil {
		if where == "" {
			where = fmt.Sprint("byte ", p.pos())
		}
		p.err = fail(code, where, expected, found)
	}
}

// bytes gives the next n, which are valid until the next call; nil after an error.
func (p *parser) bytes(n int64, what string) []byte {
	if p.err != nil {
		return nil
	}
	if n > p.left() {
		p.fail(fault.Truncated, fmt.Sprintf("%s, byte %d", what, p.pos()), fault.Bytes(n)+" more", fault.Bytes(p.left()))
		return nil
	}
	if int64(len(p.window)-p.at) < n {
		p.from += int64(p.at)
		p.at = 0
		want := min(max(n, piece), p.size-p.from)
		if int64(cap(p.window)) < want {
			p.window = make([]byte, want)
		}
		p.window = p.window[:want]
		if e := format.ReadAt(p.r, p.window, p.from, what); e != nil {
			e.In, p.err = "gguf", e
			return nil
		}
	}
	b := p.window[p.at : p.at+int(n)]
	p.at += int(n)
	return b
}

func (p *parser) u32(what string) uint32 {
	if b := p.bytes(4, what); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) u64(what string) uint64 {
	if b := p.bytes(8, what); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (p *parser) string(what string) string {
	n := p.u64(what)
	if n > maxString {
		p.fail(fault.BadGGUF, "", fmt.Sprintf("%s: a string of at most %d bytes", what, maxString), fmt.Sprint(n))
		return ""
	}
	return string(p.bytes(int64(n), what))
}

// start reads the first 24 bytes.
func (p *parser) start() (tensors, keys uint64) {
	if head := p.bytes(4, "magic"); p.err == nil && string(head) != magic {
		p.fail(fault.WrongMagic, "byte 0", `"GGUF"`, fault.Quote(string(head)))
	}
	version := p.u32("version")
	switch {
	case p.err != nil:
	case version&0xffff == 0 && version != 0:
		p.fail(fault.Unsupported, "byte 4", "a little-endian file", "a big-endian one")
	case version != 2 && version != 3:
		p.fail(fault.Unsupported, "GGUF version", "2 or 3", fmt.Sprint(version))
	}
	tensors, keys = p.u64("number of tensors"), p.u64("number of keys")
	switch {
	case p.err != nil:
	case tensors > maxTensors:
		p.fail(fault.BadGGUF, "number of tensors", fmt.Sprint("at most ", maxTensors), fmt.Sprint(tensors))
	case keys > maxKeys:
		p.fail(fault.BadGGUF, "number of keys", fmt.Sprint("at most ", maxKeys), fmt.Sprint(keys))
	}
	return tensors, keys
}

// keys reads n keys and values into meta.
func (p *parser) keys(n uint64) {
	for i := uint64(0); i < n && p.err == nil; i++ {
		key := p.string(fmt.Sprint("key ", i))
		switch _, twice := p.meta[key]; {
		case p.err != nil:
			return
		case key == "" || len(key) > maxName || !utf8.ValidString(key):
			p.fail(fault.BadGGUF, fmt.Sprint("key ", i), fmt.Sprintf("1 to %d bytes of UTF-8", maxName), fault.Quote(key))
		case twice:
			p.fail(fault.BadGGUF, fault.Quote(key), "each key once", "twice")
		}
		if v := p.value(p.u32(key), key); v != nil && p.err == nil {
			p.meta[key] = v
		}
	}
}

// value reads one value; nil is one that is passed over.
func (p *parser) value(kind uint32, key string) any {
	switch {
	case p.err != nil:
		return nil
	case kind == typeArray:
		return p.array(key)
	case kind == typeString:
		return p.string(key)
	case kind >= uint32(len(sizes)):
		p.fail(fault.BadGGUF, fault.Quote(key), "a type from 0 to 12", fmt.Sprint("type ", kind))
		return nil
	}
	b := p.bytes(sizes[kind], key)
	if b == nil {
		return nil
	}
	switch kind {
	case typeF32, typeF64:
		return float(kind, b)
	case typeBool:
		if b[0] > 1 {
			p.fail(fault.BadGGUF, fault.Quote(key), "0 or 1", fmt.Sprint(b[0]))
		}
		return b[0] == 1
	}
	return whole(kind, b)
}

func float(kind uint32, b []byte) float64 {
	if kind == typeF32 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

// whole is a whole number; one of more than 63 bits becomes the largest.
func whole(kind uint32, b []byte) int64 {
	switch kind {
	case typeU8, typeBool:
		return int64(b[0])
	case typeI8:
		return int64(int8(b[0]))
	case typeU16:
		return int64(binary.LittleEndian.Uint16(b))
	case typeI16:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case typeU32:
		return int64(binary.LittleEndian.Uint32(b))
	case typeI32:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case typeI64:
		return int64(binary.LittleEndian.Uint64(b))
	}
	return int64(min(binary.LittleEndian.Uint64(b), math.MaxInt64))
}

// array reads []string, []int64 (booleans too) or []float64. What is allocated is at most twice what the file holds.
func (p *parser) array(key string) any {
	kind, n := p.arrayHead(key)
	switch {
	case p.err != nil:
		return nil
	case kind == typeArray:
		p.skip(n, key, 1)
		return nil
	case kind == typeString:
		list := make([]string, n)
		for i := range list {
			list[i] = p.string(key)
		}
		return list
	}
	size := sizes[kind]
	if size < 4 {
		if p.narrow += n; p.narrow > maxNarrow {
			p.fail(fault.TooLarge, fault.Quote(key), fmt.Sprintf("at most %d small numbers", maxNarrow), fmt.Sprint(p.narrow))
			return nil
		}
	}
	if kind == typeF32 || kind == typeF64 {
		return numbers(p, key, n, size, func(b []byte) float64 { return float(kind, b) })
	}
	return numbers(p, key, n, size, func(b []byte) int64 { return whole(kind, b) })
}

// arrayHead reads an array's type and length, and proves that the file has room for it.
func (p *parser) arrayHead(key string) (kind uint32, n int64) {
	kind, count := p.u32(key), p.u64(key)
	switch {
	case p.err != nil:
	case kind >= uint32(len(sizes)):
		p.fail(fault.BadGGUF, fault.Quote(key), "an array of a type from 0 to 12", fmt.Sprint("type ", kind))
	case count > uint64(p.left()/sizes[kind]):
		p.fail(fault.Truncated, fault.Quote(key), fmt.Sprintf("%d values of at least %s", count, fault.Bytes(sizes[kind])), fault.Bytes(p.left()))
	default:
		return kind, int64(count)
	}
	return 0, 0
}

func numbers[T any](p *parser, key string, n, size int64, get func([]byte) T) []T {
	list := make([]T, 0, n)
	for n > 0 && p.err == nil {
		some := min(n, piece/size)
		b := p.bytes(some*size, key)
		for i := 0; i < len(b); i += int(size) {
			list = append(list, get(b[i:]))
		}
		n -= some
	}
	return list
}

// skip passes over n arrays.
func (p *parser) skip(n int64, key string, depth int) {
	if depth == maxNesting {
		p.fail(fault.BadGGUF, fault.Quote(key), fmt.Sprintf("at most %d levels of arrays", maxNesting), "more")
	}
	for ; n > 0 && p.err == nil; n-- {
		switch kind, m := p.arrayHead(key); {
		case p.err != nil:
		case kind == typeArray:
			p.skip(m, key, depth+1)
		case kind == typeString:
			for ; m > 0 && p.err == nil; m-- {
				p.bytes(int64(min(p.u64(key), math.MaxInt64)), key)
			}
		default:
			for bytes := m * sizes[kind]; bytes > 0 && p.err == nil; bytes -= min(bytes, piece) {
				p.bytes(min(bytes, piece), key)
			}
		}
	}
}

// tensors reads the list of n tensors.
func (p *parser) tensors(n uint64) []info {
	const least = 8 + 4 + 4 + 8
	if p.err == nil && n > uint64(p.left()/least) {
		p.fail(fault.Truncated, "list of tensors", fmt.Sprintf("%d of at least %d bytes", n, least), fault.Bytes(p.left()))
	}
	if p.err != nil {
		return nil
	}
	list := make([]info, n)
	for i := range list {
		where := fmt.Sprint("tensor ", i)
		t := &list[i]
		t.name = p.string(where)
		if t.name == "" || len(t.name) > maxName || !utf8.ValidString(t.name) {
			p.fail(fault.BadGGUF, where, fmt.Sprintf("a name of 1 to %d bytes of UTF-8", maxName), fault.Quote(t.name))
		}
		dims := p.u32(where)
		if dims > maxDims {
			p.fail(fault.BadShape, fault.Name(t.name), fmt.Sprintf("at most %d dimensions", maxDims), fmt.Sprint(dims))
		}
		for d := uint32(0); d < dims && p.err == nil; d++ {
			t.shape = append(t.shape, p.u64(where))
		}
		t.kind, t.at = p.u32(where), p.u64(where)
		if p.err != nil {
			return nil
		}
	}
	return list
}
