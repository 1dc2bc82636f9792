package gguf

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

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
