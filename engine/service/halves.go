package service

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"loupe/engine/beam"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/protocol"
	"loupe/engine/tokenizer"
)

// halves is what the service has of an encoder-decoder besides what it has of any model, which is the decoder's.
type halves struct {
	nn.Seq2Seq
	nn.Seq
	source tokenizer.Tokenizer
	names  []string // of the source's tokens, as shown

	// Of the session's run.
	text text  // the source as the encoder reads it, without changes
	ids  []int // with those of its tokens

	kept []*made // translations that were made lately, the last one last
}

// Limits where a model has none, or none that matters.
const (
	mostTarget = 400 // tokens of a target
	beamWide   = 5
)

// halvesOf is nil of a model that is no encoder-decoder. A nil source reads tokens as their numbers; target is the decoder's.
func (s *Service) halvesOf(m model.Model, source, target tokenizer.Tokenizer) (*halves, error) {
	two, ok := m.(nn.Seq2Seq)
	if !ok {
		return nil, nil
	}
	h := &halves{Seq2Seq: two, Seq: two.Seq(), source: source}
	if source == nil {
		h.source = tokenizer.Numbers(h.Vocab)
	}
	if !fits(h.source, h.Vocab) {
		return nil, &protocol.Error{Code: "vocab-mismatch", Expected: fmt.Sprint(h.Vocab), Found: fmt.Sprint(h.source.Size()),
			Detail: fmt.Sprintf("service: the source's tokenizer has %d tokens, the model %d", h.source.Size(), h.Vocab)}
	}
	h.names = names(h.source, h.Vocab)
	if c, ok := m.(nn.Copier); ok {
		c.Copies(copies(h.source, target, h.Vocab, m.Info().Vocab))
	}
	return h, nil
}

// copies are, for each of the source's n tokens, the target's of the same text, or -1: marks and numbers have none.
func copies(source, target tokenizer.Tokenizer, n, vocab int) []int {
	ids := map[string]int{}
	for id := range min(target.Size(), vocab) {
		if !target.Special(id) && target.Kind() != "numbers" {
			ids[string(target.Bytes(id))] = id
		}
	}
	to := make([]int, n)
	for i := range to {
		to[i] = -1
		if i < source.Size() && !source.Special(i) && source.Kind() != "numbers" {
			if id, ok := ids[string(source.Bytes(i))]; ok {
				to[i] = id
			}
		}
	}
	return to
}

// joinHalves makes the model an encoder-decoder, and says so.
func (s *Service) joinHalves(h *halves) {
	if s.seq = h; h == nil {
		return
	}
	a := &protocol.Seq{Source: h.Vocab, Context: h.Context, Most: h.most(), Tokenizer: h.source.Kind(), Shared: h.source == s.tok, Start: h.Start, Ends: h.Ends,
		Cross: h.Cross, Encoder: "encoder.output", Decoder: s.final, Mixed: h.Mixed, Renorm: h.Renorm, Decode: s.decodeOf(h.Manner)}
	for _, t := range h.Tasks {
		a.Tasks = append(a.Tasks, protocol.Task{Prefix: t.Prefix, Most: t.Most, Decode: s.decodeOf(t.Manner)})
	}
	if a.Context == 0 || a.Context > MaxTokens {
		a.Context = MaxTokens
	}
	for id := range min(h.source.Size(), h.Vocab) {
		if h.source.Special(id) {
			a.Specials = append(a.Specials, id)
		}
	}
	for _, id := range append(slices.Clone(h.Ends), h.Start) {
		if !slices.Contains(s.about.Specials, id) {
			s.about.Specials = append(s.about.Specials, id)
		}
	}
	s.about.Seq = a
}

// decodeOf is how a model's files say that a target is looked for; what they leave open is a beam of beamWide, no penalty and no rule.
func (s *Service) decodeOf(m nn.Manner) protocol.Decode {
	d := protocol.Decode{Beam: min(cmp.Or(m.Beam, beamWide), s.info.Vocab), Min: m.Min, NoRepeat: m.NoRepeat, Early: cmp.Or(m.Early, beam.Heuristic)}
	if !math.IsNaN(m.Length) {
		d.Length = m.Length
	}
	return d
}

// most is the longest target in tokens, with its end.
func (h *halves) most() int {
	if h.Most > 0 {
		return min(h.Most, mostTarget)
	}
	return mostTarget
}
