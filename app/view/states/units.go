package states

import (
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
)

const (
	listed  = 8  // units of largest value
	through = 16 // units on through the range, of all sources
)

// group is a part of the list of units.
type group struct {
	title string
	units []int
	more  int // that are not shown
}

// groups are the chosen unit if it is in no other, the units that are selected and those left out by hand; where none is selected, those
// nearest to it.
func (d *drawing) groups() (out []group) {
	add := func(title string, units []int, most int) {
		if n := min(most, len(units)); n > 0 {
			out = append(out, group{title, units[:n], len(units) - n})
		}
	}
	if len(d.solo) > 0 {
		add(d.l.T("states.only"), d.solo, through)
	} else {
		for _, c := range d.charts {
			var on []int
			for _, own := range c.on {
				if u := c.first + own; !slices.Contains(d.outs, u) && !slices.Contains(d.pins, u) {
					on = append(on, u)
				}
			}
			title := d.l.T("states.on.through")
			if len(d.charts) > 1 {
				title = c.src.name()
			}
			add(title, on, through/len(d.charts))
		}
		add(d.l.T("states.pinned"), d.pins, through)
		if len(d.units) == 0 {
			add(d.nearest())
		}
		add(d.l.T("states.out"), d.outs, through)
	}
	if !slices.ContainsFunc(out, func(g group) bool { return slices.Contains(g.units, d.unit) }) {
		out = append([]group{{title: d.l.T("states.selected"), units: []int{d.unit}}}, out...)
	}
	return out
}

// nearest are units to look at while none is selected: those highest through the range, or of largest value at now.
func (d *drawing) nearest() (title string, units []int, most int) {
	v := make([]float64, d.src.units)
	if d.ranged() {
		for u := range v {
			v[u] = float64(d.low[u])
		}
		return d.l.T("states.nearest"), highest(v, listed), listed
	}
	for u := range v {
		v[u] = d.at(d.now, u)
	}
	return d.l.T("states.largest"), largest(v, listed), listed
}

// list is the list of units.
func (d *drawing) list() figure.Panel {
	w := d.sideWidth()
	p := figure.Panel{ID: "units", Class: "st-units", Title: []figure.Span{{Text: d.l.T("states.units.n", svg.Count(len(d.units)))}}, Width: w,
		Label: d.l.T("states.units.label"), Table: d.unitTable(), Controls: d.listControls()}
	if len(d.units) == 1 {
		p.Title[0].Text = d.l.T("states.units.one")
	}
	var b svg.Builder
	y := 0.
	for _, g := range d.groups() {
		b.Text(0, y+14, g.title, "s11 i3")
		if y == 0 {
			d.heads(&b, w)
		}
		y += 20
		for _, u := range g.units {
			d.unitRow(&b, u, y, w)
			y += d.rowH()
		}
		if g.more > 0 {
			b.Text(0, y+14, d.l.T("states.more", g.more), "s11 i3")
			y += 20
		}
		y += 6
	}
	p.SVG, p.Height = b.String(), y
	p.HTML = d.reasons()
	return p
}

func (d *drawing) listControls() []figure.Control {
	out := []figure.Control{d.number("unit", "states.th.unit", float64(d.unit), 0, float64(d.src.units-1), 1, 0)}
	if len(d.solo) > 0 {
		out = append(out, figure.Control{Kind: "button", Key: "o.states.solo=", Label: d.l.T("states.all")})
	}
	pins := d.ids(d.pins)
	if pins != "" {
		pins += ","
	}
	return append(out, figure.Control{Kind: "text", Key: "o.states.pin=" + pins + "{}", Label: d.l.T("states.add"), Tip: d.l.T("states.add.tip")})
}

// unitTable is the list as numbers: of all selected units.
func (d *drawing) unitTable() *figure.Table {
	t := &figure.Table{Head: []string{d.l.T("states.th.unit"), d.l.T("states.th.now"), d.l.T("states.th.mean"), d.l.T("states.th.why")}}
	if d.was != nil {
		t.Head = append(t.Head, d.l.T("states.th.was"))
	}
	t.Make = func() (rows [][]string) {
		seen := map[int]bool{}
		add := func(u int) {
			if seen[u] {
				return
			}
			seen[u] = true
			c, own := d.find(u)
			row := []string{d.name(u), c.scale.text(c.at(d.now, own)), c.scale.text(d.mean(c, c.x, own)), d.why(u)}
			if c.was != nil {
				row = append(row, c.scale.text(float64(c.was[d.now*c.src.units+own])))
			}
			rows = append(rows, row)
		}
		for _, g := range d.groups() {
			for _, u := range g.units {
				add(u)
			}
		}
		for _, u := range d.units {
			add(u)
		}
		return rows
	}
	return t
}

// rowH is a row's height: a finger needs more.
func (d *drawing) rowH() float64 {
	if d.in.Touch {
		return 36
	}
	return 24
}

func (d *drawing) sideWidth() float64 {
	if axis.Wide(d.in) {
		return axis.SideW
	}
	return min(d.in.Width, 460)
}

// places are where a row's numbers end: before the changes (0: there are none) and with them; and where its line ends.
func (d *drawing) places(w float64) (was, value, line float64) {
	value = w - 50
	line = value - 40
	if d.was != nil {
		was, line = line, line-40
	}
	return was, value, line
}

// heads say what the list's numbers are.
func (d *drawing) heads(b *svg.Builder, w float64) {
	was, value, _ := d.places(w)
	key := "states.th.now"
	if d.ranged() {
		key = "states.th.mean"
	}
	b.Text(value, 14, d.l.T(key), "s11 i3 end")
	if was > 0 {
		b.Text(was, 14, d.l.T("states.th.was"), "s11 i3 end")
	}
}

// listedValue is a unit's number in the list: its mean in the range, or its value at now.
func (d *drawing) listedValue(c *chart, x []float32, own int) float64 {
	if d.ranged() {
		return d.mean(c, x, own)
	}
	return float64(x[d.now*c.src.units+own])
}

// mean is a unit's in the range, or over the text if there is none.
func (d *drawing) mean(c *chart, x []float32, own int) float64 {
	lo, hi := d.sel.lo, d.sel.hi
	if !d.ranged() {
		lo, hi = 0, d.n
	}
	sum := 0.
	for t := lo; t < hi; t++ {
		sum += float64(x[t*c.src.units+own])
	}
	return sum / float64(hi-lo)
}

// unitRow is a unit's number, its line over the text with the threshold, its value, what makes it the only one and what takes it in or out.
func (d *drawing) unitRow(b *svg.Builder, u int, y, w float64) {
	was, value, line := d.places(w)
	c, own := d.find(u)
	base := y + d.rowH()/2 + 4
	chosen := c.i == 0 && own == d.unit
	why := d.why(u)
	b.Open("", "data-set", d.choosing(u), "data-h", "u"+d.id(u), "role", "button", "aria-label", d.name(u), "data-tip", why)
	ground, number, class := "st-hit", "end", "st-spark"
	if chosen {
		ground, number, class = "st-range", "end b inow", "st-spark now"
	}
	b.Rect(-8, y, w+16, d.rowH(), ground)
	b.Text(30, base, strconv.Itoa(own), number)
	d.sparks(b, c, own, y, line, class)
	if was > 0 && c.was != nil {
		b.Text(was, base, c.scale.text(d.listedValue(c, c.was, own)), "s11 i3 end")
	}
	b.Text(value, base, c.scale.text(d.listedValue(c, c.x, own)), "s11 end")
	b.Close()
	mark, words := "+", "states.pin"
	if slices.Contains(d.units, u) {
		mark, words = "×", "states.unpin"
		if len(d.units) > 1 {
			d.act(b, w-38, y, 24, d.l.T("states.only.short"), "o.states.solo="+d.id(u), d.l.T("states.solo", d.name(u)), "s10")
		}
	}
	d.act(b, w-6, y, 22, mark, d.toggled(u), d.l.T(words, d.name(u)), "")
}

// act is a word of a row that does something; x is its middle.
func (d *drawing) act(b *svg.Builder, x, y, w float64, text, set, words, class string) {
	b.Open("st-x", "data-set", set, "data-tip", words, "role", "button", "aria-label", words)
	b.Rect(x-w/2, y, w, d.rowH(), "st-hit")
	b.Text(x, y+d.rowH()/2+4, text, class+" i3 mid")
	b.Close()
}

// sparks are a unit's small line, that without the changes, and the threshold.
func (d *drawing) sparks(b *svg.Builder, c *chart, own int, y, right float64, class string) {
	k := sparkLines.Get(sparkKey{address(c.x), address(c.was), own, right, d.rowH()}, func() (k sparkLine) {
		values := c.of(c.x, own)
		if k.scale = boundsOf(c.src.what, values); c.was != nil {
			k.scale = boundsOf(c.src.what, values, c.of(c.was, own))
		}
		at := func(v float64) float64 { return k.scale.y(v, 3, d.rowH()-6) }
		if c.was != nil {
			k.was = spark(d.sparkX(right), c.of(c.was, own), at)
		}
		k.now = spark(d.sparkX(right), values, at)
		return k
	})
	x, at := d.sparkX(right), func(v float64) float64 { return k.scale.y(v, y+3, d.rowH()-6) }
	b.Line(x(0), at(0), x(d.n-1), at(0), "ax")
	for _, l := range (linePlot{d, c}).levels() {
		if l >= k.scale.lo && l <= k.scale.hi && l != 0 {
			b.Line(x(0), at(l), x(d.n-1), at(l), "st-cut")
		}
	}
	b.Open("", "transform", "translate(0 "+svg.N(y)+")")
	if k.was != "" {
		b.Path(k.was, "st-was")
	}
	b.Path(k.now, class)
	b.Close()
}

// sparkX places tokens in a small line that ends at right.
func (d *drawing) sparkX(right float64) func(t int) float64 {
	return func(t int) float64 { return 40 + (right-40)*(float64(t)+.5)/float64(d.n) }
}

// sparkLines keeps the last small lines: a drag of the threshold leaves them as they are, though in other places.
var sparkLines = plot.Memory[sparkKey, sparkLine]{Size: 256}

type sparkKey struct {
	x, was   *float32
	unit     int
	right, h float64
}

type sparkLine struct {
	now, was string
	scale    bounds
}

// spark is a small line over the text.
func spark(x func(int) float64, v []float32, at func(float64) float64) string {
	few, which := thin(v, x(len(v)-1)-x(0))
	var out pen
	out.trace(few, func(i int) float64 { return x(which[i]) }, at)
	return string(out)
}
