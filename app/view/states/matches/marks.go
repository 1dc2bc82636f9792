package matches

import (
	"fmt"
	"strconv"
	"strings"

	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// marks are the tinted words, and the lines around the matches.
func (p *part) marks(l *places, t *tint, h float64) string {
	var b svg.Builder
	c := p.cols
	if p.Ranged() && c.shared && l.by == byUnits {
		b.Rect(c.start, 0, c.pitch*float64(p.Hi-p.Lo), h*float64(len(l.Rows)), "st-range")
	}
	if t != nil {
		p.ground(&b, l, t, c.left(), 0, c.pitch, h)
	}
	p.gaps(&b, len(l.Rows), h)
	for r := range l.Rows {
		p.words(&b, l, t, r, float64(r)*h)
	}
	for r := range l.Rows {
		p.outline(&b, l, r, float64(r)*h, h)
	}
	return b.String()
}

// grounds keeps the last pictures: they do not change while a threshold is dragged and the next answer is on its way.
var grounds = plot.Memory[still, string]{Size: 8}

// still is all that a picture of rows depends on.
type still struct {
	what   string
	answer *protocol.PlacesResult
	from   int
	units  int
	by     string
	tint   string
	text   *protocol.TracksResult
	cols   columns
	lo, hi int
	dark   bool
	touch  bool
	l      *lang.Catalogue
}

func (p *part) still(l *places, t *tint, what string) still {
	k := still{what: what, answer: l.answer, from: l.from, units: l.units, by: l.by, cols: p.cols, lo: p.Lo, hi: p.Hi, dark: p.in.Dark, touch: p.in.Touch, l: p.l}
	if t != nil {
		k.tint = t.key
		if t.label != nil || what == "heats" {
			k.text = p.in.Tracks()
		}
	}
	return k
}

// ground is the tint of all rows: one picture of numbers, or a path for each label.
func (p *part) ground(b *svg.Builder, l *places, t *tint, x, y, w, h float64) {
	rows, cols := len(l.Rows), p.cols.n()
	if t.colour != nil {
		b.Image(x, y, w*float64(cols), h*float64(rows), plot.Picture(rows, cols, func(r, c int) (plot.RGB, bool) {
			i, ok := l.token(r, c-p.cols.before)
			if !ok {
				return plot.RGB{}, false
			}
			return t.colour(i)
		}), "")
		return
	}
	var paths [categories]strings.Builder
	for r := range rows {
		for c := range cols {
			if i, ok := l.token(r, c-p.cols.before); ok {
				if k := t.label(i); k >= 0 && k < categories {
					fmt.Fprintf(&paths[k], "M%s,%sh%sv%sh-%sz", svg.N(x+float64(c)*w), svg.N(y+float64(r)*h), svg.N(w), svg.N(h), svg.N(w))
				}
			}
		}
	}
	for k := range paths {
		if s := paths[k].String(); s != "" {
			b.Path(s, "st-k"+strconv.Itoa(k+1)+" st-tint")
		}
	}
}

// gaps are the lines of page between the cells.
func (p *part) gaps(b *svg.Builder, rows int, h float64) {
	c := p.cols
	var d strings.Builder
	for r := range rows + 1 {
		fmt.Fprintf(&d, "M%s,%sH%s", svg.N(c.left()), svg.N(float64(r)*h), svg.N(c.right()))
	}
	for i := -c.before; i <= c.after; i++ {
		fmt.Fprintf(&d, "M%s,0V%s", svg.N(c.x(i)), svg.N(float64(rows)*h))
	}
	b.Path(d.String(), "st-gaps")
}

// words are a row's tokens.
func (p *part) words(b *svg.Builder, l *places, t *tint, r int, y float64) {
	w, h := l.Rows[r], p.rowH()
	for c := -p.cols.before; c < p.cols.after; c++ {
		i, ok := l.token(r, c)
		if !ok {
			continue
		}
		k := plot.Token{Text: l.Tokens[i], Anchor: "middle", Max: p.cols.pitch - 2}
		if c < 0 || c >= w.Len {
			k.Class = "i2"
		}
		if t != nil && t.colour != nil {
			if rgb, ok := t.colour(i); ok {
				k.Fill, k.Class = rgb.Ink(), ""
			}
		}
		k.Draw(b, p.cols.x(c)+p.cols.pitch/2, y+h/2+4)
	}
}

// outline is drawn around the match; it is open where the match goes on beyond the picture.
func (p *part) outline(b *svg.Builder, l *places, r int, y, h float64) {
	c := p.cols
	if n := length(l.Rows[r]); n > c.after {
		b.Path(fmt.Sprintf("M%s,%sH%sV%sH%s", svg.N(c.right()), svg.N(y), svg.N(c.start), svg.N(y+h), svg.N(c.right())), "st-run")
	} else {
		b.Rect(c.start, y, c.pitch*float64(n), h, "st-run")
	}
}
