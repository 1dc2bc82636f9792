package near

import (
	"testing"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view/translate/scene"
	"loupe/app/view/viewtest"
)

// draw is the view's part alone.
func draw(in *figure.Input) figure.Figure {
	f := figure.Figure{Layout: "tr", Panels: Panels(scene.Of(in))}
	if scene.Wide(in) {
		f.Layout = "tr wide"
	}
	return f
}

func set(t testing.TB, pairs string) *state.State {
	t.Helper()
	st := state.New()
	st.View = "translate"
	if bad := st.Patch(pairs); len(bad) > 0 {
		t.Fatalf("bad pairs %q", bad)
	}
	return st
}

// pictures are states to look at.
var pictures = map[string]struct {
	model, pairs string
	held         int // pairs that come with the model; 0: none
}{
	"plane":  {"g2p-lstm", "text=phonograph", 300},
	"tsne":   {"g2p-lstm", "text=phonograph&o.translate.map=tsne&o.translate.loop=" + state.FormatRows([]int{2, 30, 31, 32, 40, 41, 100, 500, 501}), 300},
	"dates":  {"dates-lstm", "text=we+bought+two+hundred+and+five+books+on+the+third+of+March&at=8&o.translate.near.n=8", 300},
	"whatif": {"g2p-lstm", "text=phonograph&change=source@1:set=9&o.translate.map=tsne", 0},
	"none":   {"g2p-lstm", "text=phonograph&change=source@1:set=9", 0},
}

// TestShots draws pictures to look at (see viewtest.Shots).
func TestShots(t *testing.T) {
	for name, c := range pictures {
		e := viewtest.Open(t, "web/models/"+c.model)
		if c.held > 0 {
			e.Pairs(c.held)
		}
		viewtest.Shots(t, "near-"+name, func() *figure.Input { return e.Input(set(t, c.pairs)) }, draw)
	}
}
