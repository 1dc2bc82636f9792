package whatif

import (
	"fmt"
	"math"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// Heights of the picture of two targets.
const (
	wasY     = 14. // baselines of the words
	nowY     = 32.
	pBase    = 72. // of the probabilities
	pHigh    = 30.
	sumY     = 98. // where a change of log p is 0
	sumHigh  = 14.
	bitsBase = 146. // of the entropies
	bitsHigh = 20.
	farBase  = 184. // of how far the decoder's states moved
	farHigh  = 20.
	sumWide  = 66 // room at the right for the sum, and for a scale
)

// panel draws two targets: their words, how likely and how sure each was, how far the states moved, and the attention, of both, one above the other, or
// the difference. Colour goes with the root of a weight or difference, so that small ones are seen.
func (v *versus) panel(p figure.Panel) figure.Panel {
	l := v.s.In.L
	v.left, v.pitch = v.s.Cols.Left, 30
	for _, n := range append(append([]protocol.Node{}, v.was.path...), v.now.path...) {
		v.pitch = max(v.pitch, min(96, plot.Width(plot.OneLine(n.Text), 12)+10))
	}
	v.cell = min(15, max(5, 210/float64(max(1, len(v.source)))))
	var b, margin svg.Builder
	label := func(y float64, text string) { margin.Text(0, y, plot.Fit(text, v.left-6, 11), "s11 i2") }
	label(wasY, v.was.name)
	label(nowY, v.now.name)
	label(pBase, "p")
	label(sumY+4, "Δ log p")
	label(bitsBase, l.T("tr.fact.entropy"))
	v.bars(&b)
	v.sums(&b)
	y := bitsBase + 14
	if moved := v.moved(); moved != nil {
		label(farBase, l.T("effect.far"))
		v.far(&b, moved)
		y = farBase + 14
	}
	p.Class, p.Column, p.SideW = scene.Main, scene.Main, v.left-4
	p.Height, p.Width, p.Label, p.Table = v.attention(&b, &margin, p.ID, y), v.right()+sumWide, figure.Plain(p.Title), v.table()
	p.SVG, p.Side, p.Tip = b.String(), margin.String(), v.tip
	if scene.Half(v.s.In, p.Width) {
		p.Class += " half"
	}
	return p
}

func (v *versus) x(i int) float64 { return v.left + (float64(i)+.5)*v.pitch }

func (v *versus) right() float64 { return v.left + v.pitch*float64(len(v.words)) }

// bars are both targets, aligned, with the probability of each word and the entropy of the prediction that it was of: pale in the one, dark in the other.
func (v *versus) bars(b *svg.Builder) {
	top := 1.
	for i := range v.words {
		for _, d := range []*side{&v.was, &v.now} {
			if e := d.entropy(v.words[i]); e == e {
				top = max(top, e)
			}
		}
	}
	for i, w := range v.words {
		x := v.x(i)
		text := func(n protocol.Node, y float64, class string) {
			plot.Token{Text: n.Text, Px: 12, Anchor: "middle", Max: v.pitch - 4, Class: class}.Draw(b, x, y)
		}
		bar := func(dx, base, high float64, class string) { b.Rect(x+dx, base-high, 8, max(high, .8), class) }
		b.Open("", append(v.link("t", w, 1), "data-tip", pairTip(v.s, v.was.path, v.now.path, w)+v.sure(w))...)
		b.Rect(x-v.pitch/2, 0, v.pitch, bitsBase, "hit")
		class := "i2"
		if !w.Same {
			class = "b"
			b.Line(x-v.pitch/2+4, nowY+5, x+v.pitch/2-4, nowY+5, "differ")
		}
		if w.A >= 0 {
			text(v.was.path[w.A], wasY, "i3")
			bar(-9, pBase, pHigh*math.Exp(v.was.path[w.A].LogP), "before")
		}
		if w.B >= 0 {
			text(v.now.path[w.B], nowY, class)
			bar(1, pBase, pHigh*math.Exp(v.now.path[w.B].LogP), "bar")
		}
		if e := v.was.entropy(w); e == e {
			bar(-9, bitsBase, bitsHigh*e/top, "before")
		}
		if e := v.now.entropy(w); e == e {
			bar(1, bitsBase, bitsHigh*e/top, "bar")
		}
		b.Close()
	}
	for _, y := range []float64{pBase, bitsBase} {
		b.Line(v.left, y+.5, v.right(), y+.5, "ax2")
	}
	b.Text(v.right()+6, bitsBase-bitsHigh+8, "≤ "+svg.Fixed(top, 1), "s10 i3")
}

// sure says by how much log p changed, and how sure the model was.
func (v *versus) sure(w scene.Pair) string {
	l := v.s.In.L
	tip := "\n" + l.T("versus.change", svg.Signed(v.change(w), 3))
	if was, now := v.was.entropy(w), v.now.entropy(w); was == was && now == now {
		tip += "\n" + l.T("versus.entropy", svg.Fixed(was, 2), svg.Fixed(now, 2))
	}
	return tip
}

// sums is by how much each word changes log p, up or down, and their sum.
func (v *versus) sums(b *svg.Builder) {
	top, sum := .5, 0.
	for _, w := range v.words {
		d := v.change(w)
		top, sum = max(top, math.Abs(d)), sum+d
	}
	b.Line(v.left, sumY+.5, v.right(), sumY+.5, "ax2")
	for i, w := range v.words {
		d := v.change(w)
		h, x := sumHigh*math.Abs(d)/top, v.x(i)
		if h < .5 {
			continue
		}
		y, text, class := sumY-h, sumY-h-2, "up"
		if d < 0 {
			y, text, class = sumY+1, sumY+h+10, "down"
		}
		b.Rect(x-4, y, 8, h, class)
		if math.Abs(d) >= .05 {
			b.Text(x, text, svg.Signed(d, 1), "s10 i2 mid")
		}
	}
	b.Text(v.right()+6, sumY+4, "Σ "+svg.Signed(sum, 2), "s11 b", "data-tip", v.s.In.L.T("versus.sum"))
}

// far is how far the decoder's state of each aligned word moved: 1 - cosine, drawn up to 1.
func (v *versus) far(b *svg.Builder, moved []float64) {
	for i, d := range moved {
		if d != d {
			continue
		}
		h, x := farHigh*min(d, 1), v.x(i)
		b.Open("", "data-tip", v.s.In.L.T("effect.far.tip", v.s.Seq.Decoder, svg.Fixed(d, 4)))
		b.Rect(x-v.pitch/2, bitsBase+2, v.pitch, farBase-bitsBase, "hit")
		b.Rect(x-4, farBase-h, 8, max(h, .8), "bar")
		if d >= .005 {
			b.Text(x, farBase-h-2, svg.Fixed(d, 2), "s10 i2 mid")
		}
		b.Close()
	}
	b.Line(v.left, farBase+.5, v.right(), farBase+.5, "ax2")
}

// attention is the picture or pictures from y down; it returns where they end.
func (v *versus) attention(b, margin *svg.Builder, id string, y float64) float64 {
	n := len(v.source)
	if v.was.looks == nil || v.now.looks == nil || n == 0 {
		return y
	}
	h, pal := v.cell*float64(n), v.s.In.Palette()
	show := func(scale *plot.Scale, d *side, at func(j, i int) float64) {
		v.gaps(b, y, at)
		b.Image(v.left, y, v.right()-v.left, h, plot.Levels(n, len(v.words), scale, at), "cells", "data-grid", fmt.Sprintf("%s %d %d", id, n, len(v.words)))
		for j := range v.source {
			v.token(margin, j, y, d)
		}
	}
	if !both(v.s) {
		show(&pal.Div, nil, func(j, i int) float64 {
			d := v.difference(j, i)
			return math.Copysign(math.Sqrt(math.Abs(d)/v.top), d)
		})
		v.legend(b, y, h, &pal.Div, "+"+svg.Fixed(v.top, 2), "−"+svg.Fixed(v.top, 2), -1)
		return y + h + 4
	}
	for _, d := range []*side{&v.was, &v.now} {
		show(&pal.Seq, d, func(j, i int) float64 { return math.Sqrt(d.weight(v.words[i], v.source[j])) })
		b.Text(v.right()+6, y+9, plot.Fit(d.name, sumWide-6, 11), "s11 i2")
		v.legend(b, y+16, h-16, &pal.Seq, "1", "0", 0)
		y += h + 10
	}
	return y
}

// gaps hatches the cells that have no value: the word or the token has no counterpart.
func (v *versus) gaps(b *svg.Builder, y float64, at func(j, i int) float64) {
	const apart = 6.
	var d strings.Builder
	none := func(j, i int) bool { x := at(j, i); return x != x }
	for j := range v.source {
		for i := 0; i < len(v.words); i++ {
			from := i
			for i < len(v.words) && none(j, i) {
				i++
			}
			wide, base := v.pitch*float64(i-from), y+v.cell*float64(j+1)
			for k := apart - v.cell; k < wide; k += apart { // each line goes up to the right, and ends at the edges
				x0, x1 := max(k, 0), min(k+v.cell, wide)
				d.WriteString("M" + svg.N(v.left+v.pitch*float64(from)+x0) + "," + svg.N(base-x0+k) + "L" + svg.N(v.left+v.pitch*float64(from)+x1) + "," + svg.N(base-x1+k))
			}
		}
	}
	b.Path(d.String(), "tr-gap")
}

// token writes a token of the source at its row: of the difference bold where it is new or stands in another's place, and pale where it is gone; of one
// target's attention that target's own, if it has one.
func (v *versus) token(margin *svg.Builder, j int, y float64, d *side) {
	if v.cell < 9 {
		return
	}
	k, of, class := v.source[j], d, "s10 i2 end"
	if d == nil {
		of = &v.now
		switch {
		case k.B < 0:
			of, class = &v.was, "s10 i3 end"
		case !k.Same:
			class = "s10 b end"
		}
	}
	attrs := append(v.link("s", k, 0), "data-tip", title(v.from, v.into, k))
	if token := of.of(k); token >= 0 {
		margin.Text(v.left-8, y+v.cell*(float64(j)+.5)+3.5, plot.Fit(plot.OneLine(of.t.Source[token].Text), v.left-10, 10), class, attrs...)
	}
}

// legend is a scale of colours, from the top down.
func (v *versus) legend(b *svg.Builder, y, h float64, scale *plot.Scale, top, bottom string, low float64) {
	const steps = 24
	x, h := v.right()+6, min(h, 64)
	b.Image(x, y, 7, h, plot.Levels(steps, 1, scale, func(r, _ int) float64 { return 1 - (1-low)*float64(r)/(steps-1) }), "cells")
	b.Text(x+11, y+8, top, "s10 i3")
	b.Text(x+11, y+h, bottom, "s10 i3")
}

// table is both targets as numbers.
func (v *versus) table() *figure.Table {
	l := v.s.In.L
	t := &figure.Table{Head: []string{v.was.name, v.now.name}}
	for _, what := range []string{"p", "log p", l.T("tr.th.entropy")} {
		t.Head = append(t.Head, what+" "+v.was.name, what+" "+v.now.name)
	}
	t.Head = append(t.Head, "Δ log p", "1 − cos")
	for _, k := range v.source {
		t.Head = append(t.Head, "Δ "+title(v.from, v.into, k))
	}
	number := func(x float64) string {
		if x != x {
			return ""
		}
		return svg.Fixed(x, 4)
	}
	moved := v.moved()
	for i, w := range v.words {
		row := make([]string, 8, len(t.Head))
		for n, d := range []*side{&v.was, &v.now} {
			if word := d.of(w); word >= 0 {
				k := d.path[word]
				row[n], row[2+n], row[4+n], row[6+n] = plot.OneLine(k.Text), number(math.Exp(k.LogP)), number(k.LogP), number(d.entropy(w))
			}
		}
		row = append(row, number(v.change(w)), "")
		if moved != nil {
			row[9] = number(moved[i])
		}
		for j := range v.source {
			row = append(row, number(v.difference(j, i)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
