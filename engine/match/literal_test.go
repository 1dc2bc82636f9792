package match

import (
	"cmp"
	"slices"
)

// The steps of Find and Select, written down literally over a table of which units are on.

// table is on[t][u].
type table [][]bool

// literalStretch is the first and the last token (excluded) of the stretch of t.
func literalStretch(ends []int, n, t int) (lo, hi int) {
	hi = n
	for _, e := range ends {
		if e <= t {
			lo = max(lo, e)
		} else {
			hi = min(hi, e)
		}
	}
	return lo, hi
}

func literalFind(on table, q Query, most int) *Result {
	n := min(q.Upto, len(on))
	c := make([]int, max(n, 0))
	for t := range c {
		for _, u := range q.Units {
			if on[t][u] {
				c[t]++
			}
		}
	}
	var found []literalRun
	seen := map[[2]int]bool{}
	k := len(q.Units)
	for ; k > 0 && len(seen) < most; k-- {
		for pos := 0; pos < n; pos++ {
			for end := pos + 1; end <= n; end++ {
				if !literalLongest(c, q.Ends, k, pos, end) {
					continue
				}
				if end-pos >= q.Least && !seen[[2]int{pos, end}] {
					seen[[2]int{pos, end}] = true
					found = append(found, literalRun{pos, end, literalContrast(c, q, k, pos, end)})
				}
				break
			}
		}
		if q.Strict {
			k = 1
		}
	}
	slices.SortStableFunc(found, func(a, b literalRun) int {
		return cmp.Or(cmp.Compare(b.contrast, a.contrast), cmp.Compare(a.pos, b.pos), cmp.Compare(a.end, b.end))
	})
	r := &Result{Capped: len(found) > most || k > 0}
	for _, f := range found[:min(most, len(found))] {
		lo, hi := literalStretch(q.Ends, n, f.pos)
		run := Run{Pos: f.pos, Len: f.end - f.pos}
		for u := range on[0] {
			all := true
			for t := max(lo, f.pos-q.Before); t < min(hi, f.end+q.After); t++ {
				all = all && on[t][u] == (t >= f.pos && t < f.end)
			}
			chosen := slices.Contains(q.Units, u)
			if all && chosen {
				run.Both++
			}
			if all || chosen {
				run.Any++
			}
		}
		if !q.Strict || run.Both == len(q.Units) {
			r.Runs = append(r.Runs, run)
		}
	}
	slices.SortStableFunc(r.Runs, func(a, b Run) int {
		return cmp.Or(cmp.Compare(b.Both, a.Both), cmp.Compare(a.Any, b.Any), cmp.Compare(b.Len, a.Len), cmp.Compare(a.Pos, b.Pos))
	})
	return r
}

type literalRun struct{ pos, end, contrast int }

// literalLongest reports whether [pos, end) lies in a stretch, has C >= k throughout, and would not beside.
func literalLongest(c, ends []int, k, pos, end int) bool {
	lo, hi := literalStretch(ends, len(c), pos)
	if end > hi || pos > lo && c[pos-1] >= k || end < hi && c[end] >= k {
		return false
	}
	for _, v := range c[pos:end] {
		if v < k {
			return false
		}
	}
	return true
}

func literalContrast(c []int, q Query, k, pos, end int) int {
	lo, hi := literalStretch(q.Ends, len(c), pos)
	prev, next := 0, 0
	for t := max(lo, pos-q.Before); t < pos; t++ {
		prev = max(prev, min(k, c[t]))
	}
	for t := end; t < min(hi, end+q.After); t++ {
		next = max(next, min(k, c[t]))
	}
	return k - prev - next
}

func literalSelect(on table, lo, hi, before, after int) (chosen []int) {
	for u := range on[0] {
		wanted := lo < hi
		for t := range on {
			switch {
			case t >= lo && t < hi:
				wanted = wanted && on[t][u]
			case t >= lo-before && t < hi+after:
				wanted = wanted && !on[t][u]
			}
		}
		if wanted {
			chosen = append(chosen, u)
		}
	}
	return chosen
}

// original is LSTMVis's own match, in precise mode with no limit reached: constraints of one token, runs of two or more, nothing at the ends.
// left and right are whether there is a constraint.
func original(on table, s []int, left, right bool) map[Run]bool {
	type key struct{ len, pos int }
	contrast := map[key]int{} // the first is kept
	for k := len(s); k > 0; k-- {
		clipped := make([]int, len(on))
		for t := range on {
			for _, u := range s {
				if on[t][u] && clipped[t] < k {
					clipped[t]++
				}
			}
		}
		// Runs of equal values.
		var starts []int
		for t := range clipped {
			if t == 0 || clipped[t] != clipped[t-1] {
				starts = append(starts, t)
			}
		}
		for i, pos := range starts {
			end := len(on)
			if i+1 < len(starts) {
				end = starts[i+1]
			}
			if clipped[pos] != k || end-pos < 2 {
				continue
			}
			if _, ok := contrast[key{end - pos, pos}]; !ok {
				contrast[key{end - pos, pos}] = k
			}
		}
	}
	runs := map[Run]bool{}
	for c := range contrast {
		if c.pos < 1 || c.pos+c.len+1 > len(on) {
			continue
		}
		i, a := 0, 0
		for u := range on[0] {
			all := true
			for t := c.pos; t < c.pos+c.len; t++ {
				all = all && on[t][u]
			}
			if left && on[c.pos-1][u] || right && on[c.pos+c.len][u] || !all {
				continue
			}
			a++
			if slices.Contains(s, u) {
				i++
			}
		}
		runs[Run{Pos: c.pos, Len: c.len, Both: i, Any: a + len(s) - i}] = true
	}
	return runs
}
