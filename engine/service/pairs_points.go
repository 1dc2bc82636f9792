package service

import (
	"fmt"
	"math"
	"slices"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// statePoints gives the page states of an activation to hold, for a map: first those of the hypothesis that Of names, then at most Max of those that are
// kept, evenly drawn, or those that are most like the first.
func (s *Service) statePoints(j *desk.Job, b protocol.Points) (*protocol.PointsResult, error) {
	if s.seq == nil || b.Of == nil && (b.Source == "translation" || b.Pairs == 0) {
		return nil, desk.BadRequest("points", "a translation of an encoder-decoder", s.info.Family)
	}
	g := &gathered{PointsResult: protocol.PointsResult{Tensor: b.Name}, labels: map[string]int{}}
	var series *activation.Series
	var own []string
	if b.Of != nil {
		var err error
		if series, own, err = s.ownStates(j, *b.Of, b.Hyp, b.Name); err != nil {
			return nil, err
		}
		if err := s.ownSentence(j, g, *b.Of, b.Hyp); err != nil {
			return nil, err
		}
		g.Dim = s.act(b.Name).Inner[0]
	}
	p, k, n := (*pairs)(nil), (*keptStates)(nil), 0
	if b.Source == "pairs" || b.Near > 0 {
		var err error
		var of protocol.Translate
		if b.Of != nil {
			of = *b.Of
		}
		if p, k, n, err = s.statesFor(j, b.Pairs, b.Upto, of, b.Hyp, b.Name); err != nil {
			return nil, err
		}
		if g.Dim = k.store.Units(); b.Pairs == 0 { // the hypothesis's own stand first
			n = k.upto(len(p.list) - 1)
		}
	}
	rows, err := s.rowsFor(j, b, k, n, series, len(own))
	if err != nil {
		return nil, err
	}
	g.N, g.Total = len(own)+len(rows), len(own)+n
	if b.Source == "pairs" && len(rows) < n {
		g.Warnings = append(g.Warnings, protocol.Warning{Code: "points-sampled", What: fmt.Sprint(n), N: len(rows)})
	}
	side := "target"
	if k != nil && k.source || k == nil && s.act(b.Name).Source {
		side = "source"
	}
	g.Columns = []protocol.Column{{Name: "pair"}, {Name: "position"}, {Name: "side", Labels: []string{side}}, {Name: "word"}}
	g.vectors = make([]byte, 4*g.N*g.Dim)
	for i, word := range own {
		g.add(series.At(i), word, 0, float32(math.NaN()), i)
	}
	row, last := make([]float32, g.Dim), -1
	for m, i := range rows {
		k.store.Row(row, i)
		pair, pos := k.at(i)
		if pair != last {
			last = pair
			g.Sentences = append(g.Sentences, p.sentence(pair))
		}
		g.add(row, p.token(k, i), len(g.Sentences)-1, float32(pair), pos)
		if m%1024 == 0 {
			if err := j.Yield(); err != nil {
				return nil, err
			}
		}
	}
	g.Held = s.hold(g.vectors)
	return &g.PointsResult, nil
}

// rowsFor are the kept states that are given, ascending: at most Max of the first n, evenly drawn, or those nearest to the hypothesis's own.
func (s *Service) rowsFor(j *desk.Job, b protocol.Points, k *keptStates, n int, series *activation.Series, own int) (rows []int, err error) {
	if b.Source == "pairs" {
		most := min(n, max(b.Max, 1), max(0, room(k.store.Units())-own))
		for m := range most {
			rows = append(rows, m*n/most)
		}
		return rows, nil
	}
	if b.Near <= 0 {
		return nil, nil
	}
	if err := known(b.Metric); err != nil || n == 0 {
		return nil, err
	}
	var states [][]float32
	for i := range min(own, eachMost) {
		states = append(states, series.At(i))
	}
	lists, err := k.store.NearAll(states, 0, k.store.Units(), n, limit(b.Near, min(n, mostRows)), b.Metric, j.Yield)
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		for _, near := range list {
			rows = append(rows, near.Pos)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows), nil
}

// ownSentence has the first sentence be a translation.
func (s *Service) ownSentence(j *desk.Job, g *gathered, of protocol.Translate, hyp int) error {
	k, err := s.translation(j, of)
	if err != nil {
		return err
	}
	own := &pairs{words: [2][]string{s.seq.names, s.names}, list: []pair{{sourceIDs: narrow(k.ids), targetIDs: k.search.target(hyp), note: s.noteOf(k, of.Changes)}}}
	g.Sentences = append(g.Sentences, own.sentence(0))
	return nil
}

// gathered are points that are gathered row by row.
type gathered struct {
	protocol.PointsResult
	vectors []byte
	labels  map[string]int // of column word
}

func (g *gathered) add(row []float32, word string, sentence int, pair float32, pos int) {
	put(g.vectors, len(g.Names), row)
	if _, ok := g.labels[word]; !ok {
		g.labels[word] = len(g.labels)
		g.Columns[3].Labels = append(g.Columns[3].Labels, word)
	}
	for i, v := range []float32{pair, float32(pos), 0, float32(g.labels[word])} {
		g.Columns[i].Values = append(g.Columns[i].Values, v)
	}
	g.IDs, g.Names, g.Sentence = append(g.IDs, float32(len(g.Names))), append(g.Names, word), append(g.Sentence, sentence)
}
