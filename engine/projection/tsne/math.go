package tsne

import "math"

// Exponentials and logarithms of our own: those of package math are not the same on every processor. Conversions to float64 keep a
// compiler from fusing a product and a sum.

const (
	ln2Hi = 6.93147180369123816490e-01 // ln 2 in two parts, the first with zeros at its end
	ln2Lo = 1.90821492927058770002e-10
)

// exp is e**x for x <= 0, to 1e-9 of itself: x is k ln 2 + r, |r| <= ln 2 / 2, and the ninth term of r's Taylor series is below that.
func exp(x float64) float64 {
	if x < -700 {
		return 0
	}
	k := math.Floor(float64(math.Log2E*x) + 0.5)
	r := float64(x-float64(k*ln2Hi)) - float64(k*ln2Lo)
	sum := 1.0
	for i := len(factors) - 1; i >= 0; i-- {
		sum = 1 + float64(float64(r*sum)*factors[i])
	}
	return math.Float64frombits(math.Float64bits(sum) + uint64(int64(k))<<52)
}

// factors are 1/1, 1/2, .. 1/8: exp(r) = 1 + r (1 + r/2 (1 + r/3 (..))).
var factors = [8]float64{1, 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8}

// log is the natural logarithm of a finite x > 0, to 1e-15: of x = 2^k m, 1/sqrt(2) <= m < sqrt(2), it is k ln 2 + 2 atanh((m-1)/(m+1)).
func log(x float64) float64 {
	m, k := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, k = 2*m, k-1
	}
	s := (m - 1) / (m + 1)
	square, sum := float64(s*s), 0.0
	for i := 21; i >= 1; i -= 2 {
		sum = 1/float64(i) + float64(square*sum)
	}
	return float64(float64(k)*ln2Hi) + (float64(float64(k)*ln2Lo) + float64(2*s*sum))
}
