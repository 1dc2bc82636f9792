package words

import (
	"strings"
	"testing"

	"loupe/engine/protocol"
)

// TestZero says of a word whose vector is all zeros that it has no neighbours by cosine, and lists those of any other.
func TestZero(t *testing.T) {
	d := made("a b c", nil, stateOf("token=101"))
	near := &protocol.MapNearResult{Rows: []int{0, 2}, Values: []float32{0, 0}}
	d.in.Fetch = func(op string, _ any) any {
		if op == protocol.OpMapNear {
			return near
		}
		return nil
	}
	said := func() string {
		var b strings.Builder
		for _, s := range d.sideReading() {
			b.WriteString(s.Text)
		}
		return b.String()
	}
	if p := d.nearPanel(); p.SVG != "" || !strings.Contains(said(), "zeros") {
		t.Errorf("of a vector of zeros: %s", said())
	}
	near.Norm, near.Values = 1, []float32{.5, .25}
	if p := d.nearPanel(); p.SVG == "" || !strings.Contains(said(), "0.50") {
		t.Errorf("of another: %s", said())
	}
}
