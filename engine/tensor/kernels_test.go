package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The kernels that this build uses against the same sums in float64: natively the portable ones, in the browser SIMD.

// types are all that a Matrix can have.
var types = []DType{F32, F16, BF16, Q8, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K}

// fit is the next number of columns that fills blocks of type t.
func fit(t DType, cols int) int {
	weights, _ := t.BlockSize()
	if t == Q8 {
		weights = Block
	}
	weights = max(weights, 1)
	return (cols + weights - 1) / weights * weights
}

// random is a matrix of numbers as weights have them, packed.
func random(r *rand.Rand, t DType, rows, cols int) *Matrix {
	m := unpacked(r, t, rows, cols)
	m.Pack()
	return m
}

func unpacked(r *rand.Rand, t DType, rows, cols int) *Matrix {
	m := NewMatrix(t, rows, cols)
	for i := range m.F32 {
		m.F32[i] = float32(r.NormFloat64())
	}
	for i := range m.F16 {
		m.F16[i] = uint16(r.IntN(2)<<15 | r.IntN(18)<<10 | r.IntN(1024)) // up to 8, and denormals
		if t == BF16 {
			m.F16[i] = uint16(math.Float32bits(float32(r.NormFloat64())) >> 16)
		}
	}
	for i := range m.Raw {
		m.Raw[i] = byte(r.IntN(256))
	}
	if b := blocks[t]; b != nil {
		for at := 0; at < len(m.Raw); at += b.bytes {
			for _, h := range b.halves {
				m.Raw[at+h+1] = byte(r.IntN(2)<<7 | r.IntN(9)<<2 | r.IntN(4)) // up to 0.015, and denormals
			}
		}
	}
	for i := range m.Q8 {
		m.Q8[i] = int8(r.IntN(256) - 128)
	}
	for i := range m.Scale {
		m.Scale[i] = float32(r.NormFloat64() / 100)
	}
	return m
}

func vector(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// near fails unless got is want within 1e-6 of size: the magnitude of what was summed.
func near(t *testing.T, what string, got float32, want, size float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 1e-6*size+1e-45 || got != got {
		t.Fatalf("%s: %g, expected %g (of size %g)", what, got, want, size)
	}
}

// weight is element [r, c] of m by the definition of its type, which has no blocks: what those hold, TestBlocksAsGGML proves.
func weight(m *Matrix, r, c int) float64 {
	i := r*m.Cols + c
	switch m.Type {
	case F32:
		return float64(m.F32[i])
	case F16:
		h := m.F16[i]
		sign, e, f := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)/1024
		if e == 0 {
			return sign * f * math.Exp2(-14)
		}
		return sign * (1 + f) * math.Exp2(float64(e-15))
	}
	return float64(math.Float32frombits(uint32(m.F16[i]) << 16))
}

// weights are all elements of m.
func weights(m *Matrix) []float64 {
	row, all := make([]float32, m.Cols), make([]float64, 0, m.Rows*m.Cols)
	for r := range m.Rows {
		if m.block() != nil {
			portableRow(m, row, r)
		}
		for c := range m.Cols {
			if m.block() != nil {
				all = append(all, float64(row[c]))
			} else {
				all = append(all, weight(m, r, c))
			}
		}
	}
	return all
}

func TestMul(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, typ := range types {
		for _, s := range [][3]int{{1, 32, 1}, {4, 64, 1}, {7, 96, 1}, {12, 768, 1}, {5, 32, 2}, {9, 160, 7}, {0, 32, 1}, {3, 0, 2}} {
			m, n := random(r, typ, s[0], fit(typ, s[1])), s[2]
			x, dst := vector(r, n*m.Cols), make([]float32, n*m.Rows)
			m.Mul(dst, x, n)
			w := weights(m)
			for k := range dst {
				var sum, size float64
				for c := range m.Cols {
					p := w[k%m.Rows*m.Cols+c] * float64(x[k/m.Rows*m.Cols+c])
					sum += p
					size += math.Abs(p)
				}
				near(t, string(typ), dst[k], sum, size)
			}
			row := make([]float32, m.Cols)
			for k := range m.Rows {
				m.Row(row, k)
				for c, v := range row {
					near(t, "row", v, w[k*m.Cols+c], math.Abs(w[k*m.Cols+c])/10)
				}
			}
		}
	}
}

func TestMulRefusesShortSlices(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	NewMatrix(F32, 4, 4).MulVec(make([]float32, 3), make([]float32, 4))
}

// attend is attention by its definition, in float64.
func attend(a Attn, q, k, v []float32, n, keys int) (s, p, z []float64) {
	width, kvWidth, d := a.Heads*a.Dim, a.KVHeads*a.Dim, a.Dim
	s, p, z = make([]float64, a.Heads*n*keys), make([]float64, a.Heads*n*keys), make([]float64, n*width)
	for h := range a.Heads {
		kv := h / (a.Heads / a.KVHeads)
		for i := range n {
			row, sum, at := (h*n+i)*keys, 0.0, keys-n+i
			for j := range keys {
				s[row+j] = math.Inf(-1)
				if a.Full || j <= at && (a.Window == 0 || j > at-a.Window) {
					s[row+j] = 0
					for c := range d {
						s[row+j] += float64(a.Scale) * float64(q[i*width+h*d+c]) * float64(k[j*kvWidth+kv*d+c])
					}
					if a.SoftCap != 0 {
						s[row+j] = float64(a.SoftCap) * math.Tanh(s[row+j]/float64(a.SoftCap))
					}
				}
				sum += math.Exp(s[row+j])
			}
			for j := range keys {
				p[row+j] = math.Exp(s[row+j]) / sum
				for c := range d {
					z[i*width+h*d+c] += p[row+j] * float64(v[j*kvWidth+kv*d+c])
				}
			}
		}
	}
	return s, p, z
}

func TestAttention(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, c := range []struct {
		n, keys int
		Attn
	}{
		{1, 1, Attn{Heads: 1, KVHeads: 1, Dim: 1}}, {1, 9, Attn{Heads: 2, KVHeads: 2, Dim: 64}}, {5, 5, Attn{Heads: 3, KVHeads: 3, Dim: 16}},
		{6, 11, Attn{Heads: 4, KVHeads: 4, Dim: 7}}, {33, 40, Attn{Heads: 2, KVHeads: 2, Dim: 36}}, {0, 3, Attn{Heads: 2, KVHeads: 2, Dim: 8}},
		{1, 17, Attn{Heads: 9, KVHeads: 3, Dim: 64}}, {9, 12, Attn{Heads: 4, KVHeads: 1, Dim: 12}}, {8, 8, Attn{Heads: 4, KVHeads: 2, Dim: 8, Window: 1}},
		{13, 20, Attn{Heads: 4, KVHeads: 2, Dim: 16, Window: 3}}, {13, 20, Attn{Heads: 4, KVHeads: 2, Dim: 16, Window: 7, SoftCap: 2}},
		{9, 30, Attn{Heads: 2, KVHeads: 1, Dim: 20, Window: 100}}, {11, 11, Attn{Heads: 3, KVHeads: 3, Dim: 32, Full: true}}, {2, 11, Attn{Heads: 3, KVHeads: 1, Dim: 5, Full: true, SoftCap: 1}},
	} {
		c.Scale = 0.25
		width, n, keys := c.Heads*c.Dim, c.n, c.keys
		q, k, v := vector(r, n*width), vector(r, keys*c.KVHeads*c.Dim), vector(r, keys*c.KVHeads*c.Dim)
		s, z := vector(r, c.Heads*n*keys), vector(r, n*width)
		c.Scores(s, q, k, n, keys)
		p := make([]float32, len(s))
		c.Pattern(p, s, n, keys)
		c.Mix(z, p, v, n, keys)
		if n == 0 {
			continue
		}
		ws, wp, wz := attend(c.Attn, q, k, v, n, keys)
		for i := range ws {
			if math.IsInf(ws[i], -1) {
				if !math.IsInf(float64(s[i]), -1) || p[i] != 0 {
					t.Fatalf("%+v: a key that is not seen has score %g, weight %g", c, s[i], p[i])
				}
				continue
			}
			near(t, "score", s[i], ws[i], float64(c.Dim))
			near(t, "pattern", p[i], wp[i], 10)
		}
		for i := range wz {
			near(t, "mix", z[i], wz[i], 10)
		}
		copy(p, s)
		c.Pattern(p, p, n, keys) // in place
		for i := range wp {
			near(t, "pattern in place", p[i], wp[i], 10)
		}
	}
}

// TestFutureIsUnseen: what stands after a query or before its window, even NaN, changes nothing for it.
func TestFutureIsUnseen(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	const n, heads, d = 6, 2, 8
	for _, a := range []Attn{{Heads: heads, KVHeads: heads, Dim: d, Scale: 1}, {Heads: heads, KVHeads: heads, Dim: d, Scale: 1, Window: 4}} {
		q, k, v := vector(r, n*heads*d), vector(r, n*heads*d), vector(r, n*heads*d)
		for i := range heads * d {
			k[(n-1)*heads*d+i], v[(n-1)*heads*d+i] = float32(math.NaN()), float32(math.NaN())
			if a.Window > 0 {
				k[i], v[i] = float32(math.NaN()), float32(math.NaN())
			}
		}
		s, z := make([]float32, heads*n*n), make([]float32, n*heads*d)
		a.Scores(s, q, k, n, n)
		a.Pattern(s, s, n, n)
		a.Mix(z, s, v, n, n)
		for i, x := range z {
			at := i / (heads * d)
			if spoilt := at == n-1 || a.Window > 0 && at < a.Window; (x != x) != spoilt {
				t.Fatalf("%+v: position %d: %g", a, at, x)
			}
		}
	}
}

func TestRotate(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, c := range []struct{ heads, dim, rot int }{{1, 2, 2}, {3, 64, 64}, {4, 20, 10}, {2, 7, 6}, {2, 4, 0}} {
		x, angle := vector(r, c.heads*c.dim), vector(r, c.rot/2)
		cos, sin := make([]float32, c.rot/2), make([]float32, c.rot/2)
		for i, a := range angle {
			cos[i], sin[i] = float32(math.Cos(float64(a))), float32(math.Sin(float64(a)))
		}
		y := append([]float32(nil), x...)
		Rotate(y, cos, sin, c.heads, c.dim, c.rot)
		for h := range c.heads {
			for i := range c.dim {
				want := float64(x[h*c.dim+i])
				if j := i % max(c.rot/2, 1); i < c.rot/2 {
					want = want*float64(cos[j]) - float64(x[h*c.dim+i+c.rot/2])*float64(sin[j])
				} else if i < c.rot {
					want = want*float64(cos[j]) + float64(x[h*c.dim+i-c.rot/2])*float64(sin[j])
				}
				near(t, "rotated", y[h*c.dim+i], want, 4)
			}
		}
	}
}

func TestRMSNormMulAndSoftCap(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	const n, d = 3, 37
	x, scale := vector(r, n*d), make([]float32, n)
	y := make([]float32, n*d)
	RMSNorm(y, scale, x, n, 1e-5)
	for i := range n {
		var sq float64
		for _, v := range x[i*d : (i+1)*d] {
			sq += float64(v) * float64(v) / d
		}
		near(t, "root", scale[i], math.Sqrt(sq+1e-5), 1)
		for c := range d {
			near(t, "norm", y[i*d+c], float64(x[i*d+c])/math.Sqrt(sq+1e-5), 1)
		}
	}
	z := append([]float32(nil), y...)
	Mul(z, x)
	for i := range z {
		near(t, "product", z[i], float64(y[i])*float64(x[i]), 1)
	}
	SoftCap(y, 0.5)
	RMSNorm(x, nil, x, n, 1e-5)
	for i := range z {
		near(t, "soft cap", y[i], 0.5*math.Tanh(float64(x[i])/0.5), 1)
	}
	RMSNorm(nil, nil, nil, 0, 1e-5)
}

func TestFunctions(t *testing.T) {
	for name, f := range map[string]struct {
		kernel func([]float32)
		exact  func(float64) float64
	}{
		"exp":     {Exp, math.Exp},
		"sigmoid": {Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
		"tanh":    {Tanh, math.Tanh},
		"silu":    {SiLU, func(x float64) float64 { return x / (1 + math.Exp(-x)) }},
		"relu":    {ReLU, func(x float64) float64 { return max(x, 0) }},
		"gelu":    {GELU, func(x float64) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) }},
		"geluNew": {GELUNew, func(x float64) float64 { return x / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) }},
	} {
		x := make([]float32, 1001)
		for i := range x {
			x[i] = float32(i-500) / 100
		}
		y := append([]float32(nil), x...)
		f.kernel(y)
		for i := range y {
			want := f.exact(float64(x[i]))
			near(t, name, y[i], want, math.Abs(want))
		}
	}
}

func TestSoftmaxAndNorm(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	x := vector(r, 3*33)
	y := append([]float32(nil), x...)
	Softmax(y)
	var sum, total float64
	for _, v := range x {
		sum += math.Exp(float64(v))
	}
	for i, v := range x {
		near(t, "softmax", y[i], math.Exp(float64(v))/sum, math.Exp(float64(v))/sum)
		total += float64(y[i])
	}
	near(t, "sum of softmax", float32(total), 1, 1)

	scale, w, b := make([]float32, 3), vector(r, 33), vector(r, 33)
	Normalize(y, scale, x, 3, 1e-5)
	z := append([]float32(nil), y...)
	ScaleShift(z, w, b, 3)
	for t2 := range 3 {
		row := x[t2*33 : (t2+1)*33]
		var mean, sq float64
		for _, v := range row {
			mean += float64(v) / 33
		}
		for _, v := range row {
			sq += (float64(v) - mean) * (float64(v) - mean) / 33
		}
		near(t, "scale", scale[t2], math.Sqrt(sq+1e-5), 1)
		for i, v := range row {
			near(t, "norm", y[t2*33+i], (float64(v)-mean)/math.Sqrt(sq+1e-5), 1)
			near(t, "scale and shift", z[t2*33+i], float64(y[t2*33+i])*float64(w[i])+float64(b[i]), 3)
		}
	}
	Normalize(nil, nil, nil, 0, 1e-5)
	AddBias(z, b, 3)
	AddBias(nil, b, 0)
}
