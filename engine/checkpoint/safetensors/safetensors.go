// Package safetensors reads the header of a safetensors file: 8 bytes with the header's length, the header as JSON,
// then the tensors' bytes (https://github.com/huggingface/safetensors#format). The whole header is proved before a
// tensor is touched: every length is capped, every range lies in the file, and together they cover it exactly.
package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// MaxHeader is the longest header, in bytes: the limit of the reference implementation.
const MaxHeader = 100_000_000

// bits of one element of each type that the format has. Those of less than a byte, the 8-bit floats and complex
// numbers are checked like all others, but cannot be read as weights (see readable).
var bits = map[string]uint64{
	"F64": 64, "F32": 32, "F16": 16, "BF16": 16, "I64": 64, "I32": 32, "I16": 16, "I8": 8,
	"U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8, "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
	"F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
}

func readable(dtype string) bool { return dtype != "C64" && (dtype[0] != 'F' || bits[dtype] > 8) }

// Match reports whether a file's first bytes are those of safetensors. The format has no magic of its own: what is sure
// is that a header of less than 2^56 bytes begins with a brace.
func Match(head []byte) bool {
	return len(head) > 8 && head[7] == 0 && head[8] == '{'
}

// Open reads and checks the header.
func Open(r io.ReaderAt, size int64) (*format.File, error) {
	header, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	entries, meta, err := parse(header)
	if err != nil {
		return nil, err
	}
	start := 8 + int64(len(header))
	if err := check(entries, uint64(size-start)); err != nil {
		return nil, err
	}
	f := &format.File{Metadata: meta, Tensors: make([]format.Tensor, len(entries))}
	for i, e := range entries {
		t := format.Tensor{Bytes: int64(e.end - e.begin), Open: format.Section(r, start+int64(e.begin), int64(e.end-e.begin))}
		t.Info = tensor.Info{Name: e.name, DType: tensor.DType(e.dtype), Shape: format.Ints(e.shape)}
		if readable(e.dtype) {
			t.Size = int(bits[e.dtype] / 8)
		}
		f.Tensors[i] = t
	}
	return f, nil
}

func fail(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "safetensors", Where: where, Expected: expected, Found: found}
}

func readHeader(r io.ReaderAt, size int64) ([]byte, error) {
	if size <= 0 {
		return nil, fail(fault.EmptyFile, "", "", "0 bytes")
	}
	if size < 8 {
		return nil, fail(fault.Truncated, "header length", "8 bytes", fault.Bytes(size))
	}
	var length [8]byte
	if e := format.ReadAt(r, length[:], 0, "header length"); e != nil {
		e.In = "safetensors"
		return nil, e
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case n > MaxHeader:
		return nil, fail(fault.HeaderTooLarge, "header length", "at most "+fault.Bytes(MaxHeader), fault.Bytes(n))
	case n > uint64(size-8):
		return nil, fail(fault.Truncated, "header", fault.Bytes(n+8), fault.Bytes(size))
	}
	header := make([]byte, n)
	if e := format.ReadAt(r, header, 8, "header"); e != nil {
		e.In = "safetensors"
		return nil, e
	}
	switch {
	case n == 0 || header[0] != '{':
		return nil, fail(fault.HeaderJSON, "byte 8", `"{"`, found(header))
	case !utf8.Valid(header):
		return nil, fail(fault.HeaderJSON, "header", "UTF-8", "bytes that are not")
	}
	return header, nil
}

func found(b []byte) string {
	if len(b) == 0 {
		return "an empty header"
	}
	return fault.Quote(string(b[:1]))
}

// check proves sizes and ranges, and sorts the entries by their place in the file: a header may list them in any order.
func check(entries []entry, data uint64) error {
	for i := range entries {
		if err := entries[i].check(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		if a.begin != b.begin {
			return compare(a.begin, b.begin)
		}
		return compare(a.end, b.end)
	})
	var at uint64
	for _, e := range entries {
		if e.begin != at {
			return fail(fault.BadOffsets, fault.Name(e.name), fmt.Sprint("begin at ", at), fmt.Sprint(e.begin))
		}
		if e.end > data {
			return fail(fault.Truncated, fault.Name(e.name), fmt.Sprintf("data up to byte %d", e.end), fault.Bytes(data)+" of data")
		}
		at = e.end
	}
	if at != data {
		return fail(fault.BadOffsets, "end of the file", fault.Bytes(at)+" of data", fault.Bytes(data))
	}
	return nil
}

func compare(a, b uint64) int {
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}

// entry is one tensor of the header: its bytes are data[begin:end].
type entry struct {
	name, dtype string
	shape       []uint64
	begin, end  uint64
}

func (e *entry) check() error {
	b, ok := bits[e.dtype]
	if !ok {
		return fail(fault.UnknownDType, fault.Name(e.name), "a type of safetensors", fault.Quote(e.dtype))
	}
	n, ok := format.Count(append(slices.Clone(e.shape), b)) // in bits
	if !ok || n%8 != 0 {
		return fail(fault.BadShape, fault.Name(e.name), "whole bytes that can be counted", e.dtype+" "+format.Shape(e.shape))
	}
	if e.end < e.begin || e.end-e.begin != n/8 {
		return fail(fault.BadOffsets, fault.Name(e.name), fmt.Sprintf("%s for %s %s", fault.Bytes(n/8), e.dtype, format.Shape(e.shape)),
			fmt.Sprintf("%d to %d", e.begin, e.end))
	}
	return nil
}

// onlySpace reports whether b is JSON's white space: writers pad a header with it.
func onlySpace(b []byte) bool { return len(bytes.TrimRight(b, " \t\r\n")) == 0 }
