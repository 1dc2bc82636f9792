package translate

import (
	"math"
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/translate/scene"
	"loupe/engine/protocol"
)

// next are the likeliest words at each step.
func next(b *svg.Builder, s *scene.Scene, rows int) {
	c, path := s.Cols, s.Path()
	for t := range path {
		before := s.Before(t)
		if before.Next == nil {
			continue
		}
		x, w := c.X(t)-c.Pitch()/2+4, c.Pitch()-8
		for r, k := range before.Next.Top[:min(rows, len(before.Next.Top))] {
			option(b, s, t, r, k, x, nextY+float64(r)*rowH, w, rowH)
		}
	}
}

// option is one word that could be written at a step, w pixels wide from x, with a bar for its probability. A click has the target begin with it.
func option(b *svg.Builder, s *scene.Scene, t, r int, k protocol.Choice, x, y, w, h float64) {
	n := s.Path()[t]
	class, bar := "i2", "barmid"
	set := scene.Changing(scene.Prefixed(s.Now.Changes, append(s.IDs(t), k.ID))) + "&" + goTo(t)
	switch {
	case k.ID == n.ID:
		class, bar, set = "b", "bar", goTo(t)
	case k.P < .02:
		class = "i3"
	}
	base := y + h - 7
	b.Open("opt", "data-set", set, "data-h", stepKey(t), "data-tip", s.In.L.T("tr.next.tip", plot.OneLine(k.Text), svg.Percent(float64(k.P)), r+1))
	b.Rect(x-3, y, w+6, h, "hit")
	b.Rect(x, base+3, w, .6, "rule")
	b.Rect(x, base+2, w*float64(k.P), 2.6, bar)
	room := w
	if t == s.Step && w > 36 {
		room -= 19
		b.Text(x+w, base, percent(k.P), "s10 i2 end")
	}
	plot.Token{Text: k.Text, Px: 12, Max: room, Class: class}.Draw(b, x, base)
	b.Close()
}

// percent is a probability as a whole number of per cent.
func percent(p float32) string {
	if p < .005 {
		return "<1"
	}
	return strconv.Itoa(int(math.Round(100 * float64(p))))
}
