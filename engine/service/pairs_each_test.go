package service

import (
	"slices"
	"strings"
	"testing"

	"loupe/engine/protocol"
)

// TestPairsEach holds that the neighbours of all states, found at once, are those that each has alone, and that they are at the same places.
func TestPairsEach(t *testing.T) {
	x := opened(t, "g2p-lstm")
	info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Files: []protocol.FileRef{x.someG2P(40)}, States: []string{"encoder.output", "decoder.attentional"}, Decode: beam5})
	x.fillAll(info)
	of := plain("phonograph", protocol.Change{Name: protocol.SourceChange, Pos: 1, Index: -1, Op: "set", Value: 9})
	for _, name := range []string{"encoder.output", "decoder.attentional"} {
		for _, metric := range []string{"cosine", "euclidean", "dot"} {
			q := protocol.PairsEach{ID: info.ID, Upto: 40, Of: of, Hyp: 1, Name: name, Metric: metric, N: 12}
			compareEach(x, q, ask[protocol.PairsEachResult](x, protocol.OpPairsEach, q))
		}
	}
	translate(x, plain("phone")) // and among the translations that were made
	q := protocol.PairsEach{Of: of, Name: "decoder.attentional", Metric: "cosine", N: 3}
	compareEach(x, q, ask[protocol.PairsEachResult](x, protocol.OpPairsEach, q))
	if r := ask[protocol.PairsEachResult](x, protocol.OpPairsEach, q); len(r.Sentences) != 2 || strings.Join(r.Sentences[0].Source, "") != "phone" || r.Sentences[r.Pairs[r.Own]].Target[r.Positions[r.Own]] != r.Words[r.Own] {
		t.Errorf("%+v", r.Sentences)
	}
	q.Metric = "none"
	x.fails(protocol.OpPairsEach, q)
	x.fails(protocol.OpPairsEach, protocol.PairsEach{ID: 77, Of: of, Name: q.Name, Metric: "dot"})
	x.fails(protocol.OpPairsEach, protocol.PairsEach{Of: of, Name: "decoder.none", Metric: "dot"})
}

// compareEach asks about each state alone.
func compareEach(x *session, q protocol.PairsEach, got *protocol.PairsEachResult) {
	x.t.Helper()
	at := got.Own
	for pos := range got.Own {
		one := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, protocol.PairsNear{ID: q.ID, Upto: q.Upto, Of: q.Of, Hyp: q.Hyp, Name: q.Name, Pos: pos, Metric: q.Metric, N: q.N, Map: 1})
		if one.Own != got.Own || one.Total != got.Total || len(got.Counts) != got.Own || len(one.Rows) != got.Counts[pos] || len(one.Rows) != min(q.N, one.Total) {
			x.t.Fatalf("%s by %s, state %d: %d of %d, not %d of %d", q.Name, q.Metric, pos, got.Counts[pos], got.Total, len(one.Rows), one.Total)
		}
		if !slices.Equal(one.Places[:2*one.Own], got.Places[:2*got.Own]) || !slices.Equal(one.Words[:one.Own], got.Words[:got.Own]) {
			x.t.Fatal("its own states lie elsewhere")
		}
		for i := range one.Rows {
			from, to := one.Own+i, at+i
			if one.Pairs[from] != got.Pairs[to] || one.Positions[from] != got.Positions[to] || one.Words[from] != got.Words[to] || !slices.Equal(one.Places[2*from:2*from+2], got.Places[2*to:2*to+2]) {
				x.t.Fatalf("%s by %s, state %d: neighbour %d is %d %d, not %d %d", q.Name, q.Metric, pos, i, got.Pairs[to], got.Positions[to], one.Pairs[from], one.Positions[from])
			}
		}
		at += len(one.Rows)
	}
	if len(got.Places) != 2*at || len(got.Words) != at {
		x.t.Errorf("%d places, %d words, expected %d", len(got.Places), len(got.Words), at)
	}
}

// TestPairsEachLong: of a long sentence the first states have neighbours, and all have places.
func TestPairsEachLong(t *testing.T) {
	x := opened(t, "g2p-lstm")
	translate(x, plain("cat"))
	text := ""
	for range eachMost {
		text += "ab"
	}
	r := ask[protocol.PairsEachResult](x, protocol.OpPairsEach, protocol.PairsEach{Of: plain(text), Name: "encoder.output", Metric: "cosine", N: 2})
	if r.Own <= eachMost || len(r.Counts) != eachMost || len(r.Places) != 2*(r.Own+2*eachMost) {
		t.Errorf("%d of %d, %d places", len(r.Counts), r.Own, len(r.Places)/2)
	}
}
