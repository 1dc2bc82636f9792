package enginetest

import (
	"encoding/binary"
	"encoding/json"
	"math"

	"loupe/engine/tensor"
)

// Stored is a tensor to put into a file.
type Stored struct {
	Name  string
	DType tensor.DType // F32 or F16
	Shape []int
	Fill  func(i int) float32 // the elements; nil: zeros
}

// Safetensors is a file of tensors.
func Safetensors(tensors ...Stored) []byte {
	head, at := map[string]any{}, 0
	for _, t := range tensors {
		size := tensor.Numel(t.Shape) * t.DType.Size()
		head[t.Name] = map[string]any{"dtype": t.DType, "shape": t.Shape, "data_offsets": []int{at, at + size}}
		at += size
	}
	h, err := json.Marshal(head)
	if err != nil {
		panic(err)
	}
	for len(h)%8 != 0 {
		h = append(h, ' ')
	}
	out := make([]byte, 0, 8+len(h)+at)
	out = append(binary.LittleEndian.AppendUint64(out, uint64(len(h))), h...)
	for _, t := range tensors {
		for i := range tensor.Numel(t.Shape) {
			v := float32(0)
			if t.Fill != nil {
				v = t.Fill(i)
			}
			if t.DType == tensor.F16 {
				out = binary.LittleEndian.AppendUint16(out, f16(v))
			} else {
				out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
			}
		}
	}
	return out
}
