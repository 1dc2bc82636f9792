package service

import (
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
