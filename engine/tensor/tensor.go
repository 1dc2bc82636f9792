// Package tensor holds numbers: activations (Tensor, always f32) and weights (Matrix, in the type
// that their file stores), and the kernels that combine them.
//
// Every kernel has a portable Go form, which is the reference and what native builds run, and may
// have a SIMD form in the browser (wasm/kernel). A kernel panics on shapes that do not fit, for that
// is a programmer's error: whatever comes from a file was checked before.
package tensor

import "fmt"

// Tensor is a dense row-major array of float32.
type Tensor struct {
	Shape []int
	Data  []float32
}

// New returns a zero tensor of the given shape.
func New(shape ...int) *Tensor {
	return &Tensor{Shape: shape, Data: make([]float32, Numel(shape))}
}

// Numel is the number of elements of a shape; 1 for a scalar.
func Numel(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Info describes a tensor of a file.
type Info struct {
	Name  string
	DType DType
	Shape []int
}

func (i Info) String() string { return fmt.Sprintf("%s %s %v", i.Name, i.DType, i.Shape) }
