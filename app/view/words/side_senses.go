package words

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// senses is how two groups of occurrences part as layers go up.
type senses struct {
	a, b    group
	na, nb  int // occurrences
	within  []float64
	between []float64 // mean cosines at each layer; NaN: not known
	layers  []int
}

// gap is how far apart they are at a rung: within less between. Of groups that do not differ it is 0 on average, however few their
// occurrences are and however many dimensions there are.
func (s *senses) gap(i int) float64 { return s.within[i] - s.between[i] }

// widest is the rung with the largest gap, or -1.
func (s *senses) widest() int {
	best := -1
	for i := range s.layers {
		if g := s.gap(i); g == g && (best < 0 || g > s.gap(best)) {
			best = i
		}
	}
	return best
}

// occurrences are those that rows stand for, whatever their layer, each once.
func (d *drawing) occurrences(k *ladder, rows []int) (out []int) {
	for _, r := range rows {
		out = append(out, d.m.Point(r)%k.m)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// senses compares two groups at each layer; nil while that is computed, or where there is nothing to compare.
func (d *drawing) senses(k *ladder, a, b group) (s *senses, busy bool) {
	oa, ob := d.occurrences(k, a.rows), d.occurrences(k, b.rows)
	ob = slices.DeleteFunc(ob, func(i int) bool { _, both := slices.BinarySearch(oa, i); return both })
	if len(oa) < 2 || len(ob) < 2 {
		return nil, false
	}
	s = &senses{a: a, b: b, na: len(oa), nb: len(ob), layers: k.layers}
	for l := range k.layers {
		r := d.askSets(d.atRung(k, l, oa), d.atRung(k, l, ob), 0)
		if r == nil {
			busy = true
			continue
		}
		s.within, s.between = append(s.within, (float64(r.WithinA)+float64(r.WithinB))/2), append(s.between, float64(r.Between))
	}
	if busy {
		return nil, true
	}
	return s, false
}

// atRung are the rows of occurrences at a rung.
func (d *drawing) atRung(k *ladder, l int, occurrences []int) (rows []int) {
	for _, i := range occurrences {
		if row := d.rowAt(l*k.m + i); row >= 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// sensesPanel is a small picture over the layers: how alike contexts of one set are, and those of different sets.
func (d *drawing) sensesPanel() *figure.Panel {
	k := d.ladder()
	if k == nil || len(k.layers) < 2 {
		return nil
	}
	p := &figure.Panel{ID: "senses", Class: "wd-senses", Title: []figure.Span{{Text: d.t("side.senses")}}, Width: d.sideW, Label: d.t("side.senses.label")}
	a, b, all, ok := d.compared()
	if !ok {
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.senses.how")})}
		return p
	}
	p.Controls = d.groupSelects(a, b, all)
	s, busy := d.senses(k, a, b)
	switch {
	case busy, s == nil && !d.ready():
		p.Busy, p.SVG, p.Height = d.t("side.busy"), blank, 120
	case s == nil:
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.senses.few")})}
	default:
		d.drawSenses(p, s, d.rung(k))
	}
	return p
}

func (d *drawing) drawSenses(p *figure.Panel, s *senses, rung int) {
	const top, h, x0 = 16., 84., 34.
	w := p.Width - x0 - 62
	n := len(s.layers)
	x := func(i int) float64 { return x0 + w*float64(i)/float64(n-1) }
	lo, hi := bounds(s.within, s.between)
	y := func(v float64) float64 { return top + h*(hi-v)/(hi-lo) }
	var b svg.Builder
	for _, v := range plot.Ticks(lo, hi, 3) {
		b.Line(x0, y(v), x0+w, y(v), "ax")
		b.Text(x0-6, y(v)+4, svg.Fixed(v, plot.Decimals(hi-lo, 3)), "s10 i3 end")
	}
	b.Line(x(rung), top-6, x(rung), top+h, "nowl")
	b.Path(lineThrough(s.between, x, y), "wd-between")
	b.Path(lineThrough(s.within, x, y), "wd-within")
	b.Text(x0+w+6, y(s.within[n-1])+4, d.t("side.senses.within"), "s11")
	b.Text(x0+w+6, clearOf(y(s.between[n-1]), y(s.within[n-1]))+4, d.t("side.senses.between"), "s11 i2")
	p.Table = &figure.Table{Head: []string{d.t("side.ctx.layer"), d.t("side.senses.within"), d.t("side.senses.between"), d.t("side.senses.gap")}}
	for i, l := range s.layers {
		tip := d.t("side.senses.tip", d.layerName(l), svg.Fixed(s.within[i], 2), svg.Fixed(s.between[i], 2), svg.Signed(s.gap(i), 2))
		half := w / float64(n-1) / 2
		b.Rect(x(i)-half, top-6, 2*half, h+22, "wd-hit", "data-set", pair("lay", strconv.Itoa(l)), "data-tip", tip, "role", "button", "aria-label", tip)
		if n <= 14 || i%4 == 0 || i == n-1 {
			b.Text(x(i), top+h+14, layerShort(l), "s10 i3 mid")
		}
		p.Table.Rows = append(p.Table.Rows, []string{strconv.Itoa(l), svg.Fixed(s.within[i], 3), svg.Fixed(s.between[i], 3), svg.Fixed(s.gap(i), 3)})
	}
	p.SVG, p.Height = b.String(), top+h+20
	if i := s.widest(); i >= 0 {
		p.HTML = append(p.HTML, note(figure.Span{Text: d.t("side.senses.widest", d.layerName(s.layers[i]), svg.Fixed(s.within[i], 2), svg.Fixed(s.between[i], 2), s.na, s.nb)}))
	}
}

// bounds are the smallest and the largest of values, with a little room.
func bounds(values ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range slices.Concat(values...) {
		if v == v {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if hi < lo {
		return 0, 1
	}
	room := max(.02, (hi-lo)*.05)
	return lo - room, hi + room
}

// layerShort is a layer at its tick: E is the embedding.
func layerShort(l int) string {
	if l < 0 {
		return "E"
	}
	return strconv.Itoa(l)
}

// clearOf is y, or where a label at y stands clear of another.
func clearOf(y, other float64) float64 {
	switch {
	case y >= other && y-other < 12:
		return other + 12
	case y < other && other-y < 12:
		return other - 12
	}
	return y
}

// lineThrough is path data through values; NaN breaks it.
func lineThrough(v []float64, x func(int) float64, y func(float64) float64) string {
	out, how := "", "M"
	for i, v := range v {
		if v != v {
			how = "M"
			continue
		}
		out += how + svg.N(x(i)) + "," + svg.N(y(v))
		how = "L"
	}
	return out
}

// contextReading is what the contexts show, as a clause: how far two sets part, or which place is most like the chosen one, or how many
// layers there are.
func (d *drawing) contextReading() []figure.Span {
	k := d.ladder()
	if k == nil {
		return nil
	}
	if a, b, _, ok := d.compared(); ok {
		if s, _ := d.senses(k, a, b); s != nil && s.widest() >= 0 {
			i := s.widest()
			return figure.Sentence(d.t("side.r.senses"), map[string]figure.Span{"a": {Text: a.name, Bold: true}, "b": {Text: b.name, Bold: true},
				"l": d.layerSpan(s.layers[i]), "w": {Text: svg.Fixed(s.within[i], 2)}, "v": {Text: svg.Fixed(s.between[i], 2)}})
		}
	}
	here := d.layerSpan(k.layers[d.rung(k)])
	if all := d.listedContexts(k); d.row >= 0 && len(all) > 1 && all[1].known {
		it := func(c context) figure.Span { return figure.Span{Text: c.short(3), H: d.h(c.row)} }
		return figure.Sentence(d.t("side.r.like"), map[string]figure.Span{"a": it(all[1]), "b": it(all[0]), "c": {Text: svg.Fixed(float64(all[1].cos), 2)}, "l": here})
	}
	return figure.Sentence(d.t("side.r.layers"), map[string]figure.Span{"n": {Text: strconv.Itoa(len(k.layers))}, "l": here})
}

// layerSpan is a layer in a sentence; a click shows it.
func (d *drawing) layerSpan(l int) figure.Span {
	return figure.Span{Text: d.layerName(l), Set: pair("lay", strconv.Itoa(l))}
}
