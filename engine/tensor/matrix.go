package tensor

import "slices"

// Block is the number of weights that share a scale in a Q8 matrix.
const Block = 32

// Matrix is a weight matrix [Rows, Cols], row-major, kept in its stored type: F32, F16, BF16, Q8 or ggml's blocks.
// A Linear layer's weight is [out, in], as PyTorch has it. Whoever fills it calls Pack, and then uses methods only.
type Matrix struct {
	Type       DType
	Rows, Cols int
	F32        []float32 // Type F32: Rows*Cols
	F16        []uint16  // Type F16 and BF16: Rows*Cols, the bits
	Q8         []int8    // Type Q8: Rows*Cols; Cols is a multiple of Block
	Scale      []float32 // Type Q8: Rows*Cols/Block
	Raw        []byte    // ggml's blocks, row after row; Cols is a multiple of the type's weights a block
	Name       string    // the tensor's in its file, for those who look; "" if it has none

	packed bool // Pack has been called
	finite bool // all scales are finite, as Pack saw
}

// NewMatrix allocates a zero matrix. It panics if the type is not one of a Matrix, or the columns do not fill blocks.
func NewMatrix(t DType, rows, cols int) *Matrix {
	m := &Matrix{Type: t, Rows: rows, Cols: cols}
	weights, bytes := t.BlockSize()
	switch {
	case t == F32:
		m.F32 = make([]float32, rows*cols)
	case t == F16 || t == BF16:
		m.F16 = make([]uint16, rows*cols)
	case t == Q8 && cols%Block == 0:
		m.Q8, m.Scale = make([]int8, rows*cols), make([]float32, rows*cols/Block)
	case weights > 0 && cols%weights == 0:
		m.Raw = make([]byte, rows*cols/weights*bytes)
	default:
		panic("tensor: no matrix of type " + string(t) + ", or columns that do not fill its blocks")
	}
	return m
}

// Finite reports whether no scale of a matrix in blocks is an infinity or NaN, as Pack saw.
func (m *Matrix) Finite() bool { return m.finite }

// Row writes row i, widened to f32, into dst [Cols].
func (m *Matrix) Row(dst []float32, i int) { row(m, dst[:m.Cols], i) }

// Bytes is the memory that the weights take.
func (m *Matrix) Bytes() int {
	return 4*len(m.F32) + 2*len(m.F16) + len(m.Q8) + 4*len(m.Scale) + len(m.Raw)
}

// Slice is the rows from lo up to hi, sharing memory. Of a matrix that was packed, both must be multiples of 4, or hi the
// end: it panics otherwise.
func (m *Matrix) Slice(lo, hi int) *Matrix {
	if lo < 0 || hi < lo || hi > m.Rows || m.packed && (lo%lanes != 0 || hi%lanes != 0 && hi != m.Rows) {
		panic("tensor: Slice: rows that are not there, or that are packed together with others")
	}
	s := *m
	s.Rows = hi - lo
	s.F32, s.F16 = rowsOf(m.F32, m.Rows, lo, hi), rowsOf(m.F16, m.Rows, lo, hi)
	s.Q8, s.Scale = rowsOf(m.Q8, m.Rows, lo, hi), rowsOf(m.Scale, m.Rows, lo, hi)
	s.Raw = rowsOf(m.Raw, m.Rows, lo, hi)
	return &s
}

// rowsOf is what the rows from lo up to hi have of x, which all rows share.
func rowsOf[T any](x []T, rows, lo, hi int) []T {
	if len(x) == 0 {
		return nil
	}
	each := len(x) / rows
	return slices.Clip(x[lo*each : hi*each])
}

// MulVec computes dst = M x: dst [Rows], x [Cols].
func (m *Matrix) MulVec(dst, x []float32) { m.Mul(dst, x, 1) }

// Mul computes dst = x Mᵀ for n rows: x [n, Cols], dst [n, Rows]. That is nn.Linear without its bias.
func (m *Matrix) Mul(dst, x []float32, n int) {
	if len(x) < n*m.Cols || len(dst) < n*m.Rows {
		panic("tensor: Mul: slices shorter than the shapes")
	}
	mul(m, dst, x, n)
}

// Stack is the rows of the parts, one under the other, as a matrix of its own. All have the same type and columns; of matrices
// that were packed, all parts but the last must have a multiple of 4 rows: it panics otherwise.
func Stack(parts ...*Matrix) *Matrix {
	rows := 0
	for i, p := range parts {
		if p.Type != parts[0].Type || p.Cols != parts[0].Cols || p.packed != parts[0].packed || p.packed && i < len(parts)-1 && p.Rows%lanes != 0 {
			panic("tensor: Stack: parts that do not fit each other")
		}
		rows += p.Rows
	}
	m := NewMatrix(parts[0].Type, rows, parts[0].Cols)
	m.packed, m.finite, m.Name = parts[0].packed, true, parts[0].Name
	at := 0
	for _, p := range parts {
		m.finite = m.finite && p.finite
		copy(rowsOf(m.F32, rows, at, rows), p.F32)
		copy(rowsOf(m.F16, rows, at, rows), p.F16)
		copy(rowsOf(m.Q8, rows, at, rows), p.Q8)
		copy(rowsOf(m.Scale, rows, at, rows), p.Scale)
		copy(rowsOf(m.Raw, rows, at, rows), p.Raw)
		at += p.Rows
	}
	return m
}
