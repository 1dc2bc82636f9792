package service

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/engine/protocol"
)

// TestLiftByHand compares the lift of labels at the places of a match with counts of the places that are listed, and with the hypergeometric
// distribution summed term by term.
func TestLiftByHand(t *testing.T) {
	x, info := brackets(t, 2)
	q := protocol.Match{Corpus: info.ID, Upto: info.Tokens, Cuts: []protocol.Cut{{Level: .6, On: "above"}}, Units: []int{15, 4}, Least: 1, After: 1, Across: true, N: 10_000, Tracks: []string{"class", "depth"}}
	places := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q)
	r := ask[protocol.LiftResult](x, protocol.OpCorpusLift, q)
	if r.Places != places.Total || places.Total < 5 || r.Tests != len(r.Rows) {
		t.Fatalf("%d places of %d, %d tests in %d rows", r.Places, places.Total, r.Tests, len(r.Rows))
	}
	c := x.s.corpus
	labels := map[string]func(p int) string{"token": func(p int) string { return x.s.names[c.ids[p]] }}
	for _, d := range c.docs { // the session's annotations of the same text
		ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: d.Text})
		for _, tr := range d.Tracks { // of the row
			before, label := labels[tr.Name], tr.Labels[int(tr.Values[0])]
			labels[tr.Name] = func(p int) string {
				if p < d.lo || p >= d.hi {
					return before(p)
				}
				return label
			}
		}
		for _, tr := range ask[protocol.TracksResult](x, protocol.OpTracks, protocol.Tracks{}).Tracks {
			before := labels[tr.Name]
			labels[tr.Name] = func(p int) string {
				if p < d.lo || p >= d.hi {
					return before(p)
				}
				if tr.Labels != nil {
					return tr.Labels[int(tr.Values[p-d.lo])]
				}
				return fmt.Sprint(tr.Values[p-d.lo])
			}
		}
	}
	at := map[string]map[int]bool{"before": {}, "start": {}, "inside": {}, "after": {}}
	for _, p := range places.Rows {
		d := c.docs[p.Doc]
		if p.Pos > d.lo {
			at["before"][p.Pos-1] = true
		}
		at["start"][p.Pos] = true
		for i := range p.Len {
			at["inside"][p.Pos+i] = true
		}
		if p.Pos+p.Len < d.hi {
			at["after"][p.Pos+p.Len] = true
		}
	}
	var ps []float64
	seen := map[string]bool{}
	for _, row := range r.Rows {
		seen[row.Track] = true
		with, here := 0, 0
		for p := range info.Tokens {
			if labels[row.Track](p) == row.Label {
				if with++; at[row.Where][p] {
					here++
				}
			}
		}
		of := len(at[row.Where])
		if row.Here != here || row.Of != of || math.Abs(row.Base-float64(with)/float64(info.Tokens)) > 1e-12 || math.Abs(row.Lift-float64(here)/float64(of)/row.Base) > 1e-9 {
			t.Errorf("%+v: expected %d of %d here, %d with", row, here, of, with)
		}
		p := hypergeometric(here, of, with, info.Tokens)
		ps = append(ps, p)
		if row.Q < p*(1-1e-6) || row.Q > 1 {
			t.Errorf("%+v: corrected below p = %g", row, p)
		}
	}
	for _, name := range []string{"class", "depth", "token"} {
		if !seen[name] {
			t.Errorf("no labels of %s", name)
		}
	}
	for i := range ps { // Benjamini and Hochberg, by the definition: rows are sorted by it
		q := 1.
		for j := range ps {
			rank := 0
			for _, o := range ps {
				if o <= ps[j]*(1+1e-9) {
					rank++
				}
			}
			if ps[j] >= ps[i]*(1-1e-9) {
				q = min(q, ps[j]*float64(len(ps))/float64(rank))
			}
		}
		if math.Abs(q-r.Rows[i].Q) > 1e-6*q {
			t.Errorf("row %d: q = %g, expected %g", i, r.Rows[i].Q, q)
		}
	}
	if !slices.IsSortedFunc(r.Rows, func(a, b protocol.LiftRow) int { return cmpFloat(a.Q, b.Q) }) {
		t.Error("rows are not sorted")
	}
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// hypergeometric is the two-sided p of here of Fisher's exact test: the sum of all counts that are no likelier.
func hypergeometric(here, of, with, all int) (p float64) {
	choose := func(n, k int) float64 {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		return a - b - c
	}
	prob := func(k int) float64 { return math.Exp(choose(with, k) + choose(all-with, of-k) - choose(all, of)) }
	own := prob(here)
	for k := max(0, of+with-all); k <= min(of, with); k++ {
		if v := prob(k); v <= own*(1+1e-7) {
			p += v
		}
	}
	return min(p, 1)
}

// TestCorpusNear finds a state of the session's text where the same text stands in the corpus, and orders the others by distance.
func TestCorpusNear(t *testing.T) {
	x, info := brackets(t, 3)
	values, _, _ := x.plain(cell)
	d := x.s.corpus.docs[1]
	run := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: d.Text})
	for _, metric := range []string{"cosine", "euclidean"} {
		q := protocol.CorpusNear{Corpus: info.ID, Upto: info.Tokens, Pos: 30, Metric: metric, Rev: run.Rev, N: 20, Left: 2, Right: 2, Tracks: []string{"depth"}}
		r := ask[protocol.PlacesResult](x, protocol.OpCorpusNear, q)
		if len(r.Rows) != 20 || r.Rows[0].Pos != d.lo+30 || r.Rows[0].Doc != 1 || r.Rows[0].Len != 1 || len(r.Tracks[0].Values) != len(r.Tokens) {
			t.Fatalf("%s: %+v", metric, r)
		}
		of := func(p int) float64 {
			var dot, a, b, dist float64
			for u, v := range values[p] {
				w := values[d.lo+30][u]
				dot, a, b, dist = dot+float64(v)*float64(w), a+float64(v)*float64(v), b+float64(w)*float64(w), dist+float64(v-w)*float64(v-w)
			}
			if metric == "cosine" {
				return -dot / math.Sqrt(a*b)
			}
			return math.Sqrt(dist)
		}
		worst := math.Inf(-1)
		for _, p := range r.Rows {
			if s := of(p.Pos); math.Abs(math.Abs(s)-p.Score) > 1e-3*max(1, p.Score) { // f16
				t.Errorf("%s: %+v, expected %v", metric, p, s)
			} else {
				worst = max(worst, s)
			}
		}
		for p := range values {
			if of(p) < worst-1e-2 && !slices.ContainsFunc(r.Rows, func(k protocol.Place) bool { return k.Pos == p }) {
				t.Errorf("%s: %d is nearer than what is listed", metric, p)
			}
		}
	}
	x.fails(protocol.OpCorpusNear, protocol.CorpusNear{Corpus: info.ID, Upto: 10, Pos: 30, Metric: "dot"})
}

// TestCorpusFind finds phrases, also across tokens, whatever the case, and goes to a place.
func TestCorpusFind(t *testing.T) {
	x := opened(t, "mini-gpt")
	text := "A rose is a rose.\nROSE, indeed; prose"
	info := x.corpus(protocol.Corpus{Text: text + "\f" + "No Rose.", Name: "roses.txt", Sources: []string{"blocks.0.resid_post"}})
	r := ask[protocol.PlacesResult](x, protocol.OpCorpusFind, protocol.CorpusFind{Corpus: info.ID, Upto: info.Tokens, Text: "rose", From: 1, N: 10, Left: 2, Right: 3})
	if r.Total != 5 || len(r.Rows) != 4 || r.Rows[3].Doc != 1 || !slices.Equal(r.Documents, protocol.Names{"roses.txt:1", "roses.txt:1", "roses.txt:1", "roses.txt:2"}) {
		t.Fatalf("%+v", r)
	}
	c, at := x.s.corpus, 0
	for _, p := range r.Rows {
		d := c.docs[p.Doc]
		got := d.Text[c.start[p.Pos]:c.end[p.Pos+p.Len-1]]
		if !strings.Contains(strings.ToLower(got), "rose") || len(got) > 8 {
			t.Errorf("%+v is %q", p, got)
		}
		n := p.Left + p.Len + p.Right
		if s := strings.Join(r.Tokens[at:at+n], ""); s != d.Text[c.start[p.Pos-p.Left]:c.end[p.Pos+p.Len+p.Right-1]] {
			t.Errorf("row %+v shows %q", p, s)
		}
		at += n
	}
	for text, n := range map[string]int{"thistle": 0, "": 0, "ROSE.": 2, "e": 6, "a ": 2, "\u017e": 0, "pro\u017fe": 1} { // a long s is an s
		r := ask[protocol.PlacesResult](x, protocol.OpCorpusFind, protocol.CorpusFind{Corpus: info.ID, Upto: info.Tokens, Text: text, N: 10})
		if r.Total != n {
			t.Errorf("%q: %+v", text, r.Rows)
		}
	}
	first := c.docs[0]
	for _, k := range []struct{ pos, len, most, from int }{{first.hi - 2, 1, 400, 0}, {first.hi - 3, 2, 4, first.hi - 5}, {c.docs[1].lo, 1, 400, c.docs[1].lo}} {
		p := ask[protocol.CorpusPlaceResult](x, protocol.OpCorpusPlace, protocol.CorpusPlace{Corpus: info.ID, Pos: k.pos, Len: k.len, Most: k.most})
		if p.Pos != k.pos-k.from || p.Len != k.len || len(p.IDs) > k.most || p.IDs[p.Pos] != int(c.ids[k.pos]) || p.Skipped != k.from-c.docs[c.doc(k.pos)].lo {
			t.Errorf("%+v: %+v", k, p)
		}
		if run := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: p.IDs}); run.Text != p.Text {
			t.Errorf("%+v: %q, expected %q", k, run.Text, p.Text)
		}
	}
	x.fails(protocol.OpCorpusPlace, protocol.CorpusPlace{Corpus: info.ID, Pos: info.Tokens, Len: 1, Most: 5})
}

// TestCorpusUnit describes the depth unit.
func TestCorpusUnit(t *testing.T) {
	x, info := brackets(t, 3)
	values, ends, _ := x.plain(cell)
	r := ask[protocol.CorpusUnitResult](x, protocol.OpCorpusUnit, protocol.CorpusUnit{Corpus: info.ID, Upto: info.Tokens, Unit: 15, N: 4, Left: 3, Right: 3, Bins: 10})
	lo, hi, sum := math.Inf(1), math.Inf(-1), 0.
	for _, row := range values {
		v := float64(row[15])
		lo, hi, sum = min(lo, v), max(hi, v), sum+v
	}
	total := float32(0)
	for _, n := range r.Counts {
		total += n
	}
	if len(r.Counts) != 10 || int(total) != info.Tokens || math.Abs(r.Lo-lo) > 1e-2 || math.Abs(r.Hi-hi) > 1e-2 || math.Abs(r.Mean-sum/float64(len(values))) > 1e-3 || r.SD <= 0 {
		t.Errorf("%+v: from %v to %v", r, lo, hi)
	}
	at := 0
	for i, p := range r.High.Rows {
		for _, o := range r.High.Rows[:i] {
			if d := p.Pos - o.Pos; d < 3 && d > -3 {
				t.Errorf("%d and %d are near each other", p.Pos, o.Pos)
			}
		}
		for k := p.Pos - p.Left; k < p.Pos+p.Len+p.Right; k++ {
			if math.Abs(float64(r.HighValues[at]-values[k][15])) > 5e-3 {
				t.Errorf("value of %d: %v, expected %v", k, r.HighValues[at], values[k][15])
			}
			at++
		}
	}
	if len(r.High.Rows) != 4 || len(r.Low.Rows) != 4 || at != len(r.HighValues) || len(r.LowValues) != len(r.Low.Tokens) || math.Abs(r.High.Rows[0].Score-hi) > 1e-2 || math.Abs(r.Low.Rows[0].Score-lo) > 1e-2 {
		t.Errorf("%+v", r)
	}
	if last := r.High.Rows[0]; last.Pos+last.Len+last.Right > ends[last.Doc] {
		t.Errorf("%+v goes on after its document", last)
	}
}

// TestAnnotate adds annotations of files to the session's text and to the corpus.
func TestAnnotate(t *testing.T) {
	x := opened(t, "parens-lstm")
	none := []protocol.FileRef{x.give("a.json", []byte(`{"mood": ["a", "b"]}`))}
	if e := x.fails(protocol.OpCorpusAnnotate, protocol.Annotate{Files: none}); e.Code != "no-text" {
		t.Error(e)
	}
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "(1)"})
	info := x.corpus(protocol.Corpus{Text: "(1)\f(2", Sources: []string{cell}})
	text := []protocol.FileRef{x.give("t.json", []byte(`{"weight": [1, 2.5, null]}`))}
	a := ask[protocol.Annotated](x, protocol.OpCorpusAnnotate, protocol.Annotate{Files: text})
	if a.To != "text" || a.Own != 1 || len(a.Tracks) != 1 || a.Tracks[0].Name != "weight" {
		t.Errorf("%+v", a)
	}
	got := ask[protocol.TracksResult](x, protocol.OpTracks, protocol.Tracks{Own: a.Own}).Tracks
	if w := got[0]; !w.Own || w.Name != "weight" || w.Values[1] != 2.5 || w.Values[2] == w.Values[2] {
		t.Errorf("%+v", got)
	}
	if !slices.ContainsFunc(got, func(k protocol.Track) bool { return k.Name == "surprisal" && k.Values[1] > 0 }) {
		t.Errorf("no surprisal in %+v", got)
	}
	whole := []protocol.FileRef{x.give("c.tsv", []byte("token\tmood\n(\tlow\n1\thigh\n)\tlow\n(\tlow\n2\thigh\n"))}
	a = ask[protocol.Annotated](x, protocol.OpCorpusAnnotate, protocol.Annotate{Files: whole})
	if a.To != "corpus" || a.Own != 2 || len(a.Tracks) != 1 {
		t.Fatalf("%+v", a)
	}
	r := ask[protocol.RankResult](x, protocol.OpCorpusRank, protocol.Rank{Corpus: info.ID, Upto: 5, Track: "mood", Label: "high", N: 1})
	if r.By != "auc" || r.With != 2 || r.Tokens != 5 || len(r.Rows) != 1 {
		t.Errorf("%+v", r)
	}
	q := protocol.Match{Corpus: info.ID, Upto: 5, Cuts: []protocol.Cut{{Level: 0, On: "either"}}, Units: []int{1}, Least: 1, N: 5, Tracks: []string{"mood", "depth"}}
	m := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q)
	if len(m.Tracks) != 2 || fmt.Sprint(m.Tracks[0].Values, m.Tracks[0].Labels, m.Tracks[1].Values) != "[0 1 0 0 1] [low high] [1 1 0 1 1]" {
		t.Errorf("%+v", m.Tracks)
	}
	if e := x.fails(protocol.OpCorpusAnnotate, protocol.Annotate{Files: whole, To: "text"}); e.Code != "annotations-differ" {
		t.Errorf("%+v", e)
	}
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: "((1)"}) // another text: they are of it no more
	if got := ask[protocol.TracksResult](x, protocol.OpTracks, protocol.Tracks{Own: 2}).Tracks; got[0].Own {
		t.Errorf("%+v", got)
	}
}

// TestCorpusTable reads a table's other columns as annotations.
func TestCorpusTable(t *testing.T) {
	x := opened(t, "parens-lstm")
	f := x.give("t.csv", []byte("kind,text\nflat,()()\ndeep,((2))\nflat,(1)\n"))
	info := x.corpus(protocol.Corpus{Files: []protocol.FileRef{f}, Sources: []string{cell}})
	if info.Column != "text" || info.Documents != 3 || len(info.Tracks) == 0 || info.Tracks[0].Name != "kind" || !info.Tracks[0].Own {
		t.Fatalf("%+v", info)
	}
	q := protocol.Match{Corpus: info.ID, Upto: info.Tokens, Cuts: []protocol.Cut{{Level: 0, On: "either"}}, Units: []int{1}, Least: 1, N: 5, Tracks: []string{"kind"}}
	r := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q)
	if got := fmt.Sprint(r.Rows[0].Pos, r.Rows[1].Pos, r.Tracks[0].Labels, r.Tracks[0].Values[:5]); got != "4 0 [flat deep] [1 1 1 1 1]" {
		t.Error(got)
	}
}

// TestCompact holds that annotations are kept exactly, and as small as they may be.
func TestCompact(t *testing.T) {
	for size, values := range map[int64][]float32{1: {0, 3, nan, 254}, 2: {1, nan, 255, 65534, 7}, 4: {1, nan, 300, .5, -1, 1e9, 65535}} {
		var k compact
		for i := range values {
			k.add(values[i : i+1])
		}
		for i, v := range values {
			if got := k.at(i); got != v && (got == got || v == v) {
				t.Errorf("%v: %v at %d", values, got, i)
			}
		}
		if k.len() != len(values) || k.bytes() < size*int64(len(values)) || (k.f != nil) != (size == 4) || (k.w != nil) != (size == 2) {
			t.Errorf("%v: %+v", values, k)
		}
	}
}
