package prediction

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

const (
	top   = 50 // of the first row
	inset = 8  // above the rows that stand apart
)

// bars is the main panel.
func (v *view) bars() figure.Panel {
	p := figure.Panel{ID: "bars", Class: "pd-bars", Title: []figure.Span{{Text: v.t("title")}}, Width: v.width,
		Names: "logits [" + strconv.Itoa(len(v.in.Run.Tokens)) + ", " + strconv.Itoa(v.in.Model.Vocab) + "]", Controls: v.controls()}
	if v.p == nil {
		p.Busy, p.Height = v.t("busy"), top
		return p
	}
	c := v.columns()
	var b svg.Builder
	rows := slices.Concat(v.p.Rows, v.apart)
	end := v.y(&c, len(rows))
	v.heads(&b, &c, end)
	for i, r := range rows {
		v.row(&b, &c, v.y(&c, i), r)
	}
	if len(v.apart) > 0 {
		y := v.y(&c, len(v.p.Rows)) - inset/2
		b.Line(18, y, c.end, y, "ax", "stroke-dasharray", "1 3")
	}
	v.cuts(&b, &c)
	v.rest(&b, &c, end)
	v.hidden(&b, end, &p)
	p.SVG, p.Height = b.String(), end+24
	p.Label, p.Table = figure.Plain(v.reading()), v.table(rows)
	p.HTML = v.foundBlock()
	return p
}

func (v *view) controls() []figure.Control {
	scale := "linear"
	if v.log {
		scale = "log"
	}
	most := min(maxRows, max(v.in.Model.Vocab, 1))
	return []figure.Control{
		{Kind: "field", Key: "o.prediction.find", Label: v.t("find"), Value: v.find},
		{Kind: "number", Key: "o.prediction.rows", Label: v.t("rows"), Value: strconv.Itoa(v.rows()), Min: 1, Max: float64(most), Step: 1},
		{Kind: "radio", Key: "o.prediction.scale", Label: v.t("scale"), Value: scale,
			Options: []figure.Option{{Value: "linear", Label: v.t("linear")}, {Value: "log", Label: v.t("log")}}},
	}
}

// heads draws what stands above the rows, and the axes behind them.
func (v *view) heads(b *svg.Builder, c *columns, end float64) {
	head := func(x float64, title, sub string) {
		b.Text(x, 11, title, "s11 i2")
		b.Text(x, 25, sub, "s11 i3")
	}
	sum := "W h"
	if v.p.HasBias {
		sum = "W h + b"
	}
	head(-1, "h", strconv.Itoa(len(v.p.Hidden)))
	head(c.logit, v.t("logit"), sum)
	head(c.p, v.t("probability"), "softmax")
	if c.small {
		head(c.q, v.t("sampled"), "T "+svg.Fixed(v.in.State.Sampling.T, 2))
	} else {
		head(c.q, v.t("sampled-from"), v.sampling())
	}
	for _, z := range plot.Ticks(c.z0, c.z1, c.steps()) {
		x := c.zx(z)
		b.Line(x, top-4, x, end, "ax")
		b.Text(x, top-9, svg.Fixed(z, plot.Decimals(c.z1-c.z0, c.steps())), "s10 i3 mid")
	}
	for _, p := range c.ticks() {
		for _, x := range []float64{c.p, c.q} {
			if l := c.len(p); l > 1 {
				b.Line(x+l, top-4, x+l, end, "ax")
				b.Text(x+l, top-9, tickLabel(p), "s10 i3 mid")
			}
		}
	}
	b.Line(c.p, top-4, c.p, end+20, "ax2")
	b.Line(c.q, top-4, c.q, end+20, "ax2")
}

// sampling names what is set: "T 0.80, top-p 0.95".
func (v *view) sampling() string {
	s := v.in.State.Sampling
	out := "T " + svg.Fixed(s.T, 2)
	for _, k := range v.cutList() {
		if k.set {
			out += ", " + k.name
		}
	}
	return out
}

// rest draws the tokens that are not listed as one bar.
func (v *view) rest(b *svg.Builder, c *columns, y float64) {
	n, p := v.others()
	if n <= 0 {
		return
	}
	b.Text(c.token+2, y+15, v.t("others", svg.Count(n)), "s11 i3")
	l := c.len(p)
	if l > c.bar { // longer than the axis: a bar that is broken before its end
		l = c.bar
		b.Rect(c.p+l-6, y+5, 6, 11, "barsoft")
		b.Rect(c.p, y+5, l-9, 11, "barsoft")
	} else {
		b.HBar(c.p, y+5, l, 11, "barsoft")
	}
	b.Text(c.p+l+6, y+15, svg.Percent(p), "s11 i3")
}

// hidden draws h as a strip beside the rows. A strip with more units than pixels shows the largest of each pixel.
func (v *view) hidden(b *svg.Builder, end float64, p *figure.Panel) {
	h := v.p.Hidden
	n := min(len(h), int(end-top))
	if n == 0 {
		return
	}
	unit := make([]int, n)
	var sum float64
	for r := range unit {
		unit[r] = r * len(h) / n
		for i := unit[r]; i < (r+1)*len(h)/n; i++ {
			if abs(h[i]) > abs(h[unit[r]]) {
				unit[r] = i
			}
		}
	}
	for _, x := range h {
		sum += float64(x) * float64(x)
	}
	scale, pal := 2.5*math.Sqrt(sum/float64(len(h))), v.in.Palette()
	if scale == 0 {
		scale = 1
	}
	href := plot.Picture(n, 1, func(r, _ int) (plot.RGB, bool) { return pal.Div.At(float64(h[unit[r]]) / scale), true })
	grid := []string{"data-grid", "bars " + strconv.Itoa(n) + " 1"}
	if n == len(h) {
		grid = append(grid, "data-set", "unit={r}")
	}
	b.Image(0, top, 9, end-top, href, "", grid...)
	b.Rect(0, top, 9, end-top, "none pd-frame")
	p.Tip = func(row, _ int) string {
		if row < 0 || row >= n {
			return ""
		}
		return v.t("tip.hidden", unit[row], svg.Signed(float64(h[unit[row]]), 3))
	}
}

func abs(x float32) float64 { return math.Abs(float64(x)) }
