package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"loupe/engine/activation"
	"loupe/engine/beam"
	"loupe/engine/desk"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// keptMost is how many translations are kept.
const keptMost = 32

// made is a translation, and what its hypotheses did.
type made struct {
	key string
	*search
	answer *protocol.Translation
	tracks map[int]*track // of hypotheses that were asked about
}

// search is how a target is found, or was.
type search struct {
	ids    []int // of the source as the encoder reads it, with the changes
	text   text  // the source without them
	hooks  activation.Hooks
	bound  []activation.Intervention // of hypotheses that begin with prefix[:Pos] only
	prefix []int
	opts   beam.Options
	begin  nn.State // the decoder's before its first token
	found  *beam.Result
	forced int
	traces []*traced // the searches that were done
}

// translate looks for targets of a source.
func (s *Service) translate(j *desk.Job, b protocol.Translate) (*protocol.Translation, error) {
	k, err := s.translation(j, b)
	if err != nil {
		return nil, err
	}
	out := *k.answer // what is cut for this request stays whole in what is kept
	if b.N > 0 {
		out.Hyps = out.Hyps[:min(b.N, len(out.Hyps))]
	}
	return &out, nil
}

// translation is one that was made, or makes it.
func (s *Service) translation(j *desk.Job, b protocol.Translate) (*made, error) {
	if err := checkDecode(&b.Decode); err != nil {
		return nil, err
	}
	b.N = 0
	b.Decode = s.decode(b.Decode, b.Text)
	key, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(s.seq.kept, func(k *made) bool { return k.key == string(key) }); i >= 0 {
		k := s.seq.kept[i]
		s.seq.kept = append(slices.Delete(s.seq.kept, i, i+1), k)
		return k, nil
	}
	start := time.Now()
	r, err := s.newSearch(j, b)
	if err != nil {
		return nil, err
	}
	t := &protocol.Translation{Text: r.text.text, Source: s.seq.tokensOf(r.text, r.ids), Decode: b.Decode}
	if err := s.check(t, b, r); err != nil {
		return nil, err
	}
	if len(r.ids) > 0 {
		if err := s.look(j, r, t); err != nil {
			return nil, err
		}
		s.tell(t, r)
		s.beyond(t, b.Changes)
	}
	t.Ms = float64(time.Since(start).Microseconds()) / 1000
	k := &made{key: string(key), search: r, answer: t, tracks: map[int]*track{}}
	s.seq.kept = append(s.seq.kept, k)
	s.seq.kept = s.seq.kept[max(0, len(s.seq.kept)-keptMost):]
	s.forget()
	return k, nil
}

// look searches: first freely; if what is found does not begin with the prefix, again from there.
func (s *Service) look(j *desk.Job, r *search, t *protocol.Translation) (err error) {
	if r.begin = s.encoded(r); r.begin == nil {
		if r.begin, err = s.seq.Encode(nn.Input{IDs: r.ids, Hooks: &r.hooks, Yield: j.Yield}); err != nil {
			return err
		}
	}
	if r.found, err = s.free(j, r, r.opts); err != nil {
		return s.broke(err)
	}
	if len(r.prefix) > 0 && !begins(r.found, r.prefix) {
		o := r.opts
		o.Prefix, o.Most = r.prefix, max(o.Most, len(r.prefix))
		r.forced = len(r.prefix)
		if r.found, err = s.free(j, r, o); err != nil {
			return s.broke(err)
		}
	}
	return nil
}

// broke is an error of a search as the page can say it.
func (s *Service) broke(err error) error {
	var bad *beam.NotANumber
	if errors.As(err, &bad) {
		return notANumber(bad.Step, "")
	}
	var none *beam.Forbidden
	if errors.As(err, &none) {
		return desk.BadRequest("decode", "rules that leave a token to write", fmt.Sprintf("none at step %d", none.Step))
	}
	return err
}

// begins reports whether the best target begins so.
func begins(r *beam.Result, prefix []int) bool {
	if len(r.Hyps) == 0 || len(r.Hyps[0].Path) < len(prefix) {
		return false
	}
	for i, id := range prefix {
		if r.Nodes[r.Hyps[0].Path[i]].ID != id {
			return false
		}
	}
	return true
}

// free is one search, which begins where it parts from those that were made.
func (s *Service) free(j *desk.Job, r *search, o beam.Options) (*beam.Result, error) {
	from := s.earlier(r, &o)
	states, words, step := []nn.State{r.begin}, [][]int{nil}, from.steps // of the hypotheses of the last step: their states, and what they wrote
	trace := &traced{opts: o}
	if step > 0 {
		trace.states, trace.words = slices.Clone(from.states[:step]), slices.Clone(from.words[:step])
		states, words = trace.states[step-1], trace.words[step-1]
	} else {
		from.traced = trace
	}
	found, err := beam.Resume(o, from.found, step, func(parents, ids []int, each func(i int, logits, attention []float32)) error {
		if err := j.Yield(); err != nil {
			return err
		}
		j.Progress("translate", float64(step), float64(o.Most), "")
		next, wrote := make([]nn.State, len(ids)), make([][]int, len(ids))
		for i, p := range parents {
			next[i] = states[p].Clone()
			if step > 0 {
				wrote[i] = append(slices.Clip(words[p]), ids[i])
			}
		}
		states, words = next, wrote
		trace.states, trace.words = append(trace.states, states), append(trace.words, words)
		err := s.stepAll(j, r, step, states, words, ids, o.Coverage != 0, each)
		step++
		return err
	})
	trace.found = found
	r.traces = append(r.traces, trace)
	return found, err
}

// stepAll steps all hypotheses: those that begin as a changed row of attention wants apart.
func (s *Service) stepAll(j *desk.Job, r *search, step int, states []nn.State, words [][]int, ids []int, cover bool, each func(i int, logits, attention []float32)) error {
	var rows []activation.Intervention
	for _, v := range r.bound {
		if v.Pos == step {
			rows = append(rows, v)
		}
	}
	rest := make([]int, 0, len(ids))
	var on []int
	for i := range ids {
		if len(rows) > 0 && step <= len(r.prefix) && slices.Equal(words[i], r.prefix[:step]) {
			on = append(on, i)
		} else {
			rest = append(rest, i)
		}
	}
	if len(on) == 0 {
		return s.step(j, r.hooks.Interventions, states, ids, rest, cover, each)
	}
	type said struct{ logits, attention []float32 }
	all := make([]said, len(ids))
	keep := func(i int, logits, attention []float32) {
		all[i] = said{slices.Clone(logits), slices.Clone(attention)}
	}
	if err := s.step(j, slices.Concat(r.hooks.Interventions, rows), states, ids, on, cover, keep); err != nil {
		return err
	}
	if err := s.step(j, r.hooks.Interventions, states, ids, rest, cover, keep); err != nil {
		return err
	}
	for i, a := range all {
		each(i, a.logits, a.attention)
	}
	return nil
}

// step steps some of the hypotheses.
func (s *Service) step(j *desk.Job, inter []activation.Intervention, states []nn.State, ids, which []int, cover bool, each func(i int, logits, attention []float32)) error {
	if len(which) == 0 {
		return nil
	}
	own, read := make([]nn.State, len(which)), make([]int, len(which))
	for k, i := range which {
		own[k], read[k] = states[i], ids[i]
	}
	attention := make([][]float32, len(which))
	var attn func(int, []float32)
	if cover {
		attn = func(k int, w []float32) { attention[k] = slices.Clone(w) }
	}
	return s.seq.Step(own, nn.Input{IDs: read, Hooks: &activation.Hooks{Interventions: inter}, Yield: j.Yield,
		Logits: func(k int, z []float32) { each(which[k], z, attention[k]) }}, attn)
}

// tell makes the answer of what was found.
func (s *Service) tell(t *protocol.Translation, r *search) {
	f := r.found
	t.Live, t.Limited, t.Forced = f.Live, f.Limited, r.forced
	t.Decode.Beam, t.Decode.Most = r.opts.Width, r.opts.Most
	for _, n := range f.Nodes {
		node := protocol.Node{Parent: n.Parent, Step: n.Step, ID: n.ID, Text: s.names[n.ID], LogP: n.LogP, Sum: n.Sum, Score: n.Score, Rank: n.Rank, State: string(n.State), Rule: string(n.Rule)}
		if n.Next != nil {
			node.Next = &protocol.Next{Entropy: float32(n.Next.Entropy)}
			for _, c := range n.Next.Top {
				node.Next.Top = append(node.Next.Top, protocol.Choice{ID: c.ID, Text: s.names[c.ID], P: float32(math.Exp(c.LogP))})
			}
		}
		t.Nodes = append(t.Nodes, node)
	}
	for _, h := range f.Hyps {
		text, _ := s.tok.Spell(s.written(r, h))
		t.Hyps = append(t.Hyps, protocol.Hypothesis{Text: strings.TrimSpace(text), Path: h.Path, Score: h.Score, LogP: h.LogP, Ended: h.Ended})
	}
}

// written are the tokens of a hypothesis that stand for text.
func (s *Service) written(r *search, h beam.Hyp) (ids []int) {
	for _, n := range h.Path {
		if id := r.found.Nodes[n].ID; !slices.Contains(s.seq.Ends, id) && !s.tok.Special(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// beyond warns of changes at places that neither the source nor any target has.
func (s *Service) beyond(t *protocol.Translation, changes []protocol.Change) {
	longest := 0
	for _, h := range t.Hyps {
		longest = max(longest, len(h.Path))
	}
	for _, c := range changes {
		most := longest
		if a := s.act(c.Name); c.Name == protocol.SourceChange || a != nil && a.Source {
			most = len(t.Source)
		}
		if c.Pos >= most {
			t.Warnings = append(t.Warnings, protocol.Warning{Code: "change-beyond", What: c.Name, N: c.Pos})
		}
	}
}
