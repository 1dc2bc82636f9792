package nn

import "slices"

// trailLimit is how many numbers a Trail keeps at most: 32 MB.
const trailLimit = 8 << 20

// Trail is the states [width] of a recurrent network after each token, so that it can go back. When they grow too many,
// every second one is dropped, and again: going back then means to the nearest one kept.
type Trail struct {
	width, limit int
	n            int       // tokens seen
	stride       int       // the state after token k*stride is kept, k = 1, 2, ..
	kept         []float32 // [n/stride, width]
	last         []float32 // [width], after token n; zeros before the first
}

// NewTrail is the trail of a network that has seen nothing.
func NewTrail(width int) *Trail {
	return &Trail{width: width, limit: trailLimit, stride: 1, last: make([]float32, width)}
}

// Short has it keep fewer states: of a text that is run through once and never edited.
func (s *Trail) Short() { s.limit = trailLimit / 8 }

// Len is the number of tokens seen.
func (s *Trail) Len() int { return s.n }

// Last is the state after the last token.
func (s *Trail) Last() []float32 { return s.last }

// At is the state after n tokens, to read or to change, or nil if it is not kept. n 0 is all zeros.
func (s *Trail) At(n int) []float32 {
	switch {
	case n == 0:
		return make([]float32, s.width)
	case n < 0 || n > s.n || n%s.stride != 0:
		return nil
	}
	return s.kept[(n/s.stride-1)*s.width:][:s.width]
}

// Push adds the state after the next token.
func (s *Trail) Push(state []float32) {
	s.n++
	copy(s.last, state)
	if s.n%s.stride != 0 {
		return
	}
	if len(s.kept)+s.width > max(s.limit, 2*s.width) {
		s.thin()
		if s.n%s.stride != 0 {
			return
		}
	}
	s.kept = append(s.kept, state...)
}

// thin drops every second state.
func (s *Trail) thin() {
	s.stride *= 2
	n := (s.n - 1) / s.stride
	for k := range n {
		copy(s.kept[k*s.width:], s.kept[(2*k+1)*s.width:][:s.width])
	}
	s.kept = s.kept[:n*s.width]
}

// Truncate goes back to n tokens, or to fewer where that state is not kept, and returns how many.
func (s *Trail) Truncate(n int) int {
	if n >= s.n {
		return s.n
	}
	s.n = max(n, 0) / s.stride * s.stride
	copy(s.last, s.At(s.n))
	s.kept = s.kept[:s.n/s.stride*s.width]
	return s.n
}

// Clone returns an independent copy.
func (s *Trail) Clone() *Trail {
	c := *s
	c.kept, c.last = slices.Clone(s.kept), slices.Clone(s.last)
	return &c
}
