package service

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"loupe/engine/activation"
	"loupe/engine/corpus"
	"loupe/engine/desk"
	"loupe/engine/match"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// texts is the corpus that is open: its documents as tokens, one after another, and what was kept of the run over them.
type texts struct {
	info   protocol.CorpusInfo // ID 0: none is open
	docs   []document
	ids    []int32 // of all tokens
	start  []int32 // where they stand in their document's text, in bytes
	end    []int32
	pieces []int // ends of what is run in one go, ascending: documents, or parts of them
	ends   []int // ends of sentences, of documents and of pieces, ascending
	counts []int // how often each token of the vocabulary occurs

	store *match.Store
	fill  filling
	score scores

	tracks []*column      // in the order in which they are offered
	found  map[string]any // answers to the last questions, by what they hang on
}

// document is one of the texts: tokens lo to hi.
type document struct {
	corpus.Document
	lo, hi int
}

// scores are what the model said of each token that was run; empty if it predicts nothing, or predicting costs too much.
type scores struct {
	surprisal, entropy []float32 // nats
	rank               []uint16  // 65535: none, or that rank or more
	bits               float64   // sum of surprisals in bits
	n                  int       // of which there are so many
}

// filling is how far the run is.
type filling struct {
	piece int // that runs, or runs next
	state nn.State
	rec   *activation.Recorder
	rate  float64 // milliseconds a token, of the last chunk; 0: not known
	ran   time.Duration
}

// aboutCorpus answers the operations on a corpus.
func (s *Service) aboutCorpus(j *desk.Job, req *protocol.Request) (any, error) {
	switch req.Op {
	case protocol.OpCorpusOpen:
		return desk.Take(j, req, s.openCorpus)
	case protocol.OpCorpusClose:
		return desk.Take(j, req, s.closeCorpus)
	case protocol.OpCorpusFill:
		return desk.Take(j, req, s.fillCorpus)
	case protocol.OpCorpusMatch:
		return desk.Take(j, req, s.matchCorpus)
	case protocol.OpCorpusLift:
		return desk.Take(j, req, s.liftCorpus)
	case protocol.OpCorpusNear:
		return desk.Take(j, req, s.nearCorpus)
	case protocol.OpCorpusFind:
		return desk.Take(j, req, s.findCorpus)
	case protocol.OpCorpusRank:
		return desk.Take(j, req, s.rankCorpus)
	case protocol.OpCorpusUnit:
		return desk.Take(j, req, s.unitCorpus)
	case protocol.OpCorpusPlace:
		return desk.Take(j, req, s.placeCorpus)
	case protocol.OpCorpusAnnotate:
		return desk.Take(j, req, s.annotate)
	}
	return nil, desk.Unknown(req.Op)
}

// closeCorpus forgets the corpus.
func (s *Service) closeCorpus(*desk.Job, protocol.CorpusClose) (*struct{}, error) {
	s.corpus = nil
	return &struct{}{}, nil
}

// theCorpus is the corpus that a question is about, and how many tokens of it.
func (s *Service) theCorpus(id, upto int) (c *texts, n int, err error) {
	if c = s.corpus; c == nil || c.info.ID != id {
		return nil, 0, &protocol.Error{Code: "no-corpus", Detail: fmt.Sprintf("service: corpus %d is not open", id)}
	}
	return c, min(max(upto, 0), c.store.Len()), nil
}

// Bytes is about how much memory the model and the corpus take.
func (s *Service) Bytes() int64 {
	n, c := s.about.Bytes+s.pairs.bytes(), s.corpus
	if c == nil {
		return n
	}
	n += c.store.Bytes() + 12*int64(len(c.ids)) + 10*int64(len(c.ids)) // ids, places; scores
	for i := range c.docs {
		n += int64(len(c.docs[i].Text))
	}
	for _, t := range c.tracks {
		n += t.values.bytes()
	}
	return n
}

// doc is the number of the document that token pos is in.
func (c *texts) doc(pos int) int {
	return sort.Search(len(c.docs), func(i int) bool { return c.docs[i].hi > pos })
}

// keep holds an answer under a key until another corpus is open; of each kind (the key's first word) the last one.
func (c *texts) keep(kind, key string, v any) {
	if c.found == nil {
		c.found = map[string]any{}
	}
	c.found[kind] = kept{key, v}
}

// kept is an answer and the question that it is to.
type kept struct {
	key string
	val any
}

// held is what was kept last of a kind, if it is to this question.
func (c *texts) held(kind, key string) (any, bool) {
	k, ok := c.found[kind].(kept)
	return k.val, ok && k.key == key
}

// cuts are the engine's of a question's, one for each source.
func (c *texts) cuts(of []protocol.Cut) ([]match.Cut, error) {
	if len(of) != len(c.info.Sources) {
		return nil, desk.BadRequest("cuts", fmt.Sprintf("one for each of %d sources", len(c.info.Sources)), len(of))
	}
	return cutsOf(of)
}

// cutsOf are the engine's cuts.
func cutsOf(of []protocol.Cut) ([]match.Cut, error) {
	sides := []string{"above", "below", "either"}
	cuts := make([]match.Cut, len(of))
	for i, k := range of {
		side := slices.Index(sides, k.On)
		if side < 0 || k.Level != k.Level {
			return nil, desk.BadRequest("cut", "above, below or either, and a number", fmt.Sprintf("%s %v", k.On, k.Level))
		}
		cuts[i] = match.Cut{Level: float32(k.Level), On: match.Side(side)}
	}
	return cuts, nil
}
