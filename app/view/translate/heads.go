package translate

import (
	"fmt"
	"math"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

const (
	thumbMost = 64. // pixels of a head's picture, at most
	thumbGap  = 8.
	thumbTop  = 16.
)

// heads are all heads of all layers, small: a row a layer, their mean first; in each picture rows are steps and columns the source. A click chooses one.
func heads(s *scene.Scene) figure.Panel {
	l, layers, n := s.In.L, len(s.Seq.Cross), s.Heads()
	left, width, class := s.Cols.Left, s.In.Width, scene.Main
	if scene.Wide(s.In) {
		left, width, class = 50, scene.Aside(s.In), scene.Side
	}
	side := math.Floor(math.Max(18, math.Min(thumbMost, (width-left)/float64(n+1)-thumbGap)))
	pitch := side + thumbGap
	var b svg.Builder
	b.Text(left+side/2, thumbTop-5, plot.Fit(l.T("tr.mean.short"), pitch, 10), "s10 i3 mid")
	for h := range n {
		b.Text(left+float64(h+1)*pitch+side/2, thumbTop-5, fmt.Sprint(h), "s10 i3 mid")
	}
	for layer := range layers {
		y := thumbTop + float64(layer)*pitch
		b.Text(0, y+side/2+4, plot.Fit(l.T("tr.layer", layer), left-6, 11), "s11 i2")
		a := s.Attn
		if layer != s.Layer {
			a = s.In.Translated(protocol.Translated{Of: s.Now, Hyp: s.Hyp, Name: s.Seq.Cross[layer]})
		}
		one := *s // the same scene at another head
		one.Layer, one.Attn = layer, a
		for h := -1; h < n; h++ {
			one.Head = h
			thumbnail(&b, &one, left+float64(h+1)*pitch, y, side, layer == s.Layer && h == s.Head)
		}
	}
	name := s.Seq.Cross[s.Layer]
	return figure.Panel{ID: "heads", Class: class, Column: class, Title: []figure.Span{{Text: l.T("tr.heads")}}, Names: fmt.Sprintf("%s [%d, %d, %d]", name, n, s.Attn.Shape[1], s.Attn.Shape[2]), Width: math.Max(left+float64(n+1)*pitch, 1), Height: thumbTop + float64(layers)*pitch,
		SVG: b.String(), Label: l.T("tr.heads.label", layers, n)}
}

// thumbnail is the chosen head of a scene; square, whatever the number of steps.
func thumbnail(b *svg.Builder, s *scene.Scene, x, y, side float64, chosen bool) {
	tip := s.In.L.T("tr.mean.tip", s.Layer)
	if s.Head >= 0 {
		tip = s.In.L.T("tr.head.tip", s.Layer, s.Head)
	}
	if row := s.Row(s.Step); row != nil {
		steps, n := s.Attn.Shape[1], s.Attn.Shape[2]
		rows := make([][]float32, steps)
		for t := range rows {
			rows[t] = s.Row(t)
		}
		b.Image(x, y, side, side, plot.Levels(steps, n, &s.In.Palette().Seq, func(t, j int) float64 { return math.Sqrt(float64(rows[t][j])) }), "cells")
		tip += "\n" + attentionTip(s, s.Step, scene.Heaviest(row))
	}
	class := "tr-head"
	if chosen {
		class = "tr-head on"
	}
	b.Rect(x, y, side, side, class, "data-set", fmt.Sprintf("layer=%d&head=%d", s.Layer, s.Head), "data-tip", tip)
}
