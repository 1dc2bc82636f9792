package near

import (
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

func tip(s *scene.Scene, r *protocol.PairRow) string {
	return s.Sentence(r.Source) + "\n" + strings.Join(r.Target, " ")
}

// list are states as pairs of sentences, with the word of the state marked, or the one before or after it; scored: and how like the chosen one they are.
func list(s *scene.Scene, rows []protocol.PairRow, scored bool) string {
	off, between := scene.Int(s.In, "off", 0), " "
	if s.Seq.Tokenizer != "word" {
		between = ""
	}
	var b strings.Builder
	b.WriteString(`<ul class="pairs">`)
	for i := range rows {
		k := &rows[i]
		b.WriteString(`<li`)
		if scored {
			b.WriteString(` data-h="n` + strconv.Itoa(i) + `"`)
		}
		b.WriteString(`><button data-do="` + svg.Esc(figure.Opening(s.Sentence(k.Source), k.Reference)) + `" data-tip="` + svg.Esc(s.In.L.T("compare.swap")) + `">`)
		if k.Look != nil {
			looked(&b, s, k, between)
		} else {
			marked(&b, k.Source, k.Pos+off, k.Side == "source", between)
		}
		b.WriteString(`</button><span class="num">`)
		if scored {
			b.WriteString(svg.Fixed(k.Score, 2))
		}
		b.WriteString(`</span><span class="en">`)
		marked(&b, k.Target, k.Pos+off, k.Side == "target", " ")
		b.WriteString(`</span>`)
		if k.Note != "" {
			b.WriteString(`<small class="quiet">` + svg.Esc(k.Note) + `</small>`)
		}
		b.WriteString(`</li>`)
	}
	b.WriteString(`</ul>`)
	return b.String()
}

func marked(b *strings.Builder, words []string, at int, here bool, between string) {
	for i, w := range words {
		if here && i == at {
			b.WriteString(`<mark>` + svg.Esc(plot.OneLine(w)) + `</mark>` + between)
		} else {
			b.WriteString(svg.Esc(plot.OneLine(w)) + between)
		}
	}
}

// looked are the words of a source as the recorded attention weights them: underlined the darker, in five steps.
func looked(b *strings.Builder, s *scene.Scene, k *protocol.PairRow, between string) {
	for j, w := range k.Source {
		class := ""
		if level := int(min(k.Look[j]*5, 4)); k.Look[j] >= .05 {
			class = `class="look` + strconv.Itoa(level) + `" `
		}
		b.WriteString(`<i ` + class + `data-tip="` + svg.Esc(s.In.L.T("near.look", plot.OneLine(w), svg.Percent(float64(k.Look[j])))) + `">` + svg.Esc(plot.OneLine(w)) + `</i>` + between)
	}
}

func table(s *scene.Scene, r *protocol.PairsNearResult) *figure.Table {
	l := s.In.L
	t := &figure.Table{Head: []string{l.T("near.th.score"), l.T("tr.source"), l.T("tr.target"), l.T("near.th.side"), l.T("near.th.pos")}}
	for _, k := range r.Rows {
		t.Rows = append(t.Rows, []string{svg.Fixed(k.Score, 4), s.Sentence(k.Source), strings.Join(k.Target, " "), l.T("tr." + k.Side), strconv.Itoa(k.Pos)})
	}
	return t
}
