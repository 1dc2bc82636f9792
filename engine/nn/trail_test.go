package nn

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTrail holds a trail against a list of all states: what it goes back to is what was there, its memory stays within its
// limit, and with room it goes back to any token.
func TestTrail(t *testing.T) {
	const width = 3
	state := func(n int, id float32) []float32 { return []float32{float32(n), id, id * float32(n)} }
	for _, limit := range []int{1 << 20, 24, 6} {
		s := NewTrail(width)
		s.limit = limit
		var want [][]float32
		r := rand.New(rand.NewPCG(1, uint64(limit)))
		for step := range 3000 {
			if r.IntN(40) == 0 {
				n := r.IntN(len(want) + 3)
				k := s.Truncate(n)
				if k > n || limit == 1<<20 && k != min(n, len(want)) {
					t.Fatalf("limit %d: truncated to %d of %d, asked for %d", limit, k, len(want), n)
				}
				want = want[:k]
			}
			x := state(len(want)+1, float32(step))
			want = append(want, x)
			s.Push(x)
			if s.Len() != len(want) || !slices.Equal(s.Last(), x) {
				t.Fatalf("limit %d: %d tokens, last %v, expected %v", limit, s.Len(), s.Last(), x)
			}
			if len(s.kept) > max(limit, 2*width) {
				t.Fatalf("limit %d: %d numbers kept", limit, len(s.kept))
			}
			for n := 1; n <= len(want); n += 1 + n/7 {
				if got := s.At(n); got != nil && !slices.Equal(got, want[n-1]) || got == nil && limit == 1<<20 {
					t.Fatalf("limit %d: state after %d is %v, expected %v", limit, n, got, want[n-1])
				}
			}
		}
		c := s.Clone()
		c.Push(state(0, 0))
		if s.Len() != len(want) || !slices.Equal(s.Last(), want[len(want)-1]) {
			t.Error("a clone is not apart")
		}
		if s.Truncate(-1) != 0 || !slices.Equal(s.Last(), make([]float32, width)) {
			t.Error("the beginning is not zeros")
		}
	}
}
