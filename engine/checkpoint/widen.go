package checkpoint

import (
	"encoding/binary"
	"math"

	"loupe/engine/tensor"
)

// widen turns the elements of raw into f32, by their type.
var widen = map[tensor.DType]func(dst []float32, raw []byte, o binary.ByteOrder){
	tensor.F16: func(dst []float32, raw []byte, o binary.ByteOrder) {
		for i := range dst {
			dst[i] = tensor.F16ToF32(o.Uint16(raw[2*i:]))
		}
	},
	tensor.BF16: func(dst []float32, raw []byte, o binary.ByteOrder) {
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(o.Uint16(raw[2*i:])) << 16)
		}
	},
	tensor.F64: func(dst []float32, raw []byte, o binary.ByteOrder) {
		for i := range dst {
			dst[i] = float32(math.Float64frombits(o.Uint64(raw[8*i:])))
		}
	},
	tensor.I64: func(dst []float32, raw []byte, o binary.ByteOrder) {
		for i := range dst {
			dst[i] = float32(int64(o.Uint64(raw[8*i:])))
		}
	},
	tensor.I32: func(dst []float32, raw []byte, o binary.ByteOrder) {
		for i := range dst {
			dst[i] = float32(int32(o.Uint32(raw[4*i:])))
		}
	},
	tensor.I16: func(dst []float32, raw []byte, o binary.ByteOrder) {
		for i := range dst {
			dst[i] = float32(int16(o.Uint16(raw[2*i:])))
		}
	},
	tensor.I8: func(dst []float32, raw []byte, _ binary.ByteOrder) {
		for i := range dst {
			dst[i] = float32(int8(raw[i]))
		}
	},
	tensor.U8:   bytesToF32,
	tensor.Bool: bytesToF32,
}

// widenRecorded is widen for what is recorded, whose ids may be of types that no weights have; size is of one element.
func widenRecorded(kind tensor.DType) (size int, f func(dst []float32, raw []byte, o binary.ByteOrder)) {
	switch kind {
	case tensor.F32:
		return 4, func(dst []float32, raw []byte, o binary.ByteOrder) {
			for i := range dst {
				dst[i] = math.Float32frombits(o.Uint32(raw[4*i:]))
			}
		}
	case "U16":
		return 2, func(dst []float32, raw []byte, o binary.ByteOrder) {
			for i := range dst {
				dst[i] = float32(o.Uint16(raw[2*i:]))
			}
		}
	case "U32":
		return 4, func(dst []float32, raw []byte, o binary.ByteOrder) {
			for i := range dst {
				dst[i] = float32(o.Uint32(raw[4*i:]))
			}
		}
	case "U64":
		return 8, func(dst []float32, raw []byte, o binary.ByteOrder) {
			for i := range dst {
				dst[i] = float32(o.Uint64(raw[8*i:]))
			}
		}
	}
	return kind.Size(), widen[kind]
}

func bytesToF32(dst []float32, raw []byte, _ binary.ByteOrder) {
	for i := range dst {
		dst[i] = float32(raw[i])
	}
}

// nonFinite counts the values whose exponent is all ones: infinities and what is no number. Of 16 bits, kind tells f16 and bf16
// apart.
func nonFinite[T any](kind tensor.DType, v []T) int {
	n, exponent := 0, uint16(0x7c00)
	if kind == tensor.BF16 {
		exponent = 0x7f80
	}
	switch v := any(v).(type) {
	case []float32:
		for _, x := range v {
			if math.Float32bits(x)&(0xff<<23) == 0xff<<23 {
				n++
			}
		}
	case []uint16:
		for _, x := range v {
			if x&exponent == exponent {
				n++
			}
		}
	}
	return n
}
