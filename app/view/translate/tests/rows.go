package tests

import (
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// rows are scored pairs: the source, the reference over what the model wrote, and how they stand to one another. A click on the source opens it.
func rows(s *scene.Scene, list []protocol.ScoreRow) string {
	l := s.In.L
	var b strings.Builder
	b.WriteString(`<ol class="scored">`)
	for _, r := range list {
		b.WriteString(`<li class="is-` + svg.Esc(r.Kind) + `"><button class="plain" data-do="` + svg.Esc(figure.Opening(r.Source, r.Reference)) + `" data-tip="` + svg.Esc(l.T("tests.open")) + `">` + svg.Esc(r.Source) + `</button>`)
		reference, best := strings.Fields(r.Reference), strings.Fields(r.Best)
		b.WriteString(`<span class="words"><span class="ref">` + svg.Esc(r.Reference) + `</span>`)
		if !r.Exact {
			b.WriteString(`<span class="best">` + marked(reference, best) + `</span>`)
		}
		b.WriteString(`</span><span class="how"><b>` + svg.Esc(kind(s, r)) + `</b>`)
		if r.Kind != "" {
			how := l.T("tests.logp", svg.Fixed(r.RefLogP, 2))
			if !r.Exact {
				how = l.T("tests.against", svg.Percent(r.Distance), svg.Fixed(r.RefScore, 2), svg.Fixed(r.Score, 2))
			}
			b.WriteString(`<span>` + svg.Esc(how) + `</span>`)
		}
		if r.Left >= 0 {
			b.WriteString(`<span>` + svg.Esc(l.T("tests.left", r.Left)) + `</span>`)
		}
		b.WriteString(`</span></li>`)
	}
	b.WriteString(`</ol>`)
	return b.String()
}

// marked is what was written, with the words that the reference has not, and gaps where it has more.
func marked(reference, best []string) string {
	nodes := func(words []string) (out []protocol.Node) {
		for _, w := range words {
			out = append(out, protocol.Node{Text: w})
		}
		return out
	}
	var b strings.Builder
	for _, p := range scene.AlignText(nodes(reference), nodes(best)) {
		switch {
		case p.B < 0:
			b.WriteString(`<span class="gap">‸</span> `)
		case p.Same:
			b.WriteString(svg.Esc(best[p.B]) + " ")
		default:
			b.WriteString(`<span class="diff">` + svg.Esc(best[p.B]) + `</span> `)
		}
	}
	return b.String()
}
