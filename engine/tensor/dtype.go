package tensor

// DType is how a file stores a number. The names are those of safetensors, and for blocks those of GGUF.
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
	// ggml's blocks, of 32 or (those of K) 256 weights along a row: see block.go.
	Q4_0   DType = "Q4_0"
	Q4_1   DType = "Q4_1"
	Q5_0   DType = "Q5_0"
	Q5_1   DType = "Q5_1"
	Q8_0   DType = "Q8_0"
	Q2_K   DType = "Q2_K"
	Q3_K   DType = "Q3_K"
	Q4_K   DType = "Q4_K"
	Q5_K   DType = "Q5_K"
	Q6_K   DType = "Q6_K"
	IQ4_NL DType = "IQ4_NL"
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

// BlockSize is how many weights one of ggml's blocks holds and in how many bytes; 0, 0 for every other type.
func (d DType) BlockSize() (weights, bytes int) {
	b := blocks[d]
	if b == nil {
		return 0, 0
	}
	return b.weights, b.bytes
}
