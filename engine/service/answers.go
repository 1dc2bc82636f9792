package service

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"loupe/engine/activation"
	"loupe/engine/analysis"
	"loupe/engine/desk"
	"loupe/engine/projection"
	"loupe/engine/protocol"
	"loupe/engine/sample"
)

// position checks a position of the text.
func (s *Service) position(pos int) error {
	if len(s.base.ids) == 0 {
		return &protocol.Error{Code: "no-text", Detail: "service: there is no text"}
	}
	if pos < 0 || pos >= len(s.base.ids) {
		return desk.BadRequest("position", fmt.Sprintf("0 to %d", len(s.base.ids)-1), pos)
	}
	return nil
}

// predicts checks a position, and that something is predicted there.
func (s *Service) predicts(pos int) error {
	if !s.info.Logits {
		return desk.BadRequest("prediction", "a model that predicts tokens", s.info.Family)
	}
	return s.position(pos)
}

// predict is softmax(W h + b) at a position, from the recorded h: a slider needs no new run.
func (s *Service) predict(_ *desk.Job, b protocol.Predict) (*protocol.Prediction, error) {
	if err := s.predicts(b.Pos); err != nil {
		return nil, err
	}
	if err := checkSampling(b.Sampling); err != nil {
		return nil, err
	}
	v := s.info.Vocab
	if !finite(s.read(s.now, b.Pos).logits) {
		return nil, notANumber(b.Pos, s.firstBad(s.now, b.Pos))
	}
	d := s.sorted(s.now, b.Pos)
	dist := make([]float32, v)
	cut := sample.Filter(dist, d.logits, d.order, params(b.Sampling))
	bias := s.model.Bias()
	p := &protocol.Prediction{Pos: b.Pos, Entropy: float32(d.Entropy), LogZ: float32(d.LogZ), HasBias: bias != nil,
		Kept: cut.Kept, ByK: cut.K, ByP: cut.P, ByMinP: cut.MinP, Drawn: float32(sample.Entropy(dist)),
		Reach: d.reach, Hidden: slices.Clone(s.hidden(s.now, b.Pos))}
	var before *reading
	if s.now != s.base {
		if before = s.read(s.base, b.Pos); !finite(before.logits) {
			return nil, notANumber(b.Pos, s.firstBad(s.base, b.Pos))
		}
		p.KL = float32(analysis.KL(d.logits, before.logits, d.Distribution, before.Distribution))
	}
	row := func(id, rank int) protocol.Row {
		r := protocol.Row{ID: id, Text: s.names[id], Rank: rank, Logit: d.logits[id],
			P: float32(math.Exp(float64(d.logits[id]) - d.LogZ)), Sampled: dist[id], Before: -1}
		if bias != nil {
			r.Bias = bias[id]
		}
		if before != nil {
			r.Before = float32(math.Exp(float64(before.logits[id]) - before.LogZ))
		}
		return r
	}
	for i, id := range d.order[:min(max(b.N, 0), v)] {
		p.Rows = append(p.Rows, row(int(id), i))
	}
	for _, id := range b.Watch {
		if id >= 0 && id < v {
			p.Watched = append(p.Watched, row(id, analysis.Rank(d.logits, id)))
		}
	}
	if at := s.about.Of(b.Pos); at < len(s.now.ids) {
		id := s.now.ids[at]
		r := row(id, analysis.Rank(d.logits, id))
		p.Actual = &r
	}
	return p, nil
}

// finite reports whether no value is infinite or not a number.
func finite(x []float32) bool {
	return !slices.ContainsFunc(x, func(v float32) bool { return v-v != 0 })
}

// activation copies part of a recorded activation.
func (s *Service) activation(j *desk.Job, b protocol.Activation) (*protocol.Array, error) {
	series, err := s.series(j, b.Name, b.Before)
	if err != nil {
		return nil, err
	}
	if b.To < 0 || b.To > series.N {
		b.To = series.N
	}
	if b.From < 0 || b.From > b.To {
		return nil, desk.BadRequest("positions", fmt.Sprintf("0 to %d", series.N), fmt.Sprintf("%d to %d", b.From, b.To))
	}
	if b.Index < -1 || b.Index >= series.Inner[0] {
		return nil, desk.BadRequest("index of "+b.Name, fmt.Sprintf("0 to %d", series.Inner[0]-1), b.Index)
	}
	n := b.To - b.From
	if series.Heads {
		return heads(series, b, n), nil
	}
	shape := append([]int{n}, series.Inner...)
	step := len(series.At(0)) / series.Inner[0]
	if b.Index >= 0 {
		shape = append([]int{n}, series.Inner[1:]...)
	}
	out := &protocol.Array{Shape: shape, Data: make([]float32, 0, n*len(series.At(0)))}
	for q := b.From; q < b.To; q++ {
		row := series.At(q)
		if b.Index >= 0 {
			row = row[b.Index*step : (b.Index+1)*step]
		}
		out.Data = append(out.Data, row...)
	}
	return out, nil
}

// heads copies queries From..To of a [head, query, key] activation; keys that a query does not see are 0.
func heads(series *activation.Series, b protocol.Activation, n int) *protocol.Array {
	keys := b.To
	if series.Keys > 0 { // every query sees all
		keys = series.Keys
	}
	lo, hi, shape := 0, series.Inner[0], []int{series.Inner[0], n, keys}
	if b.Index >= 0 {
		lo, hi, shape = b.Index, b.Index+1, []int{n, keys}
	}
	out := &protocol.Array{Shape: shape, Data: make([]float32, (hi-lo)*n*keys)}
	for h := lo; h < hi; h++ {
		for q := b.From; q < b.To; q++ {
			copy(out.Data[((h-lo)*n+q-b.From)*keys:], series.Head(q, h))
		}
	}
	return out
}

// patterns are all heads' attention, small.
func (s *Service) patterns(j *desk.Job, b protocol.Patterns) (*protocol.Array, error) {
	names, err := s.attends("patterns", b.Half)
	if err != nil {
		return nil, err
	}
	if err := s.position(0); err != nil {
		return nil, err
	}
	if err := s.record(j, names...); err != nil {
		return nil, err
	}
	heads := s.act(names[0]).Inner[0]
	n, m := s.span(b.Half)
	rows, cols := min(max(b.Size, 1), n, 256), min(max(b.Size, 1), m, 256)
	out := &protocol.Array{Shape: []int{len(names), heads, rows, cols}, Data: make([]float32, len(names)*heads*rows*cols)}
	for l, name := range names {
		series := s.now.hooks.Recorder.Get(name)
		for h := range heads {
			cell := out.Data[(l*heads+h)*rows*cols:][:rows*cols]
			analysis.PoolMax(cell, rows, cols, n, m, func(q int) []float32 { return series.Head(q, h) })
		}
	}
	return out, nil
}

// mapEmbedding lays tokens' embeddings in a plane.
func (s *Service) mapEmbedding(j *desk.Job, b protocol.Map) (*protocol.Array, error) {
	ids := s.words(min(max(b.Max, 1), s.info.Vocab, 1024), s.isWord)
	n, d := len(ids), s.info.Embed
	x := make([]float32, n*d)
	names := make([]string, n)
	for i, id := range ids {
		s.model.Embedding(x[i*d:(i+1)*d], id)
		names[i] = s.names[id]
	}
	xy, err := projection.PCA(x, n, 2, j.Yield)
	if err != nil {
		return nil, &protocol.Error{Code: "not-a-number", Where: "embedding", Detail: err.Error()}
	}
	return &protocol.Array{Shape: []int{n, 2}, Data: xy, Names: names, IDs: ids}, nil
}

// words are n tokens in the order of the vocabulary, more if include are more: those, then the ones that are wanted first,
// then others. (A large vocabulary begins with marks, bytes and places that are not used.)
func (s *Service) words(n int, first func(id int) bool, include ...int) []int {
	taken, ids := make([]bool, len(s.names)), make([]int, 0, n)
	take := func(id int) {
		if !taken[id] {
			taken[id], ids = true, append(ids, id)
		}
	}
	for _, id := range include {
		take(id)
	}
	for id := 0; id < len(s.names) && len(ids) < n; id++ {
		if first(id) {
			take(id)
		}
	}
	for id := 0; id < len(s.names) && len(ids) < n; id++ {
		take(id)
	}
	slices.Sort(ids)
	return ids
}

// isWord reports whether a token is two letters or more, and nothing else but a space before them; where all tokens are words,
// whether it is one that a text may have.
func (s *Service) isWord(id int) bool {
	name := s.names[id]
	if whole(s.about.Tokenizer) {
		return !mark(name, s.about.Tokenizer)
	}
	name = strings.TrimLeft(name, " ▁")
	return utf8.RuneCountInString(name) > 1 && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
}

// find lists tokens whose text contains a text: the exact ones first, then those that begin with it.
func (s *Service) find(_ *desk.Job, b protocol.Find) (*protocol.FindResult, error) {
	r := &protocol.FindResult{}
	if b.Text == "" {
		return r, nil
	}
	var by [3][]protocol.Choice
	want, lower := strings.TrimSpace(b.Text), strings.ToLower(b.Text)
	list := s.names
	if b.Source && s.seq != nil {
		list = s.seq.names
	}
	for id, name := range list {
		k := -1
		switch low := strings.ToLower(name); {
		case name == b.Text || want != "" && strings.TrimSpace(name) == want:
			k = 0
		case strings.HasPrefix(strings.TrimSpace(low), lower):
			k = 1
		case strings.Contains(low, lower):
			k = 2
		}
		if k >= 0 && len(by[k]) < max(b.N, 1) {
			by[k] = append(by[k], protocol.Choice{ID: id, Text: name})
		}
	}
	r.Tokens = slices.Concat(by[0], by[1], by[2])
	r.Tokens = r.Tokens[:min(len(r.Tokens), max(b.N, 1))]
	return r, nil
}
