package words

import (
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// group is rows that can be compared: a named set, or what is selected.
type group struct {
	key  string // "1" to "8", or "s"
	name string
	rows []int // of the map
}

// groups are all that there are.
func (d *drawing) groups() (out []group) {
	for i := 1; i <= maxSets; i++ {
		if rows, name, ok := d.setAt(i); ok && len(rows) > 0 {
			out = append(out, group{strconv.Itoa(i), name, rows})
		}
	}
	if len(d.sel) > 0 {
		out = append(out, group{"s", d.t("side.sets.selection"), d.sel})
	}
	return out
}

// compared are the two groups that are compared, if there are two.
func (d *drawing) compared() (a, b group, all []group, ok bool) {
	if all = d.groups(); len(all) < 2 {
		return a, b, all, false
	}
	ka, kb, _ := strings.Cut(d.opt("ab", ""), ",")
	a, b = all[0], all[1]
	for _, g := range all {
		if g.key == ka {
			a = g
		}
	}
	if a.key == b.key {
		b = all[0]
	}
	for _, g := range all {
		if g.key == kb && kb != a.key {
			b = g
		}
	}
	return a, b, all, true
}

// groupSelects are the two choices: each option sets both.
func (d *drawing) groupSelects(a, b group, all []group) []figure.Control {
	value := a.key + "," + b.key
	one := figure.Control{Kind: "select", Key: "o.words.ab", Label: "A", Value: value}
	two := figure.Control{Kind: "select", Key: "o.words.ab", Label: "B", Value: value}
	for _, g := range all {
		other := b.key
		if g.key == b.key { // they change places
			other = a.key
		}
		one.Options = append(one.Options, figure.Option{Value: g.key + "," + other, Label: g.name})
		if g.key != a.key {
			two.Options = append(two.Options, figure.Option{Value: a.key + "," + g.key, Label: g.name})
		}
	}
	return []figure.Control{one, two}
}

// askSets compares two lists of rows; k rows towards each are asked for.
func (d *drawing) askSets(a, b []int, k int) *protocol.MapSetsResult {
	if !d.ready() || len(a) == 0 || len(b) == 0 {
		return nil
	}
	l := d.m.Spec.Layout
	return d.in.Sets(protocol.MapSets{Map: d.m.ID, A: a, B: b, Centre: l.Centre, Unit: l.Unit, K: k})
}

// setsPanel compares two sets: how like one another their words are, how far apart the sets lie, and which words lie towards each.
func (d *drawing) setsPanel() *figure.Panel {
	a, b, all, ok := d.compared()
	if !ok {
		if len(all) == 0 {
			return nil
		}
		return &figure.Panel{ID: "sets", Class: "wd-sets", Title: []figure.Span{{Text: d.t("side.sets")}}, HTML: []figure.Block{note(figure.Span{Text: d.t("side.sets.two")})}}
	}
	w := d.sideW
	p := &figure.Panel{ID: "sets", Class: "wd-sets", Title: []figure.Span{{Text: d.t("side.sets")}}, Width: w, Label: d.t("side.sets.label", a.name, b.name),
		Controls: d.groupSelects(a, b, all)}
	r := d.askSets(a.rows, b.rows, 6)
	if r == nil {
		p.Busy, p.SVG, p.Height = d.t("side.busy"), blank, 90+6*d.rowH()
		return p
	}
	var s svg.Builder
	y := d.setFigures(&s, r, a, b, w)
	p.Height = d.setWords(&s, r, a, b, w, y)
	p.SVG = s.String()
	p.Table = setTable(d, r, a, b)
	return p
}

// setFigure is a figure with its definition.
type setFigure struct {
	label, tip string
	v          float32
	bar        bool // it is a cosine, which has a bar
}

func (d *drawing) figuresOf(r *protocol.MapSetsResult, a, b group) []setFigure {
	return []setFigure{
		{d.t("side.sets.within", a.name), d.t("side.sets.within.tip"), r.WithinA, true},
		{d.t("side.sets.within", b.name), d.t("side.sets.within.tip"), r.WithinB, true},
		{d.t("side.sets.between"), d.t("side.sets.between.tip"), r.Between, true},
		{d.t("side.sets.means"), d.t("side.sets.means.tip"), r.Means, true},
		{d.t("side.sets.auc"), d.t("side.sets.auc.tip"), r.Separation, false},
	}
}

// setFigures draws the cosines as bars from 0, and the separation.
func (d *drawing) setFigures(b *svg.Builder, r *protocol.MapSetsResult, ga, gb group, w float64) float64 {
	const lab = 132
	y, h := 2., 20.
	zero := lab + (w-lab-44)*.25 // cosines below 0 go left
	for _, f := range d.figuresOf(r, ga, gb) {
		b.Open("", "data-tip", f.tip)
		b.Rect(-4, y, w+8, h, "wd-hit")
		b.Text(0, y+14, plot.Fit(f.label, lab-6, 12), "i2")
		switch {
		case f.v != f.v:
			b.Text(zero+6, y+14, "–", "s11 i3")
		case f.bar:
			k := float64(f.v) * (w - 44 - zero)
			if k >= 0 {
				b.HBar(zero, y+5, k, 10, "bar")
				b.Text(zero+k+6, y+14, svg.Fixed(float64(f.v), 2), "s11 i2")
			} else {
				k = max(k, lab-zero)
				b.Rect(zero+k, y+5, -k, 10, "down")
				b.Text(zero+6, y+14, svg.Fixed(float64(f.v), 2), "s11 i2")
			}
		default:
			b.Text(zero, y+14, svg.Fixed(float64(f.v), 3), "b")
		}
		b.Close()
		y += h
	}
	b.Line(zero, 4, zero, y-h, "ax2")
	return y
}

// setWords draws the words of all that lie furthest towards each set.
func (d *drawing) setWords(b *svg.Builder, r *protocol.MapSetsResult, ga, gb group, w, y float64) float64 {
	half := w/2 - 10
	y += 4
	b.Text(0, y+12, plot.Fit(d.t("side.sets.towards", ga.name), half, 11), "s11 i3")
	b.Text(w/2+10, y+12, plot.Fit(d.t("side.sets.towards", gb.name), half, 11), "s11 i3")
	y += 18
	for i := range max(len(r.TowardsA), len(r.TowardsB)) {
		for k, list := range [][]int{r.TowardsA, r.TowardsB} {
			if i < len(list) && list[i] >= 0 && list[i] < d.n {
				d.plainWord(b, list[i], float64(k)*(w/2+10), y, half)
			}
		}
		y += d.rowH()
	}
	return y
}

func setTable(d *drawing, r *protocol.MapSetsResult, a, b group) *figure.Table {
	t := &figure.Table{Head: []string{d.t("side.th.measure"), d.t("side.th.value")}}
	for _, f := range d.figuresOf(r, a, b) {
		t.Rows = append(t.Rows, []string{f.label, svg.Fixed(float64(f.v), 3)})
	}
	return t
}
