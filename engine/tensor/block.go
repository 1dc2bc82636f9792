package tensor

import "encoding/binary"

// ggml's quantised blocks, as GGUF files have them (llama.cpp, ggml-common.h and dequantize_row_* of ggml-quants.c). All
// numbers are little-endian; d, m and dmin are f16. What is widened has the same bits as there: each product and each sum
// is rounded to f32.

// block is a type of blocks.
type block struct {
	weights, bytes int
	widen          func(dst []float32, b []byte)
	halves         []int // where the f16 are
	units          units // what Pack interleaves
	number         int32 // in the kernels (wasm/kernel/block.h), where Q8 has 0
}

// units is what a block is made of: f16, words of 4 bytes, f16. fifth says that the first word holds the fifth bits of 32
// weights, which Pack rearranges.
type units struct {
	before, words, after int
	fifth                bool
}

var blocks = map[DType]*block{
	Q4_0:   {32, 18, widenQ4_0, []int{0}, units{1, 4, 0, false}, 1},
	Q4_1:   {32, 20, widenQ4_1, []int{0, 2}, units{2, 4, 0, false}, 2},
	Q5_0:   {32, 22, widenQ5_0, []int{0}, units{1, 5, 0, true}, 3},
	Q5_1:   {32, 24, widenQ5_1, []int{0, 2}, units{2, 5, 0, true}, 4},
	Q8_0:   {32, 34, widenQ8_0, []int{0}, units{1, 8, 0, false}, 5},
	Q2_K:   {256, 84, widenQ2_K, []int{80, 82}, units{0, 20, 2, false}, 7},
	Q3_K:   {256, 110, widenQ3_K, []int{108}, units{0, 27, 1, false}, 8},
	Q4_K:   {256, 144, widenQ4_K, []int{0, 2}, units{2, 35, 0, false}, 9},
	Q5_K:   {256, 176, widenQ5_K, []int{0, 2}, units{2, 43, 0, false}, 10},
	Q6_K:   {256, 210, widenQ6_K, []int{208}, units{0, 52, 1, false}, 11},
	IQ4_NL: {32, 18, widenIQ4_NL, []int{0}, units{1, 4, 0, false}, 6},
}

func half(b []byte) float32 { return F16ToF32(binary.LittleEndian.Uint16(b)) }

// widenQ4_0: d, 16 bytes of two weights each, the low half the first 16: w = d (q - 8).
func widenQ4_0(dst []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:18] {
		dst[i] = float32(int(q&15)-8) * d
		dst[i+16] = float32(int(q>>4)-8) * d
	}
}

// widenQ4_1: d, m, and q as in Q4_0: w = d q + m.
func widenQ4_1(dst []float32, b []byte) {
	d, m := half(b), half(b[2:])
	for i, q := range b[4:20] {
		dst[i] = float32(float32(q&15)*d) + m
		dst[i+16] = float32(float32(q>>4)*d) + m
	}
}

// widenQ5_0: d, 32 fifth bits, and q as in Q4_0: w = d (q - 16).
func widenQ5_0(dst []float32, b []byte) {
	d, high := half(b), binary.LittleEndian.Uint32(b[2:])
	for i, q := range b[6:22] {
		dst[i] = float32(int(q&15)|int(high>>i&1)<<4-16) * d
		dst[i+16] = float32(int(q>>4)|int(high>>(i+16)&1)<<4-16) * d
	}
}

// widenQ5_1: d, m, 32 fifth bits, and q as in Q4_0: w = d q + m.
func widenQ5_1(dst []float32, b []byte) {
	d, m, high := half(b), half(b[2:]), binary.LittleEndian.Uint32(b[4:])
	for i, q := range b[8:24] {
		dst[i] = float32(float32(int(q&15)|int(high>>i&1)<<4)*d) + m
		dst[i+16] = float32(float32(int(q>>4)|int(high>>(i+16)&1)<<4)*d) + m
	}
}

// widenQ8_0: d, 32 int8: w = d q.
func widenQ8_0(dst []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:34] {
		dst[i] = float32(int8(q)) * d
	}
}

// levels are IQ4_NL's 16 values.
var levels = [16]int8{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

// widenIQ4_NL: as Q4_0, with q the number of a level: w = d level.
func widenIQ4_NL(dst []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:18] {
		dst[i] = d * float32(levels[q&15])
		dst[i+16] = d * float32(levels[q>>4])
	}
}

// widenQ2_K: 16 bytes of scale and minimum (4 bits each) of 16 weights, 64 bytes of four weights each, d, dmin. 32 bytes hold
// 128 weights, the lowest bits the first 32: w = d scale q - dmin min.
func widenQ2_K(dst []float32, b []byte) {
	d, dmin := half(b[80:]), half(b[82:])
	for i := range dst[:256] {
		s := b[i/16]
		q := b[16+i/128*32+i%32] >> (i / 32 % 4 * 2) & 3
		dst[i] = float32(d*float32(s&15)*float32(q)) - float32(dmin*float32(s>>4))
	}
}

// widenQ3_K: 32 bytes of third bits (weight i has bit i/32 of byte i%32), 64 bytes as in Q2_K, 12 bytes of 16 scales of
// 6 bits, d: w = d (scale - 32) q, q - 4 where the third bit is not set.
func widenQ3_K(dst []float32, b []byte) {
	d, scales := half(b[108:]), scales3(b[96:])
	for i := range dst[:256] {
		q := int(b[32+i/128*32+i%32]>>(i/32%4*2)&3) | int(b[i%32]>>(i/32)&1)<<2
		dst[i] = d * float32(scales[i/16]) * float32(q-4)
	}
}

// scales3 are Q3_K's 16 scales: the low 4 bits in b[:8], first the low halves; the high 2 bits in b[8:12].
func scales3(b []byte) (s [16]int8) {
	for i := range s {
		low, high := b[i%8]>>(i/8*4)&15, b[8+i%4]>>(i/4*2)&3
		s[i] = int8(low|high<<4) - 32
	}
	return s
}

// widenQ4_K: d, dmin, 12 bytes of 8 scales and minima of 6 bits, 128 bytes of two weights each: 32 bytes hold 64 weights,
// the low halves the first 32: w = d scale q - dmin min.
func widenQ4_K(dst []float32, b []byte) {
	d, dmin := half(b), half(b[2:])
	for j := range 8 {
		s, m := scaleMin(b[4:], j)
		scale, min := d*float32(s), dmin*float32(m)
		for i, q := range b[16+j/2*32:][:32] {
			dst[j*32+i] = float32(scale*float32(q>>(j%2*4)&15)) - min
		}
	}
}

// scaleMin is scale and minimum j of Q4_K and Q5_K: of the first four the low 6 bits of bytes j and j+4, of the others
// halves of byte j+4, whose missing bits are the high ones of the first.
func scaleMin(b []byte, j int) (scale, min byte) {
	if j < 4 {
		return b[j] & 63, b[j+4] & 63
	}
	return b[j+4]&15 | b[j-4]>>6<<4, b[j+4]>>4 | b[j]>>6<<4
}

// widenQ5_K: as Q4_K, with 32 bytes of fifth bits before the 128: weight i has bit i/32 of byte i%32.
func widenQ5_K(dst []float32, b []byte) {
	d, dmin := half(b), half(b[2:])
	for j := range 8 {
		s, m := scaleMin(b[4:], j)
		scale, min := d*float32(s), dmin*float32(m)
		for i, q := range b[48+j/2*32:][:32] {
			high := b[16+i] >> j & 1
			dst[j*32+i] = float32(scale*float32(q>>(j%2*4)&15|high<<4)) - min
		}
	}
}

// widenQ6_K: 128 bytes of low 4 bits, 64 of high 2 bits, 16 int8 scales of 16 weights, d. For each 128 weights 64 bytes
// hold first 64 low halves, then 64 high ones, and 32 bytes the high bits as in Q2_K: w = d scale (q - 32).
func widenQ6_K(dst []float32, b []byte) {
	d := half(b[208:])
	for i := range dst[:256] {
		low := b[i/128*64+i%64] >> (i / 64 % 2 * 4) & 15
		high := b[128+i/128*32+i%32] >> (i / 32 % 4 * 2) & 3
		dst[i] = d * float32(int8(b[192+i/16])) * float32(int(low|high<<4)-32)
	}
}
