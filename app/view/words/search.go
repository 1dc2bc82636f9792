package words

import (
	"slices"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

const (
	listed  = 100 // matches that are listed
	pointed = 30  // and of these, marked on the map
)

var lowered = plot.Memory[this, []string]{Size: 3}

// lower are the names of all rows without their case.
func (d *drawing) lower() []string {
	return lowered.Get(d.this(""), func() []string {
		out := make([]string, d.n)
		for i, s := range d.names() {
			out[i] = strings.ToLower(s)
		}
		return out
	})
}

// search is what was found.
type search struct {
	rows []int // by order; of a text, those that are it first, then those that begin with it
	code string
	bad  string // what is wrong with the regular expression
	busy bool
}

// asked tells what was found from what else was.
type asked struct {
	this
	r *protocol.MapFindResult
}

var searches = plot.Memory[asked, *search]{Size: 6}

// find is what the field asks for; nil if it asks for nothing. A text is looked for here, a regular expression by the mapper, where it
// cannot hold up the page.
func (d *drawing) find() *search {
	text := d.opt("find", "")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	key := asked{this: d.this(text + "\n" + d.shownLayer())}
	if d.opt("re", "") == "1" {
		if d.m.ID == 0 {
			return &search{busy: true}
		}
		if key.r = d.in.Match(protocol.MapFind{Map: d.m.ID, Pattern: text}); key.r == nil {
			return &search{busy: true}
		}
	}
	return searches.Get(key, func() *search {
		s := new(search)
		if key.r != nil {
			s.byPattern(d, key.r)
		} else {
			s.byText(d, strings.ToLower(text))
		}
		if k := d.ladder(); k != nil { // each place once
			s.rows = slices.DeleteFunc(s.rows, func(r int) bool { return d.m.Point(r)/k.m != d.rung(k) })
		}
		s.code = state.FormatRows(d.pointsOf(s.rows))
		return s
	})
}

func (s *search) byText(d *drawing, text string) {
	var is, begins, has []int
	bare := strings.TrimSpace(text)
	lower := d.lower()
	for _, r := range d.order() {
		name := lower[r]
		if !strings.Contains(name, text) {
			continue
		}
		switch name = strings.TrimSpace(name); {
		case name == bare:
			is = append(is, r)
		case strings.HasPrefix(name, bare):
			begins = append(begins, r)
		default:
			has = append(has, r)
		}
	}
	s.rows = slices.Concat(is, begins, has)
}

// byPattern takes what the mapper found.
func (s *search) byPattern(d *drawing, found *protocol.MapFindResult) {
	s.bad = found.Bad
	in := make([]bool, d.n)
	for _, v := range found.Rows {
		if r := int(v); r >= 0 && r < d.n {
			in[r] = true
		}
	}
	for _, r := range d.order() {
		if in[r] {
			s.rows = append(s.rows, r)
		}
	}
}

// searchPanel is the field and what it finds.
func (d *drawing) searchPanel() figure.Panel {
	s := d.find()
	field := figure.Control{Kind: "field", Key: "o.words.find", Label: d.t("find"), Value: d.opt("find", ""), Lead: true}
	p := figure.Panel{ID: "find", Class: "wd-find", Controls: []figure.Control{field, d.switched("re")}}
	switch {
	case s == nil:
		return p
	case s.busy:
		p.Busy = d.t("find.busy")
		return p
	case s.bad != "":
		p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: d.t("find.bad", s.bad)}}}}
		return p
	case len(s.rows) == 0:
		p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: d.t("find.none", svg.Count(d.once(d.n)))}}}}
		return p
	}
	all := pair("sel", s.code)
	p.Controls[0].Enter = all
	line := []figure.Span{{Text: d.t("find.some", svg.Count(len(s.rows)), svg.Count(d.once(d.n))) + " "}, {Text: d.t("find.select"), Set: all}}
	p.HTML = []figure.Block{{Kind: "note", Spans: line}, {Kind: "html", HTML: d.wordList(s.rows[:min(len(s.rows), listed)])}}
	if len(s.rows) > listed {
		p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: d.t("find.first", listed)}}})
	}
	p.Table = &figure.Table{Head: []string{d.t("th.word")}, Make: func() (rows [][]string) {
		for _, r := range s.rows {
			rows = append(rows, []string{d.shown(r)})
		}
		return rows
	}}
	return p
}

// wordList are words that can be chosen.
func (d *drawing) wordList(rows []int) string {
	var b strings.Builder
	b.WriteString(`<ul class="wd-words">`)
	for _, r := range rows {
		class := ""
		if r == d.row {
			class = ` class="now"`
		}
		b.WriteString(`<li><button type="button"` + class + ` data-set="` + svg.Esc(d.choose(r)) + `" data-h="` + d.h(r) + `">` + tokenHTML(d.name(r)) + `</button></li>`)
	}
	b.WriteString(`</ul>`)
	return b.String()
}

// tokenHTML is a token as running text shows it.
func tokenHTML(s string) string {
	body, space := plot.Visible(s)
	if space {
		return `<span class="tk"><span class="sp"> </span>` + svg.Esc(body) + `</span>`
	}
	return `<span class="tk">` + svg.Esc(body) + `</span>`
}

// found are the marks of the map with the first matches among them.
func (d *drawing) found(marks []figure.ScatterMark) []figure.ScatterMark {
	s := d.find()
	if s == nil {
		return marks
	}
	return marked(marks, s.rows[:min(len(s.rows), pointed)], figure.ScatterMark{Kind: "ring"})
}

// marked are marks and one like m for each of rows that has none.
func marked(marks []figure.ScatterMark, rows []int, m figure.ScatterMark) []figure.ScatterMark {
	taken := map[int]bool{}
	for _, m := range marks {
		taken[m.Row] = true
	}
	for _, m.Row = range rows {
		if !taken[m.Row] {
			taken[m.Row] = true
			marks = append(marks, m)
		}
	}
	return marks
}
