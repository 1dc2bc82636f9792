package sample

import (
	"math"
	"slices"
	"testing"
)

func TestEntropy(t *testing.T) {
	for _, c := range []struct {
		dist []float32
		want float64
	}{{[]float32{1, 0}, 0}, {[]float32{.5, .5}, math.Ln2}, {[]float32{.5, .25, .25, 0}, 1.5 * math.Ln2}} {
		if got := Entropy(c.dist); math.Abs(got-c.want) > 1e-7 {
			t.Errorf("Entropy(%v) = %g, want %g", c.dist, got, c.want)
		}
	}
}

func TestReach(t *testing.T) {
	ln := func(p float64) float32 { return float32(math.Log(p)) }
	logits := []float32{ln(.2), ln(.6), ln(.04), ln(.16)} // likeliest: .6 .2 .16 .04
	if got, want := Reach(logits, Order(logits), .5, .79, .9, .99, 1), []int{1, 2, 3, 4, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Reach([]float32{3}, []int32{0}, .5, .95); !slices.Equal(got, []int{1, 1}) {
		t.Errorf("one token: %v", got)
	}
}
