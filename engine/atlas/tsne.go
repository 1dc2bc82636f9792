package atlas

import (
	"fmt"
	"math/rand/v2"

	"loupe/engine/desk"
	"loupe/engine/projection/tsne"
	"loupe/engine/protocol"
)

// beginning is what makes a t-SNE begin anew.
type beginning struct {
	run, dims int
	init      string
	seed      uint64
}

func beginningOf(b *protocol.MapStep) beginning {
	return beginning{b.Run, b.Layout.Dims, b.Layout.Init, b.Layout.Seed}
}

// wanted is what P is made for.
type wanted struct {
	spaceKey
	perplexity float64
}

// pace are the settings that act at once.
type pace struct {
	tsne.Settings
	iterations int
}

// tsneMap is a map by Barnes-Hut t-SNE.
type tsneMap struct {
	begun     beginning
	places    []float32 // [m, dims]
	run       *tsne.Run // nil before the first iteration
	p         wanted
	pace      pace
	explained []float32
	kept      float32
	recall    float64
	iterMs    float64
}

// stepTSNE goes on with a map by t-SNE. Rows keep their places when P is made anew.
func (c *chart) stepTSNE(j *desk.Job, b *protocol.MapStep, f *protocol.MapFrame) error {
	l := &b.Layout
	want := wanted{c.spaceOf(l), c.perplexity(l)}
	m := c.tsne
	begun := m == nil || m.begun != beginningOf(b)
	if begun {
		c.exact.close()
		c.tsne, c.exact = nil, nil
		s, err := c.glance(j, want.spaceKey)
		if err != nil {
			return err
		}
		m = &tsneMap{begun: beginningOf(b), places: start(s, c.m, l), explained: s.explained, kept: s.kept}
		c.tsne = m
	}
	if m.run == nil {
		c.put(m.places, f.Dims)
	}
	if !begun && c.m > 1 {
		if err := c.move(j, b, f, m, want); err != nil {
			return err
		}
	}
	m.tell(f, c, l)
	return nil
}

// move does the iterations of one step.
func (c *chart) move(j *desk.Job, b *protocol.MapStep, f *protocol.MapFrame, m *tsneMap, want wanted) error {
	l := &b.Layout
	fresh := m.run == nil || m.p != want
	if fresh {
		if err := c.renew(j, m, want); err != nil {
			return err
		}
	}
	now := pace{tsne.Settings{LearningRate: l.LearningRate, Exaggeration: l.Exaggeration, ExaggerationFor: l.ExaggerationFor}, l.Iterations}
	fresh = fresh || m.pace != now
	m.pace, m.run.Settings = now, now.Settings
	more := func() bool { return m.run.Iter() < l.Iterations && !m.run.Converged() }
	if m.run.Iter() >= l.Iterations || !fresh && m.run.Converged() {
		return nil
	}
	err := iterate(j, b, f, func() bool { m.run.Step(); return more() })
	m.iterMs = f.IterMs
	return err
}

// renew has the map go on with another P.
func (c *chart) renew(j *desk.Job, m *tsneMap, want wanted) error {
	s, err := c.space(j, want.spaceKey)
	if err != nil {
		return err
	}
	p, err := c.affinities(j, want.spaceKey, s, want.perplexity)
	if err != nil {
		return err
	}
	if m.run == nil {
		m.run, m.places = tsne.New(p, m.places, m.begun.dims, tsne.Settings{}), nil
	} else {
		m.run.SetAffinities(p)
	}
	m.p, m.explained, m.kept, m.recall = want, s.explained, s.kept, c.graph.g.Recall
	return nil
}

// tell says in a frame how far the map is.
func (m *tsneMap) tell(f *protocol.MapFrame, c *chart, l *protocol.Layout) {
	f.Explained, f.Kept, f.Recall, f.IterMs = m.explained, m.kept, m.recall, m.iterMs
	f.Rate = l.LearningRate
	if f.Rate == 0 {
		f.Rate = tsne.Rate(c.m, l.Exaggeration)
	}
	c.warn(f, l)
	if f.Done = c.m < 2; m.run == nil {
		return
	}
	c.put(m.run.Y(), f.Dims)
	f.Iter, f.KL, f.Grad = m.run.Iter(), divergence(m.run.KL()), float32(m.run.Grad())
	f.Exaggerated, f.Converged = m.run.Exaggerated(), m.run.Converged()
	f.Done = f.Iter >= l.Iterations || f.Converged
}

// divergence is at least 0, but for rounding where a map has all but reached it.
func divergence(kl float64) float32 { return float32(max(0, kl)) }

// warn says what was adjusted.
func (c *chart) warn(f *protocol.MapFrame, l *protocol.Layout) {
	if f.Perplexity = c.perplexity(l); f.Perplexity < l.Perplexity {
		f.Warnings = append(f.Warnings, protocol.Warning{Code: "perplexity-cut", What: fmt.Sprintf("%.4g", f.Perplexity), N: c.m})
	}
	if l.Metric == "cosine" && c.zero > 0 {
		f.Warnings = append(f.Warnings, protocol.Warning{Code: "zero-cosine", N: c.zero})
	}
}

// Of the places that t-SNE begins with: the standard deviation along the first axis, as scikit-learn has it, and that of what is added
// so that equal rows part, and so that the seed decides something.
const (
	startSpread = 1e-4
	startNoise  = 1e-6
)

// start are places [m, dims]: the first principal components, or random ones.
func start(s *space, m int, l *protocol.Layout) []float32 {
	y := make([]float32, m*l.Dims)
	if m < 2 {
		return y
	}
	r := rand.New(rand.NewPCG(l.Seed, 0))
	if l.Init == "random" {
		for i := range y {
			y[i] = float32(startSpread * r.NormFloat64())
		}
		return y
	}
	scale := 0.0
	if spread := spreadOf(s.first, s.count); spread > 0 {
		scale = startSpread / spread
	}
	for i := range m {
		for k := range l.Dims {
			v := startNoise * r.NormFloat64()
			if k < s.count {
				v += scale * float64(s.first[i*s.count+k])
			}
			y[i*l.Dims+k] = float32(v)
		}
	}
	return y
}
