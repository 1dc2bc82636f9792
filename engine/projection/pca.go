// Package projection lays vectors out in a plane or in space.
package projection

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// PCA returns the coordinates [n, dims] of the rows of x [n, d] along their first principal components, by gonum's
// singular value decomposition of the centred rows. The sign of an axis is chosen so that its largest
// coordinate is positive, so that a map does not flip from run to run.
func PCA(x []float32, n, dims int) ([]float32, error) {
	if n < 1 || len(x)%n != 0 || dims < 1 {
		return nil, fmt.Errorf("projection: %d numbers are not %d rows", len(x), n)
	}
	d := len(x) / n
	m := mat.NewDense(n, d, nil)
	for j := 0; j < d; j++ {
		var mean float64
		for i := 0; i < n; i++ {
			mean += float64(x[i*d+j])
		}
		mean /= float64(n)
		for i := 0; i < n; i++ {
			v := float64(x[i*d+j]) - mean
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("projection: row %d holds a number that is not finite", i)
			}
			m.Set(i, j, v)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return nil, fmt.Errorf("projection: the decomposition did not converge")
	}
	var u mat.Dense
	svd.UTo(&u)
	s := svd.Values(nil)
	out := make([]float32, n*dims)
	for k := 0; k < min(dims, len(s)); k++ {
		sign, best := 1.0, 0.0
		for i := 0; i < n; i++ {
			if v := u.At(i, k); math.Abs(v) > best+1e-12 {
				best, sign = math.Abs(v), math.Copysign(1, v)
			}
		}
		for i := 0; i < n; i++ {
			out[i*dims+k] = float32(sign * s[k] * u.At(i, k))
		}
	}
	return out, nil
}
