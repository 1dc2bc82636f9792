package whatif

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// other is a sentence, a list of changes or a model that stands beside the sentence that is shown.
type other struct {
	name  string
	side  side              // side.t is nil: there is no target (yet)
	why   string            // why there is none
	drop  string            // the patch that takes it away
	open  string            // what a click on its name does
	set   string            // or the patch that it makes, of changes
	names string            // the activation that its attention is
	apart bool              // it is another model
	cross []*protocol.Array // of another model: its attention, a layer each
	layer int               // the one that is shown
}

// others are all that stand beside: sentences, what was changed, models.
func others(s *scene.Scene) []other {
	return append(append(sentences(s), variants(s)...), models(s)...)
}

// attended is the activation whose attention is shown; "": there is none.
func attended(s *scene.Scene) string {
	if s.Layer < 0 {
		return ""
	}
	return s.Seq.Cross[s.Layer]
}

// sentences are those of the open model.
func sentences(s *scene.Scene) (out []other) {
	texts := split(s.In.State.Opt("translate.vs", ""))
	for i, text := range texts {
		rest := slices.Delete(slices.Clone(texts), i, i+1)
		o := other{name: text, drop: "o.translate.vs=" + url.QueryEscape(join(rest)), open: figure.DoTranslate + text, names: attended(s)}
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
		out = append(out, o)
	}
	return out
}

// variants are the sentence with the changes that are made, and with those that were put aside.
func variants(s *scene.Scene) (out []other) {
	for _, r := range rows(s)[1:] {
		if n := len(r.changes); !r.now && n < len(s.Now.Changes) && slices.Equal(r.changes, s.Now.Changes[:n]) {
			continue // some of the changes that are made
		}
		o := other{name: r.name, set: r.set, drop: r.drop, why: s.In.L.T("tr.busy"), names: attended(s)}
		if r.now {
			o.name, o.drop = named(s, r.changes), scene.Changing(nil)
		}
		if t := ask(s, r.changes); t != nil && len(t.Hyps) > 0 {
			q := s.Base
			q.Changes = r.changes
			o.side = shown(s, q, t, 0)
			o.side.name = s.In.L.T("effect.now")
		} else if t != nil {
			o.why = s.In.L.T("tr.none")
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
