package projection

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"loupe/engine/tensor"
)

const (
	wholeTo    = 320  // up to this size all eigenvectors of a matrix are computed: it takes less than the products before
	oversample = 14   // vectors besides those that are wanted (Halko, Martinsson and Tropp 2011, 4.2 and 10.3)
	mostPasses = 8    // over the rows
	settled    = 1e-4 // relative change of the leading variances, from pass to pass, at which they will do
	blockRows  = 256
)

// Principal is PCA for many rows: the coordinates [n, dims] of the centred rows x [n, d] along their principal components, and the
// share of the whole variance that each component has [dims]. Signs are chosen as PCA does; components beyond the smaller of n and d are 0.
//
// Products are of float32. Of up to 320 columns, or rows, the covariance (or the Gram matrix) is decomposed as a whole: coordinates
// are then exact to about 1e-5 of the largest one's size, where variances are not equal. Of more, the leading components are found by subspace iteration from
// random vectors (Halko, Martinsson and Tropp 2011, algorithm 4.4) of this seed, until their variances settle to 1e-4: the last
// components may then be mixed with those that follow them, which have nearly the same variance, if rows have no better ones.
//
// step, if not nil, is called every few milliseconds; its error ends the work, and so do numbers that are not finite.
func Principal(x []float32, n, d, dims int, seed uint64, step func(done, total float64) error) (coords []float32, explained []float32, err error) {
	if n < 1 || d < 1 || dims < 1 || len(x) != n*d {
		return nil, nil, fmt.Errorf("projection: %d numbers are not %d rows of %d", len(x), n, d)
	}
	p := &principal{x: x, n: n, d: d, step: step}
	if err := p.centre(); err != nil {
		return nil, nil, err
	}
	coords, explained = make([]float32, n*dims), make([]float32, dims)
	if p.variance == 0 {
		return coords, explained, nil
	}
	if min(n, d) <= wholeTo {
		err = p.whole(coords, explained, dims)
	} else {
		err = p.iterate(coords, explained, dims, rand.New(rand.NewPCG(seed, 0)))
	}
	if err != nil {
		return nil, nil, err
	}
	return coords, explained, nil
}

// principal is the work of Principal.
type principal struct {
	x    []float32
	n, d int
	step func(done, total float64) error
	last time.Time

	mean     []float64
	scale    float64 // a power of two: the largest centred number times it is about 1
	variance float64 // sum of the squares of the centred and scaled numbers
}

// at reports how far the work is, in passes over the rows.
func (p *principal) at(passes, row, total int) error {
	if p.step == nil || time.Since(p.last) < 4*time.Millisecond {
		return nil
	}
	err := p.step(float64(passes)+float64(row)/float64(p.n), float64(total))
	p.last = time.Now()
	return err
}

// centre finds the mean of each column, and the variance.
func (p *principal) centre() error {
	p.mean = make([]float64, p.d)
	for i := range p.n {
		mean := p.mean[:p.d]
		for j, v := range p.x[i*p.d : (i+1)*p.d] {
			mean[j] += float64(v)
		}
	}
	for j := range p.mean {
		if p.mean[j] /= float64(p.n); p.mean[j]-p.mean[j] != 0 {
			bad := slices.IndexFunc(p.x, func(v float32) bool { return v-v != 0 })
			return fmt.Errorf("projection: row %d holds a number that is not finite", bad/p.d)
		}
	}
	var most, sum float64
	for i := range p.n {
		for j, v := range p.x[i*p.d : (i+1)*p.d] {
			c := float64(v) - p.mean[j]
			square := float64(c * c)
			sum += square
			if square > most {
				most = square
			}
		}
	}
	if most = math.Sqrt(most); most <= 1e-9*p.largest() { // what rounding left of equal rows
		return nil
	}
	_, e := math.Frexp(most)
	p.scale = math.Ldexp(1, -e)
	p.variance = sum * p.scale * p.scale
	return nil
}

func (p *principal) largest() float64 {
	var most float64
	for _, m := range p.mean {
		most = max(most, m, -m)
	}
	return most
}

// rows writes the rows from lo to hi, centred and scaled, into to.
func (p *principal) rows(to []float32, lo, hi int) []float32 {
	for i := lo; i < hi; i++ {
		row, mean := to[(i-lo)*p.d:][:p.d], p.mean[:p.d]
		for j, v := range p.x[i*p.d : (i+1)*p.d] {
			row[j] = float32((float64(v) - mean[j]) * p.scale)
		}
	}
	return to[:(hi-lo)*p.d]
}

// blocks calls f with all rows, some at a time.
func (p *principal) blocks(pass, passes int, f func(rows []float32, lo, hi int)) error {
	room := make([]float32, blockRows*p.d)
	for lo := 0; lo < p.n; lo += blockRows {
		hi := min(lo+blockRows, p.n)
		f(p.rows(room, lo, hi), lo, hi)
		if err := p.at(pass, hi, passes); err != nil {
			return err
		}
	}
	return nil
}

// whole decomposes the covariance or, where there are fewer rows than columns, the Gram matrix: see PCA.
func (p *principal) whole(coords, explained []float32, dims int) error {
	size := min(p.n, p.d)
	a := make([]float64, size*size)
	if p.n < p.d {
		rows := p.rows(make([]float32, p.n*p.d), 0, p.n)
		add(a, rows, rows, p.n, p.n, p.d)
	} else {
		turned := make([]float32, blockRows*p.d)
		err := p.blocks(0, 2, func(rows []float32, lo, hi int) {
			transpose(turned, rows, hi-lo, p.d)
			add(a, turned, turned, p.d, p.d, hi-lo)
		})
		if err != nil {
			return err
		}
	}
	values, err := eigen(a, size)
	if err != nil {
		return err
	}
	used := min(dims, size)
	axes := make([]float32, used*size) // the leading eigenvectors as rows
	for k := range used {
		for j := range size {
			axes[k*size+j] = float32(a[j*size+size-1-k])
		}
		explained[k] = float32(max(0, values[size-1-k]) / p.variance)
	}
	if p.n >= p.d {
		return p.project(coords, axes, dims, used, 1, 2)
	}
	for k := range used {
		length := math.Sqrt(max(0, values[size-1-k])) / p.scale
		put(coords, p.n, dims, k, func(i int) float64 { return length * float64(axes[k*size+i]) })
	}
	return nil
}

// project writes the coordinates along the axes [used, d].
func (p *principal) project(coords, axes []float32, dims, used, pass, passes int) error {
	m := tensor.Matrix{Type: tensor.F32, Rows: used, Cols: p.d, F32: axes}
	y := make([]float32, blockRows*used)
	err := p.blocks(pass, passes, func(rows []float32, lo, hi int) {
		m.Mul(y, rows, hi-lo)
		for i := lo; i < hi; i++ {
			copy(coords[i*dims:], y[(i-lo)*used:(i-lo+1)*used])
		}
	})
	for k := range used {
		put(coords, p.n, dims, k, func(i int) float64 { return float64(coords[i*dims+k]) / p.scale })
	}
	return err
}

// iterate finds the leading eigenvectors of the covariance C by multiplying vectors V with it, over and over: V becomes an orthonormal basis of C V.
func (p *principal) iterate(coords, explained []float32, dims int, random *rand.Rand) error {
	size := min(dims+oversample, p.n, p.d)
	v, w := make([][]float64, size), make([][]float64, size)
	for i := range v {
		v[i], w[i] = make([]float64, p.d), make([]float64, p.d)
		for j := range v[i] {
			v[i][j] = random.NormFloat64()
		}
	}
	used := min(dims, size)
	var values []float64
	before := 0.0
	for pass := range mostPasses {
		if pass > 0 {
			v, w = w, v
		}
		orthonormal(v)
		if err := p.multiply(w, v, pass); err != nil {
			return err
		}
		var err error
		if values, err = ritz(v, w); err != nil {
			return err
		}
		sum := 0.0
		for _, l := range values[:used] {
			sum += l
		}
		if pass > 0 && sum-before <= settled*sum {
			break
		}
		before = sum
	}
	axes := make([]float32, 0, used*p.d)
	for k := range used {
		for _, e := range v[k] {
			axes = append(axes, float32(e))
		}
		explained[k] = float32(max(0, values[k]) / p.variance)
	}
	return p.project(coords, axes, dims, used, mostPasses, mostPasses+1)
}

// multiply writes C v into w, in one pass over the rows: C = XᵀX, block by block.
func (p *principal) multiply(w, v [][]float64, pass int) error {
	size := len(v)
	flat, sum := make([]float32, 0, size*p.d), make([]float64, size*p.d)
	for _, u := range v {
		for _, e := range u {
			flat = append(flat, float32(e))
		}
	}
	m := tensor.Matrix{Type: tensor.F32, Rows: size, Cols: p.d, F32: flat}
	y, yt, turned := make([]float32, blockRows*size), make([]float32, blockRows*size), make([]float32, blockRows*p.d)
	err := p.blocks(pass, mostPasses+1, func(rows []float32, lo, hi int) {
		m.Mul(y, rows, hi-lo)
		transpose(yt, y, hi-lo, size)
		transpose(turned, rows, hi-lo, p.d)
		add(sum, turned, yt, p.d, size, hi-lo)
	})
	for i := range w {
		copy(w[i], sum[i*p.d:(i+1)*p.d])
	}
	return err
}

// add adds the inner products of the rows of q [nq, d] with those of m [rows, d] to sum [nq, rows].
func add(sum []float64, m, q []float32, rows, nq, d int) {
	w := tensor.Matrix{Type: tensor.F32, Rows: rows, Cols: d, F32: m[:rows*d]}
	out := make([]float32, nq*rows)
	w.Mul(out, q, nq)
	for i, v := range out {
		sum[i] += float64(v)
	}
}

// transpose writes x [n, d] into to [d, n].
func transpose(to, x []float32, n, d int) {
	for i := range n {
		for j, v := range x[i*d : (i+1)*d] {
			to[j*n+i] = v
		}
	}
}
