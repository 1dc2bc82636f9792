// Package beam looks for the best targets by beam search, and keeps all that it weighed. It knows no model: only a function that steps
// hypotheses.
package beam

import (
	"fmt"
	"math"
	"slices"

	"loupe/engine/analysis"
)

// Options say how it is looked.
type Options struct {
	Width    int     // hypotheses that are kept at each step
	Most     int     // longest target, with its end
	Length   float64 // alpha: a hypothesis y is ranked by log p(y) / |y|^alpha
	Wu       bool    // or by log p(y) / ((5+|y|)/6)^alpha (Wu et al. 2016, eq. 14)
	Coverage float64 // beta of Wu et al.: beta sum_j log min(1, sum_t a_tj) is added; a sum below 1e-9 counts as that
	Prefix   []int   // tokens that the target begins with
	Start    int     // what the first step reads
	Ends     []int   // tokens after which a target is over
	Never    []int   // tokens that are never written
	Bad      [][]int // words of several tokens that are never written: the last does not follow the others
	Min      int     // no end follows fewer tokens than these, Start among them
	NoRepeat int     // no so many tokens in a row are written twice, Start counted; 0: any
	Early    string  // when it is over: Heuristic, AtFirst or Thorough
	Renorm   bool    // log p are those among what is not forbidden (renormalize_logits)
	First    int     // the token that is written first, whatever it costs: it counts as certain; -1: any
	Last     int     // likewise at the limit of length
	Top      int     // likeliest next tokens that are kept of each place
}

// Step takes a step of hypotheses: hypothesis i is the parents[i]-th of the call before, continued by token ids[i]; of the first call, the
// empty one that read Start. each is called for every i in order with its logits [vocab] and how it looked at the source, or nil. Neither is kept.
type Step func(parents, ids []int, each func(i int, logits, attention []float32)) error

// State is what became of a node.
type State string

const (
	Live    State = "live"    // it went on
	Ended   State = "ended"   // it is a finished target
	Limit   State = "limit"   // it is one that was cut at the limit of length
	Pruned  State = "pruned"  // others were better
	Dropped State = "dropped" // it was live when the search was over
	Banned  State = "banned"  // a rule forbids it; it would have been looked at
)

// Node is one continuation that was weighed. Nodes[0] is the empty target.
type Node struct {
	Parent, Step, ID int // -1, -1 and Start of Nodes[0]
	LogP, Sum, Score float64
	Rank             int
	State            State
	Rule             Rule      // of a Banned one
	Next             *Next     // what follows it; nil where it did not go on
	coverage         []float64 // attention on each token of the source so far; nil where nobody asks
}

// Next is the prediction after a node.
type Next struct {
	Entropy float64 // nats
	Top     []Choice
}

// Choice is a token and its log p.
type Choice struct {
	ID   int
	LogP float64
}

// Hyp is a target: its nodes from the first token on.
type Hyp struct {
	Path        []int
	Score, LogP float64
	Ended       bool
}

// Result is a search.
type Result struct {
	Nodes   []Node
	Hyps    []Hyp // best first, at most Width
	Live    []int // hypotheses that went on after each step
	Limited bool
}

// NotANumber is the error of logits that are none.
type NotANumber struct{ Step int }

func (e *NotANumber) Error() string {
	return fmt.Sprintf("beam: the logits of step %d are not finite", e.Step)
}

// Forbidden is the error of rules that leave nothing to write, before any target is finished.
type Forbidden struct{ Step int }

func (e *Forbidden) Error() string {
	return fmt.Sprintf("beam: the rules forbid every token of step %d", e.Step)
}

// search is one on its way.
type search struct {
	Options
	Result
	live     []int // the nodes that go on
	finished []Hyp
}

// Search looks for targets. The rule is that of transformers' beam search: at each step the (1+ends) Width best continuations of all live
// hypotheses that no rule forbids are looked at, best first, equals in the order of hypotheses and tokens; one that ends counts if it is among the
// first Width; of the others the first Width live. It is over when Width are finished, as Early says; and at the limit of length, where the first
// Width are finished as they are. Rules do not bind the Prefix, nor what is forced. Of Width 1 it is greedy.
func Search(o Options, step Step) (*Result, error) {
	s := &search{Options: o, live: []int{0}}
	s.Nodes = []Node{{Parent: -1, Step: -1, ID: o.Start, State: Live}}
	return s.run(0, []int{0}, []int{o.Start}, step)
}

// run takes the steps from the t-th on, of which the first reads ids after parents.
func (s *search) run(t int, parents, ids []int, step Step) (*Result, error) {
	for ; t < s.Most; t++ {
		most := (1 + len(s.Ends)) * s.Width
		found, forbidden := newBest(most), newBest(most)
		coverages := make([][]float64, len(ids))
		var bad error
		err := step(parents, ids, func(i int, logits, attention []float32) {
			if err := s.weigh(t, i, logits, found, forbidden); err != nil && bad == nil {
				bad = err
			}
			coverages[i] = s.cover(s.Nodes[s.live[i]].coverage, attention)
		})
		if err != nil {
			return nil, err
		}
		if bad != nil {
			return nil, bad
		}
		if len(found.all) == 0 && len(s.finished) == 0 && len(forbidden.all) > 0 {
			return nil, &Forbidden{t}
		}
		parents, ids = s.choose(t, withForbidden(found.sorted(), forbidden.sorted(), most), coverages)
		s.Result.Live = append(s.Result.Live, len(ids))
		if len(ids) == 0 || s.over(t) {
			break
		}
	}
	for _, l := range s.live {
		if n := &s.Nodes[l]; n.State == Live && n.Next == nil {
			n.State = Dropped
		}
	}
	s.Result.Hyps = s.finished
	return &s.Result, nil
}

// weigh offers all continuations of the i-th live hypothesis.
func (s *search) weigh(t, i int, logits []float32, found, forbidden *best) error {
	d := analysis.Describe(logits)
	if d.LogZ-d.LogZ != 0 {
		return &NotANumber{t}
	}
	n := &s.Nodes[s.live[i]]
	n.Next = &Next{Entropy: d.Entropy, Top: s.top(logits, d.LogZ)}
	offer := func(to *best, c candidate) {
		if c.sum, c.hyp = n.Sum+c.logp, i; c.logp-c.logp == 0 && to.takes(&c) { // finite
			to.add(c)
		}
	}
	switch held, forced := t < len(s.Prefix), s.Forced(t); {
	case held && !(t == 0 && s.Prefix[0] == s.First):
		if math.IsInf(float64(logits[s.Prefix[t]]), -1) {
			return &NotANumber{t}
		}
		offer(found, candidate{id: s.Prefix[t], logp: float64(logits[s.Prefix[t]]) - s.LogZ(s.read(s.live[i]), logits, s.Prefix[t], d.LogZ)})
	case forced >= 0:
		offer(found, candidate{id: forced})
	default:
		bans := s.banned(s.read(s.live[i]))
		for _, b := range bans {
			offer(forbidden, candidate{id: b.id, logp: float64(logits[b.id]) - d.LogZ, rule: b.rule})
		}
		logZ := s.logZ(logits, bans, d.LogZ)
		for id, z := range logits {
			c := candidate{id: id, logp: float64(z) - logZ}
			if c.sum = n.Sum + c.logp; found.takes(&c) && !slices.ContainsFunc(bans, func(b ban) bool { return b.id == id }) {
				offer(found, c)
			}
		}
	}
	for _, list := range [][]candidate{found.all, forbidden.all} {
		for k := range list {
			if c := &list[k]; c.hyp == i {
				c.rank = analysis.Rank(logits, c.id)
			}
		}
	}
	return nil
}

// top are the likeliest next tokens.
func (s *search) top(logits []float32, logZ float64) []Choice {
	found := newBest(s.Top)
	for id, z := range logits {
		if c := (candidate{sum: float64(z), id: id}); found.takes(&c) {
			found.add(c)
		}
	}
	out := make([]Choice, 0, s.Top)
	for _, c := range found.sorted() {
		out = append(out, Choice{c.id, c.sum - logZ})
	}
	return out
}

// cover is the attention of a hypothesis so far and of one more step; nil if no penalty asks for it.
func (s *search) cover(before []float64, attention []float32) []float64 {
	if s.Coverage == 0 || attention == nil {
		return nil
	}
	out := make([]float64, len(attention))
	copy(out, before)
	for j, a := range attention {
		out[j] += float64(a)
	}
	return out
}

// choose makes nodes of what was looked at, best first, and returns those that go on.
func (s *search) choose(t int, looked []candidate, coverages [][]float64) (parents, ids []int) {
	var next []int
	rank := 0
	for _, c := range looked {
		n := Node{Parent: s.live[c.hyp], Step: t, ID: c.id, LogP: c.logp, Sum: c.sum, Score: c.sum, Rank: c.rank, State: Pruned, Rule: c.rule, coverage: coverages[c.hyp]}
		ends := slices.Contains(s.Ends, c.id) && t >= len(s.Prefix)-1
		switch {
		case c.rule != "":
			n.State = Banned
		case ends && rank < s.Width:
			n.State = Ended
		case t == s.Most-1 && rank < s.Width:
			n.State, s.Limited = Limit, true
		case !ends && t < s.Most-1 && len(next) < s.Width:
			n.State = Live
			next = append(next, len(s.Nodes))
			parents, ids = append(parents, c.hyp), append(ids, c.id)
		}
		if n.State != Banned {
			rank++
		}
		s.Nodes = append(s.Nodes, n)
		if n.State == Ended || n.State == Limit {
			s.finish(len(s.Nodes) - 1)
		}
	}
	s.live = next
	return parents, ids
}

// finish takes a target, if it is among the best.
func (s *search) finish(node int) {
	n := &s.Nodes[node]
	n.Score = s.ScoreOf(n.Sum, n.Step+1, n.coverage)
	h := Hyp{Score: n.Score, LogP: n.Sum, Ended: n.State == Ended}
	for i := node; i > 0; i = s.Nodes[i].Parent {
		h.Path = append(h.Path, i)
	}
	slices.Reverse(h.Path)
	at := slices.IndexFunc(s.finished, func(f Hyp) bool { return h.Score > f.Score })
	if at < 0 {
		at = len(s.finished)
	}
	s.finished = slices.Insert(s.finished, at, h)
	s.finished = s.finished[:min(len(s.finished), s.Width)]
}

// ScoreOf is by what a target of n tokens, its end among them, is ranked: sum is that of their log p, coverage the attention on each token of the source
// over all steps; nil: it does not count.
func (o *Options) ScoreOf(sum float64, n int, coverage []float64) float64 {
	score := sum
	if o.Length != 0 {
		by := float64(n)
		if o.Wu {
			by = (5 + by) / 6
		}
		score /= math.Pow(by, o.Length)
	}
	for _, c := range coverage {
		score += o.Coverage * math.Log(min(1, max(c, 1e-9)))
	}
	return score
}

// over reports whether it is, as Early says. Coverage only takes away.
func (s *search) over(t int) bool {
	if len(s.finished) < s.Width {
		return false
	}
	n := t + 1
	switch {
	case s.Early == AtFirst:
		return true
	case s.Early == Thorough && s.Length > 0 && s.Width > 1:
		n = s.Most
	}
	return s.ScoreOf(s.Nodes[s.live[0]].Sum, n, nil) <= s.finished[s.Width-1].Score
}
