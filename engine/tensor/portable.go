package tensor

import "math"

// The portable kernels: the reference for the SIMD ones.

// mul is Matrix.Mul.
func mul(m *Matrix, dst, x []float32, n int) {
	row := make([]float32, m.Cols)
	for r := 0; r < m.Rows; r++ {
		w := row
		if m.Type == F32 {
			w = m.F32[r*m.Cols : (r+1)*m.Cols]
		} else {
			m.Row(row, r)
		}
		for t := 0; t < n; t++ {
			dst[t*m.Rows+r] = Dot(w, x[t*m.Cols:(t+1)*m.Cols])
		}
	}
}

// Dot is the inner product of two vectors of the same length.
func Dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

// Axpy adds a*x to y.
func Axpy(y []float32, a float32, x []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += a * v
	}
}

// AddBias adds b [d] to each of the n rows of x [n, d].
func AddBias(x, b []float32, n int) {
	for t := 0; t < n; t++ {
		Axpy(x[t*len(b):(t+1)*len(b)], 1, b)
	}
}

// Softmax replaces x by exp(x - max) / sum in place. An x of only -Inf becomes zeros.
func Softmax(x []float32) {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	if math.IsInf(float64(m), -1) {
		clear(x)
		return
	}
	var s float32
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v - m)))
		s += x[i]
	}
	for i := range x {
		x[i] /= s
	}
}

// Normalize writes (x - mean) / sqrt(var + eps) into dst for each of the n rows of x [n, d] and, if scale
// is not nil, sqrt(var + eps) into scale [n]: nn.LayerNorm before its weight and bias (TransformerLens's
// ln.hook_normalized has weight and bias applied as well: see nn.LayerNorm).
func Normalize(dst, scale, x []float32, n int, eps float32) {
	d := len(x) / n
	for t := 0; t < n; t++ {
		r, o := x[t*d:(t+1)*d], dst[t*d:(t+1)*d]
		var mean, sq float64
		for _, v := range r {
			mean += float64(v)
		}
		mean /= float64(d)
		for _, v := range r {
			sq += (float64(v) - mean) * (float64(v) - mean)
		}
		s := math.Sqrt(sq/float64(d) + float64(eps))
		for i, v := range r {
			o[i] = float32((float64(v) - mean) / s)
		}
		if scale != nil {
			scale[t] = float32(s)
		}
	}
}

// ScaleShift computes x = x*w + b for each of the n rows of x [n, d].
func ScaleShift(x, w, b []float32, n int) {
	d := len(w)
	for t := 0; t < n; t++ {
		r := x[t*d : (t+1)*d]
		for i := range r {
			r[i] = r[i]*w[i] + b[i]
		}
	}
}

// Sigmoid, Tanh, ReLU and GELUNew replace every element of x in place.
func Sigmoid(x []float32) {
	for i, v := range x {
		x[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}

func Tanh(x []float32) {
	for i, v := range x {
		x[i] = float32(math.Tanh(float64(v)))
	}
}

func ReLU(x []float32) {
	for i, v := range x {
		if v < 0 {
			x[i] = 0
		}
	}
}

// GELUNew is transformers' gelu_new: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
func GELUNew(x []float32) {
	for i, v := range x {
		f := float64(v)
		x[i] = float32(0.5 * f * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(f+0.044715*f*f*f))))
	}
}

// GELU is the exact form, x Φ(x).
func GELU(x []float32) {
	for i, v := range x {
		f := float64(v)
		x[i] = float32(0.5 * f * (1 + math.Erf(f/math.Sqrt2)))
	}
}

// F16ToF32 widens IEEE binary16 bits.
func F16ToF32(h uint16) float32 {
	sign, exp, man := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exp {
	case 0:
		f := float32(man) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 31:
		return math.Float32frombits(sign | 255<<23 | man<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | man<<13)
}
