package beam

import (
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// ruleControls are those of the rules of the search: 0 is none.
func ruleControls(s *scene.Scene) []figure.Control {
	d, l := scene.Decode(s.In), s.In.L
	early := figure.Control{Kind: "select", Key: "o.translate.early", Label: l.T("beam.early"), Value: d.Early, Tip: l.T("beam.early.tip")}
	for _, v := range state.Early {
		early.Options = append(early.Options, figure.Option{Value: v, Label: l.T("beam.early." + v)})
	}
	num := func(key string, v int, most float64) figure.Control {
		return figure.Control{Kind: "number", Key: "o.translate." + key, Label: l.T("beam." + key), Value: strconv.Itoa(max(v, 0)), Min: 0, Max: most, Step: 1, Tip: l.T("beam." + key + ".tip")}
	}
	return []figure.Control{num("min", d.Min, float64(s.Seq.Most)), num("norepeat", d.NoRepeat, 20), early}
}

// rules says by which rules it was searched, whose they are, and how much they forbade.
func rules(s *scene.Scene) []figure.Block {
	l, own := s.In.L, s.Seq.DecodeOf(s.In.State.Text)
	files, now := s.Rules(own), s.Rules(s.T.Decode)
	text := ""
	switch {
	case now == files && now == "":
	case now == files:
		text = l.T("beam.rules.files", now)
	case files == "":
		text = l.T("beam.rules.set", now)
	case now == "":
		text = l.T("beam.rules.off", files)
	default:
		text = l.T("beam.rules.other", now, files)
	}
	n := 0
	for _, k := range s.T.Nodes {
		if k.Rule == "no-repeat" || k.Rule == "min-length" {
			n++
		}
	}
	if n > 0 {
		text += l.T("beam.rules.banned", n)
	}
	if s.Seq.Renorm {
		text += l.T("beam.rules.renorm")
	}
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: text}}}}
}

// fate is what became of a node in words.
func (t *tree) fate(n *protocol.Node) string {
	if n.Rule != "" {
		return t.s.In.L.T("beam.banned." + n.Rule)
	}
	return t.s.In.L.T("beam.state." + n.State)
}
