package whatif

import (
	"fmt"
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// Heights of the picture of what the changes did.
const (
	wasY    = 14. // baseline of the words as they were
	nowY    = 32.
	pTop    = 42. // of the probabilities
	pHigh   = 34.
	farTop  = 86. // of how far the decoder's states moved
	farHigh = 22.
	diffTop = 122. // of the attention's differences
)

// effect is what the changes did to each word: its probability, the decoder's state that wrote it, and its attention, before and after.
// Words are aligned with those of the best target without changes. nil: nothing is changed, or it is not known yet.
func effect(s *scene.Scene) *figure.Panel {
	if s.Was == nil || s.Was == s.T || len(s.Was.Hyps) == 0 {
		return nil
	}
	l := s.In.L
	e := &effects{s: s, was: scene.PathOf(s.Was, 0), now: s.Path()}
	e.pairs = scene.Align(e.was, e.now)
	e.left, e.pitch = s.Cols.Left, 30
	for _, n := range append(append([]protocol.Node{}, e.was...), e.now...) {
		e.pitch = max(e.pitch, min(96, plot.Width(plot.OneLine(n.Text), 12)+10))
	}
	var b, side svg.Builder
	label := func(y float64, key, class string) { side.Text(0, y, plot.Fit(l.T(key), e.left-6, 11), class) }
	label(wasY, "effect.was", "s11 i2")
	label(nowY, "effect.now", "s11 i2")
	label(pTop+pHigh, "effect.p", "s11 i2")
	label(farTop+farHigh, "effect.far", "s11 i2")
	e.words(&b)
	e.far(&b)
	height := diffTop + e.attention(&b, &side)
	p := &figure.Panel{ID: "effect", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("effect.title")}}, Width: e.left + e.pitch*float64(len(e.pairs)) + 8,
		Height: height, SVG: b.String(), Side: side.String(), SideW: e.left - 4, Label: l.T("effect.title"), Table: e.table(),
		HTML: []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("effect.note", s.Seq.Decoder)}}}}}
	if s.Layer >= 0 {
		p.Names = s.Seq.Cross[s.Layer]
	}
	return p
}

type effects struct {
	s           *scene.Scene
	was, now    []protocol.Node
	pairs       []scene.Pair
	left, pitch float64
}

func (e *effects) x(i int) float64 { return e.left + (float64(i)+.5)*e.pitch }

// words are both targets, aligned, and the probability of each word before (pale) and now.
func (e *effects) words(b *svg.Builder) {
	for i, w := range e.pairs {
		x := e.x(i)
		b.Open("", "data-tip", pairTip(e.s, e.was, e.now, w))
		b.Rect(x-e.pitch/2, 0, e.pitch, farTop-6, "hit")
		text := func(n protocol.Node, y float64, class string) {
			plot.Token{Text: n.Text, Px: 12, Anchor: "middle", Max: e.pitch - 4, Class: class}.Draw(b, x, y)
		}
		class := "i2"
		if !w.Same {
			class = "b"
			b.Line(x-e.pitch/2+4, nowY+5, x+e.pitch/2-4, nowY+5, "differ")
		}
		if w.A >= 0 {
			text(e.was[w.A], wasY, "i3")
			h := pHigh * math.Exp(e.was[w.A].LogP)
			b.Rect(x-9, pTop+pHigh-h, 8, max(h, .8), "before")
		}
		if w.B >= 0 {
			text(e.now[w.B], nowY, class)
			h := pHigh * math.Exp(e.now[w.B].LogP)
			b.Rect(x+1, pTop+pHigh-h, 8, max(h, .8), "bar")
		}
		b.Close()
	}
	b.Line(e.left, pTop+pHigh+.5, e.left+e.pitch*float64(len(e.pairs)), pTop+pHigh+.5, "ax2")
}

// far is how far the decoder's state of each aligned word moved: 1 - cosine, of at most 2.
func (e *effects) far(b *svg.Builder) {
	moved := e.moved()
	if moved == nil {
		return
	}
	for i, d := range moved {
		if d != d {
			continue
		}
		h := farHigh * min(d, 1)
		x := e.x(i)
		b.Open("", "data-tip", e.s.In.L.T("effect.far.tip", e.s.Seq.Decoder, svg.Fixed(d, 4)))
		b.Rect(x-e.pitch/2, farTop-4, e.pitch, farHigh+8, "hit")
		b.Rect(x-4, farTop+farHigh-h, 8, max(h, .8), "bar")
		if d >= .005 {
			b.Text(x, farTop+farHigh-h-2, svg.Fixed(d, 2), "s10 i2 mid")
		}
		b.Close()
	}
	b.Line(e.left, farTop+farHigh+.5, e.left+e.pitch*float64(len(e.pairs)), farTop+farHigh+.5, "ax2")
}

// moved is 1 - cosine of the decoder's states of each pair, NaN where one has no partner; nil: not there yet.
func (e *effects) moved() []float64 {
	s := e.s
	a := s.In.Translated(protocol.Translated{Of: s.Base, Name: s.Seq.Decoder})
	z := s.In.Translated(protocol.Translated{Of: s.Now, Hyp: s.Hyp, Name: s.Seq.Decoder})
	if a == nil || z == nil || len(a.Shape) != 2 || len(z.Shape) != 2 || a.Shape[0] < len(e.was) || z.Shape[0] < len(e.now) {
		return nil
	}
	d := a.Shape[1]
	out := make([]float64, len(e.pairs))
	for i, w := range e.pairs {
		out[i] = math.NaN()
		if w.A >= 0 && w.B >= 0 {
			out[i] = 1 - cosine(a.Data[w.A*d:][:d], z.Data[w.B*d:][:d])
		}
	}
	return out
}

func cosine(a, b []float32) float64 {
	ab, aa, bb := 0.0, 0.0, 0.0
	for i, v := range a {
		ab += float64(v) * float64(b[i])
		aa += float64(v) * float64(v)
		bb += float64(b[i]) * float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return min(1, ab/math.Sqrt(aa*bb))
}

// attention is by how much each aligned word looks more (blue) or less (brown) at each token of the source; it returns its height.
func (e *effects) attention(b, side *svg.Builder) float64 {
	s, n := e.s, len(e.s.T.Source)
	was := s.Looks(s.Base, 0)
	if was == nil || s.Attn == nil || was.N != n {
		return 0
	}
	cell := min(16, max(5, 200/float64(n)))
	pal := s.In.Palette()
	at := func(j, i int) float64 {
		w := e.pairs[i]
		if w.A < 0 || w.B < 0 || w.A >= was.Steps {
			return math.NaN()
		}
		row := s.Row(w.B)
		if row == nil {
			return math.NaN()
		}
		return float64(row[j] - was.Row(w.A)[j])
	}
	h := cell * float64(n)
	b.Image(e.left, diffTop, e.pitch*float64(len(e.pairs)), h, plot.Levels(n, len(e.pairs), &pal.Div, at), "cells")
	for j, t := range s.T.Source {
		if cell >= 10 {
			side.Text(e.left-6, diffTop+cell*(float64(j)+.5)+3.5, plot.Fit(plot.OneLine(t.Text), e.left-8, 10), "s10 i2 end")
		}
		for i := range e.pairs {
			if v := at(j, i); v == v {
				b.Rect(e.x(i)-e.pitch/2, diffTop+cell*float64(j), e.pitch, cell, "hit", "data-h", "s"+strconv.Itoa(j), "data-tip",
					s.In.L.T("effect.attention.tip", plot.OneLine(e.now[e.pairs[i].B].Text), plot.OneLine(t.Text), svg.Signed(v, 3)))
			}
		}
	}
	return h + 4
}

// table is the effect as numbers.
func (e *effects) table() *figure.Table {
	l := e.s.In.L
	t := &figure.Table{Head: []string{l.T("effect.was"), l.T("effect.now"), "p " + l.T("effect.was"), "p " + l.T("effect.now"), "1 − cos"}}
	moved := e.moved()
	for i, w := range e.pairs {
		row := make([]string, 5)
		if w.A >= 0 {
			row[0], row[2] = plot.OneLine(e.was[w.A].Text), svg.Fixed(math.Exp(e.was[w.A].LogP), 4)
		}
		if w.B >= 0 {
			row[1], row[3] = plot.OneLine(e.now[w.B].Text), svg.Fixed(math.Exp(e.now[w.B].LogP), 4)
		}
		if moved != nil && moved[i] == moved[i] {
			row[4] = fmt.Sprintf("%.4f", moved[i])
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
