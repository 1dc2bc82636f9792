// Package whatif draws what was changed, each change with what it did, what else can be changed, and other sentences and models beside this one.
package whatif

import (
	"math"
	"slices"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// Panels are the list of what was changed and what it did, or what is compared.
func Panels(s *scene.Scene) []figure.Panel {
	if s.In.State.Opt("translate.part", "") == "compare" {
		return compare(s)
	}
	out := []figure.Panel{list(s)}
	if p := effect(s); p != nil {
		out = append(out, *p)
	}
	return out
}

const mostKept = 6

// row is one variant: the first changes of the list, or some that were put aside.
type row struct {
	name    string
	changes []protocol.Change
	set     string // the patch that makes it the present one
	drop    string // the patch that takes it away; "": it stays
	now     bool
}

// rows are the target as it is, one for each change with all before it, and those that were put aside.
func rows(s *scene.Scene) []row {
	all := s.Now.Changes
	out := []row{{name: s.In.L.T("whatif.asis"), set: scene.Changing(nil)}}
	for i := range all {
		if !idle(s, all[:i+1]) {
			out = append(out, row{name: name(s, all[:i+1]), changes: all[:i+1], set: scene.Changing(all[:i+1]), drop: scene.Changing(dropped(s, all, i))})
		}
	}
	out[len(out)-1].now = len(all) > 0
	kept := s.Kept()
	for i, changes := range kept {
		out = append(out, row{name: named(s, changes), changes: changes, set: scene.Changing(changes),
			drop: "o.translate.kept=" + scene.Keep(slices.Delete(slices.Clone(kept), i, i+1))})
	}
	return out
}

// named is all of some changes in words.
func named(s *scene.Scene, changes []protocol.Change) string {
	var names []string
	for k := range changes {
		if !idle(s, changes[:k+1]) {
			names = append(names, name(s, changes[:k+1]))
		}
	}
	return strings.Join(names, " + ")
}

// idle reports whether the last of some changes is a prefix that holds the search to nothing, neither here nor with the changes after it: a
// change of attention brought it, to say of which words it is.
func idle(s *scene.Scene, changes []protocol.Change) bool {
	t := ask(s, changes)
	return changes[len(changes)-1].Name == protocol.PrefixChange && t != nil && t.Forced == 0 && s.T.Forced == 0
}

// dropped are changes without the i-th. The last change of attention that goes takes along a prefix that it brought.
func dropped(s *scene.Scene, all []protocol.Change, i int) []protocol.Change {
	attention := func(c protocol.Change) bool { return slices.Contains(s.Seq.Cross, c.Name) }
	out := slices.Delete(slices.Clone(all), i, i+1)
	if !attention(all[i]) || slices.ContainsFunc(out, attention) || s.T.Forced > 0 {
		return out
	}
	return scene.Prefixed(out, nil)
}

// list draws the rows.
func list(s *scene.Scene) figure.Panel {
	l, rows := s.In.L, rows(s)
	var b strings.Builder
	t := &figure.Table{Head: []string{l.T("whatif.th.change"), l.T("whatif.th.target"), "log p", "Δ log p"}}
	b.WriteString(`<ol class="whatif">`)
	for _, r := range rows {
		write(&b, s, r, ask(s, r.changes), t)
	}
	b.WriteString(`</ol>`)
	note := "whatif.note"
	if len(rows) == 1 {
		note = "whatif.how"
	}
	p := figure.Panel{ID: "whatif", Class: scene.Main, Column: scene.Main, Label: l.T("whatif.label"), Table: t,
		HTML: []figure.Block{{Kind: "html", HTML: b.String()}, {Kind: "note", Spans: []figure.Span{{Text: l.T(note)}}}}}
	kept, all := s.Kept(), s.Now.Changes
	if len(all) == 0 {
		return p
	}
	aside := slices.ContainsFunc(kept, func(k []protocol.Change) bool { return slices.Equal(k, all) })
	if len(kept) < mostKept && !aside {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.translate.kept=" + scene.Keep(append(kept, all)), Label: l.T("whatif.keep"), Tip: l.T("whatif.keep.tip")})
	}
	p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: scene.Changing(nil), Label: l.T("whatif.undo")})
	return p
}

// write is one row: what was changed, the words that came of it with those that differ marked, and by how much log p differs.
func write(b *strings.Builder, s *scene.Scene, r row, t *protocol.Translation, table *figure.Table) {
	l := s.In.L
	class, tip := "", l.T("whatif.asis.tip")
	if r.now {
		class = ` class="now"`
	}
	if len(r.changes) > 0 {
		tip = state.FormatChange(r.changes[len(r.changes)-1])
	}
	b.WriteString(`<li` + class + `><button class="name" data-set="` + svg.Esc(r.set) + `" data-tip="` + svg.Esc(tip) + `">` + svg.Esc(r.name) + `</button><span class="words">`)
	ready := t != nil && len(t.Hyps) > 0 && s.Was != nil && len(s.Was.Hyps) > 0
	num := "…"
	if ready {
		was, path := scene.PathOf(s.Was, 0), scene.PathOf(t, 0)
		for _, w := range scene.Align(was, path) {
			word(b, s, was, path, w)
		}
		d := t.Hyps[0].LogP - s.Was.Hyps[0].LogP
		num = svg.Fixed(t.Hyps[0].LogP, 2)
		if len(r.changes) > 0 {
			num = svg.Signed(d, 2)
		}
		table.Rows = append(table.Rows, []string{r.name, t.Hyps[0].Text, svg.Fixed(t.Hyps[0].LogP, 4), svg.Fixed(d, 4)})
	} else if t != nil && len(t.Hyps) == 0 {
		num = ""
		b.WriteString(svg.Esc(l.T("tr.none")))
	}
	b.WriteString(`</span><span class="num">` + num + `</span>`)
	if r.drop != "" {
		b.WriteString(`<button class="x" data-set="` + svg.Esc(r.drop) + `" aria-label="` + svg.Esc(l.T("change.undo", r.name)) + `">×</button>`)
	}
	if t != nil && len(r.changes) > 0 {
		for _, w := range t.Warnings {
			b.WriteString(`<small class="quiet">` + svg.Esc(l.T("warn."+w.Code, w.What, w.N)) + `</small>`)
		}
	}
	b.WriteString(`</li>`)
}

// word is a word of a variant: marked where another stands as it is, a gap where one is missing, with its probability before and after.
func word(b *strings.Builder, s *scene.Scene, was, path []protocol.Node, w scene.Pair) {
	if w.B < 0 {
		b.WriteString(`<span class="gap" data-tip="` + svg.Esc(pairTip(s, was, path, w)) + `">‸</span> `)
		return
	}
	class := ""
	if !w.Same {
		class = ` class="diff"`
	} else if d := math.Exp(path[w.B].LogP) - math.Exp(was[w.A].LogP); math.Abs(d) >= .1 {
		class = ` class="moved"`
	}
	b.WriteString(`<span` + class + ` data-tip="` + svg.Esc(pairTip(s, was, path, w)) + `">` + svg.Esc(plot.OneLine(path[w.B].Text)) + `</span> `)
}

// pairTip says what became of a word, with its probability before and after.
func pairTip(s *scene.Scene, was, path []protocol.Node, w scene.Pair) string {
	l := s.In.L
	of := func(n protocol.Node) (string, string) {
		return plot.OneLine(n.Text), svg.Percent(math.Exp(n.LogP))
	}
	switch {
	case w.B < 0:
		text, _ := of(was[w.A])
		return l.T("whatif.gone", text)
	case w.A < 0:
		text, p := of(path[w.B])
		return l.T("whatif.new", text, p)
	}
	a, pa := of(was[w.A])
	b, pb := of(path[w.B])
	if w.Same {
		return l.T("whatif.same", b, pa, pb)
	}
	return l.T("whatif.other", a, pa, b, pb)
}
