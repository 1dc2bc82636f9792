package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"loupe/engine/analysis"
	"loupe/engine/match"
	"loupe/engine/nn"
	"loupe/engine/protocol"
)

// BenchmarkFill compares filling a corpus with running the same texts without recording anything, predictions included in both: tokens a
// second, and what filling costs more, in percent. The aim is 25 at most.
func BenchmarkFill(b *testing.B) {
	for _, c := range []struct {
		model   string
		sources []string
	}{{"char-lstm", []string{"layers.1.hidden"}}, {"char-lstm", []string{"layers.0.cell", "layers.1.cell", "layers.1.forget_gate", "layers.1.hidden"}},
		{"mini-gpt", []string{"blocks.3.resid_post"}}} {
		b.Run(fmt.Sprintf("%s/%d", c.model, len(c.sources)), func(b *testing.B) {
			x := opened(b, c.model)
			open := protocol.Corpus{Text: x.prose(300) + "\f" + x.prose(600)[300:], Sources: c.sources}
			plain, filled := time.Hour, time.Hour
			tokens := 0
			for b.Loop() {
				for range 5 { // the shortest of each counts: what else the machine does comes and goes
					info := ask[protocol.CorpusInfo](x, protocol.OpCorpusOpen, open)
					tokens = info.Tokens
					start := time.Now()
					x.fill(info)
					filled = min(filled, time.Since(start))
					start = time.Now()
					x.forward()
					plain = min(plain, time.Since(start))
				}
			}
			b.ReportMetric(float64(tokens)/filled.Seconds(), "tokens/s")
			b.ReportMetric(100*(filled.Seconds()/plain.Seconds()-1), "%more")
		})
	}
}

// forward runs the corpus's pieces as filling does, but keeps nothing.
func (x *session) forward() {
	c, lo := x.s.corpus, 0
	for _, hi := range c.pieces {
		ids := make([]int, hi-lo)
		for i := range ids {
			ids[i] = int(c.ids[lo+i])
		}
		err := x.s.model.Forward(x.s.model.NewState(), nn.Input{IDs: ids, Logits: func(pos int, z []float32) {
			if d := analysis.Describe(z); pos+1 < len(ids) {
				analysis.Rank(z, ids[pos+1])
				d.Surprisal(z, ids[pos+1])
			}
		}})
		if err != nil {
			x.t.Fatal(err)
		}
		lo = hi
	}
}

// BenchmarkCorpus asks about 1,000,000 and 100,000 tokens of 512 units, 20 of them selected: ms of the first page, of another, and of the lift;
// MB is the memory of the process after it. The aims are 1,000 and 100 ms, and 150 MB.
func BenchmarkCorpus(b *testing.B) {
	for _, n := range []int{1_000_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x := opened(b, "parens-lstm")
			defer debug.SetGCPercent(debug.SetGCPercent(30)) // as the worker has it for so much
			invented(x, n, 512)
			q := protocol.Match{Corpus: 1, Upto: n, Cuts: x.s.corpus.info.Cuts, Before: 1, After: 1, Least: 2, N: 50, Left: 3, Right: 20, Tracks: []string{"depth", "class"}}
			for u := range 20 {
				q.Units = append(q.Units, u*25)
			}
			for _, c := range []struct {
				name string
				op   string
				next func(i int) any
			}{
				{"match", protocol.OpCorpusMatch, func(i int) any { q := q; q.Least = 2 + i%2; return q }},
				{"page", protocol.OpCorpusMatch, func(i int) any { q := q; q.From = 50 * (i % 10); return q }},
				{"lift", protocol.OpCorpusLift, func(int) any { return q }},
				{"rank", protocol.OpCorpusRank, func(int) any { return protocol.Rank{Corpus: 1, Upto: n, Track: "class", Label: "digit", N: 20} }},
				{"find", protocol.OpCorpusFind, func(i int) any {
					return protocol.CorpusFind{Corpus: 1, Upto: n, Text: fmt.Sprint("((", i%6, "))"), N: 50}
				}},
			} {
				b.Run(c.name, func(b *testing.B) {
					best, i := time.Hour, 0
					for b.Loop() {
						raw, _ := json.Marshal(c.next(i))
						i++
						start := time.Now()
						x.s.Handle(context.Background(), protocol.Request{ID: 1, Op: c.op, Body: raw}, func(k protocol.Kind, body any) {
							if k == protocol.Failed {
								b.Fatal(body)
							}
						})
						best = min(best, time.Since(start))
					}
					b.ReportMetric(float64(best.Microseconds())/1000, "ms")
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					b.ReportMetric(float64(m.Sys)/1e6, "MB")
					b.ReportMetric(float64(x.s.Bytes())/1e6, "MB-kept")
				})
			}
		})
	}
}

// BenchmarkCorpusOpen reads a text of 1,000,000 characters, as one document and as lines of JSON.
func BenchmarkCorpusOpen(b *testing.B) {
	for _, kind := range []string{"one", "jsonl"} {
		b.Run(kind, func(b *testing.B) {
			x := opened(b, "char-lstm")
			f, text := x.shelf("shakespeare.jsonl", 100), bytes.Buffer{}
			for text.Len() < 1_000_000 {
				text.Write(x.files[f.Ref])
			}
			f = x.give("x.jsonl", text.Bytes())
			if kind == "one" {
				f.Name = "x.txt"
				x.files[f.Ref] = bytes.ReplaceAll(append([]byte("Plays.\n"), text.Bytes()...), []byte(`\n`), []byte("\n"))
				f.Size = int64(len(x.files[f.Ref]))
			}
			best := time.Hour
			for b.Loop() {
				start := time.Now()
				ask[protocol.CorpusInfo](x, protocol.OpCorpusOpen, protocol.Corpus{Files: []protocol.FileRef{f}, Sources: []string{"layers.1.hidden"}})
				best = min(best, time.Since(start))
			}
			b.ReportMetric(best.Seconds()*1000, "ms")
			b.ReportMetric(float64(len(x.s.corpus.ids)), "tokens")
		})
	}
}

// invented opens a corpus of n random brackets, of which units do something random: a fifth of them is on, for some tokens at a time.
func invented(x *session, n, units int) {
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	for text.Len() < n {
		text.WriteByte("(( ))01234"[r.IntN(10)])
		if text.Len()%997 == 0 {
			text.WriteByte('\f')
		}
	}
	set := protocol.Corpus{Text: text.String(), Sources: []string{cell}, Room: int64(n) * 3, Cuts: []protocol.Cut{{Level: .5, On: "above"}}}
	info := ask[protocol.CorpusInfo](x, protocol.OpCorpusOpen, set)
	c := x.s.corpus
	c.info.ID, c.info.Sources[0].Units = 1, units
	c.store = match.New([]match.Source{{Name: cell, Units: units}}, []match.Cut{{Level: .5}})
	row := make([]float32, units)
	for range info.Tokens {
		for u := range row {
			if r.Uint32()>>29 == 0 {
				row[u] = r.Float32()*1.25 - .625
				if row[u] > .375 {
					row[u] += .25
				}
			}
		}
		c.store.Append([][]float32{row})
	}
}
