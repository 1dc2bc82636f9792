package near

import (
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
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

// pictures are states to look at.
var pictures = map[string]struct {
	model, pairs string
	held         int // pairs that come with the model; 0: none
}{
	"plane":  {"g2p-lstm", "text=phonograph", 300},
	"tsne":   {"g2p-lstm", "text=phonograph&o.translate.map=tsne&o.translate.loop=" + state.FormatRows([]int{2, 30, 31, 32, 40, 41, 100, 500, 501}), 300},
	"dates":  {"dates-lstm", "text=we+bought+two+hundred+and+five+books+on+the+third+of+March&at=8&o.translate.near.n=8", 300},
	"whatif": {"g2p-lstm", "text=phonograph&change=source@1:set=9&o.translate.map=tsne", 0},
	"marian": {"g2p-transformer", "text=phonograph&o.translate.space=encoder&o.translate.map=tsne&o.translate.src=3&o.translate.near.n=8", 150},
	"alone":  {"dates-lstm", "text=we+bought+two+hundred+and+five+books+on+the+third+of+March&at=8", 0},
	"none":   {"g2p-lstm", "text=phonograph&change=source@1:set=9", 0},
}

// TestShots draws pictures to look at (see viewtest.Shots).
func TestShots(t *testing.T) {
	for name, c := range pictures {
		e := viewtest.Open(t, "web/models/"+c.model)
		if c.held > 0 {
			e.Pairs(c.held)
		}
		viewtest.Shots(t, "near-"+name, func() *figure.Input { return e.Input(viewtest.Patched(t, "translate", c.pairs)) }, draw)
	}
}

// TestGolden keeps the plane, the small pictures and the list. A t-SNE is none to keep: the last bits of its beginning decide its course, and differ between
// machines.
func TestGolden(t *testing.T) {
	for name, c := range map[string]struct {
		model, pairs string
		held         int
		width        float64
		l            *lang.Catalogue
	}{
		"plane": {"g2p-lstm", "text=cats&at=3&o.translate.near.n=5", 12, 1376, lang.English},
		"phone": {"dates-lstm", "text=one+book&o.translate.space=encoder&o.translate.src=1&o.translate.near.n=4&o.translate.off=1", 6, 358, lang.Chinese},
	} {
		e := viewtest.Open(t, "web/models/"+c.model)
		e.Pairs(c.held)
		in := e.Input(viewtest.Patched(t, "translate", c.pairs))
		in.Width, in.L = c.width, c.l
		viewtest.Golden(t, "translate-near", name, draw(in))
	}
}
