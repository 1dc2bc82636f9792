package prediction

import (
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

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
