package enginetest

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"

	"loupe/engine/model"
	"loupe/engine/tensor"
)

// RandomModel is the model of that config.json with random weights, made in memory: for benchmarks of shapes whose weights are not
// here. The same config gives the same weights, before they are rounded to the type.
func RandomModel(config string, w *Random) (model.Model, error) {
	return model.Open([]byte(config), w)
}

// SmolLM2 is the config.json of SmolLM2-135M, whose GGUF file has the types Q4_1 and, of the embedding, Q8_0.
const SmolLM2 = `{"model_type": "llama", "vocab_size": 49152, "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
	"num_attention_heads": 9, "num_key_value_heads": 3, "max_position_embeddings": 8192, "rope_theta": 100000, "tie_word_embeddings": true}`

// Random is an nn.Weights that gives any tensor in the shape that is asked for, with random numbers. Wide makes
// them F32 that hold what the type would keep.
type Random struct {
	DType tensor.DType // F32, F16, BF16, Q8, Q8_0 or Q4_1
	Embed tensor.DType // of the embedding, if it is another
	Wide  bool
}

func (w *Random) Names() []string { return nil }

func (w *Random) Has(string) bool { return false }

func (w *Random) Shape(string) []int { return nil }

func (w *Random) Matrix(name string, rows, cols int) (*tensor.Matrix, error) {
	t := w.DType
	if w.Embed != "" && strings.HasSuffix(name, "embed_tokens.weight") {
		t = w.Embed
	}
	m := tensor.NewMatrix(t, rows, cols)
	if err := fill(m, source(name), 2/(1+float32(cols)/64)); err != nil { // keeps what is summed up from growing
		return nil, err
	}
	if !w.Wide {
		m.Pack()
		return m, nil
	}
	wide := tensor.NewMatrix(tensor.F32, rows, cols)
	for i := range rows {
		m.Row(wide.F32[i*cols:(i+1)*cols], i)
	}
	return wide, nil
}

// fill writes numbers from -width/2 to width/2.
func fill(m *tensor.Matrix, r *rand.Rand, width float32) error {
	block, bytes := m.Type.BlockSize()
	for i := range m.Rows * m.Cols {
		v := (r.Float32() - 0.5) * width
		switch m.Type {
		case tensor.F32:
			m.F32[i] = v
		case tensor.F16:
			m.F16[i] = f16(v)
		case tensor.BF16:
			m.F16[i] = uint16(math.Float32bits(v) >> 16)
		case tensor.Q8:
			m.Q8[i], m.Scale[i/tensor.Block] = int8(v/width*254), width/254
		case tensor.Q8_0:
			b := m.Raw[i/block*bytes:]
			binary.LittleEndian.PutUint16(b, f16(width/254))
			b[2+i%block] = byte(int8(v / width * 254))
		case tensor.Q4_1:
			b := m.Raw[i/block*bytes:]
			binary.LittleEndian.PutUint16(b, f16(width/15))
			binary.LittleEndian.PutUint16(b[2:], f16(-width/2))
			b[4+i%16] |= byte((v/width+0.5)*15.99) << (i % block / 16 * 4)
		default:
			return fmt.Errorf("enginetest: no random %s", m.Type)
		}
	}
	return nil
}

func (w *Random) MatrixT(name string, rows, cols int) (*tensor.Matrix, error) {
	return w.Matrix(name, rows, cols)
}

func (w *Random) Vector(name string, n int) ([]float32, error) {
	r := source(name)
	v := make([]float32, n)
	for i := range v {
		v[i] = (r.Float32() - 0.5) / 5
		if (strings.Contains(name, "ln_") || strings.Contains(name, "norm")) && strings.HasSuffix(name, ".weight") {
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
