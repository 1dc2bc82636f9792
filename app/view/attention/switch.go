package attention

import (
	"fmt"
	"math"
	"slices"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// What a head that is switched off gives to the stream instead of its own output: the choice o.attn.op.
const (
	toMean = "mean" // its mean over this text
	toZero = "zero"
)

// offBy is how a head is switched off in the run that is shown ("mean", "zero"), or "".
func (s *scene) offBy(l, h int) string {
	name := fmt.Sprintf("blocks.%d.attn.z", l)
	for _, c := range s.in.State.Changes {
		if c.Name == name && c.Pos == -1 && (c.Index == h || c.Index == -1) && (c.Op == toMean || c.Op == toZero) {
			return c.Op
		}
	}
	return ""
}

// op is how the head is, or would be, switched off.
func (s *scene) op() string {
	if op := s.offBy(s.layer, s.head); op != "" {
		return op
	}
	if s.in.State.Opt("attn.op", toMean) == toZero {
		return toZero
	}
	return toMean
}

// change is the head switched off.
func (s *scene) change(op string) protocol.Change {
	return protocol.Change{Name: s.name("z"), Pos: -1, Index: s.head, Op: op}
}

// effectLimit is how many multiplications the view spends unasked to see what each head does alone: some seconds.
const effectLimit = 4e10

// measuresEffects reports whether each head's own effect is to be measured: where that is quick, or where it was asked for.
func (s *scene) measuresEffects() bool {
	m := s.in.Model
	work := float64(s.layers*s.heads) * float64(s.now+1) * float64(m.Params) / 2 // a block's heads run again from its block on
	return work <= effectLimit || s.in.State.Opt("attn.each", "") == "1"
}

const (
	shown      = 6 // rows of the two charts
	chartRow   = 20.0
	chartTop   = 18.0
	chartTall  = chartTop + shown*chartRow + 16
	chartsGap  = 48.0
	twoColumns = 640.0
)

// switching is the head's switch, what becomes of the prediction, and what each head would do to it alone.
func (s *scene) switching() figure.Panel {
	name := headName(s.layer, s.head)
	off := s.offBy(s.layer, s.head)
	op := s.op()
	p := figure.Panel{ID: "switch", Class: "att-switch", Title: []figure.Span{{Text: s.L.T("attn.switch", name)}},
		Names: fmt.Sprintf("%s[%d] ← %s", s.name("z"), s.head, op), Label: s.L.T("attn.switch.label", name)}
	toggle := figure.Control{Kind: "switch", Key: "do:" + figure.DoChange + state.FormatChange(s.change(op))}
	choice := figure.Control{Kind: "radio", Key: "o.attn.op", Label: s.L.T("attn.op"), Value: op,
		Options: []figure.Option{{Value: toMean, Label: s.L.T("attn.op.mean")}, {Value: toZero, Label: s.L.T("attn.op.zero")}}}
	if off != "" {
		toggle.Value = "1"
		choice.Key = "do:" + figure.DoChange // another choice replaces the change that is made
		for i := range choice.Options {
			choice.Options[i].Value = state.FormatChange(s.change(choice.Options[i].Value))
		}
		choice.Value = state.FormatChange(s.change(op))
	}
	p.Controls = []figure.Control{toggle, choice}
	if !s.measuresEffects() {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.attn.each", Value: "1", Label: s.L.T("attn.each.ask")})
	}
	var b svg.Builder
	w := s.place.effect
	p.Width, p.Height = w, chartTall
	if w >= twoColumns {
		half := (w - chartsGap) / 2
		s.prediction(&b, half)
		b.Open("", "transform", "translate("+svg.N(half+chartsGap)+",0)")
		s.each(&b, half)
		b.Close()
	} else {
		s.prediction(&b, w)
		if s.measuresEffects() { // its place is kept while it is measured
			b.Open("", "transform", "translate(0,"+svg.N(chartTall+14)+")")
			s.each(&b, w)
			b.Close()
			p.Height = 2*chartTall + 14
		}
	}
	p.SVG = b.String()
	if left := s.left(); s.measuresEffects() && left > 0 {
		p.Busy = s.L.T("attn.each.busy", left)
	}
	p.Table = s.switchTable()
	return p
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
		lab = max(lab, min(w*.3, plot.Width(word(r.Text), 13)+14))
		top = max(top, on(r), float64(r.P))
	}
	if !(top > 0) || math.IsInf(top, 0) {
		top = 1
	}
	right := 96.0
	scale := func(p float64) float64 { return lab + p/top*(w-lab-right-6) }
	b.Text(lab, 10, s.L.T("attn.next"), "s11 i3")
	decimals := plot.Decimals(100*top, 3)
	for _, v := range plot.Ticks(0, top, 3) {
		class := "ax"
		if v == 0 {
			class = "ax2"
		}
		b.Line(scale(v), chartTop, scale(v), chartTop+shown*chartRow, class)
		text := "0"
		if v > 0 {
			text = s.L.T("attn.percent", svg.Fixed(100*v, decimals))
		}
		b.Text(scale(v), chartTop+shown*chartRow+13, text, "s11 i3 mid")
	}
	head := s.L.T("attn.on.column")
	if changed {
		head = s.L.T("attn.onoff")
	}
	b.Text(w, 10, head, "s11 i3 end")
	asked := s.askedRow(rows)
	for i, r := range rows {
		y := chartTop + (float64(i)+.5)*chartRow
		class := ""
		if i == asked {
			class = "b"
		}
		plot.Token{Text: r.Text, Px: 13, Max: lab - 8, Class: class + " att-label", Attrs: []string{"data-set", fmt.Sprintf("token=%d", r.ID)}}.Draw(b, 0, y+4)
		x := scale(on(r))
		if changed {
			b.Line(x, y, scale(float64(r.P)), y, "att-shift")
		}
		b.Circle(x, y, 3.4, "att-ring")
		text := svg.Percent(on(r))
		if changed {
			b.Circle(scale(float64(r.P)), y, 3.6, "att-disc")
			text = onOff(on(r), float64(r.P), s)
		}
		class = "s11 end i2"
		if i == asked {
			class = "s11 end"
		}
		b.Text(w, y+4, text, class)
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
	if s.effects == nil {
		return
	}
	lab, side := 52.0, 46.0 // of names; of numbers at both ends
	b.Text(0, 10, plot.Fit(s.L.T("attn.each", word(s.effectToken())), w-60, 11), "s11 i3")
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
	room := w - lab - 2*side
	zero := lab + side - low/span*room
	for i, e := range rows {
		y := chartTop + float64(i)*chartRow
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
		long, bar := math.Abs(e.change)/span*room, "up"
		x, text, anchor := zero, zero+long+5, ""
		if e.change < 0 {
			x, bar, text, anchor = zero-long, "down", zero-long-5, " end"
		}
		b.Rect(x, y+5, max(long, .8), 10, bar)
		b.Text(text, y+14, points(e.change), "s11 i2"+anchor)
		b.Close()
	}
	b.Line(zero, chartTop, zero, chartTop+shown*chartRow, "ax2")
	y := chartTop + shown*chartRow + 13
	if s.changed() {
		b.Text(0, y, s.L.T("attn.kl", bits(float64(s.pred.KL)/math.Ln2)), "s11 i3")
	}
	if more := s.layers*s.heads - len(rows); more > 0 {
		b.Text(w, y, s.L.T("attn.more", more), "s11 i3 end")
	}
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
	return s.L.T("attn.each.tip", headName(e.layer, e.head), word(s.effectToken()), svg.Percent(float64(s.effects.P)),
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

func (s *scene) switchTable() *figure.Table {
	t := &figure.Table{Head: []string{s.L.T("attn.next"), s.L.T("attn.on.column"), s.L.T("attn.off.column")}}
	for _, r := range s.likely() {
		off := "–"
		if r.Before >= 0 {
			off = svg.Percent(float64(r.P))
		}
		t.Rows = append(t.Rows, []string{word(r.Text), svg.Percent(on(r)), off})
	}
	if s.effects == nil {
		return t
	}
	p := float64(s.effects.P)
	for i, v := range s.effects.Data {
		if v == v {
			t.Rows = append(t.Rows, []string{s.L.T("attn.table.without", headName(i/s.heads, i%s.heads), word(s.effectToken())),
				svg.Percent(p), svg.Percent(p + float64(v))})
		}
	}
	return t
}
