package matches

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
)

func escape(s string) string { return url.QueryEscape(s) }

// nothing says why there are no rows.
func (p *part) nothing(l *places) []figure.Block {
	note := func(key string, args ...any) []figure.Block {
		return []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: p.t(key, args...)}}}}
	}
	by := p.by()
	switch {
	case p.Spec().Text == "":
		return nil // the corpus says so
	case by == byUnits && len(p.Units) == 0 && p.Ranged():
		return note("no.units.range")
	case by == byUnits && len(p.Units) == 0:
		return note("no.units")
	case p.c != nil && p.c.Err != nil:
		return nil
	case p.c == nil || p.c.Info == nil:
		return note("no.corpus.yet")
	case p.c.Info.Tokens == 0:
		return note("no.tokens")
	case !p.ready():
		return note("no.run.yet")
	case by != byUnits && by != byPhrase && p.bits():
		return note("by.bits")
	case p.refused:
		return note("no.answer")
	case l == nil:
		return nil
	case l.from > 0 && l.total > 0:
		return []figure.Block{p.pages(l)}
	case by == byPhrase:
		return note("no.phrase", l.text, svg.Count(p.c.Settled))
	}
	if lo, _ := p.span(); lo > 0 && sum(l.Lengths) > 0 {
		return note("no.length", svg.Count(sum(l.Lengths)))
	}
	key := "no.matches"
	if p.opt("strict") == "1" {
		key = "no.strict"
	}
	return note(key, p.least(), svg.Count(p.c.Settled))
}

func sum(v []int) (s int) {
	for _, n := range v {
		s += n
	}
	return s
}

// pages are the ways to the rows before and after, and to files with all.
func (p *part) pages(l *places) figure.Block {
	var b strings.Builder
	b.WriteString(`<p class="st-pages">`)
	page := p.page()
	button := func(key string, to int, on bool) {
		if on {
			fmt.Fprintf(&b, `<button type="button" class="btn" data-set="%s">%s</button>`, svg.Esc(p.toPage(to)), svg.Esc(p.t(key)))
		} else {
			fmt.Fprintf(&b, `<button type="button" class="btn" disabled="">%s</button>`, svg.Esc(p.t(key)))
		}
	}
	if pages := (l.total + perPage - 1) / perPage; pages > 1 || page > 0 {
		button("previous", min(page, pages)-1, page > 0)
		b.WriteString(`<span>` + svg.Esc(p.t("page", svg.Count(page+1), svg.Count(pages))) + `</span>`)
		button("next", page+1, page+1 < pages)
	}
	if l.by == byUnits && len(l.Rows) > 0 {
		b.WriteString(`<span class="st-save">` + svg.Esc(p.t("save")))
		for _, kind := range []string{"csv", "json"} {
			fmt.Fprintf(&b, ` <button type="button" class="btn" data-do="%s">%s</button>`, figure.DoMatches+kind, strings.ToUpper(kind))
		}
		b.WriteString(`</span>`)
	}
	b.WriteString(`</p>`)
	return figure.Block{Kind: "html", HTML: b.String()}
}

// notes say what the rows are, of how much text, and what is kept.
func (p *part) notes(l *places, t *tint) figure.Block {
	var s []string
	if t != nil {
		s = append(s, p.t("tinted", t.title))
	}
	switch l.by {
	case byUnits:
		s = append(s, p.t("note.units"))
	case byCosine, byEuclid:
		s = append(s, p.t("note."+l.by, p.Sources[0].Name, svg.Count(p.c.Settled)))
	}
	if p.c.Settled < p.c.Filled.Total {
		s = append(s, p.t("note.first", svg.Count(p.c.Settled)))
	}
	s = append(s, p.kept())
	return figure.Block{Kind: "note", Spans: []figure.Span{{Text: paragraph(s...)}}}
}

// table is the rows as numbers and text.
func (p *part) table(l *places, all []tint) *figure.Table {
	t := &figure.Table{}
	for _, h := range []string{"th.rank", "th.document", "th.position", "th.length"} {
		t.Head = append(t.Head, p.t(h))
	}
	switch l.by {
	case byUnits:
		t.Head = append(t.Head, p.t("th.both"), p.t("th.any"))
	case byCosine, byEuclid:
		t.Head = append(t.Head, p.t("th."+l.by))
	}
	t.Head = append(t.Head, p.t("th.before"), p.t("th.match"), p.t("th.after"))
	for _, k := range all {
		t.Head = append(t.Head, k.title)
	}
	t.Make = func() [][]string { return l.table(all) }
	return t
}

// table is its rows as text.
func (l *places) table(all []tint) (rows [][]string) {
	for r, w := range l.Rows {
		row := []string{strconv.Itoa(l.from + r + 1), l.document(r), strconv.Itoa(w.Pos), strconv.Itoa(length(w))}
		switch l.by {
		case byUnits:
			row = append(row, strconv.Itoa(w.Both), strconv.Itoa(w.Any))
		case byCosine, byEuclid:
			row = append(row, svg.Fixed(w.Score, 4))
		}
		a := l.at[r]
		m := a + w.Left
		end := m + w.Len
		row = append(row, text(l.Tokens[a:m]), text(l.Tokens[m:end]), text(l.Tokens[end:end+w.Right]))
		for _, k := range all {
			var each []string
			for i := m; i < end; i++ {
				each = append(each, k.value(i))
			}
			row = append(row, strings.Join(each, ", "))
		}
		rows = append(rows, row)
	}
	return rows
}

// text is tokens as running text in which newlines can be seen.
func text(tokens []string) string {
	s := strings.Join(slices.Clone(tokens), "")
	return strings.NewReplacer("\n", "⏎", "\t", "⇥").Replace(s)
}

// paragraph is sentences after one another: a Chinese full stop brings its own space.
func paragraph(sentences ...string) string {
	out := ""
	for _, s := range sentences {
		if out != "" && !strings.HasSuffix(out, "。") {
			out += " "
		}
		out += s
	}
	return out
}
