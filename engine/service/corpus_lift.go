package service

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"loupe/engine/annotation"
	"loupe/engine/desk"
	"loupe/engine/match"
	"loupe/engine/protocol"
)

const (
	fewValues  = 12  // a number with no more different whole values is taken for a label
	leastWord  = 5   // a word that occurs less often is not tested
	mostLifted = 200 // rows of one annotation at one place
)

// wheres are the places of a match at which labels are counted.
var wheres = []string{"before", "start", "inside", "after"}

// liftCorpus says which labels and words occur at the places of a match more often, or less, than in the corpus. Each token counts once at a
// place, however many runs it is in.
func (s *Service) liftCorpus(j *desk.Job, b protocol.Match) (*protocol.LiftResult, error) {
	c, n, err := s.theCorpus(b.Corpus, b.Upto)
	if err != nil {
		return nil, err
	}
	runs, _, err := s.runs(j, c, n, &b)
	if err != nil {
		return nil, err
	}
	l := &lift{j: j, n: n, result: &protocol.LiftResult{Places: len(runs)}}
	for _, where := range wheres {
		l.at = append(l.at, c.tokensAt(runs, where, n))
	}
	for i := range c.tracks {
		k, err := c.column(c.tracks[i].Name, n, j.Yield)
		if err != nil {
			return nil, err
		}
		if labels := k.few(n); labels != nil {
			if err := l.count(k.Name, len(labels), 1, func(id int) string { return labels[id] }, func(t int) int { return labelOf(k.at(t)) }); err != nil {
				return nil, err
			}
		}
	}
	if err := l.count("token", len(c.counts), leastWord, func(id int) string { return s.names[id] }, func(t int) int { return int(c.ids[t]) }); err != nil {
		return nil, err
	}
	return l.done(), nil
}

// tokens is a set of tokens, a bit each.
type tokens []uint64

// each calls f with each of them, and returns how many they are.
func (s tokens) each(f func(t int)) (n int) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			f(64*i + bits.TrailingZeros64(w))
			n++
		}
	}
	return n
}

// tokensAt are the tokens before n that are at a place of some run, and in the run's document.
func (c *texts) tokensAt(runs []match.Run, where string, n int) tokens {
	at := make(tokens, n/64+1)
	for _, k := range runs {
		lo, hi := k.Pos, k.Pos+1
		switch where {
		case "before":
			lo, hi = lo-1, lo
		case "inside":
			hi = k.Pos + k.Len
		case "after":
			lo, hi = k.Pos+k.Len, k.Pos+k.Len+1
		}
		d := &c.docs[c.doc(k.Pos)]
		for t := max(lo, d.lo); t < min(hi, d.hi, n); t++ {
			at[t/64] |= 1 << (t % 64)
		}
	}
	return at
}

// few are the labels of an annotation, or the values of a number that has few among the first n tokens, by their value; nil: it has neither.
func (k *column) few(n int) []string {
	if len(k.Labels) > 0 || k.values.b == nil {
		return k.Labels
	}
	var seen [math.MaxUint8]bool
	labels, different := []string(nil), 0
	for _, v := range k.values.b[:min(n, len(k.values.b))] {
		if v == math.MaxUint8 || seen[v] {
			continue
		}
		if seen[v], different = true, different+1; different > fewValues {
			return nil
		}
	}
	for v, is := range seen {
		if is {
			for len(labels) <= v {
				labels = append(labels, strconv.Itoa(len(labels)))
			}
		}
	}
	return labels
}

// labelOf is a label's number; -1: none.
func labelOf(v float32) int {
	if v != v {
		return -1
	}
	return int(v)
}

// lift counts.
type lift struct {
	j      *desk.Job
	n      int      // tokens of the corpus
	at     []tokens // those at each of wheres
	p      []float64
	rows   []protocol.LiftRow
	result *protocol.LiftResult
}

// count tests each of size labels that at least so many tokens have, at each place. of is a token's label, or -1.
func (l *lift) count(track string, size, least int, name func(int) string, of func(t int) int) error {
	base := make([]int, size)
	for t := range l.n {
		if k := of(t); k >= 0 {
			base[k]++
		}
		if t%(1<<16) == 0 {
			if err := l.j.Yield(); err != nil {
				return err
			}
		}
	}
	here := make([]int, size)
	for w, at := range l.at {
		clear(here)
		all := at.each(func(t int) {
			if k := of(t); k >= 0 {
				here[k]++
			}
		})
		for k, with := range base {
			if with < least || all == 0 {
				continue
			}
			c := annotation.Count{Here: here[k], Of: all, With: with, All: l.n}
			l.p = append(l.p, c.P())
			l.rows = append(l.rows, protocol.LiftRow{Where: wheres[w], Track: track, Label: name(k), Here: c.Here, Of: c.Of,
				Base: float64(with) / float64(l.n), Lift: c.Lift()})
			if len(l.p)%256 == 0 {
				if err := l.j.Yield(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// done corrects for the number of tests, and sorts: what is least likely by chance first, then what differs most.
func (l *lift) done() *protocol.LiftResult {
	annotation.Correct(l.p)
	for i := range l.rows {
		l.rows[i].Q = l.p[i]
	}
	far := func(r *protocol.LiftRow) float64 { return math.Abs(math.Log(r.Lift)) } // of what never occurs: infinitely
	slices.SortStableFunc(l.rows, func(a, b protocol.LiftRow) int {
		return cmp.Or(cmp.Compare(a.Q, b.Q), cmp.Compare(far(&b), far(&a)))
	})
	l.result.Tests = len(l.rows)
	listed := map[[2]string]int{}
	for _, r := range l.rows {
		k := [2]string{r.Where, r.Track}
		if listed[k]++; listed[k] <= mostLifted {
			l.result.Rows = append(l.result.Rows, r)
		}
	}
	return l.result
}
