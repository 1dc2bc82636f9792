package tsne

import (
	"fmt"
	"math"
)

// Affinities are the joint probabilities P of pairs of near rows: symmetric, their sum 1. They are not changed any more, so that several
// runs may share them.
type Affinities struct {
	N int

	// Each pair stands once, in the row of its lower number: p of (i, col[at]) is val[at] for start[i] <= at < start[i+1]. Rows are filled
	// up to a multiple of four by pairs of i with itself, with p 0.
	start, col []int32
	val        []float32

	negative float64 // the sum of p ln p over all ordered pairs: minus the entropy of P
}

// NewAffinities makes P of the k nearest of n rows (index and dist [n, k]; Euclidean distances), each row's entropy being that of perplexity
// equal neighbours: p_ij = (p_j|i + p_i|j) / 2n (van der Maaten and Hinton 2008, section 2; only of neighbours as in van der Maaten
// 2014, section 4.1, and in scikit-learn's _joint_probabilities_nn). A perplexity above k makes all k alike. Only ratios of distances
// count. It is an error if a distance is negative or not finite, or if an index is no other row.
func NewAffinities(index []int32, dist []float32, n, k int, perplexity float64, step Step) (*Affinities, error) {
	if n < 0 || k < 0 || len(index) != n*k || len(dist) != n*k {
		return nil, fmt.Errorf("tsne: %d indices and %d distances, expected %d x %d", len(index), len(dist), n, k)
	}
	if !(perplexity >= 1) || math.IsInf(perplexity, 1) {
		return nil, fmt.Errorf("tsne: perplexity %g, must be a number from 1 on", perplexity)
	}
	p := &Affinities{N: n}
	if err := p.reserve(index, n, k); err != nil {
		return nil, err
	}
	if step == nil {
		step = func(done, total float64) error { return nil }
	}
	if err := p.fill(index, dist, n, k, log(perplexity), step); err != nil {
		return nil, err
	}
	if err := p.merge(step); err != nil {
		return nil, err
	}
	return p, nil
}

// Writing the pairs of so many rows, or merging them, takes a few milliseconds; merging all takes about a quarter as long as writing all.
const (
	rowsFilled = 256
	rowsMerged = 1024
	fillShare  = 0.8
)

// reserve makes room: each of the k pairs of a row goes to the row of the pair's lower number.
func (p *Affinities) reserve(index []int32, n, k int) error {
	p.start = make([]int32, n+1)
	for at, j := range index {
		i := int32(at / k)
		if j < 0 || int(j) >= n || j == i {
			return fmt.Errorf("tsne: row %d has row %d as a neighbour, of %d rows", i, j, n)
		}
		p.start[min(i, j)+1]++
	}
	sum := int64(0)
	for i := range n {
		sum += int64(p.start[i+1]+3) &^ 3
		if sum > math.MaxInt32 {
			return fmt.Errorf("tsne: %d rows with %d neighbours are too many pairs", n, k)
		}
		p.start[i+1] = int32(sum)
	}
	p.col, p.val = make([]int32, sum), make([]float32, sum)
	return nil
}

// fill writes p_j|i, for j and i both, still apart, and marks the end of what a row has by a column of -1.
func (p *Affinities) fill(index []int32, dist []float32, n, k int, entropy float64, step Step) error {
	next := append([]int32(nil), p.start[:n]...)
	row, more := make([]float64, k), make([]float64, k)
	for i := range n {
		if i%rowsFilled == 0 {
			if err := step(fillShare*float64(i), float64(n)); err != nil {
				return err
			}
		}
		if err := conditional(row, more, dist[i*k:(i+1)*k], entropy); err != nil {
			return fmt.Errorf("tsne: row %d: %w", i, err)
		}
		for t, j := range index[i*k : (i+1)*k] {
			low, high := min(int32(i), j), max(int32(i), j)
			p.col[next[low]], p.val[next[low]] = high, float32(row[t])
			next[low]++
		}
	}
	for i := range n {
		for at := next[i]; at < p.start[i+1]; at++ {
			p.col[at] = -1
		}
	}
	return nil
}

// merge adds the two halves of each pair, packs the rows, and scales to the sum 1.
func (p *Affinities) merge(step Step) error {
	where := make([]int32, p.N) // where the pair with a row was last written
	scale := float32(1 / (2 * float64(max(1, p.N))))
	end := int32(0)
	for i := range p.N {
		if i%rowsMerged == 0 {
			if err := step(fillShare*float64(p.N)+(1-fillShare)*float64(i), float64(p.N)); err != nil {
				return err
			}
		}
		lo, first := end, p.start[i]
		p.start[i] = lo
		for at := first; at < p.start[i+1] && p.col[at] >= 0; at++ {
			j, v := p.col[at], float32(p.val[at]*scale)
			if w := where[j]; w >= lo && w < end && p.col[w] == j {
				p.val[w] += v
				continue
			}
			where[j] = end
			p.col[end], p.val[end] = j, v
			end++
		}
		for _, v := range p.val[lo:end] {
			if v > 0 {
				p.negative += float64(2 * float64(v) * log(float64(v)))
			}
		}
		for ; end%4 != 0; end++ {
			p.col[end], p.val[end] = int32(i), 0
		}
	}
	p.start[p.N] = end
	p.col, p.val = p.col[:end], p.val[:end]
	return nil
}

// The entropy is found to tolerance nats; of distances that do not allow it, in so many steps as nearly as they do.
const (
	tolerance = 1e-7
	mostSteps = 100
)

// conditional writes p_j|i, proportional to exp(-beta d_j²), with the beta that gives them the entropy, by Newton's method, or by halving
// where that leaves the bounds found so far. In more it puts how much larger each d_j² is than the smallest.
func conditional(p, more []float64, dist []float32, entropy float64) error {
	if len(p) == 0 {
		return nil
	}
	nearest := math.Inf(1)
	for _, d := range dist {
		if !(d >= 0) || d > math.MaxFloat32 {
			return fmt.Errorf("distance %g", d)
		}
		nearest = min(nearest, float64(d))
	}
	mean := 0.0
	for j, d := range dist {
		more[j] = float64(float64(d)*float64(d)) - float64(nearest*nearest)
		mean += more[j] / float64(len(p))
	}
	if mean == 0 { // all equally far
		for j := range p {
			p[j] = 1 / float64(len(p))
		}
		return nil
	}
	beta, low, high, sum := 1/mean, 0.0, math.Inf(1), 0.0
	for range mostSteps {
		var first, second float64
		sum = 0
		for j, e := range more {
			x := float64(beta * e)
			w := exp(-x)
			p[j] = w
			sum += w
			x = float64(x * w)
			first += x
			second += float64(x * e)
		}
		first /= sum // the mean of beta e
		diff := log(sum) + first - entropy
		if math.Abs(diff) < tolerance {
			break
		}
		if diff > 0 {
			low = beta
		} else {
			high = beta
		}
		variance := float64(beta*second)/sum - float64(first*first) // of beta e: -d entropy / d ln beta
		next := float64(beta * (1 + diff/variance))
		if !(next > low && next < high) {
			if next = float64((low + high) / 2); math.IsInf(high, 1) {
				next = 2 * beta
			}
		}
		beta = next
	}
	for j := range p {
		p[j] /= sum
	}
	return nil
}
