package atlas

import (
	"math"

	"loupe/engine/desk"
	"loupe/engine/projection"
	"loupe/engine/projection/near"
	"loupe/engine/projection/tsne"
	"loupe/engine/protocol"
)

const (
	components = 50  // whose share of the variance is told
	glanced    = 3   // as many as a map can have dimensions
	quick      = 320 // columns up to which all components are found at once (projection.Principal)
	fixed      = 1   // seed of what is to come out the same whatever the map's seed: components, approximate neighbours
)

// made is what was made of a chart's vectors, each kept until it is asked for otherwise; before it is made anew it is dropped, so that
// there is room.
type made struct {
	vectors struct { // centred, of length 1
		as manner
		x  []float32 // [m, d]; nil: not made. As given they are chart.x
	}
	main struct { // principal components
		of        principalKey
		x         []float32 // [m, count]
		explained []float32
	}
	graph struct { // of neighbours
		of spaceKey
		g  *near.Graph
	}
	tsne  *tsneMap
	exact *exactMap
}

// manner is how vectors are made ready.
type manner struct{ centre, unit bool }

type principalKey struct {
	manner
	count int
}

// spaceKey is what t-SNE's distances depend on: vectors made ready, reduced to so many components (0: not).
type spaceKey struct {
	manner
	components int
}

// ready are the vectors, made ready.
func (c *chart) ready(as manner) []float32 {
	if as == (manner{}) {
		return c.x
	}
	if v := &c.vectors; v.x == nil || v.as != as {
		v.x = nil
		v.as, v.x = as, near.Ready(c.x, c.m, c.d, as.centre, as.unit)
	}
	return c.vectors.x
}

// principal are the first principal components [m, count] and the share of the variance of each.
func (c *chart) principal(j *desk.Job, as manner, count int) (x, explained []float32, err error) {
	key := principalKey{as, count}
	if p := &c.main; p.x == nil || p.of != key {
		p.x = nil
		x, explained, err := projection.Principal(c.ready(as), c.m, c.d, count, fixed, j.Stage("components"))
		if err != nil {
			return nil, nil, err
		}
		p.of, p.x, p.explained = key, x, explained
	}
	return c.main.x, c.main.explained, nil
}

// spaceOf says between which vectors t-SNE takes distances. It knows Euclidean ones only; by the cosine, vectors are made of length 1
// first, so that |a-b|² = 2 - 2 cos(a, b). A zero vector has no direction: it stays, at the same distance from all.
func (c *chart) spaceOf(l *protocol.Layout) spaceKey {
	k := spaceKey{manner{l.Centre, l.Unit || l.Metric == "cosine"}, l.Components}
	if k.components >= c.d {
		k.components = 0
	}
	return k
}

// space are those vectors [m, width], with their first three principal components and the share of the variance that they keep.
type space struct {
	x         []float32
	width     int
	first     []float32 // [m, count]
	count     int
	explained []float32
	kept      float32
}

func (c *chart) space(j *desk.Job, k spaceKey) (*space, error) {
	count := max(k.components, min(components, c.d))
	x, explained, err := c.principal(j, k.manner, count)
	if err != nil {
		return nil, err
	}
	s := &space{first: x, count: count, explained: explained[:min(components, len(explained))], kept: 1}
	switch k.components {
	case 0:
		s.x, s.width = c.ready(k.manner), c.d
		return s, nil
	case count:
		s.x = x
	default:
		s.x = columns(x, count, k.components)
	}
	if c.vectors.as == k.manner { // they were wanted for their components only
		c.vectors.x = nil
	}
	s.width, s.kept = k.components, 0
	for _, share := range explained[:min(k.components, len(explained))] {
		s.kept += share
	}
	return s, nil
}

// glance is space for the places to begin with, of which only the first components are to be found where finding all takes seconds.
func (c *chart) glance(j *desk.Job, k spaceKey) (*space, error) {
	if key := (principalKey{k.manner, max(k.components, min(components, c.d))}); c.d <= quick || c.main.x != nil && c.main.of == key {
		return c.space(j, k)
	}
	x, explained, err := c.principal(j, k.manner, glanced)
	if err != nil {
		return nil, err
	}
	return &space{first: x, count: glanced, explained: explained, kept: 1}, nil
}

// columns are the first of each row's numbers.
func columns(x []float32, width, first int) []float32 {
	out := make([]float32, len(x)/width*first)
	for i := range len(x) / width {
		copy(out[i*first:(i+1)*first], x[i*width:])
	}
	return out
}

// perplexity is what a layout's can be: three times as many neighbours have to be there.
func (c *chart) perplexity(l *protocol.Layout) float64 {
	return min(l.Perplexity, max(1, float64(c.m-1)/3))
}

// affinities makes P for a perplexity, of three times as many neighbours.
func (c *chart) affinities(j *desk.Job, k spaceKey, s *space, perplexity float64) (*tsne.Affinities, error) {
	g, err := c.neighbours(j, k, s, min(c.m-1, int(math.Round(3*perplexity))))
	if err != nil {
		return nil, err
	}
	return tsne.NewAffinities(g.Index, g.Dist, g.N, g.K, perplexity, j.Stage("affinities"))
}

// neighbours are the k nearest of each row. Of an exact graph with more the first are taken, so that what comes out does not depend on
// what was asked for before.
func (c *chart) neighbours(j *desk.Job, key spaceKey, s *space, k int) (*near.Graph, error) {
	h := &c.graph
	if g := h.g; g != nil && h.of == key {
		switch {
		case g.K == k:
			return g, nil
		case g.K > k && g.Recall == 0:
			return cut(g, k), nil
		}
	}
	h.g = nil
	g, err := near.Nearest(s.x, c.m, s.width, k, near.Euclidean, fixed, j.Stage("neighbours"))
	if err != nil {
		return nil, err
	}
	h.of, h.g = key, g
	return g, nil
}

func cut(g *near.Graph, k int) *near.Graph {
	out := &near.Graph{N: g.N, K: k, Index: make([]int32, 0, g.N*k), Dist: make([]float32, 0, g.N*k)}
	for i := range g.N {
		out.Index = append(out.Index, g.Index[i*g.K:i*g.K+k]...)
		out.Dist = append(out.Dist, g.Dist[i*g.K:i*g.K+k]...)
	}
	return out
}

// spreadOf is the standard deviation of column 0 of x [n, width].
func spreadOf(x []float32, width int) float64 {
	var sum, squares float64
	n := float64(len(x) / width)
	for i := 0; i < len(x); i += width {
		sum += float64(x[i])
		squares += float64(x[i]) * float64(x[i])
	}
	return math.Sqrt(max(0, squares/n-sum/n*(sum/n)))
}
