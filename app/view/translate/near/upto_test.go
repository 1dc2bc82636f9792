package near

import (
	"testing"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// TestUpto: while pairs are run a map is begun anew a few times only, and of all of them in the end.
func TestUpto(t *testing.T) {
	p := &figure.Pairs{Filled: protocol.PairsFilled{Total: 5000}}
	for run, want := range map[int]int{20: 20, 40: 40, 159: 40, 160: 160, 4999: 2560, 5000: 5000} {
		if got := upto(p, run); got != want {
			t.Errorf("of %d: %d, want %d", run, got, want)
		}
	}
}
