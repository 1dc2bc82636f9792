package words

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// space is vectors whose questions a test answers itself, literally.
type space [][]float64

func inner(a, b []float64) (s float64) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func scaled(a []float64, k float64) []float64 {
	out := slices.Clone(a)
	for i := range out {
		out[i] *= k
	}
	return out
}

func plus(a, b []float64, k float64) []float64 {
	out := slices.Clone(a)
	for i := range out {
		out[i] += k * b[i]
	}
	return out
}

func (s space) mean(rows []int) []float64 {
	out := make([]float64, len(s[0]))
	for _, r := range rows {
		out = plus(out, s[r], 1/float64(len(rows)))
	}
	return out
}

// answer is protocol.MapAxis, which is all that the plane of a sum asks.
func (s space) answer(op string, body any) any {
	q, ok := body.(protocol.MapAxis)
	if !ok {
		return nil
	}
	from, to := make([]float64, len(s[0])), s.mean(q.To)
	out := &protocol.Array{}
	if len(q.From) > 0 {
		from = s.mean(q.From)
	}
	u := plus(to, from, -1)
	for _, v := range s {
		x := inner(plus(v, from, -1), u) / inner(u, u)
		if len(q.From) == 0 {
			x = inner(v, to) / math.Sqrt(inner(v, v)*inner(to, to))
		}
		out.Data = append(out.Data, float32(x))
	}
	return out
}

// TestPlane compares the places on a sum's plane with those that Gram and Schmidt give, also where the words are at right angles, or
// nearly in line.
func TestPlane(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		s := make(space, 5)
		for i := range s {
			s[i] = make([]float64, 6)
			for k := range s[i] {
				s[i][k] = r.NormFloat64()
			}
		}
		switch n % 4 {
		case 1: // u and w at right angles: neither x(a) nor s(c) says how long they are
			s[0], s[1], s[2] = []float64{0, 3, 0, 0, 0, 0}, make([]float64, 6), []float64{2, 0, 0, 0, 0, 0}
		case 2: // a stands right above c: x(a) = 1
			s[0], s[1], s[2] = []float64{2, 5, 0, 0, 0, 0}, make([]float64, 6), []float64{2, 0, 0, 0, 0, 0}
		}
		d := made("a b c d e", nil, stateOf("o.words.near=dot"))
		d.in.Fetch = s.answer
		p, ok := d.plane(0, 1, 2, 3)
		if !ok {
			t.Fatalf("%d: no plane", n)
		}
		u, w := plus(s[2], s[1], -1), plus(s[0], s[1], -1)
		e1 := scaled(u, 1/math.Sqrt(inner(u, u)))
		e2 := plus(w, e1, -inner(w, e1))
		e2 = scaled(e2, 1/math.Sqrt(inner(e2, e2)))
		size := math.Sqrt(inner(u, u))
		check := func(what string, got [2]float64, v []float64) {
			v = plus(v, s[1], -1)
			for i, e := range [][]float64{e1, e2} {
				if want := inner(v, e) / size; math.Abs(got[i]-want) > 2e-3*max(1, math.Abs(want)) { // float32 answers, divided by small numbers
					t.Errorf("%d: %s is at %.4f, want %.4f", n, what, got[i], want)
				}
			}
		}
		for row := range 4 {
			check(d.name(row), p.at[row], s[row])
		}
		check("the sum", p.sum, plus(plus(s[0], s[1], -1), s[2], 1))
	}
	line := space{{2, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}}
	d := made("a b c d e", nil, nil)
	d.in.Fetch = line.answer
	if _, ok := d.plane(0, 1, 2, 3); ok {
		t.Error("three words on one line have a plane")
	}
}

// TestSumOnAPart: words are found as people write them, those that a part of the map does not show are named, others are unknown.
func TestSumOnAPart(t *testing.T) {
	d := made("king man woman queen prince", []int{0, 1, 3}, stateOf("o.words.sum=King+-+man+%2B+woman+%2B+elf"))
	s := d.sum()
	if !slices.Equal(s.unknown, []string{"elf"}) || !slices.Equal(s.hidden, []string{"woman"}) || len(s.terms) != 2 || s.terms[1] != (summand{1, "man", -1}) {
		t.Errorf("%+v", s)
	}
	if s.whole() || s.text() != "king − man" {
		t.Errorf("%q", s.text())
	}
	p := d.sumPanel()
	if text := figure.Plain(p.HTML[0].Spans) + figure.Plain(p.HTML[1].Spans); !strings.Contains(text, "elf") || !strings.Contains(text, "woman") {
		t.Errorf("it says %q", text)
	}
}

// TestDefaultSum: the first sum whose words are all there, and different rows, is shown; without one there is only the field.
func TestDefaultSum(t *testing.T) {
	if s := made("woman king man queen", nil, nil).sum(); s.typed != sums[0] {
		t.Errorf("%q", s.typed)
	}
	if s := made("spain france spanish", nil, nil).sum(); s.text() != "spanish − spain + france" {
		t.Errorf("%q", s.text())
	}
	if s := made("a b c", nil, nil).sum(); s.whole() || s.typed != "" {
		t.Errorf("%+v", s)
	}
	if a, b, c, ok := made("woman king man queen", nil, stateOf("o.words.sum=king-man%2Bwoman")).sum().analogy(); !ok || a != 1 || b != 2 || c != 0 {
		t.Error(a, b, c, ok)
	}
	if _, _, _, ok := made("woman king man queen", nil, stateOf("o.words.sum=king-man%2Bking")).sum().analogy(); ok {
		t.Error("a word twice makes no plane")
	}
}

func TestSpread(t *testing.T) {
	x := make([]float32, 1000)
	for i := range x {
		x[i] = float32(i) / 10
	}
	x[500] = nan
	x[3], x[4] = 0.2, 0.2 // as row 2
	s := spreadOf(x, []int{0, 1, 999})
	if s.lo != 0 || math.Abs(s.hi-99.9) > 1e-5 || s.flat() {
		t.Errorf("%+v", s)
	}
	if !slices.Equal(s.low, []int{2, 3, 4, 5, 6, 7, 8, 9}) || !slices.Equal(s.high, []int{998, 997, 996, 995, 994, 993, 992, 991}) {
		t.Errorf("%v %v", s.low, s.high)
	}
	sum := 0
	for _, n := range s.count {
		sum += n
	}
	if sum != 999 {
		t.Errorf("%d rows are counted", sum)
	}
	for _, x := range [][]float32{{1, 1, 1}, {nan, nan}, {5}} {
		if s := spreadOf(x, nil); !s.flat() || s.low != nil {
			t.Errorf("%v: %+v", x, s)
		}
	}
}

// TestLabelsStandApart: names over an axis do not touch while there are rows for them, and stay inside.
func TestLabelsStandApart(t *testing.T) {
	d := made("alpha beta gamma delta epsilon zeta", nil, stateOf("o.words.sel="+state.FormatRows([]int{2, 3, 4, 5})))
	x := []float32{0, 1, .02, .03, .98, .5}
	h := histogram{d: d, a: axis{from: []int{0}, to: []int{1}}, s: spreadOf(x, nil), x: x, w: 316}
	marks := h.marks()
	if len(marks) != 6 {
		t.Fatalf("%v", marks)
	}
	xs, rows, n := h.labels(marks)
	for i := range marks {
		half := 11 * .3 * float64(len(d.name(marks[i]))) / 2 // at the least
		if xs[i] < half || xs[i] > 316-half || rows[i] >= n {
			t.Errorf("%s is at %.1f, row %d of %d", d.name(marks[i]), xs[i], rows[i], n)
		}
		for k := range i {
			if rows[i] == rows[k] && math.Abs(xs[i]-xs[k]) < 20 {
				t.Errorf("%s and %s touch", d.name(marks[i]), d.name(marks[k]))
			}
		}
	}
}

func TestTwo(t *testing.T) {
	for text, want := range map[string]string{
		"seed=8":                      "seed=8",
		"perp=5,seed=9":               "seed=9,perp=5",
		" by=pca ,  src=output ":      "by=pca,src=output",
		"model=char-lstm，seed=1":      "seed=1,model=char-lstm",
		"two=1,cam=3,nonsense,seed=":  "",
		"set.1=a,find=x,iso=d,perp=7": "perp=7",
	} {
		if got := formatTwo(parseTwo(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestPairs: rows of two maps are the same token, the same name, or the same occurrence.
func TestPairs(t *testing.T) {
	a := made("x y z u", []int{1, 2, 3}, nil)
	b := made("x y z u", []int{0, 3, 1}, nil)
	b.slot = 1
	p := a.pairs(b)
	if !slices.Equal(p.a, []int{0, 2}) || !slices.Equal(p.b, []int{2, 1}) || !slices.Equal(p.to, []int{2, -1, 1}) || !slices.Equal(p.from, []int{-1, 2, 0}) {
		t.Errorf("by token: %+v", p)
	}
	c := made("u w y", nil, nil) // the tokens have other numbers there
	c.slot, c.model = 1, "other"
	if p := a.pairs(c); !slices.Equal(p.a, []int{0, 2}) || !slices.Equal(p.b, []int{2, 0}) {
		t.Errorf("by name: %+v", p)
	}
	both := made("x y x y", nil, nil) // the input's, then the output's
	copy(both.p.IDs, []float32{100, 101, 100, 101})
	if p := made("x y", nil, nil).pairs(both); !slices.Equal(p.b, []int{0, 1}) {
		t.Errorf("one side with both: %+v", p)
	}
	if p := both.pairs(both); !slices.Equal(p.a, []int{0, 1, 2, 3}) || !slices.Equal(p.b, p.a) {
		t.Errorf("both with both: %+v", p)
	}
	some := made("x y x y", []int{1, 2}, nil)
	copy(some.p.IDs, both.p.IDs)
	for _, m := range []*drawing{both, some} {
		m.p.Columns = append(m.p.Columns, protocol.Column{Name: "side", Labels: []string{"input", "output"}, Values: []float32{0, 0, 1, 1}})
	}
	some.slot = 1
	if p := both.pairs(some); !slices.Equal(p.a, []int{1, 2}) || !slices.Equal(p.b, []int{0, 1}) {
		t.Errorf("both with a part of both: %+v", p)
	}
	one, two := inContexts("o.words.lay=-1"), inContexts("o.words.lay=1")
	if p := one.pairs(two); !slices.Equal(p.a, []int{0, 1, 2}) || !slices.Equal(p.b, []int{6, 7, 8}) {
		t.Errorf("by occurrence: %+v", p)
	}
}

// TestLinked: on the second map a row lights up, is chosen and selected as the row of the first that it is; one that the first does not
// have lights up alone.
func TestLinked(t *testing.T) {
	d := made("x y z u", []int{1, 2, 3}, nil) // the first shows y, z and u
	e := made("u w y", nil, nil)              // of another model
	e.slot, e.model = 1, "other"
	for _, m := range []*drawing{d, e} {
		m.m.Frame = &protocol.MapFrame{Dims: 2, Y: make([]float32, 2*m.n), Done: true}
	}
	s := d.linked(e)
	if a, b, c := s.Hover(0), s.Hover(1), s.Hover(2); a != "w3" || b != "x1" || c != "w1" {
		t.Error(a, b, c)
	}
	if a, b, c := s.Row("w3"), s.Row("w2"), s.Row("x1"); a != 0 || b != -1 || c != -1 {
		t.Error(a, b, c)
	}
	if s.Set(1, false) != "" || s.Set(0, false) != d.choose(2) {
		t.Error(s.Set(1, false), s.Set(0, false))
	}
	if got, want := s.Loop([]int{0, 1, 2}, ""), pair("sel", state.FormatRows([]int{1, 3})); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// inContexts is three occurrences at layers -1, 0 and 1.
func inContexts(pairs string) *drawing {
	layer := protocol.Column{Name: "layer", Values: []float32{-1, -1, -1, 0, 0, 0, 1, 1, 1}}
	d := made("bank bank bank bank bank bank bank bank bank", nil, stateOf("o.words.src=context&"+pairs), layer)
	for range 3 {
		d.p.Contexts = append(d.p.Contexts, "the \x1ebank\x1e lent", "a river \x1ebank\x1e", "\x1ebank\x1e robbers")
	}
	d.m.Spec.Points.Source = "context"
	return begin(d.in)
}

// TestLadder: each occurrence is seen at one layer at a time; what is chosen, selected or named at one layer is so at each.
func TestLadder(t *testing.T) {
	d := inContexts("o.words.lay=0&o.words.sel=" + state.FormatRows([]int{0, 7}) + "&o.words.set.1=" + "x|1|" + state.FormatRows([]int{8, 2}))
	k := d.ladder()
	if k == nil || !slices.Equal(k.layers, []int{-1, 0, 1}) || k.m != 3 || d.rung(k) != 1 {
		t.Fatalf("%+v", k)
	}
	if !slices.Equal(d.sel, []int{3, 4}) {
		t.Errorf("selected are %v", d.sel)
	}
	if rows, _, _ := d.setAt(1); !slices.Equal(rows, []int{5}) {
		t.Errorf("named are %v", rows)
	}
	for row := range 9 {
		if d.hidden(row) != (row < 3 || row > 5) {
			t.Errorf("row %d is hidden: %v", row, d.hidden(row))
		}
	}
	if l := d.way(k, 2, ""); !slices.Equal(l.Rows, []int{2, 5, 8}) {
		t.Errorf("the way of occurrence 2 is %v", l.Rows)
	}
	if made("a b", nil, nil).ladder() != nil {
		t.Error("words have layers")
	}
}

// TestSensesPart: the gap is the mean within less that between; the layer with the widest is named.
func TestSensesPart(t *testing.T) {
	d := inContexts("")
	k := &ladder{layers: []int{-1, 0, 1}, m: 3}
	made := &senses{layers: k.layers, within: []float64{.5, .8, math.NaN()}, between: []float64{.5, .1, .1}}
	if made.widest() != 1 || math.Abs(made.gap(1)-.7) > 1e-12 {
		t.Errorf("widest at %d", made.widest())
	}
	a, b := group{rows: []int{0, 3}}, group{rows: []int{4, 5}} // occurrence 0; 1 and 2
	if s, busy := d.senses(k, a, b); s != nil || busy {
		t.Error("a set of one place has no pairs")
	}
	four := &ladder{layers: []int{0, 1}, m: 4}
	var asked [][2][]int
	d.in.Fetch = func(op string, body any) any {
		q := body.(protocol.MapSets)
		asked = append(asked, [2][]int{q.A, q.B})
		return &protocol.MapSetsResult{WithinA: .4, WithinB: .6, Between: .25 + float32(q.A[0])/16}
	}
	s, busy := d.senses(four, group{rows: []int{0, 5}}, group{rows: []int{1, 2, 3}}) // 5 is occurrence 1 at the other layer: in both, so of the first
	if busy || s == nil || s.na != 2 || s.nb != 2 || math.Abs(s.within[1]-.5) > 1e-6 || s.widest() != 0 {
		t.Errorf("%+v", s)
	}
	if want := [][2][]int{{{0, 1}, {2, 3}}, {{4, 5}, {6, 7}}}; !reflect.DeepEqual(asked, want) {
		t.Errorf("%v are compared, want %v", asked, want)
	}
}

func TestSmall(t *testing.T) {
	if got := toggled([]int{2, 5}, 5); !slices.Equal(got, []int{2}) {
		t.Error(got)
	}
	if got := toggled([]int{2, 5}, 3); !slices.Equal(got, []int{2, 5, 3}) {
		t.Error(got)
	}
	if got := fitEnd("the quick brown fox", 60, 12); !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "fox") {
		t.Error(got)
	}
	for want, c := range map[string]context{"down to the bank of the river": {before: "She walked down to the ", word: "bank", after: " of the river and"},
		"bank robbers": {word: "bank", after: " robbers"}, "不要打人，": {before: "不要", word: "打", after: "人，"}} {
		if got := c.short(3); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for text, want := range map[string]string{"The river and the rivers; a River flows": "river", "a b c": "*", "once upon": "*", "": "*", "stone water Water stone": "stone"} {
		if got := commonWord(text); got != want {
			t.Errorf("the commonest word of %q is %q, want %q", text, got, want)
		}
	}
	if got := evenly([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 4); !reflect.DeepEqual(got, []int{0, 2, 5, 7}) {
		t.Error(got)
	}
	for v, want := range map[float32]int{.7: 3, 12: 2, 250: 1} {
		if got := decimalsOf([]float32{0, -v}); got != want {
			t.Errorf("%g has %d decimals", v, got)
		}
	}
}

// TestWhateverComes draws with every kind of nonsense in the address, and with answers that are not there, too short, or about rows
// that are not: nothing breaks, and nothing of it is drawn.
func TestWhateverComes(t *testing.T) {
	answers := map[string]func() any{
		protocol.OpMapNear: func() any {
			return &protocol.MapNearResult{Rows: []int{1, 99, -1, 2}, MapRanks: []int{1}, MapRows: []int{77, 0}, SpaceRanks: []int{0, 5, 6}, Values: []float32{nan, .5}, MapValues: []float32{1}, Kept: nan}
		},
		protocol.OpMapAxis: func() any { return &protocol.Array{Data: []float32{nan, 1, nan, 2, 3, 4}} },
		protocol.OpMapSets: func() any {
			return &protocol.MapSetsResult{WithinA: nan, Between: -.4, Separation: nan, TowardsA: []int{0, 700}, TowardsB: []int{-3}}
		},
		protocol.OpMapAgree: func() any { return &protocol.MapAgreeResult{Shared: nan, Each: []float32{1, nan}} },
	}
	for _, pairs := range []string{
		"", "token=103", "token=9999&o.words.row=88", "o.words.sum=king+-+king", "o.words.sum=%22&o.words.line=%3E%3E%3E", "o.words.sum=man-woman&o.words.near=dot&o.words.list=map&o.words.k=-5",
		"o.words.line=man+>+woman&o.words.k=1e9", "o.words.line=%23&o.words.ab=1,1", "o.words.line=%239+>+%231&o.words.set.1=x|1|dAA", "o.words.ab=s,s&o.words.sel=dAA&o.words.set.8=|",
		"o.words.set.1=<b>|9|dAA&o.words.set.2=|0|dAQ&o.words.ab=2,1", "o.words.two=seed%3D8", "o.words.two=by%3Daxes,src%3Dnothing,dims%3D7", "o.words.two=model%3D<script>", "o.words.two=seed",
		"o.words.src=context", "o.words.src=context&o.words.lay=1e300&o.words.way=1&token=100&o.words.row=4&o.words.text=file", "o.words.src=context&o.words.set.1=a|1|dAAA&o.words.set.2=b|2|dAgA&o.words.two=lay%3D0",
	} {
		for _, with := range []bool{false, true} {
			d := made("king man woman queen <b>& é", nil, stateOf(pairs))
			if strings.Contains(pairs, "context") {
				d = inContexts(strings.TrimPrefix(pairs, "o.words.src=context&"))
			}
			d.m.Frame = &protocol.MapFrame{Dims: 2, Y: make([]float32, 2*d.n), Done: true}
			d.in.Run = &protocol.RunResult{Text: "king x", Tokens: []protocol.Token{{ID: 100, Text: "king"}, {ID: 5, Text: " x"}}}
			if with {
				d.in.Fetch = func(op string, _ any) any { return answers[op]() }
			}
			d = begin(d.in)
			panels := d.side()
			if p := d.second(); p != nil {
				panels = append(panels, *p)
				panels = append(panels, d.side()...)
			}
			for _, p := range panels {
				viewtest.Check(t, p)
			}
			d.sideReading()
			d.contextControls()
			marks, lines := d.sideMarks()
			for _, m := range marks {
				if m.Row < 0 || m.Row >= d.n {
					t.Errorf("%s: row %d of %d is marked", pairs, m.Row, d.n)
				}
			}
			for _, l := range lines {
				if slices.Min(l.Rows) < 0 || slices.Max(l.Rows) >= d.n {
					t.Errorf("%s: a line through rows %v of %d", pairs, l.Rows, d.n)
				}
			}
		}
	}
}
