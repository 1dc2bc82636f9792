package checkpoint

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"unsafe"

	"loupe/engine/checkpoint/format"
	"loupe/engine/fault"
	"loupe/engine/tensor"
)

// piece is how many bytes are read at once: between two of them progress is told and the reading can be cancelled.
const piece = 1 << 20

// Names lists all tensors by the names that a model asks for, in the order of the file.
func (c *Checkpoint) Names() []string {
	names := make([]string, len(c.list))
	for i, t := range c.list {
		names[i] = t.as()
	}
	return names
}

// Has reports whether there is a tensor of that name.
func (c *Checkpoint) Has(name string) bool { return c.tensors[name] != nil }

// Shape is the tensor's shape, or nil if there is none of that name.
func (c *Checkpoint) Shape(name string) []int {
	if t := c.tensors[name]; t != nil {
		return t.Shape
	}
	return nil
}

// Matrix reads [rows, cols] in its stored type. F64 and whole numbers become F32, with a warning. An I8 matrix with a
// tensor NAME.scale [rows, cols/32] beside it is a Q8 matrix; with NAME.scale [rows, 1], a scale a row, it becomes F32.
func (c *Checkpoint) Matrix(name string, rows, cols int) (*tensor.Matrix, error) {
	t, err := c.find(name, rows, cols)
	if err != nil {
		return nil, err
	}
	if c.isQ8(t) {
		return c.q8(t, rows, cols)
	}
	if m := c.twins[t.Twins]; m != nil {
		c.done += t.Bytes
		return m, c.report(t.Name)
	}
	m, err := c.matrix(t, rows, cols, t.Fortran)
	if t.Twins != "" && err == nil {
		c.twins[t.Twins] = m
	}
	return m, err
}

// MatrixT reads a tensor stored as [cols, rows] and returns it transposed, as [rows, cols]. Blocks cannot be transposed: they
// lie along a row.
func (c *Checkpoint) MatrixT(name string, rows, cols int) (*tensor.Matrix, error) {
	t, err := c.find(name, cols, rows)
	if err != nil {
		return nil, err
	}
	if c.isQ8(t) {
		return nil, c.fail(fault.UnknownDType, name, "F32 or F16: this one is stored transposed", "I8 with a scale (Q8)")
	}
	return c.matrix(t, rows, cols, !t.Fortran)
}

// Vector reads [n] as f32.
func (c *Checkpoint) Vector(name string, n int) ([]float32, error) {
	t, err := c.find(name, n)
	if err != nil {
		return nil, err
	}
	dst := make([]float32, n)
	if w, _ := t.DType.BlockSize(); w > 0 {
		m, err := c.matrix(t, 1, n, false)
		if err != nil {
			return nil, err
		}
		m.Row(dst, 0)
	} else if err := read(c, t, dst, 0, c.widen(t)); err != nil {
		return nil, err
	}
	for i := range dst {
		dst[i] += t.Plus
	}
	return dst, nil
}

func (c *Checkpoint) fail(code fault.Code, name, expected, found string) error {
	e := &fault.Error{Code: code, In: c.Format, File: c.Name, Where: fault.Name(name), Expected: expected, Found: found}
	if t := c.tensors[name]; t != nil {
		e.File, e.Where = t.file, fault.Name(t.Name)
	}
	return e
}

// find gives the tensor if it has that shape and a type that can be read.
func (c *Checkpoint) find(name string, shape ...int) (*stored, error) {
	t := c.tensors[name]
	blocks := 0
	if t != nil {
		blocks, _ = t.DType.BlockSize()
	}
	switch {
	case t == nil:
		return nil, c.fail(fault.MissingTensor, name, format.Shape(shape), "none")
	case !slices.Equal(t.Shape, shape):
		return nil, c.fail(fault.WrongShape, name, format.Shape(shape), format.Shape(t.Shape))
	case t.Size == 0 || blocks == 0 && t.DType != tensor.F32 && widen[t.DType] == nil:
		return nil, c.fail(fault.UnknownDType, name, "F64, F32, F16, BF16, I8 to I64, U8, BOOL, Q4_0 to Q6_K or IQ4_NL", string(t.DType))
	}
	t.used = true
	return t, nil
}

func (c *Checkpoint) matrix(t *stored, rows, cols int, transpose bool) (*tensor.Matrix, error) {
	turn := 0
	if transpose {
		turn = rows // the columns of what is stored, [cols, rows]
	}
	w, _ := t.DType.BlockSize()
	switch {
	case w > 0 && transpose:
		return nil, c.fail(fault.UnknownDType, t.as(), "F32, F16 or BF16: this one is stored transposed", string(t.DType))
	case w > 0:
		m := t.matrix(t.DType, rows, cols)
		if err := read(c, t, m.Raw, 0, nil); err != nil {
			return nil, err
		}
		if m.Pack(); !m.Finite() {
			c.foundNonFinite(t, countNonFinite(m))
		}
		return m, nil
	case t.DType == tensor.F16, t.DType == tensor.BF16:
		m := t.matrix(t.DType, rows, cols)
		return m, read(c, t, m.F16, turn, nil)
	}
	m := t.matrix(tensor.F32, rows, cols)
	return m, read(c, t, m.F32, turn, c.widen(t))
}

// matrix is a matrix for the tensor's numbers.
func (t *stored) matrix(d tensor.DType, rows, cols int) *tensor.Matrix {
	m := tensor.NewMatrix(d, rows, cols)
	m.Name = t.Name
	return m
}

// widen is what makes f32 of t's numbers, nil if they are. It warns if they are no floats of at most 32 bits.
func (c *Checkpoint) widen(t *stored) func([]float32, []byte, binary.ByteOrder) {
	switch t.DType {
	case tensor.F32:
		return nil
	case tensor.F16, tensor.BF16:
	default:
		c.warn("widened", string(t.DType), 1)
	}
	return widen[t.DType]
}

// isQ8 reports whether an I8 tensor has its scales beside it.
func (c *Checkpoint) isQ8(t *stored) bool {
	return t.DType == tensor.I8 && !t.Fortran && c.Has(t.as()+".scale")
}

func (c *Checkpoint) q8(t *stored, rows, cols int) (*tensor.Matrix, error) {
	name := t.as() + ".scale"
	if cols != tensor.Block && slices.Equal(c.Shape(name), []int{rows, 1}) {
		return c.scaledRows(t, name, rows, cols)
	}
	s, err := c.find(name, rows, cols/tensor.Block)
	switch {
	case cols%tensor.Block != 0:
		return nil, c.fail(fault.WrongShape, t.as(), "columns that are a multiple of 32", fmt.Sprint(cols))
	case err != nil:
		return nil, err
	case s.DType != tensor.F32 && s.DType != tensor.F16 && s.DType != tensor.BF16 || s.Fortran:
		return nil, c.fail(fault.UnknownDType, name, "F32, F16 or BF16", string(s.DType))
	}
	m := t.matrix(tensor.Q8, rows, cols)
	if err := read(c, t, m.Q8, 0, nil); err != nil {
		return nil, err
	}
	if err := read(c, s, m.Scale, 0, c.widen(s)); err != nil {
		return nil, err
	}
	m.Pack()
	return m, nil
}

// scaledRows reads a matrix of int8 whose rows have a scale each: row i is scale[i] times its whole numbers.
func (c *Checkpoint) scaledRows(t *stored, scale string, rows, cols int) (*tensor.Matrix, error) {
	s, err := c.find(scale, rows, 1)
	if err != nil {
		return nil, err
	}
	scales, m := make([]float32, rows), t.matrix(tensor.F32, rows, cols)
	if err := read(c, s, scales, 0, c.widen(s)); err != nil {
		return nil, err
	}
	if err := read(c, t, m.F32, 0, widen[tensor.I8]); err != nil {
		return nil, err
	}
	for i, x := range scales {
		for j := range cols {
			m.F32[i*cols+j] *= x
		}
	}
	return m, nil
}

// read reads all elements of t into dst, in pieces. Elements of dst's own type land there directly; others go through
// convert. turn > 0 transposes: what is stored has that many columns.
func read[T any](c *Checkpoint, t *stored, dst []T, turn int, convert func(dst []T, raw []byte, o binary.ByteOrder)) error {
	r, err := t.Open()
	if err != nil {
		return inFile(t.file, c.Format, err)
	}
	defer r.Close()
	order := binary.ByteOrder(binary.LittleEndian)
	if t.BigEndian {
		order = binary.BigEndian
	}
	width := int(unsafe.Sizeof(*new(T)))
	size := width // of one element in the file
	if convert != nil {
		size = t.Size
	}
	step := piece / max(size, width)
	if turn > 0 && turn < step {
		step -= step % turn // whole rows
	}
	if (turn > 0 || convert != nil) && c.scratch == nil {
		c.scratch = make([]uint64, 2*piece/8)
	}
	bad := 0
	for i := 0; i < len(dst); i += step {
		n := min(step, len(dst)-i)
		vals := dst[i : i+n]
		if turn > 0 {
			vals = view[T](c.scratch[piece/8:], n)
		}
		raw := bytesOf(vals)
		if convert != nil {
			raw = view[byte](c.scratch, n*size)
		}
		if k, err := io.ReadFull(r, raw); err != nil {
			return c.readError(t, int64(i*size+k), err)
		}
		if convert != nil {
			convert(vals, raw, order)
		} else if t.BigEndian != bigEndianHost {
			swap(raw, size)
		}
		if turn > 0 {
			scatter(dst, vals, i, turn)
		}
		bad += nonFinite(t.DType, vals)
		c.done += int64(n * size)
		if err := c.report(t.Name); err != nil {
			return err
		}
	}
	if t.Swap[0] > 0 {
		swapRows(bytesOf(dst), t.Swap[0], t.Swap[1], t.Swap[2])
	}
	c.foundNonFinite(t, bad)
	if n, err := r.Read(make([]byte, 1)); n > 0 || err != nil && err != io.EOF { // a zip's checksum is checked at the end
		return c.readError(t, t.Bytes, err)
	}
	return nil
}

// foundNonFinite warns of n values that are no number or infinite.
func (c *Checkpoint) foundNonFinite(t *stored, n int) {
	if n > 0 {
		c.nonFinite[t.as()] = n
		c.warn("non-finite", t.Name, n)
	}
}

// countNonFinite counts them in a matrix of blocks.
func countNonFinite(m *tensor.Matrix) (n int) {
	row := make([]float32, m.Cols)
	for i := range m.Rows {
		m.Row(row, i)
		n += nonFinite(tensor.F32, row)
	}
	return n
}

func (c *Checkpoint) readError(t *stored, at int64, err error) error {
	e := fault.ReadError("", err)
	e.Where = fmt.Sprintf("%s, byte %d", fault.Name(t.Name), at)
	if e.Expected == "" {
		e.Expected = fault.Bytes(t.Bytes)
	}
	return inFile(t.file, c.Format, e)
}
