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
)

// Node is one continuation that was weighed. Nodes[0] is the empty target.
type Node struct {
	Parent, Step, ID int // -1, -1 and Start of Nodes[0]
	LogP, Sum, Score float64
	Rank             int
	State            State
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

// search is one on its way.
type search struct {
	Options
	Result
	live     []int // the nodes that go on
	finished []Hyp
}

// Search looks for targets. The rule is that of transformers' beam search with early_stopping=False: at each step the (1+ends) Width best
// continuations of all live hypotheses are looked at, best first, equals in the order of hypotheses and tokens; one that ends counts if it is
// among the first Width; of the others the first Width live. It is over when Width are finished and the best live one, scored as if it ended
// here, is no better than the worst of them; and at the limit of length, where the first Width are finished as they are.
func Search(o Options, step Step) (*Result, error) {
	s := &search{Options: o, live: []int{0}}
	s.Nodes = []Node{{Parent: -1, Step: -1, ID: o.Start, State: Live}}
	return s.run(0, []int{0}, []int{o.Start}, step)
}

// run takes the steps from the t-th on, of which the first reads ids after parents.
func (s *search) run(t int, parents, ids []int, step Step) (*Result, error) {
	for ; t < s.Most; t++ {
		found := newBest((1 + len(s.Ends)) * s.Width)
		coverages := make([][]float64, len(ids))
		var bad error
		err := step(parents, ids, func(i int, logits, attention []float32) {
			if err := s.weigh(t, i, logits, found); err != nil && bad == nil {
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
		parents, ids = s.choose(t, found.sorted(), coverages)
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
func (s *search) weigh(t, i int, logits []float32, found *best) error {
	d := analysis.Describe(logits)
	if d.LogZ-d.LogZ != 0 {
		return &NotANumber{t}
	}
	n := &s.Nodes[s.live[i]]
	n.Next = &Next{Entropy: d.Entropy, Top: s.top(logits, d.LogZ)}
	offer := func(id int, logp float64) {
		if c := (candidate{sum: n.Sum + logp, hyp: i, id: id, logp: logp}); !math.IsInf(logp, -1) && found.takes(&c) {
			found.add(c)
		}
	}
	held := t < len(s.Prefix)
	switch {
	case held && !(t == 0 && s.Prefix[0] == s.First):
		if math.IsInf(float64(logits[s.Prefix[t]]), -1) {
			return &NotANumber{t}
		}
		offer(s.Prefix[t], float64(logits[s.Prefix[t]])-d.LogZ)
	case t == 0 && s.First >= 0:
		offer(s.First, 0)
	case t == s.Most-1 && s.Last >= 0:
		offer(s.Last, 0)
	default:
		for id, z := range logits {
			if !slices.Contains(s.Never, id) {
				offer(id, float64(z)-d.LogZ)
			}
		}
	}
	for k := range found.all {
		if c := &found.all[k]; c.hyp == i {
			c.rank = analysis.Rank(logits, c.id)
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
	for rank, c := range looked {
		n := Node{Parent: s.live[c.hyp], Step: t, ID: c.id, LogP: c.logp, Sum: c.sum, Score: c.sum, Rank: c.rank, State: Pruned, coverage: coverages[c.hyp]}
		ends := slices.Contains(s.Ends, c.id) && t >= len(s.Prefix)-1
		switch {
		case ends && rank < s.Width:
			n.State = Ended
		case t == s.Most-1 && rank < s.Width:
			n.State, s.Limited = Limit, true
		case !ends && t < s.Most-1 && len(next) < s.Width:
			n.State = Live
			next = append(next, len(s.Nodes))
			parents, ids = append(parents, c.hyp), append(ids, c.id)
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

// over reports whether no live hypothesis can be better than the worst that is finished. Coverage only takes away.
func (s *search) over(t int) bool {
	return len(s.finished) == s.Width && s.ScoreOf(s.Nodes[s.live[0]].Sum, t+1, nil) <= s.finished[s.Width-1].Score
}
