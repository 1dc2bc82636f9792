package prediction

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

const (
	top   = 50 // of the first row
	inset = 8  // above the rows that stand apart
)

// columns are where the parts of a row stand.
type columns struct {
	rank, token, logit, logitEnd, p, q, end float64
	bar                                     float64 // the length of the longest bar
	row                                     float64 // a row's height
	small                                   bool
	z0, z1                                  float64 // logits at the ends of their axis
	p0, p1                                  float64 // of the probability axes: its end and, on the log scale, its begin
	log                                     bool
}

func (v *view) columns() columns {
	w := v.width
	c := columns{rank: 18 + v.rankWidth(), end: w, row: 21, log: v.log, small: w < 560}
	c.token = c.rank + 10
	if v.in.Touch {
		c.row = 24
	}
	number := 54. // room for a number behind a bar
	switch {
	case c.small:
		number = 46
		c.logit = max(106, c.token+58)
		c.logitEnd = c.logit + 60
		c.p = c.logitEnd + 14
	default:
		c.logit = c.token + v.nameWidth(.2*w) + 18
		c.logitEnd = c.logit + .2*w
		c.p = c.logitEnd + 32
	}
	gap := 20.
	if c.small {
		gap = 4
	}
	c.q = c.p + (w-c.p+gap)/2
	c.bar = w - c.q - number
	c.scales(slices.Concat(v.p.Rows, v.apart))
	return c
}

// rankWidth is what the largest rank needs.
func (v *view) rankWidth() float64 {
	most := len(v.p.Rows)
	for _, r := range v.apart {
		most = max(most, r.Rank+1)
	}
	return max(16, plot.Width(svg.Count(most), 11))
}

// nameWidth is what the tokens need, and what is said behind them.
func (v *view) nameWidth(most float64) float64 {
	wide := 0.
	for _, r := range slices.Concat(v.p.Rows, v.apart) {
		wide = max(wide, plot.Width(shown(r.Text), 13))
	}
	return min(most, max(90, wide+v.noteWidth()))
}

// noteWidth is the room for what stands behind a token.
func (v *view) noteWidth() float64 {
	w := plot.Width(v.t("use"), 11)
	if v.p.Actual != nil {
		w = max(w, plot.Width(v.t("in-text"), 11))
	}
	return w + 8
}

// scales fits the axes to the rows.
func (c *columns) scales(rows []protocol.Row) {
	c.z0, c.z1, c.p0 = math.Inf(1), math.Inf(-1), 1
	for _, r := range rows {
		z := float64(r.Logit)
		c.z0, c.z1 = min(c.z0, z, z-float64(r.Bias)), max(c.z1, z, z-float64(r.Bias))
		c.p1 = max(c.p1, float64(r.P), float64(r.Sampled), float64(r.Before))
		if r.P > 0 {
			c.p0 = min(c.p0, float64(r.P))
		}
	}
	if c.z1-c.z0 < 1 {
		c.z0, c.z1 = c.z0-.5, c.z1+.5
	}
	c.p0 = math.Pow(10, max(-12, math.Floor(math.Log10(c.p0)-1e-9)))
	if c.log {
		c.p1 = 1
	}
	if !(c.p1 > 0) {
		c.p1 = 1
	}
}

func (c *columns) zx(z float64) float64 {
	room := 46.
	if c.small {
		room = 34
	}
	return c.logit + 4 + (z-c.z0)/(c.z1-c.z0)*(c.logitEnd-c.logit-room)
}

// len is how long the bar of a probability is.
func (c *columns) len(p float64) float64 {
	if !c.log {
		return p / c.p1 * c.bar
	}
	if !(p > c.p0) {
		return 0
	}
	return (1 - math.Log10(p)/math.Log10(c.p0)) * c.bar
}

// y is the top of row i, the rows apart included.
func (v *view) y(c *columns, i int) float64 {
	y := top + float64(i)*c.row
	if i >= len(v.p.Rows) && len(v.apart) > 0 {
		y += inset
	}
	return y
}

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

// steps is how many ticks an axis has room for.
func (c *columns) steps() int {
	if c.small {
		return 2
	}
	return 5
}

// ticks are the probabilities on the axes.
func (c *columns) ticks() []float64 {
	if !c.log {
		t := plot.Ticks(0, c.p1, 4)
		if c.small { // room for one
			t = t[len(t)-1:]
		}
		return t
	}
	var t []float64
	step := 1
	if decades := -math.Log10(c.p0); decades > 4 || c.small {
		step = int(math.Ceil(decades / 3))
	}
	for e := 0; math.Pow(10, float64(-e)) >= c.p0*.99; e += step {
		t = append(t, math.Pow(10, float64(-e)))
	}
	return t
}

// tickLabel writes a tick of a probability axis: 40 %, 0.1 %.
func tickLabel(p float64) string {
	return strconv.FormatFloat(100*p, 'g', 3, 64) + "\u202f%"
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

// row draws one token.
func (v *view) row(b *svg.Builder, c *columns, y float64, r protocol.Row) {
	m := y + c.row/2 + 4
	on := v.picked && r.ID == v.chosen.ID
	if on { // chosen once, put into the text when it is clicked again
		b.Open("pd-row pd-on", "data-do", figure.DoChoose+strconv.Itoa(r.ID), "data-h", mark(r.ID), "data-tip", v.tip(r)+v.t("tip.again"))
	} else {
		b.Open("pd-row", "data-set", setToken(r.ID), "data-h", mark(r.ID), "data-tip", v.tip(r))
	}
	b.Rect(14, y, c.end-14, c.row, "pd-hit")
	if on {
		b.Rect(14, y, 2, c.row, "pd-mark")
	}
	b.Text(c.rank, m, svg.Count(r.Rank+1), "s11 i3 end")
	v.name(b, c, m, r)
	z := float64(r.Logit)
	cy := svg.N(y + c.row/2)
	if v.p.HasBias && math.Abs(c.zx(z)-c.zx(z-float64(r.Bias))) > 3 {
		b.Path("M"+svg.N(c.zx(z-float64(r.Bias)))+","+cy+"H"+svg.N(c.zx(z)), "rule2")
	}
	b.Circle(c.zx(z), y+c.row/2, 3, "bar")
	b.Text(c.logitEnd, m, svg.Fixed(z, 2), "s11 i2 end")
	v.bar(b, c, y, r)
	if q := float64(r.Sampled); q > 0 {
		b.HBar(c.q, y+4, c.len(q), c.row-8, "bar", "opacity", ".55")
		b.Text(c.q+c.len(q)+6, m, svg.Percent(q), "s11")
	} else {
		b.Text(c.q+6, m, "–", "s11 i3")
	}
	b.Close()
}

// name draws the token and what is to say of it.
func (v *view) name(b *svg.Builder, c *columns, m float64, r protocol.Row) {
	class, room := "", c.logit-c.token-12
	if r.Rank == 0 {
		class = "b"
	}
	note := ""
	if v.p.Actual != nil && r.ID == v.p.Actual.ID {
		b.Path("M"+svg.N(c.token-6)+","+svg.N(m-7.5)+"l4,3.5l-4,3.5z", "pd-next")
		note = v.t("in-text")
	}
	if c.small {
		plot.Token{Text: alone(r.Text), Px: 13, Class: class, Max: room}.Draw(b, c.token+2, m)
		return
	}
	plot.Token{Text: alone(r.Text), Px: 13, Class: class, Max: room - v.noteWidth()}.Draw(b, c.token+2, m)
	x, use := c.logit-12, v.t("use")
	if note != "" {
		b.Text(x, m, note, "s11 i2 end pd-note")
	}
	b.Open("pd-use", "data-do", figure.DoChoose+strconv.Itoa(r.ID), "role", "button", "aria-label", v.t("use-label", shown(r.Text)))
	b.Rect(x-plot.Width(use, 11)-4, m-14, plot.Width(use, 11)+8, 20, "pd-hit")
	b.Text(x, m, use, "s11 i2 end")
	b.Close()
}

// bar draws the model's own probability, and with changes the one before them: ring to disc.
func (v *view) bar(b *svg.Builder, c *columns, y float64, r protocol.Row) {
	p, m, cy := float64(r.P), y+c.row/2+4, y+c.row/2
	l := c.len(p)
	b.HBar(c.p, y+4, l, c.row-8, "bar")
	x := c.p + l + 6
	if before := c.p + c.len(float64(r.Before)); r.Before >= 0 && math.Abs(before-c.p-l) > 1 {
		b.Path("M"+svg.N(before)+","+svg.N(cy)+"H"+svg.N(c.p+l), "nowl")
		b.Circle(before, cy, 3.2, "pd-ring")
		b.Circle(c.p+l, cy, 3.2, "pd-disc")
		x = max(before, c.p+l) + 9
	}
	b.Text(x, m, svg.Percent(p), "s11")
}

func (v *view) tip(r protocol.Row) string {
	tip := v.t("tip", shown(r.Text), svg.Count(r.Rank+1), svg.Fixed(float64(r.Logit), 2), svg.Percent(float64(r.P)), bits(v.surprisal(&r)))
	if r.Before >= 0 {
		tip += v.t("tip.before", svg.Percent(float64(r.Before)))
	}
	return tip
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
