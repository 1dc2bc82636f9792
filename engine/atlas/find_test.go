package atlas

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"loupe/engine/protocol"
)

// TestFind finds rows by a pattern on their names, of all rows and of some, and says what is wrong with one.
func TestFind(t *testing.T) {
	d := newBench(t)
	names := protocol.Names{"king", " King", "queen", "spring", "kingdom"}
	d.vectors = bytes.Repeat([]byte{0, 0, 128, 63}, 5)
	open := protocol.MapOpen{Map: 1, N: 5, Dim: 1, Names: names, Vectors: protocol.FileRef{Size: 20}}
	ask[protocol.MapOpened](d, protocol.OpMapOpen, open)
	for pattern, want := range map[string][]float32{"king$": {0, 1}, "^king": {0, 4}, "ing": {0, 1, 3, 4}, "x": nil, "KING|queen": {0, 1, 2, 4}} {
		if got := ask[protocol.MapFindResult](d, protocol.OpMapFind, protocol.MapFind{Map: 1, Pattern: pattern}); !slices.Equal(got.Rows, want) {
			t.Errorf("%s: %v, want %v", pattern, got.Rows, want)
		}
	}
	for _, pattern := range []string{"(", "a)", "[b", "*", "a)|(b"} {
		got := ask[protocol.MapFindResult](d, protocol.OpMapFind, protocol.MapFind{Map: 1, Pattern: pattern})
		if got.Bad == "" || strings.Contains(got.Bad, "?i") {
			t.Errorf("%s: %q", pattern, got.Bad)
		}
	}
	open.Map, open.Rows = 2, []int{4, 2, 0}
	ask[protocol.MapOpened](d, protocol.OpMapOpen, open)
	if got := ask[protocol.MapFindResult](d, protocol.OpMapFind, protocol.MapFind{Map: 2, Pattern: "king"}); !slices.Equal(got.Rows, []float32{0, 2}) {
		t.Errorf("of some rows: %v", got.Rows)
	}
	open.Names = names[:4]
	if r := d.try(protocol.OpMapOpen, open); r.Kind != protocol.Failed {
		t.Error("four names are those of five rows")
	}
}
