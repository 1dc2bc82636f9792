package beam

import (
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
)

// List is the n best hypotheses: a click chooses one.
func List(s *scene.Scene) figure.Panel {
	l := s.In.L
	var b strings.Builder
	t := &figure.Table{Head: []string{l.T("nbest.rank"), l.T("nbest.text"), "log p", l.T("nbest.score"), l.T("nbest.length")}}
	best := scene.PathOf(s.T, 0)
	b.WriteString(`<ol class="nbest">`)
	for i, h := range s.T.Hyps {
		class := ""
		if i == s.Hyp {
			class = ` class="on"`
		}
		b.WriteString(`<li` + class + ` data-set="o.translate.hyp=` + strconv.Itoa(i) + `" tabindex="0" role="button"><span class="n">` + strconv.Itoa(i+1) + `</span><span class="words">`)
		path := scene.PathOf(s.T, i)
		for _, w := range scene.Align(best, path) {
			if w.B < 0 {
				continue
			}
			class := ""
			if i > 0 && !w.Same {
				class = ` class="diff"`
			}
			b.WriteString(`<span` + class + `>` + svg.Esc(plot.OneLine(path[w.B].Text)) + `</span> `)
		}
		b.WriteString(`</span><span class="num">` + svg.Fixed(h.LogP, 2) + `</span>`)
		if i > 0 {
			b.WriteString(`<span class="num" data-tip="` + svg.Esc(l.T("nbest.delta.tip")) + `">` + svg.Signed(h.LogP-s.T.Hyps[0].LogP, 2) + `</span>`)
		}
		if h.Score != h.LogP {
			b.WriteString(`<span class="num" data-tip="` + svg.Esc(l.T("nbest.score.tip")) + `">` + svg.Fixed(h.Score, 3) + `</span>`)
		}
		b.WriteString(`</li>`)
		t.Rows = append(t.Rows, []string{strconv.Itoa(i + 1), h.Text, svg.Fixed(h.LogP, 4), svg.Fixed(h.Score, 4), strconv.Itoa(len(h.Path))})
	}
	b.WriteString(`</ol>`)
	return figure.Panel{ID: "nbest", Class: scene.Main, Column: scene.Main, Label: l.T("nbest.title", len(s.T.Hyps)), HTML: []figure.Block{{Kind: "html", HTML: b.String()}}, Table: t,
		Controls: []figure.Control{{Kind: "button", Key: "do:" + figure.DoTargets + "tsv", Label: l.T("nbest.tsv")}, {Kind: "button", Key: "do:" + figure.DoTargets + "json", Label: l.T("nbest.json")}}}
}
