package tsne

import (
	"fmt"
	"math"
	"slices"
)

// What openTSNE's transform has (Policar, Strazar and Zupan 2019: Embedding to reference t-SNE space addresses batch effects in single-cell
// classification): each row sees few neighbours, and takes small steps.
const (
	landPerplexity   = 5
	landShare        = 1. / 6 // of the map's perplexity, of smaller maps than those with 30
	landIterations   = 250
	landExaggeration = 1.5
	landRate         = .1
	landMomentum     = .8
	landGradient     = .25 // no longer than this: a row may begin upon another, which thrusts it away
)

// LandPerplexity is that by which rows land on a map of a perplexity, and how many neighbours each of them needs for it.
func LandPerplexity(perplexity float64) (p float64, near int) {
	p = min(landPerplexity, max(1, landShare*perplexity))
	return p, int(math.Round(3 * p))
}

// Land places other rows among the rows of a map, which stay where they are, y [n, dims]: index and dist [m, k] are the nearest of n of each of the m other
// rows, nearest first (Euclidean distances; as many as LandPerplexity says, or all). Each begins at the median of its neighbours' places. If descend, it then goes
// down the gradient of its own divergence from the map: KL(P_i||Q_i), with p_j|i of its neighbours and q_j|i over all rows. The other rows do not see each
// other, so that each lands where it would land alone. The result is [m, dims].
func Land(y []float32, n, dims int, index []int32, dist []float32, k int, perplexity float64, descend bool, step Step) ([]float32, error) {
	if n < 1 || k < 1 || dims != 2 && dims != 3 || len(y) != n*dims || len(index) != len(dist) || len(index)%k != 0 || slices.ContainsFunc(index, func(j int32) bool { return j < 0 || int(j) >= n }) {
		return nil, fmt.Errorf("tsne: %d places, %d neighbours and %d distances of %d rows", len(y), len(index), len(dist), n)
	}
	m := len(index) / k
	out := make([]float32, 0, m*dims)
	l := &landing{y: y, dims: dims, p: make([]float64, k), more: make([]float64, k)}
	for i := range m {
		l.near = index[i*k : (i+1)*k]
		l.begin()
		if descend {
			if step != nil {
				if err := step(float64(i), float64(m)); err != nil {
					return nil, err
				}
			}
			if err := conditional(l.p, l.more, dist[i*k:(i+1)*k], log(perplexity)); err != nil {
				return nil, fmt.Errorf("tsne: row %d: %w", i, err)
			}
			l.descend(landIterations)
		}
		for _, v := range l.at[:dims] {
			out = append(out, float32(v))
		}
	}
	return out, nil
}

// landing is the descent of one row.
type landing struct {
	y        []float32
	dims     int
	near     []int32
	p, more  []float64 // of the neighbours
	at, grad [3]float64
}

// begin puts the row at the median of its neighbours.
func (l *landing) begin() {
	list := make([]float64, len(l.near))
	for d := range l.dims {
		for i, j := range l.near {
			list[i] = float64(l.y[int(j)*l.dims+d])
		}
		slices.Sort(list)
		h := len(list) / 2
		if l.at[d] = list[h]; len(list)%2 == 0 {
			l.at[d] = (list[h-1] + list[h]) / 2
		}
	}
}

// descend goes down the gradient, with a gain for each coordinate (Jacobs 1988) as openTSNE has it.
func (l *landing) descend(iterations int) {
	gains, last := [3]float64{1, 1, 1}, [3]float64{}
	for range iterations {
		l.gradient()
		size := 0.0
		for _, g := range l.grad[:l.dims] {
			size += float64(g * g)
		}
		shorter := min(1, landGradient/(math.Sqrt(size)+1e-6))
		for d, g := range l.grad[:l.dims] {
			g *= shorter
			if g > 0 && last[d] > 0 || g < 0 && last[d] < 0 || g == 0 && last[d] == 0 {
				gains[d] = float64(gains[d]*.8) + .01
			} else {
				gains[d] += .2
			}
			last[d] = float64(landMomentum*last[d]) - float64(landRate*float64(gains[d]*g))
			l.at[d] += last[d]
		}
	}
}

// gradient is that of KL(P_i||Q_i) but for a factor: sum_j of p w (y - y_j), exaggerated, less that of w² (y - y_j) over the sum of all w, with
// w = 1 / (1 + |y - y_j|²).
func (l *landing) gradient() {
	var away, grad [3]float64
	sum := 0.0
	for j := 0; j < len(l.y); j += l.dims {
		x, y, z, w := l.from(j)
		sum += w
		w *= w
		away[0] += float64(w * x)
		away[1] += float64(w * y)
		away[2] += float64(w * z)
	}
	for i, j := range l.near {
		x, y, z, w := l.from(int(j) * l.dims)
		w *= float64(landExaggeration * l.p[i])
		grad[0] += float64(w * x)
		grad[1] += float64(w * y)
		grad[2] += float64(w * z)
	}
	for d := range l.dims {
		l.grad[d] = grad[d] - away[d]/sum
	}
}

// from is where the row is from the place at l.y[j:], and the kernel of that; a third dimension that is not there is 0.
func (l *landing) from(j int) (x, y, z, w float64) {
	x, y = l.at[0]-float64(l.y[j]), l.at[1]-float64(l.y[j+1])
	if l.dims == 3 {
		z = l.at[2] - float64(l.y[j+2])
	}
	return x, y, z, 1 / (1 + float64(x*x) + float64(y*y) + float64(z*z))
}
