// Package translate draws what an encoder-decoder does with a source: the five stages of one run (encoder, attention, decoder,
// prediction, beam search), and what else it would have done.
package translate

import (
	"fmt"

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
		return figure.Figure{Reading: []figure.Span{{Text: in.L.T("tr.empty")}}, Layout: "tr"}
	}
	f := figure.Figure{Layout: "tr"}
	if scene.Wide(in) {
		f.Layout = "tr wide"
	}
	if s.T == nil {
		return f
	}
	if len(s.T.Hyps) == 0 {
		f.Reading = []figure.Span{{Text: in.L.T("tr.none")}}
		return f
	}
	f.Reading = reading(s)
	f.Chosen = fmt.Sprintf("layer=%d&head=%d", s.Layer, s.Head)
	f.Panels = append(f.Panels, stages(s))
	many := len(s.Seq.Cross)*s.Heads() > 1
	if many && !scene.Wide(in) {
		f.Panels = append(f.Panels, heads(s))
	}
	f.Panels = append(f.Panels, beam.Panels(s)...)
	f.Panels = append(f.Panels, parts(s))
	switch in.State.Opt("translate.part", "") {
	case "tests":
		f.Panels = append(f.Panels, tests.Panels(s)...)
	case "nbest":
		f.Panels = append(f.Panels, beam.List(s))
	default:
		f.Panels = append(f.Panels, whatif.Panels(s)...)
	}
	f.Panels = append(f.Panels, step(s))
	if many && scene.Wide(in) {
		f.Panels = append(f.Panels, heads(s))
	}
	f.Panels = append(f.Panels, whatif.Change(s)...)
	f.Panels = append(f.Panels, near.Panels(s)...)
	return f
}

// parts is the choice of what stands below.
func parts(s *scene.Scene) figure.Panel {
	l := s.In.L
	return figure.Panel{ID: "parts", Class: scene.Main, Column: scene.Main, Controls: []figure.Control{{Kind: "radio", Key: "o.translate.part", Value: s.In.State.Opt("translate.part", ""), Lead: true,
		Options: []figure.Option{{Value: "", Label: l.T("tr.whatif")}, {Value: "nbest", Label: l.T("tr.nbest")}, {Value: "compare", Label: l.T("tr.compare")}, {Value: "tests", Label: l.T("tr.tests")}}}}}
}
