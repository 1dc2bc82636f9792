package service

import (
	"time"

	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// eachMost is how many states of a sentence have their neighbours looked for at once: of more there is no picture to see.
const eachMost = 64

// eachPairs finds the kept states that are most like each state of a hypothesis, in one reading of what is kept.
func (s *Service) eachPairs(j *desk.Job, b protocol.PairsEach) (*protocol.PairsEachResult, error) {
	start := time.Now()
	a, err := s.among(j, b.ID, b.Upto, b.Of, b.Hyp, b.Name, b.Metric)
	if err != nil {
		return nil, err
	}
	r := &protocol.PairsEachResult{Total: a.n - b2i(b.ID == 0), Laid: protocol.Laid{Own: len(a.own)}, Counts: []int{}}
	if a.n > 0 {
		if err := a.layEach(j, limit(b.N, min(a.n, mostRows)), b.Metric, r); err != nil {
			return nil, err
		}
	}
	r.Ms = float64(time.Since(start).Microseconds()) / 1000
	return r, nil
}

// layEach adds the places of a hypothesis's own states, and of the nearest of each.
func (a *among) layEach(j *desk.Job, most int, metric string, r *protocol.PairsEachResult) error {
	t, err := a.p.planeOf(j, a.k, a.n)
	if err != nil {
		return err
	}
	a.layOwn(t, &r.Laid)
	var states [][]float32
	for i := range min(len(a.own), eachMost) {
		states = append(states, a.series.At(i))
	}
	lists, err := a.k.store.NearAll(states, 0, a.k.store.Units(), a.n, most+b2i(a.p.info.ID == 0), metric, j.Yield)
	if err != nil {
		return err
	}
	for i := 0; a.p.info.ID == 0 && i < len(a.p.list); i++ {
		r.Sentences = append(r.Sentences, a.p.sentence(i))
	}
	for i, list := range lists {
		list = butFor(list, a.p.self(a.k, i), most)
		r.Counts = append(r.Counts, len(list))
		for _, near := range list {
			a.layRow(t, near.Pos, &r.Laid)
		}
	}
	return nil
}
