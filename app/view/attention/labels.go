package attention

import (
	"fmt"
	"math"

	"loupe/app/plot"
	"loupe/app/svg"
)

// labels are the tokens at the columns, at the lines' left (or at the picture's left, in side) and at their right.
func (s *scene) labels(b, side *svg.Builder, f *frame) {
	must := s.mustLabel()
	looking, looked := must, must
	if !s.square() {
		looking, looked = must[:1], must[1:]
	}
	rows, right, columns, px := thin(s.n, f.cell, rowPitch, looking), thin(s.m, f.cell, rowPitch, looked), thin(s.m, f.cell, columnPitch, looked), 12.0
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
		case i > s.now && !s.full:
			return "i3 att-label"
		}
		return "i2 att-label"
	}
	for i, t := range s.tokens {
		if rows[i] {
			label := plot.Token{Text: t.Text, Px: px, Max: f.lab - 12, Class: tone(i, "b inow att-label", i == s.now),
				Attrs: []string{"data-set", s.rowSet(i), "data-h", s.rowHover(i)}}
			label.Draw(side, f.from, f.y(i)+4)
		}
	}
	for k, t := range s.keys {
		label := plot.Token{Text: t.Text, Px: px, Max: f.lab - 8, Class: tone(k, "b att-label", attended[k]),
			Attrs: []string{"data-set", s.columnSet(k), "data-h", s.columnHover(k)}}
		if right[k] {
			label.Draw(b, f.to, f.y(k)+4)
		}
		if columns[k] {
			label.Px, label.Max = 11, 66
			x := f.x + (float64(k)+.5)*f.cell + 4
			b.Open("", "transform", fmt.Sprintf("translate(%s,%s) rotate(-60)", svg.N(x), svg.N(f.top-5)))
			label.Draw(b, 0, 0)
			b.Close()
		}
	}
	from, to := s.sides()
	if s.place.narrow {
		side.Text(f.from, f.top-9, from, "s11 i3")
	} else { // clear of the last column's label
		side.Text(f.x1-8, f.top-9, from, "s11 i3 end")
	}
	b.Text(f.to, f.top-9, to, "s11 i3")
}

// sides are what stands over the tokens that look, and over those that are looked at.
func (s *scene) sides() (from, to string) {
	if !s.square() {
		return s.L.T("text.target"), s.L.T("text.source")
	}
	return s.L.T("attn.from"), s.L.T("attn.to")
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

// thin says which of n tokens have room for a label: those that must, then every few of the others.
func thin(n int, cell, pitch float64, must []int) []bool {
	show := make([]bool, n)
	near := int(math.Ceil(pitch/cell)) - 1 // tokens on each side without a label
	free := func(i int) bool {
		for j := max(0, i-near); j <= min(n-1, i+near); j++ {
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
