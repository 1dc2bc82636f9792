package gguf

import (
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

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
