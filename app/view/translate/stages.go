package translate

import (
	"fmt"
	"math"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// Heights of the figure's rows.
const (
	barsTop  = 18.
	barsBase = 64. // of the attention of the chosen step
	barsHigh = barsBase - barsTop
	strip    = 7.  // of a state
	sourceY  = 88. // baseline of the source
	links    = 104.
	linked   = 196. // where they end
	targetY  = 226.
	nextY    = 236. // top of the next words
	rowH     = 19.
	nextRows = 5
)

// stages is the main figure: the attention of the chosen step over the source, the source and its states, what each step looks at, the
// decoder's states, what is written, and what else was likely.
func stages(s *scene.Scene) figure.Panel {
	in, l := s.In, s.In.L
	var b, side svg.Builder
	matrix := in.State.Opt("translate.form", "") == "matrix"
	rows := min(max(scene.Int(in, "top", nextRows), 1), 10)
	bars(&b, s)
	sourceRow(&b, s)
	if matrix {
		matrixOf(&b, s)
	} else {
		curves(&b, s)
	}
	targetRow(&b, s)
	next(&b, s, rows)
	label := func(y float64, key string, class string, args ...any) {
		side.Text(0, y, plot.Fit(l.T(key, args...), s.Cols.Left-6, 11), class)
	}
	word := plot.OneLine(s.Path()[s.Step].Text)
	label(barsBase-14, "tr.attention", "s11 i2")
	label(barsBase-1, "tr.of", "s11 i2", word)
	label(sourceY, "tr.source", "s11 i2")
	label(targetY, "tr.target", "s11 i2")
	label(nextY+13, "tr.next", "s11 i2")
	label(nextY+26, "tr.top", "s11 i3", rows)
	p := figure.Panel{ID: "stages", Class: scene.Main, Column: scene.Main, Title: []figure.Span{{Text: l.T("tr.title")}}, Width: s.Cols.Width, Height: nextY + float64(rows)*rowH + 4,
		SVG: b.String(), Side: side.String(), SideW: s.Cols.Left - 4, Label: figure.Plain(reading(s)), NowX: s.Cols.X(s.Step), Table: table(s)}
	if s.Layer >= 0 {
		p.Names = s.Seq.Cross[s.Layer]
		if s.Attn != nil {
			p.Names += fmt.Sprintf(" [%d, %d]", s.Attn.Shape[1], s.Attn.Shape[2])
		}
	} else {
		p.Busy = l.T("tr.busy")
	}
	p.Controls = controls(s)
	p.Tip = func(row, col int) string { return attentionTip(s, row, col) }
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
	return out
}

// cut is the share of a step's attention that its curves carry, per cent.
func cut(in *figure.Input) int { return min(max(scene.Int(in, "cut", 75), 1), 100) }

// sourceKey and stepKey tie marks of the same token; the text band uses the same.
func sourceKey(j int) string { return "s" + strconv.Itoa(j) }
func stepKey(t int) string   { return "t" + strconv.Itoa(t+1) }

// goTo is the patch that chooses a step.
func goTo(t int) string { return "at=" + strconv.Itoa(t+1) }

// bars are the attention of the chosen step, each a handle: dragging one rescales the others.
func bars(b *svg.Builder, s *scene.Scene) {
	row := s.Row(s.Step)
	c := s.Cols
	b.Line(c.Left, barsBase+.5, c.Right, barsBase+.5, "ax2")
	if row == nil {
		return
	}
	w := min(18, c.SPitch()-3)
	now := changedRow(s)
	for j, v := range row {
		h := float64(v) * barsHigh
		class := "barsoft"
		if j == argmax(row) {
			class = "bar"
		}
		x := c.SX(j) - w/2
		b.Rect(x, barsBase-h, w, max(h, 1), class, "data-h", sourceKey(j))
		if v >= .03 {
			b.Text(c.SX(j), barsBase-h-4, share(v), "s10 i2 mid")
		}
		class = "grip"
		if now {
			class = "grip now"
		}
		b.Line(x-1, barsBase-h, x+w+1, barsBase-h, class)
		b.Rect(c.SX(j)-c.SPitch()/2, barsTop-12, c.SPitch(), barsHigh+14, "hit", "data-h", sourceKey(j), "data-tip", s.In.L.T("tr.bar.tip", plot.OneLine(s.T.Source[j].Text), svg.Percent(float64(v))),
			"data-drag", fmt.Sprintf("%s y %s 0 %s 1 2", dragged(s, j), svg.N(barsBase), svg.N(barsTop)))
	}
	b.Text(c.Left, 9, s.In.L.T("tr.drag"), "s10 i3")
}

func argmax(row []float32) int {
	at := 0
	for i, v := range row {
		if v > row[at] {
			at = i
		}
	}
	return at
}

// share is a weight in a few letters.
func share(v float32) string { return svg.Fixed(float64(v), 2) }

// changedRow reports whether the attention of the chosen step is a person's.
func changedRow(s *scene.Scene) bool {
	for _, c := range s.Now.Changes {
		if c.Pos == s.Step && s.Layer >= 0 && c.Name == s.Seq.Cross[s.Layer] {
			return true
		}
	}
	return false
}

// dragged is the patch by which the weight of a token of the source at the chosen step becomes {}.
func dragged(s *scene.Scene, j int) string {
	c := protocol.Change{Name: s.Seq.Cross[s.Layer], Pos: s.Step, Index: s.Head, Op: "weight", Row: fmt.Sprintf("%d_", j)}
	if s.Heads() < 2 {
		c.Index = -1
	}
	var keep []protocol.Change
	for _, o := range s.AtStep(s.Now.Changes) {
		if o.Name == c.Name && o.Pos == c.Pos && o.Op == "weight" && strings.HasPrefix(o.Row, c.Row) {
			continue
		}
		keep = append(keep, o)
	}
	return scene.Changing(keep) + "&change=" + url.QueryEscape(state.FormatChange(c)) + "{}"
}

// sourceRow is the words that are read, each with its state in the encoder.
func sourceRow(b *svg.Builder, s *scene.Scene) {
	c := s.Cols
	states(b, s, s.Seq.Encoder, len(s.T.Source), c.SX, c.SPitch(), sourceY+7)
	for j, t := range s.T.Source {
		class := ""
		if t.Was != nil {
			class = "inow b"
		}
		if j == s.Src {
			b.Rect(c.SX(j)-c.SPitch()/2+1, sourceY-17, c.SPitch()-2, 22, "chosen")
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

// states are the states of tokens as strips: their units from left to right, of those that share a pixel the largest.
func states(b *svg.Builder, s *scene.Scene, name string, n int, x func(int) float64, pitch, y float64) {
	a := s.In.Translated(protocol.Translated{Of: s.Now, Hyp: s.Hyp, Name: name})
	if a == nil || len(a.Shape) != 2 || a.Shape[0] < n {
		return
	}
	d := a.Shape[1]
	w := min(pitch-6, 64)
	cells := min(d, max(8, int(w)))
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
		b.Image(x(t)-w/2, y, w, strip, href, "strip", "data-tip", s.In.L.T("tr.state.tip", name, d, svg.Fixed(scale, 2)))
	}
}

// heaviest are the fewest tokens of the source that hold a share of a step's attention.
func heaviest(row []float32, share float64) (out []int) {
	order := make([]int, len(row))
	for j := range order {
		order[j] = j
	}
	sort.SliceStable(order, func(a, b int) bool { return row[order[a]] > row[order[b]] })
	sum := 0.0
	for _, j := range order {
		if sum >= share-1e-6 || row[j] <= 0 {
			break
		}
		sum += float64(row[j])
		out = append(out, j)
	}
	return out
}

// curves tie each step to what it looks at: width is weight; those of the chosen step are strong.
func curves(b *svg.Builder, s *scene.Scene) {
	c := s.Cols
	draw := func(t int, class string) {
		row := s.Row(t)
		b.Open(class, "data-h", stepKey(t), "data-set", goTo(t))
		for _, j := range heaviest(row, float64(cut(s.In))/100) {
			x0, x1, bend := svg.N(c.SX(j)), svg.N(c.X(t)), (linked-links)*.5
			b.Path("M"+x0+","+svg.N(links)+"C"+x0+","+svg.N(links+bend)+" "+x1+","+svg.N(linked-bend)+" "+x1+","+svg.N(linked), "", "stroke-width", svg.N(1+9*float64(row[j])), "data-h", sourceKey(j),
				"data-tip", attentionTip(s, t, j))
		}
		b.Close()
	}
	for t := range s.Path() {
		if t != s.Step {
			draw(t, "tr-link")
		}
	}
	draw(s.Step, "tr-link on")
}

func attentionTip(s *scene.Scene, t, j int) string {
	row := s.Row(t)
	if t >= len(s.Path()) || j >= len(row) {
		return ""
	}
	return s.In.L.T("tr.link.tip", plot.OneLine(s.Path()[t].Text), svg.Percent(float64(row[j])), plot.OneLine(s.T.Source[j].Text))
}

// matrixOf is the attention as a picture: a row a token of the source would not line up with the words, so that columns are steps and the
// rows the source's tokens, from the top.
func matrixOf(b *svg.Builder, s *scene.Scene) {
	c, n, steps := s.Cols, len(s.T.Source), len(s.Path())
	if s.Attn == nil {
		return
	}
	pal := s.In.Palette()
	h := linked - links - 4
	href := plot.Levels(n, steps, &pal.Seq, func(j, t int) float64 { return math.Sqrt(float64(s.Row(t)[j])) })
	w := c.Pitch() * float64(steps)
	b.Image(c.Left, links+2, w, h, href, "cells")
	for t := range steps {
		for j := range n {
			b.Rect(c.Left+float64(t)*c.Pitch(), links+2+h*float64(j)/float64(n), c.Pitch(), h/float64(n), "hit", "data-h", sourceKey(j), "data-set", goTo(t), "data-tip", attentionTip(s, t, j))
		}
	}
	for j, tok := range s.T.Source {
		if h/float64(n) >= 9 || j == s.Src {
			b.Text(c.Left-4, links+2+h*(float64(j)+.5)/float64(n)+3, plot.Fit(plot.OneLine(tok.Text), c.Left-8, 10), "s10 i3 end")
		}
	}
	b.Rect(c.X(s.Step)-c.Pitch()/2+.5, links+2.5, c.Pitch()-1, h-1, "frame")
}

// targetRow is what was written, with the decoder's state that wrote it above.
func targetRow(b *svg.Builder, s *scene.Scene) {
	c, path := s.Cols, s.Path()
	rows := min(max(scene.Int(s.In, "top", nextRows), 1), 10)
	b.Rect(c.X(s.Step)-c.Pitch()/2+1, targetY-18, c.Pitch()-2, 24+float64(rows)*rowH+4, "nowband")
	states(b, s, s.Seq.Decoder, len(path), c.X, c.Pitch(), linked+5)
	forced := s.Prefix()
	for t, n := range path {
		class := "b"
		switch {
		case t < len(forced) && s.T.Forced > t:
			class = "b inow"
		case n.State == "ended":
			class = "i3"
		}
		plot.Token{Text: n.Text, Px: 14, Anchor: "middle", Max: c.Pitch() - 4, Class: class, Attrs: []string{"data-h", stepKey(t), "data-set", goTo(t), "data-tip", stepTip(s, t)}}.Draw(b, c.X(t), targetY)
	}
	if h := s.T.Hyps[s.Hyp]; !h.Ended {
		b.Text(c.X(len(path)-1)+c.Pitch()/2+2, targetY, "…", "i3", "data-tip", s.In.L.T("tr.limit", s.T.Decode.Most))
	}
}

func stepTip(s *scene.Scene, t int) string {
	n := s.Path()[t]
	return s.In.L.T("tr.step.tip", t, plot.OneLine(n.Text), svg.Percent(math.Exp(n.LogP)), svg.Fixed(n.LogP, 3), n.Rank+1, svg.Fixed(n.Sum, 3))
}

// next are the likeliest words at each step, and a bar for each one's probability. A click has the target begin with that one.
func next(b *svg.Builder, s *scene.Scene, rows int) {
	c, path := s.Cols, s.Path()
	for t, n := range path {
		before := s.Before(t)
		if before.Next == nil {
			continue
		}
		x, w := c.X(t)-c.Pitch()/2+4, c.Pitch()-8
		for r, k := range before.Next.Top[:min(rows, len(before.Next.Top))] {
			y := nextY + float64(r)*rowH
			class := "i2"
			switch {
			case k.ID == n.ID:
				class = "b"
			case k.P < .02:
				class = "i3"
			}
			set := scene.Changing(scene.Prefixed(s.Now.Changes, append(s.IDs(t), k.ID))) + "&" + goTo(t)
			if k.ID == n.ID {
				set = goTo(t)
			}
			b.Open("opt", "data-set", set, "data-h", stepKey(t), "data-tip", s.In.L.T("tr.next.tip", plot.OneLine(k.Text), svg.Percent(float64(k.P)), r+1))
			b.Rect(x-3, y, w+6, rowH, "hit")
			b.Rect(x, y+15, w, .6, "rule")
			b.Rect(x, y+14, w*float64(k.P), 2.6, map[bool]string{true: "bar", false: "barmid"}[k.ID == n.ID])
			room := w
			if t == s.Step && w > 52 {
				room -= 20
				b.Text(x+w, y+12, percent(k.P), "s10 i2 end")
			}
			plot.Token{Text: k.Text, Px: 12, Max: room, Class: class}.Draw(b, x, y+12)
			b.Close()
		}
	}
}

// percent is a probability as a whole number of per cent.
func percent(p float32) string {
	if p < .005 {
		return "<1"
	}
	return strconv.Itoa(int(math.Round(100 * float64(p))))
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
