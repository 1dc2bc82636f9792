package tensor

// DType is how a file stores a number. The names are those of safetensors.
type DType string

const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U8   DType = "U8"
	Bool DType = "BOOL"
	// Q8 is int8 in blocks of 32 along a row, each block with one f32 scale: w = scale * q.
	Q8 DType = "Q8"
)

// Size is the number of bytes of one element; 0 for a type that is unknown or stored in blocks.
func (d DType) Size() int {
	switch d {
	case F64, I64:
		return 8
	case F32, I32:
		return 4
	case F16, BF16, I16:
		return 2
	case I8, U8, Bool:
		return 1
	}
	return 0
}
