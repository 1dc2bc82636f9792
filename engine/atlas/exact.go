package atlas

import (
	"fmt"

	"loupe/engine/desk"
	"loupe/engine/projection/exact"
	"loupe/engine/protocol"
)

// exactMap is a map by go-tsne, whose settings hold from its beginning.
type exactMap struct {
	begun     beginning
	p         wanted
	rate      float64
	places    []float32
	run       *exact.Run // nil before the first iteration
	ended     bool
	explained []float32
	kept      float32
	iterMs    float64
}

// exactRate is go-tsne's learning rate if none is given.
const exactRate = 100

func (m *exactMap) close() {
	if m != nil && m.run != nil {
		m.run.Close()
	}
}

// stepExact goes on with a map by go-tsne. It has no early exaggeration, and begins anew with every change but that of Iterations.
func (c *chart) stepExact(j *desk.Job, b *protocol.MapStep, f *protocol.MapFrame) error {
	if c.m > exact.Most {
		return &protocol.Error{Code: "exact-large", Expected: fmt.Sprintf("at most %d rows", exact.Most), Found: fmt.Sprintf("%d rows", c.m),
			Detail: fmt.Sprintf("atlas: exact t-SNE takes at most %d rows, these are %d", exact.Most, c.m)}
	}
	l := &b.Layout
	want := wanted{c.spaceOf(l), c.perplexity(l)}
	if f.Rate = l.LearningRate; f.Rate == 0 {
		f.Rate = exactRate
	}
	s, err := c.space(j, want.spaceKey)
	if err != nil {
		return err
	}
	m := c.exact
	if m == nil || m.begun != beginningOf(b) || m.p != want || m.rate != f.Rate {
		m.close()
		m = &exactMap{begun: beginningOf(b), p: want, rate: f.Rate, explained: s.explained, kept: s.kept}
		m.places = start(s, c.m, l)
		c.tsne, c.exact = nil, m
	} else if err := m.move(j, b, f, c, s); err != nil {
		return err
	}
	c.warn(f, l)
	c.put(m.places, f.Dims)
	f.Explained, f.Kept, f.IterMs, f.Done = m.explained, m.kept, m.iterMs, c.m < 2
	if m.run != nil {
		c.put(m.run.Y(), f.Dims)
		f.Iter, f.KL = m.run.Iter(), divergence(m.run.KL())
		f.Done = m.ended || f.Iter >= l.Iterations
	}
	return nil
}

// move does the iterations of one step.
func (m *exactMap) move(j *desk.Job, b *protocol.MapStep, f *protocol.MapFrame, c *chart, s *space) error {
	if c.m < 2 || m.ended {
		return nil
	}
	if m.run == nil {
		m.run = exact.New(s.x, c.m, s.width, m.begun.dims, m.p.perplexity, m.rate, endless, m.begun.seed)
	}
	if m.run.Iter() >= b.Layout.Iterations {
		return nil
	}
	err := iterate(j, b, f, func() bool {
		m.ended = !m.run.Step()
		return !m.ended && m.run.Iter() < b.Layout.Iterations
	})
	m.iterMs = f.IterMs
	return err
}

// endless is more iterations than anybody asks for: the layout says when it is enough.
const endless = 1 << 30
