package service

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"loupe/engine/desk"
	"loupe/engine/match"
	"loupe/engine/protocol"
)

// longest is the last bin of a histogram of lengths: runs of so many tokens or more.
const longest = 64

// matchCorpus finds where the same units are on, and lists some of these places.
func (s *Service) matchCorpus(j *desk.Job, b protocol.Match) (*protocol.PlacesResult, error) {
	start := time.Now()
	c, n, err := s.theCorpus(b.Corpus, b.Upto)
	if err != nil {
		return nil, err
	}
	runs, r, err := s.runs(j, c, n, &b)
	if err != nil {
		return nil, err
	}
	for _, k := range page(runs, b.From, b.N) {
		r.Rows = append(r.Rows, protocol.Place{Pos: k.Pos, Len: k.Len, Both: k.Both, Any: k.Any})
	}
	bits, err := s.bits(j, c, b.Cuts)
	if err != nil {
		return nil, err
	}
	w := listing{left: b.Left, right: b.Right, upto: n, tracks: b.Tracks, on: func(pos int) float32 {
		sum := float32(0)
		for _, u := range b.Units {
			if bits.On(pos, u) {
				sum++
			}
		}
		return sum
	}}
	if err := w.fill(c, s, r, j.Yield); err != nil {
		return nil, err
	}
	r.Ms = float64(time.Since(start).Microseconds()) / 1000
	return r, nil
}

// page is n of a list from number from on.
func page[T any](list []T, from, n int) []T {
	from = min(max(from, 0), len(list))
	return list[from:min(len(list), from+limit(n, mostRows))]
}

// bits are the decisions which units are on.
func (s *Service) bits(j *desk.Job, c *texts, of []protocol.Cut) (*match.Bits, error) {
	if !c.store.HasValues() {
		of = c.info.Cuts
	}
	cuts, err := c.cuts(of)
	if err != nil {
		return nil, err
	}
	return c.store.Bits(cuts, j.Yield)
}

// runs are the places of a match, best first, of the lengths that are wanted, and the counts of all: an answer without rows. Those of the last
// question are kept.
func (s *Service) runs(j *desk.Job, c *texts, n int, b *protocol.Match) ([]match.Run, *protocol.PlacesResult, error) {
	for _, u := range b.Units {
		if u < 0 || u >= c.store.Units() {
			return nil, nil, desk.BadRequest("units", fmt.Sprintf("0 to %d", c.store.Units()-1), u)
		}
	}
	b.Units = slices.Compact(slices.Sorted(slices.Values(b.Units)))
	all := &match.Result{}
	q := match.Query{Units: b.Units, Before: b.Before, After: b.After, Least: max(b.Least, 1), Strict: b.Strict, Upto: n, Ends: c.ends}
	if b.Across {
		q.Ends = c.pieces
	}
	if n > 0 && len(b.Units) > 0 {
		raw, err := json.Marshal([]any{b.Cuts, b.Units, b.Before, b.After, q.Least, b.Strict, b.Across, n})
		if err != nil {
			return nil, nil, err
		}
		if v, ok := c.held("match", string(raw)); ok {
			all = v.(*match.Result)
		} else {
			bits, err := s.bits(j, c, b.Cuts)
			if err != nil {
				return nil, nil, err
			}
			if all, err = match.Find(bits, q, j.Yield); err != nil {
				return nil, nil, err
			}
			c.keep("match", string(raw), all)
		}
	}
	r := &protocol.PlacesResult{Capped: all.Capped, Lengths: make([]int, longest+1), StrictLengths: make([]int, longest+1)}
	var runs []match.Run
	for _, k := range all.Runs {
		strict := k.Both == len(b.Units)
		r.Lengths[min(k.Len, longest)]++
		if strict {
			r.StrictLengths[min(k.Len, longest)]++
		}
		if k.Len < b.Min || b.Max > 0 && k.Len > b.Max {
			continue
		}
		runs = append(runs, k)
		if strict {
			r.Strict++
		}
	}
	r.Total = len(runs)
	return runs, r, nil
}
