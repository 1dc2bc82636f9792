package service

import (
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

// lay adds the places of a hypothesis's own states, of those that were found, and of some of the others. The share is of the plane they are in.
func (a *among) lay(j *desk.Job, found []int, others int, to *protocol.Laid) (share float64, err error) {
	t, err := a.p.planeOf(j, a.k, a.n)
	if err != nil {
		return 0, err
	}
	a.layOwn(t, to)
	laid := map[int]bool{}
	for _, i := range found {
		laid[i] = true
		a.layRow(t, i, to)
	}
	others = min(others, a.n, mostRows)
	for m := range others {
		if i := m * a.n / others; !laid[i] {
			a.layRow(t, i, to)
		}
		if m%256 == 0 {
			if err := j.Yield(); err != nil {
				return 0, err
			}
		}
	}
	return t.share, nil
}

// layOwn adds the places of the hypothesis's own states.
func (a *among) layOwn(t *plane, to *protocol.Laid) {
	to.Own = len(a.own)
	for i, word := range a.own {
		t.lay(a.series.At(i), word, -1, i, to)
	}
}

// layRow adds the place of a kept state.
func (a *among) layRow(t *plane, i int, to *protocol.Laid) {
	if a.row == nil {
		a.row = make([]float32, a.k.store.Units())
	}
	a.k.store.Row(a.row, i)
	pair, pos := a.k.at(i)
	t.lay(a.row, a.p.token(a.k, i), pair, pos, to)
}

// lay adds the place of a state.
func (t *plane) lay(state []float32, word string, pair, pos int, to *protocol.Laid) {
	to.Places, to.Words, to.Pairs, to.Positions = append(to.Places, projection.Along(state, t.mean, t.axes)...), append(to.Words, word), append(to.Pairs, pair), append(to.Positions, pos)
}
