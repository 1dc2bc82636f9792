package service

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// rankCorpus sorts the units by how well they follow an annotation.
func (s *Service) rankCorpus(j *desk.Job, b protocol.Rank) (*protocol.RankResult, error) {
	c, n, err := s.theCorpus(b.Corpus, b.Upto)
	if err != nil {
		return nil, err
	}
	k, err := c.column(b.Track, n, j.Yield)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, &protocol.Error{Code: "no-track", Where: b.Track, Detail: "service: the corpus has no annotation " + b.Track}
	}
	values, r := make([]float32, n), &protocol.RankResult{By: "correlation"}
	for t := range values {
		if values[t] = k.at(t); values[t] == values[t] {
			r.Tokens++
		}
	}
	var all []float64
	zero := 0.
	if len(k.Labels) == 0 && b.Label == "" {
		all, err = c.store.Correlations(values, j.Yield)
	} else {
		label, e := k.label(b.Label, values)
		if e != nil {
			return nil, e
		}
		yes, skip := make([]bool, n), make([]bool, n)
		for t, v := range values {
			skip[t] = v != v
			if yes[t] = v == label; yes[t] {
				r.With++
			}
		}
		r.By, r.Label, zero = "auc", k.named(label), .5
		all, err = c.store.AUCs(yes, skip, j.Yield)
	}
	if err != nil {
		return nil, err
	}
	for u, v := range all {
		r.All = append(r.All, float32(v))
		if !math.IsNaN(v) {
			r.Rows = append(r.Rows, protocol.RankRow{Unit: u, Value: v})
		}
	}
	slices.SortStableFunc(r.Rows, func(x, y protocol.RankRow) int {
		return cmp.Compare(math.Abs(y.Value-zero), math.Abs(x.Value-zero))
	})
	r.Rows = r.Rows[:limit(b.N, len(r.Rows))]
	return r, nil
}

// label is the value of a label, or of a number that is taken for one. "" is the one that most tokens have, but for the first of all labels where
// there are others ("no" of "yes").
func (k *column) label(name string, values []float32) (float32, error) {
	if i := slices.Index(k.Labels, name); i >= 0 {
		return float32(i), nil
	}
	if v, err := strconv.ParseFloat(name, 32); err == nil && len(k.Labels) == 0 {
		return float32(v), nil
	}
	if name != "" {
		return 0, desk.BadRequest("label", "one of "+k.Name, name)
	}
	counts := make([]int, len(k.Labels))
	for _, v := range values {
		if v == v {
			counts[int(v)]++
		}
	}
	best := len(counts) - 1
	for i := best; i > 0; i-- {
		if counts[i] >= counts[best] {
			best = i
		}
	}
	return float32(best), nil
}

// named is the name of a value.
func (k *column) named(v float32) string {
	if len(k.Labels) > 0 {
		return k.Labels[int(v)]
	}
	return strconv.FormatFloat(float64(v), 'g', -1, 32)
}
