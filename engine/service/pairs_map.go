package service

import (
	"fmt"
	"math"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/projection"
	"loupe/engine/protocol"
)

// planeRows is how many states the axes of a plane are found of, at most: evenly drawn.
const planeRows = 4000

// plane is the first two principal components of kept states. Others can be laid out in it.
type plane struct {
	rows       int // of which it is: the first so many
	mean, axes []float64
	share      float64 // of the variance
}

// planeOf is the plane of the first n rows of what was kept. It is made once, and its axes point where they did before.
func (p *pairs) planeOf(j *desk.Job, k *keptStates, n int) (*plane, error) {
	old := p.planes[k.name]
	if old != nil && old.rows == n && p.info.ID != 0 {
		return old, nil
	}
	d, m := k.store.Units(), min(n, planeRows)
	x := make([]float32, m*d)
	for i := range m {
		k.store.Row(x[i*d:(i+1)*d], i*n/m)
	}
	coords, share, err := projection.Principal(x, m, d, 2, 1, func(_, _ float64) error { return j.Yield() })
	if err != nil {
		return nil, err
	}
	next := &plane{rows: n, share: float64(share[0]) + float64(share[1])}
	if next.mean, next.axes, err = projection.Axes(x, m, d, coords, 2); err != nil {
		return nil, err
	}
	if old != nil {
		for a := range 2 {
			next.turn(a, old)
		}
	}
	p.planes[k.name] = next
	return next, nil
}

// turn has axis a point the way that it did.
func (t *plane) turn(a int, old *plane) {
	d, along := len(t.mean), 0.0
	for i := range d {
		along += t.axes[a*d+i] * old.axes[a*d+i]
	}
	if along < 0 {
		for i := range d {
			t.axes[a*d+i] *= -1
		}
	}
}

// mapPairs adds places to an answer: of a hypothesis's own states, of those that were found, and of some of the others among the first n.
func (s *Service) mapPairs(j *desk.Job, p *pairs, k *keptStates, n int, series *activation.Series, own []string, found []int, others int, r *protocol.PairsNearResult) error {
	t, err := p.planeOf(j, k, n)
	if err != nil {
		return err
	}
	r.Share, r.Own = t.share, len(own)
	add := func(at []float32, word string, pair, pos int) {
		r.Places, r.Words, r.Pairs, r.Positions = append(r.Places, at...), append(r.Words, word), append(r.Pairs, pair), append(r.Positions, pos)
	}
	for i, word := range own {
		add(projection.Along(series.At(i), t.mean, t.axes), word, -1, i)
	}
	row, among := make([]float32, k.store.Units()), map[int]bool{}
	put := func(i int) {
		k.store.Row(row, i)
		pair, pos := k.at(i)
		add(projection.Along(row, t.mean, t.axes), p.token(k, i), pair, pos)
	}
	for _, i := range found {
		among[i] = true
		put(i)
	}
	others = min(others, n, mostRows)
	for m := range others {
		if i := m * n / others; !among[i] {
			put(i)
		}
		if m%256 == 0 {
			if err := j.Yield(); err != nil {
				return err
			}
		}
	}
	return nil
}

// statePoints gives the page the kept states of an activation to hold, for a map: first those of the hypothesis that Of names, then at most Max of the others,
// evenly drawn.
func (s *Service) statePoints(j *desk.Job, b protocol.Points) (*protocol.PointsResult, error) {
	if s.seq == nil || b.Of == nil {
		return nil, desk.BadRequest("points", "a translation of an encoder-decoder", s.info.Family)
	}
	series, own, err := s.ownStates(j, *b.Of, b.Hyp, b.Name)
	if err != nil {
		return nil, err
	}
	p, k, n, err := s.statesFor(j, b.Pairs, b.Upto, *b.Of, b.Hyp, b.Name)
	if err != nil {
		return nil, err
	}
	d := k.store.Units()
	most := min(n, max(b.Max, 1), max(0, room(d)-len(own)))
	r := &protocol.PointsResult{N: len(own) + most, Dim: d, Total: len(own) + n, Tensor: b.Name}
	if most < n {
		r.Warnings = append(r.Warnings, protocol.Warning{Code: "points-sampled", What: fmt.Sprint(n), N: most})
	}
	vectors := make([]byte, 4*r.N*d)
	side := "target"
	if k.source {
		side = "source"
	}
	columns := []protocol.Column{{Name: "pair"}, {Name: "position"}, {Name: "side", Labels: []string{side}}, {Name: "word"}}
	labels := map[string]int{}
	add := func(at int, row []float32, word string, pair, pos float32) {
		put(vectors, at, row)
		r.Names, r.IDs = append(r.Names, word), append(r.IDs, float32(at))
		if _, ok := labels[word]; !ok {
			labels[word] = len(labels)
			columns[3].Labels = append(columns[3].Labels, word)
		}
		for i, v := range []float32{pair, pos, 0, float32(labels[word])} {
			columns[i].Values = append(columns[i].Values, v)
		}
	}
	for i, word := range own {
		add(i, series.At(i), word, float32(math.NaN()), float32(i))
	}
	row := make([]float32, d)
	for m := range most {
		i := m * n / most
		k.store.Row(row, i)
		pair, pos := k.at(i)
		add(len(own)+m, row, p.token(k, i), float32(pair), float32(pos))
		if m%1024 == 0 {
			if err := j.Yield(); err != nil {
				return nil, err
			}
		}
	}
	r.Columns, r.Held = columns, s.hold(vectors)
	return r, nil
}
