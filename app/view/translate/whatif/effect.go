package whatif

import (
	"loupe/app/figure"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// effect is what the changes did to each word: its probability, the decoder's state that wrote it, and its attention, before and after.
// Words are aligned with those of the best target without changes. nil: nothing is changed, or it is not known yet.
func effect(s *scene.Scene) *figure.Panel {
	v := changed(s)
	if v == nil {
		return nil
	}
	l := s.In.L
	p := v.panel(figure.Panel{ID: "effect", Names: attended(s), Title: []figure.Span{{Text: l.T("effect.title")}}, Controls: []figure.Control{which(s)},
		HTML: []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: noted(s)}}}}})
	p.Class = scene.Main
	return &p
}

// changed is the target with the changes beside that without. nil: nothing is changed, or it is
// not known yet.
func changed(s *scene.Scene) *versus {
	if s.Was == nil || s.Was == s.T || len(s.Was.Hyps) == 0 {
		return nil
	}
	l := s.In.L
	was, now := shown(s, s.Base, s.Was, 0), shown(s, s.Now, s.T, s.Hyp)
	was.name, now.name = l.T("effect.was"), l.T("effect.now")
	v := beside(s, was, now, places(s.Was, s.T), false)
	v.band = &v.now
	return v
}

// places are the tokens of a source and of the same with changes, which put others in the place of some.
func places(was, now *protocol.Translation) (out []scene.Pair) {
	if len(was.Source) != len(now.Source) {
		return alike(was, now, false)
	}
	for j, k := range now.Source {
		out = append(out, scene.Pair{A: j, B: j, Same: k.ID == was.Source[j].ID})
	}
	return out
}

// shown is a hypothesis of the open model.
func shown(s *scene.Scene, q protocol.Translate, t *protocol.Translation, hyp int) side {
	return side{t: t, path: scene.PathOf(t, hyp), looks: looks(s.Looks(q, hyp)),
		states: s.In.Translated(protocol.Translated{Of: q, Hyp: hyp, Name: s.Seq.Decoder})}
}

// both reports whether the attention of two targets is shown, and not the difference.
func both(s *scene.Scene) bool { return s.In.State.Opt("translate.vsattn", "") == "attention" }

// which is the choice between the two.
func which(s *scene.Scene) figure.Control {
	l, value := s.In.L, ""
	if both(s) {
		value = "attention"
	}
	return figure.Control{Kind: "radio", Key: "o.translate.vsattn", Value: value, Options: []figure.Option{{Value: "attention", Label: l.T("tr.attention")}, {Value: "", Label: l.T("versus.differences")}}}
}

// noted says how the pictures are to be read.
func noted(s *scene.Scene) string {
	if both(s) {
		return s.In.L.T("versus.note.both")
	}
	return s.In.L.T("versus.note")
}
