// Package npy reads numpy's files: one array (npy) and a zip of arrays (npz), as numpy.lib.format and numpy.savez write
// them. Headers are parsed by hand, pickled objects are never read, and what a zip claims of its sizes is proved.
package npy

import (
	"fmt"
	"io"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
)

// Match reports whether a file's first bytes are those of an npy file.
func Match(head []byte) bool { return strings.HasPrefix(string(head), magic) }

// Open reads the header of an npy file. Its one tensor is called arr_0, as numpy.savez would.
func Open(r io.ReaderAt, size int64) (*format.File, error) {
	if size <= 0 {
		return nil, fail(fault.EmptyFile, "", "", "0 bytes")
	}
	var t format.Tensor
	t.Name = "arr_0"
	start, err := read(io.NewSectionReader(r, 0, size), &t)
	if err != nil {
		return nil, err
	}
	switch have := size - start; {
	case have < t.Bytes:
		return nil, fail(fault.Truncated, fault.Name(t.Name), fault.Bytes(start+t.Bytes), fault.Bytes(size))
	case have > t.Bytes:
		return nil, fail(fault.BadNPY, fmt.Sprint("byte ", start+t.Bytes), "the end of the file", fault.Bytes(have-t.Bytes)+" more")
	}
	t.Open = format.Section(r, start, t.Bytes)
	return &format.File{Tensors: []format.Tensor{t}}, nil
}
