package atlas

import (
	"testing"

	"loupe/engine/protocol"
)

// BenchmarkNear is what a click costs: the neighbours of one row among 20,000, in the space and on the map.
func BenchmarkNear(b *testing.B) {
	d := newBench(b)
	d.open(1, clusters(20_000, 100), 100, nil)
	l := protocol.DefaultLayout()
	l.Method = "pca"
	d.step(l, 1, 0)
	row := 0
	for b.Loop() {
		row = (row + 1) % 20_000
		ask[protocol.MapNearResult](d, protocol.OpMapNear, protocol.MapNear{Map: 1, Terms: []protocol.Term{{Row: row, Weight: 1}}, Metric: "cosine", K: 20})
	}
}

// BenchmarkFrame is what a step costs beside its iteration: places, their bytes, KL.
func BenchmarkFrame(b *testing.B) {
	d := newBench(b)
	d.open(1, clusters(10_000, 20), 20, nil)
	l := protocol.DefaultLayout()
	d.step(l, 1, 0)
	d.step(l, 1, 1)
	l.Iterations = 1 // there is nothing to do
	for b.Loop() {
		d.step(l, 1, 0)
	}
}
