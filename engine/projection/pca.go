// Package projection lays vectors out in a plane or in space.
package projection

import (
	"fmt"
	"math"
)

// PCA returns the coordinates [n, dims] of the rows of x [n, d] along their first principal components. They are the
// eigenvectors of the covariance XᵀX of the centred rows or, where there are fewer rows than columns, come from those u of
// the Gram matrix XXᵀ, as √λ u (Jolliffe, Principal Component Analysis, 3.5): the same coordinates from the smaller matrix.
// The sign of an axis is chosen so that its largest coordinate is positive, so that a map does not flip from run to run.
// yield, if not nil, is called every few milliseconds; its error ends the work.
func PCA(x []float32, n, dims int, yield func() error) ([]float32, error) {
	if n < 1 || len(x)%n != 0 || dims < 1 {
		return nil, fmt.Errorf("projection: %d numbers are not %d rows", len(x), n)
	}
	rows, err := centre(x, n)
	if err != nil {
		return nil, err
	}
	if yield == nil {
		yield = func() error { return nil }
	}
	d := len(x) / n
	gram := n <= d
	a, size, err := products(rows, n, d, gram, yield)
	if err != nil {
		return nil, err
	}
	vectors, values, err := leading(a, size, dims, yield)
	if err != nil {
		return nil, err
	}
	out := make([]float32, n*dims)
	for k := range min(dims, size) {
		v := vectors[k]
		along := func(i int) float64 { return v[i] * math.Sqrt(max(0, values[k])) }
		if !gram {
			along = func(i int) float64 { return dot(rows[i*d:(i+1)*d], v) }
		}
		put(out, n, dims, k, along)
	}
	return out, nil
}

// put writes axis k of all rows, its largest coordinate positive; the first of equals decides.
func put(out []float32, n, dims, k int, along func(i int) float64) {
	sign, best := 1.0, 0.0
	for i := range n {
		v := along(i)
		if math.Abs(v) > best*(1+1e-9) {
			best, sign = math.Abs(v), math.Copysign(1, v)
		}
		out[i*dims+k] = float32(v)
	}
	for i := range n {
		out[i*dims+k] *= float32(sign)
	}
}

// centre takes the mean of each column away.
func centre(x []float32, n int) ([]float64, error) {
	d := len(x) / n
	rows := make([]float64, len(x))
	for j := range d {
		var mean float64
		for i := range n {
			mean += float64(x[i*d+j])
		}
		mean /= float64(n)
		for i := range n {
			v := float64(x[i*d+j]) - mean
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("projection: row %d holds a number that is not finite", i)
			}
			rows[i*d+j] = v
		}
	}
	return rows, nil
}

// products is XXᵀ [n, n], or XᵀX [d, d].
func products(x []float64, n, d int, gram bool, yield func() error) (a []float64, size int, err error) {
	if gram {
		a = make([]float64, n*n)
		for i := range n {
			if err := yield(); err != nil {
				return nil, 0, err
			}
			for j := i; j < n; j++ {
				v := dot(x[i*d:(i+1)*d], x[j*d:(j+1)*d])
				a[i*n+j], a[j*n+i] = v, v
			}
		}
		return a, n, nil
	}
	a = make([]float64, d*d)
	for r := range n {
		if err := yield(); err != nil {
			return nil, 0, err
		}
		row := x[r*d : (r+1)*d]
		for i, v := range row {
			to := a[i*d : (i+1)*d]
			for j, w := range row {
				to[j] += v * w
			}
		}
	}
	return a, d, nil
}

func dot(a, b []float64) (s float64) {
	b = b[:len(a)]
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
