package match

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Query asks for runs at which units are on together.
type Query struct {
	Units         []int
	Before, After int  // tokens beside the run at which its units must be off; 0: any
	Least         int  // shortest run
	Strict        bool // only runs at which all of Units are on throughout and off beside
	Upto          int  // tokens
	// Ends are where stretches end that no run crosses, ascending, excluded (the last is Upto or more): documents, or sentences.
	Ends []int
}

// Run is a stretch of tokens at which units are on together.
type Run struct {
	Pos, Len int
	Both     int // units of the query that are on throughout and off beside
	Any      int // units that are, and those of the query
}

// Result is the runs, best first: by Both (most), Any (fewest), Len (longest), Pos.
type Result struct {
	Runs   []Run
	Capped bool // there were more than Most, or may be; the best by contrast were ranked
}

// Most is how many runs are ranked.
const Most = 10_000

// Find is LSTMVis's match (lstmdata/data_handler.py, in precise mode), with its defects mended. C(t) is how many of the query's units are on at t.
//
//  1. For k from all units down to 1, while there are fewer than Most: every longest run of tokens with C >= k, that was not one of a larger k,
//     is a candidate. Its contrast is k, less the largest C among the tokens before that are asked for, less that among those after, each at most k.
//  2. The Most of largest contrast are ranked; of equal ones the first in the text, then the shortest.
//  3. A is the set of all units of the Store that are on throughout the run and off at all tokens beside it that are asked for. Of the query's
//     units S, Both is how many are in A, and Any how many are in A or S.
//  4. Runs are sorted by Both, Any, Len and Pos.
//
// What differs from LSTMVis: margins are as wide as was asked, there one token; a run may be one token long, there two or more; runs at the beginning
// and the end of a text are kept, there dropped; what is beyond them is off, while there the last run of the text was taken for the one before the
// first; nothing crosses the end of a stretch; equal runs stand as in the text, there in any order; all tokens are looked at, there 500,000 in fast
// mode. With Strict only k = all units is looked at, as nothing else can have all in A, so that Most is of those alone.
//
// No units, or no tokens, have no runs. Units that are not there, and more than 65,535 of them, are an error, and so is what yield returns.
func Find(b *Bits, q Query, yield func() error) (*Result, error) {
	return find(b, q, Most, yield)
}

func find(b *Bits, q Query, most int, yield func() error) (*Result, error) {
	s := &search{Bits: b, n: min(q.Upto, b.n), least: max(q.Least, 1), before: max(q.Before, 0), after: max(q.After, 0), pace: pace{yield: yield}}
	s.chosen = slices.Compact(slices.Sorted(slices.Values(q.Units)))
	if len(s.chosen) > 0 && (s.chosen[0] < 0 || s.chosen[len(s.chosen)-1] >= b.units) {
		return nil, fmt.Errorf("match: no such unit among %d: %v", b.units, q.Units)
	}
	if len(s.chosen) > math.MaxUint16 {
		return nil, fmt.Errorf("match: %d units are more than %d", len(s.chosen), math.MaxUint16)
	}
	if len(s.chosen) == 0 || s.n <= 0 {
		return &Result{}, nil
	}
	s.cut(q.Ends)
	if err := s.count(); err != nil {
		return nil, err
	}
	found, capped, err := s.candidates(most, q.Strict)
	if err != nil {
		return nil, err
	}
	r := &Result{Capped: capped, Runs: make([]Run, 0, len(found))}
	wrong := make([]uint64, b.units)
	for _, c := range found {
		run := s.judge(c, wrong)
		if !q.Strict || run.Both == len(s.chosen) {
			r.Runs = append(r.Runs, run)
		}
		if err := s.pace.after((len(wrong)*4 + 100) * (1 + int(c.len)/block)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(r.Runs, func(a, b Run) int {
		return cmp.Or(b.Both-a.Both, a.Any-b.Any, b.Len-a.Len, a.Pos-b.Pos)
	})
	return r, nil
}

// search is the work of Find.
type search struct {
	*Bits
	n                    int   // tokens
	chosen               []int // units, ascending
	least, before, after int
	pace                 pace

	ends   []int    // of stretches: ascending, the last is n
	begins []uint64 // bits of the tokens at which stretches begin
	// C, as binary numbers: planes words a block, the lowest bits first.
	planes int
	counts []uint64
	peaks  []uint16 // the largest C of each block
	// The largest C among the tokens before and after each token that are asked for; nil: none.
	prev, next []uint16
}

// cut takes the ends of stretches that lie within the text.
func (s *search) cut(ends []int) {
	s.begins = make([]uint64, blocks(s.n))
	last := 0
	for _, e := range ends {
		if e > last && e < s.n {
			s.ends = append(s.ends, e)
			s.begins[e/block] |= 1 << (e % block)
			last = e
		}
	}
	s.ends = append(s.ends, s.n)
}

// stretch is the tokens of the stretch of token t.
func (s *search) stretch(t int) (lo, hi int) {
	i, _ := slices.BinarySearch(s.ends, t+1)
	if i > 0 {
		lo = s.ends[i-1]
	}
	return lo, s.ends[i]
}

// judge says which units are on throughout a candidate and off beside it; wrong [units] is room.
func (s *search) judge(c candidate, wrong []uint64) Run {
	pos, end := int(c.pos), int(c.pos+c.len)
	lo, hi := s.stretch(pos)
	lo, hi = max(lo, pos-min(s.before, pos)), min(hi, end+min(s.after, s.n))
	for i := lo / block; i*block < hi; i++ {
		asked, wanted, words := s.span(i, lo, hi), s.span(i, pos, end), s.block(i)[:len(wrong)]
		if i*block <= lo { // the first
			for u, w := range words {
				wrong[u] = w&asked ^ wanted
			}
			continue
		}
		for u, w := range words {
			wrong[u] |= w&asked ^ wanted
		}
	}
	all, both := 0, 0
	for _, w := range wrong {
		if w == 0 {
			all++
		}
	}
	for _, u := range s.chosen {
		if wrong[u] == 0 {
			both++
		}
	}
	return Run{Pos: pos, Len: end - pos, Both: both, Any: all + len(s.chosen) - both}
}

// span is the tokens of block i from lo up to hi.
func (s *search) span(i, lo, hi int) uint64 {
	lo, hi = max(0, min(lo-i*block, block)), max(0, min(hi-i*block, block))
	return mask(lo, hi)
}
