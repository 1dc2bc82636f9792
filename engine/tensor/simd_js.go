//go:build js && wasm

package tensor

import "unsafe"

// In the browser the kernels are those of wasm/kernel, which web/kernel.js attaches to the program. They work in
// Go's own memory: what passes is pointers and counts.

//go:wasmimport kernel axpy
//go:noescape
func kernelAxpy(y unsafe.Pointer, a float32, x unsafe.Pointer, n int32)

// at is where the elements of x begin.
func at[T any](x []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }

func axpy(y []float32, a float32, x []float32) { kernelAxpy(at(y), a, at(x), int32(len(x))) }

func mul(m *Matrix, dst, x []float32, n int)              { portableMul(m, dst, x, n) }
func row(m *Matrix, dst []float32, i int)                 { portableRow(m, dst, i) }
func product(dst, w, x []float32, s shape, scale float32) { portableProduct(dst, w, x, s, scale) }
func mix(dst, p, v []float32, stride int)                 { portableMix(dst, p, v, stride) }
func dot(a, b []float32) float32                          { return portableDot(a, b) }
func scaleShift(x, w, b []float32)                        { portableScaleShift(x, w, b) }
func normalize(dst, x []float32, eps float32) float32     { return portableNormalize(dst, x, eps) }
func softmax(x []float32)                                 { portableSoftmax(x) }
func exp(x []float32)                                     { portableExp(x) }
func sigmoid(x []float32)                                 { portableSigmoid(x) }
func tanh(x []float32)                                    { portableTanh(x) }
func relu(x []float32)                                    { portableReLU(x) }
func geluNew(x []float32)                                 { portableGELUNew(x) }
func gelu(x []float32)                                    { portableGELU(x) }
