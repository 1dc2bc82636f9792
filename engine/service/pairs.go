package service

import (
	"fmt"
	"sort"
	"time"

	"loupe/engine/desk"
	"loupe/engine/match"
	"loupe/engine/metric"
	"loupe/engine/protocol"
)

// pairs are sources and references that are open, and what was kept of the runs over them.
type pairs struct {
	info   protocol.PairsInfo // ID 0: the translations that were made lately
	list   []pair
	words  [2][]string   // names of the tokens: of sources, of targets
	states []*keptStates // of each of info.States
	done   int           // pairs that were run

	scores bool
	decode protocol.Decode
	rows   []protocol.ScoreRow // of pairs that are done
	sum    pairsSum
	ran    time.Duration

	planes map[string]*plane          // by activation
	look   func(i, pos int) []float32 // recorded attention of pair i where token pos of its target is predicted, nil: there is none; nil: nothing is recorded
}

// pair is one of them. Tokens of the target begin with the first that is written, and have the end.
type pair struct {
	source, reference string
	sourceIDs         []int32
	targetIDs         []int32 // of the reference, or of what was found; nil: it was not yet
	words             []int32 // of the reference, those that stand for text; -1: what no token stands for
	keep              bool    // its states are kept
	note              string
}

// keptStates is what was kept of an activation: a row a token of the source, or of the target.
type keptStates struct {
	name   string
	source bool
	store  *match.Store
	ends   []int // rows up to each pair that is done, its own among them
}

// pairsSum is what is counted while pairs are scored.
type pairsSum struct {
	n, exact, search, model int
	edits, words, tokens    int // words and tokens of references
	logP                    float64
	bleu                    metric.BLEU
	chrf                    metric.ChrF
}

// aboutPairs answers the operations on pairs.
func (s *Service) aboutPairs(j *desk.Job, req *protocol.Request) (any, error) {
	switch req.Op {
	case protocol.OpPairsOpen:
		return desk.Take(j, req, s.openPairs)
	case protocol.OpPairsClose:
		return desk.Take(j, req, s.closePairs)
	case protocol.OpPairsFill:
		return desk.Take(j, req, s.fillPairs)
	case protocol.OpPairsNear:
		return desk.Take(j, req, s.nearPairs)
	case protocol.OpPairsEach:
		return desk.Take(j, req, s.eachPairs)
	case protocol.OpPairsRows:
		return desk.Take(j, req, s.rowsOfPairs)
	}
	return nil, desk.Unknown(req.Op)
}

// closePairs forgets the pairs.
func (s *Service) closePairs(*desk.Job, protocol.PairsClose) (*struct{}, error) {
	s.pairs = nil
	return &struct{}{}, nil
}

// thePairs are those that a question is about, and how many of them.
func (s *Service) thePairs(id, upto int) (p *pairs, n int, err error) {
	if p = s.pairs; p == nil || p.info.ID != id {
		return nil, 0, &protocol.Error{Code: "no-pairs", Detail: fmt.Sprintf("service: pairs %d are not open", id)}
	}
	return p, min(max(upto, 0), p.done), nil
}

// bytes is about how much memory they take.
func (p *pairs) bytes() (n int64) {
	if p == nil {
		return 0
	}
	for i := range p.list {
		k := &p.list[i]
		n += int64(len(k.source)+len(k.reference)) + 4*int64(len(k.sourceIDs)+len(k.targetIDs)+len(k.words))
	}
	return n + p.stateBytes()
}

func (p *pairs) stateBytes() (n int64) {
	for _, k := range p.states {
		n += k.store.Bytes()
	}
	return n
}

// of is what was kept of an activation; nil: nothing was.
func (p *pairs) of(name string) *keptStates {
	for _, k := range p.states {
		if k.name == name {
			return k
		}
	}
	return nil
}

// upto is how many rows the first n pairs have.
func (k *keptStates) upto(n int) int {
	if n == 0 {
		return 0
	}
	return k.ends[n-1]
}

// at is where a row is: token pos of a pair.
func (k *keptStates) at(row int) (pair, pos int) {
	pair = sort.Search(len(k.ends), func(i int) bool { return k.ends[i] > row })
	return pair, row - k.upto(pair)
}

// tokens are the names of a pair's: of its source, or of its target.
func (p *pairs) tokens(i, side int) []string {
	ids := p.list[i].sourceIDs
	if side == 1 {
		ids = p.list[i].targetIDs
	}
	out := make([]string, len(ids))
	for k, id := range ids {
		out[k] = p.words[side][id]
	}
	return out
}

// token is the name of the token that a row of an activation stands for.
func (p *pairs) token(k *keptStates, row int) string {
	i, pos := k.at(row)
	if k.source {
		return p.words[0][p.list[i].sourceIDs[pos]]
	}
	return p.words[1][p.list[i].targetIDs[pos]]
}

// place is a row of an activation as it is told.
func (p *pairs) place(k *keptStates, row int, score float64) protocol.PairRow {
	i, pos := k.at(row)
	side := "target"
	if k.source {
		side = "source"
	}
	r := protocol.PairRow{Pair: i, Side: side, Pos: pos, Score: score, Source: p.tokens(i, 0), Target: p.tokens(i, 1), Note: p.list[i].note, Reference: p.list[i].reference}
	if p.look != nil && !k.source {
		r.Look = p.look(i, pos)
	}
	return r
}

// sentence is a pair's tokens.
func (p *pairs) sentence(i int) protocol.Sentence {
	return protocol.Sentence{Source: p.tokens(i, 0), Target: p.tokens(i, 1), Note: p.list[i].note, Reference: p.list[i].reference}
}

// recording is what was recorded of an activation over pairs: Row writes row i, of all tokens of all pairs one after another.
type recording struct {
	name   string
	file   string // what the file that it was read from calls it
	source bool   // a row for each token of the sources, else of the targets
	units  int
	row    func(dst []float32, i int) error
}

// recordedPairs makes the pairs that are open of what was recorded: tokens of sources and targets, whose names are words, and states. Nothing is run.
func (s *Service) recordedPairs(yield func() error, name string, words [2][]string, sources, targets [][]int32, states []recording) error {
	p := &pairs{words: words, planes: map[string]*plane{}, done: len(sources)}
	for i := range sources {
		p.list = append(p.list, pair{sourceIDs: sources[i], targetIDs: targets[i], keep: true})
	}
	for _, r := range states {
		k := &keptStates{name: r.name, source: r.source, store: match.New([]match.Source{{Name: r.name, Units: r.units}}, nil)}
		of := targets
		if r.source {
			of = sources
		}
		row := make([]float32, r.units)
		for i := range of {
			for range of[i] {
				if err := r.row(row, k.store.Len()); err != nil {
					return err
				}
				k.store.Append([][]float32{row})
			}
			k.ends = append(k.ends, k.store.Len())
			if err := yield(); err != nil {
				return err
			}
		}
		p.states = append(p.states, k)
		p.info.States = append(p.info.States, protocol.Source{Name: r.name, Units: r.units})
	}
	s.pairings++
	p.info.ID, p.info.Name, p.info.Pairs = s.pairings, name, len(sources)
	s.pairs = p
	return nil
}
