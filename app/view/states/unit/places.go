package unit

import (
	"fmt"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

const (
	strongest = 8 // places of each kind
	before    = 48
	after     = 32 // tokens around a place: what does not fit is not drawn
	bins      = 40
)

// unit is what the corpus says of the unit, or nil while it is not known or where only bits are kept.
func (p *part) unit() *protocol.CorpusUnitResult {
	if !p.ready() || p.bits() {
		return nil
	}
	u, _ := p.in.CorpusUnit(protocol.CorpusUnit{Corpus: p.c.Info.ID, Upto: p.c.Settled, Unit: p.Unit, N: strongest, Left: before, Right: after, Bins: bins})
	return u
}

// places are the strongest places of the corpus: the highest and the lowest, each a line of text that is aligned there.
func (p *part) places(u *protocol.CorpusUnitResult) figure.Panel {
	f := figure.Panel{ID: "unit-places", Class: "su-full", Title: []figure.Span{{Text: p.t("places", p.Unit)}}, Names: p.names(false),
		Label: p.t("places.label", p.Unit), Width: p.w, Controls: p.needsText()}
	if text := p.corpusNote(); text != "" {
		f.HTML = append(f.HTML, note(text))
	}
	if p.bits() {
		f.HTML = append(f.HTML, note(p.t("places.bits")))
	}
	if u == nil {
		if p.ready() && !p.bits() {
			f.Busy = p.t("busy")
		}
		return f
	}
	f.Table = &figure.Table{Head: []string{p.t("th.position"), p.t("th.document"), p.t("th.value"), p.t("th.text")}}
	var b svg.Builder
	s := p.scale(u)
	if w := p.span(2); p.side > 1 && p.w >= 900 {
		f.Height = p.list(&b, f.Table, &u.High, u.HighValues, s, "places.high", 0, 0, w)
		f.Height = max(f.Height, p.list(&b, f.Table, &u.Low, u.LowValues, s, "places.low", w+gap, 0, w))
	} else {
		f.Height = p.list(&b, f.Table, &u.High, u.HighValues, s, "places.high", 0, 0, p.w)
		f.Height = p.list(&b, f.Table, &u.Low, u.LowValues, s, "places.low", 0, f.Height+10, p.w)
	}
	f.SVG = b.String()
	return f
}

// list draws the places of one kind, w wide, and returns where it ends.
func (p *part) list(b *svg.Builder, table *figure.Table, r *protocol.PlacesResult, values []float32, s *shade, title string, x, y, w float64) float64 {
	b.Text(x, y+14, p.t(title), "s11 i3")
	y += 20
	values, from := p.shown(values), 0
	for i, k := range r.Rows {
		n := k.Left + k.Len + k.Right
		if k.Len < 1 || from+n > len(values) || from+n > len(r.Tokens) || i >= len(r.Documents) {
			break
		}
		row := line{tokens: r.Tokens[from : from+n], v: values[from : from+n], at: k.Left}
		at := s.text(float64(row.v[row.at]))
		b.Open("", "data-do", fmt.Sprintf("%s%d %d", figure.DoGo, k.Pos, k.Len), "role", "button",
			"data-tip", p.t("places.tip", r.Documents[i], svg.Count(k.Pos), at), "aria-label", p.t("places.tip", r.Documents[i], svg.Count(k.Pos), at))
		b.Rect(x, y, w, p.rowH()+2, "su-hit")
		b.Text(x+40, y+p.rowH()/2+5, at, "s11 end i2")
		row.draw(b, s, x+48, y, w-48, p.rowH()+2)
		b.Close()
		table.Rows = append(table.Rows, []string{svg.Count(k.Pos), r.Documents[i], at, row.text()})
		y += p.rowH() + 2
		from += n
	}
	return y
}

// line is a stretch of text that is aligned at one of its tokens.
type line struct {
	tokens []string
	v      []float32
	at     int
}

// draw draws as much of the line as fits, with its token at three fifths of the width.
func (l *line) draw(b *svg.Builder, s *shade, x, y, w, h float64) {
	middle := cellW(l.tokens[l.at])
	here := x + min(w*.6, w-middle)
	cell := func(i int, x, w float64) {
		colour := s.at(float64(l.v[i]))
		b.Rect(x, y+1, w, h-2, "", "fill", colour.CSS())
		plot.Token{Text: l.tokens[i], Px: letterPx, Anchor: "middle", Max: w, Fill: colour.Ink()}.Draw(b, x+w/2, y+h/2+4.5)
	}
	cell(l.at, here, min(middle, x+w-here))
	for i, left := l.at-1, here; i >= 0; i-- {
		if left -= cellW(l.tokens[i]); left < x {
			break
		}
		cell(i, left, cellW(l.tokens[i]))
	}
	for i, right := l.at+1, here+middle; i < len(l.tokens); i++ {
		k := cellW(l.tokens[i])
		if right+k > x+w {
			break
		}
		cell(i, right, k)
		right += k
	}
	b.Rect(here, y+1, min(middle, x+w-here), h-2, "su-here")
}

// text is the line as plain text, its token in brackets.
func (l *line) text() string {
	return inLine.Replace(strings.Join(l.tokens[:l.at], "") + "[" + l.tokens[l.at] + "]" + strings.Join(l.tokens[l.at+1:], ""))
}

var inLine = strings.NewReplacer("\n", "⏎", "\t", "⇥", "\r", "␍")
