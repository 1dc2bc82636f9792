package tensor

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// lanes is how many rows Pack interleaves: as many as a SIMD register has sums.
const lanes = 4

// Pack arranges the weights of Q8 and of ggml's blocks for the kernels, in place: of each four rows, the blocks of the
// same columns lie one in the other, unit by unit, so that one load gives the same weights of four rows. Rows that do
// not fill four stay, and so do other types. To be called once, when the matrix is filled.
func (m *Matrix) Pack() {
	b := m.block()
	if b == nil || m.packed {
		return
	}
	m.packed, m.finite = true, m.finiteScales(b)
	raw := m.bytes()
	group := lanes * m.rowBytes()
	plain := make([]byte, group)
	scales := make([]float32, lanes*m.Cols/Block)
	for g := range m.Rows / lanes {
		copy(plain, raw[g*group:])
		interleave(raw[g*group:][:group], plain, b)
		if m.Type == Q8 {
			s := m.Scale[g*len(scales):][:len(scales)]
			copy(scales, s)
			for i := range s {
				s[i] = scales[i%lanes*len(scales)/lanes+i/lanes]
			}
		}
	}
}

// q8 is Q8 as a type of blocks, whose scales lie apart.
var q8 = &block{weights: Block, bytes: Block, units: units{words: 8}}

// block is the matrix's type of blocks, or nil.
func (m *Matrix) block() *block {
	if m.Type == Q8 {
		return q8
	}
	return blocks[m.Type]
}

// bytes is the blocks.
func (m *Matrix) bytes() []byte {
	if m.Type == Q8 {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(m.Q8))), len(m.Q8))
	}
	return m.Raw
}

// rowBytes is how many bytes the blocks of a row have.
func (m *Matrix) rowBytes() int {
	b := m.block()
	return m.Cols / b.weights * b.bytes
}

// finiteScales reports whether no scale or minimum is an infinity or NaN.
func (m *Matrix) finiteScales(b *block) bool {
	for _, s := range m.Scale {
		if math.Float32bits(s)&0x7f800000 == 0x7f800000 {
			return false
		}
	}
	for _, at := range b.halves {
		for at++; at < len(m.Raw); at += b.bytes {
			if m.Raw[at]&0x7c == 0x7c {
				return false
			}
		}
	}
	return true
}

// portableInterleave writes four rows of blocks into dst, in the order that Pack says.
func portableInterleave(dst, rows []byte, b *block) {
	each, to := len(rows)/lanes, 0
	unit := func(at, size int) {
		for r := range lanes {
			copy(dst[to:to+size], rows[r*each+at:])
			if size == 4 && b.units.fifth && at%b.bytes == 2*b.units.before {
				binary.LittleEndian.PutUint32(dst[to:], spread(binary.LittleEndian.Uint32(dst[to:])))
			}
			to += size
		}
	}
	for at := 0; at < each; {
		at = b.eachUnit(at, unit)
	}
}

// eachUnit calls f with the place and size of each unit of the block at at, and returns where it ends.
func (b *block) eachUnit(at int, f func(at, size int)) int {
	for range b.units.before {
		f(at, 2)
		at += 2
	}
	for range b.units.words {
		f(at, 4)
		at += 4
	}
	for range b.units.after {
		f(at, 2)
		at += 2
	}
	return at
}

// rawRow is the blocks of row i as the file had them; room is used if they have to be gathered.
func (m *Matrix) rawRow(i int, room []byte) []byte {
	b, each, raw := m.block(), m.rowBytes(), m.bytes()
	if !m.packed || i >= m.Rows/lanes*lanes {
		return raw[i*each : (i+1)*each]
	}
	group := raw[i/lanes*lanes*each:]
	unit := func(at, size int) {
		copy(room[at:at+size], group[lanes*at+i%lanes*size:])
		if size == 4 && b.units.fifth && at%b.bytes == 2*b.units.before {
			binary.LittleEndian.PutUint32(room[at:], unspread(binary.LittleEndian.Uint32(room[at:])))
		}
	}
	for at := 0; at < each; {
		at = b.eachUnit(at, unit)
	}
	return room[:each]
}

// scaleOf is the scale of block b of row i of a Q8 matrix.
func (m *Matrix) scaleOf(i, b int) float32 {
	count := m.Cols / Block
	if !m.packed || i >= m.Rows/lanes*lanes {
		return m.Scale[i*count+b]
	}
	return m.Scale[(i/lanes*count+b)*lanes+i%lanes]
}

// spread moves bit 4q+k to bit 8k+q, so that of the fifth bits of the weights those of four neighbours are in the four
// bytes that Pack gives them; unspread moves them back.
func spread(bits uint32) (s uint32) {
	for q := range 8 {
		s |= bits >> (4 * q) & 15 * 0x00204081 & 0x01010101 << q
	}
	return s
}

func unspread(s uint32) (bits uint32) {
	for q := range 8 {
		bits |= s >> q & 0x01010101 * 0x01020408 >> 24 & 15 << (4 * q)
	}
	return bits
}
