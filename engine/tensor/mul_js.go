//go:build js && wasm

package tensor

// Products of matrices in the browser.

// scratch is what a product uses on the way; there is one thread.
var scratch struct {
	tile  []float32
	x     []float32 // as split writes it
	short []float32 // as shorten writes it
	room  [32 * partSize]float32
}

// The sizes of the kernels' fixed, shortX and part (wasm/kernel/block.h, block.c), in f32.
const (
	fixedSize = 44
	shortSize = 20
	partSize  = 80
)

// grow is a slice of n elements, s if it is long enough.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

func row(m *Matrix, dst []float32, i int) {
	if m.block() != nil {
		portableRow(m, dst, i)
	} else {
		rows(m, dst, i, i+1)
	}
}

// rows writes the rows from lo up to hi, widened to f32, into dst. Of a packed matrix lo is a multiple of 4.
func rows(m *Matrix, dst []float32, lo, hi int) {
	from, to := lo*m.Cols, hi*m.Cols
	switch {
	case m.Type == F32:
		copy(dst, m.F32[from:to])
	case m.Type == F16:
		kernelWidenF16(at(dst), at(m.F16[from:to]), int32(to-from))
	case m.Type == BF16:
		kernelWidenBF16(at(dst), at(m.F16[from:to]), int32(to-from))
	default:
		b, each := m.block(), m.rowBytes()
		for ; m.packed && m.finite && lo+lanes <= hi; lo += lanes {
			kernelWidenBlocks(at(dst), b.number, int32(b.bytes), int32(b.weights/Block), at(m.bytes()[lo*each:]), m.scales(lo),
				int32(m.Cols/b.weights), int32(m.Cols), at(scratch.room[:]))
			dst = dst[lanes*m.Cols:]
		}
		for ; lo < hi; lo++ {
			portableRow(m, dst[:m.Cols], lo)
			dst = dst[m.Cols:]
		}
	}
}

// scales is where the scales of a Q8 matrix begin that are those of the rows from lo.
func (m *Matrix) scales(lo int) pointer { return at(m.Scale[min(lo*m.Cols/Block, len(m.Scale)):]) }

// few is how many vectors are multiplied one by one, for which widening the weights does not pay.
const few = 4

func mul(m *Matrix, dst, x []float32, n int) {
	if n < few && m.Type != F32 {
		t := 0
		for t < n && mulStored(m, dst[t*m.Rows:(t+1)*m.Rows], x[t*m.Cols:(t+1)*m.Cols]) {
			t++
		}
		dst, x, n = dst[t*m.Rows:], x[t*m.Cols:], n-t
	}
	if fast && m.packed && m.finite && n >= few {
		for n > 0 && mulShort(m, dst, x, min(n, shortVectors)) {
			dst, x, n = dst[min(n, shortVectors)*m.Rows:], x[min(n, shortVectors)*m.Cols:], n-min(n, shortVectors)
		}
	}
	if n > 0 {
		mulTiles(m, dst, x, n)
	}
}

// shortVectors is how many vectors mulShort takes at a time, so that they stay in the cache.
const shortVectors = 128

// mulShort multiplies in generation mode with n vectors, four at a time, the others one by one. It reports false if numbers
// are not finite.
func mulShort(m *Matrix, dst, x []float32, n int) bool {
	s, b, each, full := &scratch, m.block(), m.Cols/Block, n/4*4
	s.x = grow(s.x, each*fixedSize)
	s.short = grow(s.short, full*each*shortSize)
	for t := range full {
		if kernelSplit(at(s.x), at(x[t*m.Cols:]), int32(m.Cols), 0) == 0 {
			return false
		}
		kernelShorten(at(s.short[t*each*shortSize:]), at(s.x), int32(each))
	}
	if kernelProductBlocks(at(dst), b.number, int32(b.bytes), int32(b.weights/Block), at(m.bytes()), m.scales(0), at(s.short), int32(m.Rows/lanes),
		int32(m.Cols/b.weights), at(s.room[:]), int32(full), int32(m.Rows)) == 0 {
		return false
	}
	for r := m.Rows / lanes * lanes; r < m.Rows; r++ {
		s.tile = grow(s.tile, m.Cols)
		row(m, s.tile, r)
		for t := range full {
			dst[t*m.Rows+r] = dot(s.tile, x[t*m.Cols:(t+1)*m.Cols])
		}
	}
	for t := full; t < n; t++ {
		if !mulStored(m, dst[t*m.Rows:(t+1)*m.Rows], x[t*m.Cols:(t+1)*m.Cols]) {
			return false
		}
	}
	return true
}

// mulStored multiplies with one vector without widening the weights, but for the last rows that do not fill a lane. It
// reports false, having done nothing that counts, where that is not exact: numbers that are not finite, and odd shapes.
func mulStored(m *Matrix, dst, x []float32) bool {
	full := m.Rows / lanes * lanes
	rows, cols := int32(full), int32(m.Cols)
	switch {
	case m.Type == F16 && m.Cols%8 == 0:
		if kernelMulF16(at(dst), at(m.F16), at(x), rows, cols) == 0 {
			return false
		}
	case m.Type == BF16 && m.Cols%8 == 0:
		kernelMulBF16(at(dst), at(m.F16), at(x), rows, cols)
	case m.packed && m.finite:
		if !mulPacked(m, dst, x) {
			return false
		}
	default:
		return false
	}
	for r := full; r < m.Rows; r++ {
		scratch.tile = grow(scratch.tile, m.Cols)
		row(m, scratch.tile, r)
		dst[r] = dot(scratch.tile, x[:m.Cols])
	}
	return true
}

// mulPacked multiplies the rows that Pack interleaved.
func mulPacked(m *Matrix, dst, x []float32) bool {
	exact := int32(1)
	if fast {
		exact = 0
	}
	s := &scratch
	s.x = grow(s.x, m.Cols/Block*fixedSize)
	if kernelSplit(at(s.x), at(x), int32(m.Cols), exact) == 0 {
		return false
	}
	b, w, scale := m.block(), at(m.bytes()), m.scales(0)
	groups, count := int32(m.Rows/lanes), int32(m.Cols/b.weights)
	switch m.Type {
	case Q8:
		return kernelMulQ8(at(dst), w, scale, at(s.x), groups, count, exact) != 0
	case Q4_0:
		return kernelMulQ4_0(at(dst), w, scale, at(s.x), groups, count, exact) != 0
	case Q4_1:
		return kernelMulQ4_1(at(dst), w, scale, at(s.x), groups, count, exact) != 0
	case Q8_0:
		return kernelMulQ8_0(at(dst), w, scale, at(s.x), groups, count, exact) != 0
	case Q4_K:
		return kernelMulQ4_K(at(dst), w, scale, at(s.x), groups, count, exact) != 0
	}
	return kernelMulBlocks(at(dst), b.number, int32(b.bytes), int32(b.weights/Block), w, scale, at(s.x), groups, count, at(s.room[:]), exact) != 0
}

// tileSize is how many weights are widened at a time: few enough to stay in the cache while all rows of x pass.
const tileSize = 1 << 16

// mulTiles widens some rows of the weights and multiplies them with all of x, and so on.
func mulTiles(m *Matrix, dst, x []float32, n int) {
	step := max(4, tileSize/max(m.Cols, 1)&^3)
	if m.Type != F32 {
		scratch.tile = grow(scratch.tile, min(step, m.Rows)*m.Cols)
	} else if n == 1 {
		step = max(m.Rows, 1) // nothing is used twice
	}
	for lo := 0; lo < m.Rows; lo += step {
		hi := min(lo+step, m.Rows)
		w := scratch.tile
		if m.Type == F32 {
			w = m.F32[lo*m.Cols:]
		} else {
			rows(m, w, lo, hi)
		}
		product(dst[lo:], w, x, shape{hi - lo, n, m.Cols, m.Cols, m.Cols, m.Rows}, 1)
	}
}
