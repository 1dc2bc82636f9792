package beam

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"testing"
)

// table is a model of random numbers: its logits after some words hang on these alone.
type table struct {
	seed          uint64
	vocab, source int
	coarse        bool // logits of few values, so that many are equal
}

func (m *table) says(words []int) (logits, attention []float32) {
	h := fnv.New64a()
	fmt.Fprint(h, m.seed, words)
	r := rand.New(rand.NewPCG(m.seed, h.Sum64()))
	sum := float32(0)
	for range m.vocab {
		z := float32(r.NormFloat64() * 2)
		if m.coarse {
			z = float32(math.Round(float64(z)))
		}
		logits = append(logits, z)
	}
	for range m.source {
		a := r.Float32()
		attention, sum = append(attention, a), sum+a
	}
	for j := range attention {
		attention[j] /= sum
	}
	return logits, attention
}

// step is the table as a search asks it; after has words of the hypotheses of the call before, nil at first, and is kept up to date.
func (m *table) step(after *[][]int) Step {
	return func(parents, ids []int, each func(int, []float32, []float32)) error {
		var now [][]int
		for i, p := range parents {
			var words []int
			if *after != nil {
				words = append(slices.Clone((*after)[p]), ids[i])
			}
			now = append(now, words)
		}
		for i, words := range now {
			logits, attention := m.says(words)
			each(i, logits, attention)
		}
		*after = now
		return nil
	}
}

func (m *table) search(t *testing.T, o Options) *Result {
	t.Helper()
	r, err := Search(o, m.step(new([][]int)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// target is a hypothesis of the slow search: whole sequences, and nothing else is kept.
type target struct {
	words    []int
	sum      float64
	score    float64
	coverage []float64
	ended    bool
}

// logSoftmax in float64, as it is written.
func logSoftmax(z []float32) (out []float64) {
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(float64(v))
	}
	for _, v := range z {
		out = append(out, float64(v)-math.Log(sum))
	}
	return out
}

// allows is what the rules say of a token after some words, by comparing.
func allows(o Options, words []int, id int) bool {
	after := append(append([]int{o.Start}, words...), id)
	bad := slices.Clone(o.Bad)
	for _, k := range o.Never {
		bad = append(bad, []int{k})
	}
	for _, w := range bad {
		if len(w) < len(after) && slices.Equal(after[len(after)-len(w):], w) {
			return false
		}
	}
	if n := o.NoRepeat; n > 0 && n < len(after) {
		for i := range len(after) - n {
			if slices.Equal(after[i:i+n], after[len(after)-n:]) {
				return false
			}
		}
	}
	return !slices.Contains(o.Ends, id) || len(after)-1 >= o.Min
}

// slow is beam search as a sort of all continuations of all hypotheses at each step (transformers 4.5x, _beam_search).
func slow(m *table, o Options) (done []target) {
	score := func(h *target) float64 {
		n, s := float64(len(h.words)), h.sum
		if o.Wu {
			s /= math.Pow((5+n)/6, o.Length)
		} else {
			s /= math.Pow(n, o.Length)
		}
		if o.Coverage != 0 {
			for _, c := range h.coverage {
				s += o.Coverage * math.Log(math.Min(1, math.Max(c, 1e-9)))
			}
		}
		return s
	}
	running := []target{{coverage: make([]float64, m.source)}}
	for n := 1; n <= o.Most; n++ {
		var all []target
		for _, h := range running {
			logits, attention := m.says(h.words)
			coverage := slices.Clone(h.coverage)
			for j := range coverage {
				coverage[j] += float64(attention[j])
			}
			whole, rest := logSoftmax(logits), slices.Clone(logits)
			for id := range rest {
				if o.Renorm && !allows(o, h.words, id) {
					rest[id] = float32(math.Inf(-1))
				}
			}
			for id, logp := range logSoftmax(rest) {
				if math.IsInf(float64(rest[id]), -1) {
					logp = whole[id]
				}
				own := logp
				forced := -1
				switch {
				case n == 1 && o.First >= 0:
					forced = o.First
				case n == o.Most && o.Last >= 0:
					forced = o.Last
				}
				if forced >= 0 {
					logp = 0
				}
				if n <= len(o.Prefix) && !(n == 1 && o.Prefix[0] == o.First) {
					forced, logp = o.Prefix[n-1], own
				}
				if forced >= 0 && id != forced || forced < 0 && !allows(o, h.words, id) {
					continue
				}
				all = append(all, target{append(slices.Clone(h.words), id), h.sum + logp, 0, coverage, slices.Contains(o.Ends, id) && n >= len(o.Prefix)})
			}
		}
		sort.SliceStable(all, func(i, k int) bool { return all[i].sum > all[k].sum+1e-12 })
		all = all[:min(len(all), (1+len(o.Ends))*o.Width)]
		running = nil
		for i, h := range all {
			h.score = score(&h)
			if over := h.ended || n == o.Most; over && i < o.Width {
				done = append(done, h)
			} else if !over && len(running) < o.Width {
				running = append(running, h)
			}
		}
		sort.SliceStable(done, func(i, k int) bool { return done[i].score > done[k].score+1e-12 })
		done = done[:min(len(done), o.Width)]
		if len(running) == 0 {
			break
		}
		best := target{words: running[0].words, sum: running[0].sum}
		if o.Early == Thorough && o.Length > 0 && o.Width > 1 { // as long as it may get
			best.words = make([]int, o.Most)
		}
		if len(done) == o.Width && (o.Early == AtFirst || score(&best) <= done[o.Width-1].score) {
			break
		}
	}
	return done
}

// random are options of all kinds.
func random(r *rand.Rand, m *table) Options {
	o := Options{Width: 1 + r.IntN(6), Most: 1 + r.IntN(9), Start: 1, Ends: []int{0}, First: -1, Last: -1, Top: r.IntN(4)}
	switch r.IntN(4) {
	case 0:
		o.Length = r.Float64() * 2
	case 1:
		o.Length, o.Wu = r.Float64(), true
	case 2:
		o.Length = -r.Float64()
	}
	if r.IntN(4) == 0 {
		o.Coverage = r.Float64()
	}
	if r.IntN(3) == 0 {
		o.Never = []int{1, 2}
	}
	if r.IntN(5) == 0 {
		o.Ends = []int{0, m.vocab - 1}
	}
	if r.IntN(5) == 0 {
		o.First = 3
	}
	if r.IntN(5) == 0 {
		o.Last = 0
	}
	if r.IntN(4) == 0 {
		o.Bad = [][]int{{2, 3}, {1}, {3, 3, 2}, {o.Start, 4 % m.vocab}}
	}
	if r.IntN(3) == 0 {
		o.Min = r.IntN(8)
	}
	if r.IntN(3) == 0 {
		o.NoRepeat = 1 + r.IntN(3)
	}
	o.Renorm = r.IntN(3) == 0
	o.Early = []string{"", Heuristic, AtFirst, Thorough}[r.IntN(4)]
	for range r.IntN(8) - 4 {
		o.Prefix = append(o.Prefix, 1+r.IntN(m.vocab-2))
	}
	o.Most = max(o.Most, len(o.Prefix))
	return o
}

func (r *Result) words(hyp int) (ids []int) {
	for _, n := range r.Hyps[hyp].Path {
		ids = append(ids, r.Nodes[n].ID)
	}
	return ids
}

// TestSearch compares the search with the slow one, on random tables and options; that each sum is that of its steps, and that a search that is
// resumed anywhere is the whole one.
func TestSearch(t *testing.T) {
	forbidden, banned := 0, 0
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := &table{seed, 4 + r.IntN(12), 1 + r.IntN(5), seed%4 == 3}
		o := random(r, m)
		got, err := Search(o, m.step(new([][]int)))
		want := slow(m, o)
		if err != nil && len(want) == 0 {
			forbidden++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Hyps) != len(want) {
			t.Fatalf("%d %+v: %d targets, not %d", seed, o, len(got.Hyps), len(want))
		}
		for i, w := range want {
			h := got.Hyps[i]
			if math.Abs(h.Score-w.score) > 1e-5*math.Max(1, -w.score) || h.Ended != w.ended || !m.coarse && !slices.Equal(got.words(i), w.words) {
				t.Fatalf("%d %+v: target %d is %v %+v, not %+v", seed, o, i, got.words(i), h, w)
			}
		}
		wellFormed(t, m, o, got)
		resumed(t, m, o, got)
		if seed%3 == 0 {
			banned += told(t, m, o, got)
		}
	}
	if forbidden == 0 || forbidden > 400 || banned < 1000 {
		t.Errorf("rules left nothing to write in %d searches, and forbade %d continuations", forbidden, banned)
	}
}

// told holds that of each step the continuations that a rule forbids, and no other, are told where they would have been among the best.
func told(t *testing.T, m *table, o Options, r *Result) (n int) {
	t.Helper()
	if m.coarse { // equals have no order
		return 0
	}
	words := func(node int) (ids []int) {
		for ; node > 0; node = r.Nodes[node].Parent {
			ids = slices.Insert(ids, 0, r.Nodes[node].ID)
		}
		return ids
	}
	for step := range r.Live {
		if step < len(o.Prefix) || o.Forced(step) >= 0 {
			continue
		}
		type weighed struct {
			parent, id int
			sum        float64
		}
		var all, want, got []weighed
		for i, node := range r.Nodes {
			if node.Step == step-1 && node.State == Live {
				logits, _ := m.says(words(i))
				whole := logSoftmax(logits)
				for id, z := range logits {
					logp := float64(z) - o.LogZ(append([]int{o.Start}, words(i)...), logits, id, float64(z)-whole[id])
					all = append(all, weighed{i, id, node.Sum + logp})
				}
			}
			if node.Step == step && node.State == Banned {
				got = append(got, weighed{node.Parent, node.ID, node.Sum})
				if at, rule := o.Forbids(append(words(node.Parent), node.ID)); at != step && at >= len(o.Prefix) || at == step && rule != node.Rule {
					t.Fatalf("%+v: %+v, but Forbids says %d %s", o, node, at, rule)
				}
			}
		}
		sort.SliceStable(all, func(i, k int) bool { return all[i].sum > all[k].sum })
		for _, w := range all[:min(len(all), (1+len(o.Ends))*o.Width)] {
			if !allows(o, words(w.parent), w.id) {
				want = append(want, w)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%+v: step %d tells %v, not %v", o, step, got, want)
		}
		for i, w := range want {
			if got[i].parent != w.parent || got[i].id != w.id || math.Abs(got[i].sum-w.sum) > 1e-5 {
				t.Fatalf("%+v: step %d tells %v, not %v", o, step, got, want)
			}
		}
		n += len(want)
	}
	return n
}

// wellFormed holds what is so of any search.
func wellFormed(t *testing.T, m *table, o Options, r *Result) {
	t.Helper()
	live := make([]int, len(r.Live))
	for i, n := range r.Nodes[1:] {
		p := r.Nodes[n.Parent]
		if n.Step != p.Step+1 || n.Sum != p.Sum+n.LogP || p.Next == nil || p.State != Live {
			t.Fatalf("%+v: node %d is %+v after %+v", o, i+1, n, p)
		}
		if n.State == Live || n.State == Dropped {
			live[n.Step]++
		}
		if (n.Next != nil) != (n.State == Live) || n.Rank < 0 || n.Rank >= m.vocab {
			t.Fatalf("%+v: node %d: %+v", o, i+1, n)
		}
	}
	if !slices.Equal(live, r.Live) || slices.Max(r.Live) > o.Width {
		t.Fatalf("%+v: live %v, and %v were told", o, live, r.Live)
	}
	for i, h := range r.Hyps {
		sum, words := 0.0, r.words(i)
		for _, n := range h.Path {
			sum += r.Nodes[n].LogP
		}
		if sum != h.LogP || len(words) < len(o.Prefix) || !slices.Equal(words[:len(o.Prefix)], o.Prefix) {
			t.Fatalf("%+v: %v: %+v, and its steps sum to %g", o, words, h, sum)
		}
	}
}

// resumed takes a search up again at each of its steps.
func resumed(t *testing.T, m *table, o Options, whole *Result) {
	t.Helper()
	for at := range len(whole.Live) {
		var words [][]int // of what was live at the call before
		for _, n := range whole.Nodes {
			if n.Step == at-2 && n.State == Live {
				words = append(words, []int{})
				for k := n; k.Step >= 0; k = whole.Nodes[k.Parent] {
					words[len(words)-1] = slices.Insert(words[len(words)-1], 0, k.ID)
				}
			}
		}
		got, err := Resume(o, whole, at, m.step(&words))
		if err != nil || !reflect.DeepEqual(got, whole) {
			t.Fatalf("%+v: resumed at step %d of %d: %v\n%+v\n%+v", o, at, len(whole.Live), err, got, whole)
		}
	}
}

// TestGreedy holds that a beam of 1 takes the likeliest token each time.
func TestGreedy(t *testing.T) {
	for seed := range uint64(500) {
		m := &table{seed, 12, 3, false}
		var want []int
		for len(want) < 8 && (len(want) == 0 || want[len(want)-1] != 0) {
			z, _ := m.says(want)
			want = append(want, slices.Index(z, slices.Max(z)))
		}
		r := m.search(t, Options{Width: 1, Most: 8, Start: 1, Ends: []int{0}, First: -1, Last: -1})
		if got := r.words(0); !slices.Equal(got, want) {
			t.Errorf("%d: %v, not %v", seed, got, want)
		}
	}
}

// TestWhole holds that a beam that is wide enough for all targets finds the best of all.
func TestWhole(t *testing.T) {
	for seed := range uint64(200) {
		m := &table{seed, 4, 2, false}
		o := Options{Width: 400, Most: 5, Start: 1, Ends: []int{0}, First: -1, Last: -1, Length: float64(seed%3) / 2}
		var all []target
		var visit func(h target)
		visit = func(h target) {
			if n := len(h.words); n > 0 && (h.words[n-1] == 0 || n == o.Most) {
				h.score = h.sum / math.Pow(float64(n), o.Length)
				all = append(all, h)
				return
			}
			z, _ := m.says(h.words)
			for id, p := range logSoftmax(z) {
				visit(target{words: append(slices.Clone(h.words), id), sum: h.sum + p})
			}
		}
		visit(target{})
		sort.SliceStable(all, func(i, k int) bool { return all[i].score > all[k].score })
		r := m.search(t, o)
		for i := range 20 {
			if !slices.Equal(r.words(i), all[i].words) || math.Abs(r.Hyps[i].Score-all[i].score) > 1e-5 {
				t.Fatalf("%d: %d: %v %g, not %v %g", seed, i, r.words(i), r.Hyps[i].Score, all[i].words, all[i].score)
			}
		}
	}
}

// TestNotANumber gives logits that are none, and some that nothing can follow.
func TestNotANumber(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	o := Options{Width: 3, Most: 4, Start: 1, Ends: []int{0}, First: -1, Last: -1}
	with := func(o Options, logits ...float32) (*Result, error) {
		return Search(o, func(_, ids []int, each func(int, []float32, []float32)) error {
			for i := range ids {
				each(i, logits, nil)
			}
			return nil
		})
	}
	for _, z := range [][]float32{{nan, 0, 0}, {0, nan, 1}, {inf, 0, 0}, {-inf, -inf, -inf}} {
		if _, err := with(o, z...); err == nil {
			t.Errorf("%v: no error", z)
		}
	}
	r, err := with(o, -1, 0, -inf)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range r.Nodes {
		if n.ID == 2 || math.IsInf(n.Sum, 0) {
			t.Errorf("%+v has no probability", n)
		}
	}
	ruled := o
	ruled.Never, ruled.Renorm = []int{1}, true
	var none *Forbidden
	if r, err := with(ruled, -inf, 0, -inf); !errors.As(err, &none) {
		t.Errorf("all that has a probability is forbidden: %+v, %v", r, err)
	}
	o.Prefix = []int{2}
	if _, err := with(o, -1, 0, -inf); err == nil {
		t.Error("a prefix of no probability: no error")
	}
}

// TestAgree holds where two searches part.
func TestAgree(t *testing.T) {
	o := Options{Width: 5, Most: 20, Ends: []int{0}, Prefix: []int{4, 5, 6}}
	with := func(f func(*Options)) *Options { p := o; f(&p); return &p }
	for _, c := range []struct {
		p    *Options
		want int
	}{
		{&o, 9}, {with(func(p *Options) { p.Width = 4 }), 0}, {with(func(p *Options) { p.Most = 6 }), 5}, {with(func(p *Options) { p.Most = 30 }), 9},
		{with(func(p *Options) { p.Prefix = nil }), 0}, {with(func(p *Options) { p.Prefix = []int{4, 5, 6, 7} }), 2}, {with(func(p *Options) { p.Prefix = []int{4, 5, 9} }), 1},
		{with(func(p *Options) { p.Ends = []int{0, 1} }), 0}, {with(func(p *Options) { p.Length = 1 }), 0},
		{with(func(p *Options) { p.Min = 3 }), 0}, {with(func(p *Options) { p.NoRepeat = 3 }), 0}, {with(func(p *Options) { p.Renorm = true }), 0}, {with(func(p *Options) { p.Early = AtFirst }), 0}, {with(func(p *Options) { p.Early, p.Length = Thorough, 1 }), 0},
		{with(func(p *Options) { p.Bad = [][]int{{1, 2}} }), 0},
	} {
		if got := o.Agree(c.p, 9); got != c.want {
			t.Errorf("%+v: %d steps, not %d", c.p, got, c.want)
		}
	}
	p, q := with(func(p *Options) { p.Early, p.Length = Thorough, 1 }), with(func(p *Options) { p.Early, p.Length, p.Most = Thorough, 1, 21 })
	if p.Agree(p, 9) != 9 || p.Agree(q, 9) != 0 {
		t.Error("what a longer target might reach does not count")
	}
}
