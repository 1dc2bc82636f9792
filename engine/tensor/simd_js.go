//go:build js && wasm

package tensor

import "unsafe"

// In the browser the kernels are those of wasm/kernel, which web/kernel.js attaches to the program. They work in
// Go's own memory: what passes is pointers and counts.

type pointer = unsafe.Pointer

//go:wasmimport kernel dot
//go:noescape
func kernelDot(a, b pointer, n int32) float32

//go:wasmimport kernel axpy
//go:noescape
func kernelAxpy(y pointer, a float32, x pointer, n int32)

//go:wasmimport kernel scaleShift
//go:noescape
func kernelScaleShift(x, w, b pointer, n int32)

//go:wasmimport kernel normalize
//go:noescape
func kernelNormalize(dst, x pointer, n int32, eps float32) float32

//go:wasmimport kernel softmax
//go:noescape
func kernelSoftmax(x pointer, n int32)

//go:wasmimport kernel exp
//go:noescape
func kernelExp(x pointer, n int32)

//go:wasmimport kernel sigmoid
//go:noescape
func kernelSigmoid(x pointer, n int32)

//go:wasmimport kernel tanh
//go:noescape
func kernelTanh(x pointer, n int32)

//go:wasmimport kernel relu
//go:noescape
func kernelReLU(x pointer, n int32)

//go:wasmimport kernel silu
//go:noescape
func kernelSiLU(x pointer, n int32)

//go:wasmimport kernel softCap
//go:noescape
func kernelSoftCap(x pointer, n int32, c float32)

//go:wasmimport kernel rmsNorm
//go:noescape
func kernelRMSNorm(dst, x pointer, n int32, eps float32) float32

//go:wasmimport kernel times
//go:noescape
func kernelTimes(y, x pointer, n int32)

//go:wasmimport kernel rotate
//go:noescape
func kernelRotate(x, cos, sin pointer, heads, dim, r int32)

//go:wasmimport kernel interleave
//go:noescape
func kernelInterleave(dst, rows pointer, each, count, before, words, after, fifth int32)

//go:wasmimport kernel geluNew
//go:noescape
func kernelGELUNew(x pointer, n int32)

//go:wasmimport kernel gelu
//go:noescape
func kernelGELU(x pointer, n int32)

//go:wasmimport kernel product
//go:noescape
func kernelProduct(dst, w, x pointer, rows, n, cols, wStride, xStride, dstStride int32, scale float32)

//go:wasmimport kernel mix
//go:noescape
func kernelMix(dst pointer, d int32, p pointer, n int32, v pointer, stride int32)

//go:wasmimport kernel mix4
//go:noescape
func kernelMix4(dst, p, v pointer, d, keys, dstStride, pStride, vStride int32)

//go:wasmimport kernel widenF16
//go:noescape
func kernelWidenF16(dst, src pointer, n int32)

//go:wasmimport kernel widenBF16
//go:noescape
func kernelWidenBF16(dst, src pointer, n int32)

//go:wasmimport kernel widenBlocks
//go:noescape
func kernelWidenBlocks(dst pointer, number, bytes, parts int32, w, scale pointer, count, stride int32, room pointer)

//go:wasmimport kernel mulF16
//go:noescape
func kernelMulF16(dst, w, x pointer, rows, cols int32) int32

//go:wasmimport kernel mulBF16
//go:noescape
func kernelMulBF16(dst, w, x pointer, rows, cols int32)

//go:wasmimport kernel split
//go:noescape
func kernelSplit(dst, x pointer, n, exact int32) int32

//go:wasmimport kernel mulBlocks
//go:noescape
func kernelMulBlocks(dst pointer, number, bytes, parts int32, w, scale, x pointer, groups, count int32, room pointer, exact int32) int32

//go:wasmimport kernel shorten
//go:noescape
func kernelShorten(dst, x pointer, count int32)

//go:wasmimport kernel productBlocks
//go:noescape
func kernelProductBlocks(dst pointer, number, bytes, parts int32, w, scale, x pointer, groups, count int32, room pointer, n, stride int32) int32

//go:wasmimport kernel mulQ8
//go:noescape
func kernelMulQ8(dst, w, scale, x pointer, groups, count, exact int32) int32

//go:wasmimport kernel mulQ4_0
//go:noescape
func kernelMulQ4_0(dst, w, scale, x pointer, groups, count, exact int32) int32

//go:wasmimport kernel mulQ4_1
//go:noescape
func kernelMulQ4_1(dst, w, scale, x pointer, groups, count, exact int32) int32

//go:wasmimport kernel mulQ8_0
//go:noescape
func kernelMulQ8_0(dst, w, scale, x pointer, groups, count, exact int32) int32

//go:wasmimport kernel mulQ4_K
//go:noescape
func kernelMulQ4_K(dst, w, scale, x pointer, groups, count, exact int32) int32

// at is where the elements of x begin.
func at[T any](x []T) pointer { return pointer(unsafe.SliceData(x)) }

func size[T any](x []T) int32 { return int32(len(x)) }

func dot(a, b []float32) float32               { return kernelDot(at(a), at(b), size(a)) }
func axpy(y []float32, a float32, x []float32) { kernelAxpy(at(y), a, at(x), size(x)) }
func scaleShift(x, w, b []float32)             { kernelScaleShift(at(x), at(w), at(b), size(x)) }
func normalize(dst, x []float32, eps float32) float32 {
	return kernelNormalize(at(dst), at(x), size(x), eps)
}
func softmax(x []float32) { kernelSoftmax(at(x), size(x)) }
func exp(x []float32)     { kernelExp(at(x), size(x)) }
func sigmoid(x []float32) { kernelSigmoid(at(x), size(x)) }
func tanh(x []float32)    { kernelTanh(at(x), size(x)) }
func relu(x []float32)    { kernelReLU(at(x), size(x)) }
func geluNew(x []float32) { kernelGELUNew(at(x), size(x)) }
func gelu(x []float32)    { kernelGELU(at(x), size(x)) }

func silu(x []float32) { kernelSiLU(at(x), size(x)) }

func rmsNorm(dst, x []float32, eps float32) float32 {
	return kernelRMSNorm(at(dst), at(x), size(x), eps)
}
func times(y, x []float32)           { kernelTimes(at(y), at(x), size(x)) }
func softCap(x []float32, c float32) { kernelSoftCap(at(x), size(x), c) }
func rotate(x, cos, sin []float32, heads, dim, r int) {
	kernelRotate(at(x), at(cos), at(sin), int32(heads), int32(dim), int32(r))
}

func interleave(dst, rows []byte, b *block) {
	var fifth int32
	if b.units.fifth {
		fifth = 1
	}
	each := len(rows) / lanes
	kernelInterleave(at(dst), at(rows), int32(each), int32(each/b.bytes), int32(b.units.before), int32(b.units.words), int32(b.units.after), fifth)
}

func mix4(dst, p, v []float32, s mixShape) {
	kernelMix4(at(dst), at(p), at(v), int32(s.d), int32(s.keys), int32(s.dstStride), int32(s.pStride), int32(s.vStride))
}

func mix(dst, p, v []float32, stride int) {
	kernelMix(at(dst), size(dst), at(p), size(p), at(v), int32(stride))
}

func product(dst, w, x []float32, s shape, scale float32) {
	kernelProduct(at(dst), at(w), at(x), int32(s.rows), int32(s.n), int32(s.cols),
		int32(s.wStride), int32(s.xStride), int32(s.dstStride), scale)
}
