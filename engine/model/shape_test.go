package model_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"loupe/engine/activation"
	"loupe/engine/enginetest"
	"loupe/engine/model"
	"loupe/engine/nn"
	"loupe/engine/tensor"
)

// shapes are those of models whose weights are not here.
var shapes = []struct {
	name, config string
	random       enginetest.Random
}{
	{"GPT-2's shape, 124 M parameters in q8", `{"model_type": "gpt2"}`, enginetest.Random{DType: tensor.Q8}},
	{"GPT-2's shape, 124 M parameters in f16", `{"model_type": "gpt2"}`, enginetest.Random{DType: tensor.F16}},
	{"SmolLM2-135M's shape in Q4_1, its embedding in Q8_0", enginetest.SmolLM2, enginetest.Random{DType: tensor.Q4_1, Embed: tensor.Q8_0}},
	{"MiniLM-L6's shape, 23 M parameters in f32", miniLM, enginetest.Random{DType: tensor.F32}},
}

const miniLM = `{"model_type": "bert", "hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 6, "num_attention_heads": 12}`

var printShapes sync.Once

// BenchmarkShape prints how fast models of real shapes are, beside yardsticks of the same run.
func BenchmarkShape(b *testing.B) {
	if runtime.GOOS != "js" {
		b.Skip("the portable kernels are a reference, and take minutes")
	}
	printShapes.Do(func() {
		stream, product := productRates()
		fmt.Printf("\nyardsticks: %.2f G mul-add/s of q8 streamed by a vector, %.2f of f32 by 128 vectors\n", stream, product)
		for _, s := range shapes {
			m, err := enginetest.RandomModel(s.config, &s.random)
			if err != nil {
				b.Fatal(err)
			}
			fmt.Println(s.name)
			shapeRates(b, m, stream, product)
		}
	})
}

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

// shapeRates prints a model's speeds: stream and product are the yardsticks, in mul-adds a ns.
func shapeRates(b *testing.B, m model.Model, stream, product float64) {
	info := m.Info()
	ids := make([]int, 512)
	for i := range ids {
		ids[i] = i * 397 % info.Vocab
	}
	forward := func(s nn.State, ids []int, globs ...string) {
		h := &activation.Hooks{Recorder: activation.NewRecorder(globs...)}
		if err := m.Forward(s, nn.Input{IDs: ids, Hooks: h, Logits: func(int, []float32) {}, LogitsFrom: s.Len() + len(ids) - 1}); err != nil {
			b.Fatal(err)
		}
	}
	if info.Full {
		wholeRates(m, product, forward, ids)
		return
	}
	head := float64(info.Vocab * info.Embed)
	blocks := float64(info.Params) - head
	s := m.NewState()
	forward(s, ids[:64])
	step := best(30, func() { s.Truncate(64); forward(s, ids[:1]) })
	fmt.Printf("  step at 64       %8.1f ms = %6.1f tokens/s, %.2f x weights / streaming rate\n", step/1e6, 1e9/step, step/((blocks+head)/stream))
	for _, n := range []int{128, 512} {
		prompt := best(4, func() { forward(m.NewState(), ids[:n]) })
		fmt.Printf("  prompt of %d     %8.1f ms = %6.1f tokens/s, %.2f of the f32 product\n", n, prompt/1e6, float64(n)*1e9/prompt,
			(float64(n)*blocks+head)/prompt/product)
	}
	all := append(recorded(info), "logits")
	nothing := best(4, func() { forward(m.NewState(), ids[:100]) })
	everything := best(4, func() { forward(m.NewState(), ids[:100], all...) })
	fmt.Printf("  100 tokens       %8.1f ms; with all recorded and all logits %.1f ms\n", nothing/1e6, everything/1e6)
	h := &activation.Hooks{Recorder: activation.NewRecorder(all...)}
	s = m.NewState()
	next := best(30, func() {
		n, k := 0, 64
		if s.Len() > 0 {
			n, k = s.Truncate(64), 1
		}
		if err := m.Forward(s, nn.Input{IDs: ids[n : n+k], Hooks: h}); err != nil {
			b.Fatal(err)
		}
	})
	fmt.Printf("  step, recorded   %8.1f ms = %.2f x a step\n", next/1e6, next/step)
}

// wholeRates are those of a model that sees all tokens at once and has no head: a text is run whole each time.
func wholeRates(m model.Model, product float64, forward func(s nn.State, ids []int, globs ...string), ids []int) {
	info := m.Info()
	blocks := float64(info.Params - (info.Vocab+info.Context)*info.Embed)
	for _, n := range []int{16, 128, 512} {
		nothing := best(4, func() { forward(m.NewState(), ids[:n]) })
		everything := best(4, func() { forward(m.NewState(), ids[:n], recorded(info)...) })
		fmt.Printf("  text of %3d      %8.1f ms = %6.1f tokens/s, %.2f of the f32 product; with all recorded %.1f ms\n", n, nothing/1e6, float64(n)*1e9/nothing,
			float64(n)*blocks/nothing/product, everything/1e6)
	}
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
		m.Pack()
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
