package service

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"loupe/engine/activation"
	"loupe/engine/desk"
	"loupe/engine/match"
	"loupe/engine/protocol"
)

// among are the states of a hypothesis, the tokens that they stand for, and the kept states that they are compared with: the first n rows.
type among struct {
	series *activation.Series
	own    []string
	p      *pairs
	k      *keptStates
	n      int
	row    []float32 // of one of them
}

// among are those of an activation and a hypothesis that a question by a metric is about.
func (s *Service) among(j *desk.Job, id, upto int, of protocol.Translate, hyp int, name, metric string) (a among, err error) {
	if err = known(metric); err != nil {
		return a, err
	}
	if a.series, a.own, err = s.ownStates(j, of, hyp, name); err != nil {
		return a, err
	}
	a.p, a.k, a.n, err = s.statesFor(j, id, upto, of, hyp, name)
	return a, err
}

// nearPairs finds the kept states that are most like one of a hypothesis.
func (s *Service) nearPairs(j *desk.Job, b protocol.PairsNear) (*protocol.PairsNearResult, error) {
	start := time.Now()
	a, err := s.among(j, b.ID, b.Upto, b.Of, b.Hyp, b.Name, b.Metric)
	if err != nil {
		return nil, err
	}
	if b.Pos < 0 || b.Pos >= min(a.series.N, len(a.own)) {
		return nil, desk.BadRequest("position", fmt.Sprintf("0 to %d", len(a.own)-1), b.Pos)
	}
	q := a.series.At(b.Pos)
	self, most := a.p.self(a.k, b.Pos), limit(b.N, min(a.n, mostRows))
	lists, err := a.k.store.NearAll([][]float32{q}, 0, len(q), a.n, most+b2i(self >= 0), b.Metric, j.Yield)
	if err != nil {
		return nil, err
	}
	list := butFor(lists[0], self, most)
	r := &protocol.PairsNearResult{Total: a.n - b2i(self >= 0)}
	found := make([]int, len(list))
	for i, near := range list {
		found[i] = near.Pos
		r.Rows = append(r.Rows, a.p.place(a.k, near.Pos, near.Score))
	}
	if b.Map > 0 && a.n > 0 {
		if r.Share, err = a.lay(j, found, b.Map, &r.Laid); err != nil {
			return nil, err
		}
	}
	r.Ms = float64(time.Since(start).Microseconds()) / 1000
	return r, nil
}

// known is an error for a measure of likeness that there is not.
func known(metric string) error {
	if !slices.Contains([]string{"cosine", "euclidean", "dot"}, metric) {
		return desk.BadRequest("metric", "cosine, euclidean or dot", metric)
	}
	return nil
}

// ownStates are the states of a hypothesis, and the tokens that they stand for.
func (s *Service) ownStates(j *desk.Job, of protocol.Translate, hyp int, name string) (*activation.Series, []string, error) {
	if _, _, err := s.corpusSources([]string{name}); err != nil {
		return nil, nil, err
	}
	k, err := s.translation(j, of)
	if err != nil {
		return nil, nil, err
	}
	series, err := s.seriesIn(j, k, hyp, name)
	if err != nil {
		return nil, nil, err
	}
	ids, words := narrow(k.ids), s.seq.names
	if !s.act(name).Source {
		ids, words = k.search.target(hyp), s.names
	}
	own := make([]string, len(ids))
	for i, id := range ids {
		own[i] = words[id]
	}
	return series, own, nil
}

// self is the row of a state of the hypothesis that is asked about, which no state is near to itself; -1: it is not among the states.
func (p *pairs) self(k *keptStates, pos int) int {
	if p.info.ID != 0 {
		return -1
	}
	return k.upto(len(p.list)-1) + pos
}

// butFor is a list of at most so many without a row.
func butFor(list []match.Near, row, most int) []match.Near {
	list = slices.DeleteFunc(list, func(n match.Near) bool { return n.Pos == row })
	return list[:min(most, len(list))]
}

// statesFor are the kept states of an activation that are asked about, the first n rows: those of the pairs that are open, or, of ID 0, of the translations
// that were made lately, of which this one is the last.
func (s *Service) statesFor(j *desk.Job, id, upto int, of protocol.Translate, hyp int, name string) (p *pairs, k *keptStates, n int, err error) {
	if id == 0 {
		if p, err = s.recent(j, of, hyp, name); err != nil {
			return nil, nil, 0, err
		}
		return p, p.states[0], p.states[0].store.Len(), nil
	}
	p, done, err := s.thePairs(id, upto)
	if err != nil {
		return nil, nil, 0, err
	}
	if k = p.of(name); k == nil {
		return nil, nil, 0, desk.BadRequest("activation", strings.Join(p.names(), ", "), name)
	}
	return p, k, k.upto(done), nil
}

// recent are the translations that were made lately, the last one first, as pairs with the states of one activation: each winner once, and at the end
// the hypothesis that the question is about.
func (s *Service) recent(j *desk.Job, of protocol.Translate, hyp int, name string) (*pairs, error) {
	self, err := s.translation(j, of)
	if err != nil {
		return nil, err
	}
	units := s.act(name).Inner[0]
	state := &keptStates{name: name, source: s.act(name).Source, store: match.New([]match.Source{{Name: name, Units: units}}, nil)}
	p := &pairs{words: [2][]string{s.seq.names, s.names}, states: []*keptStates{state}, planes: s.planes}
	var asked []protocol.Translate
	list := slices.Clone(s.seq.kept)
	slices.Reverse(list)
	for _, k := range list {
		if len(k.answer.Hyps) == 0 {
			continue
		}
		var q protocol.Translate
		if err := json.Unmarshal([]byte(k.key), &q); err != nil {
			return nil, err
		}
		source, target := narrow(k.ids), k.search.target(0)
		same := func(i int) bool {
			return slices.Equal(p.list[i].sourceIDs, source) && slices.Equal(p.list[i].targetIDs, target) && reflect.DeepEqual(asked[i].Changes, q.Changes)
		}
		again := slices.Equal(narrow(self.ids), source) && hyp < len(self.found.Hyps) && slices.Equal(self.search.target(hyp), target) && reflect.DeepEqual(of.Changes, q.Changes)
		for i := range p.list {
			again = again || same(i)
		}
		if again {
			continue
		}
		if err := s.keepOf(j, p, k, 0, q.Changes); err != nil {
			return nil, err
		}
		asked = append(asked, q)
	}
	return p, s.keepOf(j, p, self, hyp, of.Changes)
}

// keepOf adds a hypothesis to pairs that keep the states of one activation.
func (s *Service) keepOf(j *desk.Job, p *pairs, k *made, hyp int, changes []protocol.Change) error {
	state := p.states[0]
	series, err := s.seriesIn(j, k, hyp, state.name)
	if err != nil {
		return err
	}
	for t := range series.N {
		state.store.Append([][]float32{series.At(t)})
	}
	state.ends = append(state.ends, state.store.Len())
	p.list = append(p.list, pair{sourceIDs: narrow(k.ids), targetIDs: k.search.target(hyp), note: s.noteOf(k, changes)})
	p.done++
	return nil
}

// noteOf is what was changed, in few words: a source token and what stands in its place, the words that the target had to begin with, or the
// name of an activation, where and how.
func (s *Service) noteOf(k *made, changes []protocol.Change) string {
	var parts []string
	for _, c := range changes {
		switch c.Name {
		case protocol.SourceChange:
			if c.Pos < len(k.text.ids) {
				parts = append(parts, s.seq.names[k.text.ids[c.Pos]]+" → "+s.seq.names[int(c.Value)])
			}
		case protocol.PrefixChange:
			var words []string
			for _, id := range idsOf(c.Row) {
				words = append(words, s.names[id])
			}
			parts = append(parts, strings.Join(words, " ")+" …")
		default:
			where := "*"
			if c.Pos >= 0 {
				where = strconv.Itoa(c.Pos)
			}
			parts = append(parts, fmt.Sprintf("%s@%s %s", c.Name, where, c.Op))
		}
	}
	return strings.Join(parts, ", ")
}
