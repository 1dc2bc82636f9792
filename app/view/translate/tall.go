package translate

import (
	"fmt"
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
)

// The main figure where there is no room for rows of words: source and target stand as two columns, with the curves between them.
const (
	tallBelow = 560.
	tallPitch = 30. // of words; a finger's height where there is one
	tallTop   = 20.
	tallBar   = 58. // where the bars of attention begin: they grow to the left
	tallEnd   = 22. // where one of all the attention ends
	tallWord  = 64. // the source
	tallState = 26. // width of a state
	tallLink  = 56. // width of the curves
	tallNext  = 26. // pitch of the next words
)

// tall is the main figure in two columns.
func tall(s *scene.Scene) figure.Panel {
	in, l, path := s.In, s.In.L, s.Path()
	var b svg.Builder
	n, steps := len(s.T.Source), len(path)
	pitch := tallPitch
	if in.Touch {
		pitch = 36
	}
	high := pitch * float64(max(n, steps))
	sy := func(j int) float64 { return tallTop + (float64(j)+.5)*high/float64(n) }
	ty := func(t int) float64 { return tallTop + (float64(t)+.5)*high/float64(steps) }
	w := in.Width
	word := 36.
	for _, t := range s.T.Source {
		word = max(word, min(w*.24, plot.Width(plot.OneLine(t.Text), 14)+8))
	}
	link0 := tallWord + math.Round(word) + tallState
	link1 := link0 + max(tallLink, math.Round(w*.5-link0)) // the target begins in the middle where the source leaves room
	target := link1 + tallState + 6
	b.Text(0, 10, plot.Fit(l.T("tr.attention"), tallWord-4, 11), "s11 i2")
	b.Text(tallWord, 10, l.T("tr.source"), "s11 i2")
	b.Text(target, 10, l.T("tr.target"), "s11 i2")

	row, most, changed := s.Row(s.Step), -1, changedBars(s)
	if row != nil {
		most = scene.Heaviest(row)
	}
	for j, t := range s.T.Source {
		y, class := sy(j), ""
		if t.Was != nil {
			class = "inow"
		}
		if j == s.Src {
			class = "b inow"
			b.Rect(tallWord-3, y-pitch/2+2, link0-tallState-tallWord, pitch-4, "nowband")
		}
		if j < len(row) {
			v := float64(row[j])
			bar := map[bool]string{true: "bar", false: "barsoft"}[j == most]
			b.Rect(tallBar-v*(tallBar-tallEnd), y-6, math.Max(v*(tallBar-tallEnd), 1), 12, bar)
			if v >= .03 {
				b.Text(tallBar-v*(tallBar-tallEnd)-3, y+4, share(row[j]), "s10 i2 end")
			}
			if changed(j) {
				b.Line(tallBar-v*(tallBar-tallEnd), y-8, tallBar-v*(tallBar-tallEnd), y+8, "grip now")
			}
			b.Rect(0, y-pitch/2, tallBar, pitch, "hit", "data-h", sourceKey(j), "data-tip", l.T("tr.bar.tip", plot.OneLine(t.Text), svg.Percent(v)),
				"data-drag", fmt.Sprintf("%s x %s 0 %s 1 2", dragged(s, j), svg.N(tallBar), svg.N(tallEnd)))
		}
		b.Open("", "data-h", sourceKey(j), "data-set", "o.translate.src="+strconv.Itoa(j), "data-tip", sourceTip(s, j))
		b.Rect(tallWord-3, y-pitch/2, link0-tallState-tallWord, pitch, "hit")
		plot.Token{Text: t.Text, Px: 14, Max: link0 - tallState - tallWord - 6, Class: class}.Draw(&b, tallWord, y+5)
		b.Close()
	}
	draw := func(t int, class string) {
		b.Open(class, "data-h", stepKey(t), "data-set", goTo(t))
		for _, j := range heaviest(s.Row(t), float64(cut(in))/100) {
			y0, y1, bend := svg.N(sy(j)), svg.N(ty(t)), (link1-link0)*.5
			b.Path("M"+svg.N(link0)+","+y0+"C"+svg.N(link0+bend)+","+y0+" "+svg.N(link1-bend)+","+y1+" "+svg.N(link1)+","+y1, "", "stroke-width", svg.N(1+9*float64(s.Row(t)[j])), "data-h", sourceKey(j), "data-tip", attentionTip(s, t, j))
		}
		b.Close()
	}
	for t := range path {
		if t != s.Step {
			draw(t, "tr-link")
		}
	}
	draw(s.Step, "tr-link on")
	states(&b, s, s.Seq.Encoder, n, tallState+2, func(j int) (float64, float64) { return link0 - tallState/2, sy(j) - strip/2 })
	b.Rect(link1+tallState, ty(s.Step)-pitch/2+2, w-link1-tallState, pitch-4, "nowband")
	states(&b, s, s.Seq.Decoder, steps, tallState+2, func(t int) (float64, float64) { return link1 + tallState/2, ty(t) - strip/2 })
	for t, k := range path {
		y, class := ty(t), stepClass(s, t)
		b.Open("", "data-h", stepKey(t), "data-set", goTo(t), "data-tip", stepTip(s, t))
		b.Rect(target-3, y-pitch/2, w-target+3, pitch, "hit")
		plot.Token{Text: k.Text, Px: 14, Max: w - target - 30, Class: class}.Draw(&b, target, y+5)
		b.Text(w-3, y+4, percent(float32(math.Exp(k.LogP))), "s10 i2 end")
		b.Close()
	}
	y := tallTop + high + 22
	b.Text(0, y, l.T("tr.next.of", s.Step), "s11 i2")
	y += 8
	next := s.Before(s.Step).Next
	if next != nil {
		for r, k := range next.Top[:min(shown(in), len(next.Top))] {
			option(&b, s, s.Step, r, k, 4, y+float64(r)*tallNext, w-8, tallNext)
		}
		y += float64(min(shown(in), len(next.Top))) * tallNext
	}
	p := panel(s)
	p.Width, p.Height, p.SVG = w, y+4, b.String()
	return p
}
