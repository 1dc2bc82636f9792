package attention

import (
	"fmt"
	"math"

	"loupe/app/plot"
	"loupe/app/svg"
)

// tokenKey is what all marks of a token share on the page, so that hover lights them together.
func tokenKey(i int) string { return fmt.Sprintf("t%d", i) }

// labels are the tokens at the columns, at the lines' left (or at the picture's left, in side) and at their right.
func (s *scene) labels(b, side *svg.Builder, f *frame) {
	must := s.mustLabel()
	rows, columns, px := s.thin(f.cell, rowPitch, must), s.thin(f.cell, columnPitch, must), 12.0
	if f.cell < 14 {
		px = 11
	}
	attended := map[int]bool{}
	for _, k := range must[1:] {
		attended[k] = true
	}
	tone := func(i int, strong string, is bool) string {
		switch {
		case is:
			return strong
		case i > s.now:
			return "i3 att-label"
		}
		return "i2 att-label"
	}
	for i, t := range s.tokens {
		label := plot.Token{Text: t.Text, Px: px, Attrs: []string{"data-set", fmt.Sprintf("at=%d", i), "data-h", tokenKey(i)}}
		if rows[i] {
			label.Max, label.Class = f.lab-12, tone(i, "b inow att-label", i == s.now)
			label.Draw(side, f.from, f.y(i)+4)
			label.Max, label.Class = f.lab-8, tone(i, "b att-label", attended[i])
			label.Draw(b, f.to, f.y(i)+4)
		}
		if columns[i] {
			label.Px, label.Max, label.Class = 11, 66, tone(i, "b att-label", attended[i])
			x := f.x + (float64(i)+.5)*f.cell + 4
			b.Open("", "transform", fmt.Sprintf("translate(%s,%s) rotate(-60)", svg.N(x), svg.N(f.top-5)))
			label.Draw(b, 0, 0)
			b.Close()
		}
	}
	if s.place.narrow {
		side.Text(f.from, f.top-9, s.L.T("attn.from"), "s11 i3")
	} else { // clear of the last column's label
		side.Text(f.x1-8, f.top-9, s.L.T("attn.from"), "s11 i3 end")
	}
	b.Text(f.to, f.top-9, s.L.T("attn.to"), "s11 i3")
}

// mustLabel are now, and the tokens that it attends to most.
func (s *scene) mustLabel() []int {
	must := []int{s.now}
	for _, e := range strongest(s.seen(s.now), 3, func(k int) float64 { return float64(s.row[k]) }, s.row == nil) {
		if e.share >= .1 || len(must) == 1 {
			must = append(must, e.to)
		}
	}
	return must
}

// thin says which tokens have room for a label: those that must, then every few of the others.
func (s *scene) thin(cell, pitch float64, must []int) []bool {
	show := make([]bool, s.n)
	near := int(math.Ceil(pitch/cell)) - 1 // tokens on each side without a label
	free := func(i int) bool {
		for j := max(0, i-near); j <= min(s.n-1, i+near); j++ {
			if show[j] {
				return false
			}
		}
		return true
	}
	for _, i := range must {
		show[i] = show[i] || free(i)
	}
	for i := range show {
		show[i] = show[i] || free(i)
	}
	return show
}
