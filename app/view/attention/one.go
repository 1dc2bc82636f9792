package attention

import (
	"fmt"
	"math"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// frame is where the parts of the large head stand: the matrix, beside it the lines from each token to those that it
// attends to, on the same rows, and below the row of now as bars.
type frame struct {
	cell     float64 // a token's row and column
	top      float64 // of the matrix
	x        float64 // the matrix: its left
	wide     float64 // and its sides
	tall     float64
	from     float64 // x of the labels of queries
	x1, x2   float64 // the lines' ends
	to       float64 // x of the labels of keys
	lab      float64 // width of the labels
	w, h     float64
	barsBase float64
}

const (
	largeCell   = 24.0  // a token of a short text
	maxSide     = 548.0 // of the matrix: with the reading and the text above, it fits in a window
	minLines    = 96.0  // width of the lines
	barsTall    = 28.0
	rowPitch    = 11.0 // labels are never closer
	columnPitch = 14.0 // the same of the slanting ones
)

func (s *scene) frame() frame {
	var f frame
	widest, above, n, m := 0.0, 0.0, float64(s.n), float64(s.m)
	for i := range s.tokens {
		widest = max(widest, plot.Width(s.word(i), 12))
	}
	for k := range s.keys {
		above = max(above, plot.Width(s.keyWord(k), 12))
	}
	f.lab = min(84, max(34, max(widest, above)+14))
	f.top = 18 + min(66, above)*.86
	room := s.place.one - 2*f.lab - minLines
	f.cell = min(largeCell, maxSide/max(n, m))
	if s.place.narrow {
		f.cell = min(f.cell, max(room/m, 15, 300/max(n, m))) // wider than the page if it must: it scrolls
	} else {
		f.cell = min(f.cell, room/m)
	}
	f.wide, f.tall = f.cell*m, f.cell*n
	lines := min(320, max(minLines, s.place.one-f.wide-2*f.lab))
	if s.place.narrow { // the queries' labels stay in sight at the left
		f.x = f.lab
		f.x1 = f.x + f.wide + 4
	} else {
		f.from = f.wide + 8
		f.x1 = f.wide + f.lab
	}
	f.x2 = f.x1 + lines
	f.to = f.x2 + 6
	f.w = f.x2 + f.lab
	f.barsBase = f.top + f.tall + 10 + barsTall
	f.h = max(f.barsBase, f.top+f.cell*m) + 18
	return f
}

// y is the middle of a token's row.
func (f *frame) y(i int) float64 { return f.top + (float64(i)+.5)*f.cell }

// oneHead is the chosen head, large.
func (s *scene) oneHead() figure.Panel {
	name := headName(s.layer, s.head)
	title, label := s.L.T("attn.head.title", name), s.L.T("attn.one.label", name)
	if s.whole() {
		title, label = s.L.T("attn.whole"), s.L.T("attn.whole.label")
	}
	p := figure.Panel{ID: "one", Class: "att-one", Title: []figure.Span{{Text: title}}, Controls: []figure.Control{s.modeControl()}, Label: label}
	switch s.mode() {
	case byScore:
		p.Names = fmt.Sprintf("%s[%d] [%d, %d]", s.name("attn_scores"), s.head, s.n, s.m)
	case byValue:
		p.Names = fmt.Sprintf("%s[%d] × |%s|", s.name("pattern"), s.head, "v")
	default:
		p.Names = fmt.Sprintf("%s[%d] [%d, %d]", s.name("pattern"), s.head, s.n, s.m)
	}
	f, w := s.frame(), s.weights()
	var under, b, side svg.Builder
	if w == nil {
		p.Busy = s.L.T("attn.one.busy")
	} else {
		s.matrix(&under, &f, w)
		s.rowOfNow(&b, &f, w)
		s.lines(&under, &b, &f, w)
		s.bars(&b, &f, w)
		p.Table = s.rowTable(w)
	}
	labels := &b
	if s.place.narrow {
		labels, p.SideW = &side, f.lab
	}
	s.labels(&b, labels, &f)
	p.Width, p.Height, p.Under, p.SVG, p.Side = f.w, f.h, under.String(), b.String(), side.String()
	p.NowX = f.x + (float64(s.now)+.5)*f.cell
	if w != nil {
		p.Tip = func(row, col int) string { return s.cellTip(w, row, col) }
		p.Over = func(row, col int) string { return s.over(&f, row, col) }
		p.Pick = func(row, col int, _ bool) string {
			if s.square() {
				return s.rowSet(row)
			}
			return s.rowSet(row) + "&" + s.columnSet(col)
		}
	}
	return p
}

// matrix is one picture and its causal edge.
func (s *scene) matrix(b *svg.Builder, f *frame, w *weights) {
	rows, columns := min(s.n, max(1, int(f.tall))), min(s.m, max(1, int(f.wide)))
	key := made{array: w.array, dark: s.in.Dark, what: fmt.Sprintf("%s %d %d", w.mode, rows, columns)}
	href := remember(key, func() string { return s.picture(w, rows, columns) })
	b.Image(f.x, f.top, f.wide, f.tall, href, "att-cells", "data-grid", fmt.Sprintf("one %d %d", s.n, s.m), "data-set", "at={r}")
	if s.full {
		return
	}
	b.Path(s.stair(f), "att-stair")
	if text := s.L.T("attn.masked"); s.n > 4 && plot.Width(text, 11) < f.wide-2.5*f.cell-20 {
		b.Text(f.x+f.wide, f.top+14, text, "s11 i3 end att-quiet")
	}
}

// rowOfNow is the outline of the row, with its weights where they fit.
func (s *scene) rowOfNow(b *svg.Builder, f *frame, w *weights) {
	y, tall := f.y(s.now)-f.cell/2, f.cell
	if tall < 4 {
		y, tall = y-(4-tall)/2, 4
	}
	wide := float64(s.seen(s.now)) * f.cell
	b.Rect(f.x-.5, y, wide+1, tall, "selhalo att-quiet")
	b.Rect(f.x-.5, y, wide+1, tall, "sel att-quiet")
	if f.cell < 15 || w.mode != byAttention {
		return
	}
	for k := range s.seen(s.now) {
		if a := w.at(s.now, k); a >= .095 && a <= 1.001 {
			b.Text(f.x+(float64(k)+.5)*f.cell, f.y(s.now)+3.5, svg.Fixed(100*a, 0), "s10 mid att-quiet", "fill", s.pal.Seq.At(w.shade(s.now, k)).Ink())
		}
	}
}

// picture draws the matrix, a pixel a cell, or pooled by magnitude where there are fewer pixels than tokens.
func (s *scene) picture(w *weights, rows, columns int) string {
	scale := &s.pal.Seq
	if w.mode == byScore {
		scale = &s.pal.Div
	}
	if rows == s.n && columns == s.m {
		return plot.Levels(s.n, s.m, scale, func(q, k int) float64 {
			if k >= s.seen(q) {
				return math.NaN()
			}
			return w.shade(q, k)
		})
	}
	cells := make([]float64, rows*columns)
	for i := range cells {
		cells[i] = math.NaN()
	}
	for q := range s.n {
		for k := range s.seen(q) {
			c := &cells[q*rows/s.n*columns+k*columns/s.m]
			if v := w.shade(q, k); *c != *c || math.Abs(v) > math.Abs(*c) {
				*c = v
			}
		}
	}
	return plot.Levels(rows, columns, scale, func(r, c int) float64 { return cells[r*columns+c] })
}

// stair is the edge between what a token can see and what it cannot; a line where the steps are too small to see.
func (s *scene) stair(f *frame) string {
	var d strings.Builder
	d.WriteString("M" + svg.N(f.x) + "," + svg.N(f.top))
	if f.cell < 3 {
		d.WriteString("l" + svg.N(f.wide) + "," + svg.N(f.tall))
	} else {
		for i := range s.n { // absolute: rounded steps would add up to more than they are
			d.WriteString("H" + svg.N(f.x+float64(i+1)*f.cell) + "V" + svg.N(f.top+float64(i+1)*f.cell))
		}
	}
	d.WriteString("H" + svg.N(f.x) + "z")
	return d.String()
}

// bars are the row of now, below its columns, with what they truly sum to.
func (s *scene) bars(b *svg.Builder, f *frame, w *weights) {
	least, most, sum := math.Inf(1), math.Inf(-1), 0.0
	for k := range s.seen(s.now) {
		v := w.at(s.now, k)
		if math.IsInf(v, 0) {
			v = math.NaN()
		}
		sum += v
		least, most = min(least, v), max(most, v)
	}
	y, low, top := f.barsBase, min(0, least), max(0, most)
	if span := top - low; span > 0 {
		zero := y + low/span*barsTall
		gap := min(6, f.cell*.3)
		for k := range s.seen(s.now) {
			v := w.at(s.now, k)
			if v != v || math.IsInf(v, 0) {
				continue
			}
			tall, class := max(.8, math.Abs(v)/span*barsTall), "bar att-quiet"
			y0 := zero - tall
			if v < 0 {
				y0, class = zero, "down att-quiet"
			}
			b.Rect(f.x+float64(k)*f.cell+gap/2, y0, f.cell-gap, tall, class, "data-h", s.columnHover(k))
		}
		b.Line(f.x, zero, f.x+f.wide, zero, "ax2")
	}
	key := "attn.sum." + w.mode
	text := s.L.T(key, s.now+s.first, svg.Fixed(sum, 2))
	if w.mode == byScore {
		text = s.L.T(key, s.now+s.first, svg.Fixed(least, 2), svg.Fixed(most, 2))
	}
	b.Text(f.x, y+14, text, "s11 i3")
}

// cellTip says one weight: from which token to which, and how much.
func (s *scene) cellTip(w *weights, row, col int) string {
	if row < 0 || row >= s.n || col < 0 || col >= s.m {
		return ""
	}
	if col >= s.seen(row) {
		return s.L.T("attn.masked")
	}
	a := float64(s.pattern.Data[row*s.m+col])
	t := s.word(row) + " → " + s.keyWord(col) + " " + svg.Fixed(a, 2)
	switch w.mode {
	case byValue:
		return t + ", " + s.L.T("attn.tip.value", svg.Fixed(w.at(row, col), 2))
	case byScore:
		return t + ", " + s.L.T("attn.tip.score", svg.Fixed(w.at(row, col), 2))
	}
	return t
}

// over is drawn while the pointer is over a cell: its row and column, and its line.
func (s *scene) over(f *frame, row, col int) string {
	if row < 0 || row >= s.n || col < 0 || col >= s.seen(row) {
		return ""
	}
	var b svg.Builder
	x, y := f.x+float64(col)*f.cell, f.top+float64(row)*f.cell
	b.Rect(x, y, max(f.cell, 3), max(f.cell, 3), "att-cell")
	b.Path(curve(f, row, col), "att-over")
	if !s.place.narrow {
		plot.Token{Text: s.tokens[row].Text, Max: f.lab - 12, Class: "b halo"}.Draw(&b, f.from, f.y(row)+4)
	}
	plot.Token{Text: s.keys[col].Text, Max: f.lab - 8, Class: "b halo"}.Draw(&b, f.to, f.y(col)+4)
	return b.String()
}

// rowTable is the head as numbers: a row a token, or only the row of now where the text is long.
func (s *scene) rowTable(w *weights) *figure.Table {
	from, _ := s.sides()
	t := &figure.Table{Head: []string{from}}
	rows := []int{s.now}
	if s.n <= 64 {
		rows = rows[:0]
		for q := range s.n {
			rows = append(rows, q)
		}
	}
	for k := range s.seen(rows[len(rows)-1]) {
		t.Head = append(t.Head, fmt.Sprintf("%d %s", k, s.keyWord(k)))
	}
	for _, q := range rows {
		row := []string{fmt.Sprintf("%d %s", q+s.first, s.word(q))}
		for k := range s.seen(q) {
			row = append(row, svg.Fixed(w.at(q, k), 3))
		}
		for len(row) < len(t.Head) {
			row = append(row, "")
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
