package tensor

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Each SIMD kernel against its portable form, on lengths that do not fill the lanes, unaligned slices and awkward numbers.

// relative is how far a kernel may be from the portable form. Both round to f32 (6e-8 each); the exact GELU's erfc is a
// fit that is right to 1.2e-7, and sums are taken in another order (then it is relative to the sum of the magnitudes).
const relative = 1e-6

var lengths = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257}

func inf(sign int) float32 { return float32(math.Inf(sign)) }

var nan = float32(math.NaN())

// awkward are the numbers that go wrong first; largest overflow in a sum of one order and not in another.
var awkward = []float32{0, float32(math.Copysign(0, -1)), 1, -1, inf(1), inf(-1), nan, 1e-45, -1e-45, 1e-40, -1e-40, 1.1754944e-38, 1e-20, -1e-20,
	1e-10, 1e-4, -1e-4, 9.7e-4, -9.8e-4, 5, -5, 9, -9, 13, -13.5, 17, -17, 88, -88, 88.8, -90, 100, -100, -104, 700, -700, 720, -720, 1e5, -1e5, 1e20, -1e20}

var largest = []float32{3.4e38, -3.4e38, 1e30, -1e30}

// guarded is a slice of n elements that begins at an odd place, and a check that nothing around it was written.
func guarded(t *testing.T, n, offset int) ([]float32, func()) {
	const guard = 12345.678
	all := make([]float32, n+16)
	for i := range all {
		all[i] = guard
	}
	lo := 4 + offset
	return all[lo : lo+n : lo+n], func() {
		t.Helper()
		for i, v := range all {
			if (i < lo || i >= lo+n) && v != guard {
				t.Fatalf("n %d offset %d: wrote outside, at %d", n, offset, i-lo)
			}
		}
	}
}

func same(got, want, magnitude float32) bool {
	g, w := float64(got), float64(want)
	switch {
	case g != g || w != w:
		return g != g && w != w
	case g == w:
		return true
	}
	return math.Abs(g-w) <= relative*float64(magnitude)+3e-45 // two steps of the smallest numbers
}

func compare(t *testing.T, what string, got, want, magnitude []float32) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i], magnitude[i]) {
			t.Fatalf("%s: element %d: %g, portable %g (of magnitude %g)", what, i, got[i], want[i], magnitude[i])
		}
	}
}

// magnitudes are the sizes of x; for a sum in another order they are the sum of its terms' sizes instead.
func magnitudes(x []float32) []float32 {
	m := make([]float32, len(x))
	for i, v := range x {
		m[i] = float32(math.Abs(float64(v)))
	}
	return m
}

// sums is how large the terms of x*w + b are.
func sums(x, w, b []float32) []float32 {
	m := make([]float32, len(x))
	for i := range x {
		m[i] = float32(math.Abs(float64(x[i])*float64(w[i])) + math.Abs(float64(b[i])))
	}
	return m
}

// fill is random numbers; every one in three is awkward if odd is set.
func fill(r *rand.Rand, x []float32, odd bool) {
	for i := range x {
		x[i] = float32(r.NormFloat64() * math.Exp(2*r.NormFloat64()))
		if odd && r.IntN(3) == 0 {
			x[i] = awkward[r.IntN(len(awkward))]
		}
	}
}

func TestFunctionsAgainstPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, f := range map[string][2]func([]float32){
		"exp": {exp, portableExp}, "sigmoid": {sigmoid, portableSigmoid}, "tanh": {tanh, portableTanh}, "relu": {relu, portableReLU},
		"geluNew": {geluNew, portableGELUNew}, "gelu": {gelu, portableGELU}, "softmax": {softmax, portableSoftmax}, "silu": {silu, portableSiLU},
		"softCap": {func(x []float32) { softCap(x, 3) }, func(x []float32) { portableSoftCap(x, 3) }},
	} {
		check := func(x []float32, offset int) {
			t.Helper()
			got, intact := guarded(t, len(x), offset)
			want := append([]float32(nil), x...)
			copy(got, x)
			f[0](got)
			f[1](want)
			for i := range want {
				if !same(got[i], want[i], magnitudes(want[i : i+1])[0]) {
					t.Fatalf("%s of %g (%d of %d): %g, portable %g", name, x[i], i, len(x), got[i], want[i])
				}
			}
			intact()
		}
		for _, n := range lengths {
			for offset := range 4 {
				x := make([]float32, n)
				for _, odd := range []bool{false, true} {
					fill(r, x, odd)
					check(x, offset)
				}
			}
		}
		for _, v := range append(largest, awkward...) {
			check([]float32{v}, 0)
			check([]float32{v, v, v, v, v}, 1)
		}
		dense := make([]float32, 40001) // -100 .. 100
		for i := range dense {
			dense[i] = float32(i-20000) / 200
		}
		check(dense, 0)
		check([]float32{inf(-1), inf(-1), inf(-1), inf(-1), inf(-1)}, 0)
		check([]float32{1, inf(-1), 2, 3, inf(-1), inf(-1)}, 0)
	}
}

func TestVectorsAgainstPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range lengths {
		for offset := range 4 {
			for _, odd := range []bool{false, true} {
				what := fmt.Sprintf("n %d offset %d odd %v", n, offset, odd)
				x, xIntact := guarded(t, n, offset)
				y, yIntact := guarded(t, n, (offset+1)%4)
				z := make([]float32, n)
				fill(r, x, odd)
				fill(r, y, odd)
				fill(r, z, odd)
				var m float32
				for i := range x {
					m += float32(math.Abs(float64(x[i]) * float64(y[i])))
				}
				if got, want := dot(x, y), portableDot(x, y); !same(got, want, m) {
					t.Fatalf("dot %s: %g, portable %g", what, got, want)
				}
				y0 := append([]float32(nil), y...)
				want := append([]float32(nil), y...)
				portableAxpy(want, 0.37, x)
				axpy(y, 0.37, x)
				compare(t, "axpy "+what, y, want, sums(x, slices.Repeat([]float32{0.37}, n), y0))
				copy(y0, y)
				want = append(want[:0], y...)
				portableScaleShift(want, x, z)
				scaleShift(y, x, z)
				compare(t, "scaleShift "+what, y, want, sums(y0, x, z))
				want = append(want[:0], y...)
				portableTimes(want, x)
				times(y, x)
				compare(t, "times "+what, y, want, magnitudes(want))
				xIntact()
				yIntact()
				if n > 0 {
					fill(r, x, odd && n%2 == 0)
					s, ps := normalize(y, x, 1e-5), portableNormalize(want, x, 1e-5)
					compare(t, "normalize's scale "+what, []float32{s}, []float32{ps}, []float32{ps})
					m := magnitudes(want)
					for i := range m {
						m[i] += 1e-8 // the mean, in f64, may be 1e20
					}
					compare(t, "normalize "+what, y, want, m)
					s, ps = rmsNorm(y, x, 1e-5), portableRMSNorm(want, x, 1e-5)
					compare(t, "rmsNorm's scale "+what, []float32{s}, []float32{ps}, []float32{ps})
					compare(t, "rmsNorm "+what, y, want, magnitudes(want))
					yIntact()
				}
			}
		}
	}
}

func TestProductAndMixAgainstPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 600 {
		rows, n, cols := r.IntN(11), r.IntN(6), r.IntN(70)
		s := shape{rows, n, cols, cols + r.IntN(5), cols + r.IntN(5), rows + r.IntN(5)}
		w, x := make([]float32, rows*s.wStride+1)[1:], make([]float32, n*s.xStride)
		odd := i%3 == 2
		fill(r, w, odd)
		fill(r, x, false)
		got, intact := guarded(t, n*s.dstStride, i%4)
		clear(got)
		want, m := make([]float32, len(got)), make([]float32, len(got))
		product(got, w, x, s, 0.125)
		portableProduct(want, w, x, s, 0.125)
		portableProduct(m, magnitudes(w), magnitudes(x), s, 0.125)
		compare(t, fmt.Sprintf("product %+v", s), got, want, m)
		intact()
		// The same rows as values to be mixed.
		if n > 0 {
			d := cols
			p := make([]float32, rows)
			fill(r, p, false)
			got, intact := guarded(t, d, i%4)
			want, m := make([]float32, d), make([]float32, d)
			mix(got, p, w, s.wStride)
			portableMix(want, p, w, s.wStride)
			portableMix(m, magnitudes(p), magnitudes(w), s.wStride)
			compare(t, fmt.Sprintf("mix of %d, d %d", rows, d), got, want, m)
			intact()
			m4 := mixShape{d, rows, d + r.IntN(3), rows + r.IntN(3), s.wStride}
			p = make([]float32, 4*m4.pStride)
			fill(r, p, false)
			got, intact = guarded(t, 3*m4.dstStride+d, i%4)
			clear(got)
			want, m = make([]float32, len(got)), make([]float32, len(got))
			mix4(got, p, w, m4)
			portableMix4(want, p, w, m4)
			portableMix4(m, magnitudes(p), magnitudes(w), m4)
			compare(t, fmt.Sprintf("mix4 %+v", m4), got, want, m)
			intact()
		}
	}
}

// spoil puts one awkward number into a matrix.
func spoil(r *rand.Rand, m *Matrix) {
	switch m.Type {
	case F32:
		m.F32[r.IntN(len(m.F32))] = awkward[r.IntN(len(awkward))]
	case F16, BF16:
		m.F16[r.IntN(len(m.F16))] = []uint16{0x7c00, 0xfc00, 0x7e00, 0x0001, 0x8001, 0x03ff, 0x7bff, 0x8000}[r.IntN(8)]
	case Q8:
		m.Scale[r.IntN(len(m.Scale))] = awkward[r.IntN(len(awkward))]
	default:
		b := blocks[m.Type]
		at := r.IntN(len(m.Raw)/b.bytes)*b.bytes + b.halves[r.IntN(len(b.halves))]
		binary.LittleEndian.PutUint16(m.Raw[at:], []uint16{0x7c00, 0xfc00, 0x7e00, 0x0001, 0x8001, 0x03ff, 0x7bff, 0x8000}[r.IntN(8)])
	}
}

func TestMulAgainstPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, typ := range types {
		for i := range 63 {
			rows, n, cols := r.IntN(24), 1+r.IntN(9)*r.IntN(2), r.IntN(100)
			if i%2 == 0 && fit(typ, 1) < 256 {
				rows, cols = rows*4, cols*8
			}
			if i == 0 {
				rows, n, cols = 700, 5, 96 // more than one tile
			}
			cols = fit(typ, cols)
			m := unpacked(r, typ, rows, cols)
			x := make([]float32, n*cols+1)[1:]
			fill(r, x, false)
			if i%3 == 1 && rows*cols > 0 {
				spoil(r, m)
			}
			m.Pack()
			if i%3 == 2 && len(x) > 0 {
				x[r.IntN(len(x))] = awkward[r.IntN(len(awkward))]
			}
			if i%7 == 6 { // denormal
				for j := range x {
					x[j] *= 1e-38
				}
			}
			what := fmt.Sprintf("%s [%d, %d] by %d (%d)", typ, rows, cols, n, i)
			got, intact := guarded(t, n*rows, i%4)
			want := make([]float32, n*rows)
			m.Mul(got, x, n)
			portableMul(m, want, x, n)
			compare(t, what, got, want, mulMagnitude(m, x, n))
			intact()
			got, want, exact := make([]float32, cols), make([]float32, cols), make([]float32, cols)
			for k := range rows {
				m.Row(got, k)
				portableRow(m, want, k)
				compare(t, what, got, want, exact)
			}
		}
	}
}

// mulMagnitude is the sums of the sizes of a product's terms. In a step with blocks x is rounded to 2^-30 of the largest of its
// block, so there the block's largest counts for each of it. Terms that are denormal are rounded to 1.4e-45 each.
func mulMagnitude(m *Matrix, x []float32, n int) []float32 {
	w := NewMatrix(F32, m.Rows, m.Cols)
	for i := range m.Rows {
		portableRow(m, w.F32[i*m.Cols:(i+1)*m.Cols], i)
	}
	w.F32, x = magnitudes(w.F32), magnitudes(x)
	for i := 0; m.block() != nil && i < len(x); i += Block {
		for j, largest := i, slices.Max(x[i:i+Block]); j < i+Block; j++ {
			x[j] = largest
		}
	}
	sum := make([]float32, n*m.Rows)
	portableMul(w, sum, x, n)
	for i := range sum {
		sum[i] += 1e-36
	}
	return sum
}

func TestRotateAndInterleaveAgainstPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for i := range 100 {
		half, heads := r.IntN(20), 1+r.IntN(4)
		dim := 2*half + r.IntN(5)
		x, intact := guarded(t, heads*dim, i%4)
		cos, sin := make([]float32, half), make([]float32, half)
		fill(r, x, false)
		fill(r, cos, false)
		fill(r, sin, false)
		want := append([]float32(nil), x...)
		m := magnitudes(x)
		portableRotate(want, cos, sin, heads, dim, half)
		rotate(x, cos, sin, heads, dim, half)
		for h := range heads { // a c - b s may cancel
			for j := range half {
				a, b, c, s := h*dim+j, h*dim+j+half, magnitudes(cos[j : j+1])[0], magnitudes(sin[j : j+1])[0]
				m[a], m[b] = m[a]*c+m[b]*s, m[b]*c+m[a]*s
			}
		}
		compare(t, "rotate", x, want, m)
		intact()
	}
	for _, typ := range types {
		m := unpacked(r, typ, lanes, fit(typ, 700))
		b := m.block()
		if b == nil {
			continue
		}
		rows := m.bytes()
		got, want := make([]byte, len(rows)), make([]byte, len(rows))
		interleave(got, rows, b)
		portableInterleave(want, rows, b)
		if !slices.Equal(got, want) {
			t.Errorf("%s: interleaved otherwise than portable", typ)
		}
	}
}

// TestFastIsNear: generation mode is within 5e-5 of the result's norm, and as exact as ever where it cannot be used.
func TestFastIsNear(t *testing.T) {
	Fast(true)
	defer Fast(false)
	r := rand.New(rand.NewPCG(11, 11))
	for _, typ := range types {
		for i := range 24 {
			rows, n, cols := 1+r.IntN(40), 1+r.IntN(12), fit(typ, 1+r.IntN(600))
			if i == 0 {
				rows, n, cols = 12, 133, fit(typ, 544) // more vectors, and more columns, than go at once
			}
			m := unpacked(r, typ, rows, cols)
			if i%8 == 7 {
				spoil(r, m)
			}
			m.Pack()
			x := vector(r, n*cols)
			if i%8 == 6 {
				x[r.IntN(len(x))] = awkward[r.IntN(len(awkward))]
			}
			got, intact := guarded(t, n*rows, i%4)
			want := make([]float32, n*rows)
			m.Mul(got, x, n)
			portableMul(m, want, x, n)
			intact()
			magnitude := mulMagnitude(m, x, n)
			for k := range want {
				if g, w := got[k], want[k]; g == w || g != g && w != w {
					continue
				} else if d := math.Abs(float64(g) - float64(w)); !(d <= 4e-5*float64(magnitude[k])) {
					t.Fatalf("%s [%d, %d] by %d (%d): element %d: %g, portable %g (of magnitude %g)", typ, rows, cols, n, i, k, g, w, magnitude[k])
				}
			}
			if i == 0 && m.block() != nil {
				var off, norm float64
				for k := range want {
					off += float64(got[k]-want[k]) * float64(got[k]-want[k])
					norm += float64(want[k]) * float64(want[k])
				}
				if e := math.Sqrt(off / norm); e > 5e-5 || e == 0 {
					t.Errorf("%s: %g of the norm", typ, e)
				} else {
					t.Logf("%s: %.1e of the norm", typ, e)
				}
			}
		}
	}
}
