package pytorch

import (
	"bytes"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"strings"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// storage is a run of numbers in the file, or a view of a part of one.
type storage struct {
	key     string
	element element
	bytes   uint64 // of the run, as the pickle says
	// A view is bytes begin to begin+length of the run; else begin is 0 and length is bytes.
	begin, length uint64
}

// array is a tensor: a storage seen through a shape and strides, all in elements.
type array struct {
	storage       *storage
	element       element
	offset        uint64
	shape, stride []uint64
	unreadable    string // what it is, if it has no plain numbers
}

// element is a type of numbers and the bytes of one. Those that Loupe cannot read keep their size: it bounds them.
type element struct {
	dtype tensor.DType
	size  uint64
}

// storages are the types of torch.FloatStorage and so on, and elements those of torch.float32 and so on.
var storages = map[string]element{
	"Double": {tensor.F64, 8}, "Float": {tensor.F32, 4}, "Half": {tensor.F16, 2}, "BFloat16": {tensor.BF16, 2}, "Long": {tensor.I64, 8},
	"Int": {tensor.I32, 4}, "Short": {tensor.I16, 2}, "Char": {tensor.I8, 1}, "Byte": {tensor.U8, 1}, "Bool": {tensor.Bool, 1},
	"Untyped": {tensor.U8, 1}, "ComplexFloat": {"C64", 8}, "ComplexDouble": {"C128", 16},
	"QInt8": {"QINT8", 1}, "QUInt8": {"QUINT8", 1}, "QInt32": {"QINT32", 4}, "QUInt4x2": {"QUINT4X2", 1}, "QUInt2x4": {"QUINT2X4", 1},
}

var elements = map[string]element{
	"float64": {tensor.F64, 8}, "float32": {tensor.F32, 4}, "float16": {tensor.F16, 2}, "bfloat16": {tensor.BF16, 2}, "int64": {tensor.I64, 8},
	"int32": {tensor.I32, 4}, "int16": {tensor.I16, 2}, "int8": {tensor.I8, 1}, "uint8": {tensor.U8, 1}, "bool": {tensor.Bool, 1},
	"uint16": {"U16", 2}, "uint32": {"U32", 4}, "uint64": {"U64", 8}, "complex64": {"C64", 8}, "complex128": {"C128", 16},
	"float8_e4m3fn": {"F8_E4M3", 1}, "float8_e5m2": {"F8_E5M2", 1}, "float8_e4m3fnuz": {"F8_E4M3FNUZ", 1}, "float8_e5m2fnuz": {"F8_E5M2FNUZ", 1},
}

// readable reports whether checkpoint has a way to read a type.
func (e element) readable() bool { return e.dtype.Size() == int(e.size) }

// storage reads the persistent id of a storage: its type is torch.FloatStorage or torch.cuda.FloatStorage.
func (u *unpickler) storage(c class, id []any) *storage {
	name := c.name[strings.LastIndexByte(c.name, '.')+1:]
	e, known := storages[strings.TrimSuffix(name, "Storage")]
	key, isKey := id[2].(string)
	n, isCount := id[4].(int64)
	if !known || !strings.HasPrefix(c.name, "torch.") || !isKey || !isCount || n < 0 || n > 1<<48 {
		u.bad("", "a storage of torch.save", fault.Quote(c.name))
		return nil
	}
	s := &storage{key: key, element: e, bytes: uint64(n) * e.size}
	s.length = s.bytes
	if len(id) > 5 && id[5] != nil {
		v, _ := id[5].(*seq)
		if v == nil || len(v.items) != 3 { // (key, offset, elements)
			v = &seq{items: []any{nil, nil}}
		}
		n, ok := whole(&seq{items: v.items[1:]})
		if !ok || n[0] > 1<<48 || n[1] > 1<<48 {
			u.bad("", "a view of a storage", kind(id[5]))
			return nil
		}
		s.begin, s.length = n[0]*e.size, n[1]*e.size
	}
	if u.spend(160); u.err != nil {
		return nil
	}
	if u.storages == nil {
		u.storages = map[string]*storage{}
	}
	if u.storages[key] == nil {
		u.storages[key] = s
	}
	return s
}

// whole are the numbers of a tuple, none below 0.
func whole(t *seq) (n []uint64, ok bool) {
	if t == nil {
		return nil, false
	}
	for _, v := range t.items {
		k, isInt := v.(int64)
		if !isInt || k < 0 {
			return nil, false
		}
		n = append(n, uint64(k))
	}
	return n, true
}

// rebuildTensor is torch._utils._rebuild_tensor and its v2 and v3: (storage, offset, shape, strides, needs gradient, hooks, ..);
// v3 has a type after them, v2 a dict of bits.
func rebuildTensor(u *unpickler, args []any) any {
	if len(args) < 4 {
		u.bad("", "4 arguments of a tensor", fmt.Sprint(len(args)))
		return nil
	}
	s, isStorage := args[0].(*storage)
	offset, isInt := args[1].(int64)
	sizes, _ := args[2].(*seq)
	strides, _ := args[3].(*seq)
	shape, ok := whole(sizes)
	stride, ok2 := whole(strides)
	if !isStorage || s == nil || !isInt || offset < 0 || !ok || !ok2 || len(shape) != len(stride) {
		u.bad("", "a storage, an offset, a shape and strides", "others")
		return nil
	}
	u.spend(120 + 16*int64(len(shape)))
	a := &array{storage: s, element: s.element, offset: uint64(offset), shape: shape, stride: stride}
	for _, more := range args[min(6, len(args)):] {
		switch more := more.(type) {
		case class:
			e, known := elements[strings.TrimPrefix(more.name, "torch.")]
			if !known {
				a.unreadable = "a tensor of " + fault.Quote(more.name)
				continue
			}
			a.element = e
		case *dict:
			if more.get("neg") == true || more.get("conj") == true {
				a.unreadable = "a tensor whose numbers are to be negated"
			}
		}
	}
	return a
}

// extent is how many bytes of its storage a tensor's numbers span, from its offset; ok is false if they cannot be counted.
func (a *array) extent() (n uint64, ok bool) {
	if slices.Contains(a.shape, 0) {
		return 0, true
	}
	for i, d := range a.shape {
		hi, lo := bits.Mul64(d-1, a.stride[i])
		if n += lo; hi != 0 || n < lo || n > 1<<48 {
			return 0, false
		}
	}
	return (n + 1) * a.element.size, true
}

// inOrder reports whether the numbers lie side by side in the order of the shape: the last dimension fastest, or the first.
func (a *array) inOrder(lastFastest bool) bool {
	next := uint64(1)
	for i := range a.shape {
		if lastFastest {
			i = len(a.shape) - 1 - i
		}
		if a.shape[i] != 1 && a.stride[i] != next {
			return false
		}
		next *= a.shape[i]
	}
	return true
}

// place is a storage's run in the file.
type place struct{ at, bytes int64 }

// tensor proves that an array lies in its storage, and describes it. name is for errors.
func (c *container) tensor(name string, a *array) (t format.Tensor, err error) {
	where := fault.Name(name)
	if a.unreadable != "" {
		return t, fail(fault.Unsupported, where, "a tensor of plain numbers, dense", a.unreadable)
	}
	s := a.storage
	run, ok := c.places[s.key]
	switch {
	case !ok:
		return t, fail(fault.Truncated, where, "storage "+fault.Quote(s.key), "none")
	case s.bytes != uint64(run.bytes):
		return t, fail(fault.BadPickle, where, fmt.Sprintf("a storage of %s", fault.Bytes(s.bytes)), fault.Bytes(run.bytes))
	case s.begin > s.bytes || s.length > s.bytes-s.begin:
		return t, fail(fault.BadPickle, where, fmt.Sprintf("a view in %s", fault.Bytes(s.bytes)), fmt.Sprintf("%d to %d", s.begin, s.begin+s.length))
	case len(a.shape) > format.MaxRank:
		return t, fail(fault.BadShape, where, fmt.Sprintf("at most %d dimensions", format.MaxRank), fmt.Sprint(len(a.shape)))
	}
	n, counted := format.Count(a.shape)
	extent, spans := a.extent()
	switch {
	case !counted || !spans || n > 1<<48 || a.offset > 1<<48:
		return t, fail(fault.BadShape, where, "a shape and strides that can be counted", format.Shape(a.shape)+", "+format.Shape(a.stride))
	case n > 0 && a.offset*a.element.size+extent > s.length:
		return t, fail(fault.BadPickle, where, "numbers inside a storage of "+fault.Bytes(s.length),
			fmt.Sprintf("bytes %d to %d", a.offset*a.element.size, a.offset*a.element.size+extent))
	case n*a.element.size > s.length:
		return t, fail(fault.Unsupported, where, "each number once", format.Shape(a.shape)+" of "+fault.Bytes(s.length)+" (expanded)")
	}
	t.Info = tensor.Info{Name: name, DType: a.element.dtype, Shape: format.Ints(a.shape)}
	t.Bytes, t.BigEndian = int64(n*a.element.size), c.bigEndian
	if a.element.readable() {
		t.Size = int(a.element.size)
	}
	at := run.at + int64(s.begin+a.offset*a.element.size)
	switch {
	case n == 0 || a.inOrder(true):
		t.Open = format.Section(c.r, at, t.Bytes)
	case a.inOrder(false):
		t.Fortran, t.Open = true, format.Section(c.r, at, t.Bytes)
	default:
		t.Open = func() (io.ReadCloser, error) { return a.gather(c.r, at, int64(extent), t.Bytes) }
	}
	return t, nil
}

// gather reads the span of a tensor whose numbers do not lie side by side and puts them in the order of its shape. The span
// and the result are no longer than the storage, each.
func (a *array) gather(r io.ReaderAt, at, span, size int64) (io.ReadCloser, error) {
	from := make([]byte, span)
	if err := readAt(r, from, at, ""); err != nil {
		return nil, err
	}
	e := int(a.element.size)
	to := make([]byte, 0, size)
	place := make([]int, len(a.shape)) // of the next number
	at = 0
	for len(to) < int(size) {
		to = append(to, from[at:int(at)+e]...)
		for d := len(place) - 1; d >= 0; d-- { // count up, the last dimension first
			place[d]++
			at += int64(a.stride[d]) * int64(e)
			if place[d] < int(a.shape[d]) {
				break
			}
			at -= int64(a.stride[d]) * int64(e) * int64(place[d])
			place[d] = 0
		}
	}
	return io.NopCloser(bytes.NewReader(to)), nil
}
