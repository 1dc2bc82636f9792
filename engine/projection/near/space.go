package near

import (
	"math"

	"loupe/engine/tensor"
)

// space is rows as they are compared. Between rows i and j stands the key half[j] - z[i].z[j], which orders the rows j as their distance from
// row i does, and which products of matrices give, a thousand at a time.
type space struct {
	x      []float32 // [n, d], as they came
	n, d   int
	metric Metric
	z      []float32 // [n, d]: x, by Cosine of length 1, else scaled so that no product overflows
	half   []float32 // |z|^2 / 2 by Euclidean, else 0
	size   []float64 // |z|
	most   float64   // the largest size
	square []float64 // x.x, of Cosine
}

const unitRound = 0x1p-24 // relative error of a rounding to float32

func newSpace(x []float32, n, d int, m Metric) *space {
	s := &space{x: x, n: n, d: d, metric: m, z: x, half: make([]float32, n), size: make([]float64, n)}
	if m == Cosine {
		s.square = make([]float64, n)
		for i := range n {
			s.square[i] = dot(s.row(i), s.row(i))
		}
		s.z = s.units()
	} else {
		s.z = scaled(x)
	}
	for i := range n {
		z := s.z[i*d : (i+1)*d]
		sq := dot(z, z)
		s.size[i] = math.Sqrt(sq)
		s.most = max(s.most, s.size[i])
		if m == Euclidean {
			s.half[i] = float32(sq / 2)
		}
	}
	return s
}

func (s *space) row(i int) []float32 { return s.x[i*s.d : (i+1)*s.d] }

// units is the rows made of length 1; the rows themselves where they are that already, or zero.
func (s *space) units() []float32 {
	ready := true
	for _, sq := range s.square {
		ready = ready && (sq == 0 || math.Abs(sq-1) < 4*unitRound)
	}
	if ready {
		return s.x
	}
	return Ready(s.x, s.n, s.d, false, true)
}

// scaled is x times a power of two such that the largest number is about 1; x itself where its numbers do no harm.
func scaled(x []float32) []float32 {
	var most float32
	for _, v := range x {
		most = max(most, v, -v)
	}
	if most == 0 || most > 1e-4 && most < 1e4 {
		return x
	}
	_, e := math.Frexp(float64(most))
	z := make([]float32, len(x))
	for i, v := range x {
		z[i] = float32(math.Ldexp(float64(v), -e))
	}
	return z
}

// slack bounds by how much the keys of two rows may be in the wrong order beside a row of this size. A product's sum of d numbers
// runs in at least four parts, so that no number is rounded more than d/4 + 8 times (Higham, Accuracy and Stability, 3.1); the rest is
// for rounding what is multiplied, keys and distances.
func (s *space) slack(size float64) float32 {
	e := float64(s.d/4+8)*unitRound*size*s.most + 4*unitRound*(size+s.most)*(size+s.most)
	return float32(2.01*e + 1e-37)
}

// keys writes the keys of rows lo to hi beside each of the rows q [nq, d] into dst [nq, hi-lo].
func (s *space) keys(dst, q []float32, nq, lo, hi int) {
	m := tensor.Matrix{Type: tensor.F32, Rows: hi - lo, Cols: s.d, F32: s.z[lo*s.d : hi*s.d]}
	m.Mul(dst, q, nq)
	keysOf(dst, s.half[lo:hi], nq)
}

// keysOf makes keys of products.
func keysOf(dst, half []float32, nq int) {
	for i := range nq {
		to, j := dst[i*len(half):][:len(half)], 0
		for ; j+4 <= len(half); j += 4 {
			t, h := (*[4]float32)(to[j:]), (*[4]float32)(half[j:])
			t[0], t[1], t[2], t[3] = h[0]-t[0], h[1]-t[1], h[2]-t[2], h[3]-t[3]
		}
		for ; j < len(half); j++ {
			to[j] = half[j] - to[j]
		}
	}
}

// distance is that of rows i and j, in float64 and rounded once.
func (s *space) distance(i, j int) float32 {
	if s.metric == Cosine {
		return cosineDistance(s.row(i), s.row(j), s.square[i], s.square[j])
	}
	return distance(s.row(i), s.row(j), s.metric)
}

func distance(a, b []float32, m Metric) float32 {
	switch m {
	case Cosine:
		return cosineDistance(a, b, dot(a, a), dot(b, b))
	case Dot:
		return float32(-dot(a, b))
	}
	return float32(math.Sqrt(squares(a, b)))
}

// cosineDistance is 1 - cos; aa and bb are a.a and b.b. The root of their product is exact where they are equal.
func cosineDistance(a, b []float32, aa, bb float64) float32 {
	if aa == 0 || bb == 0 {
		return 1
	}
	c := 1 - dot(a, b)/math.Sqrt(aa*bb)
	if c < float64(len(a))*0x1p-52 {
		return 0
	}
	return float32(c)
}

// dot is the inner product in float64: the same bits on every machine, since each conversion forbids to multiply and add in one step.
func dot(a, b []float32) float64 {
	b = b[:len(a)]
	var s, t, u, v float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		p, q := a[i:i+4:i+4], b[i:i+4:i+4]
		s += float64(float64(p[0]) * float64(q[0]))
		t += float64(float64(p[1]) * float64(q[1]))
		u += float64(float64(p[2]) * float64(q[2]))
		v += float64(float64(p[3]) * float64(q[3]))
	}
	for ; i < len(a); i++ {
		s += float64(float64(a[i]) * float64(b[i]))
	}
	return (s + t) + (u + v)
}

// squares is |a - b|^2 in float64.
func squares(a, b []float32) float64 {
	b = b[:len(a)]
	var s, t, u, v float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		p, q := a[i:i+4:i+4], b[i:i+4:i+4]
		w, x, y, z := float64(p[0])-float64(q[0]), float64(p[1])-float64(q[1]), float64(p[2])-float64(q[2]), float64(p[3])-float64(q[3])
		s += float64(w * w)
		t += float64(x * x)
		u += float64(y * y)
		v += float64(z * z)
	}
	for ; i < len(a); i++ {
		w := float64(a[i]) - float64(b[i])
		s += float64(w * w)
	}
	return (s + t) + (u + v)
}
