// Package translate draws what an encoder-decoder does with a source: the five stages of one run (encoder, attention, decoder,
// prediction, beam search), and what else it would have done.
package translate

import (
	"loupe/app/figure"
	"loupe/app/view/translate/beam"
	"loupe/app/view/translate/near"
	"loupe/app/view/translate/scene"
	"loupe/app/view/translate/tests"
	"loupe/app/view/translate/whatif"
)

// Draw is the view.
func Draw(in *figure.Input) figure.Figure {
	s := scene.Of(in)
	if s == nil {
		return figure.Figure{}
	}
	f := figure.Figure{Layout: "tr"}
	f.Panels = append(f.Panels, beam.Panels(s)...)
	f.Panels = append(f.Panels, whatif.Panels(s)...)
	f.Panels = append(f.Panels, near.Panels(s)...)
	f.Panels = append(f.Panels, tests.Panels(s)...)
	return f
}
