package words

import (
	"fmt"
	"testing"

	"loupe/app/state"
	"loupe/engine/protocol"
)

// BenchmarkDraw draws a map of 50,000 words when only something else changed: what it costs at every look.
func BenchmarkDraw(b *testing.B) {
	const n = 50_000
	p := &protocol.PointsResult{N: n, Dim: 100, Total: n, Tensor: "embed"}
	kind := protocol.Column{Name: "kind", Own: true, Labels: []string{"a", "b", "c", "d", "e", "f", "g", "h"}}
	rank := protocol.Column{Name: "rank"}
	for i := range n {
		p.Names = append(p.Names, fmt.Sprint("word", i*7919%n))
		p.IDs = append(p.IDs, float32(i))
		kind.Values, rank.Values = append(kind.Values, float32(i%8)), append(rank.Values, float32(i))
	}
	p.Columns = []protocol.Column{rank, kind}
	var half []int
	for i := 0; i < n; i += 2 {
		half = append(half, i)
	}
	st := stateOf("token=77&o.words.find=9&o.words.hide=@kind:b&o.words.sel=" + state.FormatRows(half))
	d := made("a", nil, st)
	m := d.m
	m.Points = p
	m.Frame = &protocol.MapFrame{Dims: 2, Done: true, Y: make([]float32, 2*n)}
	b.ReportAllocs()
	for b.Loop() {
		Draw(d.in)
	}
}
