//go:build js && wasm

package match

import "unsafe"

// In the browser the kernels are those of wasm/kernel (match.c), as in engine/tensor. They give the same bits.

type pointer = unsafe.Pointer

//go:wasmimport kernel shiftIn
//go:noescape
func kernelShiftIn(sums, row pointer, n, least, minus, both, invert int32)

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

func (t *test) shiftIn(sums, row []uint64) {
	kernelShiftIn(at(sums[:len(row)]), at(row), int32(lanes*len(row)), int32(t.least), int32(t.minus), int32(t.both), int32(t.invert))
}
