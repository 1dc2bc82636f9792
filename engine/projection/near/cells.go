package near

import "loupe/engine/tensor"

// cells are the centres of clusters.
type cells struct {
	at    []float32 // [count, d]
	count int
	d     int
	half  []float32 // half the square of each
}

func newCells(at []float32, d int) cells {
	c := cells{at: at, count: len(at) / d, d: d}
	c.measure()
	return c
}

func (c *cells) measure() {
	c.half = make([]float32, c.count)
	for i := range c.half {
		v := c.at[i*c.d : (i+1)*c.d]
		c.half[i] = float32(dot(v, v) / 2)
	}
}

// beside calls f with the keys of all centres, by Euclidean distance, beside each of the rows q [n, d].
func (c *cells) beside(q []float32, n int, f func(i int, keys []float32) error) error {
	m := tensor.Matrix{Type: tensor.F32, Rows: c.count, Cols: c.d, F32: c.at}
	keys := make([]float32, blockRows*c.count)
	for lo := 0; lo < n; lo += blockRows {
		hi := min(lo+blockRows, n)
		m.Mul(keys, q[lo*c.d:hi*c.d], hi-lo)
		keysOf(keys, c.half, hi-lo)
		for i := lo; i < hi; i++ {
			if err := f(i, keys[(i-lo)*c.count:][:c.count]); err != nil {
				return err
			}
		}
	}
	return nil
}

// move moves each centre to the mean of the rows that are its own; one without rows stays.
func (c *cells) move(q []float32, own []int32) {
	sum, members := make([]float64, c.count*c.d), make([]float64, c.count)
	for i, cell := range own {
		members[cell]++
		to := sum[int(cell)*c.d:][:c.d]
		for j, v := range q[i*c.d:][:c.d] {
			to[j] += float64(v)
		}
	}
	for i, s := range sum {
		if m := members[i/c.d]; m > 0 {
			c.at[i] = float32(s / m)
		}
	}
	c.measure()
}

// least is where the smallest key is, the first of equals.
func least(keys []float32) int32 {
	best := 0
	for i, key := range keys {
		if key < keys[best] {
			best = i
		}
	}
	return int32(best)
}

// gathered is some rows, one after the other, filled up with zeros to a multiple of four numbers.
type gathered struct {
	rows  []int32
	z     []float32
	half  []float32
	bound []float32
	cols  int
}

func (g *gathered) take(s *space, rows []int32) {
	g.rows, g.z, g.half, g.cols = rows, g.z[:0], g.half[:0], (s.d+3)&^3
	for _, i := range rows {
		g.z = append(g.z, s.z[int(i)*s.d:(int(i)+1)*s.d]...)
		g.z = append(g.z, make([]float32, g.cols-s.d)...)
		g.half = append(g.half, s.half[i])
	}
}

// bounds notes what a row's key must be below to be of interest.
func (g *gathered) bounds(near []pool) {
	g.bound = g.bound[:0]
	for _, i := range g.rows {
		g.bound = append(g.bound, near[i].bound)
	}
}

// products are those of each row of q with each of these, in to if it is large enough.
func (g *gathered) products(to []float32, q *gathered) []float32 {
	if need := len(q.rows) * len(g.rows); cap(to) < need {
		to = make([]float32, need)
	}
	m := tensor.Matrix{Type: tensor.F32, Rows: len(g.rows), Cols: g.cols, F32: g.z}
	m.Mul(to[:cap(to)], q.z, len(q.rows))
	return to[:cap(to)]
}

// bits is a table of yes and no.
type bits struct {
	words []uint64
	each  int // words of a row
}

func newBits(rows, columns int) bits {
	each := (columns + 63) / 64
	return bits{make([]uint64, rows*each), each}
}

func (b bits) set(row, column int32) { b.words[int(row)*b.each+int(column/64)] |= 1 << (column % 64) }
func (b bits) has(row, column int32) bool {
	return b.words[int(row)*b.each+int(column/64)]>>(column%64)&1 == 1
}
