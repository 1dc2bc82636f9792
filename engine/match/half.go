package match

import (
	"math"
	"unsafe"

	"loupe/engine/tensor"
)

const (
	largest  = 0x7bff // 65504, as f16
	infinity = 0x7c00 // what is more is NaN
)

// half is the f16 nearest to x, of two the even one; it is never infinite.
func half(x float32) uint16 {
	b := math.Float32bits(x)
	if b&^sign32-normal < huge-normal {
		return normalHalf(b)
	}
	return otherHalf(b)
}

// Bits of float32: from normal on, f16 are as exact as can be; from huge (65520) on they would be infinite.
const (
	sign32 = 1 << 31
	normal = 0x38800000
	huge   = 0x477ff000
)

// normalHalf rounds to the 10 bits of an f16's fraction, and moves the exponent.
func normalHalf(b uint32) uint16 {
	return uint16(b>>16&0x8000 | (b&^sign32+b>>13&1+0xfff-112<<23)>>13)
}

func otherHalf(b uint32) uint16 {
	sign, b := uint16(b>>16&0x8000), b&^sign32
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00
	case b >= huge:
		return sign | largest
	}
	// They are multiples of 2^-24, which is the last bit of 0.5.
	return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-0x3f000000)
}

// portableRound is round, which writes the halves of x into dst.
func portableRound(dst []uint16, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		b := math.Float32bits(v)
		if b&^sign32-normal < huge-normal {
			dst[i] = normalHalf(b)
		} else {
			dst[i] = otherHalf(b)
		}
	}
}

// widen writes the values of src into dst.
func widen(dst []float32, src []uint16) {
	m := tensor.Matrix{Type: tensor.F16, Rows: 1, Cols: len(dst), F16: src[:len(dst)]}
	m.Row(dst, 0)
}

// lanes is how many f16 a word of 64 bits has.
const lanes = 4

const (
	signs = 0x8000_8000_8000_8000
	each  = 0x0001_0001_0001_0001
)

// test says of four f16 at once which are on. Without its sign a f16 is larger where its bits are, as an integer.
type test struct {
	least  uint64 // magnitude from which one is large, in each lane
	minus  uint64 // lanes all ones: large ones count where they are not negative; 0: where they are
	both   uint64 // lanes all ones: whatever the sign
	invert uint64 // lanes all ones: on are those that do not count
}

// newTest turns x >= l into "large and not negative" or, if l is not positive, into "not (large and negative)", where large is
// beyond -l; and so with the other sides.
func newTest(c Cut) test {
	t := test{}
	if c.On == Above {
		t.minus = math.MaxUint64
	}
	if c.On == Either {
		t.both = math.MaxUint64
	}
	l := c.Level
	switch {
	case l != l:
		t.least = 0x7fff * each
	case l > 0:
		t.least = uint64(ceil(l)) * each
	case c.On == Either:
		t.least = 0
	default:
		t.minus, t.invert = ^t.minus, math.MaxUint64
		t.least = uint64(above(0-l)) * each // 0-l is never -0
	}
	return t
}

// ceil is the least f16 that is l or more, which is positive; above the least that is more. Where there is none, that is infinity or NaN.
func ceil(l float32) uint16 {
	h := half(l)
	for tensor.F16ToF32(h) < l {
		h++
	}
	return h
}

func above(l float32) uint16 {
	h := half(l)
	for tensor.F16ToF32(h) <= l {
		h++
	}
	return h
}

// words is the f16 of x as words of four; x begins at a multiple of four of what was allocated.
func words(x []uint16) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(x))), len(x)/lanes)
}

// portableDecide is decide: it puts into bit t of each lane of sums whether its f16 is on in row t of 16, which begin every stride words. sums has
// an even number of words. With the sign bit set, subtracting in a lane takes nothing from the next.
func (t *test) portableDecide(sums, rows []uint64, stride int) {
	c := *t
	clear(sums)
	for i := range 16 {
		for j, v := range rows[i*stride:][:len(sums)] {
			m := v | signs
			nan := m - (infinity+1)*each
			on := ((m-c.least)&(v^c.minus|c.both) ^ c.invert) & signs &^ nan
			sums[j] = sums[j]>>1 | on
		}
	}
}
