package prediction

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
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
