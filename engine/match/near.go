package match

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"loupe/engine/tensor"
)

// Near is a token and how near it is.
type Near struct {
	Pos   int
	Score float64
}

// Near lists the k tokens before upto whose units lo to hi are most like q, best first, ties by position. metric: "cosine" (score: cosine,
// larger is nearer), "dot" (score: the inner product, larger is nearer) or "euclidean" (score: distance). Exact on the values that are kept: products in float32 say which tokens may be among the k, with a bound
// for their rounding, and those are compared in float64. q is rounded as what is kept, so that a state is at no distance from itself. A
// cosine with a vector of zeros is 0; tokens with NaN are left out.
func (s *Store) Near(q []float32, lo, hi, upto, k int, metric string, yield func() error) ([]Near, error) {
	lists, err := s.NearAll([][]float32{q}, lo, hi, upto, k, metric, yield)
	if err != nil {
		return nil, err
	}
	return lists[0], nil
}

// farRoom is how many distances are held at a time. A test has less.
var farRoom = 8 << 20

// NearAll is Near for several vectors: a list of each. What is kept is read once for as many of them as there is room for the distances of.
func (s *Store) NearAll(qs [][]float32, lo, hi, upto, k int, metric string, yield func() error) ([][]Near, error) {
	switch {
	case !s.HasValues():
		return nil, errors.New("match: Near: only bits are kept")
	case lo < 0 || hi > s.units || lo >= hi:
		return nil, fmt.Errorf("match: Near: units %d to %d of %d", lo, hi, s.units)
	case metric != "cosine" && metric != "euclidean" && metric != "dot":
		return nil, fmt.Errorf("match: Near: no metric %q", metric)
	}
	n := &nearest{Store: s, x: make([]float32, hi-lo), less: make([]float32, hi-lo), lo: lo, metric: metric, p: pace{yield: yield}}
	for _, q := range qs {
		if len(q) != hi-lo {
			return nil, fmt.Errorf("match: Near: %d numbers for units %d to %d of %d", len(q), lo, hi, s.units)
		}
		own := query{q: make([]float32, hi-lo)}
		for i, v := range q {
			own.q[i] = tensor.F16ToF32(half(v))
		}
		own.size = float32(math.Sqrt(float64(tensor.Dot(own.q, own.q))))
		n.queries = append(n.queries, own)
	}
	upto = min(upto, s.n)
	if k < 1 || upto < 1 {
		return make([][]Near, len(qs)), nil
	}
	return n.best(upto, k)
}

// nearest is the work of NearAll.
type nearest struct {
	*Store
	queries []query
	x, less []float32 // a token's units; and those less a query's
	lo      int
	metric  string
	p       pace
}

// query is one vector. far is what is least for the nearest token: minus the cosine or the product, or the squared distance.
type query struct {
	q, far  []float32
	size    float32
	largest float32 // of the products of a token's size and that of q: by a part of it products are off
}

func (n *nearest) best(upto, k int) (lists [][]Near, err error) {
	each := min(len(n.queries), max(1, farRoom/upto))
	room := make([]float32, each*upto)
	for from := 0; from < len(n.queries); from += each {
		some := n.queries[from:min(from+each, len(n.queries))]
		for i := range some {
			some[i].far = room[i*upto : (i+1)*upto]
		}
		for t := range upto {
			n.measure(some, t)
			if err := n.p.after(len(some)*len(n.x)/4 + len(n.x)/4 + 100); err != nil {
				return nil, err
			}
		}
		for i := range some {
			list, err := n.list(&some[i], k)
			if err != nil {
				return nil, err
			}
			lists = append(lists, list)
		}
	}
	return lists, nil
}

// list are the k nearest of a query of which all distances are known in float32.
func (n *nearest) list(q *query, k int) ([]Near, error) {
	// A sum of m products in float32 is off by at most about m 2^-24 of what their sizes sum to (Higham 2002, section 3.1); here
	// m is the number of units and a few for the roots, the quotient and the differences.
	slack := float32(len(q.q)+16) * 0x1p-23
	var found []Near
	limit := n.limit(q, k, slack)
	for t, far := range q.far {
		if !(n.least(q, far, slack) <= limit) {
			continue
		}
		if score := n.score(q.q, t); score == score {
			found = append(found, Near{t, score})
		}
		if err := n.p.after(2*len(q.q) + 100); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found, func(a, b Near) int {
		if n.metric != "euclidean" {
			a, b = b, a
		}
		return cmp.Compare(a.Score, b.Score)
	})
	return found[:min(k, len(found))], nil
}

// measure is how far token t is from each of some queries, in float32.
func (n *nearest) measure(some []query, t int) {
	n.units(t)
	own := float32(0)
	if n.metric != "euclidean" {
		own = float32(math.Sqrt(float64(tensor.Dot(n.x, n.x))))
	}
	for i := range some {
		some[i].far[t] = n.far(&some[i], own, i == len(some)-1)
	}
}

// far is how far the token that was read is from a query. own is its size; last: its units are not wanted any more.
func (n *nearest) far(q *query, own float32, last bool) float32 {
	if n.metric == "euclidean" {
		x := n.x
		if !last {
			x = n.less
			copy(x, n.x)
		}
		tensor.Axpy(x, -1, q.q)
		return tensor.Dot(x, x)
	}
	product, sizes := tensor.Dot(n.x, q.q), own*q.size
	switch {
	case sizes == 0:
		return 0
	case n.metric == "dot":
		if sizes > q.largest { // not NaN
			q.largest = sizes
		}
		return -product
	}
	return -product / sizes
}

// limit is what the k nearest are at most; NaN are not counted.
func (n *nearest) limit(q *query, k int, slack float32) float32 {
	var nearest []float32 // ascending
	for _, v := range q.far {
		if v == v && (len(nearest) < k || v < nearest[k-1]) {
			i, _ := slices.BinarySearch(nearest, v)
			nearest = slices.Insert(nearest, i, v)
			nearest = nearest[:min(k, len(nearest))]
		}
	}
	switch {
	case len(nearest) < k:
		return float32(math.Inf(1))
	case n.metric == "cosine":
		return nearest[k-1] + slack
	case n.metric == "dot":
		return nearest[k-1] + slack*q.largest
	}
	return nearest[k-1] * (1 + slack)
}

// least is what far may be without rounding.
func (n *nearest) least(q *query, far, slack float32) float32 {
	switch n.metric {
	case "cosine":
		return far - slack
	case "dot":
		return far - slack*q.largest
	}
	return far * (1 - slack)
}

// units reads the units of token t that are asked for.
func (n *nearest) units(t int) {
	row, hi := n.row(t), n.lo+len(n.x)
	for _, p := range n.parts {
		from, to := max(n.lo, p.first), min(hi, p.first+p.units)
		if from < to {
			widen(n.x[from-n.lo:to-n.lo], row[p.at+from-p.first:])
		}
	}
}

// score is the cosine, the product or the distance of token t, in float64.
func (n *nearest) score(own []float32, t int) float64 {
	n.units(t)
	var product, x2, q2, d2 float64
	for i, v := range n.x {
		x, q := float64(v), float64(own[i])
		product, x2, q2, d2 = product+x*q, x2+x*x, q2+q*q, d2+(x-q)*(x-q)
	}
	switch {
	case n.metric == "euclidean":
		return math.Sqrt(d2)
	case n.metric == "dot":
		return product
	case x2 == 0 || q2 == 0:
		return 0 * product
	}
	return product / math.Sqrt(x2) / math.Sqrt(q2)
}
