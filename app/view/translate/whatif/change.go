package whatif

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// Change is what can be changed at the chosen step and at the chosen word of the source.
func Change(s *scene.Scene) []figure.Panel {
	return []figure.Panel{attention(s), source(s), units(s)}
}

// attention is what can be done to the attention of the chosen step.
func attention(s *scene.Scene) figure.Panel {
	l := s.In.L
	p := figure.Panel{ID: "edit", Class: scene.Side, Column: scene.Side, Title: []figure.Span{{Text: l.T("edit.step")}}}
	if s.Layer < 0 {
		return p
	}
	var rest []protocol.Change // without those of this row
	changed := false
	for _, c := range s.Now.Changes {
		if c.Name == s.Seq.Cross[s.Layer] && c.Pos == s.Step {
			changed = true
			continue
		}
		rest = append(rest, c)
	}
	set := func(op string, value int) string {
		c := protocol.Change{Name: s.Seq.Cross[s.Layer], Pos: s.Step, Index: s.Head, Op: op, Value: float32(value)}
		if s.Heads() < 2 {
			c.Index = -1
		}
		return scene.Changing(append(s.AtStep(rest), c))
	}
	if s.Src >= 0 {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: set("onehot", s.Src), Label: l.T("edit.only", plot.OneLine(s.T.Source[s.Src].Text)), Tip: l.T("edit.only.tip")})
	}
	p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: set("uniform", 0), Label: l.T("edit.even")})
	if changed {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: scene.Changing(rest), Label: l.T("edit.reset")})
	}
	note := "edit.attention.note"
	if s.Src < 0 {
		note = "edit.attention.choose"
	}
	p.HTML = append(written(s), figure.Block{Kind: "note", Spans: []figure.Span{{Text: l.T(note)}}})
	p.Controls = append(p.Controls, figure.Control{Kind: "text", Key: "o.translate.type", Label: l.T("edit.type"), Value: s.In.State.Opt("translate.type", ""), Tip: l.T("edit.type.tip")})
	return p
}

// written are the words like the one that was typed for the chosen step: a click writes one there.
func written(s *scene.Scene) []figure.Block {
	q := s.In.State.Opt("translate.type", "")
	if q == "" {
		return nil
	}
	r := s.In.Find(q, 8)
	if r == nil {
		return nil
	}
	var b strings.Builder
	b.WriteString(`<p class="quiet">` + svg.Esc(s.In.L.T("edit.target", s.Step)) + `</p><p class="near">`)
	for _, k := range r.Tokens {
		button(&b, plot.OneLine(k.Text), "", scene.Changing(scene.Prefixed(s.Now.Changes, append(s.IDs(s.Step), k.ID)))+"&o.translate.type=&at="+strconv.Itoa(s.Step+1))
	}
	b.WriteString(`</p>`)
	return []figure.Block{{Kind: "html", HTML: b.String()}}
}

// without are the changes that are made but for those at a place.
func without(s *scene.Scene, same func(c protocol.Change) bool) []protocol.Change {
	return slices.DeleteFunc(slices.Clone(s.Now.Changes), same)
}

// source is the words most like the chosen one of the source, or those that are written so: a click puts one in its place.
func source(s *scene.Scene) figure.Panel {
	l := s.In.L
	p := figure.Panel{ID: "source", Class: scene.Side, Column: scene.Side, Title: []figure.Span{{Text: l.T("edit.source")}}}
	if s.Src < 0 {
		p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("edit.source.choose")}}}}
		return p
	}
	t := s.T.Source[s.Src]
	p.Title = append(p.Title, figure.Span{Text: " "}, figure.Span{Text: plot.OneLine(t.Text), Bold: true, H: "s" + strconv.Itoa(s.Src)})
	own := t.ID
	rest := without(s, func(c protocol.Change) bool { return c.Name == protocol.SourceChange && c.Pos == s.Src })
	if t.Was != nil {
		own = t.Was.ID
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: scene.Changing(rest), Label: l.T("edit.back", plot.OneLine(t.Was.Text))})
	}
	find := s.In.State.Opt("translate.find", "")
	p.Controls = append(p.Controls, figure.Control{Kind: "field", Key: "o.translate.find", Label: l.T("edit.find"), Value: find})
	list := s.In.Alike(protocol.Alike{ID: own, N: 12, Source: true})
	if find != "" {
		list = s.In.FindSource(find, 12)
	}
	var b strings.Builder
	if list != nil {
		b.WriteString(`<p class="near">`)
		for _, k := range list.Tokens {
			note := ""
			if find == "" {
				note = svg.Fixed(float64(k.P), 2)
			}
			put := protocol.Change{Name: protocol.SourceChange, Pos: s.Src, Index: -1, Op: "set", Value: float32(k.ID)}
			button(&b, plot.OneLine(k.Text), note, scene.Changing(append(slices.Clone(rest), put)))
		}
		b.WriteString(`</p>`)
	}
	b.WriteString(`<p class="quiet">` + svg.Esc(l.T("edit.source.note")) + `</p>`)
	other := s.In.State.Opt("translate.like", "")
	p.Controls = append(p.Controls, figure.Control{Kind: "text", Key: "o.translate.like", Label: l.T("edit.like"), Value: other, Tip: l.T("edit.like.tip")})
	stateOf(&b, s, other)
	p.HTML = []figure.Block{{Kind: "html", HTML: b.String()}}
	return p
}

// stateOf are the words of another sentence: a click has the encoder's state of the chosen word be that word's.
func stateOf(b *strings.Builder, s *scene.Scene, other string) {
	if other == "" {
		return
	}
	q := s.Base
	q.Text = other
	t := s.In.Translation(q)
	if t == nil {
		return
	}
	rest := without(s, func(c protocol.Change) bool { return c.Op == "like" && c.Pos == s.Src })
	b.WriteString(`<p class="quiet">` + svg.Esc(s.In.L.T("edit.like.choose")) + `</p><p class="near">`)
	for j, k := range t.Source {
		c := protocol.Change{Name: s.Seq.Encoder, Pos: s.Src, Index: -1, Op: "like", Row: strconv.Itoa(j) + " " + other}
		button(b, plot.OneLine(k.Text), "", scene.Changing(append(slices.Clone(rest), c)))
	}
	b.WriteString(`</p>`)
}

func button(b *strings.Builder, text, note, set string) {
	b.WriteString(`<button data-set="` + svg.Esc(set) + `">` + svg.Esc(text))
	if note != "" {
		b.WriteString(` <small>` + svg.Esc(note) + `</small>`)
	}
	b.WriteString(`</button> `)
}

// units is where a unit is held: of an activation of encoder or decoder, everywhere or at the chosen step or word; and heads.
func units(s *scene.Scene) figure.Panel {
	in, l := s.In, s.In.L
	p := figure.Panel{ID: "unit", Class: scene.Side, Column: scene.Side, Title: []figure.Span{{Text: l.T("edit.unit")}}}
	var names []figure.Option
	var act *protocol.Act
	want := in.State.Opt("translate.act", s.Seq.Decoder)
	for i := range in.Model.Acts {
		a := &in.Model.Acts[i]
		if a.Heads || a.Name == "logits" || strings.HasSuffix(a.Name, "scale") || strings.HasSuffix(a.Name, ".result") {
			continue
		}
		names = append(names, figure.Option{Value: a.Name, Label: a.Name})
		if a.Name == want {
			act = a
		}
	}
	if act == nil {
		return p
	}
	unit := min(max(scene.Int(in, "unit", 0), 0), act.Inner[0]-1)
	label := l.T("edit.unit.number")
	if len(act.Inner) > 1 {
		label = l.T("edit.unit.head")
	}
	p.Controls = []figure.Control{{Kind: "select", Key: "o.translate.act", Value: want, Options: names},
		{Kind: "number", Key: "o.translate.unit", Label: label, Value: strconv.Itoa(unit), Min: 0, Max: float64(act.Inner[0] - 1), Step: 1}}
	at := s.Step
	if act.Source {
		at = s.Src
	}
	toggle := func(pos int) string {
		st := state.New()
		st.Changes = slices.Clone(s.Now.Changes)
		st.Toggle(protocol.Change{Name: act.Name, Pos: pos, Index: unit, Op: "zero"})
		return scene.Changing(st.Changes)
	}
	p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: toggle(-1), Label: l.T("edit.off")})
	if at >= 0 {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: toggle(at), Label: l.T("edit.off.here")})
	}
	rest := without(s, func(c protocol.Change) bool {
		return c.Name == act.Name && c.Pos < 0 && c.Index == unit && c.Also == ""
	})
	hold := scene.Changing(rest) + "&change=" + url.QueryEscape(act.Name) + "%40*%2C" + strconv.Itoa(unit) + "%3Aset%3D{}"
	p.Controls = append(p.Controls, figure.Control{Kind: "text", Key: hold, Label: l.T("edit.hold"), Tip: l.T("edit.hold.tip")})
	return p
}
