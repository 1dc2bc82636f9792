package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// MaxHeader is the longest header that is read, in bytes; numpy's own limit is 10,000.
const MaxHeader = 65_536

const magic = "\x93NUMPY"

// dtypes are numpy's type codes without their byte order. A number without a name in package tensor cannot be a weight.
var dtypes = map[string]struct {
	dtype tensor.DType
	size  int
}{
	"f8": {tensor.F64, 8}, "f4": {tensor.F32, 4}, "f2": {tensor.F16, 2},
	"i8": {tensor.I64, 8}, "i4": {tensor.I32, 4}, "i2": {tensor.I16, 2}, "i1": {tensor.I8, 1},
	"u8": {"U64", 8}, "u4": {"U32", 4}, "u2": {"U16", 2}, "u1": {tensor.U8, 1}, "b1": {tensor.Bool, 1},
}

func fail(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "npy", Where: where, Expected: expected, Found: found}
}

// read takes the header of an npy file (format versions 1, 2 and 3, numpy.lib.format) from r, and returns its length.
// What it does not know of t stays as it was: name and Open.
func read(r io.Reader, t *format.Tensor) (length int64, err error) {
	var start [12]byte
	if err := fill(r, start[:8], "npy magic"); err != nil {
		return 0, err
	}
	if string(start[:6]) != magic {
		return 0, fail(fault.BadNPY, "byte 0", strconv.Quote(magic), strconv.Quote(string(start[:6])))
	}
	n := 4 // bytes that hold the header's length
	switch start[6] {
	case 1:
		n = 2
	case 2, 3:
	default:
		return 0, fail(fault.BadNPY, "byte 6", "npy version 1, 2 or 3", fmt.Sprint(start[6]))
	}
	if err := fill(r, start[8:8+n], "npy header length"); err != nil {
		return 0, err
	}
	size := int64(binary.LittleEndian.Uint32(start[8:])) // version 1 leaves the upper bytes zero
	if size > MaxHeader {
		return 0, fail(fault.HeaderTooLarge, "npy header length", "at most "+fault.Bytes(MaxHeader), fault.Bytes(size))
	}
	header := make([]byte, size)
	if err := fill(r, header, "npy header"); err != nil {
		return 0, err
	}
	return int64(8+n) + size, parse(string(header), t)
}

func fill(r io.Reader, b []byte, where string) error {
	if _, err := io.ReadFull(r, b); err != nil {
		e := fault.ReadError(where, err)
		e.In = "npy"
		return e
	}
	return nil
}

// parse reads the header, a Python dict of literals: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
func parse(header string, t *format.Tensor) error {
	if !utf8.ValidString(header) {
		return fail(fault.BadNPY, "npy header", "text", "bytes that are no text")
	}
	p := &parser{s: header}
	seen := map[string]bool{}
	p.expect("{")
	for p.err == nil && !p.take("}") {
		key := p.str()
		p.expect(":")
		if seen[key] {
			p.wrong("each key once", key+" twice")
		}
		seen[key] = true
		switch key {
		case "descr":
			p.descr(t)
		case "fortran_order":
			t.Fortran = p.boolean()
		case "shape":
			p.shape(t)
		default:
			p.wrong("descr, fortran_order and shape", key)
		}
		if p.take("}") {
			break
		}
		p.expect(",")
	}
	if p.space(); p.err == nil && p.s[p.i:] != "" {
		p.wrong("the end of the header", p.s[p.i:])
	}
	if p.err == nil && len(seen) != 3 {
		p.wrong("descr, fortran_order and shape", fmt.Sprint(len(seen), " of them"))
	}
	if p.err != nil {
		return p.err
	}
	return size(t)
}

// size fills in the bytes of all elements.
func size(t *format.Tensor) error {
	dims := []uint64{uint64(t.Size)}
	for _, d := range t.Shape {
		dims = append(dims, uint64(d))
	}
	n, ok := format.Count(dims)
	if !ok {
		return fail(fault.BadShape, "shape", "elements that can be counted", format.Shape(t.Shape))
	}
	t.Bytes = int64(n)
	return nil
}

// parser reads Python literals. After the first error it stands still.
type parser struct {
	s   string
	i   int
	err error
}

func (p *parser) wrong(expected, found string) {
	p.fail(fault.BadNPY, expected, fault.Quote(found))
}

func (p *parser) fail(code fault.Code, expected, found string) {
	if p.err == nil {
		p.err = fail(code, fmt.Sprint("npy header byte ", p.i), expected, found)
	}
}

func (p *parser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

// take passes over s if it is next.
func (p *parser) take(s string) bool {
	p.space()
	if p.err == nil && strings.HasPrefix(p.s[p.i:], s) {
		p.i += len(s)
		return true
	}
	return false
}

func (p *parser) expect(s string) {
	if !p.take(s) {
		p.wrong(strconv.Quote(s), p.s[p.i:])
	}
}

func (p *parser) str() string {
	p.space()
	if p.i < len(p.s) && (p.s[p.i] == '\'' || p.s[p.i] == '"') {
		if n := strings.IndexByte(p.s[p.i+1:], p.s[p.i]); n >= 0 {
			s := p.s[p.i+1 : p.i+1+n]
			p.i += n + 2
			if !strings.Contains(s, `\`) {
				return s
			}
		}
	}
	p.wrong("a string", p.s[p.i:])
	return ""
}

func (p *parser) boolean() bool {
	if p.take("True") {
		return true
	}
	p.expect("False")
	return false
}

func (p *parser) descr(t *format.Tensor) {
	if p.take("[") {
		p.fail(fault.UnknownDType, "an array of numbers", "an array of records")
		return
	}
	s := p.str()
	code := strings.TrimLeft(s, "<>|=")
	d, ok := dtypes[code]
	if !ok || len(s)-len(code) > 1 {
		what := fault.Quote(s)
		if strings.HasPrefix(code, "O") {
			what = "Python objects (a pickle), which are never read"
		}
		p.fail(fault.UnknownDType, "f2, f4, f8, i1 to i8, u1 to u8 or b1", what)
		return
	}
	t.DType, t.Size, t.BigEndian = d.dtype, d.size, s[0] == '>'
}

// shape is (), (3,), (3, 4) or Python 2's (3L, 4L).
func (p *parser) shape(t *format.Tensor) {
	t.Shape = []int{}
	p.expect("(")
	for p.err == nil && !p.take(")") {
		p.space()
		start := p.i
		for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
			p.i++
		}
		d, err := strconv.ParseUint(p.s[start:p.i], 10, 62)
		p.take("L")
		switch {
		case err != nil:
			p.fail(fault.BadShape, "whole numbers of 62 bits", fault.Quote(p.s[start:]))
		case len(t.Shape) == format.MaxRank:
			p.fail(fault.BadShape, fmt.Sprintf("at most %d dimensions", format.MaxRank), "more")
		}
		t.Shape = append(t.Shape, int(d))
		if p.take(")") {
			return
		}
		p.expect(",")
	}
}
