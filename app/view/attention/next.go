package attention

import (
	"fmt"
	"math"
	"slices"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// likely are the rows of the prediction that the chart shows: those that were likeliest with all heads on, and the token
// that the page asks about.
func (s *scene) likely() []protocol.Row {
	if s.pred == nil {
		return nil
	}
	rows := slices.Clone(s.pred.Rows)
	for _, r := range s.pred.Watched {
		if !slices.ContainsFunc(rows, func(o protocol.Row) bool { return o.ID == r.ID }) {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b protocol.Row) int {
		switch x, y := on(a), on(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	if i := s.askedRow(rows); i >= shown {
		rows[shown-1] = rows[i]
	}
	return rows[:min(shown, len(rows))]
}

// askedRow is the row that the chart and the reading are about: the token that the page asks about, or the likeliest.
func (s *scene) askedRow(rows []protocol.Row) int {
	return max(0, slices.IndexFunc(rows, func(r protocol.Row) bool { return r.ID == s.asked() }))
}

// on is a token's probability without changes.
func on(r protocol.Row) float64 {
	if r.Before >= 0 {
		return float64(r.Before)
	}
	return float64(r.P)
}

// changed reports whether the prediction has a before.
func (s *scene) changed() bool {
	return s.pred != nil && len(s.pred.Rows) > 0 && s.pred.Rows[0].Before >= 0
}

// prediction draws the likeliest next tokens: rings without changes, discs with them.
func (s *scene) prediction(b *svg.Builder, w float64) {
	rows, changed := s.likely(), s.changed()
	lab, top := 40.0, 0.0
	for _, r := range rows {
		lab = max(lab, min(w*.3, plot.Width(plot.OneLine(r.Text), 13)+14))
		top = max(top, on(r), float64(r.P))
	}
	if !(top > 0) || math.IsInf(top, 0) {
		top = 1
	}
	scale := func(p float64) float64 { return lab + p/top*(w-lab-nextNumbers-6) }
	s.probabilities(b, scale, top)
	b.Text(lab, 10, s.next(), "s11 i3")
	head := s.L.T("attn.on.column")
	if changed {
		head = s.L.T("attn.onoff")
	}
	b.Text(w, 10, head, "s11 i3 end")
	asked := s.askedRow(rows)
	for i, r := range rows {
		y := chartTop + (float64(i)+.5)*chartRow
		name, number := "att-label", "s11 end i2"
		if i == asked {
			name, number = "b att-label", "s11 end"
		}
		plot.Token{Text: r.Text, Px: 13, Max: lab - 8, Class: name, Attrs: []string{"data-set", fmt.Sprintf("token=%d", r.ID)}}.Draw(b, 0, y+4)
		x, text := scale(on(r)), svg.Percent(on(r))
		if changed {
			b.Line(x, y, scale(float64(r.P)), y, "att-shift")
		}
		b.Circle(x, y, 3.4, "att-ring")
		if changed {
			b.Circle(scale(float64(r.P)), y, 3.6, "att-disc")
			text = onOff(on(r), float64(r.P), s)
		}
		b.Text(w, y+4, text, number)
	}
}

// next is what the chart predicts.
func (s *scene) next() string {
	key := s.key("attn.next")
	if key == "attn.next.target" {
		return s.L.T(key, s.pos+1)
	}
	return s.L.T(key)
}

// nextNumbers is the width of the numbers at the right.
const nextNumbers = 96

// probabilities is the axis, from 0 to top.
func (s *scene) probabilities(b *svg.Builder, scale func(p float64) float64, top float64) {
	decimals := plot.Decimals(100*top, 3)
	for _, v := range plot.Ticks(0, top, 3) {
		class, text := "ax", s.L.T("attn.percent", svg.Fixed(100*v, decimals))
		if v == 0 {
			class, text = "ax2", "0"
		}
		b.Line(scale(v), chartTop, scale(v), chartTop+shown*chartRow, class)
		b.Text(scale(v), chartTop+shown*chartRow+13, text, "s11 i3 mid")
	}
}

// onOff writes two probabilities with one unit.
func onOff(on, off float64, s *scene) string {
	d := 1
	if max(on, off) < .0995 {
		d = 2
	}
	return s.L.T("attn.onoff.values", svg.Fixed(100*on, d), svg.Fixed(100*off, d))
}
