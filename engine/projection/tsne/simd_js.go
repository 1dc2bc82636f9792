//go:build js && wasm

package tsne

import (
	"slices"
	"unsafe"
)

// In the browser the kernels are those of wasm/kernel (tsne.c), as in engine/tensor. They add in another order than the portable forms, and
// may multiply and add in one step: a map's course differs, its KL after 1,000 iterations by less than 1%.

type pointer = unsafe.Pointer

//go:wasmimport kernel list2
//go:noescape
func kernelList2(cells, links pointer, count int32, pos pointer, stride, lo, hi int32, far, near, size pointer)

//go:wasmimport kernel list3
//go:noescape
func kernelList3(cells, links pointer, count int32, pos pointer, stride, lo, hi int32, far, near, size pointer)

//go:wasmimport kernel repel2
//go:noescape
func kernelRepel2(pos, force, weight pointer, stride, count int32, far pointer, farSize int32, near pointer, nearSize int32)

//go:wasmimport kernel repel3
//go:noescape
func kernelRepel3(pos, force, weight pointer, stride, count int32, far pointer, farSize int32, near pointer, nearSize int32)

//go:wasmimport kernel attract2
//go:noescape
func kernelAttract2(start, col, val pointer, n int32, y, force pointer)

//go:wasmimport kernel attract3
//go:noescape
func kernelAttract3(start, col, val pointer, n int32, y, force pointer)

//go:wasmimport kernel spread
//go:noescape
func kernelSpread(start, col, val pointer, n int32, y pointer, dims int32) float64

//go:wasmimport kernel move
//go:noescape
func kernelMove(y, step, gain, attract, repel pointer, n int32, a, b, momentum, rate, edge float32) float64

// at is where the elements of x begin.
func at[T any](x []T) pointer { return pointer(unsafe.SliceData(x)) }

func size[T any](x []T) int32 { return int32(len(x)) }

func list(t *tree, l *lists, lo, hi int) {
	l.far, l.near = slices.Grow(l.far[:0], len(t.cells)), slices.Grow(l.near[:0], len(t.pos)) // all that there can be
	kernel := kernelList2
	if t.dims == 3 {
		kernel = kernelList3
	}
	kernel(at(t.cells), at(t.links), size(t.links), at(t.pos), int32(t.stride), int32(lo), int32(hi), at(l.far), at(l.near), at(l.size[:]))
	l.far, l.near = l.far[:l.size[0]], l.near[:l.size[1]]
}

func repel2(pos, force, weight []float32, stride, lo, hi int, far, near []float32) {
	kernelRepel2(at(pos[lo:]), at(force[lo:]), at(weight[lo:]), int32(stride), int32(hi-lo), at(far), size(far), at(near), size(near))
}

func repel3(pos, force, weight []float32, stride, lo, hi int, far, near []float32) {
	kernelRepel3(at(pos[lo:]), at(force[lo:]), at(weight[lo:]), int32(stride), int32(hi-lo), at(far), size(far), at(near), size(near))
}

func attract2(p *Affinities, y, force []float32) {
	kernelAttract2(at(p.start), at(p.col), at(p.val), int32(p.N), at(y), at(force))
}

func attract3(p *Affinities, y, force []float32) {
	kernelAttract3(at(p.start), at(p.col), at(p.val), int32(p.N), at(y), at(force))
}

func spread(p *Affinities, y []float32, dims int) float64 {
	return kernelSpread(at(p.start), at(p.col), at(p.val), int32(p.N), at(y), int32(dims))
}

func move(y []float32, m *motion, c change) float64 {
	n := (size(y) + 3) &^ 3 // the numbers behind stay 0
	return kernelMove(at(y), at(m.step), at(m.gain), at(m.attract), at(m.repel), n, c.attract, c.repel, c.momentum, c.rate, edge)
}
