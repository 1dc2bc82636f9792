package service

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"loupe/engine/protocol"
)

// TestSearchErrors holds that a narrow beam makes errors of search, which are those where the reference scores better, and that a wider one finds some of them.
func TestSearchErrors(t *testing.T) {
	x := opened(t, "g2p-transformer")
	kinds := func(beam int) (search int, rows []protocol.ScoreRow) {
		info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Text: firstLines(t, 60), Score: true, States: []string{"decoder.blocks.0.resid_cross"}, Decode: protocol.Decode{Beam: beam, Most: 30}})
		f := x.fillAll(info)
		rows = ask[protocol.PairsRowsResult](x, protocol.OpPairsRows, protocol.PairsRows{ID: info.ID, Upto: 60, N: 60}).Rows
		return f.Score.Search, rows
	}
	narrow, rows := kinds(1)
	found := 0
	wide, better := kinds(8)
	for i, r := range rows {
		if (r.Kind == "search") != (!r.Exact && r.RefScore > r.Score) || r.Kind == "search" && r.Left < 0 {
			t.Errorf("%+v", r)
		}
		if r.Kind == "search" && better[i].Exact {
			found++
		}
	}
	if narrow == 0 || wide >= narrow || found == 0 {
		t.Errorf("%d errors of search with a beam of 1, %d with one of 8, which finds %d of the first", narrow, wide, found)
	}
}

// TestRecordedPairs holds that pairs which are made of recorded states answer as those do whose states were run.
func TestRecordedPairs(t *testing.T) {
	x := opened(t, "g2p-lstm")
	names := []string{"encoder.output", "decoder.context"}
	info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Text: firstLines(t, 12), States: names, Decode: beam5})
	x.fillAll(info)
	near := func(name string) *protocol.PairsNearResult {
		r := ask[protocol.PairsNearResult](x, protocol.OpPairsNear, protocol.PairsNear{ID: x.s.pairs.info.ID, Upto: 12, Of: plain("abide"), Name: name, Pos: 1, Metric: "cosine", N: 20, Map: 30})
		r.Ms = 0
		return r
	}
	want := []*protocol.PairsNearResult{near(names[0]), near(names[1])}
	p := x.s.pairs
	var sources, targets [][]int32
	for _, k := range p.list {
		sources, targets = append(sources, k.sourceIDs), append(targets, k.targetIDs)
	}
	var states []recording
	for i, k := range p.states {
		states = append(states, recording{name: k.name, source: k.source, units: info.States[i].Units, row: func(dst []float32, i int) error { k.store.Row(dst, i); return nil }})
	}
	if err := x.s.recordedPairs(func() error { return nil }, "recorded", p.words, sources, targets, states); err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		for k := range want[i].Rows {
			want[i].Rows[k].Reference = "" // a text, which a recording has not
		}
		if got := near(name); !reflect.DeepEqual(got, want[i]) {
			t.Errorf("%s: %+v, not %+v", name, got.Rows, want[i].Rows)
		}
	}
}

// FuzzPairs: no request about pairs brings the service down.
func FuzzPairs(f *testing.F) {
	for op, body := range map[string]string{
		protocol.OpPairsOpen: `{"text": "cat\tK AE1 T\n9\tX\n", "states": ["encoder.output"], "score": true, "decode": {"beam": 2, "most": 9, "length": 1, "coverage": 0.1}, "room": 9}`,
		protocol.OpPairsFill: `{"id": 1, "ms": 1}`,
		protocol.OpPairsNear: `{"id": 1, "upto": 2, "of": {"text": "cat", "decode": {"beam": 2, "most": 9}}, "name": "encoder.output", "pos": 1, "metric": "dot", "n": 3, "map": 4}`,
		protocol.OpPairsEach: `{"id": 1, "upto": 2, "of": {"text": "cat", "decode": {"beam": 2, "most": 9}}, "name": "encoder.output", "metric": "dot", "n": 3}`,
		protocol.OpPairsRows: `{"id": 1, "upto": 2, "sort": "gap", "only": "wrong", "from": 1, "n": 2}`,
		protocol.OpPoints:    `{"source": "pairs", "max": 9, "name": "encoder.output", "pairs": 1, "upto": 2, "of": {"text": "cat", "decode": {"beam": 2, "most": 9}}}`,
	} {
		f.Add(op, body)
	}
	of := `"of": {"text": "cat", "decode": {"beam": 2, "most": 9}}, "name": "encoder.output", "metric": "cosine"}`
	f.Add(protocol.OpPoints, `{"source": "translation", "near": 3, "pairs": 1, "upto": 2, `+of)
	f.Add(protocol.OpPoints, `{"source": "translation", "near": 3, `+of)
	f.Add(protocol.OpPoints, `{"source": "pairs", "max": 9, `+of)
	f.Add(protocol.OpPairsEach, `{"n": 3, `+of)
	f.Add(protocol.OpPairsNear, `{"n": 3, "pos": 2, "map": 9, `+of)
	x := opened(f, "g2p-lstm")
	ops := []string{protocol.OpPairsOpen, protocol.OpPairsFill, protocol.OpPairsNear, protocol.OpPairsEach, protocol.OpPairsRows, protocol.OpPoints}
	f.Fuzz(func(t *testing.T, op, body string) {
		if !json.Valid([]byte(body)) || !slices.Contains(ops, op) {
			return
		}
		x.t, x.s.pairings = t, 0
		info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Text: "cat\tK AE1 T\ndog\tD AO1 G\n", States: []string{"encoder.output"}, Score: true, Decode: protocol.Decode{Beam: 2, Most: 9}})
		x.fillAll(info)
		x.survives(op, body)
	})
}
