//go:build js && wasm

package match

import "unsafe"

// In the browser the kernels are those of wasm/kernel (match.c), as in engine/tensor. They give the same bits.

type pointer = unsafe.Pointer

//go:wasmimport kernel decide
//go:noescape
func kernelDecide(sums, rows pointer, n, stride, least, minus, both, invert int32)

//go:wasmimport kernel round16
//go:noescape
func kernelRound16(dst, x pointer, n int32)

// at is where the elements of x begin.
func at[T any](x []T) pointer { return pointer(unsafe.SliceData(x)) }

func round(dst []uint16, x []float32) {
	n := len(x) &^ 7
	kernelRound16(at(dst[:n]), at(x), int32(n))
	portableRound(dst[n:], x[n:])
}

func (t *test) decide(sums, rows []uint64, stride int) {
	kernelDecide(at(sums), at(rows[:15*stride+len(sums)]), int32(lanes*len(sums)), int32(lanes*stride), int32(t.least), int32(t.minus), int32(t.both), int32(t.invert))
}
