package atlas

import (
	"fmt"
	"math"
	"slices"

	"loupe/engine/desk"
	"loupe/engine/projection/near"
	"loupe/engine/protocol"
)

// metricOf reads a metric's name.
func metricOf(name string) (near.Metric, error) {
	m := near.Metric(name)
	if m != near.Cosine && m != near.Euclidean && m != near.Dot {
		return "", desk.BadRequest("metric", "cosine, euclidean or dot", name)
	}
	return m, nil
}

// near finds the rows nearest to a sum of rows, in the space and on the map. A sum with a row that is left out has no nearest.
func (a *Atlas) near(_ *desk.Job, b protocol.MapNear) (*protocol.MapNearResult, error) {
	c, err := a.chart(b.Map)
	if err != nil {
		return nil, err
	}
	metric, err := metricOf(b.Metric)
	if err != nil {
		return nil, err
	}
	terms := make([]int, len(b.Terms))
	for k, t := range b.Terms {
		terms[k] = t.Row
	}
	own, err := c.indices("terms", terms)
	if err != nil || len(own) < len(terms) || len(own) == 0 {
		return &protocol.MapNearResult{Rows: []int{}}, err
	}
	x := c.ready(manner{b.Centre, b.Unit})
	q := sum(x, c.d, own, b.Terms, metric)
	r := &protocol.MapNearResult{Norm: float32(length(q))}
	except := func(i int) bool { return slices.Contains(own, i) }
	k := max(0, min(b.K, c.m))
	if c.places == nil || b.Iter < 0 {
		rows, values := near.Top(x, c.m, c.d, q, metric, k, except)
		r.Rows, r.Values = c.toRows(rows), values
		return r, nil
	}
	order, values := near.Top(x, c.m, c.d, q, metric, c.m, except)
	at := c.places[own[0]*c.dims : (own[0]+1)*c.dims]
	mapOrder, mapValues := near.Top(c.places, c.m, c.dims, at, near.Euclidean, c.m, except)
	k = min(k, len(order))
	r.MapRanks, r.SpaceRanks = ranks(order[:k], mapOrder, c.m), ranks(mapOrder[:k], order, c.m)
	kept := 0
	for _, rank := range r.MapRanks {
		if rank <= k {
			kept++
		}
	}
	r.Kept = float32(kept) / float32(max(1, k))
	r.Rows, r.Values = c.toRows(slices.Clone(order[:k])), slices.Clone(values[:k])
	r.MapRows, r.MapValues = c.toRows(slices.Clone(mapOrder[:k])), slices.Clone(mapValues[:k])
	return r, nil
}

// sum adds rows by their weights, for the cosine each of length 1.
func sum(x []float32, d int, rows []int, terms []protocol.Term, metric near.Metric) []float32 {
	total := make([]float64, d)
	for k, i := range rows {
		v, w := x[i*d:(i+1)*d], terms[k].Weight
		if l := length(v); metric == near.Cosine && l > 0 {
			w /= l
		}
		for j := range v {
			total[j] += w * float64(v[j])
		}
	}
	q := make([]float32, d)
	for j, v := range total {
		q[j] = float32(v)
	}
	return q
}

// length is |v|.
func length(v []float32) float64 {
	var s float64
	for _, a := range v {
		s += float64(a) * float64(a)
	}
	return math.Sqrt(s)
}

// ranks are the places of some rows in an order of all, from 1.
func ranks(some, order []int, n int) []int {
	at := make([]int32, n)
	for k, i := range order {
		at[i] = int32(k + 1)
	}
	out := make([]int, len(some))
	for k, i := range some {
		out[k] = int(at[i])
	}
	return out
}

// table lists the nearest of every row, exactly. A row that is left out, and a neighbour that is not there, are NaN.
func (a *Atlas) table(j *desk.Job, b protocol.MapTable) (*protocol.MapTableResult, error) {
	c, err := a.chart(b.Map)
	if err != nil {
		return nil, err
	}
	metric, err := metricOf(b.Metric)
	if err != nil {
		return nil, err
	}
	k := min(b.K, c.m-1)
	if b.K < 1 {
		return nil, desk.BadRequest("k", "1 or more", b.K)
	}
	x := c.ready(manner{b.Centre, b.Unit})
	if b.Rows == nil && k > 0 {
		g, err := near.Exact(x, c.m, c.d, k, metric, j.Stage("neighbours"))
		if err != nil {
			return nil, err
		}
		return c.tableOf(g, metric), nil
	}
	r := &protocol.MapTableResult{K: max(0, k)}
	step := j.Stage("neighbours")
	for n, row := range b.Rows {
		if err := step(float64(n), float64(len(b.Rows))); err != nil {
			return nil, err
		}
		if row < 0 || row >= c.n {
			return nil, desk.BadRequest("rows", fmt.Sprintf("rows 0 to %d", c.n-1), row)
		}
		i := c.index(row)
		for range r.K {
			r.Rows, r.Values = append(r.Rows, float32(math.NaN())), append(r.Values, float32(math.NaN()))
		}
		if i < 0 {
			continue
		}
		rows, values := near.Top(x, c.m, c.d, x[i*c.d:(i+1)*c.d], metric, r.K, func(o int) bool { return o == i })
		for at, o := range rows {
			r.Rows[n*r.K+at] = float32(c.row(o))
		}
		copy(r.Values[n*r.K:], values)
	}
	return r, nil
}

// tableOf is a graph as a table: values as near.Top has them.
func (c *chart) tableOf(g *near.Graph, metric near.Metric) *protocol.MapTableResult {
	rows, values := make([]float32, len(g.Index)), make([]float32, len(g.Dist))
	for at, o := range g.Index {
		rows[at], values[at] = float32(c.row(int(o))), valueOf(g.Dist[at], metric)
	}
	return &protocol.MapTableResult{K: g.K, Rows: c.spread(rows, g.K), Values: c.spread(values, g.K)}
}

// valueOf is the cosine or the product of a distance in a graph.
func valueOf(dist float32, metric near.Metric) float32 {
	switch metric {
	case near.Cosine:
		return 1 - dist
	case near.Dot:
		return -dist
	}
	return dist
}
