package nn

import (
	"math"

	"loupe/engine/tensor"
)

// Rotary turns pairs of a head's numbers by an angle that grows with the position (RoPE, arXiv 2104.09864), in the form of
// transformers: number i is paired with number i + rot/2. Only the first 2*len(Freq) numbers of a head are turned.
type Rotary struct {
	Freq  []float32 // [rot/2] radians a position
	Scale float32   // of sine and cosine: the attention factor of YaRN and LongRoPE; 0 means 1

	cos, sin []float32 // [positions so far, rot/2]
}

// NewRotary has transformers' default frequencies, base^(-2i/rot), which are computed in float32 there.
func NewRotary(base float64, rot int) *Rotary {
	r := &Rotary{Freq: make([]float32, rot/2)}
	for i := range r.Freq {
		r.Freq[i] = 1 / float32(math.Pow(base, float64(float32(2*i)/float32(rot))))
	}
	return r
}

// apply turns x [n, heads, dim], which begins at position pos.
func (r *Rotary) apply(x []float32, pos, n, heads, dim int) {
	half, width := len(r.Freq), heads*dim
	r.grow(pos + n)
	for t := range n {
		at := (pos + t) * half
		tensor.Rotate(x[t*width:(t+1)*width], r.cos[at:at+half], r.sin[at:at+half], heads, dim, 2*half)
	}
}

// grow computes the angles of the first n positions, in float32 as the reference does.
func (r *Rotary) grow(n int) {
	half := len(r.Freq)
	scale := float64(r.Scale)
	if r.Scale == 0 {
		scale = 1
	}
	for p := len(r.cos) / half; p < n; p++ {
		for _, f := range r.Freq {
			angle := float64(float32(p) * f)
			r.cos = append(r.cos, float32(math.Cos(angle)*scale))
			r.sin = append(r.sin, float32(math.Sin(angle)*scale))
		}
	}
}
