package start

import (
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

const (
	mostRows = 64
	mostCols = 56
	leastCol = 11.
)

// source is the activation that the picture shows: the last layer's cell, or what comes nearest to it; the words' own vectors, where
// there are no layers.
func (s *scene) source() string {
	for _, end := range []string{".hidden", ".cell", ".resid_post", "embed"} {
		for _, a := range slices.Backward(s.in.Model.Acts) {
			if strings.HasSuffix(a.Name, end) && len(a.Inner) == 1 {
				return a.Name
			}
		}
	}
	return ""
}

// composition is the units of the last layer over the text, a row a unit, the steadiest on top.
func (s *scene) composition(b *svg.Builder, at place, p *figure.Panel) {
	name, title := s.source(), s.t("composition")
	if s.in.Model.Layers == 0 {
		title = s.t("vectors")
	}
	kind := name[strings.LastIndexByte(name, '.')+1:]
	a := (*protocol.Array)(nil)
	if name != "" {
		a = s.in.Activation(protocol.Activation{Name: name, To: -1, Index: -1})
	}
	if a == nil || len(a.Shape) != 2 || a.Shape[0] < s.n || a.Shape[1] == 0 {
		s.head(b, at, title, "", s.inside())
		return
	}
	from, to := s.window(at.w)
	series := pick(a, from, to)
	call := callout(series)
	rows := order(series, mostRows, call.unit)
	sub := s.t("composition."+kind, len(rows), a.Shape[1])
	if len(rows) == a.Shape[1] {
		sub = s.t("composition."+kind+".all", a.Shape[1])
	}
	s.head(b, at, title, sub, s.inside())
	n, top := to-from, at.y+60
	high, pitch := at.h-60, at.w/float64(n)
	drawn := make([][]float64, len(rows))
	for i, u := range rows {
		drawn[i] = series[u]
	}
	limit := plot.Limit(drawn...)
	var r rms
	for _, x := range slices.Concat(drawn...) {
		r.add(min(limit, max(-limit, x)))
	}
	pal := s.in.Palette()
	b.Image(at.x, top, at.w, high, plot.Levels(len(rows), n, &pal.Div, func(i, c int) float64 { return series[rows[i]][c] / (2.4 * r.value()) }),
		"fp-map", "data-grid", "live "+strconv.Itoa(len(rows))+" "+strconv.Itoa(n), "data-set", s.columnSet(from, n))
	p.Tip = func(i, c int) string {
		if i < 0 || i >= len(rows) || c < 0 || c >= n {
			return ""
		}
		return s.t("tip.cell", rows[i], shown(s.in.Run.Tokens[from+c].Text), svg.Signed(series[rows[i]][c], 2))
	}
	for i := from; i < to; i++ {
		class := "i2"
		if i == s.at {
			class = "b inow"
		}
		plot.Token{Text: s.in.Run.Tokens[i].Text, Px: 13, Anchor: "middle", Max: pitch - 1, Class: class}.Draw(b, at.x+(float64(i-from)+.5)*pitch, top-7)
	}
	x := at.x + float64(s.at-from)*pitch
	b.Rect(x-.5, top-1, pitch+1, high+2, "selhalo", "pointer-events", "none")
	b.Rect(x-.5, top-1, pitch+1, high+2, "sel", "pointer-events", "none")
	s.say(b, call, rows, place{at.x, top, at.w, high}, pitch, from)
}
