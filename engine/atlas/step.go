package atlas

import (
	"fmt"
	"slices"
	"time"

	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// step goes on with a map. The first reply to a layout of another beginning comes without an iteration, so that there is something to
// see at once.
func (a *Atlas) step(j *desk.Job, b protocol.MapStep) (*protocol.MapFrame, error) {
	c, err := a.chart(b.Map)
	if err != nil {
		return nil, err
	}
	if err := c.check(&b.Layout); err != nil {
		return nil, err
	}
	f := &protocol.MapFrame{Run: b.Run, Dims: b.Layout.Dims, Kept: 1}
	if c.m == 0 {
		f.Done, f.Y = true, c.spread(nil, f.Dims)
		return f, nil
	}
	switch b.Layout.Method {
	case "pca":
		err = c.pca(j, &b, f)
	case "axes":
		err = c.axes(&b, f)
	case "tsne":
		err = c.stepTSNE(j, &b, f)
	case "exact":
		err = c.stepExact(j, &b, f)
	}
	if err != nil {
		return nil, err
	}
	if v := float64(f.KL) + float64(f.Grad); v-v != 0 {
		c.forget()
		return nil, &protocol.Error{Code: "diverged", Where: fmt.Sprintf("iteration %d", f.Iter), Found: fmt.Sprintf("learning rate %.4g", f.Rate),
			Detail: "atlas: the places are not finite any more"}
	}
	if err := c.settle(j, &b.Layout, f); err != nil {
		return nil, err
	}
	f.Y = c.spread(c.places, c.dims)
	return f, nil
}

// check is whether a layout can be had; a request that is out of range is a fault of who asks. Of Pick and Axes the first Dims count.
func (c *chart) check(l *protocol.Layout) error {
	switch {
	case !slices.Contains([]string{"pca", "tsne", "exact", "axes"}, l.Method):
		return desk.BadRequest("method", "pca, tsne, exact or axes", l.Method)
	case l.Dims != 2 && l.Dims != 3:
		return desk.BadRequest("dims", "2 or 3", l.Dims)
	case l.Metric != "cosine" && l.Metric != "euclidean":
		return desk.BadRequest("metric", "cosine or euclidean", l.Metric)
	case l.Init != "pca" && l.Init != "random":
		return desk.BadRequest("init", "pca or random", l.Init)
	case l.Components < 0:
		return desk.BadRequest("components", "0 or more", l.Components)
	case !(l.Perplexity >= 1):
		return desk.BadRequest("perplexity", "1 or more", l.Perplexity)
	case !(l.LearningRate >= 0 && l.LearningRate <= 1e6): // the steps stay far from the largest float32
		return desk.BadRequest("rate", "0 to 1000000", l.LearningRate)
	case !(l.Exaggeration >= 1 && l.Exaggeration <= 1000):
		return desk.BadRequest("exaggeration", "1 to 1000", l.Exaggeration)
	case l.ExaggerationFor < 0 || l.Iterations < 0:
		return desk.BadRequest("iterations", "0 or more", min(l.ExaggerationFor, l.Iterations))
	}
	for _, p := range l.Pick {
		if p < 0 || p >= components {
			return desk.BadRequest("pick", fmt.Sprintf("components 0 to %d", components-1), p)
		}
	}
	return nil
}

// pca places rows by the principal components that are picked, the first ones if none are. One that the vectors do not have is 0.
func (c *chart) pca(j *desk.Job, b *protocol.MapStep, f *protocol.MapFrame) error {
	count := min(components, c.d)
	x, explained, err := c.principal(j, manner{b.Layout.Centre, b.Layout.Unit}, count)
	if err != nil {
		return err
	}
	y := make([]float32, c.m*f.Dims)
	for k := range f.Dims {
		p := k
		if k < len(b.Layout.Pick) {
			p = b.Layout.Pick[k]
		}
		for i := 0; i < c.m && p < count; i++ {
			y[i*f.Dims+k] = x[i*count+p]
		}
	}
	c.put(y, f.Dims)
	f.Done, f.Explained = true, explained
	return nil
}

// iterate calls one for the iterations of a step, and lets others work after each; it stops where one reports false.
func iterate(j *desk.Job, b *protocol.MapStep, f *protocol.MapFrame, one func() bool) error {
	begin, done := time.Now(), 0
	until := j.Start.Add(time.Duration(b.Ms * float64(time.Millisecond)))
	for more := true; more; {
		more = one()
		done++
		if err := j.Yield(); err != nil {
			return err
		}
		more = more && done != b.N && time.Now().Before(until)
	}
	f.IterMs = float64(time.Since(begin)) / float64(time.Millisecond) / float64(done)
	return nil
}
