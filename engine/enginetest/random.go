package enginetest

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"

	"loupe/engine/model"
	"loupe/engine/model/gpt2"
	"loupe/engine/tensor"
)

// RandomGPT2 is a GPT-2 of that config.json with random weights of type F32, F16 or Q8, made in memory: for benchmarks
// of shapes whose weights are not here. The same config gives the same weights, before they are rounded to the type.
func RandomGPT2(config string, dtype tensor.DType) (model.Model, error) {
	return gpt2.Open([]byte(config), &Random{DType: dtype})
}

// Random is an nn.Weights that gives any tensor in the shape that is asked for, with random numbers. Wide makes
// them F32 that hold what DType would keep.
type Random struct {
	DType tensor.DType
	Wide  bool
}

func (w *Random) Names() []string { return nil }

func (w *Random) Has(string) bool { return false }

func (w *Random) Shape(string) []int { return nil }

func (w *Random) Matrix(name string, rows, cols int) (*tensor.Matrix, error) {
	r := source(name)
	m, at := tensor.NewMatrix(w.DType, rows, cols), float32(2/(1+float64(cols)/64)) // keeps what is summed up from growing
	for i := range rows * cols {
		v := (r.Float32() - 0.5) * at
		switch w.DType {
		case tensor.F32:
			m.F32[i] = v
		case tensor.F16:
			m.F16[i] = f16(v)
		case tensor.Q8:
			m.Q8[i], m.Scale[i/tensor.Block] = int8(v/at*254), at/254
		default:
			return nil, fmt.Errorf("enginetest: no random %s", w.DType)
		}
	}
	if !w.Wide {
		return m, nil
	}
	wide := tensor.NewMatrix(tensor.F32, rows, cols)
	for i := range rows {
		m.Row(wide.F32[i*cols:(i+1)*cols], i)
	}
	return wide, nil
}

func (w *Random) MatrixT(name string, rows, cols int) (*tensor.Matrix, error) {
	return w.Matrix(name, rows, cols)
}

func (w *Random) Vector(name string, n int) ([]float32, error) {
	r := source(name)
	v := make([]float32, n)
	for i := range v {
		v[i] = (r.Float32() - 0.5) / 5
		if strings.HasPrefix(name, "ln_f.w") || strings.Contains(name, ".ln_") && strings.HasSuffix(name, ".weight") {
			v[i]++
		}
	}
	return v, nil
}

// source is random numbers that depend on a tensor's name alone.
func source(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(1, h.Sum64()))
}

// f16 is a small number's binary16 bits, its last digits cut; 0 below the smallest normal one.
func f16(v float32) uint16 {
	b := math.Float32bits(v)
	sign, exp := uint16(b>>16)&0x8000, int(b>>23)&255
	if exp <= 112 {
		return sign
	}
	return sign | uint16(exp-112)<<10 | uint16(b>>13)&1023
}
