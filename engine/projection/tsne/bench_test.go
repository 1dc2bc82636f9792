package tsne

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"
)

// BenchmarkStep makes maps: 1,000 and 2,500 digits, 10,000 and 50,000 points in clusters; at perplexity 30. "best" is the fastest of the
// iterations after the first quarter, which is what a machine does that does nothing else; MB is what the program holds in the end. The yardstick is the repulsion of
// 1,000 points by all pairs, in portable code.
func BenchmarkStep(b *testing.B) {
	y := places(1000, 2, 30, false)
	yard := newTree(1000, 2)
	yard.build(y)
	yard.place(y)
	force, weight := make([]float32, 2*yard.stride), make([]float32, yard.stride)
	yardstick := best(20, func() { portableRepel2(yard.pos, force, weight, yard.stride, 0, 1000, nil, y) })
	for _, c := range []struct {
		n, dims, iterations int
	}{{1000, 2, 1000}, {2500, 2, 1000}, {10_000, 2, 1000}, {50_000, 2, 300}, {2500, 3, 1000}, {10_000, 3, 500}} {
		b.Run(fmt.Sprintf("n=%d/dims=%d", c.n, c.dims), func(b *testing.B) {
			x := clusters(c.n)
			if c.n <= 2500 {
				x = digits(b, c.n)
			}
			p := affinities(b, x, c.n, 30)
			for b.Loop() {
				r := New(p, beginning(x, c.n, c.dims), c.dims, usual)
				fastest, sum := math.Inf(1), 0.0
				for i := range c.iterations {
					ms := best(1, r.Step)
					sum += ms
					if i > c.iterations/4 {
						fastest = min(fastest, ms)
					}
				}
				b.ReportMetric(sum/float64(c.iterations), "ms/iteration")
				b.ReportMetric(fastest, "best-ms")
				b.ReportMetric(sum/float64(c.iterations)/yardstick, "yardsticks")
				b.ReportMetric(r.KL(), "KL")
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.Sys)/1e6, "MB")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// best is the shortest of many runs, in ms.
func best(runs int, f func()) float64 {
	shortest := time.Hour
	for range runs {
		start := time.Now()
		f()
		shortest = min(shortest, time.Since(start))
	}
	return shortest.Seconds() * 1e3
}

// BenchmarkAffinities makes P of 10,000 rows with 90 neighbours.
func BenchmarkAffinities(b *testing.B) {
	const n, k = 10_000, 90
	index, dist := neighbours(clusters(n), n, k, gaussians)
	for b.Loop() {
		if _, err := NewAffinities(index, dist, n, k, 30, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPhases tells what the time of an iteration goes to: the best of a few.
func BenchmarkPhases(b *testing.B) {
	for _, c := range []struct{ n, dims int }{{10_000, 2}, {10_000, 3}, {50_000, 2}} {
		b.Run(fmt.Sprintf("n=%d/dims=%d", c.n, c.dims), func(b *testing.B) {
			n, dims := c.n, c.dims
			x := clusters(n)
			p := affinities(b, x, n, 30)
			for b.Loop() {
				r := New(p, beginning(x, n, dims), dims, usual)
				for range 260 {
					r.Step()
				}
				cells, near, t := 0, 0, r.tree
				lists := func(see func(points int)) {
					for g := 0; g+1 < len(t.groups); g++ {
						list(t, &r.lists, int(t.groups[g]), int(t.groups[g+1]))
						see(int(t.groups[g+1] - t.groups[g]))
					}
				}
				t.build(r.y)
				t.place(r.y)
				lists(func(points int) {
					cells += len(r.lists.far) / t.record() * points
					near += len(r.lists.near) / dims * points
				})
				b.ReportMetric(float64(cells)/float64(n), "cells/point")
				b.ReportMetric(float64(near)/float64(n), "points/point")
				b.ReportMetric(float64(n)/float64(len(t.groups)), "points/group")
				for _, phase := range []struct {
					name string
					do   func()
				}{
					{"build", func() { t.build(r.y) }},
					{"place", func() { t.place(r.y) }},
					{"list", func() { lists(func(int) {}) }},
					{"list+repel", func() { t.repulsion(&r.lists, r.force, r.weight, false) }},
					{"rows", func() { t.rows(r.repel, r.force) }},
					{"attract", func() { attraction(r.p, r.y, r.attract, dims, false) }},
					{"KL", func() { r.klAt = -1; r.KL() }},
					{"move", func() { move(r.y, &r.motion, change{}) }},
				} {
					b.ReportMetric(best(20, phase.do), "ms:"+phase.name)
				}
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
