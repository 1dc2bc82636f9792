package service

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/protocol"
)

// cell is the source of most tests: 20 units.
const cell = "layers.0.cell"

// shelf is a text that is served with the page, or its first lines, as a file.
func (x *session) shelf(name string, lines int) protocol.FileRef {
	x.t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "web", "texts", name))
	if err != nil {
		x.t.Fatal(err)
	}
	if all := bytes.SplitAfter(b, []byte("\n")); lines < len(all) {
		b = bytes.Join(all[:lines], nil)
	}
	return x.give(name, b)
}

// prose is the beginning of the plays that are served with the page.
func (x *session) prose(chars int) string {
	f := x.shelf("shakespeare.jsonl", 1)
	var row struct{ Text string }
	if err := json.Unmarshal(x.files[f.Ref], &row); err != nil || len(row.Text) < chars {
		x.t.Fatalf("%d characters, %v", len(row.Text), err)
	}
	return row.Text[:chars]
}

// give is a file that the page gives.
func (x *session) give(name string, b []byte) protocol.FileRef {
	ref := 1000 + len(x.files)
	x.files[ref] = b
	return protocol.FileRef{Ref: ref, Name: name, Size: int64(len(b))}
}

// corpus opens a corpus and runs it.
func (x *session) corpus(b protocol.Corpus) *protocol.CorpusInfo {
	x.t.Helper()
	info := ask[protocol.CorpusInfo](x, protocol.OpCorpusOpen, b)
	x.fill(info)
	return info
}

// fill runs a corpus to the end.
func (x *session) fill(info *protocol.CorpusInfo) *protocol.CorpusFilled {
	x.t.Helper()
	for {
		f := ask[protocol.CorpusFilled](x, protocol.OpCorpusFill, protocol.CorpusFill{Corpus: info.ID, Ms: 50})
		if f.Done {
			return f
		}
	}
}

// brackets is the parentheses model with its corpus of brackets.
func brackets(t testing.TB, lines int) (*session, *protocol.CorpusInfo) {
	x := opened(t, "parens-lstm")
	return x, x.corpus(protocol.Corpus{Files: []protocol.FileRef{x.shelf("brackets.jsonl", lines)}, Sources: []string{cell}})
}

// plain runs the documents of a corpus as texts of the session: the values of a source at each token, and each document's end.
func (x *session) plain(source string) (values [][]float32, ends []int, surprisal []float32) {
	x.t.Helper()
	for _, d := range x.s.corpus.docs {
		r := ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{Text: d.Text})
		a := ask[protocol.Array](x, protocol.OpActivation, protocol.Activation{Name: source, To: -1, Index: -1})
		for i := range a.Shape[0] {
			values = append(values, a.Data[i*a.Shape[1]:(i+1)*a.Shape[1]])
		}
		ends, surprisal = append(ends, len(values)), append(surprisal, r.Surprisal...)
	}
	return values, ends, surprisal
}

// TestMatchIsLiteral compares a match with a search that is as simple as its definition, over states that running each document by itself gives.
func TestMatchIsLiteral(t *testing.T) {
	x, info := brackets(t, 6)
	values, ends, surprisal := x.plain(cell)
	if len(values) != info.Tokens || info.Documents != 6 || info.Keeps != "f16" {
		t.Fatalf("%d tokens, expected %+v", len(values), info)
	}
	level := 0.5
	for _, row := range values { // values are kept as 16 bits: none may be so near to the level that this decides
		for _, v := range row {
			if d := math.Abs(math.Abs(float64(v)) - level); d < 1e-6 {
				t.Fatalf("a value of %v at the level", v)
			}
		}
	}
	lo := func(pos int) (lo, hi int) {
		i, _ := slices.BinarySearch(ends, pos+1)
		if i > 0 {
			lo = ends[i-1]
		}
		return lo, ends[i]
	}
	for _, side := range []string{"above", "below", "either"} {
		is := func(p, u int) bool {
			v := float64(values[p][u])
			switch side {
			case "above":
				return v >= level
			case "below":
				return v <= -level
			}
			return math.Abs(v) >= level
		}
		q := protocol.Match{Corpus: info.ID, Upto: info.Tokens, Cuts: []protocol.Cut{{Level: level, On: side}}, Units: []int{15, 3, 7}, Before: 1, After: 2, Least: 2, Across: true, N: 10_000, Left: 3, Right: 4}
		got := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q)
		want := literal(values, q, lo, is)
		if got.Capped || got.Total != len(want) || len(want) == 0 {
			t.Fatalf("%s: %d runs, expected %d", side, got.Total, len(want))
		}
		at := 0
		for i, w := range want {
			g := got.Rows[i]
			if g.Pos != w.Pos || g.Len != w.Len || g.Both != w.Both || g.Any != w.Any {
				t.Fatalf("%s: row %d: %+v, expected %+v", side, i, g, w)
			}
			from, to := lo(g.Pos)
			if g.Left != min(3, g.Pos-from) || g.Right != min(4, to-g.Pos-g.Len) {
				t.Fatalf("row %+v of a document %d to %d", g, from, to)
			}
			for p := g.Pos - g.Left; p < g.Pos+g.Len+g.Right; p++ {
				on := float32(0)
				for _, u := range q.Units {
					if is(p, u) {
						on++
					}
				}
				if got.On[at] != on || math.Abs(float64(got.Surprisal[at]-surprisal[p])) > 1e-5 && p > from || got.Tokens[at] != x.s.names[x.s.corpus.ids[p]] {
					t.Fatalf("%s: row %d, token %d: %v on, %v nats, expected %v, %v", side, i, p, got.On[at], got.Surprisal[at], on, surprisal[p])
				}
				at++
			}
		}
		strict, sum := 0, 0
		for i := range got.Lengths {
			strict, sum = strict+got.StrictLengths[i], sum+got.Lengths[i]
		}
		if strict != got.Strict || sum != got.Total {
			t.Errorf("%s: lengths of %d and %d runs, expected %d and %d", side, sum, strict, got.Total, got.Strict)
		}
		// pages and lengths
		q.From, q.N, q.Min, q.Max = 2, 3, 3, 5
		some := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q)
		want = slices.DeleteFunc(want, func(p protocol.Place) bool { return p.Len < 3 || p.Len > 5 })
		if some.Total != len(want) || len(some.Rows) != max(0, min(3, len(want)-2)) || len(some.Rows) > 0 && some.Rows[0].Pos != want[2].Pos || !slices.Equal(some.Lengths, got.Lengths) {
			t.Errorf("%s: page %+v of %d, expected %d", side, some.Rows, some.Total, len(want))
		}
	}
}

// literal is match.Find by its words.
func literal(values [][]float32, q protocol.Match, doc func(int) (int, int), is func(p, u int) bool) (runs []protocol.Place) {
	count := func(p int) (n int) {
		for _, u := range q.Units {
			if is(p, u) {
				n++
			}
		}
		return n
	}
	taken := map[[2]int]bool{}
	for k := len(q.Units); k > 0; k-- {
		for p := 0; p < len(values); p++ {
			lo, hi := doc(p)
			end := p
			for end < hi && count(end) >= k {
				end++
			}
			if end == p || p > lo && count(p-1) >= k || end-p < q.Least || taken[[2]int{p, end}] {
				continue
			}
			taken[[2]int{p, end}] = true
			r := protocol.Place{Pos: p, Len: end - p, Any: len(q.Units)}
			for u := range values[0] {
				on := true
				for i := p; i < end; i++ {
					on = on && is(i, u)
				}
				for i := max(lo, p-q.Before); i < p; i++ {
					on = on && !is(i, u)
				}
				for i := end; i < min(hi, end+q.After); i++ {
					on = on && !is(i, u)
				}
				switch asked := slices.Contains(q.Units, u); {
				case on && asked:
					r.Both++
				case on:
					r.Any++
				}
			}
			runs = append(runs, r)
		}
	}
	slices.SortFunc(runs, func(a, b protocol.Place) int {
		return cmp.Or(b.Both-a.Both, a.Any-b.Any, b.Len-a.Len, a.Pos-b.Pos)
	})
	return runs
}

// TestMatchEndsAtSentences holds that a run stops where a sentence ends, unless it may go on.
func TestMatchEndsAtSentences(t *testing.T) {
	x := opened(t, "char-lstm")
	text := "All is well. All is well! And more of it; is it well?\n\nYes."
	info := x.corpus(protocol.Corpus{Text: text, Sources: []string{"layers.1.hidden"}})
	q := protocol.Match{Corpus: info.ID, Upto: info.Tokens, Cuts: []protocol.Cut{{Level: 0, On: "either"}}, Units: []int{0}, Least: 1, N: 100}
	r := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q)
	var got []string
	for i, at := 0, 0; i < len(r.Rows); i++ {
		n := r.Rows[i].Len
		got, at = append(got, strings.Join(r.Tokens[at:at+n], "")), at+n
	}
	slices.Sort(got)
	if want := []string{"All is well! ", "All is well. ", "And more of it; is it well?\n\n", "Yes."}; !slices.Equal(got, want) {
		t.Errorf("runs %q, expected %q", got, want)
	}
	q.Across = true
	if r := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q); len(r.Rows) != 1 || r.Rows[0].Len != info.Tokens {
		t.Errorf("across the ends of sentences: %+v", r.Rows)
	}
}

// TestDepthUnit has the tool find by itself what the parentheses model counts with: on a text that it was not trained on, the cell of unit 15 follows
// the depth of brackets with |r| > 0.95.
func TestDepthUnit(t *testing.T) {
	x, info := brackets(t, 40)
	r := ask[protocol.RankResult](x, protocol.OpCorpusRank, protocol.Rank{Corpus: info.ID, Upto: info.Tokens, Track: "depth", N: 3})
	if r.By != "correlation" || r.Tokens != info.Tokens || len(r.All) != 20 || len(r.Rows) != 3 || r.Rows[0].Unit != 15 || math.Abs(r.Rows[0].Value) < 0.95 {
		t.Errorf("%d tokens of %d: %+v", r.Tokens, info.Tokens, r)
	}
	t.Logf("depth: unit %d, r = %.4f over %d tokens", r.Rows[0].Unit, r.Rows[0].Value, r.Tokens)
	x.fails(protocol.OpCorpusRank, protocol.Rank{Corpus: info.ID, Upto: info.Tokens, Track: "no such"})
	a := ask[protocol.RankResult](x, protocol.OpCorpusRank, protocol.Rank{Corpus: info.ID, Upto: info.Tokens, Track: "class", Label: "digit", N: 2})
	if a.By != "auc" || a.With == 0 || a.With >= a.Tokens || a.Label != "digit" {
		t.Errorf("%+v", a)
	}
}

// TestSpeakerUnit has it find what the Shakespeare LSTM knows a speaker's name by, on scenes that it was not trained on: the cell of unit 149 in the
// first layer is low there, with an AUC below 0.02 (0.0017 over all of the served corpus).
func TestSpeakerUnit(t *testing.T) {
	x := opened(t, "char-lstm")
	info := x.corpus(protocol.Corpus{Text: x.prose(1500), Sources: []string{cell}})
	r := ask[protocol.RankResult](x, protocol.OpCorpusRank, protocol.Rank{Corpus: info.ID, Upto: info.Tokens, Track: "speaker name", N: 1})
	if r.By != "auc" || r.Label != "yes" || r.With < 30 || r.Rows[0].Unit != 149 || r.Rows[0].Value > 0.02 {
		t.Errorf("%d of %d tokens: %+v", r.With, r.Tokens, r.Rows)
	}
	t.Logf("speaker's names: unit %d, AUC %.4f over %d tokens, %d of names", r.Rows[0].Unit, r.Rows[0].Value, r.Tokens, r.With)
}

// TestCorpusCancel holds that a fill that is cancelled in the middle goes on where it was, to the same states.
func TestCorpusCancel(t *testing.T) {
	for _, c := range []struct{ model, source string }{{"char-lstm", "layers.1.cell"}, {"mini-gpt", "blocks.2.resid_post"}} {
		x := opened(t, c.model)
		b := protocol.Corpus{Text: x.prose(300) + "\f" + x.prose(600)[300:], Sources: []string{c.source}}
		x.corpus(b)
		whole := x.s.corpus
		info := ask[protocol.CorpusInfo](x, protocol.OpCorpusOpen, b)
		calls, stop := 0, errors.New("stop")
		x.yield = func() error {
			if calls++; calls%5 == 0 {
				return stop
			}
			return nil
		}
		cancelled := 0
		for n := -1; x.s.corpus.store.Len() < info.Tokens; {
			a := x.send(context.Background(), protocol.OpCorpusFill, protocol.CorpusFill{Corpus: info.ID, Ms: 1})
			if a.last.Kind != protocol.Done {
				cancelled++
			}
			if cancelled > 100_000 || x.s.corpus.store.Len() < n {
				t.Fatalf("%s: %d tokens after %d cancelled fills", c.model, n, cancelled)
			}
			n = x.s.corpus.store.Len()
			if cancelled > 40 {
				x.yield = nil
			}
		}
		if cancelled < 10 {
			t.Fatalf("%s: cancelled %d times", c.model, cancelled)
		}
		x.yield = nil
		again := x.s.corpus
		want, got := make([]float32, whole.store.Units()), make([]float32, whole.store.Units())
		for p := range whole.ids {
			whole.store.Row(want, p)
			again.store.Row(got, p)
			for u := range want {
				if d := math.Abs(float64(want[u] - got[u])); d > 1e-3*max(1, math.Abs(float64(want[u]))) { // f16, of sums in another order
					t.Fatalf("%s: token %d, unit %d: %v, expected %v", c.model, p, u, got[u], want[u])
				}
			}
			if a, b := whole.score.surprisal[p], again.score.surprisal[p]; math.Abs(float64(a-b)) > 1e-4 || (a != a) != (b != b) {
				t.Fatalf("%s: token %d: %v nats, expected %v", c.model, p, b, a)
			}
		}
		if f := again.filled(0); f.Predicted != whole.score.n || math.Abs(f.Bits-whole.filled(0).Bits) > 1e-4 || !f.Done || f.Documents != info.Documents {
			t.Errorf("%s: %+v, expected %+v", c.model, f, whole.filled(0))
		}
	}
}

// TestCorpusInParts runs documents that are longer than the model reads.
func TestCorpusInParts(t *testing.T) {
	x := opened(t, "mini-gpt")
	text := x.prose(1200)
	info := x.corpus(protocol.Corpus{Text: text + "\fTo be.\f" + text, Sources: []string{"blocks.3.resid_post"}})
	if w := info.Warnings; len(w) != 1 || w[0].Code != "corpus-cut" || w[0].N != 2 || w[0].What != "256" || info.Documents != 3 {
		t.Errorf("warnings %+v", info.Warnings)
	}
	c, last := x.s.corpus, 0
	for _, end := range c.pieces {
		if end-last > 256 || end == last {
			t.Errorf("a piece of %d tokens", end-last)
		}
		last = end
	}
	if last != info.Tokens {
		t.Errorf("pieces end at %d of %d", last, info.Tokens)
	}
	for i, d := range c.docs { // all of the text, in order
		at := 0
		for k := d.lo; k < d.hi; k++ {
			if int(c.start[k]) != at {
				t.Fatalf("document %d: token %d begins at byte %d, expected %d", i, k, c.start[k], at)
			}
			at = int(c.end[k])
		}
		if at != len(d.Text) {
			t.Errorf("document %d ends at %d of %d", i, at, len(d.Text))
		}
	}
}

// TestCorpusTooLarge opens corpora for which there is no room.
func TestCorpusTooLarge(t *testing.T) {
	x := opened(t, "parens-lstm")
	open := protocol.Corpus{Files: []protocol.FileRef{x.shelf("brackets.jsonl", 40)}, Sources: []string{cell}, Cuts: []protocol.Cut{{Level: .5, On: "either"}}}
	full := x.corpus(open)
	values := x.s.corpus.store
	q := protocol.Match{Corpus: full.ID, Upto: full.Tokens, Cuts: open.Cuts, Units: []int{1, 15}, Least: 1, N: 50, Left: 2, Right: 2}
	want := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q)

	open.Room = 100_000 // of 21,000 tokens of 20 units: 850 kB as values, 53 kB as bits
	bits := x.corpus(open)
	if bits.Keeps != "bits" || bits.Tokens != full.Tokens || x.s.corpus.store.Bytes() > values.Bytes()/4 || len(bits.Cuts) != 1 {
		t.Fatalf("%+v, %d bytes", bits, x.s.corpus.store.Bytes())
	}
	q.Corpus = bits.ID
	q.Cuts = []protocol.Cut{{Level: 9, On: "below"}} // not those that are kept
	if got := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q); fmt.Sprint(got.Rows, got.On, got.Total) != fmt.Sprint(want.Rows, want.On, want.Total) {
		t.Errorf("by bits: %+v, expected %+v", got.Rows, want.Rows)
	}
	if e := x.fails(protocol.OpCorpusUnit, protocol.CorpusUnit{Corpus: bits.ID, Upto: 100, Unit: 1, N: 1}); e.Code != "only-bits" {
		t.Error(e)
	}
	if r := ask[protocol.RankResult](x, protocol.OpCorpusRank, protocol.Rank{Corpus: bits.ID, Upto: bits.Tokens, Track: "class", Label: "digit", N: 1}); len(r.Rows) != 1 {
		t.Errorf("%+v", r)
	}

	open.Room = 20_000 // 8,000 tokens as bits
	some := x.corpus(open)
	if w := some.Warnings; some.Tokens > 8000 || some.Tokens < 7000 || some.Documents < 10 || len(w) != 1 || w[0].Code != "corpus-sampled" || w[0].N != some.Tokens || w[0].What != fmt.Sprint(full.Tokens) {
		t.Errorf("%+v", some)
	}
	if a, b := x.s.corpus.docs[0].Name, x.s.corpus.docs[some.Documents-1].Name; a != "brackets 1" || b < "brackets 3" {
		t.Errorf("from %s to %s", a, b)
	}
	open.Room, open.Cuts = 2000, nil // 50 tokens as values: the beginning of the first
	if one := x.corpus(open); one.Tokens != 50 || one.Documents != 1 || one.Keeps != "f16" {
		t.Errorf("%+v", one)
	}
}

// TestCorpusBad gives what cannot be a corpus; the one that is open stays.
func TestCorpusBad(t *testing.T) {
	x := opened(t, "parens-lstm")
	if e := x.fails(protocol.OpCorpusFill, protocol.CorpusFill{Corpus: 1, Ms: 1}); e.Code != "no-corpus" {
		t.Error(e)
	}
	info := x.corpus(protocol.Corpus{Text: "((2)) x(1)yx", Name: "typed", Sources: []string{cell}})
	if w := info.Warnings; len(w) != 1 || w[0].Code != "unknown-characters" || w[0].N != 3 || w[0].What != "xy" || info.Name != "typed" || info.Tokens != 9 {
		t.Errorf("%+v", info)
	}
	for code, b := range map[string]protocol.Corpus{
		"empty-file":   {Text: " \n ", Sources: []string{cell}},
		"empty-corpus": {Text: "abc", Sources: []string{cell}},
		"bad-request":  {Text: "(1)", Sources: []string{"layers.9.cell"}},
		"unreadable":   {Files: []protocol.FileRef{{Ref: 77, Name: "gone.txt", Size: 5}}, Sources: []string{cell}},
		"too-large":    {Files: []protocol.FileRef{{Ref: 0, Name: "huge.txt", Size: 1 << 40}}, Sources: []string{cell}},
	} {
		if e := x.fails(protocol.OpCorpusOpen, b); e.Code != code {
			t.Errorf("%s: %+v", code, e)
		}
	}
	for _, b := range []protocol.Corpus{{Text: "(1)"}, {Text: "(1)", Sources: []string{cell, cell}}, {Text: "(1)", Sources: []string{cell}, Cuts: []protocol.Cut{{}, {}}},
		{Text: "(1)", Sources: []string{cell}, Cuts: []protocol.Cut{{On: "beside"}}}} {
		if e := x.fails(protocol.OpCorpusOpen, b); e.Code != "bad-request" {
			t.Errorf("%+v: %+v", b, e)
		}
	}
	q := protocol.Match{Corpus: info.ID, Upto: info.Tokens, Cuts: []protocol.Cut{{Level: 0, On: "either"}}, Units: []int{1}, Least: 1, N: 5}
	if r := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q); r.Total != 1 {
		t.Errorf("%+v", r)
	}
	q.Units = nil
	if r := ask[protocol.PlacesResult](x, protocol.OpCorpusMatch, q); r.Total != 0 || len(r.Lengths) != 65 {
		t.Errorf("without units: %+v", r)
	}
	q.Units = []int{20}
	x.fails(protocol.OpCorpusMatch, q)
	ask[struct{}](x, protocol.OpCorpusClose, protocol.CorpusClose{})
	if e := x.fails(protocol.OpCorpusMatch, q); e.Code != "no-corpus" {
		t.Error(e)
	}
}
