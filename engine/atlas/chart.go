package atlas

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io"
	"math"
	"slices"

	"loupe/engine/desk"
	"loupe/engine/fault"
	"loupe/engine/protocol"
)

// chart is one map: its vectors, what was made of them, and where its rows are. Rows whose numbers are not all finite are left out of
// everything: those that are in count from 0 to m.
type chart struct {
	n, m, d int
	x       []float32 // [m, d], as given
	rows    []int32   // [m]: the row of each that is in; nil: all are
	in      []int32   // [n], and back: -1 for one that is left out
	zero    int       // vectors of nothing but 0
	names   []string  // [n], or nil

	made           // what can be made again
	guests *guests // nil: there are none

	places []float32 // [m, dims]; nil: nowhere yet. They change with the next step.
	dims   int
}

// forget drops what was made of the vectors.
func (c *chart) forget() {
	c.exact.close()
	c.made, c.places = made{}, nil
}

// put says where the rows are.
func (c *chart) put(places []float32, dims int) { c.places, c.dims = places, dims }

// row is the row that i of those that are in is.
func (c *chart) row(i int) int {
	if c.rows == nil {
		return i
	}
	return int(c.rows[i])
}

func (c *chart) toRows(list []int) []int {
	for k, i := range list {
		list[k] = c.row(i)
	}
	return list
}

// index is the place of a row among those that are in; -1: it is left out.
func (c *chart) index(row int) int {
	if c.in == nil {
		return row
	}
	return int(c.in[row])
}

// indices are the places of rows, without those that are left out. A row that the map does not have is an error.
func (c *chart) indices(where string, rows []int) ([]int, error) {
	out := make([]int, 0, len(rows))
	for _, r := range rows {
		if r < 0 || r >= c.n {
			return nil, desk.BadRequest(where, fmt.Sprintf("rows 0 to %d", c.n-1), r)
		}
		if i := c.index(r); i >= 0 {
			out = append(out, i)
		}
	}
	return out, nil
}

// spread puts numbers of each row that is in, width a row, where the row is among all; those left out get NaN.
func (c *chart) spread(v []float32, width int) []float32 {
	if c.rows == nil {
		return slices.Clone(v)
	}
	out := make([]float32, c.n*width)
	for i := range out {
		out[i] = float32(math.NaN())
	}
	for i, r := range c.rows {
		copy(out[int(r)*width:], v[i*width:(i+1)*width])
	}
	return out
}

// openMap reads the vectors of a new map.
func (a *Atlas) openMap(j *desk.Job, b protocol.MapOpen) (*protocol.MapOpened, error) {
	if b.N < 0 || b.Dim < 1 || int64(b.N)*int64(b.Dim)*4 != b.Vectors.Size {
		return nil, desk.BadRequest("vectors", fmt.Sprintf("%d times %d numbers of 4 bytes", b.N, b.Dim), fault.Bytes(b.Vectors.Size))
	}
	for _, r := range b.Rows {
		if r < 0 || r >= b.N {
			return nil, desk.BadRequest("rows", fmt.Sprintf("rows 0 to %d", b.N-1), r)
		}
	}
	if b.Names != nil && len(b.Names) != b.N {
		return nil, desk.BadRequest("names", fmt.Sprintf("%d names", b.N), len(b.Names))
	}
	from, err := a.open(b.Vectors)
	if err != nil {
		return nil, err
	}
	c := &chart{n: b.N, d: b.Dim}
	if b.Rows != nil {
		c.n = len(b.Rows)
	}
	a.drop(b.Map) // its memory is wanted
	if err := c.read(j, from, b.Rows); err != nil {
		return nil, err
	}
	c.nameRows(b.Names, b.Rows)
	equal, err := c.equal(j)
	if err != nil {
		return nil, err
	}
	a.charts[b.Map] = c
	return &protocol.MapOpened{N: c.n, Warnings: c.warnings(equal)}, nil
}

// read takes the rows in, a few hundred kilobytes at a time, and closes the gaps of those that are left out.
func (c *chart) read(j *desk.Job, from io.ReaderAt, pick []int) error {
	const piece = 256 << 10
	each := max(1, piece/(4*c.d))
	if pick != nil {
		each = 1
	}
	buf := make([]byte, 4*c.d*each)
	c.x = make([]float32, c.n*c.d)
	step := j.Stage("read")
	for r := 0; r < c.n; r += each {
		if r%max(1, piece/(4*c.d)) == 0 {
			if err := step(float64(r), float64(c.n)); err != nil {
				return err
			}
		}
		at, count := r, min(each, c.n-r)
		if pick != nil {
			at = pick[r]
		}
		b := buf[:4*c.d*count]
		if k, err := from.ReadAt(b, int64(at)*int64(4*c.d)); k < len(b) {
			return fault.ReadError("vectors", err)
		}
		for i := range count {
			c.take(r+i, b[4*c.d*i:4*c.d*(i+1)])
		}
	}
	c.x = c.x[:c.m*c.d]
	return nil
}

// take adds row r if all its numbers are finite.
func (c *chart) take(r int, b []byte) {
	to := c.x[c.m*c.d : (c.m+1)*c.d]
	zero, finite := true, true
	for k := range to {
		v := math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))
		to[k] = v
		zero, finite = zero && v == 0, finite && v-v == 0
	}
	if !finite && c.in == nil {
		c.leaveOut(r)
	}
	switch {
	case !finite:
		c.in = append(c.in, -1)
		return
	case c.in != nil:
		c.in = append(c.in, int32(c.m))
		c.rows = append(c.rows, int32(r))
	}
	if zero {
		c.zero++
	}
	c.m++
}

// leaveOut begins the lists of who is in; all before row r are.
func (c *chart) leaveOut(r int) {
	c.in, c.rows = make([]int32, r, c.n), make([]int32, r, c.n)
	for i := range r {
		c.in[i], c.rows[i] = int32(i), int32(i)
	}
}

func (c *chart) warnings(equal int) (list []protocol.Warning) {
	for _, w := range []protocol.Warning{
		{Code: "points-not-finite", N: c.n - c.m}, {Code: "points-zero", N: c.zero}, {Code: "points-equal", N: equal}} {
		if w.N > 0 {
			list = append(list, w)
		}
	}
	return list
}

// equal counts the rows that are the same as one before them.
func (c *chart) equal(j *desk.Job) (count int, err error) {
	seed := maphash.MakeSeed()
	type hashed struct {
		hash uint64
		row  int32
	}
	all := make([]hashed, c.m)
	b := make([]byte, 4*c.d)
	for i := range all {
		if i%1024 == 0 {
			if err := j.Yield(); err != nil {
				return 0, err
			}
		}
		for k, v := range c.vector(i) {
			if v == 0 {
				v = 0 // -0 is the same
			}
			binary.LittleEndian.PutUint32(b[4*k:], math.Float32bits(v))
		}
		all[i] = hashed{maphash.Bytes(seed, b), int32(i)}
	}
	slices.SortFunc(all, func(a, b hashed) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.row - b.row)
	})
	for i := 1; i < len(all); i++ { // rows of one hash are as good as surely the same; they are compared none the less
		if a, b := all[i-1], all[i]; a.hash == b.hash && slices.Equal(c.vector(int(a.row)), c.vector(int(b.row))) {
			count++
		}
	}
	return count, nil
}

// vector is one that is in, as given.
func (c *chart) vector(i int) []float32 { return c.x[i*c.d : (i+1)*c.d] }
