package service

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
	"loupe/engine/tensor"
	"loupe/engine/tokenizer"
)

// BenchmarkLarge asks a model of a large vocabulary what a slider and the caret ask: ms of the shortest answer. The aim is 16,
// of which the page needs some.
func BenchmarkLarge(b *testing.B) {
	m, err := enginetest.RandomModel(`{"model_type": "gpt2", "n_layer": 2, "n_head": 12, "n_embd": 768, "n_positions": 1024, "vocab_size": 50257}`,
		&enginetest.Random{DType: tensor.Q8})
	if err != nil {
		b.Fatal(err)
	}
	x := opened(b, "char-lstm")
	info := m.Info()
	s := x.s
	s.model, s.info, s.names, s.final = m, info, make([]string, info.Vocab), "ln_final.normalized"
	s.about.Acts, s.about.Context = nil, info.Context
	for _, a := range info.Acts {
		s.about.Acts = append(s.about.Acts, protocol.Act(a))
	}
	s.tok, _ = tokenizer.Open(map[string][]byte{"tokenizer.json": []byte(`{"type": "char", "vocab": ["a"]}`)}, nil)
	s.reset()
	ids := make([]int, 64)
	for i := range ids {
		ids[i] = i * 397 % info.Vocab
	}
	change := []protocol.Change{{Name: "blocks.1.attn.z", Pos: -1, Index: 2, Op: "zero"}}
	ask[protocol.RunResult](x, protocol.OpRun, protocol.Run{IDs: ids, Changes: change})
	pos := 0
	for _, c := range []struct {
		name string
		op   string
		body func() any
	}{
		{"slider", protocol.OpPredict, func() any {
			return protocol.Predict{Pos: 63, N: 20, Watch: []int{5}, Sampling: protocol.Sampling{T: 0.8, K: 40, P: 0.9}}
		}},
		{"caret", protocol.OpPredict, func() any {
			pos = (pos + 1) % 64
			return protocol.Predict{Pos: pos, N: 20, Sampling: protocol.Sampling{T: 1, P: 1}}
		}},
		{"run", protocol.OpRun, func() any {
			ids[63] = (ids[63] + 1) % info.Vocab
			return protocol.Run{IDs: ids, Changes: change}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			best := time.Hour
			for b.Loop() {
				raw, _ := json.Marshal(c.body())
				start := time.Now()
				s.Handle(context.Background(), protocol.Request{ID: 1, Op: c.op, Body: raw}, func(k protocol.Kind, body any) {
					if k == protocol.Failed {
						b.Fatal(body)
					}
				})
				best = min(best, time.Since(start))
			}
			b.ReportMetric(float64(best.Microseconds())/1000, "ms")
		})
	}
}
