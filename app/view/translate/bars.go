package translate

import (
	"fmt"
	"net/url"
	"strings"

	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// bars are the attention of the chosen step, each a handle: dragging one rescales the others.
func bars(b *svg.Builder, s *scene.Scene) {
	row := s.Row(s.Step)
	c := s.Cols
	b.Line(c.Left, barsBase+.5, c.Right, barsBase+.5, "ax2")
	if row == nil {
		return
	}
	w := min(18, c.SPitch()-3)
	changed := changedBars(s)
	for j, v := range row {
		h := float64(v) * barsHigh
		class := "barsoft"
		if j == scene.Heaviest(row) {
			class = "bar"
		}
		x := c.SX(j) - w/2
		b.Rect(x, barsBase-h, w, max(h, 1), class, "data-h", sourceKey(j))
		if v >= .03 {
			b.Text(c.SX(j), barsBase-h-4, share(v), "s10 i2 mid")
		}
		if changed(j) {
			b.Line(x-1, barsBase-h, x+w+1, barsBase-h, "grip now")
		} else if v >= .03 {
			b.Line(x-1, barsBase-h, x+w+1, barsBase-h, "grip")
		}
		b.Rect(c.SX(j)-c.SPitch()/2, barsTop-14, c.SPitch(), barsHigh+16, "hit", "data-h", sourceKey(j), "data-tip", s.In.L.T("tr.bar.tip", plot.OneLine(s.T.Source[j].Text), svg.Percent(float64(v))),
			"data-drag", fmt.Sprintf("%s y %s 0 %s 1 2", dragged(s, j), svg.N(barsBase), svg.N(barsTop)))
	}
	b.Text(c.Left, 9, s.In.L.T("tr.drag"), "s10 i3")
}

// share is a weight in a few letters.
func share(v float32) string { return svg.Fixed(float64(v), 2) }

// changedBars says which weights of the chosen step a person set: those that were dragged, the one that has all, or the whole row.
func changedBars(s *scene.Scene) func(j int) bool {
	set, all := map[int]bool{}, false
	for _, c := range s.Now.Changes {
		if c.Pos != s.Step || s.Layer < 0 || c.Name != s.Seq.Cross[s.Layer] {
			continue
		}
		switch c.Op {
		case "weight":
			if numbers, err := c.Numbers(); err == nil && len(numbers) > 0 {
				set[int(numbers[0])] = true
			}
		case "onehot":
			set[int(c.Value)] = true
		default:
			all = true
		}
	}
	return func(j int) bool { return all || set[j] }
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
