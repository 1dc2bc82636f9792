package checkpoint

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// scatter puts vals, which begin at element first of a matrix with cols columns, into its transpose dst.
func scatter[T any](dst, vals []T, first, cols int) {
	rows := len(dst) / cols
	row, col := first/cols, first%cols
	if col != 0 || len(vals) < cols { // a piece of one long row
		for i, v := range vals {
			dst[(col+i)*rows+row] = v
		}
		return
	}
	for n := len(vals) / cols; col < cols; col++ { // writes lie side by side
		out := dst[col*rows+row : col*rows+row+n]
		for i := range out {
			out[i] = vals[i*cols+col]
		}
	}
}

// swapRows puts rows that lie as [groups, n, m, ..] in the order [groups, m, n, ..], whatever their numbers are.
func swapRows(b []byte, groups, n, m int) {
	each := len(b) / groups
	unit := each / n / m
	old := make([]byte, each)
	for g := range groups {
		group := b[g*each : (g+1)*each]
		copy(old, group)
		for i := range n {
			for j := range m {
				copy(group[(j*n+i)*unit:], old[(i*m+j)*unit:(i*m+j+1)*unit])
			}
		}
	}
}

// view is n elements of T that begin where b does. b is long enough.
func view[T any](b []uint64, n int) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
}

// bytesOf is the memory of v.
func bytesOf[T any](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v)*int(unsafe.Sizeof(v[0])))
}

var bigEndianHost = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

func swap(b []byte, size int) {
	for i := 0; size > 1 && i < len(b); i += size {
		slices.Reverse(b[i : i+size])
	}
}
