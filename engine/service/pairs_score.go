package service

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"loupe/engine/desk"
	"loupe/engine/metric"
	"loupe/engine/protocol"
)

// scored compares what was found of pair i with its reference, and counts it. Without a reference there is only what was found.
func (s *Service) scored(p *pairs, i int, r *search, g *given) protocol.ScoreRow {
	k := &p.list[i]
	row := protocol.ScoreRow{Pair: i, Source: k.source, Reference: k.reference, Left: -1}
	v := s.verdict(r, g, k.reference, k.words, k.targetIDs)
	row.Score, row.Best = v.winner, v.best
	if k.reference == "" {
		return row
	}
	words, best, reference := v.words, strings.Fields(row.Best), strings.Fields(k.reference)
	row.Exact = v.kind == "exact"
	edits := 0
	if !row.Exact {
		edits = metric.Distance(words, k.words)
	}
	row.Distance = float64(edits) / float64(max(1, len(k.words)))
	var chrf metric.ChrF
	chrf.Add(row.Best, k.reference)
	row.ChrF = chrf.Score()
	row.RefLogP, row.RefScore, row.Left, row.Kind = g.logP, v.score, v.left, v.kind
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
