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
	p := v.panel(figure.Panel{ID: "effect", Title: []figure.Span{{Text: l.T("effect.title")}}, Controls: []figure.Control{which(s)},
		HTML: []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: noted(s)}}}}})
	p.Class = scene.Main
	if s.Layer >= 0 {
		p.Names = s.Seq.Cross[s.Layer]
	}
	return &p
}

// changed is the target with the changes beside that without: their sources have as many tokens, each its own counterpart. nil: nothing is changed, or it is
// not known yet.
func changed(s *scene.Scene) *versus {
	if s.Was == nil || s.Was == s.T || len(s.Was.Hyps) == 0 {
		return nil
	}
	l := s.In.L
	was, now := shown(s, s.Base, s.Was, 0), shown(s, s.Now, s.T, s.Hyp)
	was.name, now.name = l.T("effect.was"), l.T("effect.now")
	source := alike(s.Was, s.T, false)
	if len(s.Was.Source) == len(s.T.Source) {
		source = source[:0]
		for j, k := range s.T.Source {
			source = append(source, scene.Pair{A: j, B: j, Same: k.ID == s.Was.Source[j].ID})
		}
	}
	v := beside(s, was, now, source, false)
	v.band = &v.now
	return v
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
