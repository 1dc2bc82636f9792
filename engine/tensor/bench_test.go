package tensor

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

var printRates sync.Once

// BenchmarkRates prints how fast the kernels are, as ratios to the memory's speed and to the portable forms in the same
// run. Natively both forms are the portable one.
func BenchmarkRates(b *testing.B) {
	printRates.Do(func() {
		r := rand.New(rand.NewPCG(1, 1))
		vectorRates(r)
		promptRates(r)
		attentionRates(r)
		functionRates(r)
	})
}

// best is the shortest of many runs, in ns: what the machine does when nothing else runs on it. f should take about a
// millisecond, so that some run is not interrupted.
func best(f func(i int)) float64 {
	shortest, start := time.Duration(1<<62), time.Now()
	for i := 0; i < 20 || i < 2000 && time.Since(start) < 300*time.Millisecond; i++ {
		t := time.Now()
		f(i)
		if d := time.Since(t); i > 3 { // the first ones are compiled meanwhile
			shortest = min(shortest, d)
		}
	}
	return float64(shortest)
}

// ring is how many bytes the streaming benchmarks go round: more than the caches hold.
const ring = 96 << 20

func vectorRates(r *rand.Rand) {
	const chunk = 512 << 10
	from, to := make([]float32, ring/4), make([]float32, chunk)
	for i := range from {
		from[i] = float32(i)
	}
	memory := 8 * chunk / best(func(i int) { copy(to, from[i*chunk%len(from):][:chunk]) })
	fmt.Printf("\nmemory                   %6.1f GB/s  read and written by copying: the yardstick\n", memory)
	fmt.Printf("by a vector                mul-add/s   bytes of memory's   x portable\n")
	small, y, out := random(r, F32, 64, 1024), vector(r, 1024), make([]float32, 64)
	simd := best(func(int) {
		for range 16 {
			mul(small, out, y, 1)
		}
	})
	plain := best(func(int) {
		for range 16 {
			portableMul(small, out, y, 1)
		}
	})
	fmt.Printf(" F32 [64, 1024], cached  %6.2f G                       %6.1f\n", 16*64*1024/simd, plain/simd)
	x := vector(r, 4096)
	for _, typ := range []DType{F32, F16, Q8} {
		one := random(r, typ, 256, 4096)
		for i := range one.F16 { // few denormals, as weights have
			one.F16[i] = uint16(r.IntN(2)<<15 | (2+r.IntN(13))<<10 | r.IntN(1024))
		}
		all := make([]*Matrix, ring/one.Bytes())
		for i := range all {
			all[i] = one.clone()
		}
		dst, work := make([]float32, one.Rows), float64(one.Rows*one.Cols)
		simd = best(func(i int) { mul(all[i%len(all)], dst, x, 1) })
		plain = best(func(i int) { portableMul(all[i%len(all)], dst, x, 1) })
		fmt.Printf("%4s [256, 4096]         %6.2f G      %6.2f           %6.1f\n", typ, work/simd, float64(one.Bytes())/simd/memory, plain/simd)
	}
}

func (m *Matrix) clone() *Matrix {
	c := *m
	c.F32, c.F16 = append([]float32(nil), m.F32...), append([]uint16(nil), m.F16...)
	c.Q8, c.Scale = append([]int8(nil), m.Q8...), append([]float32(nil), m.Scale...)
	c.Raw = append([]byte(nil), m.Raw...)
	return &c
}

func promptRates(r *rand.Rand) {
	fmt.Printf("by 128 vectors             mul-add/s   of f32              x portable\n")
	for _, cols := range []int{768, 3072} {
		var f32 float64
		for _, typ := range []DType{F32, F16, Q8} {
			m, x, dst := random(r, typ, 64, cols), vector(r, 128*cols), make([]float32, 128*64)
			work := float64(128 * m.Rows * m.Cols)
			simd, plain := best(func(int) { mul(m, dst, x, 128) }), best(func(int) { portableMul(m, dst, x, 128) })
			if typ == F32 {
				f32 = simd
			}
			fmt.Printf("%4s [%4d]              %6.2f G      %6.2f           %6.1f\n", typ, cols, work/simd, f32/simd, plain/simd)
		}
	}
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
		{"tanh", tanh, portableTanh}, {"normalize", func(x []float32) { normalize(x, x, 1e-5) }, func(x []float32) { portableNormalize(x, x, 1e-5) }}} {
		y := append([]float32(nil), x...)
		simd, plain := best(func(int) { copy(y, x); f.simd(y) }), best(func(int) { copy(y, x); f.plain(y) })
		fmt.Printf("%-10s               %6.2f                          %6.1f\n", f.name, simd/float64(len(x)), plain/simd)
	}
}
