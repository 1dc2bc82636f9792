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
	switch {
	case !s.HasValues():
		return nil, errors.New("match: Near: only bits are kept")
	case lo < 0 || hi > s.units || lo >= hi || len(q) != hi-lo:
		return nil, fmt.Errorf("match: Near: %d numbers for units %d to %d of %d", len(q), lo, hi, s.units)
	case metric != "cosine" && metric != "euclidean" && metric != "dot":
		return nil, fmt.Errorf("match: Near: no metric %q", metric)
	}
	n := &nearest{Store: s, q: make([]float32, hi-lo), x: make([]float32, hi-lo), lo: lo, metric: metric}
	for i, v := range q {
		n.q[i] = tensor.F16ToF32(half(v))
	}
	upto = min(upto, s.n)
	if k < 1 || upto < 1 {
		return nil, nil
	}
	return n.best(upto, k, yield)
}

// nearest is the work of Near. Far is what is least for the nearest token: minus the cosine or the product, or the squared distance.
type nearest struct {
	*Store
	q, x    []float32 // x: a token's units
	lo      int
	metric  string
	largest float32 // of the products of a token's size and that of q: by a part of it products are off
}

func (n *nearest) best(upto, k int, yield func() error) ([]Near, error) {
	p := pace{yield: yield}
	far := make([]float32, upto)
	size := float32(math.Sqrt(float64(tensor.Dot(n.q, n.q))))
	for t := range far {
		far[t] = n.far(t, size)
		if err := p.after(len(n.q)/2 + 100); err != nil {
			return nil, err
		}
	}
	// A sum of m products in float32 is off by at most about m 2^-24 of what their sizes sum to (Higham 2002, section 3.1); here
	// m is the number of units and a few for the roots, the quotient and the differences.
	slack := float32(len(n.q)+16) * 0x1p-23
	var found []Near
	for t, limit := 0, n.limit(far, k, slack); t < upto; t++ {
		if !(n.least(far[t], slack) <= limit) {
			continue
		}
		if score := n.score(t); score == score {
			found = append(found, Near{t, score})
		}
		if err := p.after(2*len(n.q) + 100); err != nil {
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

// far is how far token t is, in float32. size is that of q.
func (n *nearest) far(t int, size float32) float32 {
	n.units(t)
	if n.metric == "euclidean" {
		tensor.Axpy(n.x, -1, n.q)
		return tensor.Dot(n.x, n.x)
	}
	product, own := tensor.Dot(n.x, n.q), float32(math.Sqrt(float64(tensor.Dot(n.x, n.x))))*size
	switch {
	case own == 0:
		return 0
	case n.metric == "dot":
		if own > n.largest { // not NaN
			n.largest = own
		}
		return -product
	}
	return -product / own
}

// limit is what the k nearest are at most; NaN are not counted.
func (n *nearest) limit(far []float32, k int, slack float32) float32 {
	var nearest []float32 // ascending
	for _, v := range far {
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
		return nearest[k-1] + slack*n.largest
	}
	return nearest[k-1] * (1 + slack)
}

// least is what far may be without rounding.
func (n *nearest) least(far, slack float32) float32 {
	switch n.metric {
	case "cosine":
		return far - slack
	case "dot":
		return far - slack*n.largest
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

// score is the cosine or the distance of token t, in float64.
func (n *nearest) score(t int) float64 {
	n.units(t)
	var product, x2, q2, d2 float64
	for i, v := range n.x {
		x, q := float64(v), float64(n.q[i])
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
