package attention

import (
	"fmt"
	"math"
	"slices"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// effectLimit is how many multiplications the view spends unasked to see what each head does alone: some seconds.
const effectLimit = 4e10

// measuresEffects reports whether each head's own effect is to be measured: where that is quick, or where it was asked for.
func (s *scene) measuresEffects() bool {
	m := s.in.Model
	tokens := s.pos + 1
	if s.half != "" || s.full {
		tokens = max(s.n, s.m)
	}
	work := float64(s.layers*s.heads) * float64(tokens) * float64(m.Params) / 2 // a block's heads run again from its block on
	return work <= effectLimit || s.in.State.Opt("attn.each", "") == "1"
}

// left is how many heads' own effects are still to be measured.
func (s *scene) left() int {
	if s.effects == nil {
		return s.layers * s.heads
	}
	n := 0
	for _, v := range s.effects.Data {
		if v != v {
			n++
		}
	}
	return n
}

// effect is what one head does to the token's probability when it is switched off alone.
type effect struct {
	layer, head int
	change      float64
}

// noEffect is a change of probability that is rounding: the two runs add up in another order.
const noEffect = 1e-6

// largest are the heads with the largest effects that are known, and the chosen one even if it is not among them.
func (s *scene) largest() []effect {
	var all []effect
	for i, v := range s.effects.Data {
		if v != v {
			continue
		}
		if math.Abs(float64(v)) < noEffect {
			v = 0
		}
		all = append(all, effect{i / s.heads, i % s.heads, float64(v)})
	}
	slices.SortStableFunc(all, func(a, b effect) int {
		switch x, y := math.Abs(a.change), math.Abs(b.change); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	chosen := slices.IndexFunc(all, func(e effect) bool { return e.layer == s.layer && e.head == s.head })
	top := all[:min(shown, len(all))]
	if chosen >= len(top) {
		top = append(slices.Clone(top[:len(top)-1]), all[chosen])
	}
	return top
}

// each draws every head's own effect as signed bars, in points of a percent.
func (s *scene) each(b *svg.Builder, w float64) {
	bottom := chartTop + shown*chartRow + 13
	if s.changed() {
		b.Text(0, bottom, s.L.T("attn.kl", bits(float64(s.pred.KL)/math.Ln2)), "s11 i3")
	}
	if s.effects == nil {
		return
	}
	b.Text(0, 10, plot.Fit(s.L.T("attn.each", plot.OneLine(s.effectToken())), w-60, 11), "s11 i3")
	b.Text(w, 10, s.L.T("attn.points"), "s11 i3 end")
	rows := s.largest()
	low, high := 0.0, 0.0
	for _, e := range rows {
		low, high = min(low, e.change), max(high, e.change)
	}
	span := high - low
	if !(span > 0) {
		span = 1
	}
	const names, numbers = 52, 46 // their widths; numbers stand at both ends
	perUnit := (w - names - 2*numbers) / span
	zero := names + numbers - low*perUnit
	for i, e := range rows {
		s.effectRow(b, e, chartTop+float64(i)*chartRow, w, zero, perUnit)
	}
	b.Line(zero, chartTop, zero, chartTop+shown*chartRow, "ax2")
	if more := s.layers*s.heads - len(rows); more > 0 {
		b.Text(w, bottom, s.L.T("attn.more", more), "s11 i3 end")
	}
}

// effectRow is one head's bar; a click chooses the head.
func (s *scene) effectRow(b *svg.Builder, e effect, y, w, zero, perUnit float64) {
	name, class := headName(e.layer, e.head), "i2"
	if e.layer == s.layer && e.head == s.head {
		class = "b inow"
	}
	b.Open("att-row", "data-set", fmt.Sprintf("layer=%d&head=%d", e.layer, e.head), "data-h", "h"+name, "data-tip", s.effectTip(e))
	b.Rect(0, y, w, chartRow, "att-hit")
	b.Text(0, y+14, name, class)
	if k := s.kindOf(e.layer, e.head); k.letter != "" {
		b.Text(34, y+14, k.letter, "s10 b att-"+k.letter)
	}
	long, bar := math.Abs(e.change)*perUnit, "up"
	x, text, anchor := zero, zero+long+5, ""
	if e.change < 0 {
		x, bar, text, anchor = zero-long, "down", zero-long-5, " end"
	}
	b.Rect(x, y+5, max(long, .8), 10, bar)
	b.Text(text, y+14, points(e.change), "s11 i2"+anchor)
	b.Close()
}

// points writes a change of probability in points of a percent.
func points(v float64) string {
	switch d := math.Abs(v); {
	case d == 0:
		return "0"
	case d < .01:
		return svg.Signed(100*v, 2)
	}
	return svg.Signed(100*v, 1)
}

// bits writes a divergence, which may be small.
func bits(x float64) string {
	d := 2
	if x < .1 {
		d = 4
	}
	return svg.Fixed(x, d)
}

func (s *scene) effectTip(e effect) string {
	return s.L.T(s.key("attn.each.tip"), headName(e.layer, e.head), plot.OneLine(s.effectToken()), svg.Percent(float64(s.effects.P)),
		svg.Percent(float64(s.effects.P)+e.change))
}

// effectToken is the text of the token that the effects are about.
func (s *scene) effectToken() string {
	if s.pred != nil {
		for _, list := range [][]protocol.Row{s.pred.Rows, s.pred.Watched} {
			for _, r := range list {
				if r.ID == s.effects.Token {
					return r.Text
				}
			}
		}
	}
	return ""
}
