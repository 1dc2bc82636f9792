package sample

import (
	"math"
	"sync"
)

// sorter sorts logits by radix, which takes the same time for all inputs and moves no equal ones past each other.
type sorter struct {
	ids, spare []int32
	keys       []uint32
}

var pool = sync.Pool{New: func() any { return new(sorter) }}

func scratch() *sorter     { return pool.Get().(*sorter) }
func (s *sorter) release() { pool.Put(s) }

const (
	radixBits = 11 // three passes make 32 bits
	radix     = 1 << radixBits
)

// sort gives the indices of logits, the largest first. The slice is reused.
func (s *sorter) sort(logits []float32) []int32 {
	if n := len(logits); len(s.ids) < n {
		s.ids, s.spare, s.keys = make([]int32, n), make([]int32, n), make([]uint32, n)
	}
	from, to := s.ids[:len(logits)], s.spare[:len(logits)]
	var count [3][radix]int32
	for i, z := range logits {
		k := key(z)
		s.keys[i], from[i] = k, int32(i)
		count[0][k%radix]++
		count[1][k>>radixBits%radix]++
		count[2][k>>(2*radixBits)]++
	}
	for pass := range count {
		c := &count[pass]
		var at int32
		for d, n := range c {
			c[d], at = at, at+n
		}
		for _, i := range from {
			d := s.keys[i] >> (pass * radixBits) % radix
			to[c[d]] = i
			c[d]++
		}
		from, to = to, from
	}
	return from
}

// key orders floats as whole numbers, the largest float first: 0 and -0 are equal, what is no number is last.
func key(z float32) uint32 {
	if z != z {
		return math.MaxUint32
	}
	b := math.Float32bits(z + 0) // -0 + 0 is 0
	if b>>31 == 0 {
		return ^b &^ (1 << 31)
	}
	return b
}
