package words

import (
	"cmp"
	"math"
	"slices"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// axis is what stands in a field of an axis, its words found on the map.
type axis struct {
	typed           string
	from, to        []int // rows of the map
	unknown, hidden []string
}

// axesKnown are offered where their words are there.
var axesKnown = []string{"man > woman", "bad > good", "small > large", "past > future", "he > she", "男 > 女", "坏 > 好"}

func (d *drawing) axis(typed string) axis {
	a := axis{typed: typed}
	from, to := parseAxis(typed)
	a.from, a.to = a.end(d, from), a.end(d, to)
	return a
}

// end is the rows of words and named sets, ascending.
func (a *axis) end(d *drawing, words []string) (rows []int) {
	for _, w := range words {
		points, missing := d.named(w)
		r := d.rows(points)
		a.unknown = append(a.unknown, missing...)
		if len(points) > 0 && len(r) == 0 {
			a.hidden = append(a.hidden, w)
		}
		rows = append(rows, r...)
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// whole reports whether there is an axis.
func (a axis) whole() bool {
	return len(a.to) > 0 && len(a.unknown)+len(a.hidden) == 0 && !slices.Equal(a.from, a.to)
}

// axisPanel is the field, a histogram of all words along the axis, and those that lie furthest at both ends.
func (d *drawing) axisPanel() *figure.Panel {
	a := d.axis(d.opt("line", ""))
	p := &figure.Panel{ID: "axis", Class: "wd-axis", Width: d.sideW, Label: d.t("side.axis.label", a.typed),
		Controls: []figure.Control{{Kind: "text", Key: "o.words.line", Label: d.t("side.axis"), Value: a.typed, Lead: true, Tip: d.t("side.axis.two")}}}
	p.HTML = d.absent("line", a.typed, a.unknown, a.hidden)
	switch {
	case a.whole():
		d.drawAxis(p, a)
	case a.typed != "" && p.HTML == nil:
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.axis.two")})}
	case a.typed == "":
		var there []string
		for _, e := range axesKnown {
			if d.axis(e).whole() {
				there = append(there, e)
			}
		}
		if b := d.offers("line", "", there); b != nil {
			p.HTML = append(p.HTML, *b)
		}
	}
	return p
}

const (
	bins    = 56 // of the histogram
	extreme = 8  // words listed at each end
)

// spread is how all rows lie along an axis.
type spread struct {
	lo, hi    float64
	count     [bins]int
	most      int   // the largest count
	low, high []int // the rows that lie furthest at each end, the furthest first
}

// numbers tells one answer's numbers from another's.
type numbers struct {
	first *float32
	n     int
}

var spreads = plot.Memory[numbers, *spread]{Size: 4}

// spreadOf goes through all rows once. Those that define the axis are not among the ones that lie furthest: they could lie nowhere else.
func spreadOf(x []float32, without []int) *spread {
	return spreads.Get(numbers{&x[0], len(x)}, func() *spread {
		s := &spread{lo: math.Inf(1), hi: math.Inf(-1)}
		var order []int
		for i, v := range x {
			if v-v == 0 {
				s.lo, s.hi = min(s.lo, float64(v)), max(s.hi, float64(v))
				order = append(order, i)
			}
		}
		if s.hi <= s.lo || len(order) == 0 {
			return s
		}
		for _, i := range order {
			k := min(bins-1, int((float64(x[i])-s.lo)/(s.hi-s.lo)*bins))
			s.count[k]++
			s.most = max(s.most, s.count[k])
		}
		order = slices.DeleteFunc(order, func(i int) bool { _, is := slices.BinarySearch(without, i); return is })
		slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(x[i], x[j]), cmp.Compare(i, j)) })
		n := min(extreme, len(order)/2)
		s.low = slices.Clone(order[:n])
		s.high = slices.Clone(order[len(order)-n:])
		slices.Reverse(s.high)
		return s
	})
}

// flat reports whether the rows do not differ.
func (s *spread) flat() bool { return s.most == 0 }

// drawAxis is the picture of an axis.
func (d *drawing) drawAxis(p *figure.Panel, a axis) {
	w := p.Width
	if !d.ready() {
		return
	}
	x := d.along(a.from, a.to, d.m.Spec.Layout.Metric == "cosine")
	if x == nil {
		p.Busy, p.SVG, p.Height = d.t("side.busy"), blank, 90+extreme*d.rowH()
		return
	}
	ends := slices.Concat(a.from, a.to)
	slices.Sort(ends)
	s := spreadOf(x, ends)
	if s.flat() {
		p.HTML = append(p.HTML, note(figure.Span{Text: d.t("side.axis.flat")}))
		return
	}
	hist := histogram{d: d, a: a, s: s, x: x, w: w}
	var b svg.Builder
	y := hist.draw(&b) + 4
	for i := range s.low {
		d.endWord(&b, s.low[i], x, 0, y, w/2-10, false)
		d.endWord(&b, s.high[i], x, w/2+10, y, w/2-10, true)
		y += d.rowH()
	}
	p.SVG, p.Height, p.Table = b.String(), y+4, d.axisTable(s, x)
	p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.words.by=axes&" + pair("x", a.typed), Label: d.t("side.axis.use")})
	key := "side.axis.note"
	if len(a.from) == 0 {
		key = "side.axis.note.one"
	}
	p.HTML = append(p.HTML, note(figure.Span{Text: d.t(key)}))
}

// axisTable is the words that lie furthest, in the order of the axis.
func (d *drawing) axisTable(s *spread, x []float32) *figure.Table {
	t := &figure.Table{Head: []string{d.t("side.th.word"), d.t("side.th.place")}}
	high := slices.Clone(s.high)
	slices.Reverse(high)
	for _, row := range slices.Concat(s.low, high) {
		t.Rows = append(t.Rows, []string{d.shown(row), d.value(x[row], 3)})
	}
	return t
}

// endWord is a word that lies far out, with its place; at the right end it stands at the right.
func (d *drawing) endWord(b *svg.Builder, row int, x []float32, at, y, width float64, right bool) {
	base, v := y+d.rowH()/2+4, d.value(x[row], 2)
	b.Open("", "data-set", d.choose(row), "data-h", d.h(row), "role", "button", "aria-label", d.shown(row)+" "+v)
	b.Rect(at-4, y, width+8, d.rowH(), "wd-hit")
	t := plot.Token{Text: d.name(row), Px: 13, Max: width - 44}
	if right {
		t.Anchor = "end"
		b.Text(at, base, v, "s11 i3")
		t.Draw(b, at+width, base)
	} else {
		b.Text(at+width, base, v, "s11 i3 end")
		t.Draw(b, at, base)
	}
	b.Close()
}
