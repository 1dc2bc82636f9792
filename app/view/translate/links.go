package translate

import (
	"fmt"
	"math"
	"sort"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
)

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

// cellH is the least height of a row of the matrix.
const cellH = 13.

// taller is by how much the matrix is higher than the curves.
func taller(s *scene.Scene) float64 {
	return max(0, cellH*float64(len(s.T.Source))-(linked-links-4))
}

// matrixOf is the attention as a picture: columns are steps, above their words, and rows the tokens of the source, from the top. Colour goes
// with the root of a weight, so that small ones are seen.
func matrixOf(b, side *svg.Builder, s *scene.Scene) {
	c, n, steps := s.Cols, len(s.T.Source), len(s.Path())
	if s.Attn == nil {
		return
	}
	h := linked - links - 4 + taller(s)
	rows := make([][]float32, steps)
	for t := range rows {
		rows[t] = s.Row(t)
	}
	href := plot.Levels(n, steps, &s.In.Palette().Seq, func(j, t int) float64 { return math.Sqrt(float64(rows[t][j])) })
	b.Image(c.Left, links+2, c.Pitch()*float64(steps), h, href, "cells", "data-grid", fmt.Sprintf("stages %d %d", n, steps), "data-set", "at={c}", "data-h", "s{r}")
	for j, tok := range s.T.Source {
		side.Text(c.Left-8, links+2+h*(float64(j)+.5)/float64(n)+3, plot.Fit(plot.OneLine(tok.Text), c.Left-10, 10), "s10 i2 end", "data-h", sourceKey(j))
	}
	b.Rect(c.X(s.Step)-c.Pitch()/2+.5, links+2.5, c.Pitch()-1, h-1, "tr-frame")
}
