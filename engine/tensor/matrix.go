package tensor

// Block is the number of weights that share a scale in a Q8 matrix.
const Block = 32

// Matrix is a weight matrix [Rows, Cols], row-major, kept in its stored type: F32, F16 or Q8.
// A Linear layer's weight is [out, in], as PyTorch has it.
type Matrix struct {
	Type       DType
	Rows, Cols int
	F32        []float32 // Type F32: Rows*Cols
	F16        []uint16  // Type F16: Rows*Cols, IEEE binary16 bits
	Q8         []int8    // Type Q8: Rows*Cols; Cols is a multiple of Block
	Scale      []float32 // Type Q8: Rows*Cols/Block
}

// NewMatrix allocates a zero matrix of type F32, F16 or Q8.
func NewMatrix(t DType, rows, cols int) *Matrix {
	m := &Matrix{Type: t, Rows: rows, Cols: cols}
	switch t {
	case F32:
		m.F32 = make([]float32, rows*cols)
	case F16:
		m.F16 = make([]uint16, rows*cols)
	case Q8:
		if cols%Block != 0 {
			panic("tensor: the columns of a Q8 matrix must be a multiple of 32")
		}
		m.Q8, m.Scale = make([]int8, rows*cols), make([]float32, rows*cols/Block)
	default:
		panic("tensor: no matrix of type " + string(t))
	}
	return m
}

// Row writes row i, widened to f32, into dst [Cols].
func (m *Matrix) Row(dst []float32, i int) { row(m, dst[:m.Cols], i) }

// Bytes is the memory that the weights take.
func (m *Matrix) Bytes() int {
	return 4*len(m.F32) + 2*len(m.F16) + len(m.Q8) + 4*len(m.Scale)
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
