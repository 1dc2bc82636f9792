package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const benchUnits = 512

// wave fills row with values that stay for some tokens, of which a fifth are .5 or more.
func wave(r *rand.Rand, row []float32) {
	for u := range row {
		if r.Uint32()>>29 == 0 {
			row[u] = r.Float32()*1.25 - .625
			if row[u] > .375 {
				row[u] += .25
			}
		}
	}
}

func corpus(n int, cuts []Cut) *Store {
	r := rand.New(rand.NewPCG(1, 2))
	s, row := New([]Source{{"hidden", benchUnits}}, cuts), make([]float32, benchUnits)
	for range n {
		wave(r, row)
		s.Append([][]float32{row})
	}
	return s
}

// timed runs f and says how long the shortest took: what the machine does when nothing else runs on it.
func timed(b *testing.B, f func() error) {
	shortest := time.Hour
	for b.Loop() {
		start := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		shortest = min(shortest, time.Since(start))
	}
	b.ReportMetric(float64(shortest.Microseconds())/1000, "best-ms")
}

// BenchmarkAppend: what keeping 1,000 tokens of 512 units costs while the model runs.
func BenchmarkAppend(b *testing.B) {
	for _, cuts := range [][]Cut{nil, half1} {
		b.Run(map[bool]string{true: "f16", false: "bits"}[cuts == nil], func(b *testing.B) {
			r, row := rand.New(rand.NewPCG(1, 2)), make([]float32, benchUnits)
			for range 20 {
				wave(r, row)
			}
			rows := [][]float32{row}
			timed(b, func() error {
				s := New([]Source{{"hidden", benchUnits}}, cuts)
				for range 1000 {
					s.Append(rows)
				}
				return nil
			})
		})
	}
}

// BenchmarkBits: 100,000 tokens, of which bits are made at a new threshold.
func BenchmarkBits(b *testing.B) {
	s := corpus(100_000, nil)
	timed(b, func() error {
		s.made = nil
		_, err := s.Bits(half1, nil)
		return err
	})
}

// BenchmarkFind: 20 of 512 units selected; 1,000,000 tokens within 1 s.
func BenchmarkFind(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		s := corpus(n, half1)
		bits, err := s.Bits(half1, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range []struct {
			units, margin, least int
		}{{20, 1, 2}, {20, 0, 1}, {20, 50, 1}, {3, 1, 1}, {512, 1, 1}} {
			b.Run(fmt.Sprintf("%d/%dunits/margin%d", n, c.units, c.margin), func(b *testing.B) {
				q := Query{Before: c.margin, After: c.margin, Least: c.least, Upto: n}
				for u := range c.units {
					q.Units = append(q.Units, u*benchUnits/c.units)
				}
				for e := 1000; e < n; e += 1000 {
					q.Ends = append(q.Ends, e)
				}
				timed(b, func() error { _, err := Find(bits, q, nil); return err })
				b.ReportMetric(float64(s.Bytes())/1e6, "MB")
			})
		}
	}
}

// BenchmarkValues: the other questions about 100,000 tokens.
func BenchmarkValues(b *testing.B) {
	const n = 100_000
	s := corpus(n, nil)
	q, numbers, yes := make([]float32, benchUnits), make([]float32, n), make([]bool, n)
	s.Row(q, n/2)
	for t := range yes {
		numbers[t], yes[t] = float32(t%80), t%7 == 0
	}
	for _, c := range []struct {
		name string
		ask  func() error
	}{
		{"near/cosine", func() error { _, err := s.Near(q, 0, benchUnits, n, 50, "cosine", nil); return err }},
		{"near/dot", func() error { _, err := s.Near(q, 0, benchUnits, n, 50, "dot", nil); return err }},
		{"near/euclidean", func() error { _, err := s.Near(q, 0, benchUnits, n, 50, "euclidean", nil); return err }},
		{"near/20 at once", func() error {
			_, err := s.NearAll(slices.Repeat([][]float32{q}, 20), 0, benchUnits, n, 20, "cosine", nil)
			return err
		}}, // of a sentence of 20 words
		{"correlations", func() error { _, err := s.Correlations(numbers, nil); return err }},
		{"aucs", func() error { _, err := s.AUCs(yes, nil, nil); return err }},
		{"extremes", func() error { s.Extremes(7, n, 20, 3, false); return nil }},
		{"histogram", func() error { s.Histogram(7, n, 40); return nil }},
	} {
		b.Run(c.name, func(b *testing.B) { timed(b, c.ask) })
	}
}
