// Package gguf reads GGUF files (versions 2 and 3, little-endian): a header of typed keys and values, a list of tensors, then
// their bytes (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). The whole header is proved before a tensor is
// touched. What it tells of the model is given as transformers has it: tensors' names, their order of rows, and a
// config.json; the tokenizer stays in the metadata, under its own keys.
package gguf

import (
	"fmt"
	"io"
	"math/bits"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

const (
	magic            = "GGUF"
	defaultAlignment = 32
	// maxTensors, maxKeys, maxName and maxDims bound a header. Large models have some thousand tensors and some hundred keys;
	// ggml has room for 4 dimensions and 63 bytes of a tensor's name.
	maxTensors = 20_000
	maxKeys    = 10_000
	maxName    = 256
	maxDims    = 4
)

// kind is a type of numbers, stored in blocks of so many bytes that hold so many weights.
type kind struct {
	name           tensor.DType
	weights, bytes uint64
}

// kinds are ggml's types by their number (enum ggml_type). Those that no kernel is for can be listed, but not read.
var kinds = map[uint32]kind{
	0: {tensor.F32, 1, 4}, 1: {tensor.F16, 1, 2}, 2: {tensor.Q4_0, 32, 18}, 3: {tensor.Q4_1, 32, 20}, 6: {tensor.Q5_0, 32, 22},
	7: {tensor.Q5_1, 32, 24}, 8: {tensor.Q8_0, 32, 34}, 9: {"Q8_1", 32, 36}, 10: {tensor.Q2_K, 256, 84}, 11: {tensor.Q3_K, 256, 110},
	12: {tensor.Q4_K, 256, 144}, 13: {tensor.Q5_K, 256, 176}, 14: {tensor.Q6_K, 256, 210}, 15: {"Q8_K", 256, 292},
	16: {"IQ2_XXS", 256, 66}, 17: {"IQ2_XS", 256, 74}, 18: {"IQ3_XXS", 256, 98}, 19: {"IQ1_S", 256, 50}, 20: {tensor.IQ4_NL, 32, 18},
	21: {"IQ3_S", 256, 110}, 22: {"IQ2_S", 256, 82}, 23: {"IQ4_XS", 256, 136}, 24: {tensor.I8, 1, 1}, 25: {tensor.I16, 1, 2},
	26: {tensor.I32, 1, 4}, 27: {tensor.I64, 1, 8}, 28: {tensor.F64, 1, 8}, 29: {"IQ1_M", 256, 56}, 30: {tensor.BF16, 1, 2},
	34: {"TQ1_0", 256, 54}, 35: {"TQ2_0", 256, 66}, 39: {"MXFP4", 32, 17},
}

// readable reports whether tensors of a type can be read.
func (k kind) readable() bool {
	weights, _ := k.name.BlockSize()
	return weights > 0 || k.name.Size() > 0
}

// Match reports whether a file's first bytes are those of a GGUF file.
func Match(head []byte) bool { return len(head) >= 4 && string(head[:4]) == magic }

// Open reads and checks the header. The file's Finish gives names and config.
func Open(r io.ReaderAt, size int64) (*format.File, error) {
	if size <= 0 {
		return nil, fail(fault.EmptyFile, "", "", "0 bytes")
	}
	p := &parser{r: r, size: size, meta: map[string]any{}}
	tensors, keys := p.start()
	p.keys(keys)
	infos := p.tensors(tensors)
	if p.err != nil {
		return nil, p.err
	}
	align, err := alignment(p.meta)
	if err != nil {
		return nil, err
	}
	f := &format.File{Metadata: p.meta, Tensors: make([]format.Tensor, len(infos)), Finish: finish}
	f.Part, f.Parts = count(p.meta, "split.no"), count(p.meta, "split.count")
	data := uint64(pad(p.pos(), align))
	at, seen := uint64(0), make(map[string]bool, len(infos))
	for i, t := range infos {
		if seen[t.name] {
			return nil, fail(fault.DuplicateTensor, fault.Name(t.name), "once", "twice")
		}
		seen[t.name] = true
		n, err := t.check(at, data, uint64(size))
		if err != nil {
			return nil, err
		}
		f.Tensors[i] = t.tensor(r, int64(data+at), int64(n))
		at = uint64(pad(int64(at+n), align)) // n is at most the file's size
	}
	return f, nil
}

func fail(code fault.Code, where, expected, found string) error {
	return &fault.Error{Code: code, In: "gguf", Where: where, Expected: expected, Found: found}
}

func pad(n, align int64) int64 { return (n + align - 1) &^ (align - 1) }

// alignment is what the tensors' places are multiples of.
func alignment(meta map[string]any) (int64, error) {
	const key = "general.alignment"
	v, ok := meta[key]
	if !ok {
		return defaultAlignment, nil
	}
	n, ok := v.(int64)
	if !ok || n < 1 || n > 1<<20 || n&(n-1) != 0 {
		return 0, fail(fault.BadGGUF, key, "a power of two", fmt.Sprint(v))
	}
	return n, nil
}

// count is a whole number of the metadata that may not be there: 0.
func count(meta map[string]any, key string) int {
	n, _ := meta[key].(int64)
	return int(max(0, min(n, 1<<30)))
}

// info is one tensor of the header. Its shape is in ggml's order: the first dimension is that of a row's elements.
type info struct {
	name  string
	shape []uint64
	kind  uint32
	at    uint64 // from the beginning of the data
}

// check proves a tensor's place, which must be where the one before it ends, and gives its bytes.
func (t *info) check(at, data, size uint64) (n uint64, err error) {
	k, ok := kinds[t.kind]
	if !ok {
		return 0, fail(fault.UnknownDType, fault.Name(t.name), "a type of ggml", fmt.Sprintf("type %d", t.kind))
	}
	row := uint64(1)
	if len(t.shape) > 0 {
		row = t.shape[0]
	}
	total, ok := format.Count(t.shape)
	switch {
	case !ok:
		return 0, fail(fault.BadShape, fault.Name(t.name), "numbers that can be counted", format.Shape(t.shape))
	case row%k.weights != 0:
		return 0, fail(fault.BadShape, fault.Name(t.name), fmt.Sprintf("rows of a multiple of %d numbers for %s", k.weights, k.name), fmt.Sprint(row))
	case t.at != at:
		return 0, fail(fault.BadOffsets, fault.Name(t.name), fmt.Sprint("begin at ", at), fmt.Sprint(t.at))
	}
	over, n := bits.Mul64(total/k.weights, k.bytes)
	if begin := data + at; over != 0 || begin > size || n > size-begin { // data and at are at most a little more than size
		return 0, fail(fault.Truncated, fault.Name(t.name), fmt.Sprintf("%s %s from byte %d on", k.name, format.Shape(t.shape), begin), fault.Bytes(size))
	}
	return n, nil
}

// tensor is the n bytes at off, with the shape in the order of everyone else.
func (t *info) tensor(r io.ReaderAt, off, n int64) format.Tensor {
	k := kinds[t.kind]
	out := format.Tensor{Bytes: n, Open: format.Section(r, off, n)}
	out.Info = tensor.Info{Name: t.name, DType: k.name, Shape: make([]int, len(t.shape))}
	for i, d := range t.shape {
		out.Shape[len(t.shape)-1-i] = int(d)
	}
	if k.readable() {
		out.Size = int(k.bytes)
	}
	return out
}
