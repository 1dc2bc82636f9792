package model_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// shape is GPT-2's: 124 M parameters.
const shape = `{"model_type": "gpt2", "n_layer": 12, "n_head": 12, "n_embd": 768, "n_positions": 1024, "vocab_size": 50257}`

var printShape sync.Once

// BenchmarkShape prints how near a model of 124 M parameters in q8 comes to what its products alone would cost.
func BenchmarkShape(b *testing.B) { printShape.Do(func() { shapeRates(b) }) }

// best is the shortest of some runs, in ns: fewer, but two, if they take more than some seconds.
func best(runs int, f func()) float64 {
	shortest, start := time.Duration(1<<62), time.Now()
	for i := range runs + 1 {
		if i > 1 && time.Since(start) > 4*time.Second {
			break
		}
		t := time.Now()
		f()
		shortest = min(shortest, time.Since(t))
	}
	return float64(shortest)
}

func shapeRates(b *testing.B) {
	m, err := enginetest.RandomModel(shape, &enginetest.Random{DType: tensor.Q8})
	if err != nil {
		b.Fatal(err)
	}
	const layers, d, vocab = 12, 768, 50257
	ids := make([]int, 128)
	for i := range ids {
		ids[i] = i * 397 % vocab
	}
	forward := func(s nn.State, ids []int, globs ...string) {
		h := &activation.Hooks{Recorder: activation.NewRecorder(globs...)}
		if err := m.Forward(s, nn.Input{IDs: ids, Hooks: h, Logits: func(int, []float32) {}, LogitsFrom: s.Len() + len(ids) - 1}); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Printf("\nGPT-2's shape, 124 M parameters in q8\n")

	stream, product := productRates()
	blocks, head := float64(layers*12*d*d), float64(vocab*d)
	s := m.NewState()
	forward(s, ids[:64])
	step := best(30, func() { s.Truncate(64); forward(s, ids[:1]) })
	fmt.Printf("step at 64        %7.1f ms = %.2f x weights / streaming rate (%.2f G mul-add/s)    target <= 1.5\n",
		step/1e6, step/((blocks+head)/stream), stream)
	prompt := best(8, func() { forward(m.NewState(), ids) })
	fmt.Printf("prompt of 128     %7.1f ms = %.2f of the blocked f32 product (%.2f G mul-add/s)    target >= 0.6\n",
		prompt/1e6, (128*blocks+head)/prompt/product, product)

	nothing := best(8, func() { forward(m.NewState(), ids[:64]) })
	everything := best(8, func() { forward(m.NewState(), ids[:64], recorded(m.Info())...) })
	fmt.Printf("64 tokens         %7.1f ms; all recorded %.1f ms = %.2f x                              target <= 1.25\n",
		nothing/1e6, everything/1e6, everything/nothing)
}

// recorded is all that a run records unasked.
func recorded(info nn.Info) (globs []string) {
	for _, a := range info.Acts {
		if a.Name != "logits" && !activation.Match("*.attn.result", a.Name) {
			globs = append(globs, a.Name)
		}
	}
	return globs
}

// productRates are the yardsticks, in mul-adds a ns: q8 by a vector, streamed from memory, and blocked f32 by 128 vectors.
func productRates() (stream, blocked float64) {
	r := rand.New(rand.NewPCG(1, 1))
	const rows, cols, n = 3072, 768, 128
	x, dst := make([]float32, n*cols), make([]float32, n*rows)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	var ring []*tensor.Matrix // more than the caches hold
	for range 40 {
		m := tensor.NewMatrix(tensor.Q8, rows, cols)
		for i := range m.Q8 {
			m.Q8[i], m.Scale[i/tensor.Block] = int8(i*7), 0.01
		}
		ring = append(ring, m)
	}
	i := 0
	stream = rows * cols / best(400, func() { ring[i%len(ring)].MulVec(dst, x); i++ })
	w := tensor.NewMatrix(tensor.F32, rows, cols)
	for i := range w.F32 {
		w.F32[i] = float32(r.NormFloat64())
	}
	blocked = n * rows * cols / best(10, func() { w.Mul(dst, x, n) })
	return stream, blocked
}
