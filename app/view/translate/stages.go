package translate

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

// Heights of the figure's rows.
const (
	barsTop   = 28.
	barsBase  = 72. // of the attention of the chosen step
	barsHigh  = barsBase - barsTop
	strip     = 7.  // of a state
	sourceY   = 96. // baseline of the source
	links     = 114.
	linked    = 202. // where they end
	targetY   = 232.
	nextY     = 242. // top of the next words
	rowH      = 19.
	stripCell = 4. // of a strip: as wide as the eye tells apart
	nextRows  = 5
)

// stages is the main figure: the attention of the chosen step over the source, the source and its states, what each step looks at, the
// decoder's states, what is written, and what else was likely.
func stages(s *scene.Scene) figure.Panel {
	in, l := s.In, s.In.L
	if in.Width < tallBelow && in.State.Opt("translate.form", "") == "" {
		return tall(s)
	}
	var b, side svg.Builder
	matrix := in.State.Opt("translate.form", "") == "matrix"
	rows, down := shown(in), 0.
	bars(&b, s)
	sourceRow(&b, s)
	if matrix {
		matrixOf(&b, &side, s)
		down = taller(s)
	} else {
		curves(&b, s)
	}
	b.Open("", "transform", "translate(0,"+svg.N(down)+")")
	targetRow(&b, s)
	next(&b, s, rows)
	b.Close()
	label := func(y float64, key string, class string, args ...any) {
		side.Text(0, y, plot.Fit(l.T(key, args...), s.Cols.Left-6, 11), class)
	}
	word := plot.OneLine(s.Path()[s.Step].Text)
	label(barsBase-14, "tr.attention", "s11 i2")
	label(barsBase-1, "tr.of", "s11 inow", word)
	label(sourceY, "tr.source", "s11 i2")
	label(targetY+down, "tr.target", "s11 i2")
	label(down+nextY+13, "tr.next", "s11 i2")
	label(down+nextY+26, "tr.top", "s11 i3", rows)
	p := panel(s)
	p.Width, p.Height, p.NowX = s.Cols.Width, down+nextY+float64(rows)*rowH+4, s.Cols.X(s.Step)
	p.SVG, p.Side, p.SideW = b.String(), side.String(), s.Cols.Left-4
	if matrix {
		p.Tip = func(j, t int) string { return attentionTip(s, t, j) }
		p.Pick = func(_, t int, _ bool) string { return goTo(t) }
	}
	return p
}

// panel is the main figure without its picture.
func panel(s *scene.Scene) figure.Panel {
	l := s.In.L
	p := figure.Panel{ID: "stages", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("tr.title")}}, Label: figure.Plain(reading(s)), Table: table(s), Controls: controls(s)}
	if s.Layer >= 0 {
		p.Names = s.Seq.Cross[s.Layer]
		if s.Attn != nil {
			p.Names += fmt.Sprintf(" [%d, %d]", s.Attn.Shape[1], s.Attn.Shape[2])
		}
	} else {
		p.Busy = l.T("tr.busy")
	}
	return p
}

// controls are those of the main figure's head.
func controls(s *scene.Scene) (out []figure.Control) {
	in, l := s.In, s.In.L
	if n := len(s.Seq.Cross); n > 1 {
		var layers []figure.Option
		for i := range n {
			layers = append(layers, figure.Option{Value: strconv.Itoa(i), Label: l.T("tr.layer", i)})
		}
		out = append(out, figure.Control{Kind: "select", Key: "layer", Value: strconv.Itoa(s.Layer), Options: layers})
	}
	if n := s.Heads(); n > 1 {
		heads := []figure.Option{{Value: "-1", Label: l.T("tr.mean")}}
		for i := range n {
			heads = append(heads, figure.Option{Value: strconv.Itoa(i), Label: l.T("tr.head", i)})
		}
		out = append(out, figure.Control{Kind: "select", Key: "head", Value: strconv.Itoa(min(s.Head, n-1)), Options: heads})
	}
	out = append(out, figure.Control{Kind: "radio", Key: "o.translate.form", Value: in.State.Opt("translate.form", ""), Options: []figure.Option{{Value: "", Label: l.T("tr.lines")}, {Value: "matrix", Label: l.T("tr.matrix")}}})
	d := scene.Decode(in)
	out = append(out, figure.Control{Kind: "number", Key: "o.translate.coverage", Label: l.T("tr.coverage"), Value: svg.Fixed(d.Coverage, 2), Min: 0, Max: 2, Step: .05, Decimals: 2, Tip: l.T("tr.coverage.tip")})
	if in.State.Opt("translate.form", "") == "" {
		out = append(out, figure.Control{Kind: "number", Key: "o.translate.cut", Label: l.T("tr.cut"), Value: strconv.Itoa(cut(in)), Min: 10, Max: 100, Step: 5, Tip: l.T("tr.cut.tip")})
	}
	return append(out, figure.Control{Kind: "number", Key: "o.translate.top", Label: l.T("tr.next"), Value: strconv.Itoa(shown(in)), Min: 1, Max: 10, Step: 1, Tip: l.T("tr.top.tip")})
}

// shown is how many of the likeliest words are drawn at each step.
func shown(in *figure.Input) int { return min(max(scene.Int(in, "top", nextRows), 1), 10) }

// cut is the share of a step's attention that its curves carry, per cent.
func cut(in *figure.Input) int { return min(max(scene.Int(in, "cut", 75), 1), 100) }

// sourceKey and stepKey tie marks of the same token; the text band uses the same.
func sourceKey(j int) string { return "s" + strconv.Itoa(j) }
func stepKey(t int) string   { return "t" + strconv.Itoa(t+1) }

// goTo is the patch that chooses a step.
func goTo(t int) string { return "at=" + strconv.Itoa(t+1) }

// sourceRow is the words that are read, each with its state in the encoder.
func sourceRow(b *svg.Builder, s *scene.Scene) {
	c := s.Cols
	states(b, s, s.Seq.Encoder, len(s.T.Source), c.SPitch(), func(j int) (float64, float64) { return c.SX(j), sourceY + 7 })
	for j, t := range s.T.Source {
		class := ""
		if t.Was != nil {
			class = "inow"
		}
		if j == s.Src {
			class = "b inow"
			b.Rect(c.SX(j)-c.SPitch()/2+1, sourceY-17, c.SPitch()-2, 22, "nowband")
		}
		px := 15.
		if plot.Width(plot.OneLine(t.Text), px) > c.SPitch()-4 {
			px = 12
		}
		plot.Token{Text: t.Text, Px: px, Anchor: "middle", Max: c.SPitch() - 2, Class: class, Attrs: []string{"data-h", sourceKey(j), "data-set", "o.translate.src=" + strconv.Itoa(j),
			"data-tip", sourceTip(s, j)}}.Draw(b, c.SX(j), sourceY)
	}
}

func sourceTip(s *scene.Scene, j int) string {
	t := s.T.Source[j]
	tip := s.In.L.T("tr.source.tip", j, plot.OneLine(t.Text))
	if t.Was != nil {
		tip += "\n" + s.In.L.T("text.was", plot.OneLine(t.Was.Text))
	}
	return tip
}

// states are the states of tokens as strips: their units from left to right, of those that share a cell the largest. At gives the middle of a
// strip's upper edge.
func states(b *svg.Builder, s *scene.Scene, name string, n int, pitch float64, at func(int) (x, y float64)) {
	a := s.In.Translated(protocol.Translated{Of: s.Now, Hyp: s.Hyp, Name: name})
	if a == nil || len(a.Shape) != 2 || a.Shape[0] < n {
		return
	}
	d := a.Shape[1]
	w := min(pitch-6, 64)
	cells := min(d, max(4, int(w/stripCell)))
	sum := 0.0
	for _, v := range a.Data {
		sum += float64(v) * float64(v)
	}
	scale := 2.5 * math.Sqrt(sum/float64(len(a.Data)))
	pal := s.In.Palette()
	for t := range n {
		row := a.Data[t*d : (t+1)*d]
		href := plot.Levels(1, cells, &pal.Div, func(_, c int) float64 {
			best := 0.0
			for _, v := range row[c*d/cells : (c+1)*d/cells] {
				if math.Abs(float64(v)) > math.Abs(best) {
					best = float64(v)
				}
			}
			return best / scale
		})
		x, y := at(t)
		b.Image(x-w/2, y, w, strip, href, "strip", "data-tip", s.In.L.T("tr.state.tip", name, d, svg.Fixed(scale, 2)))
	}
}

// targetRow is what was written, with the decoder's state that wrote it above.
func targetRow(b *svg.Builder, s *scene.Scene) {
	c, path := s.Cols, s.Path()
	rows := shown(s.In)
	b.Rect(c.X(s.Step)-c.Pitch()/2+1, targetY-18, c.Pitch()-2, 24+float64(rows)*rowH+4, "nowband")
	states(b, s, s.Seq.Decoder, len(path), c.Pitch(), func(t int) (float64, float64) { return c.X(t), linked + 5 })
	for t, n := range path {
		plot.Token{Text: n.Text, Px: 14, Anchor: "middle", Max: c.Pitch() - 4, Class: stepClass(s, t), Attrs: []string{"data-h", stepKey(t), "data-set", goTo(t), "data-tip", stepTip(s, t)}}.Draw(b, c.X(t), targetY)
	}
	if h := s.T.Hyps[s.Hyp]; !h.Ended {
		b.Text(c.X(len(path)-1)+c.Pitch()/2+2, targetY, "…", "i3", "data-tip", s.In.L.T("tr.limit", s.T.Decode.Most))
	}
}

// stepClass is how a word of the target is written: in carmine where a person chose it or said that it must stand there.
func stepClass(s *scene.Scene, t int) string {
	switch {
	case t == s.Step || t < s.T.Forced:
		return "b inow"
	case s.Path()[t].State == "ended":
		return "i3"
	}
	return "b"
}

func stepTip(s *scene.Scene, t int) string {
	n := s.Path()[t]
	return s.In.L.T("tr.step.tip", t, plot.OneLine(n.Text), svg.Percent(math.Exp(n.LogP)), svg.Fixed(n.LogP, 3), n.Rank+1, svg.Fixed(n.Sum, 3))
}

// table is the figure as numbers.
func table(s *scene.Scene) *figure.Table {
	l := s.In.L
	t := &figure.Table{Head: []string{l.T("tr.th.step"), l.T("tr.th.word"), "p", "log p", l.T("tr.th.rank"), l.T("tr.th.entropy"), l.T("tr.th.sum")}}
	for _, tok := range s.T.Source {
		t.Head = append(t.Head, plot.OneLine(tok.Text))
	}
	for i, n := range s.Path() {
		row := []string{strconv.Itoa(i), plot.OneLine(n.Text), svg.Fixed(math.Exp(n.LogP), 4), svg.Fixed(n.LogP, 4), strconv.Itoa(n.Rank + 1), "", svg.Fixed(n.Sum, 4)}
		if next := s.Before(i).Next; next != nil {
			row[5] = svg.Fixed(float64(next.Entropy)/math.Ln2, 3)
		}
		for _, v := range s.Row(i) {
			row = append(row, svg.Fixed(float64(v), 4))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
