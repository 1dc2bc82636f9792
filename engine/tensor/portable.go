package tensor

import "math"

// shape is that of a product of w [rows, cols] and x [n, cols] to dst [n, rows], whose rows begin every so many elements.
type shape struct {
	rows, n, cols               int
	wStride, xStride, dstStride int
}

// portableProduct computes dst = scale * x wᵀ.
func portableProduct(dst, w, x []float32, s shape, scale float32) {
	for t := range s.n {
		xt := x[t*s.xStride:][:s.cols]
		for r := range s.rows {
			dst[t*s.dstStride+r] = scale * portableDot(w[r*s.wStride:][:s.cols], xt)
		}
	}
}

// portableMul is Matrix.Mul.
func portableMul(m *Matrix, dst, x []float32, n int) {
	row := make([]float32, m.Cols)
	for r := range m.Rows {
		w := row
		if m.Type == F32 {
			w = m.F32[r*m.Cols : (r+1)*m.Cols]
		} else {
			portableRow(m, row, r)
		}
		for t := range n {
			dst[t*m.Rows+r] = portableDot(w, x[t*m.Cols:(t+1)*m.Cols])
		}
	}
}

// portableRow is Matrix.Row.
func portableRow(m *Matrix, dst []float32, i int) {
	lo, hi := i*m.Cols, (i+1)*m.Cols
	switch m.Type {
	case F32:
		copy(dst, m.F32[lo:hi])
	case F16:
		for j, h := range m.F16[lo:hi] {
			dst[j] = F16ToF32(h)
		}
	case BF16:
		for j, h := range m.F16[lo:hi] {
			dst[j] = math.Float32frombits(uint32(h) << 16)
		}
	case Q8:
		for j, q := range m.rawRow(i, make([]byte, m.Cols)) {
			dst[j] = float32(int8(q)) * m.scaleOf(i, j/Block)
		}
	default:
		b, raw := blocks[m.Type], m.rawRow(i, make([]byte, m.rowBytes()))
		for j := 0; j < m.Cols; j += b.weights {
			b.widen(dst[j:], raw)
			raw = raw[b.bytes:]
		}
	}
}

func portableDot(a, b []float32) float32 {
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

// portableMix writes the sum over k of p[k] * v[k*stride:] into dst.
func portableMix(dst, p, v []float32, stride int) {
	clear(dst)
	for k, w := range p {
		portableAxpy(dst, w, v[k*stride:][:len(dst)])
	}
}

// mixShape is that of four sums of keys rows of d numbers; the sums, weights and rows begin every so many elements.
type mixShape struct {
	d, keys                     int
	dstStride, pStride, vStride int
}

// portableMix4 is portableMix for four rows of weights and sums.
func portableMix4(dst, p, v []float32, s mixShape) {
	for i := range 4 {
		portableMix(dst[i*s.dstStride:][:s.d], p[i*s.pStride:][:s.keys], v, s.vStride)
	}
}

func portableAxpy(y []float32, a float32, x []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += a * v
	}
}

func portableScaleShift(x, w, b []float32) {
	for i := range x {
		x[i] = x[i]*w[i] + b[i]
	}
}

func portableNormalize(dst, x []float32, eps float32) float32 {
	d := float64(len(x))
	var mean, sq float64
	for _, v := range x {
		mean += float64(v)
	}
	mean /= d
	for _, v := range x {
		sq += (float64(v) - mean) * (float64(v) - mean)
	}
	s := math.Sqrt(sq/d + float64(eps))
	for i, v := range x {
		dst[i] = float32((float64(v) - mean) / s)
	}
	return float32(s)
}

func portableRMSNorm(dst, x []float32, eps float32) float32 {
	var sq float64
	for _, v := range x {
		sq += float64(v) * float64(v)
	}
	s := math.Sqrt(sq/float64(len(x)) + float64(eps))
	for i, v := range x {
		dst[i] = float32(float64(v) / s)
	}
	return float32(s)
}

func portableTimes(y, x []float32) {
	for i, v := range x {
		y[i] *= v
	}
}

// portableRotate turns the first 2r numbers of each head of dim.
func portableRotate(x, cos, sin []float32, heads, dim, r int) {
	for h := range heads {
		first, second := x[h*dim:][:r], x[h*dim+r:][:r]
		for i, c := range cos[:r] {
			a, b := first[i], second[i]
			first[i], second[i] = float32(a*c)-float32(b*sin[i]), float32(b*c)+float32(a*sin[i])
		}
	}
}

func portableSoftCap(x []float32, c float32) {
	for i, v := range x {
		x[i] = float32(float64(c) * math.Tanh(float64(v)/float64(c)))
	}
}

func portableSoftmax(x []float32) {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if !(v <= m) { // larger, or NaN, which then makes all NaN
			m = v
		}
	}
	if math.IsInf(float64(m), -1) {
		clear(x)
		return
	}
	var s float64
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v) - float64(m)))
		s += float64(x[i])
	}
	for i := range x {
		x[i] = float32(float64(x[i]) / s)
	}
}

func portableExp(x []float32) {
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v)))
	}
}

func portableSigmoid(x []float32) {
	for i, v := range x {
		x[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}

func portableTanh(x []float32) {
	for i, v := range x {
		x[i] = float32(math.Tanh(float64(v)))
	}
}

func portableSiLU(x []float32) {
	for i, v := range x {
		x[i] = float32(float64(v) / (1 + math.Exp(-float64(v))))
	}
}

func portableReLU(x []float32) {
	for i, v := range x {
		if v < 0 {
			x[i] = 0
		}
	}
}

// portableGELUNew uses 0.5 (1 + tanh u) = 1 / (1 + exp(-2u)), which does not cancel where u is negative.
func portableGELUNew(x []float32) {
	for i, v := range x {
		f := float64(v)
		x[i] = float32(f / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(f+0.044715*f*f*f))))
	}
}

func portableGELU(x []float32) {
	for i, v := range x {
		f := float64(v)
		x[i] = float32(0.5 * f * math.Erfc(-f/math.Sqrt2))
	}
}

// F16ToF32 widens IEEE binary16 bits. Exponent and fraction, put where f32 has them, are the number / 2^112.
func F16ToF32(h uint16) float32 {
	sign, rest := uint32(h&0x8000)<<16, uint32(h&0x7fff)<<13
	if rest >= 0x7c00<<13 { // infinity or NaN
		return math.Float32frombits(sign | 0x7f800000 | rest)
	}
	return math.Float32frombits(sign | math.Float32bits(math.Float32frombits(rest)*0x1p112))
}
