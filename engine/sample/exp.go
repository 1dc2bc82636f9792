package sample

import "math"

// exp is e**x for x <= 0, to less than one unit in the last place, the same on every processor. It reduces x to
// k ln 2 + r, |r| <= ln 2 / 2, and sums the Taylor series of r, whose terms beyond the 13th are below 2**-57. Conversions
// to float64 keep a compiler from fusing a product and a sum.
func exp(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01 // ln 2 in two parts, the first with zeros at its end
		ln2Lo = 1.90821492927058770002e-10
		log2e = 1.44269504088896338700e+00
	)
	switch {
	case x != x:
		return x
	case x < -745.2: // also -Inf
		return 0
	}
	k := math.Floor(float64(log2e*x) + 0.5)
	r := float64(x-float64(k*ln2Hi)) - float64(k*ln2Lo)
	sum := 1.0
	for i := len(factors) - 1; i >= 0; i-- {
		sum = 1 + float64(float64(r*sum)*factors[i])
	}
	if k < -1020 {
		return math.Ldexp(sum, int(k))
	}
	return math.Float64frombits(math.Float64bits(sum) + uint64(int64(k))<<52)
}

// factors are 1/1, 1/2, .. 1/13: exp(r) = 1 + r (1 + r/2 (1 + r/3 (..))).
var factors = [13]float64{1, 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8, 1. / 9, 1. / 10, 1. / 11, 1. / 12, 1. / 13}
