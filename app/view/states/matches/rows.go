package matches

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// found are the panels of the list: its rows, and a small picture for each thing that can tint them.
func (p *part) found() []figure.Panel {
	f := figure.Panel{ID: "matches", Class: "st-matches", Title: p.title(), Controls: p.looks()}
	l := p.ask()
	if l == nil || len(l.Rows) == 0 {
		f.HTML = p.nothing(l)
		if l == nil && p.waits() {
			f.Busy = "…"
		}
		return []figure.Panel{f}
	}
	f.Names = p.count(l)
	if !l.fresh {
		f.Busy = "…"
	}
	all := p.tints(l)
	p.draw(&f, l, all)
	f.Table = p.table(l, all)
	f.HTML = append(f.HTML, p.pages(l), p.notes(l, p.chosen(all)))
	return append([]figure.Panel{f}, p.heats(l, all)...)
}

// waits reports whether something was asked and is not answered yet.
func (p *part) waits() bool {
	switch {
	case !p.ready() || p.refused:
		return false
	case p.by() == byUnits:
		return len(p.Units) > 0
	}
	return p.by() == byPhrase || !p.bits()
}

func (p *part) title() []figure.Span {
	switch by := p.by(); by {
	case byPhrase:
		return []figure.Span{{Text: p.t("title.phrase", plot.Fit(p.opt("find"), 240, 13))}}
	case byUnits:
		return []figure.Span{{Text: p.t("title.units")}}
	default:
		return figure.Sentence(p.t("title.near"), map[string]figure.Span{"a": {Text: p.in.Run.Tokens[p.Now].Text, Token: true, H: "t" + strconv.Itoa(p.Now)},
			"b": {Text: p.Sources[0].Name}})
	}
}

// looks are what is looked for, and how.
func (p *part) looks() []figure.Control {
	near := ""
	if p.bits() {
		near = p.t("by.bits")
	}
	if p.by() == byPhrase {
		return []figure.Control{{Kind: "button", Key: "o.states.m.find=", Label: p.t("find.clear")}}
	}
	out := []figure.Control{{Kind: "radio", Key: "o.states.m.by", Label: p.t("by"), Value: p.by(), Options: []figure.Option{
		{Value: byUnits, Label: p.t("by.units")}, {Value: byCosine, Label: p.t("by.cosine"), Disabled: near}, {Value: byEuclid, Label: p.t("by.euclidean"), Disabled: near}}}}
	if p.by() == byUnits {
		out = append(out,
			figure.Control{Kind: "number", Key: "o.states.m.least", Label: p.t("least"), Value: strconv.Itoa(p.least()), Min: 1, Max: 99, Step: 1, Tip: p.t("least.tip")},
			p.toggle("strict"), p.toggle("across"))
	}
	return out
}

// toggle is a switch of the state.
func (p *part) toggle(key string) figure.Control {
	return figure.Control{Kind: "switch", Key: "o.states.m." + key, Label: p.t(key), Value: p.opt(key), Tip: p.t(key + ".tip")}
}

// Of a row's place in the picture.
const (
	rowH   = 20
	touchH = 24
)

func (p *part) rowH() float64 {
	if p.in.Touch {
		return touchH
	}
	return rowH
}

// draw puts the rows under each other, each match beginning at the same column.
func (p *part) draw(f *figure.Panel, l *places, all []tint) {
	var b, side svg.Builder
	h, c := p.rowH(), p.cols
	high := h * float64(len(l.Rows))
	f.Width, f.Height, f.SideW, f.NowX = c.right(), high+2, p.Cols.Left, c.start
	f.Label = p.t("label", len(l.Rows))
	f.Under = grounds.Get(p.still(l, p.chosen(all), "rows"), func() string { return p.marks(l, p.chosen(all), h) })
	for r := range l.Rows {
		p.name(&side, l, r, float64(r)*h, h)
	}
	light := "m{r}"
	if c.shared && l.by == byUnits && c.before == p.Lo {
		light = "t{c}"
	}
	b.Rect(c.left(), 0, c.pitch*float64(c.n()), high, "st-hit", "data-grid", fmt.Sprintf("matches %d %d", len(l.Rows), c.n()), "data-do", figure.DoGo, "data-h", light)
	f.SVG, f.Side = b.String(), side.String()
	f.Tip = func(row, col int) string { return p.tip(l, all, row, col-c.before) }
	f.Do = func(row, _ int) string {
		if row >= len(l.Rows) {
			return ""
		}
		return goTo(l.Rows[row])
	}
}

// name says where a row stands: its document and the position in the corpus, or how near it is. A click goes there.
func (p *part) name(b *svg.Builder, l *places, r int, y, h float64) {
	w := l.Rows[r]
	at := svg.Count(w.Pos)
	first := ""
	switch l.by {
	case byCosine, byEuclid:
		first = svg.Fixed(w.Score, 3)
	default:
		if p.c.Info.Documents > 1 {
			first = fit(p.brief(l.document(r)), p.Cols.Left-24-plot.Width(at, 11))
		}
	}
	b.Open("", "data-do", goTo(w), "data-h", "m"+strconv.Itoa(r), "data-tip", p.where(l, r), "role", "button", "aria-label", p.where(l, r))
	b.Rect(0, y, p.Cols.Left-4, h, "st-hit")
	if first != "" {
		at = first + " · " + at
	}
	b.Text(p.Cols.Left-10, y+h/2+4, at, "s11 i3 end")
	b.Close()
}

// fit cuts a name to a width; a number at its end, which may be all that tells it from others, stays.
func fit(name string, w float64) string {
	head := strings.TrimRightFunc(name, unicode.IsDigit)
	number := name[len(head):]
	if plot.Width(name, 11) <= w || number == "" {
		return plot.Fit(name, w, 11)
	}
	return plot.Fit(head, w-plot.Width(number, 11)-3, 11) + " " + number
}

// brief is a document's name without that of the corpus, which all have: "book.jsonl 12" is "12".
func (p *part) brief(name string) string {
	if s := strings.TrimLeft(strings.TrimPrefix(name, p.c.Info.Name), " #:"); s != "" {
		return s
	}
	return name
}

// where is a row's place in words.
func (p *part) where(l *places, r int) string {
	w := l.Rows[r]
	s := p.t("where", l.document(r), svg.Count(w.Pos), length(w))
	switch l.by {
	case byUnits:
		s += "\n" + p.t("shared", w.Both, l.units)
		if w.Any > l.units {
			s += p.t("others", w.Any-l.units)
		}
	case byCosine, byEuclid:
		s += "\n" + p.t("score."+l.by, svg.Fixed(w.Score, 4))
	}
	return s + "\n" + p.t("go")
}

// tip is a token of a row in words.
func (p *part) tip(l *places, all []tint, r, c int) string {
	if r >= len(l.Rows) {
		return ""
	}
	i, ok := l.token(r, c)
	if !ok {
		return ""
	}
	s := "“" + plot.OneLine(l.Tokens[i]) + "”"
	for _, t := range all {
		if v := t.value(i); v != "" {
			s += "\n" + t.title + ": " + v
		}
	}
	return s + "\n" + p.where(l, r)
}
