package near

import (
	"fmt"
	"testing"
)

// BenchmarkExact: 10,000 x 100 in at most 3 s, in Chromium's worker.
func BenchmarkExact(b *testing.B) {
	x := clustered(10_000, 100)
	for b.Loop() {
		if _, err := Exact(x, 10_000, 100, 90, Cosine, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkApproximate: 50,000 words start to move within 10 s, of which this is the most; t-SNE compares 50 principal components.
func BenchmarkApproximate(b *testing.B) {
	for _, size := range [][2]int{{50_000, 50}, {50_000, 100}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			x := clustered(size[0], size[1])
			for b.Loop() {
				g, err := Approximate(x, size[0], size[1], 90, Cosine, 1, nil)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(g.Recall, "recall")
			}
		})
	}
}

// BenchmarkTop: one of 50,000 x 300 in tens of ms.
func BenchmarkTop(b *testing.B) {
	x := clustered(50_000, 300)
	for _, m := range metrics {
		b.Run(string(m), func(b *testing.B) {
			for b.Loop() {
				Top(x, 50_000, 300, x[300:600], m, 50, nil)
			}
		})
	}
}
