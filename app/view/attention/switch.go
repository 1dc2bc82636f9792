package attention

import (
	"fmt"
	"math"

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
	name := s.output(l)
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
	if s.half != "" || s.in.State.Opt("attn.op", toMean) == toZero { // a search has no mean over its positions
		return toZero
	}
	return toMean
}

// change is the head switched off.
func (s *scene) change(op string) protocol.Change {
	return protocol.Change{Name: s.output(s.layer), Pos: -1, Index: s.index(s.head), Op: op}
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
		Names: fmt.Sprintf("%s[%d] ← %s", s.output(s.layer), s.head, op), Label: s.L.T("attn.switch.label", name)}
	if s.whole() {
		p.Title[0].Text, p.Names, p.Label = s.L.T("attn.switch.whole"), s.output(s.layer)+" ← "+op, s.L.T("attn.switch.whole.label")
	}
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
	if s.half != "" {
		p.Controls = p.Controls[:1]
	}
	if !s.measuresEffects() {
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.attn.each", Value: "1", Label: s.L.T("attn.each.ask")})
	}
	var b svg.Builder
	w := s.place.effect
	p.Width, p.Height = w, chartTall
	switch {
	case s.layers*s.heads == 1 && s.half != "":
		s.prediction(&b, w)
		if s.changed() {
			b.Text(w, chartTop+shown*chartRow+13, s.L.T("attn.kl", bits(float64(s.pred.KL)/math.Ln2)), "s11 i3 end")
		}
	case w >= twoColumns:
		half := (w - chartsGap) / 2
		s.prediction(&b, half)
		b.Open("", "transform", "translate("+svg.N(half+chartsGap)+",0)")
		s.each(&b, half)
		b.Close()
	default:
		s.prediction(&b, w)
		b.Open("", "transform", "translate(0,"+svg.N(chartTall+14)+")")
		s.each(&b, w)
		b.Close()
		p.Height = 2*chartTall + 14
	}
	p.SVG = b.String()
	if left := s.left(); s.measuresEffects() && left > 0 {
		p.Busy = s.L.T("attn.each.busy", left)
	}
	p.Table = s.switchTable()
	return p
}

func (s *scene) switchTable() *figure.Table {
	t := &figure.Table{Head: []string{s.next(), s.L.T("attn.on.column"), s.L.T("attn.off.column")}}
	for _, r := range s.likely() {
		off := "–"
		if r.Before >= 0 {
			off = svg.Percent(float64(r.P))
		}
		t.Rows = append(t.Rows, []string{plot.OneLine(r.Text), svg.Percent(on(r)), off})
	}
	if s.effects == nil {
		return t
	}
	p := float64(s.effects.P)
	for i, v := range s.effects.Data {
		if v == v {
			t.Rows = append(t.Rows, []string{s.L.T("attn.table.without", headName(i/s.heads, i%s.heads), plot.OneLine(s.effectToken())),
				svg.Percent(p), svg.Percent(p + float64(v))})
		}
	}
	return t
}
