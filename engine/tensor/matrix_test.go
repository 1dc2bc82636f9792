package tensor

import (
	"slices"
	"testing"
)

// TestStack: rows taken out of a matrix and put in another order are the same rows, in every type, packed or not.
func TestStack(t *testing.T) {
	row := func(m *Matrix, i int) []float32 {
		x := make([]float32, m.Cols)
		m.Row(x, i)
		return x
	}
	test := func(m *Matrix) {
		s := Stack(m.Slice(8, 12), m.Slice(0, 4), m.Slice(16, 18))
		for i, from := range []int{8, 9, 10, 11, 0, 1, 2, 3, 16, 17} {
			if !slices.Equal(row(s, i), row(m, from)) {
				t.Errorf("%s packed %v: row %d is not row %d", m.Type, m.packed, i, from)
			}
		}
		dst, want, x := make([]float32, s.Rows), make([]float32, m.Rows), row(m, 5)
		s.MulVec(dst, x)
		m.MulVec(want, x)
		if !slices.Equal(dst[:4], want[8:12]) || !slices.Equal(dst[8:], want[16:]) {
			t.Errorf("%s packed %v: products differ", m.Type, m.packed)
		}
	}
	for typ, b := range blocks {
		for _, packed := range []bool{false, true} {
			m := NewMatrix(typ, 18, b.weights)
			for i := range m.Raw {
				m.Raw[i] = byte(i * 89)
			}
			for at := 0; at < len(m.Raw); at += b.bytes {
				for _, half := range b.halves {
					m.Raw[at+half+1] = 0x2c // a finite scale
				}
			}
			if packed {
				m.Pack()
			}
			if m.packed != packed {
				t.Errorf("%s is not packed", typ)
			}
			test(m)
		}
	}
	for _, typ := range []DType{F32, F16, BF16, Q8} {
		m := NewMatrix(typ, 18, 64)
		for i := range m.F32 {
			m.F32[i] = float32(i%97) / 8
		}
		for i := range m.F16 {
			m.F16[i] = uint16(0x3000 + i%97*7)
		}
		for i := range m.Q8 {
			m.Q8[i], m.Scale[i/Block] = int8(i*7), float32(i/Block+1)/64
		}
		test(m)
	}
}
