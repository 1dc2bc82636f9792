package service

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loupe/engine/metric"
	"loupe/engine/protocol"
)

// someG2P are some of the held-out words that are served with the page.
func (x *session) someG2P(n int) protocol.FileRef { return x.shelf("g2p.tsv", n+1) }

// fillAll runs pairs to the end.
func (x *session) fillAll(info *protocol.PairsInfo) *protocol.PairsFilled {
	x.t.Helper()
	for {
		f := ask[protocol.PairsFilled](x, protocol.OpPairsFill, protocol.PairsFill{ID: info.ID, Ms: 50})
		if f.Done == f.Total {
			return f
		}
	}
}

// beam5 is how pairs are translated here.
var beam5 = protocol.Decode{Beam: 5, Most: 40}

// TestPairsStates holds that the nearest states are those of a literal search over the states that translations whose targets are given have.
func TestPairsStates(t *testing.T) {
	x := opened(t, "g2p-lstm")
	names := []string{"encoder.output", "decoder.attentional", "decoder.context", "encoder.layers.0.hidden"}
	info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Files: []protocol.FileRef{x.someG2P(20)}, States: names, Decode: beam5})
	if info.Pairs != 20 || info.References != 20 || info.Source != "source" || info.Target != "target" || len(info.Warnings) > 0 || len(info.States) != 4 {
		t.Fatalf("%+v", info)
	}
	f := x.fillAll(info)
	if f.Score != nil || f.Rows[0] != f.Rows[3] || f.Rows[1] != f.Rows[2] || f.Bytes == 0 {
		t.Fatalf("%+v", f)
	}
	of := plain("phonograph")
	for m, name := range names {
		own := ask[protocol.Array](x, protocol.OpTranslated, protocol.Translated{Of: of, Name: name})
		rows, at := x.givenStates(info, name)
		if len(rows) != f.Rows[m] {
			t.Fatalf("%s: %d states of %d", name, f.Rows[m], len(rows))
		}
		for _, by := range []string{"cosine", "euclidean", "dot"} {
			for _, pos := range []int{0, own.Shape[0] - 1} {
				got := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, protocol.PairsNear{ID: info.ID, Upto: 20, Of: of, Name: name, Pos: pos, Metric: by, N: 15, Map: 50})
				want := literalNear(own.Data[pos*own.Shape[1]:][:own.Shape[1]], rows, by)
				for i, r := range got.Rows {
					if k := want[i]; math.Abs(r.Score-k.score) > 4e-3*math.Max(1, math.Abs(k.score)) { // kept with 11 bits
						t.Fatalf("%s by %s: nearest %d is %+v, not %v of %v", name, by, i, r, k.score, at[k.row])
					}
					found := slices.Index(at, [2]int{r.Pair, r.Pos})
					if found < 0 || math.Abs(measure(own.Data[pos*own.Shape[1]:][:own.Shape[1]], rows[found], by)-r.Score) > 4e-3*math.Max(1, math.Abs(r.Score)) {
						t.Fatalf("%s by %s: %+v is not what stands there", name, by, r)
					}
				}
				n := len(got.Words)
				if len(got.Rows) != 15 || got.Total != len(rows) || got.Own != own.Shape[0] || len(got.Places) != 2*n || len(got.Pairs) != n || len(got.Positions) != n || n < got.Own+50 || got.Share <= 0 || got.Share > 1 {
					t.Fatalf("%s: %d rows, %d places, %d own, share %g", name, len(got.Rows), n, got.Own, got.Share)
				}
			}
		}
	}
	r := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, protocol.PairsNear{ID: info.ID, Upto: 20, Of: plain("aaron"), Name: "encoder.output", Metric: "cosine", N: 1}).Rows[0]
	if r.Pair != 0 || r.Pos != 0 || r.Side != "source" || r.Score < .9999 || strings.Join(r.Source, "") != "aaron" || strings.Join(r.Target, " ") != "EH1 R AH0 N </s>" {
		t.Errorf("%+v", r)
	}
	for _, q := range []protocol.PairsNear{{ID: 77}, {ID: info.ID, Name: "decoder.embed", Metric: "dot"}, {ID: info.ID, Name: "encoder.output", Metric: "none"}, {ID: info.ID, Name: "encoder.output", Metric: "dot", Pos: 99}} {
		q.Of = of
		x.fails(protocol.OpPairsNear, q)
	}
	x.fails(protocol.OpPairsRows, protocol.PairsRows{ID: info.ID, N: 3, Upto: 20})
}

// givenStates are the states of an activation where each reference is the prefix, and where they are.
func (x *session) givenStates(info *protocol.PairsInfo, name string) (rows [][]float32, at [][2]int) {
	x.t.Helper()
	for i := range x.s.pairs.list {
		k := &x.s.pairs.list[i]
		a := ask[protocol.Array](x, protocol.OpTranslated, protocol.Translated{Of: plain(k.source, prefixOf(widen(k.targetIDs))), Name: name})
		for t := range a.Shape[0] {
			rows, at = append(rows, slices.Clone(a.Data[t*a.Shape[1]:][:a.Shape[1]])), append(at, [2]int{i, t})
		}
	}
	return rows, at
}

type scoredRow struct {
	row   int
	score float64
}

func measure(q, x []float32, by string) float64 {
	var qx, xx, qq, d float64
	for i, v := range x {
		qx, xx, qq, d = qx+float64(v)*float64(q[i]), xx+float64(v)*float64(v), qq+float64(q[i])*float64(q[i]), d+math.Pow(float64(v)-float64(q[i]), 2)
	}
	return map[string]float64{"cosine": qx / math.Sqrt(xx*qq), "dot": qx, "euclidean": math.Sqrt(d)}[by]
}

func literalNear(q []float32, rows [][]float32, by string) (all []scoredRow) {
	for i, x := range rows {
		all = append(all, scoredRow{i, measure(q, x, by)})
	}
	slices.SortStableFunc(all, func(a, b scoredRow) int {
		if (a.score < b.score) == (by == "euclidean") {
			return -1
		}
		return 1
	})
	return all
}

// TestPairsScores holds that each pair's figures are those of asking by hand, and the sums theirs.
func TestPairsScores(t *testing.T) {
	for name, file := range map[string]string{"g2p-lstm": "g2p.tsv", "dates-lstm": "dates.tsv"} {
		t.Run(name, func(t *testing.T) {
			x := opened(t, name)
			decode := protocol.Decode{Beam: 2, Most: 30, Length: .6, Wu: true, Coverage: .2}
			info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Files: []protocol.FileRef{x.shelf(file, 17)}, Score: true, Decode: decode})
			f := x.fillAll(info)
			all := ask[protocol.PairsRowsResult](x, protocol.OpPairsRows, protocol.PairsRows{ID: info.ID, Upto: 1000, Sort: "order", N: 100})
			if all.Total != 16 || f.Score == nil || f.Score.N != 16 {
				t.Fatalf("%d rows, %+v", all.Total, f)
			}
			var bleu metric.BLEU
			var chrf metric.ChrF
			exact, kinds := 0, map[string]int{}
			for i, r := range all.Rows {
				q := protocol.Translate{Text: r.Source, Decode: decode}
				free := translate(x, q)
				q.Changes = []protocol.Change{prefixOf(widen(x.s.pairs.list[i].targetIDs))}
				held := translate(x, q)
				if r.Best != free.Hyps[0].Text || r.Score != free.Hyps[0].Score || strings.Join(strings.Fields(held.Hyps[0].Text), "") != strings.Join(strings.Fields(r.Reference), "") {
					t.Errorf("%+v: the winner is %+v, of the reference %+v", r, free.Hyps[0], held.Hyps[0])
				}
				if math.Abs(r.RefLogP-held.Hyps[0].LogP) > 1e-4*math.Max(1, -r.RefLogP) || math.Abs(r.RefScore-held.Hyps[0].Score) > 1e-4*math.Max(1, -r.RefScore) {
					t.Errorf("%+v: reference %+v", r, held.Hyps[0])
				}
				if r.Exact != (r.Best == held.Hyps[0].Text) || r.Exact != (r.Distance == 0) || r.Exact && (r.Kind != "exact" || r.Left != -1) || !r.Exact && (r.Kind == "search") != (r.RefScore > r.Score) {
					t.Errorf("%+v", r)
				}
				checkLeft(t, free, held, r)
				words := wordsOf(free, 0)
				if free.Hyps[0].Ended {
					words = words[:len(words)-1]
				}
				bleu.Add(words, strings.Fields(r.Reference))
				chrf.Add(r.Best, r.Reference)
				if kinds[r.Kind]++; r.Exact {
					exact++
				}
			}
			if s := f.Score; s.BLEU != bleu.Score() || s.ChrF != chrf.Score() || s.Exact != float64(exact)/16 || s.Search != kinds["search"] || s.Model != kinds["model"] || kinds["model"]+kinds["search"] == 0 {
				t.Errorf("%+v, not %v", s, kinds)
			}
			t.Logf("%+v", f.Score)
			checkSorted(x, info, all)
		})
	}
}

// checkLeft holds that up to Left the reference is alive in the tree, and there no more.
func checkLeft(t *testing.T, free, held *protocol.Translation, r protocol.ScoreRow) {
	t.Helper()
	alive := map[string]bool{}
	words := make([]string, len(free.Nodes))
	for i, n := range free.Nodes[1:] {
		words[i+1] = fmt.Sprint(words[n.Parent], " ", n.ID)
		alive[words[i+1]] = n.State == "live" || n.State == "ended" || n.State == "limit"
	}
	so, at := "", -1
	for step, id := range idsOfHyp(held, 0) {
		if so += fmt.Sprint(" ", id); !alive[so] {
			at = step
			break
		}
	}
	if at != r.Left {
		t.Errorf("%+v: it left at %d", r, at)
	}
}

// checkSorted holds that rows are sorted, and that the pages of those that are picked are all of them.
func checkSorted(x *session, info *protocol.PairsInfo, all *protocol.PairsRowsResult) {
	x.t.Helper()
	for sort, key := range map[string]func(r protocol.ScoreRow) float64{"distance": func(r protocol.ScoreRow) float64 { return -r.Distance },
		"logp": func(r protocol.ScoreRow) float64 { return r.RefLogP }, "gap": func(r protocol.ScoreRow) float64 { return r.Score - r.RefScore }} {
		for _, only := range []string{"", "wrong", "model"} {
			want := 0
			for _, r := range all.Rows {
				if only == "" || only == "wrong" && !r.Exact || r.Kind == only {
					want++
				}
			}
			var got []protocol.ScoreRow
			for from := 0; from < want; from += 7 {
				r := ask[protocol.PairsRowsResult](x, protocol.OpPairsRows, protocol.PairsRows{ID: info.ID, Upto: 16, Sort: sort, Only: only, From: from, N: 7})
				if r.Total != want {
					x.t.Fatalf("%d rows, not %d", r.Total, want)
				}
				got = append(got, r.Rows...)
			}
			seen := map[int]bool{}
			for i, r := range got {
				if i > 0 && key(got[i-1]) > key(r) || seen[r.Pair] {
					x.t.Errorf("by %s: row %d is %+v", sort, i, r)
				}
				seen[r.Pair] = true
			}
			if len(got) != want {
				x.t.Errorf("%d rows, not %d", len(got), want)
			}
		}
	}
	x.fails(protocol.OpPairsRows, protocol.PairsRows{ID: info.ID, Sort: "no"})
	x.fails(protocol.OpPairsRows, protocol.PairsRows{ID: info.ID, Only: "no"})
}

// TestPairsOf reads what is awkward: no references, words of no token, more than there is room for, another set in the place of the first, and a cancel.
func TestPairsOf(t *testing.T) {
	x := opened(t, "g2p-lstm")
	q := protocol.Pairs{Text: "cat\nca9t\tK AE1 T\n999\tK\ndog\tD XX G\n", Score: true, States: []string{"decoder.attentional"}, Decode: beam5}
	info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, q)
	if info.Pairs != 4 || info.References != 3 || len(info.Warnings) != 1 || info.Warnings[0].Code != "unknown-characters" {
		t.Fatalf("%+v", info)
	}
	f := x.fillAll(info)
	rows := ask[protocol.PairsRowsResult](x, protocol.OpPairsRows, protocol.PairsRows{ID: info.ID, Upto: 4, Sort: "distance", N: 9}).Rows
	if len(rows) != 4 || f.Score.N != 2 || rows[2].Kind != "" || rows[3].Kind != "" {
		t.Fatalf("%+v %+v", f.Score, rows)
	}
	if rows[0].Pair != 3 || rows[0].Kind != "model" || rows[0].Exact {
		t.Errorf("%+v", rows[0])
	}
	cat := translate(x, plain("cat"))
	near := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, protocol.PairsNear{ID: info.ID, Upto: 1, Of: plain("cat"), Name: "decoder.attentional", Pos: 1, Metric: "euclidean", N: 1})
	if r := near.Rows[0]; r.Pair != 0 || r.Pos != 1 || r.Score > 1e-2 || !slices.Equal(r.Target, wordsOf(cat, 0)) {
		t.Errorf("%+v", r) // of no reference, what is found
	}

	q = protocol.Pairs{Files: []protocol.FileRef{x.someG2P(60)}, States: []string{"encoder.output"}, Decode: beam5, Room: 20_000}
	sampled := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, q)
	f = x.fillAll(sampled)
	if sampled.ID == info.ID || len(sampled.Warnings) != 1 || sampled.Warnings[0].Code != "pairs-sampled" || 2*f.Rows[0]*sampled.States[0].Units > 20_000 || f.Rows[0] == 0 || f.Done != 60 {
		t.Errorf("%+v %+v", sampled, f)
	}
	x.fails(protocol.OpPairsFill, protocol.PairsFill{ID: info.ID})

	q = protocol.Pairs{Files: []protocol.FileRef{x.someG2P(30)}, States: []string{"encoder.output"}, Score: true, Decode: beam5}
	info = ask[protocol.PairsInfo](x, protocol.OpPairsOpen, q)
	some := ask[protocol.PairsFilled](x, protocol.OpPairsFill, protocol.PairsFill{ID: info.ID})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if a := x.send(ctx, protocol.OpPairsFill, protocol.PairsFill{ID: info.ID, Ms: 1000}); a.last.Kind != protocol.Cancelled || some.Done != 1 || x.s.pairs.done != 1 {
		t.Errorf("%v, %d of %d", a.last.Kind, x.s.pairs.done, some.Done)
	}
	a := x.fillAll(info)
	b := x.fillAll(ask[protocol.PairsInfo](x, protocol.OpPairsOpen, q))
	if *a.Score != *b.Score || !slices.Equal(a.Rows, b.Rows) {
		t.Errorf("after a cancel %+v, not %+v", a.Score, b.Score)
	}
	ask[struct{}](x, protocol.OpPairsClose, protocol.PairsClose{})
	x.fails(protocol.OpPairsFill, protocol.PairsFill{ID: info.ID + 1})
	for _, q := range []protocol.Pairs{{}, {Text: "a\tb", States: []string{"decoder.attn.pattern"}}, {Text: "a\tb", States: []string{"none"}}, {Text: " ", Score: true}, {Text: "a\tb", Source: "x", Score: true},
		{Files: []protocol.FileRef{x.give("a.txt", []byte("1\n2\n")), x.give("b.txt", []byte("1\n"))}, Score: true}} {
		x.fails(protocol.OpPairsOpen, q)
	}
	opened(t, "char-lstm").fails(protocol.OpPairsOpen, q)
}

// TestNearTranslations holds that without pairs the states are those of the translations that were made lately, each with what was changed, and the
// other ones of the sentence itself.
func TestNearTranslations(t *testing.T) {
	x := opened(t, "g2p-lstm")
	near := protocol.PairsNear{Of: plain("cat"), Name: "encoder.output", Pos: 1, Metric: "cosine", N: 99, Map: 99}
	if r := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, near); r.Total != 2 || len(r.Rows) != 2 || r.Rows[0].Pos == 1 || r.Rows[1].Pos == 1 || r.Own != 3 || r.Share <= 0 {
		t.Fatalf("%+v", r) // its own other states
	}
	one := near
	one.Of, one.Pos = plain("a"), 0
	if r := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, one); r.Total != 3 {
		t.Fatalf("%+v", r)
	}
	alone := opened(t, "g2p-lstm")
	if r := ask[protocol.PairsNearResult](alone, protocol.OpPairsNear, one); r.Total != 0 || len(r.Rows) != 0 || r.Own != 1 {
		t.Fatalf("%+v", r)
	}
	x = opened(t, "g2p-lstm")
	translate(x, plain("cats"))
	translate(x, plain("cat", protocol.Change{Name: protocol.SourceChange, Pos: 0, Index: -1, Op: "set", Value: 9}))
	translate(x, plain("cat", protocol.Change{Name: "encoder.output", Pos: 2, Index: -1, Op: "zero"}))
	r := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, near)
	if r.Total != 12 || len(r.Rows) != 12 || len(r.Words) != 16 || r.Own != 3 || r.Share <= 0 {
		t.Fatalf("%+v", r)
	}
	notes := map[int]string{}
	for _, row := range r.Rows {
		notes[row.Pair] = row.Note
	}
	if notes[0] != "encoder.output@2 zero" || notes[1] != "c → "+x.s.seq.names[9] || notes[2] != "" {
		t.Errorf("%v", notes)
	}
	if top := r.Rows[0]; top.Pair != 0 || top.Pos != 1 || top.Score < .99999 {
		t.Errorf("%+v", top) // the same state, where another was changed
	}
	again := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, near)
	if !slices.Equal(again.Places, r.Places) || !slices.Equal(again.Pairs, r.Pairs) {
		t.Error("the map moved")
	}
}

// TestPairsPlane holds that a sentence of the pairs lands where its states are, and that more pairs turn no axis round.
func TestPairsPlane(t *testing.T) {
	x := opened(t, "g2p-lstm")
	info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Files: []protocol.FileRef{x.someG2P(60)}, States: []string{"encoder.output"}, Decode: beam5})
	x.fillAll(info)
	var before []float32
	for _, upto := range []int{20, 30, 60} {
		r := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, protocol.PairsNear{ID: info.ID, Upto: upto, Of: plain("aaron"), Name: "encoder.output", Metric: "euclidean", N: 1, Map: 1})
		if found := r.Places[2*r.Own:]; math.Abs(float64(found[0]-r.Places[0])) > 1e-2 || math.Abs(float64(found[1]-r.Places[1])) > 1e-2 {
			t.Errorf("it lies at %v, its own at %v", found[:2], r.Places[:2])
		}
		along := float32(0)
		for i, v := range r.Places[:2*r.Own] {
			if before != nil {
				along += v * before[i]
			}
		}
		if before != nil && along <= 0 {
			t.Error("an axis turned round")
		}
		before = r.Places[:2*r.Own]
	}
}

// TestPairsPoints holds that a map gets the translation's own states first, and then kept ones.
func TestPairsPoints(t *testing.T) {
	x := opened(t, "g2p-lstm")
	info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Files: []protocol.FileRef{x.someG2P(30)}, States: []string{"decoder.attentional"}, Decode: beam5})
	f := x.fillAll(info)
	of := plain("phonograph")
	own := ask[protocol.Array](x, protocol.OpTranslated, protocol.Translated{Of: of, Name: "decoder.attentional"})
	r, vectors := x.points(protocol.Points{Source: "pairs", Max: 50, Name: "decoder.attentional", Pairs: info.ID, Upto: 30, Of: &of})
	n := own.Shape[0]
	if r.N != n+50 || r.Total != n+f.Rows[0] || r.Dim != own.Shape[1] || len(r.Warnings) != 1 || !slices.Equal(vectors[:len(own.Data)], own.Data) {
		t.Fatalf("%d of %d, %+v", r.N, r.Total, r.Warnings)
	}
	kept, row := x.s.pairs.states[0], make([]float32, r.Dim)
	for m := range 50 {
		i := m * f.Rows[0] / 50
		kept.store.Row(row, i)
		pair, pos := kept.at(i)
		if !slices.Equal(vectors[(n+m)*r.Dim:][:r.Dim], row) || r.Columns[0].Values[n+m] != float32(pair) || r.Columns[1].Values[n+m] != float32(pos) || r.Names[n+m] != x.s.pairs.tokens(pair, 1)[pos] {
			t.Fatalf("row %d", m)
		}
		if of := r.Sentences[r.Sentence[n+m]]; !slices.Equal(of.Source, x.s.pairs.tokens(pair, 0)) || !slices.Equal(of.Target, x.s.pairs.tokens(pair, 1)) || of.Target[pos] != r.Names[n+m] {
			t.Fatalf("row %d is of %v", m, of)
		}
	}
	if of := r.Sentences[r.Sentence[0]]; strings.Join(of.Source, "") != "phonograph" || !slices.Equal(of.Target, r.Names[:n]) || len(r.Sentences) < 20 || len(r.Sentences) > 31 {
		t.Errorf("%v of %d", of, len(r.Sentences))
	}
	rest, others := x.points(protocol.Points{Source: "pairs", Max: 50, Name: "decoder.attentional", Pairs: info.ID, Upto: 30})
	if rest.N != 50 || rest.Total != f.Rows[0] || !slices.Equal(others, vectors[n*r.Dim:]) || !slices.Equal(rest.Names, r.Names[n:]) || rest.Sentence[0] != 0 {
		t.Errorf("%d of %d", rest.N, rest.Total)
	}
	mine, alone := x.points(protocol.Points{Source: "translation", Name: "decoder.attentional", Of: &of})
	if mine.N != n || mine.Total != n || !slices.Equal(alone, own.Data) || len(mine.Sentences) != 1 || !slices.Equal(mine.Columns[1].Values, r.Columns[1].Values[:n]) {
		t.Errorf("%d of %d", mine.N, mine.Total)
	}
	if r, _ := x.points(protocol.Points{Source: "pairs", Max: 50, Name: "encoder.output", Of: &of}); r.N != 10 {
		t.Errorf("%d of its own", r.N)
	}
	close, _ := x.points(protocol.Points{Source: "translation", Name: "decoder.attentional", Of: &of, Pairs: info.ID, Upto: 30, Near: 7, Metric: "dot"})
	each := ask[protocol.PairsEachResult](x, protocol.OpPairsEach, protocol.PairsEach{ID: info.ID, Upto: 30, Of: of, Name: "decoder.attentional", N: 7, Metric: "dot"})
	there := map[[2]int]bool{}
	for i := each.Own; i < len(each.Pairs); i++ {
		there[[2]int{each.Pairs[i], each.Positions[i]}] = true
	}
	for i := n; i < close.N; i++ {
		delete(there, [2]int{int(close.Columns[0].Values[i]), int(close.Columns[1].Values[i])})
	}
	if len(there) > 0 || close.N-n >= 7*n || close.N-n < 7 {
		t.Errorf("%d nearest states, without %v", close.N-n, there)
	}
	for _, b := range []protocol.Points{{Source: "translation", Name: "encoder.output", Of: &of, Near: 3, Metric: "no"}, {Source: "pairs", Name: "encoder.output"}, {Source: "translation", Name: "encoder.output"}, {Source: "translation", Name: "no", Of: &of},
		{Source: "pairs", Name: "no", Pairs: info.ID, Upto: 30}, {Source: "translation", Name: "encoder.output", Of: &of, Hyp: 99}} {
		x.fails(protocol.OpPoints, b)
	}
}

// BenchmarkPairs fills and scores 200 words with a beam of 5: words a second.
func BenchmarkPairs(b *testing.B) {
	x := opened(b, "g2p-lstm")
	for _, score := range []bool{false, true} {
		b.Run(map[bool]string{false: "states", true: "scores"}[score], func(b *testing.B) {
			n := 0
			for b.Loop() {
				info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Text: firstLines(b, 200), States: []string{"encoder.output"}, Score: score, Decode: beam5})
				n += x.fillAll(info).Done
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pairs/s")
		})
	}
}

func firstLines(t testing.TB, n int) string {
	b, err := os.ReadFile(filepath.Join("..", "..", "web", "texts", "g2p.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.SplitAfter(string(b), "\n")[:n+1], "")
}
