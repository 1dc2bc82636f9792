package projection

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/gonum"
)

const (
	guard     = 8    // vectors besides those that are wanted: they make the iteration converge
	tolerance = 1e-7 // of a residual, to the largest eigenvalue
	mostSteps = 200
)

// leading are the first eigenvectors of a symmetric matrix a [size, size] and their eigenvalues, the largest first, by
// subspace iteration (Golub and Van Loan, Matrix Computations, 8.2.4): all eigenvectors of a model's embeddings would take
// some twenty seconds in a browser, these take less than one.
func leading(a []float64, size, dims int, yield func() error) (vectors [][]float64, values []float64, err error) {
	k := min(size, dims+guard)
	if k == 0 {
		return nil, nil, nil
	}
	v, w := block(k, size), make([][]float64, k)
	for i := range w {
		w[i] = make([]float64, size)
	}
	for step := 0; ; step++ {
		if err := yield(); err != nil {
			return nil, nil, err
		}
		orthonormal(v)
		for i := range v {
			multiply(w[i], a, v[i])
		}
		if values, err = ritz(v, w); err != nil {
			return nil, nil, err
		}
		if step == mostSteps || converged(v, w, values, min(dims, k)) {
			return v, values, nil
		}
		v, w = w, v
	}
}

// block is k vectors to begin with: the same in every run, and with a part in every direction.
func block(k, size int) [][]float64 {
	v := make([][]float64, k)
	for i := range v {
		v[i] = make([]float64, size)
		for j := range v[i] {
			v[i][j] = math.Cos(float64(j+1) * float64(i+1) * .61803398875)
		}
	}
	return v
}

func multiply(to, a, v []float64) {
	for i := range to {
		to[i] = dot(a[i*len(v):(i+1)*len(v)], v)
	}
}

// orthonormal makes the vectors orthonormal (Gram and Schmidt, twice, which is enough); one that depends on those before it
// becomes 0.
func orthonormal(v [][]float64) {
	for i := range v {
		length := math.Sqrt(dot(v[i], v[i]))
		for range 2 {
			for j := range i {
				c := dot(v[i], v[j])
				for t := range v[i] {
					v[i][t] -= c * v[j][t]
				}
			}
		}
		left := math.Sqrt(dot(v[i], v[i]))
		scale := 1 / left
		if left <= 1e-14*length || left == 0 {
			scale = 0
		}
		for t := range v[i] {
			v[i][t] *= scale
		}
	}
}

// ritz turns v, and w = a v with it, to the best eigenvectors in their span (Rayleigh and Ritz), the largest first.
func ritz(v, w [][]float64) ([]float64, error) {
	k := len(v)
	small := make([]float64, k*k)
	for i := range k {
		for j := range k {
			small[i*k+j] = dot(v[i], w[j])
		}
	}
	ascending, err := eigen(small, k)
	if err != nil {
		return nil, err
	}
	values := make([]float64, k)
	for i := range values {
		values[i] = ascending[k-1-i]
	}
	turn(v, small)
	turn(w, small)
	return values, nil
}

// turn replaces the vectors by their combinations: the columns of c, the last first.
func turn(v [][]float64, c []float64) {
	k := len(v)
	old := make([]float64, k)
	for t := range v[0] {
		for i := range k {
			old[i] = v[i][t]
		}
		for i := range k {
			s := 0.0
			for j := range k {
				s += old[j] * c[j*k+k-1-i]
			}
			v[i][t] = s
		}
	}
}

func converged(v, w [][]float64, values []float64, n int) bool {
	for i := range n {
		var r float64
		for t := range v[i] {
			d := w[i][t] - values[i]*v[i][t]
			r += d * d
		}
		if math.Sqrt(r) > tolerance*math.Abs(values[0]) {
			return false
		}
	}
	return true
}

// eigen puts the eigenvectors of a small symmetric matrix into its columns and returns the eigenvalues in ascending order.
// gonum's LAPACK is called by itself, for package mat would bring ten times the code into the page.
func eigen(a []float64, size int) ([]float64, error) {
	const upper = 'U' // blas.Upper
	var l gonum.Implementation
	values, query := make([]float64, size), make([]float64, 1)
	l.Dsyev(lapack.EVCompute, upper, size, a, size, values, query, -1)
	work := make([]float64, int(query[0]))
	if !l.Dsyev(lapack.EVCompute, upper, size, a, size, values, work, len(work)) {
		return nil, fmt.Errorf("projection: the eigenvalues did not converge")
	}
	return values, nil
}
