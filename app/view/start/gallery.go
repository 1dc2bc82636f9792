package start

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

const thumbHigh = 70

// gallery is the models that are served with the page.
func (s *scene) gallery() figure.Panel {
	p := figure.Panel{ID: "gallery", Class: "fp-gallery", Title: []figure.Span{{Text: s.t("gallery")}}}
	var b strings.Builder
	b.WriteString(`<div class="fp-cards">`)
	for i := range s.in.Cards {
		s.cardHTML(&b, &s.in.Cards[i])
	}
	b.WriteString(`</div>`)
	p.HTML = []figure.Block{{Kind: "html", HTML: b.String()}}
	return p
}

// thumbWide is the width of a card, as the style sheet lays them out: three beside each other, two where it is narrow.
func (s *scene) thumbWide() float64 {
	w := s.in.Width
	switch {
	case s.wide:
		return (w - ownWide - gutter - 2*galleryGap) / 3
	case w >= 640:
		return (w - 2*galleryGap) / 3
	}
	return (w - 20) / 2
}

func (s *scene) cardHTML(b *strings.Builder, c *figure.Card) {
	attrs := ` data-do="` + svg.Esc(figure.DoModel+c.ID) + `"`
	if c.ID == s.in.State.Model {
		attrs += ` aria-current="true"`
	}
	if !c.Runs {
		attrs = ` aria-disabled="true" data-tip="` + svg.Esc(s.t("not-yet")) + `"`
	}
	b.WriteString(`<button type="button" class="fp-card"` + attrs + `><span class="fp-pic">` + s.thumb(c) + `</span><b>` + svg.Esc(s.words(c.Title)) + `</b><span class="fp-about">`)
	b.WriteString(svg.Esc(s.words(c.About)) + `</span><span class="fp-facts">` + svg.Esc(s.facts(c)) + `</span></button>`)
}

// facts is a card's last line: "LSTM, 2 × 192, 0.51 M, 1.0 MB".
func (s *scene) facts(c *figure.Card) string {
	if !c.Runs {
		return c.Family + ", " + svg.Bytes(c.Bytes) + ". " + s.t("not-yet")
	}
	size := s.t("cells", c.Layers, c.Hidden)
	switch {
	case c.Heads > 0:
		size = s.t("blocks", c.Layers, c.Heads)
	case c.Layers == 0:
		size = s.t("cells", c.Parameters/max(c.Hidden, 1), c.Hidden)
	}
	return s.t("facts", c.Family, size, svg.Short(float64(c.Parameters)), svg.Bytes(c.Bytes))
}

// thumb is the picture that was made of what the model computes on its text.
func (s *scene) thumb(c *figure.Card) string {
	w := s.thumbWide()
	var b svg.Builder
	b.WriteString(`<svg width="` + svg.N(w) + `" height="` + strconv.Itoa(thumbHigh) + `" aria-hidden="true">`)
	t := c.Thumb
	switch {
	case t == nil || !fits(t):
		b.Rect(0, 0, w, thumbHigh, "well")
	case t.Kind == "heads":
		s.heads(&b, t, w)
	case t.Kind == "words":
		s.cloud(&b, t, w)
	case t.Unit >= 0 && t.Unit < t.Shape[1]:
		s.meter(&b, t, w)
	default:
		s.cells(&b, t, w)
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// fits reports whether a thumbnail's data has its shape.
func fits(t *figure.Thumb) bool {
	n := 1
	for _, d := range t.Shape {
		if d <= 0 || n > 1<<24 {
			return false
		}
		n *= d
	}
	return len(t.Data) == n && (t.Kind == "heads" && len(t.Shape) == 4 || t.Kind == "cells" && len(t.Shape) == 2 || t.Kind == "words" && len(t.Shape) == 2 && t.Shape[1] == 2)
}

func value(t *figure.Thumb, i int) float64 { return float64(int8(t.Data[i])) * t.Scale }

// cells shows the 18 units that move most over the text.
func (s *scene) cells(b *svg.Builder, t *figure.Thumb, w float64) {
	n, units := t.Shape[0], t.Shape[1]
	all := make([]int, units)
	moves := make([]float64, units)
	for u := range all {
		all[u] = u
		for i := 1; i < n; i++ {
			moves[u] += math.Abs(value(t, i*units+u) - value(t, (i-1)*units+u))
		}
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(moves[b], moves[a]) })
	rows := all[:min(18, units)]
	slices.Sort(rows)
	var r rms
	for _, u := range rows {
		for i := range n {
			r.add(value(t, i*units+u))
		}
	}
	pal := s.in.Palette()
	b.Image(0, 0, w, thumbHigh, plot.Levels(len(rows), n, &pal.Div, func(i, c int) float64 { return value(t, c*units+rows[i]) / (2.2 * r.value()) }), "")
}

// meter shows the unit that the card names before the others, each line as high as there is room.
func (s *scene) meter(b *svg.Builder, t *figure.Thumb, w float64) {
	n, units := t.Shape[0], t.Shape[1]
	line := func(u int) string {
		y, lo, hi := make([]float32, n), math.Inf(1), math.Inf(-1)
		for i := range y {
			v := value(t, i*units+u)
			y[i], lo, hi = float32(v), min(lo, v), max(hi, v)
		}
		return svg.Polyline(func(i int) float64 { return float64(i) * w / float64(max(n-1, 1)) }, y,
			func(v float64) float64 { return thumbHigh - 4 - (v-lo)/max(hi-lo, 1e-9)*(thumbHigh-8) })
	}
	for u := 0; u < units; u++ {
		if u != t.Unit {
			b.Path(line(u), "fp-other")
		}
	}
	b.Path(line(t.Unit), "fp-unit")
}

// heads shows as many maps of attention as there is room for, a row a block.
func (s *scene) heads(b *svg.Builder, t *figure.Thumb, w float64) {
	layers, heads, n := t.Shape[0], t.Shape[1], t.Shape[2]
	rows := min(3, layers)
	pitch := (thumbHigh + 4.) / 3
	pal := s.in.Palette()
	for r := 0; r < rows; r++ {
		l := r * (layers - 1) / max(rows-1, 1)
		for h := 0; h < heads && float64(h+1)*(pitch+4)-8 <= w; h++ {
			at := (l*heads + h) * n * t.Shape[3]
			b.Image(float64(h)*(pitch+4), float64(r)*pitch, pitch-4, pitch-4, plot.Levels(n, t.Shape[3], &pal.Seq, func(i, j int) float64 {
				return root(value(t, at+i*t.Shape[3]+j))
			}), "")
		}
	}
}

// cloud shows words where PCA puts them, far ones drawn nearer.
func (s *scene) cloud(b *svg.Builder, t *figure.Thumb, w float64) {
	xy := make([]float32, len(t.Data))
	for i := range xy {
		xy[i] = float32(value(t, i))
	}
	x, y := axis(xy, 0, 3, w-6), axis(xy, 1, 3, thumbHigh-6)
	var path strings.Builder
	for i := 0; i < len(xy); i += 2 {
		path.WriteString("M" + svg.N(x(xy[i])) + "," + svg.N(y(xy[i+1])) + "h0")
	}
	b.Path(path.String(), "fp-dots")
}
