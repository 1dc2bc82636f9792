package service

import (
	"slices"
	"strings"
	"time"

	"loupe/engine/activation"
	"loupe/engine/beam"
	"loupe/engine/desk"
	"loupe/engine/protocol"
)

// givenReference says how a reference stands to what a translation found: what the model, with the changes, says of each of its tokens, and where the
// search lost it.
func (s *Service) givenReference(j *desk.Job, b protocol.Reference) (*protocol.ReferenceResult, error) {
	start := time.Now()
	k, err := s.translation(j, b.Of)
	if err != nil {
		return nil, err
	}
	target, words, unknown, more := s.reference(b.Text)
	if len(words) == 0 || k.found == nil {
		return nil, desk.BadRequest("reference", "a source and a target, of a token at least", b.Text)
	}
	g := &given{rec: s.covering(activation.NewRecorder(), k.opts)}
	if err := s.give(j, k.search, g, target, true); err != nil {
		return nil, err
	}
	if g.logP-g.logP != 0 {
		i := slices.IndexFunc(g.tokens, func(k protocol.RefToken) bool { return k.LogP-k.LogP != 0 })
		return nil, notANumber(i, g.tokens[i].Text)
	}
	v := s.verdict(k.search, g, b.Text, words, target)
	r := &protocol.ReferenceResult{Tokens: g.tokens, LogP: g.logP, Score: v.score, Winner: v.winner, Left: v.left, Place: v.place, Kind: v.kind, Rule: v.rule}
	for i, n := range v.nodes {
		r.Tokens[i].Node = n
	}
	if len(unknown) > 0 {
		r.Warnings = append(r.Warnings, unknownIn(b.Text, unknown))
	}
	if more > 0 {
		r.Warnings = append(r.Warnings, protocol.Warning{Code: "reference-cut", N: more})
	}
	r.Ms = float64(time.Since(start).Microseconds()) / 1000
	return r, nil
}

// verdict is how a reference stands to what a search found.
type verdict struct {
	best          string  // the winner
	words         []int32 // its tokens that stand for text
	winner, score float64 // the winner's score, and the reference's by the same rule
	kind, rule    string  // as protocol.ReferenceResult has them
	way
}

// way is how far a target was weighed: nodes, a step each; the step at which nothing that was alive or finished begins so any more, or -1; and its
// place among what was weighed there, or -1.
type way struct {
	nodes       []int
	left, place int
}

// verdict compares what was found with a reference, its words and the tokens that were given.
func (s *Service) verdict(r *search, g *given, reference string, words, target []int32) (v verdict) {
	if len(r.found.Hyps) > 0 {
		v.winner = r.found.Hyps[0].Score
		v.best, v.words = s.said(r.target(0))
	}
	v.score = r.opts.ScoreOf(g.logP, len(target), g.coverage)
	v.way = follow(r.found, target)
	exact := slices.Equal(v.words, words) || slices.Equal(strings.Fields(v.best), strings.Fields(reference))
	switch _, rule := r.opts.Forbids(widen(target)); {
	case rule != "":
		v.rule = string(rule)
	case slices.Contains(words, -1):
		v.rule = "no-token"
	case len(target) > max(r.opts.Most, r.forced) && !exact: // a winner that was cut there is all of its words
		v.rule = "max-length"
	}
	switch {
	case exact:
		v.kind = "exact"
	case v.score > v.winner && v.rule == "":
		v.kind = "search"
	default:
		v.kind = "model"
	}
	return v
}

// follow goes along a target in a search.
func follow(found *beam.Result, target []int32) way {
	w, node := way{left: -1, place: -1}, 0
	for step, id := range target {
		next := slices.IndexFunc(found.Nodes, func(n beam.Node) bool { return n.Parent == node && n.ID == int(id) && n.Step == step })
		if next >= 0 {
			w.nodes = append(w.nodes, next)
		}
		if next < 0 || !slices.Contains([]beam.State{beam.Live, beam.Ended, beam.Limit}, found.Nodes[next].State) {
			w.left = step
			if next >= 0 {
				w.place = 0
				for _, n := range found.Nodes[:next] {
					if n.Step == step && n.State != beam.Banned {
						w.place++
					}
				}
			}
			return w
		}
		node = next
	}
	return w
}
