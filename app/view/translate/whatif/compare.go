package whatif

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// compare is other sentences, this one with changes, and other served models, beside this one: a list of them, a picture of each, and their decoder's states.
func compare(s *scene.Scene) []figure.Panel {
	l := s.In.L
	list := others(s)
	p := figure.Panel{ID: "compare", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("compare.title")}}, Label: l.T("compare.title"), Controls: adding(s),
		Table: &figure.Table{Head: []string{l.T("tr.source"), l.T("whatif.th.target"), "log p", "Δ log p", l.T("nbest.score"), "Δ " + l.T("nbest.score")}}}
	if s.Was == nil || len(s.Was.Hyps) == 0 {
		return []figure.Panel{p}
	}
	base := &other{name: s.Base.Text, side: shown(s, s.Base, s.Was, 0)}
	if base.side.name = l.T("compare.shown"); s.Was != s.T {
		base.side.name = l.T("effect.was")
	}
	two := slices.ContainsFunc(list, func(o other) bool { return o.apart })
	var b strings.Builder
	b.WriteString(`<ol class="whatif versus">`)
	for i := range len(list) + 1 {
		o := base
		if i > 0 {
			o = &list[i-1]
		}
		how := ""
		if t := o.side.t; two && t != nil && (o == base || o.apart) { // each searches by its own rules but for what is set
			how = "; " + searched(s, t.Decode)
		}
		line(&b, s, i, base, o, how, p.Table)
	}
	b.WriteString(`</ol>`)
	note := l.T("compare.how")
	if len(list) > 0 {
		note = noted(s)
		p.Controls = append([]figure.Control{which(s)}, p.Controls...)
	}
	p.HTML = []figure.Block{{Kind: "html", HTML: b.String()}, {Kind: "note", Spans: []figure.Span{{Text: note}}}}
	return append(append([]figure.Panel{p}, pictures(s, base, list)...), ways(s, base, list)...)
}

// pictures are those that are there, each beside the sentence that is shown, on one scale of differences.
func pictures(s *scene.Scene, base *other, list []other) (out []figure.Panel) {
	pairs, top := make([]*versus, len(list)), least
	for i, o := range list {
		if o.side.t != nil {
			source := alike(base.side.t, o.side.t, o.apart)
			if o.set != "" {
				source = places(base.side.t, o.side.t)
			}
			pairs[i] = beside(s, base.side, o.side, source, o.apart)
			if s.Was == s.T {
				pairs[i].band = &pairs[i].was
			}
			top = max(top, pairs[i].top)
		}
	}
	for i, v := range pairs {
		if v == nil {
			continue
		}
		v.top = top
		p := figure.Panel{ID: "versus" + strconv.Itoa(i), Title: []figure.Span{{Text: list[i].name}}, Names: list[i].names, Controls: looking(s, list[i])}
		if !slices.ContainsFunc(v.source, func(k scene.Pair) bool { return k.A >= 0 && k.B >= 0 }) {
			p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: s.In.L.T("compare.apart")}}}}
		}
		p = v.panel(p)
		p.Class += " " + coloured(i+1)
		out = append(out, p)
	}
	return out
}

// adding is what can be set beside.
func adding(s *scene.Scene) []figure.Control {
	in, l := s.In, s.In.L
	texts, ids := split(in.State.Opt("translate.vs", "")), cards(s)
	out := []figure.Control{{Kind: "text", Key: "o.translate.vs=" + url.QueryEscape(join(texts)) + more(texts) + "{}", Label: l.T("compare.add"), Tip: l.T("compare.add.tip")}}
	for i := range in.Cards {
		if c := &in.Cards[i]; c.Pairs != nil && !slices.Contains(ids, c.ID) && c.ID != in.State.Model {
			out = append(out, figure.Control{Kind: "button", Key: "o.translate.cards=" + strings.Join(append(cards(s), c.ID), ","), Label: c.Title[l.Code], Tip: l.T("compare.card.tip")})
		}
	}
	return out
}

// coloured is the class of the colour that one of those that are compared has in all pictures.
func coloured(nth int) string { return "way" + strconv.Itoa(nth%6+1) }

// line is one of the list: its words with those that differ marked, and by how much log p differs.
func line(b *strings.Builder, s *scene.Scene, nth int, base, o *other, small string, table *figure.Table) {
	l := s.In.L
	b.WriteString(`<li class="` + coloured(nth) + `">`)
	switch {
	case o.open != "":
		b.WriteString(`<button class="name" data-do="` + svg.Esc(o.open) + `" data-tip="` + svg.Esc(l.T("compare.swap")) + `">` + svg.Esc(o.name) + `</button>`)
	case o.set != "":
		b.WriteString(`<button class="name" data-set="` + svg.Esc(o.set) + `">` + svg.Esc(o.name) + `</button>`)
	default:
		b.WriteString(`<span class="name">` + svg.Esc(o.name) + `</span>`)
	}
	num := ""
	b.WriteString(`<span class="words">`)
	if o.side.t == nil {
		b.WriteString(`<span class="quiet">` + svg.Esc(o.why) + `</span>`)
	} else {
		for _, w := range scene.AlignText(base.side.path, o.side.path) {
			word(b, s, base.side.path, o.side.path, w)
		}
		h, was := o.side.t.Hyps[0], base.side.t.Hyps[0]
		if o != base {
			num = svg.Signed(h.LogP-was.LogP, 2)
		}
		small = scores(l, h, was) + small
		for _, w := range o.side.t.Warnings {
			small += "; " + l.T("warn."+w.Code, w.What, w.N)
		}
		table.Rows = append(table.Rows, []string{o.name, h.Text, svg.Fixed(h.LogP, 4), svg.Fixed(h.LogP-was.LogP, 4), svg.Fixed(h.Score, 4), svg.Fixed(h.Score-was.Score, 4)})
	}
	b.WriteString(`</span><span class="num">` + num + `</span>`)
	if o.drop != "" {
		b.WriteString(`<button class="x" data-set="` + svg.Esc(o.drop) + `" aria-label="` + svg.Esc(l.T("change.undo", o.name)) + `">×</button>`)
	}
	if small != "" {
		b.WriteString(`<small class="quiet">` + svg.Esc(small) + `</small>`)
	}
	b.WriteString(`</li>`)
}

// scores are a target's numbers, its score where a penalty makes another of it.
func scores(l *lang.Catalogue, h, was protocol.Hypothesis) string {
	out := "log p " + svg.Fixed(h.LogP, 3)
	if h.Score != h.LogP || was.Score != was.LogP {
		out += ", " + l.T("nbest.score") + " " + svg.Fixed(h.Score, 3)
		if h.Score != was.Score {
			out += " (" + svg.Signed(h.Score-was.Score, 3) + ")"
		}
	}
	return out
}

// searched says how a target was looked for.
func searched(s *scene.Scene, d protocol.Decode) string {
	l := s.In.L
	out := l.T("compare.beam", d.Beam, d.Most)
	if d.Length != 0 {
		out += l.T("compare.length", svg.Fixed(d.Length, 2))
	}
	if d.Coverage != 0 {
		out += l.T("compare.coverage", svg.Fixed(d.Coverage, 2))
	}
	if rules := s.Rules(d); rules != "" {
		out += "; " + rules
	}
	return out
}
