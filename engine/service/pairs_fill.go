package service

import (
	"strings"
	"time"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/beam"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// fillPairs runs on over the pairs until the time is over or all are run. What was run when it is cancelled stays.
func (s *Service) fillPairs(j *desk.Job, b protocol.PairsFill) (*protocol.PairsFilled, error) {
	p, _, err := s.thePairs(b.ID, 0)
	if err != nil {
		return nil, err
	}
	begin, most := time.Now(), time.Duration(b.Ms)*time.Millisecond
	defer func() { p.ran += time.Since(begin) }()
	for first := true; p.done < len(p.list) && (first || time.Since(begin) < most); first = false {
		if err := s.fillPair(j, p, p.done); err != nil {
			return nil, err
		}
		if err := j.Yield(); err != nil {
			return nil, err
		}
	}
	f := p.filled()
	f.Ms = float64((p.ran + time.Since(begin)).Microseconds()) / 1000
	return f, nil
}

// filled is how far the runs are.
func (p *pairs) filled() *protocol.PairsFilled {
	f := &protocol.PairsFilled{ID: p.info.ID, Done: p.done, Total: len(p.list), Bytes: p.stateBytes(), Rows: []int{}}
	for _, k := range p.states {
		f.Rows = append(f.Rows, k.store.Len())
	}
	if p.scores && p.sum.n > 0 {
		f.Score = p.sum.score()
	}
	return f
}

// given is what a model says of a target that is given.
type given struct {
	rec      *activation.Recorder
	tokens   []protocol.RefToken
	logP     float64   // sum over its tokens
	coverage []float64 // attention on each token of the source, where its penalty counts
}

// fillPair runs one pair: its source is translated if it is to be scored or has no reference, and the target is given to the decoder. Nothing of a pair
// is kept before all is done.
func (s *Service) fillPair(j *desk.Job, p *pairs, i int) error {
	k := &p.list[i]
	keep := k.keep && len(p.states) > 0
	if len(k.sourceIDs) == 0 || !keep && !p.scores {
		p.finish(i, nil, nil)
		return nil
	}
	g := &given{rec: activation.NewRecorder()}
	if keep {
		g.rec = activation.NewRecorder(p.names()...)
	}
	r, err := s.newSearch(j, protocol.Translate{Text: k.source, IDs: widen(k.sourceIDs), Decode: s.decode(p.decode, k.source)})
	if err != nil {
		return err
	}
	g.rec = s.covering(g.rec, r.opts)
	r.hooks.Recorder = g.rec
	target := k.targetIDs
	if r.begin, err = s.seq.Encode(nn.Input{IDs: r.ids, Hooks: &r.hooks, Yield: j.Yield}); err != nil {
		return err
	}
	if p.scores || target == nil {
		if r.found, err = s.free(j, r, r.opts); err != nil {
			return s.broke(err)
		}
		if target == nil && len(r.found.Hyps) > 0 {
			target = r.target(0)
		}
	}
	if err := s.give(j, r, g, target, p.scores && k.reference != ""); err != nil {
		return err
	}
	k.targetIDs = target
	if p.scores {
		p.rows = append(p.rows, s.scored(p, i, r, g))
	}
	if !keep {
		g.rec = nil
	}
	p.finish(i, g.rec, target)
	return nil
}

// names are the activations that are kept.
func (p *pairs) names() (names []string) {
	for _, k := range p.states {
		names = append(names, k.name)
	}
	return names
}

// target is a hypothesis that was found, with its end.
func (r *search) target(hyp int) (ids []int32) {
	for _, n := range r.found.Hyps[hyp].Path {
		ids = append(ids, int32(r.found.Nodes[n].ID))
	}
	return ids
}

// covering also records the attention that a penalty of coverage counts.
func (s *Service) covering(rec *activation.Recorder, o beam.Options) *activation.Recorder {
	if o.Coverage == 0 {
		return rec
	}
	return activation.NewRecorder(append(rec.Globs(), s.seq.Cross[len(s.seq.Cross)-1])...)
}

// give has the decoder read a target, with the changes; predicted: and say how likely its tokens are.
func (s *Service) give(j *desk.Job, r *search, g *given, target []int32, predicted bool) error {
	if len(target) == 0 {
		return nil
	}
	ids := append([]int{s.seq.Start}, widen(target[:len(target)-1])...)
	in := nn.Input{IDs: ids, Hooks: &activation.Hooks{Recorder: g.rec, Interventions: r.changesOn(ids)}, LogitsFrom: len(ids), Yield: j.Yield}
	if predicted {
		in.LogitsFrom = 0
		in.Logits = func(pos int, z []float32) {
			id, d := int(target[pos]), analysis.Describe(z)
			k := protocol.RefToken{ID: id, Text: s.names[id], Rank: analysis.Rank(z, id), Entropy: d.Entropy, Node: -1}
			if r.opts.Forced(pos) != id { // what must be written counts as certain, as in the search
				d.LogZ = r.opts.LogZ(ids[:pos+1], z, id, d.LogZ)
				k.LogP = -d.Surprisal(z, id)
			}
			g.tokens, g.logP = append(g.tokens, k), g.logP+k.LogP
		}
	}
	if err := s.model.Forward(r.begin.Clone(), in); err != nil {
		return err
	}
	if r.opts.Coverage != 0 {
		g.coverage = coverage(g.rec.Get(s.seq.Cross[len(s.seq.Cross)-1]), len(r.ids))
	}
	return nil
}

// coverage sums the mean over the heads of attention [heads, steps, n] over all steps.
func coverage(x *activation.Series, n int) []float64 {
	sum, mean := make([]float64, n), make([]float32, n)
	for q := range x.N {
		clear(mean)
		for h := range x.Inner[0] {
			for i, v := range x.Head(q, h) {
				mean[i] += v
			}
		}
		for i, v := range mean {
			sum[i] += float64(v / float32(x.Inner[0]))
		}
	}
	return sum
}

// finish keeps what was recorded of a pair, which is then done. rec nil: nothing is.
func (p *pairs) finish(i int, rec *activation.Recorder, target []int32) {
	for _, k := range p.states {
		n := 0
		if rec != nil {
			n = len(p.list[i].sourceIDs)
			if !k.source {
				n = len(target)
			}
		}
		for t := range n {
			k.store.Append([][]float32{rec.Get(k.name).At(t)})
		}
		k.ends = append(k.ends, k.store.Len())
	}
	if p.done++; p.scores && len(p.rows) < p.done {
		p.rows = append(p.rows, protocol.ScoreRow{Pair: i, Source: p.list[i].source, Reference: p.list[i].reference, Left: -1})
	}
}

// said is the text of a target.
func (s *Service) said(ids []int32) (text string, words []int32) {
	for _, id := range ids {
		if s.wordy(int(id)) {
			words = append(words, id)
		}
	}
	text, _ = s.tok.Spell(widen(words))
	return strings.TrimSpace(text), words
}
