package service

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"loupe/engine/beam"
	"loupe/engine/desk"
	"loupe/engine/metric"
	"loupe/engine/protocol"
)

// scored compares what was found of pair i with its reference, and counts it. Without a reference there is only what was found.
func (s *Service) scored(p *pairs, i int, r *search, g *given) protocol.ScoreRow {
	k := &p.list[i]
	row := protocol.ScoreRow{Pair: i, Source: k.source, Reference: k.reference, Left: -1}
	var words []int32
	if len(r.found.Hyps) > 0 {
		row.Score = r.found.Hyps[0].Score
		row.Best, words = s.said(r.target(0))
	}
	if k.reference == "" {
		return row
	}
	best, reference := strings.Fields(row.Best), strings.Fields(k.reference)
	row.Exact = slices.Equal(words, k.words) || slices.Equal(best, reference)
	edits := 0
	if !row.Exact {
		edits = metric.Distance(words, k.words)
	}
	row.Distance = float64(edits) / float64(max(1, len(k.words)))
	var chrf metric.ChrF
	chrf.Add(row.Best, k.reference)
	row.ChrF = chrf.Score()
	row.RefLogP, row.RefScore = g.logP, r.opts.ScoreOf(g.logP, len(k.targetIDs), g.coverage)
	row.Left = left(r.found, k.targetIDs)
	switch {
	case row.Exact:
		row.Kind = "exact"
	case row.RefScore > row.Score && !s.never(k.words, k.targetIDs):
		row.Kind = "search"
	default:
		row.Kind = "model"
	}
	p.sum.add(&row, edits, len(k.words), len(k.targetIDs))
	if s.tok.Kind() == "word" { // words are the model's, which it may write without spaces
		best, reference = s.called(words), s.called(k.words)
	}
	p.sum.bleu.Add(best, reference)
	p.sum.chrf.Add(row.Best, k.reference)
	return row
}

// called are the names of words; what no token stands for is like none.
func (s *Service) called(words []int32) []string {
	out := make([]string, len(words))
	for i, id := range words {
		if id >= 0 {
			out[i] = s.names[id]
		}
	}
	return out
}

// add counts a row.
func (c *pairsSum) add(row *protocol.ScoreRow, edits, words, tokens int) {
	c.n++
	switch row.Kind {
	case "exact":
		c.exact++
	case "search":
		c.search++
	case "model":
		c.model++
	}
	c.edits, c.words, c.tokens, c.logP = c.edits+edits, c.words+words, c.tokens+tokens, c.logP+row.RefLogP
}

// score sums up.
func (c *pairsSum) score() *protocol.PairsScore {
	return &protocol.PairsScore{N: c.n, Exact: float64(c.exact) / float64(c.n), Distance: float64(c.edits) / float64(max(1, c.words)), BLEU: c.bleu.Score(), ChrF: c.chrf.Score(),
		LogP: c.logP / float64(max(1, c.tokens)), Search: c.search, Model: c.model}
}

// left is the step from which on what the search had alive or finished does not begin with a target; -1: it has it.
func left(found *beam.Result, target []int32) int {
	node := 0
	for step, id := range target {
		next := slices.IndexFunc(found.Nodes, func(n beam.Node) bool { return n.Parent == node && n.ID == int(id) && n.Step == step })
		if next < 0 || found.Nodes[next].State == beam.Pruned || found.Nodes[next].State == beam.Dropped {
			return step
		}
		node = next
	}
	return -1
}

// rowsOfPairs gives a page of the scored pairs.
func (s *Service) rowsOfPairs(_ *desk.Job, b protocol.PairsRows) (*protocol.PairsRowsResult, error) {
	start := time.Now()
	p, n, err := s.thePairs(b.ID, b.Upto)
	if err != nil {
		return nil, err
	}
	if !p.scores {
		return nil, desk.BadRequest("rows", "pairs that are scored", p.info.Name)
	}
	keys := map[string]func(a *protocol.ScoreRow) float64{"order": nil, "": nil,
		"distance": func(a *protocol.ScoreRow) float64 { return -a.Distance },
		"logp":     func(a *protocol.ScoreRow) float64 { return a.RefLogP },
		"gap":      func(a *protocol.ScoreRow) float64 { return a.Score - a.RefScore }}
	key, ok := keys[b.Sort]
	if !ok || !slices.Contains([]string{"", "wrong", "search", "model"}, b.Only) {
		return nil, desk.BadRequest("rows", "order, distance, logp or gap; wrong, search or model", b.Sort+" "+b.Only)
	}
	var rows []protocol.ScoreRow
	for _, r := range p.rows[:n] {
		if b.Only == "" || r.Kind == b.Only || b.Only == "wrong" && r.Kind != "exact" && r.Kind != "" {
			rows = append(rows, r)
		}
	}
	if key != nil { // what has no reference comes last
		slices.SortStableFunc(rows, func(x, y protocol.ScoreRow) int {
			if none := cmp.Compare(b2i(x.Kind == ""), b2i(y.Kind == "")); none != 0 {
				return none
			}
			return cmp.Compare(key(&x), key(&y))
		})
	}
	return &protocol.PairsRowsResult{Total: len(rows), Rows: page(rows, b.From, b.N), Ms: float64(time.Since(start).Microseconds()) / 1000}, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
