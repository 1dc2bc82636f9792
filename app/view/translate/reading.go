package translate

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// reading says what the chosen step shows: where the word comes from, over which other it won, and what was changed.
func reading(s *scene.Scene) []figure.Span {
	l, path := s.In.L, s.Path()
	n := path[s.Step]
	token := func(text, set, h string) figure.Span {
		return figure.Span{Text: plot.OneLine(text), Bold: true, Set: set, H: h}
	}
	parts := map[string]figure.Span{"word": token(n.Text, goTo(s.Step), stepKey(s.Step))}
	key := "tr.reading.alone"
	row := s.Row(s.Step)
	if row != nil {
		j := scene.Heaviest(row)
		parts["from"] = token(s.T.Source[j].Text, "o.translate.src="+strconv.Itoa(j), sourceKey(j))
		parts["share"] = figure.Span{Text: svg.Percent(float64(row[j]))}
		key = "tr.reading"
		if row[j] < .5 {
			key = "tr.reading.mostly"
		}
		if len(s.Seq.Cross)*s.Heads() > 1 { // one of many ways to look
			key, parts["where"] = "tr.reading.looks", figure.Span{Text: where(s)}
		}
	}
	out := figure.Sentence(l.T(key), parts)
	if over := s.Before(s.Step).Next; over != nil {
		for _, k := range over.Top {
			if k.ID == n.ID {
				continue
			}
			key := "tr.reading.over"
			if math.Exp(n.LogP) < float64(k.P) {
				key = "tr.reading.under"
			}
			if slices.ContainsFunc(s.T.Nodes, func(o protocol.Node) bool { return o.Rule != "" && o.Parent == n.Parent && o.ID == k.ID }) {
				key = "tr.reading.ruled"
			}
			out = append(out, figure.Sentence(l.T(key), map[string]figure.Span{"other": token(k.Text, goTo(s.Step), ""),
				"p": {Text: svg.Percent(math.Exp(n.LogP))}, "q": {Text: svg.Percent(float64(k.P))}})...)
			break
		}
	}
	if !s.T.Hyps[s.Hyp].Ended {
		out = append(out, figure.Sentence(l.T("tr.reading.limit"), map[string]figure.Span{"n": {Text: strconv.Itoa(s.T.Decode.Most)}})...)
	}
	if n := min(s.T.Forced, len(path)); n > 0 {
		var words []string
		for _, k := range path[max(n-3, 0):n] {
			words = append(words, plot.OneLine(k.Text))
		}
		text := strings.Join(words, " ")
		if n > 3 {
			text = "… " + text
		}
		out = append(out, figure.Sentence(l.T("tr.reading.forced"), map[string]figure.Span{"words": {Text: text}})...)
	}
	if s.Was != nil && s.Was != s.T && len(s.Was.Hyps) > 0 {
		out = append(out, changed(s)...)
	}
	return out
}

// where names the layer and the head whose attention is shown.
func where(s *scene.Scene) string {
	if s.Head >= 0 && s.Head < s.Heads() {
		return s.In.L.T("tr.head.tip", s.Layer, s.Head)
	}
	return s.In.L.T("tr.mean.tip", s.Layer)
}

// changed says what the changes made of the whole.
func changed(s *scene.Scene) []figure.Span {
	key := "tr.reading.same"
	if s.T.Hyps[s.Hyp].Text != s.Was.Hyps[0].Text {
		key = "tr.reading.changed"
	}
	return figure.Sentence(s.In.L.T(key), map[string]figure.Span{"was": {Text: s.Was.Hyps[0].Text}, "by": {Text: svg.Signed(s.T.Hyps[s.Hyp].LogP-s.Was.Hyps[0].LogP, 2)}})
}

// step is the chosen step in numbers.
func step(s *scene.Scene) figure.Panel {
	l, n := s.In.L, s.Path()[s.Step]
	text := func(v string) []figure.Span { return []figure.Span{{Text: v}} }
	rows := [][2][]figure.Span{
		{text(l.T("tr.fact.p")), text(svg.Percent(math.Exp(n.LogP)))},
		{text("log p"), text(svg.Fixed(n.LogP, 3))},
		{text(l.T("tr.fact.rank")), text(strconv.Itoa(n.Rank+1) + " / " + svg.Count(s.In.Model.Vocab))},
	}
	if next := s.Before(s.Step).Next; next != nil {
		rows = append(rows, [2][]figure.Span{text(l.T("tr.fact.entropy")), text(svg.Fixed(float64(next.Entropy)/math.Ln2, 2) + " " + l.T("text.bits"))})
	}
	rows = append(rows, [2][]figure.Span{text(l.T("tr.fact.sum")), text(svg.Fixed(n.Sum, 3))})
	h := s.T.Hyps[s.Hyp]
	rows = append(rows, [2][]figure.Span{text(l.T("tr.fact.whole")), text(svg.Fixed(h.LogP, 3))})
	if h.Score != h.LogP {
		rows = append(rows, [2][]figure.Span{text(l.T("tr.fact.score")), text(svg.Fixed(h.Score, 3))})
	}
	if was := before(s); was != nil {
		rows = append(rows, [2][]figure.Span{text(l.T("tr.fact.before")), text(svg.Percent(math.Exp(was.LogP)))})
	}
	return figure.Panel{ID: "step", Class: scene.Side, Column: scene.Side, Title: []figure.Span{{Text: l.T("tr.step", s.Step)}, {Text: " "}, {Text: plot.OneLine(n.Text), Bold: true, H: stepKey(s.Step)}},
		HTML: []figure.Block{{Kind: "facts", Rows: rows}}}
}

// before is the same word at the same step of the translation without changes, where both begin with the same words; nil: there is none.
func before(s *scene.Scene) *protocol.Node {
	if s.Was == nil || s.Was == s.T || len(s.Was.Hyps) == 0 {
		return nil
	}
	was, now := scene.PathOf(s.Was, 0), s.Path()
	if s.Step >= len(was) {
		return nil
	}
	for t := 0; t <= s.Step; t++ {
		if was[t].ID != now[t].ID {
			return nil
		}
	}
	return &was[s.Step]
}
