package words

import (
	"slices"
	"strings"
	"unicode"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// sum is what stands in the field of sums, its words found on the map.
type sum struct {
	typed   string
	terms   []summand
	unknown []string
	hidden  []string // there, but not on the map
}

type summand struct {
	row    int // of the map
	name   string
	weight float64
}

// sums are those that word vectors are known for. Those whose words are all on the map are offered.
var sums = []string{"king - man + woman", "queen - woman + man", "spanish - spain + france", "better - good + bad", "went - go + come", "second - two + three",
	"paris - france + italy", "国王 - 男人 + 女人", "王后 - 女人 + 男人"}

// sum reads the field; before something is typed, it is the first of sums whose words are there.
func (d *drawing) sum() sum {
	if typed := d.opt("sum", ""); typed != "" {
		return d.parsedSum(typed)
	}
	if known := d.knownSums(); len(known) > 0 {
		return d.parsedSum(known[0])
	}
	return sum{}
}

func (d *drawing) parsedSum(text string) sum {
	s := sum{typed: text}
	l := lookupOf(d.p)
	for _, t := range parseSum(text, func(w string) bool { return l.find(w) >= 0 }) {
		point := l.find(t.name)
		row := d.rowAt(point)
		switch {
		case point < 0:
			s.unknown = append(s.unknown, t.name)
		case row < 0:
			s.hidden = append(s.hidden, t.name)
		default:
			s.terms = append(s.terms, summand{row, d.name(row), t.weight})
		}
	}
	return s
}

// whole reports whether all words are on the map and there is something to add up.
func (s sum) whole() bool { return len(s.terms) > 1 && len(s.unknown)+len(s.hidden) == 0 }

// text is the sum as it is read: "king − man + woman".
func (s sum) text() string {
	var b strings.Builder
	for i, t := range s.terms {
		switch {
		case t.weight < 0 && i == 0:
			b.WriteString("−")
		case t.weight < 0:
			b.WriteString(" − ")
		case i > 0:
			b.WriteString(" + ")
		}
		b.WriteString(bare(t.name))
	}
	return b.String()
}

// bare is a name without the space before it.
func bare(name string) string { return plot.OneLine(strings.TrimPrefix(name, " ")) }

var sumsOf = plot.Memory[this, []string]{Size: 4}

// knownSums are those of sums whose words are all on the map, as different rows.
func (d *drawing) knownSums() []string {
	return sumsOf.Get(d.this("sums"), func() (out []string) {
		for _, e := range sums {
			if s := d.parsedSum(e); s.whole() && s.apart() {
				out = append(out, e)
			}
		}
		return out
	})
}

// apart reports whether all words are different rows.
func (s sum) apart() bool {
	for i, a := range s.terms {
		if slices.ContainsFunc(s.terms[:i], func(b summand) bool { return a.row == b.row }) {
			return false
		}
	}
	return true
}

// analogy is the rows of a - b + c; ok is false of any other sum.
func (s sum) analogy() (a, b, c int, ok bool) {
	var pos, neg []int
	for _, t := range s.terms {
		if t.weight > 0 {
			pos = append(pos, t.row)
		} else {
			neg = append(neg, t.row)
		}
	}
	if len(pos) != 2 || len(neg) != 1 || !s.apart() {
		return 0, 0, 0, false
	}
	return pos[0], neg[0], pos[1], true
}

const answers = 5 // of a sum that are drawn; the table has 10

// sumNear are the rows nearest to a sum, or nil while they are looked for.
func (d *drawing) sumNear(s sum) *protocol.MapNearResult {
	if !d.ready() || !s.whole() {
		return nil
	}
	terms := make([]protocol.Term, len(s.terms))
	for i, t := range s.terms {
		terms[i] = protocol.Term{Row: t.row, Weight: t.weight}
	}
	return d.nearest(terms, min(10, d.n))
}

// sumPanel is the field, the answers with their bars, and the words on the plane that they span.
func (d *drawing) sumPanel() *figure.Panel {
	s := d.sum()
	p := &figure.Panel{ID: "sum", Class: "wd-sum", Width: d.sideW, Label: d.t("side.sum.label", s.text()),
		Controls: []figure.Control{{Kind: "text", Key: "o.words.sum", Label: d.t("side.sum"), Value: s.typed, Lead: true, Tip: d.t("side.sum.tip")}}}
	p.HTML = d.absent("sum", s.typed, s.unknown, s.hidden)
	if s.whole() {
		d.drawSum(p, s)
	} else if s.typed != "" && p.HTML == nil {
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.sum.one")})}
	}
	if b := d.offers("sum", s.typed, d.knownSums()); b != nil {
		p.HTML = append(p.HTML, *b)
	}
	return p
}

// alike are rows that begin as a word does: they are looked for once.
var alike = plot.Memory[this, []int]{Size: 8}

// absent says which words of a field are not there, with those that begin alike, and which the map does not show.
func (d *drawing) absent(key, typed string, unknown, hidden []string) (out []figure.Block) {
	for _, w := range unknown[:min(len(unknown), 4)] {
		line := []figure.Span{{Text: d.t("side.unknown", w)}}
		for i, r := range alike.Get(d.this("alike "+w), func() []int { return d.beginning(w, 5) }) {
			if i == 0 {
				line = append(line, figure.Span{Text: " " + d.t("axis.perhaps")})
			}
			name := strings.TrimSpace(d.name(r))
			line = append(line, figure.Span{Text: " "}, figure.Span{Text: plot.OneLine(name), Set: pair(key, strings.Replace(typed, w, quoted(name), 1)), H: d.h(r)})
		}
		out = append(out, note(line...))
	}
	if len(hidden) > 0 {
		out = append(out, note(figure.Span{Text: d.t("side.hidden", strings.Join(hidden, ", "))}))
	}
	return out
}

// quoted is a name as it is typed: in quotes where parts of it would be read as something else.
func quoted(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("+-−–=,，、>→#", r) }) {
		return `"` + name + `"`
	}
	return name
}

// offers is up to three texts that a field may be given by a click; nil if there are none.
func (d *drawing) offers(key, typed string, all []string) *figure.Block {
	var line []figure.Span
	for _, s := range all {
		if s != typed && len(line) < 6 {
			line = append(line, figure.Span{Text: strings.NewReplacer(" - ", " − ", " > ", " → ").Replace(s), Set: pair(key, s)}, figure.Span{Text: " \u2002"})
		}
	}
	if line == nil {
		return nil
	}
	b := note(line...)
	return &b
}

func (d *drawing) drawSum(p *figure.Panel, s sum) {
	r := d.sumNear(s)
	p.Height = max(116, 6+answers*d.rowH())
	if r == nil {
		p.Busy, p.SVG = d.t("side.busy"), blank
		return
	}
	p.Table = &figure.Table{Head: []string{d.t("side.th.word"), d.t("side.near." + d.measure())}}
	items := d.nearItems(r, false)
	for i := range items {
		items[i].end = ""
		p.Table.Rows = append(p.Table.Rows, []string{d.shown(items[i].row), items[i].value})
	}
	right := p.Width
	var b svg.Builder
	if x, y, z, ok := s.analogy(); ok && len(items) > 0 {
		if pl, ok := d.plane(x, y, z, items[0].row); ok {
			right -= 164
			pl.draw(&b, p.Width-136, 14, 130, 78)
		}
	}
	d.bars(&b, items[:min(answers, len(items))], 0, 6, right, true)
	p.SVG = b.String()
}

// sumMarks are the words of the sum, the answer, and the arrows between them.
func (d *drawing) sumMarks() (marks []figure.ScatterMark, lines []figure.ScatterLine) {
	s := d.sum()
	if !s.whole() {
		return nil, nil
	}
	for _, t := range s.terms {
		marks = append(marks, figure.ScatterMark{Row: t.row, Kind: "ring", Bold: true})
	}
	r := d.sumNear(s)
	if r == nil || len(r.Rows) == 0 || r.Rows[0] < 0 || r.Rows[0] >= d.n {
		return marks, nil
	}
	answer := r.Rows[0]
	marks = append(marks, figure.ScatterMark{Row: answer, Kind: "cross", Class: "wd-answer", Bold: true})
	from := s.terms[0].row
	if a, b, c, ok := s.analogy(); ok {
		from = a
		lines = append(lines, figure.ScatterLine{Rows: []int{b, c}, Kind: "arrow", Class: "wd-arrow"})
	}
	return marks, append(lines, figure.ScatterLine{Rows: []int{from, answer}, Kind: "arrow", Class: "wd-arrow wd-dash"})
}
