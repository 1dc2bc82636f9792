package shell

import (
	"fmt"
	"testing"

	"loupe/engine/protocol"
)

// TestShrink holds that answers are dropped once they are too many, the oldest first, and never one that is shown.
func TestShrink(t *testing.T) {
	a := answers{byKey: map[string]*answer{}}
	big := make([]float32, keep/4)
	for i := range 8 {
		a.byKey[fmt.Sprint(i)] = &answer{op: protocol.OpActivation, done: true, round: i, val: &protocol.Array{Data: big}}
	}
	a.byKey["map"] = &answer{op: protocol.OpMap, done: true, forever: true, val: &protocol.Array{Data: big[:1]}}
	a.byKey["waits"] = &answer{op: protocol.OpActivation, round: 7}
	a.round = 7
	a.shrink()
	for key, want := range map[string]bool{"0": false, "4": false, "5": true, "6": true, "7": true, "map": true, "waits": true} {
		if _, is := a.byKey[key]; is != want {
			t.Errorf("answer %s is kept: %v", key, is)
		}
	}
	a.round = 8
	for i := range 8 { // all shown at once: nothing may go
		a.byKey[fmt.Sprint(i)] = &answer{op: protocol.OpActivation, done: true, round: 8, val: &protocol.Array{Data: big}}
	}
	if a.shrink(); len(a.byKey) != 10 {
		t.Errorf("%d answers are left", len(a.byKey))
	}
}
