package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// The benchmarks print how fast the kernels are, as ratios to yardsticks of the same run: the memory's speed, f32's product,
// and the portable forms. Natively both forms are the portable one.

func BenchmarkVectors(b *testing.B)   { once(b, vectorRates) }
func BenchmarkPrompts(b *testing.B)   { once(b, promptRates) }
func BenchmarkModels(b *testing.B)    { once(b, stepRates) }
func BenchmarkAttention(b *testing.B) { once(b, attentionRates) }
func BenchmarkFunctions(b *testing.B) { once(b, functionRates) }

var printed = map[string]bool{}

func once(b *testing.B, print func(r *rand.Rand)) {
	if !printed[b.Name()] {
		printed[b.Name()] = true
		fmt.Println()
		print(rand.New(rand.NewPCG(1, 1)))
	}
}

// best is the shortest of many runs, in ns: what the machine does when nothing else runs on it. f should take about a
// millisecond, so that some run is not interrupted.
func best(f func(i int)) float64 {
	shortest, start := time.Duration(1<<62), time.Now()
	for i := 0; i < 8 || i < 2000 && time.Since(start) < 300*time.Millisecond; i++ {
		t := time.Now()
		f(i)
		if d := time.Since(t); i > 3 { // the first ones are compiled meanwhile
			shortest = min(shortest, d)
		}
	}
	return float64(shortest)
}

// ring is how many bytes the streaming benchmarks go round: more than the caches hold.
const ring = 64 << 20

func vectorRates(r *rand.Rand) {
	const chunk = 512 << 10
	from, to := make([]float32, ring/4), make([]float32, chunk)
	for i := range from {
		from[i] = float32(i)
	}
	memory := 8 * chunk / best(func(i int) { copy(to, from[i*chunk%len(from):][:chunk]) })
	fmt.Printf("memory                   %6.1f GB/s  read and written by copying: the yardstick\n", memory)
	fmt.Printf("by a vector, streamed      mul-add/s   16 bits   bytes of memory's   x portable\n")
	x := vector(r, 1536)
	for _, typ := range types {
		one := usual(r, typ, 576, 1536)
		all := make([]*Matrix, ring/one.Bytes())
		for i := range all {
			all[i] = one.clone()
		}
		dst, work := make([]float32, one.Rows), float64(one.Rows*one.Cols)
		const calls = 16 // about 1.5 ms: the clock of a browser is coarse
		step := func(i int) {
			for j := range calls {
				mul(all[(i*calls+j)%len(all)], dst, x, 1)
			}
		}
		simd := best(step) / calls
		Fast(true)
		half := best(step) / calls
		Fast(false)
		start := time.Now()
		portableMul(one, dst, x, 1)
		plain := float64(time.Since(start))
		fmt.Printf("%6s [576, 1536]       %6.2f G  %6.2f G      %6.2f           %6.1f\n", typ, work/simd, work/half, float64(one.Bytes())/simd/memory, plain/simd)
	}
}

// usual is a random matrix without the denormal f16 that tests like: weights have few, and each costs a processor a hundred
// steps.
func usual(r *rand.Rand, t DType, rows, cols int) *Matrix {
	m := unpacked(r, t, rows, cols)
	for i := range m.F16 {
		m.F16[i] = uint16(r.IntN(2)<<15 | (2+r.IntN(13))<<10 | r.IntN(1024))
	}
	if b := blocks[t]; b != nil {
		for at := 0; at < len(m.Raw); at += b.bytes {
			for _, h := range b.halves {
				m.Raw[at+h+1] = byte(r.IntN(2)<<7 | (4+r.IntN(5))<<2 | r.IntN(4))
			}
		}
	}
	m.Pack()
	return m
}

func (m *Matrix) clone() *Matrix {
	c := *m
	c.F32, c.F16 = append([]float32(nil), m.F32...), append([]uint16(nil), m.F16...)
	c.Q8, c.Scale = append([]int8(nil), m.Q8...), append([]float32(nil), m.Scale...)
	c.Raw = append([]byte(nil), m.Raw...)
	return &c
}

// promptRates compares with f32's product.
func promptRates(r *rand.Rand) {
	fmt.Printf("by 128 vectors             mul-add/s   16 bits   of f32              x portable\n")
	const cols, n = 1536, 128
	var f32 float64
	for _, typ := range types {
		m, x, dst := usual(r, typ, 512, cols), vector(r, n*cols), make([]float32, n*512)
		work := float64(n * m.Rows * m.Cols)
		simd := best(func(int) { mul(m, dst, x, n) })
		Fast(true)
		half := best(func(int) { mul(m, dst, x, n) })
		Fast(false)
		if typ == F32 {
			f32 = simd
		}
		start := time.Now()
		portableMul(m, dst, x, 2)
		plain := float64(time.Since(start)) * n / 2
		fmt.Printf("%6s [512, 1536]       %6.2f G  %6.2f G      %6.2f           %6.1f\n", typ, work/simd, work/half, f32/simd, plain/simd)
	}
}

// shapes are those of the matrices of a model's blocks, and of its head.
type shapes struct {
	name         string
	layer        [][2]int
	layers       int
	blocks, head DType
	vocab, width int
}

// stepRates prints what the matrices of a model cost: of a step, and of a prompt of 128 (without the head).
func stepRates(r *rand.Rand) {
	smol := [][2]int{{960, 576}, {576, 576}, {3072, 576}, {576, 1536}}
	gpt2 := [][2]int{{2304, 768}, {768, 768}, {3072, 768}, {768, 3072}}
	fmt.Printf("matrices of a model        step ms   16 bits   prompt of 128   16 bits\n")
	for _, s := range []shapes{{"SmolLM2-135M Q4_1", smol, 30, Q4_1, Q8_0, 49152, 576}, {"GPT-2-124M Q8", gpt2, 12, Q8, Q8, 50257, 768},
		{"GPT-2-124M Q8_0", gpt2, 12, Q8_0, Q8_0, 50257, 768}, {"GPT-2-124M F16", gpt2, 12, F16, F16, 50257, 768}} {
		var all []*Matrix
		for _, l := range s.layer {
			all = append(all, usual(r, s.blocks, l[0], l[1]))
		}
		for range s.layers - 1 {
			for _, m := range all[:len(s.layer)] {
				all = append(all, m.clone())
			}
		}
		head := usual(r, s.head, 4096, s.width)
		rest := append([]*Matrix(nil), all...)
		for rows := s.vocab; rows > 0; rows -= 4096 {
			rest = append(rest, head.clone().Slice(0, min(rows, 4096)&^3))
		}
		x, dst := vector(r, 128*4096), make([]float32, 128*4096)
		step := func() float64 { return sumOfBest(rest, 4096, 1, dst, x) / 1e6 }
		prompt := func() float64 { // all layers like one, which is read once for all
			return sumOfBest(all[:len(s.layer)], 512, 128, dst, x) / 1e6 * float64(s.layers)
		}
		exact, whole := step(), prompt()
		Fast(true)
		fmt.Printf("%-20s    %8.1f  %8.1f        %8.0f  %8.0f\n", s.name, exact, step(), whole, prompt())
		Fast(false)
	}
}

// sumOfBest is how long the products with n vectors take one after the other, in ns: of about 1.5 ms at a time (the clock of a
// browser is coarse), for which the shortest of some rounds counts, since a whole step is seldom left alone by what else runs.
func sumOfBest(all []*Matrix, rows, n int, dst, x []float32) (sum float64) {
	const rounds, work = 12, 20 << 20
	shortest := make([]time.Duration, 10000)
	for round := range rounds {
		at, done, start := 0, 0, time.Now()
		count := func() {
			if d := time.Since(start); round == 0 || d < shortest[at] {
				shortest[at] = d
			}
			at, done, start = at+1, 0, time.Now()
		}
		for _, m := range all {
			for lo := 0; lo < m.Rows; lo += rows {
				part := m.Slice(lo, min(lo+rows, m.Rows))
				mul(part, dst, x, n)
				if done += part.Rows * part.Cols * n; done >= work {
					count()
				}
			}
		}
		count()
	}
	for _, d := range shortest {
		sum += float64(d)
	}
	return sum
}

func attentionRates(r *rand.Rand) {
	const keys, heads, d = 512, 12, 64
	fmt.Printf("attention, 12 heads of 64\n")
	k, v := vector(r, keys*heads*d), vector(r, keys*heads*d)
	for _, n := range []int{1, 32} {
		q, s, z := vector(r, n*heads*d), make([]float32, heads*n*keys), make([]float32, n*heads*d)
		work := float64(n * (2*keys - n + 1) / 2 * heads * d)
		a := Attn{Heads: heads, KVHeads: heads, Dim: d, Scale: 0.125}
		scores := best(func(int) { a.Scores(s, q, k, n, keys) })
		pattern := best(func(int) { a.Pattern(s, s, n, keys) })
		mixed := best(func(int) { a.Mix(z, s, v, n, keys) })
		fmt.Printf("%2d of %d: scores        %6.2f G, mix %.2f G, softmax %.1f ns a key\n", n, keys, work/scores, work/mixed, pattern*d/work)
	}
}

func functionRates(r *rand.Rand) {
	fmt.Printf("functions                  ns/element                      x portable\n")
	x := vector(r, 1<<14)
	for _, f := range []struct {
		name        string
		simd, plain func([]float32)
	}{{"softmax", softmax, portableSoftmax}, {"gelu_new", geluNew, portableGELUNew}, {"gelu", gelu, portableGELU}, {"sigmoid", sigmoid, portableSigmoid},
		{"silu", silu, portableSiLU}, {"tanh", tanh, portableTanh}, {"normalize", func(x []float32) { normalize(x, x, 1e-5) }, func(x []float32) { portableNormalize(x, x, 1e-5) }}} {
		y := append([]float32(nil), x...)
		simd, plain := best(func(int) { copy(y, x); f.simd(y) }), best(func(int) { copy(y, x); f.plain(y) })
		fmt.Printf("%-10s               %6.2f                          %6.1f\n", f.name, simd/float64(len(x)), plain/simd)
	}
}
