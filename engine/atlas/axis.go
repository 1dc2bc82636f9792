package atlas

import (
	"math"
	"slices"

	"loupe/engine/desk"
	"loupe/engine/projection/near"
	"loupe/engine/protocol"
)

// mean is the mean of rows.
func mean(x []float32, d int, rows []int) []float64 {
	m := make([]float64, d)
	for _, i := range rows {
		for k, v := range x[i*d : (i+1)*d] {
			m[k] += float64(v) / float64(len(rows))
		}
	}
	return m
}

// axis is a direction in the space, from the mean of some rows to that of others; from the origin where there are none to begin with.
type axis struct {
	from, along []float64
	length      float64 // |along|
}

// smallest is how long an axis is, to the vectors whose difference it is, before it is the rounding of float32 only.
const smallest = 1e-6

// newAxis is the axis between rows that are in. code says why there is none: "axis-empty", nothing is at its end, or "axis-zero", both
// ends are the same.
func newAxis(x []float32, d int, from, to []int) (a axis, code string) {
	if len(to) == 0 {
		return a, "axis-empty"
	}
	a.from, a.along = mean(x, d, from), mean(x, d, to)
	var size, squares float64
	for k := range a.along {
		size += a.from[k]*a.from[k] + a.along[k]*a.along[k]
		a.along[k] -= a.from[k]
		squares += a.along[k] * a.along[k]
	}
	if squares <= smallest*smallest*size {
		return a, "axis-zero"
	}
	a.length = math.Sqrt(squares)
	return a, ""
}

// axisOf is newAxis between rows of which some may be left out; "axis-empty" also where all of its beginning are.
func (c *chart) axisOf(x []float32, from, to []int) (a axis, code string, err error) {
	begin, err := c.indices("from", from)
	if err != nil {
		return a, "", err
	}
	end, err := c.indices("to", to)
	if err != nil {
		return a, "", err
	}
	if len(from) > 0 && len(begin) == 0 {
		return a, "axis-empty", nil
	}
	a, code = newAxis(x, c.d, begin, end)
	return a, code, nil
}

// at is how far a vector lies on the axis, from its beginning, in units of the space.
func (a *axis) at(v []float32) float64 {
	var s float64
	for k, w := range a.along {
		s += (float64(v[k]) - a.from[k]) * w
	}
	return s / a.length
}

// axis places every row on an axis.
func (a *Atlas) axis(_ *desk.Job, b protocol.MapAxis) (*protocol.Array, error) {
	c, err := a.chart(b.Map)
	if err != nil {
		return nil, err
	}
	x := c.ready(manner{b.Centre, b.Unit})
	ax, code, err := c.axisOf(x, b.From, b.To)
	if err != nil {
		return nil, err
	}
	if code != "" {
		return nil, &protocol.Error{Code: code, Detail: "atlas: " + code}
	}
	out := make([]float32, c.m)
	for i := range out {
		v := x[i*c.d : (i+1)*c.d]
		if len(b.From) > 0 {
			out[i] = float32(ax.at(v) / ax.length)
		} else if l := length(v); l > 0 {
			out[i] = float32(ax.at(v) / l)
		}
	}
	return &protocol.Array{Shape: []int{c.n}, Data: c.spread(out, 1)}, nil
}

// axes places rows on axes of one's own, in units of the space. On an axis that is none all rows are at 0, which a warning says: its
// What is the axis's number, from 1.
func (c *chart) axes(b *protocol.MapStep, f *protocol.MapFrame) error {
	l := &b.Layout
	x := c.ready(manner{l.Centre, l.Unit})
	y := make([]float32, c.m*f.Dims)
	for k := range f.Dims {
		ends := [2][]int{}
		if k < len(l.Axes) {
			ends = l.Axes[k]
		}
		ax, code, err := c.axisOf(x, ends[0], ends[1])
		if err != nil {
			return err
		}
		if code != "" {
			f.Warnings = append(f.Warnings, protocol.Warning{Code: code, What: "xyz"[k : k+1], N: k + 1})
			continue
		}
		for i := range c.m {
			y[i*f.Dims+k] = float32(ax.at(x[i*c.d : (i+1)*c.d]))
		}
	}
	c.put(y, f.Dims)
	f.Done = true
	return nil
}

// sets compares two sets of rows.
func (a *Atlas) sets(_ *desk.Job, b protocol.MapSets) (*protocol.MapSetsResult, error) {
	c, err := a.chart(b.Map)
	if err != nil {
		return nil, err
	}
	one, err := c.indices("a", b.A)
	if err != nil {
		return nil, err
	}
	two, err := c.indices("b", b.B)
	if err != nil {
		return nil, err
	}
	if len(one) == 0 || len(two) == 0 {
		return nil, desk.BadRequest("a, b", "a row in each", "none")
	}
	x := c.ready(manner{b.Centre, b.Unit})
	r := &protocol.MapSetsResult{TowardsA: []int{}, TowardsB: []int{}, Separation: .5}
	r.WithinA, r.WithinB, r.Between = cosines(x, c.d, one, one), cosines(x, c.d, two, two), cosines(x, c.d, one, two)
	r.Means = float32(cosine(mean(x, c.d, one), mean(x, c.d, two)))
	ax, code := newAxis(x, c.d, one, two)
	if code != "" { // their means are the same: nothing tells them apart
		return r, nil
	}
	r.Separation = float32(area(ax.all(x, c.d, one), ax.all(x, c.d, two)))
	q := make([]float32, c.d)
	for _, side := range []struct {
		sign float64
		to   *[]int
	}{{-1, &r.TowardsA}, {1, &r.TowardsB}} {
		for k, v := range ax.along {
			q[k] = float32(side.sign * v / ax.length)
		}
		rows, _ := near.Top(x, c.m, c.d, q, near.Dot, max(0, min(b.K, c.m)), nil)
		*side.to = c.toRows(rows)
	}
	return r, nil
}

func (a *axis) all(x []float32, d int, rows []int) []float64 {
	out := make([]float64, len(rows))
	for k, i := range rows {
		out[k] = a.at(x[i*d : (i+1)*d])
	}
	return out
}

// cosines is the mean cosine of pairs of different rows, one of each set: the inner product of the sums of both sets' directions, without that
// of each row with itself. It is 0 where there is no pair.
func cosines(x []float32, d int, one, two []int) float32 {
	a, b := directions(x, d, one), directions(x, d, two)
	var total float64
	for k := range a {
		total += a[k] * b[k]
	}
	pairs := len(one) * len(two)
	other := map[int]int{}
	for _, i := range two {
		other[i]++
	}
	for _, i := range one {
		pairs -= other[i]
		if length(x[i*d:(i+1)*d]) > 0 {
			total -= float64(other[i])
		}
	}
	if pairs == 0 {
		return 0
	}
	return float32(total / float64(pairs))
}

// directions is the sum of rows, each of length 1; a zero vector has none.
func directions(x []float32, d int, rows []int) []float64 {
	total := make([]float64, d)
	for _, i := range rows {
		v := x[i*d : (i+1)*d]
		l := length(v)
		for k := range v {
			if l > 0 {
				total[k] += float64(v[k]) / l
			}
		}
	}
	return total
}

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for k := range a {
		ab, aa, bb = ab+a[k]*b[k], aa+a[k]*a[k], bb+b[k]*b[k]
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// area is that under the ROC curve: how often a number of b is larger than one of a, equal ones by half (Mann and Whitney 1947).
func area(a, b []float64) float64 {
	slices.Sort(a)
	wins := 0.0
	for _, v := range b {
		below, _ := slices.BinarySearch(a, v)
		upTo, _ := slices.BinarySearch(a, math.Nextafter(v, math.Inf(1)))
		wins += float64(below) + float64(upTo-below)/2
	}
	return wins / float64(len(a)) / float64(len(b))
}
