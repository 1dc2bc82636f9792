package tsne

import (
	"fmt"
	"math"
	"testing"
	"time"
)

func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		n, dims, iterations int
	}{{1000, 2, 1000}, {2500, 2, 1000}, {10_000, 2, 1000}, {50_000, 2, 300}, {2500, 3, 1000}, {10_000, 3, 1000}} {
		b.Run(fmt.Sprintf("n=%d/dims=%d", c.n, c.dims), func(b *testing.B) {
			x := clusters(c.n)
			if c.n <= 2500 {
				x = digits(b, c.n)
			}
			p := affinities(b, x, c.n, 30)
			for b.Loop() {
				r := New(p, beginning(x, c.n, c.dims), c.dims, usual)
				start := time.Now()
				for range c.iterations {
					r.Step()
				}
				b.ReportMetric(time.Since(start).Seconds()*1e3/float64(c.iterations), "ms/iteration")
				b.ReportMetric(r.KL(), "KL")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkPhases tells what the time of an iteration goes to: the best of a few.
func BenchmarkPhases(b *testing.B) {
	const n = 10_000
	x := clusters(n)
	p := affinities(b, x, n, 30)
	for _, dims := range []int{2, 3} {
		b.Run(fmt.Sprintf("dims=%d", dims), func(b *testing.B) {
			for b.Loop() {
				r := New(p, beginning(x, n, dims), dims, usual)
				for range 300 {
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
				b.ReportMetric(float64(cells)/n, "cells/point")
				b.ReportMetric(float64(near)/n, "points/point")
				b.ReportMetric(n/float64(len(t.groups)), "points/group")
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
					{"KL", func() { r.kl = math.NaN(); r.KL() }},
					{"move", func() { move(r.y, &r.motion, change{}) }},
				} {
					best := time.Hour
					for range 20 {
						start := time.Now()
						phase.do()
						best = min(best, time.Since(start))
					}
					b.ReportMetric(best.Seconds()*1e3, "ms:"+phase.name)
				}
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
