// Package whatif draws what was changed, each change with what it did, and other sentences and models beside this one.
package whatif

import (
	"math"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// Panels are the list of what was changed, or what is compared.
func Panels(s *scene.Scene) []figure.Panel {
	if s.In.State.Opt("translate.part", "") == "compare" {
		return compare(s)
	}
	return []figure.Panel{list(s)}
}

// row is one variant: the first changes of the list, or some that were put aside.
type row struct {
	name    string
	changes []protocol.Change
	set     string // the patch that makes it the present one
	drop    string // the patch that takes it away; "": it stays
	now     bool
}

// list has a row as it is, one for each change with all before it, and those that were put aside.
func list(s *scene.Scene) figure.Panel {
	l := s.In.L
	rows := []row{{name: l.T("whatif.asis"), set: scene.Changing(nil), now: len(s.Now.Changes) == 0}}
	all := s.Now.Changes
	for i, c := range all {
		rest := append(append([]protocol.Change{}, all[:i]...), all[i+1:]...)
		r := row{name: name(s, c), changes: all[:i+1], set: scene.Changing(all[:i+1]), drop: scene.Changing(rest), now: i == len(all)-1}
		if idle(s, c) {
			continue
		}
		rows = append(rows, r)
	}
	kept := s.Kept()
	for i, changes := range kept {
		var names []string
		for _, c := range changes {
			if !idle(s, c) {
				names = append(names, name(s, c))
			}
		}
		rows = append(rows, row{name: strings.Join(names, " + "), changes: changes, set: scene.Changing(changes), drop: "o.translate.kept=" + scene.Keep(append(append([][]protocol.Change{}, kept[:i]...), kept[i+1:]...))})
	}
	var b strings.Builder
	t := &figure.Table{Head: []string{l.T("whatif.th.change"), l.T("whatif.th.target"), "log p", "Δ log p"}}
	b.WriteString(`<ol class="whatif">`)
	for _, r := range rows {
		q := s.Base
		q.Changes = r.changes
		write(&b, s, r, s.In.Translation(q), t)
	}
	b.WriteString(`</ol>`)
	p := figure.Panel{ID: "whatif", Class: scene.Main, Column: scene.Main, Label: l.T("whatif.label"), HTML: []figure.Block{{Kind: "html", HTML: b.String()}}, Table: t}
	if len(rows) == 1 {
		p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: l.T("whatif.how")}}})
	} else {
		p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: l.T("whatif.note")}}})
	}
	if len(all) > 0 && len(kept) < 6 {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.translate.kept=" + scene.Keep(append(kept, all)), Label: l.T("whatif.keep"), Tip: l.T("whatif.keep.tip")},
			figure.Control{Kind: "button", Key: scene.Changing(nil), Label: l.T("whatif.undo")})
	}
	return p
}

// idle reports whether the i-th change is a prefix that the target has anyway, as it is: one of attention brought it with it.
func idle(s *scene.Scene, c protocol.Change) bool {
	if c.Name != protocol.PrefixChange || s.Was == nil || len(s.Was.Hyps) == 0 {
		return false
	}
	numbers, _ := c.Numbers()
	path := scene.PathOf(s.Was, 0)
	for t, id := range numbers {
		if t >= len(path) || path[t].ID != int(id) {
			return false
		}
	}
	return true
}

// write is one row: what was changed, the words that came of it with those that differ marked, and by how much log p differs.
func write(b *strings.Builder, s *scene.Scene, r row, t *protocol.Translation, table *figure.Table) {
	l := s.In.L
	class := ""
	if r.now && len(r.changes) > 0 {
		class = ` class="now"`
	}
	b.WriteString(`<li` + class + `><button class="name" data-set="` + svg.Esc(r.set) + `">` + svg.Esc(r.name) + `</button><span class="words">`)
	if t == nil || len(t.Hyps) == 0 || s.Was == nil || len(s.Was.Hyps) == 0 {
		b.WriteString(`…</span></li>`)
		return
	}
	was, path := scene.PathOf(s.Was, 0), scene.PathOf(t, 0)
	for _, w := range scene.Align(was, path) {
		word(b, s, was, path, w)
	}
	d := t.Hyps[0].LogP - s.Was.Hyps[0].LogP
	num := svg.Fixed(t.Hyps[0].LogP, 2)
	if len(r.changes) > 0 {
		num = svg.Signed(d, 2)
	}
	b.WriteString(`</span><span class="num">` + num + `</span>`)
	if r.drop != "" {
		b.WriteString(`<button class="x" data-set="` + svg.Esc(r.drop) + `" aria-label="` + svg.Esc(l.T("change.undo", r.name)) + `">×</button>`)
	}
	for _, w := range t.Warnings {
		if text := l.T("warn."+w.Code, w.What, w.N); len(r.changes) > 0 {
			b.WriteString(`<small class="quiet">` + svg.Esc(text) + `</small>`)
		}
	}
	b.WriteString(`</li>`)
	table.Rows = append(table.Rows, []string{r.name, t.Hyps[0].Text, svg.Fixed(t.Hyps[0].LogP, 4), svg.Fixed(d, 4)})
}

// word is a word of a variant: marked where another stands as it is, a gap where one is missing, with its probability before and after.
func word(b *strings.Builder, s *scene.Scene, was, path []protocol.Node, w scene.Pair) {
	l := s.In.L
	percent := func(n protocol.Node) string { return svg.Percent(math.Exp(n.LogP)) }
	switch {
	case w.B < 0:
		b.WriteString(`<span class="gap" data-tip="` + svg.Esc(l.T("whatif.gone", plot.OneLine(was[w.A].Text))) + `">‸</span> `)
		return
	case w.Same:
		class := ""
		if d := math.Exp(path[w.B].LogP) - math.Exp(was[w.A].LogP); math.Abs(d) >= .1 {
			class = ` class="moved"`
		}
		b.WriteString(`<span` + class + ` data-tip="` + svg.Esc(l.T("whatif.same", plot.OneLine(path[w.B].Text), percent(was[w.A]), percent(path[w.B]))) + `">`)
	case w.A < 0:
		b.WriteString(`<span class="diff" data-tip="` + svg.Esc(l.T("whatif.new", plot.OneLine(path[w.B].Text), percent(path[w.B]))) + `">`)
	default:
		b.WriteString(`<span class="diff" data-tip="` + svg.Esc(l.T("whatif.other", plot.OneLine(was[w.A].Text), percent(was[w.A]), plot.OneLine(path[w.B].Text), percent(path[w.B]))) + `">`)
	}
	b.WriteString(svg.Esc(plot.OneLine(path[w.B].Text)) + `</span> `)
}

// name is a change in words.
func name(s *scene.Scene, c protocol.Change) string {
	l := s.In.L
	token := func(j int) string {
		if j < 0 || j >= len(s.T.Source) {
			return strconv.Itoa(j)
		}
		t := s.T.Source[j]
		if t.Was != nil {
			return plot.OneLine(t.Was.Text)
		}
		return plot.OneLine(t.Text)
	}
	step := func(t int) string { return l.T("whatif.step", t) }
	switch {
	case c.Name == protocol.SourceChange:
		text := strconv.Itoa(int(c.Value))
		if c.Pos < len(s.T.Source) && s.T.Source[c.Pos].ID == int(c.Value) {
			text = plot.OneLine(s.T.Source[c.Pos].Text)
		}
		return token(c.Pos) + " → " + text
	case c.Name == protocol.PrefixChange:
		n, words := strings.Count(c.Row, "_")+1, []string{}
		for i, k := range s.Path() {
			if i < n && i >= n-2 {
				words = append(words, plot.OneLine(k.Text))
			}
		}
		text := strings.Join(words, " ")
		if n > 2 {
			text = "… " + text
		}
		return l.T("change.begins", text)
	case c.Op == "onehot":
		return l.T("whatif.onehot", step(c.Pos), token(int(c.Value)))
	case c.Op == "uniform":
		return l.T("whatif.uniform", step(c.Pos))
	case c.Op == "weight":
		n, _ := c.Numbers()
		if len(n) == 2 {
			return l.T("whatif.weight", step(c.Pos), token(int(n[0])), svg.Percent(float64(n[1])))
		}
	case c.Op == "row":
		return l.T("whatif.row", step(c.Pos))
	case c.Op == "like":
		_, text, _ := c.Like()
		return l.T("whatif.like", token(c.Pos), text)
	}
	return state.FormatChange(c)
}
