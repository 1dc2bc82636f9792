// Package projection lays vectors out in a plane or in space.
package projection

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/gonum"
)

// PCA returns the coordinates [n, dims] of the rows of x [n, d] along their first principal components. They are the
// eigenvectors of the covariance XᵀX of the centred rows or, where there are fewer rows than columns, come from those u of
// the Gram matrix XXᵀ, as √λ u (Jolliffe, Principal Component Analysis, 3.5): the same coordinates from the smaller matrix.
// gonum's LAPACK is called by itself, for package mat would bring ten times the code into the page. The sign of an axis is
// chosen so that its largest coordinate is positive, so that a map does not flip from run to run.
func PCA(x []float32, n, dims int) ([]float32, error) {
	if n < 1 || len(x)%n != 0 || dims < 1 {
		return nil, fmt.Errorf("projection: %d numbers are not %d rows", len(x), n)
	}
	rows, err := centre(x, n)
	if err != nil {
		return nil, err
	}
	d := len(x) / n
	gram := n <= d
	vectors, values, err := eigen(products(rows, n, d, gram))
	if err != nil {
		return nil, err
	}
	out := make([]float32, n*dims)
	size := len(values)
	for k := range min(dims, size) {
		at := size - 1 - k // ascending
		along := func(i int) float64 { return vectors[i*size+at] * math.Sqrt(max(0, values[at])) }
		if !gram {
			along = func(i int) (s float64) {
				for j := range d {
					s += rows[i*d+j] * vectors[j*size+at]
				}
				return s
			}
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

// products is XXᵀ [n, n], or XᵀX [d, d], its upper triangle.
func products(x []float64, n, d int, gram bool) (a []float64, size int) {
	if gram {
		a = make([]float64, n*n)
		for i := range n {
			for j := i; j < n; j++ {
				for k := range d {
					a[i*n+j] += x[i*d+k] * x[j*d+k]
				}
			}
		}
		return a, n
	}
	a = make([]float64, d*d)
	for r := range n {
		for i := range d {
			for j := i; j < d; j++ {
				a[i*d+j] += x[r*d+i] * x[r*d+j]
			}
		}
	}
	return a, d
}

// eigen are the eigenvectors of a symmetric matrix, in columns, and its eigenvalues in ascending order.
func eigen(a []float64, size int) (vectors, values []float64, err error) {
	if size == 0 {
		return nil, nil, nil
	}
	const upper = 'U' // blas.Upper
	var l gonum.Implementation
	values, query := make([]float64, size), make([]float64, 1)
	l.Dsyev(lapack.EVCompute, upper, size, a, size, values, query, -1)
	work := make([]float64, int(query[0]))
	if !l.Dsyev(lapack.EVCompute, upper, size, a, size, values, work, len(work)) {
		return nil, nil, fmt.Errorf("projection: the eigenvalues did not converge")
	}
	return a, values, nil
}
