package whatif

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// other is a sentence or a model that stands beside the sentence that is shown.
type other struct {
	name  string
	side  side              // side.t is nil: there is no target (yet)
	why   string            // why there is none
	drop  string            // the patch that takes it away
	open  string            // what a click on its name does
	names string            // the activation that its attention is
	apart bool              // it is another model
	cross []*protocol.Array // of another model: its attention, a layer each
	layer int               // the one that is shown
}

// compare is other sentences, and other served models, beside this one: a list of them, a picture of each, and their decoder's states.
func compare(s *scene.Scene) []figure.Panel {
	l := s.In.L
	list := append(sentences(s), models(s)...)
	p := figure.Panel{ID: "compare", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("compare.title")}}, Label: l.T("compare.title"), Controls: adding(s),
		Table: &figure.Table{Head: []string{l.T("tr.source"), l.T("whatif.th.target"), "log p", "Δ log p", l.T("nbest.score"), "Δ " + l.T("nbest.score")}}}
	if s.Was == nil || len(s.Was.Hyps) == 0 {
		return []figure.Panel{p}
	}
	base := &other{name: s.Base.Text, side: shown(s, s.Base, s.Was, 0)}
	base.side.name = l.T("compare.shown")
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
			how = "; " + searched(l, t.Decode)
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

// pictures are those that are there, each beside the sentence that is shown: sentences on one scale of differences, another model, which may look elsewhere
// altogether, on its own.
func pictures(s *scene.Scene, base *other, list []other) (out []figure.Panel) {
	pairs, top := make([]*versus, len(list)), least
	for i, o := range list {
		if o.side.t != nil {
			pairs[i] = beside(s, base.side, o.side, alike(base.side.t, o.side.t, o.apart), o.apart)
			if s.Was == s.T {
				pairs[i].band = &pairs[i].was
			}
			if !o.apart {
				top = max(top, pairs[i].top)
			}
		}
	}
	for i, v := range pairs {
		if v == nil {
			continue
		}
		if !v.apart {
			v.top = top
		}
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

// sentences are those of the open model.
func sentences(s *scene.Scene) (out []other) {
	texts := split(s.In.State.Opt("translate.vs", ""))
	for i, text := range texts {
		rest := slices.Delete(slices.Clone(texts), i, i+1)
		o := other{name: text, drop: "o.translate.vs=" + url.QueryEscape(join(rest)), open: figure.DoTranslate + text}
		q := s.Base
		q.Text = text
		switch t := s.In.Translation(q); {
		case t == nil:
			o.why = s.In.L.T("tr.busy")
		case len(t.Hyps) == 0:
			o.why = s.In.L.T("tr.none")
		default:
			o.side = shown(s, q, t, 0)
			o.side.name = s.In.L.T("compare.other")
		}
		if s.Layer >= 0 {
			o.names = s.Seq.Cross[s.Layer]
		}
		out = append(out, o)
	}
	return out
}

// models are the served ones that a person chose to see beside the open one.
func models(s *scene.Scene) (out []other) {
	in, l := s.In, s.In.L
	ids := cards(s)
	for i := range in.Cards {
		c := &in.Cards[i]
		if !slices.Contains(ids, c.ID) || c.Pairs == nil || in.Besides == nil {
			continue
		}
		o := other{name: c.Title[l.Code], drop: "o.translate.cards=" + strings.Join(slices.DeleteFunc(cards(s), func(id string) bool { return id == c.ID }), ","), apart: true}
		switch b := in.Besides(c.ID, 0); {
		case b != nil && b.Err != nil:
			o.why = l.T("beside.failed", o.name, b.Err.Detail)
		case b == nil || b.Translation == nil:
			o.why = l.T("beside.busy", o.name)
		case len(b.Translation.Hyps) == 0:
			o.why = l.T("tr.none")
		default:
			o.side = side{name: l.T("compare.model"), t: b.Translation, path: scene.PathOf(b.Translation, 0), states: b.States}
			if o.cross, o.layer = b.Cross, len(b.Cross)-1; o.layer >= 0 {
				if n := scene.Int(in, "vslayer", -1); n >= 0 {
					o.layer = min(n, o.layer)
				}
				o.names = b.Model.Seq.Cross[o.layer]
				o.side.looks = looks(scene.LookOf(b.Cross[o.layer], scene.Int(in, "vshead", -1)))
			}
		}
		out = append(out, o)
	}
	return out
}

// looking is the choice of another model's layer and head.
func looking(s *scene.Scene, o other) (out []figure.Control) {
	menu := func(key, name string, n, at int) {
		if n < 2 {
			return
		}
		c := figure.Control{Kind: "select", Key: "o.translate." + key, Value: strconv.Itoa(at)}
		if key == "vshead" {
			c.Options = []figure.Option{{Value: "-1", Label: s.In.L.T("tr.mean")}}
		}
		for i := range n {
			c.Options = append(c.Options, figure.Option{Value: strconv.Itoa(i), Label: s.In.L.T(name, i)})
		}
		out = append(out, c)
	}
	if o.layer < len(o.cross) {
		heads := o.cross[o.layer].Shape[0]
		menu("vslayer", "tr.layer", len(o.cross), o.layer)
		menu("vshead", "tr.head", heads, max(-1, min(scene.Int(s.In, "vshead", -1), heads-1)))
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
	if o.open != "" {
		b.WriteString(`<button class="name" data-do="` + svg.Esc(o.open) + `" data-tip="` + svg.Esc(l.T("compare.swap")) + `">` + svg.Esc(o.name) + `</button>`)
	} else {
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
func scores(l catalogue, h, was protocol.Hypothesis) string {
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
func searched(l catalogue, d protocol.Decode) string {
	out := l.T("compare.beam", d.Beam, d.Most)
	if d.Length != 0 {
		out += l.T("compare.length", svg.Fixed(d.Length, 2))
	}
	if d.Coverage != 0 {
		out += l.T("compare.coverage", svg.Fixed(d.Coverage, 2))
	}
	return out
}

type catalogue interface {
	T(key string, args ...any) string
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

// Cards stand in another, with commas between.
func cards(s *scene.Scene) []string {
	return strings.FieldsFunc(s.In.State.Opt("translate.cards", ""), func(r rune) bool { return r == ',' })
}
