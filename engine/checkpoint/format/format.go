// Package format is what all file formats of weights share: how a file's tensors are described before one is read, and
// the errors. The formats (engine/checkpoint/<name>) build on it, and checkpoint reads tensors through it.
package format

import (
	"fmt"
	"io"
	"math/bits"

	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// MaxTensors is the most tensors that a file may have. The largest models have some thousands.
const MaxTensors = 100_000

// MaxRank is the most dimensions that a tensor may have, as numpy had it for long.
const MaxRank = 32

// File is an open file of weights: its tensors in the order of its bytes. Its header was checked whole.
type File struct {
	Tensors []Tensor
	// Metadata is what the file says of itself, of the types string, bool, int64, float64, []string, []int64, []float64.
	Metadata map[string]any
	// Config is a config.json that the file itself tells, or nil. One that lies beside the file goes before it.
	Config []byte
	// Files are small files inside this one, by base name, like those that lie beside weights.
	Files map[string][]byte
	// Part of Parts: which file of one model in several it is, from 0; Parts 0: it does not say.
	Part, Parts int
	// Finish, if not nil, is called on the first part once it has the tensors of all parts: what a format tells of the whole
	// model (As, Config) is told there.
	Finish func(whole *File) error
}

// Tensor is one tensor of a file, not read yet.
type Tensor struct {
	tensor.Info
	Size      int   // bytes of one element, or of one block; 0: a type that this version cannot read
	Bytes     int64 // of all elements
	BigEndian bool
	// Fortran: stored with the first dimension fastest. A matrix [in, out] of it is one [out, in] of rows, so that MatrixT
	// reads it as it is (GPT-2's in a GGUF file, whose blocks lie along those rows).
	Fortran bool
	// As is the name by which a model asks for it, where the file's own is another; empty: Name. Name stays what is shown.
	As string
	// Swap, if it is not zero, is groups, a, b of rows that lie as [groups, a, b, ..] and are read as [groups, b, a, ..], as
	// transformers has them: GGUF files keep queries and keys of Llama's kind for a rotation of neighbours, [heads, pairs, 2].
	Swap [3]int
	// Plus is added to each number of a vector when it is read (a norm's weight that is stored as w + 1).
	Plus float32
	// Known: what it holds was read with the header. Nobody will ask for it.
	Known bool
	// Twins, if not empty, is one name for all tensors of the file that are the same numbers of the same shape (an embedding and
	// the decoder that is tied to it): as matrices they share their memory.
	Twins string
	// Open gives the raw elements, Bytes long, in stored order. Its errors may be *fault.Error.
	Open func() (io.ReadCloser, error)
	// Rows, if not nil, reads whole rows from that row on into b, raw as Open's, so that what is too large to be read at once can be
	// looked at. Its errors are *fault.Error.
	Rows func(b []byte, row int) error
}

// Count multiplies a shape's dimensions; ok is false if the product is no int64.
func Count(shape []uint64) (n uint64, ok bool) {
	n = 1
	for _, d := range shape {
		hi, lo := bits.Mul64(n, d)
		if hi != 0 || lo > 1<<62 || d > 1<<62 {
			return 0, false
		}
		n = lo
	}
	return n, true
}

// Ints is a shape as ints. Count has checked it.
func Ints(shape []uint64) []int {
	s := make([]int, len(shape))
	for i, d := range shape {
		s[i] = int(d)
	}
	return s
}

// Section opens n bytes at off of r.
func Section(r io.ReaderAt, off, n int64) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r, off, n)), nil }
}

// ReadAt fills b from off. where names what is read, for the error.
func ReadAt(r io.ReaderAt, b []byte, off int64, where string) *fault.Error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	e := fault.ReadError(where, err)
	if e.Code == fault.Truncated {
		e.Expected, e.Found = fault.Bytes(off+int64(len(b))), fault.Bytes(off+int64(n))
	}
	return e
}

// Shape is a shape as people write it: [2, 3].
func Shape[N int | uint64](shape []N) string {
	s := "["
	for i, d := range shape {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprint(d)
	}
	return s + "]"
}
