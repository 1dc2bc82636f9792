package tsne

import (
	"math"
	"math/bits"
)

const (
	theta     = 0.25 // a cell is far if the root mean square of its points' distances from its centre is below theta sqrt(1 + d²),
	widest    = 0.5  // and none is above this times that
	leafSize  = 8    // points of a cell that is not divided
	groupSize = 128  // points that share a list of cells
)

// A cell is a record of so many numbers: size, mass, centre, 4 times the sums of products of the points' distances from the centre (second
// moments: xx xy yy, or xx xy xz yy yz zz), and the trace of those sums.
const (
	cellSize = iota // a cell is far from where 1 + d² is more than this
	cellMass
	cellCentre

	record2 = 8
	record3 = 12
)

// tree is a quadtree or octree over places. Its buffers are used again and again.
type tree struct {
	n, dims int
	stride  int       // of a coordinate in pos
	pos     []float32 // [dims, stride]: the places in the order of the tree
	order   []int32   // the row of each
	code    []uint32  // where each lies on the Z curve (Morton 1966)

	spareOrder []int32
	spareCode  []uint32

	cells  []float32 // records, a parent before its children
	links  []link    // of each cell
	reach  []float32 // at least the square of the largest distance from a cell's centre
	groups []int32   // where groups of points begin, and n

	open float32 // 1 / (4 theta²)
}

// link says which points are in a cell, and where the cell is that follows it and all below it.
type link struct{ lo, hi, skip int32 }

func newTree(n, dims int) *tree {
	stride := n + 3 // kernels take four at a time, and may begin at the last
	return &tree{n: n, dims: dims, stride: stride, pos: make([]float32, dims*stride), order: make([]int32, n), code: make([]uint32, n),
		spareOrder: make([]int32, n), spareCode: make([]uint32, n), open: 1 / (4 * theta * theta)}
}

func (t *tree) record() int {
	if t.dims == 2 {
		return record2
	}
	return record3
}

// build makes the tree of places y [n, dims].
func (t *tree) build(y []float32) {
	t.encode(y)
	t.sort()
	t.links, t.groups = t.links[:0], t.groups[:0]
	t.divide(0, int32(t.n), true)
	t.groups = append(t.groups, int32(t.n))
	t.cells, t.reach = sized(t.cells, len(t.links)*t.record()), sized(t.reach, len(t.links))
}

// sized is n numbers, in the same place if there is room.
func sized(x []float32, n int) []float32 {
	if n > cap(x) {
		return make([]float32, n, n+n/4)
	}
	return x[:n]
}

// gridReach is half of the width of the grid, in mean distances from the mean. What is farther out counts as being at the edge: cells are judged
// by the points in them, so this costs time and no accuracy.
const gridReach = 6

// encode numbers the places along the Z curve: of 2^16 x 2^16 or 2^10 x 2^10 x 2^10 squares.
func (t *tree) encode(y []float32) {
	levels := 16
	if t.dims == 3 {
		levels = 10
	}
	last := float32(int(1)<<levels - 1)
	var low, scale [3]float32
	for d := range t.dims {
		mean, spread := 0.0, 0.0
		for i := d; i < len(y); i += t.dims {
			mean += float64(y[i])
		}
		mean /= float64(t.n)
		for i := d; i < len(y); i += t.dims {
			spread += math.Abs(float64(y[i]) - mean)
		}
		spread /= float64(t.n)
		low[d] = float32(mean - float64(gridReach*spread))
		if spread > 1e-30 { // else the scale may overflow
			scale[d] = float32(float64(int(1)<<levels) / (2 * gridReach * spread))
		}
	}
	if t.dims == 2 {
		for i := range t.code {
			u := y[2*i:][:2]
			t.code[i] = apart2(cut((u[0]-low[0])*scale[0], last)) | apart2(cut((u[1]-low[1])*scale[1], last))<<1
			t.order[i] = int32(i)
		}
		return
	}
	for i := range t.code {
		u := y[3*i:][:3]
		t.code[i] = apart3(cut((u[0]-low[0])*scale[0], last)) | apart3(cut((u[1]-low[1])*scale[1], last))<<1 | apart3(cut((u[2]-low[2])*scale[2], last))<<2
		t.order[i] = int32(i)
	}
}

// cut rounds x down to 0 to last. It has no min and max, which are slow in Go's WASM.
func cut(x, last float32) uint32 {
	if x > last {
		x = last
	}
	if x > 0 {
		return uint32(int32(x))
	}
	return 0
}

// apart2 puts a 0 between the 16 bits of x; apart3 puts two between 10 bits.
func apart2(x uint32) uint32 {
	x = (x | x<<8) & 0x00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f
	x = (x | x<<2) & 0x33333333
	return (x | x<<1) & 0x55555555
}

func apart3(x uint32) uint32 {
	x = (x | x<<16) & 0xff0000ff
	x = (x | x<<8) & 0x0f00f00f
	x = (x | x<<4) & 0xc30c30c3
	return (x | x<<2) & 0x49249249
}

// sort orders the points by their codes: a radix sort, 11 bits at a time, which keeps the order of equal ones.
func (t *tree) sort() {
	const digit = 11
	var count [3][1 << digit]int32
	for _, c := range t.code {
		count[0][c&(1<<digit-1)]++
		count[1][c>>digit&(1<<digit-1)]++
		count[2][c>>(2*digit)]++
	}
	for pass := range count {
		sum := int32(0)
		at := &count[pass]
		for i, c := range at {
			at[i] = sum
			sum += c
		}
		shift := pass * digit
		for i, c := range t.code {
			to := &at[c>>shift&(1<<digit-1)]
			t.spareCode[*to], t.spareOrder[*to] = c, t.order[i]
			*to++
		}
		t.code, t.spareCode = t.spareCode, t.code
		t.order, t.spareOrder = t.spareOrder, t.order
	}
}

// divide adds the cell of points lo to hi and all below it. A cell is the smallest square that holds its points, so each has two children or more,
// and the depth is at most that of the grid. outer: it is in no group yet.
func (t *tree) divide(lo, hi int32, outer bool) {
	if outer && hi-lo <= groupSize {
		t.groups = append(t.groups, lo)
		outer = false
	}
	me := len(t.links)
	t.links = append(t.links, link{lo: lo, hi: hi})
	if differ := t.code[lo] ^ t.code[hi-1]; hi-lo > leafSize && differ != 0 {
		shift := (bits.Len32(differ) - 1) / t.dims * t.dims
		for lo < hi {
			end := t.childEnd(lo, hi, shift)
			t.divide(lo, end, outer)
			lo = end
		}
	} else if outer { // many points in one place
		for ; lo < hi; lo += groupSize {
			t.groups = append(t.groups, lo)
		}
	}
	t.links[me].skip = int32(len(t.links))
}

// childEnd is where the points that share the first one's square end.
func (t *tree) childEnd(lo, hi int32, shift int) int32 {
	square := t.code[lo] >> shift
	for lo < hi {
		if mid := (lo + hi) / 2; t.code[mid]>>shift == square {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
