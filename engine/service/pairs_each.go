package service

import (
	"time"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/projection"
	"loupe/engine/protocol"
)

// eachMost is how many states of a sentence have their neighbours looked for at once: of more there is no picture to see.
const eachMost = 64

// eachPairs finds the kept states that are most like each state of a hypothesis, in one reading of what is kept.
func (s *Service) eachPairs(j *desk.Job, b protocol.PairsEach) (*protocol.PairsEachResult, error) {
	start := time.Now()
	if err := known(b.Metric); err != nil {
		return nil, err
	}
	series, own, err := s.ownStates(j, b.Of, b.Hyp, b.Name)
	if err != nil {
		return nil, err
	}
	p, k, n, err := s.statesFor(j, b.ID, b.Upto, b.Of, b.Hyp, b.Name)
	if err != nil {
		return nil, err
	}
	r := &protocol.PairsEachResult{Total: n - b2i(b.ID == 0), Own: len(own), Counts: []int{}}
	if n > 0 {
		if err := s.placeEach(j, p, k, n, series, own, limit(b.N, min(n, mostRows)), b.Metric, r); err != nil {
			return nil, err
		}
	}
	r.Ms = float64(time.Since(start).Microseconds()) / 1000
	return r, nil
}

// placeEach adds the places of a hypothesis's own states, and of the nearest of each among the first n that are kept.
func (s *Service) placeEach(j *desk.Job, p *pairs, k *keptStates, n int, series *activation.Series, own []string, most int, metric string, r *protocol.PairsEachResult) error {
	t, err := p.planeOf(j, k, n)
	if err != nil {
		return err
	}
	add := func(x []float32, word string, pair, pos int) {
		r.Places, r.Words, r.Pairs, r.Positions = append(r.Places, projection.Along(x, t.mean, t.axes)...), append(r.Words, word), append(r.Pairs, pair), append(r.Positions, pos)
	}
	states := make([][]float32, len(own))
	for i, word := range own {
		states[i] = series.At(i)
		add(states[i], word, -1, i)
	}
	lists, err := k.store.NearAll(states[:min(len(own), eachMost)], 0, k.store.Units(), n, most+b2i(p.info.ID == 0), metric, j.Yield)
	if err != nil {
		return err
	}
	for i := 0; p.info.ID == 0 && i < len(p.list); i++ {
		r.Sentences = append(r.Sentences, p.sentence(i))
	}
	row := make([]float32, k.store.Units())
	for i, list := range lists {
		list = butFor(list, p.self(k, i), most)
		r.Counts = append(r.Counts, len(list))
		for _, near := range list {
			k.store.Row(row, near.Pos)
			pair, pos := k.at(near.Pos)
			add(row, p.token(k, near.Pos), pair, pos)
		}
	}
	return nil
}
