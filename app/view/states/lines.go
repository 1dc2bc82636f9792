package states

import (
	"fmt"
	"math"
	"slices"

	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
)

// most is how many points are drawn as lines. Beyond it the ground is a picture of how many lines pass where, which is
// made and painted in a few milliseconds however many there are; chosen units are lines in both.
const most = 30_000

// linePlot draws all units of a source as lines over the tokens.
type linePlot struct {
	d *drawing
	*chart
}

func (p linePlot) y(v float64) float64 { return p.scale.y(v, p.top, p.h) }

func (p linePlot) back(b *svg.Builder) {
	for _, v := range p.ticks() {
		class := "ax"
		if v == 0 {
			class = "ax2"
		}
		b.Line(p.d.cols.Left, p.y(v), p.d.cols.Right(), p.y(v), class)
	}
	if p.dense() {
		b.Image(p.d.cols.Left, p.top, p.d.cols.Pitch*float64(p.n), p.h, p.density(), "")
		return
	}
	b.Path(p.all(), "st-all", "stroke-opacity", svg.Fixed(min(.6, 3.6/math.Sqrt(float64(p.src.units))), 2))
}

func (p linePlot) dense() bool { return p.n*p.src.units > most }

func (p linePlot) note() string {
	if !p.dense() {
		return ""
	}
	return p.d.l.T("states.dense", svg.Count(p.src.units))
}

func (p linePlot) ticks() []float64 {
	if p.scale.lo >= 0 {
		return []float64{0, p.scale.hi / 2, p.scale.hi}
	}
	if p.scale.lo > -p.scale.hi {
		return []float64{0, p.scale.hi}
	}
	return []float64{p.scale.lo, 0, p.scale.hi}
}

// all is one path through every unit. A value that is not finite breaks its line.
func (p linePlot) all() string {
	xs := make([]pen, p.n)
	for t := range xs {
		xs[t].num(p.d.cols.X(t))
		xs[t] = append(xs[t], ',')
	}
	out := make(pen, 0, 11*len(p.x))
	for u := 0; u < p.src.units; u++ {
		how := byte('M')
		for t := 0; t < p.n; t++ {
			v := float64(p.x[t*p.src.units+u])
			if !finite(v) {
				how = 'M'
				continue
			}
			out = append(append(out, how), xs[t]...)
			out.num(p.y(v))
			how = 'L'
		}
	}
	return string(out)
}

func (p linePlot) fore(b, side *svg.Builder) {
	levels := p.levels()
	for _, v := range p.ticks() {
		if !slices.ContainsFunc(levels, func(l float64) bool { return math.Abs(p.y(v)-p.y(l)) <= 12 }) {
			side.Text(p.d.cols.Left-10, p.y(v)+4, short(v), "s11 i3 end")
		}
	}
	chosen := p.d.chosen(p.chart)
	p.ghosts(b, chosen)
	own := p.i == 0
	if p.was != nil {
		for _, u := range chosen {
			b.Path(p.line(p.was, u), "st-was")
		}
		if own {
			b.Path(p.line(p.was, p.d.unit), "st-was")
		}
	}
	for _, u := range chosen {
		b.Path(p.line(p.x, u), "st-pin", "data-h", "u"+idOf(p.i, u))
	}
	if own {
		line := p.line(p.x, p.d.unit)
		b.Path(line, "st-halo")
		b.Path(line, "st-unit", "data-h", "u"+idOf(0, p.d.unit))
	}
	for i, l := range levels {
		p.threshold(b, side, l, i)
	}
	p.names(b, chosen)
}

// ghosts are the lines of the units that the list or the reading names and that do not stand out: they show while these are pointed at.
func (p linePlot) ghosts(b *svg.Builder, chosen []int) {
	var units []int
	if p.i == 0 {
		units = largest(p.d.moves(), 1)
	}
	for _, g := range p.d.groups() {
		for _, u := range g.units {
			if c, own := p.d.find(u); c == p.chart {
				units = append(units, own)
			}
		}
	}
	slices.Sort(units)
	for _, u := range slices.Compact(units) {
		if !slices.Contains(chosen, u) && (p.i > 0 || u != p.d.unit) {
			b.Path(p.line(p.x, u), "st-ghost", "data-h", "u"+idOf(p.i, u))
		}
	}
}

// outstanding is how many selected units of all sources stand out, each source having its share; the list says how many there are.
const outstanding = 32

// chosen are the selected units of a source that stand out in blue: all but the one that is chosen.
func (d *drawing) chosen(c *chart) (own []int) {
	for _, u := range d.units {
		if of, k := d.find(u); of == c && (c.i > 0 || k != d.unit) && len(own) < outstanding/len(d.charts) {
			own = append(own, k)
		}
	}
	return own
}

// lines keeps the last lines: a drag of a threshold takes out some and puts in others.
var lines = plot.Memory[lineKey, string]{Size: 256}

// lineKey is all that a line depends on.
type lineKey struct {
	x      *float32
	unit   int
	scale  bounds
	cols   axis.Columns
	top, h float64
}

// line is the path of unit u of x.
func (p linePlot) line(x []float32, u int) string {
	return lines.Get(lineKey{address(x), u, p.scale, p.d.cols, p.top, p.h}, func() string {
		var out pen
		out.trace(p.of(x, u), p.d.cols.X, p.y)
		return string(out)
	})
}

// levels are where the threshold stands on the scale: once, or on both sides of zero.
func (p linePlot) levels() (out []float64) {
	for _, l := range []float64{p.level, -p.level} {
		if side := l == p.level; (side && p.cut.On != "below" || l == -p.level && p.cut.On != "above") && l >= p.scale.lo && l <= p.scale.hi && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// threshold is a line of the threshold with its handle; the side of it on which units are on is shaded.
func (p linePlot) threshold(b, side *svg.Builder, l float64, i int) {
	cols, y := p.d.cols, p.y(l)
	flip := p.cut.On == "below" || i > 0 // units are on below this line, and the number is minus what is drawn
	sign, from, to, rel := 1., p.top, y, "≥ "
	if flip {
		sign, from, to, rel = -1, y, p.top+p.h, "≤ "
	}
	b.Rect(cols.Left, from, cols.Right()-cols.Left, max(0, to-from), "st-onside")
	b.Line(cols.Left, y, cols.Right(), y, "cut")
	side.Text(cols.Left-10, y+4, p.d.l.T("states.on")+" "+rel+p.scale.text(l), "s11 end halo")
	side.Open("st-level", "data-drag", fmt.Sprintf("o.%s y %g %g %g %g %d", levelKey(p.i), p.top, sign*p.scale.hi, p.top+p.h, sign*p.scale.lo, p.scale.decimals()))
	side.Rect(cols.Left-12, y-12, 24, 24, "st-hit")
	side.Circle(cols.Left, y, 5, "")
	side.Close()
}

// names writes the units' numbers at their lines, where the text or the range ends; one that would lie over another is left
// out. The chosen one comes first.
func (p linePlot) names(b *svg.Builder, chosen []int) {
	var taken []float64
	t := p.n - 1
	if p.d.ranged() {
		t = min(p.n-1, p.d.sel.hi-1)
	}
	write := func(u int, text, class string) {
		v := p.at(t, u)
		if !finite(v) {
			return
		}
		y := max(p.y(v)-2, p.top+10)
		for _, o := range taken {
			if math.Abs(o-y) < 12 {
				return
			}
		}
		taken = append(taken, y)
		b.Text(p.d.cols.X(t)-6, y, text, class+" s11 end halo")
	}
	if p.i == 0 {
		write(p.d.unit, p.d.l.T("states.unit", p.d.unit), "b inow")
	}
	for _, u := range chosen {
		write(u, idOf(0, u), "st-pinned")
	}
}

// under is the unit whose line is nearest to a point.
func (p linePlot) under(row float64, t int) int {
	best, far := 0, math.Inf(1)
	for u := 0; u < p.src.units; u++ {
		v := p.at(t, u)
		if k := math.Abs(p.y(v) - p.top - row); finite(v) && k < far {
			best, far = u, k
		}
	}
	return best
}

func (p linePlot) mark(b *svg.Builder, u int) {
	path := p.line(p.x, u)
	b.Path(path, "st-halo")
	b.Path(path, "st-over")
}
