package unit

import (
	"fmt"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

const (
	letterPx = 13
	together = 800 // tokens of the text that are drawn at once
)

// cellW is the width of a token's cell.
func cellW(text string) float64 {
	body, space := plot.Visible(text)
	w := plot.Width(body, letterPx) + 3
	if space {
		w += letterPx * .42
	}
	return max(w, 8)
}

// text is the running text, each token coloured by the unit's value (Karpathy, Johnson and Fei-Fei 2015, arXiv 1506.02078, Fig. 2).
func (p *part) text(u *protocol.CorpusUnitResult) figure.Panel {
	s := p.scale(u)
	f := figure.Panel{ID: "unit-text", Class: "su-full", Title: []figure.Span{{Text: p.t("text", p.Unit)}},
		Names: fmt.Sprintf("%s[%d]", p.src.Name, p.Unit), Label: p.t("text.label", p.Unit), Width: p.w,
		Controls: []figure.Control{{Kind: "number", Key: "unit", Label: p.t("unit"), Value: strconv.Itoa(p.Unit), Max: float64(p.src.Units - 1), Step: 1}}}
	from := p.Now / together * together
	to := min(p.Cols.N, from+together)
	c := p.cells(s, from, to)
	var top svg.Builder
	now := c.at[p.Now-from]
	for _, class := range []string{"selhalo", "sel"} {
		top.Rect(now[0], now[1]+1, now[2], now[3]-2, class)
	}
	f.Under, f.SVG, f.Height = c.marks, top.String(), c.height
	f.HTML = p.textNotes(s, from, to)
	f.Table = &figure.Table{Head: []string{p.t("th.position"), p.t("th.token"), p.t("th.value")}, Make: p.textRows}
	return f
}

// cells are the tokens of the text, coloured: they stay as now moves among them.
type cells struct {
	marks  string
	at     [][4]float64 // x, y, width, height of each
	height float64
}

// drawn is all that they depend on.
type drawn struct {
	x, was      *float32
	l           *lang.Catalogue
	unit, from  int
	w, top      float64
	tanh, touch bool
	dark        bool
}

var known = plot.Memory[drawn, *cells]{Size: 6}

func (p *part) cells(s *shade, from, to int) *cells {
	key := drawn{x: &p.src.X[0], l: p.l, unit: p.Unit, from: from, w: p.w, top: s.top, tanh: p.src.Tanh, touch: p.in.Touch, dark: p.in.Dark}
	if len(p.src.Was) > 0 {
		key.was = &p.src.Was[0]
	}
	return known.Get(key, func() *cells {
		c := &cells{}
		h := 22.
		if p.in.Touch {
			h = 36
		}
		var b svg.Builder
		x, y := 0., 0.
		for t := from; t < to; t++ {
			text := p.in.Run.Tokens[t].Text
			w := min(cellW(text), p.w)
			if x+w > p.w {
				x, y = 0, y+h
			}
			p.cell(&b, s, t, x, y, w, h)
			c.at = append(c.at, [4]float64{x, y, w, h})
			if x += w; strings.Contains(text, "\n") {
				x, y = 0, y+h
			}
		}
		if x > 0 {
			y += h
		}
		s.legend(&b, 0, y+8)
		c.marks, c.height = b.String(), y+20
		return c
	})
}

// scale is the colours of the text and of the places.
func (p *part) scale(u *protocol.CorpusUnitResult) *shade {
	all := [][]float32{p.v}
	if u != nil {
		all = append(all, p.shown(u.HighValues), p.shown(u.LowValues))
	}
	s := p.shade(all...)
	return &s
}

// cell is one token of the text.
func (p *part) cell(b *svg.Builder, s *shade, t int, x, y, w, h float64) {
	v := float64(p.v[t])
	pos := strconv.Itoa(t)
	b.Open("", "data-set", axis.Set(p.in, pos), "data-h", axis.Hover(p.in, pos), "data-tip", p.tip(t, s), "role", "button", "aria-label", pos+": "+s.text(v))
	colour := s.at(v)
	b.Rect(x, y+1, w, h-2, "", "fill", colour.CSS())
	plot.Token{Text: p.in.Run.Tokens[t].Text, Px: letterPx, Anchor: "middle", Max: w, Fill: colour.Ink()}.Draw(b, x+w/2, y+h/2+4.5)
	b.Close()
}

func (p *part) tip(t int, s *shade) string {
	out := p.t("text.tip", plot.OneLine(p.in.Run.Tokens[t].Text), t, s.text(float64(p.v[t])))
	if i := t*p.src.Units + p.Unit; i < len(p.src.Was) {
		was := p.shown(p.src.Was[i : i+1])
		out += "\n" + p.l.T("states.before.value", s.text(float64(was[0])))
	}
	return out
}

func (p *part) textNotes(s *shade, from, to int) (out []figure.Block) {
	if s.far {
		out = append(out, note(p.t("text.far", s.text(s.top))))
	}
	if to-from < p.Cols.N {
		out = append(out, note(p.t("text.some", svg.Count(from), svg.Count(to-1), svg.Count(p.Cols.N))))
	}
	if p.src.Tanh {
		out = append(out, note(p.t("text.tanh")))
	}
	return out
}

func (p *part) textRows() (rows [][]string) {
	s := p.scale(nil)
	for t, k := range p.in.Run.Tokens {
		rows = append(rows, []string{strconv.Itoa(t), plot.OneLine(k.Text), s.text(float64(p.v[t]))})
	}
	return rows
}
