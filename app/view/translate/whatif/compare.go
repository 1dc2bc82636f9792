package whatif

import (
	"net/url"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// compare is other sentences, and other served models, beside this one.
func compare(s *scene.Scene) []figure.Panel {
	in, l := s.In, s.In.L
	texts := split(in.State.Opt("translate.vs", ""))
	p := figure.Panel{ID: "compare", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("compare.title")}}, Label: l.T("compare.title")}
	p.Controls = []figure.Control{{Kind: "text", Key: "o.translate.vs=" + url.QueryEscape(join(texts)) + more(texts) + "{}", Label: l.T("compare.add"), Tip: l.T("compare.add.tip")}}
	var b strings.Builder
	b.WriteString(`<div class="compare">`)
	one(&b, s, in.State.Text, s.Was, "", "", l)
	for i, text := range texts {
		q := s.Base
		q.Text = text
		rest := append(append([]string{}, texts[:i]...), texts[i+1:]...)
		one(&b, s, text, in.Translation(q), "o.translate.vs="+url.QueryEscape(join(rest)), figure.DoTranslate+text, l)
	}
	cards := in.State.Opt("translate.cards", "")
	for i := range in.Cards {
		c := &in.Cards[i]
		if !has(cards, c.ID) || c.Pairs == nil || in.Besides == nil {
			continue
		}
		beside := in.Besides(c.ID, 0)
		title := c.Title[l.Code]
		switch {
		case beside == nil || beside.Translation == nil && beside.Err == nil:
			b.WriteString(`<section><h3>` + svg.Esc(title) + `</h3><p class="quiet">` + svg.Esc(l.T("beside.busy", title)) + `</p></section>`)
		case beside.Err != nil:
			b.WriteString(`<section><h3>` + svg.Esc(title) + `</h3><p class="quiet">` + svg.Esc(l.T("beside.failed", title, beside.Err.Detail)) + `</p></section>`)
		default:
			words(&b, s, title, beside.Translation, nil, "o.translate.cards="+lessOne(cards, c.ID), "", l)
		}
	}
	b.WriteString(`</div>`)
	for i := range in.Cards {
		if c := &in.Cards[i]; c.Pairs != nil && !has(cards, c.ID) && c.ID != in.State.Model {
			p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.translate.cards=" + with(cards, c.ID), Label: c.Title[l.Code], Tip: l.T("compare.card.tip")})
		}
	}
	p.HTML = []figure.Block{{Kind: "html", HTML: b.String()}, {Kind: "note", Spans: []figure.Span{{Text: l.T("compare.note")}}}}
	if w := ways(s, texts); w != nil {
		return []figure.Panel{p, *w}
	}
	return []figure.Panel{p}
}

type catalogue interface {
	T(key string, args ...any) string
}

// one is a sentence of the open model.
func one(b *strings.Builder, s *scene.Scene, text string, t *protocol.Translation, drop, open string, l catalogue) {
	if t == nil || len(t.Hyps) == 0 {
		key := "tr.none"
		if t == nil {
			key = "tr.busy"
		}
		b.WriteString(`<section><h3>` + svg.Esc(text) + `</h3><p class="quiet">` + svg.Esc(l.T(key)) + `</p></section>`)
		return
	}
	q := s.Base
	q.Text = text
	var attn *protocol.Array
	if n := len(s.Seq.Cross); n > 0 && s.Layer >= 0 {
		attn = s.In.Translated(protocol.Translated{Of: q, Name: s.Seq.Cross[s.Layer]})
	}
	words(b, s, text, t, attn, drop, open, l)
}

// words is a translation beside the one that is shown: its words with those that differ marked, its log p, and its attention.
func words(b *strings.Builder, s *scene.Scene, title string, t *protocol.Translation, attn *protocol.Array, drop, open string, l catalogue) {
	b.WriteString(`<section><h3>`)
	if open != "" {
		b.WriteString(`<button class="plain" data-do="` + svg.Esc(open) + `" data-tip="` + svg.Esc(l.T("compare.swap")) + `">` + svg.Esc(title) + `</button>`)
	} else {
		b.WriteString(svg.Esc(title))
	}
	if drop != "" {
		b.WriteString(` <button class="x" data-set="` + svg.Esc(drop) + `" aria-label="×">×</button>`)
	}
	b.WriteString(`</h3><p class="words">`)
	if len(t.Hyps) == 0 {
		b.WriteString(svg.Esc(l.T("tr.none")) + `</p></section>`)
		return
	}
	path := scene.PathOf(t, 0)
	var base []protocol.Node
	if s.Was != nil && len(s.Was.Hyps) > 0 {
		base = scene.PathOf(s.Was, 0)
	}
	for _, w := range scene.AlignText(base, path) {
		if w.B < 0 {
			continue
		}
		class := ""
		if !w.Same {
			class = ` class="diff"`
		}
		b.WriteString(`<span` + class + ` data-tip="` + svg.Esc(l.T("compare.word", plot.OneLine(path[w.B].Text), svg.Fixed(path[w.B].LogP, 3))) + `">` + svg.Esc(plot.OneLine(path[w.B].Text)) + `</span> `)
	}
	b.WriteString(`</p><p class="quiet">log p ` + svg.Fixed(t.Hyps[0].LogP, 3))
	if s.Was != nil && t != s.Was && len(s.Was.Hyps) > 0 {
		b.WriteString(" (" + svg.Signed(t.Hyps[0].LogP-s.Was.Hyps[0].LogP, 2) + ")")
	}
	b.WriteString(`</p>`)
	if attn != nil {
		picture(b, s, t, attn)
	}
	b.WriteString(`</section>`)
}

// picture is the attention of a sentence, mean of its heads: rows are steps, columns the source.
func picture(b *strings.Builder, s *scene.Scene, t *protocol.Translation, attn *protocol.Array) {
	heads, steps, n := attn.Shape[0], attn.Shape[1], attn.Shape[2]
	pal := s.In.Palette()
	const cell = 12.
	label := 52.
	var m svg.Builder
	href := plot.Levels(steps, n, &pal.Seq, func(r, c int) float64 {
		sum := 0.0
		for h := range heads {
			sum += float64(attn.Data[(h*steps+r)*n+c]) / float64(heads)
		}
		return sum
	})
	w, h := label+cell*float64(n), cell*float64(steps)+40
	m.Image(label, 36, cell*float64(n), cell*float64(steps), href, "cells")
	for c, k := range t.Source {
		m.Text(0, 0, plot.Fit(plot.OneLine(k.Text), 40, 10), "s10 i2", "transform", "translate("+svg.N(label+cell*(float64(c)+.7))+",33) rotate(-50)")
	}
	for r, k := range scene.PathOf(t, 0) {
		if r < steps {
			m.Text(label-4, 36+cell*(float64(r)+.75), plot.Fit(plot.OneLine(k.Text), label-6, 10), "s10 i2 end")
		}
	}
	b.WriteString(`<svg class="marks" width="` + svg.N(w+20) + `" height="` + svg.N(h) + `" viewBox="0 0 ` + svg.N(w+20) + ` ` + svg.N(h) + `" role="img" aria-label="` + svg.Esc(s.In.L.T("tr.attention")) + `">` + m.String() + `</svg>`)
}

// Texts that are compared stand in one option, with U+001E between.
func split(v string) (out []string) {
	for _, s := range strings.Split(v, "\x1e") {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}

func join(texts []string) string { return strings.Join(texts, "\x1e") }

func more(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return "%1E"
}

func has(list, id string) bool {
	for _, c := range strings.Split(list, ",") {
		if c == id {
			return true
		}
	}
	return false
}

func with(list, id string) string {
	if list == "" {
		return id
	}
	return list + "," + id
}

func lessOne(list, id string) string {
	var out []string
	for _, c := range strings.Split(list, ",") {
		if c != id && c != "" {
			out = append(out, c)
		}
	}
	return strings.Join(out, ",")
}
