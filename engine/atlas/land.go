package atlas

import (
	"fmt"

	"loupe/engine/desk"
	"loupe/engine/fault"
	"loupe/engine/projection"
	"loupe/engine/projection/near"
	"loupe/engine/projection/tsne"
	"loupe/engine/protocol"
)

// guests are rows that land on a map by t-SNE, and which of its rows they are near.
type guests struct {
	chart // their vectors
	nth   int
	of    spaceKey
	k     int // neighbours of each; 0: not looked for yet
	index []int32
	dist  []float32
}

// land takes other rows in, in place of those that were.
func (a *Atlas) land(j *desk.Job, b protocol.MapLand) (*protocol.MapOpened, error) {
	c, err := a.chart(b.Map)
	if err != nil {
		return nil, err
	}
	if b.N < 0 || int64(b.N)*int64(c.d)*4 != b.Vectors.Size {
		return nil, desk.BadRequest("vectors", fmt.Sprintf("%d times %d numbers of 4 bytes", b.N, c.d), fault.Bytes(b.Vectors.Size))
	}
	if c.guests = nil; b.N == 0 {
		return &protocol.MapOpened{}, nil
	}
	from, err := a.open(b.Vectors)
	if err != nil {
		return nil, err
	}
	g := &guests{chart: chart{n: b.N, d: c.d}, nth: b.Nth}
	if err := g.read(j, from, nil); err != nil {
		return nil, err
	}
	c.guests = g
	return &protocol.MapOpened{N: b.N, Warnings: g.warnings(0)}, nil
}

// settle says in a frame where the guests are: while the map moves, amid their neighbours; once it is done, where they land.
func (c *chart) settle(j *desk.Job, l *protocol.Layout, f *protocol.MapFrame) error {
	g := c.guests
	if g == nil || f.Iter == 0 && !f.Done || l.Method != "tsne" && l.Method != "exact" {
		return nil
	}
	perplexity, k := tsne.LandPerplexity(f.Perplexity)
	if key := c.spaceOf(l); g.k != min(c.m, k) || g.of != key {
		if err := g.seek(j, c, key, min(c.m, k)); err != nil {
			return err
		}
	}
	places, err := tsne.Land(c.places, c.m, c.dims, g.index, g.dist, g.k, perplexity, f.Done, func(_, _ float64) error { return j.Yield() })
	if err != nil {
		return err
	}
	f.Landed, f.Nth = g.spread(places, c.dims), g.nth
	return nil
}

// seek finds the nearest rows of each guest, between the vectors that t-SNE takes distances of.
func (g *guests) seek(j *desk.Job, c *chart, key spaceKey, k int) error {
	s, err := c.space(j, key)
	if err != nil {
		return err
	}
	x, err := g.among(c, key, s)
	if err != nil {
		return err
	}
	g.of, g.k, g.index, g.dist = key, k, nil, nil
	for i := range g.m {
		if err := j.Yield(); err != nil {
			g.k = 0
			return err
		}
		rows, far := near.Top(s.x, c.m, s.width, x[i*s.width:(i+1)*s.width], near.Euclidean, g.k, nil)
		for n, row := range rows {
			g.index, g.dist = append(g.index, int32(row)), append(g.dist, far[n])
		}
	}
	return nil
}

// among are the guests' vectors, made ready as the map's are: centred by its mean, and along its principal components.
func (g *guests) among(c *chart, key spaceKey, s *space) ([]float32, error) {
	x := near.Ready(g.x, g.m, g.d, false, false)
	if key.centre {
		mean := make([]float64, c.d)
		for i, v := range c.x {
			mean[i%c.d] += float64(v) / float64(c.m)
		}
		for i := range x {
			x[i] = float32(float64(x[i]) - mean[i%c.d])
		}
	}
	x = near.Ready(x, g.m, g.d, false, key.unit)
	if key.components == 0 {
		return x, nil
	}
	mean, axes, err := projection.Axes(near.Ready(c.x, c.m, c.d, key.centre, key.unit), c.m, c.d, s.x, s.width)
	if err != nil {
		return nil, err
	}
	out := make([]float32, 0, g.m*s.width)
	for i := range g.m {
		out = append(out, projection.Along(x[i*g.d:(i+1)*g.d], mean, axes)...)
	}
	return out, nil
}
