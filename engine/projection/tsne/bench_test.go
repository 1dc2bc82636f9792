package tsne

import (
	"fmt"
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
