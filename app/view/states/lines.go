package states

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"loupe/app/svg"
)

// most is how many points are drawn as lines. Beyond it the ground is a picture of how many lines pass where, which is
// made and painted in a few milliseconds however many there are; chosen units are lines in both.
const most = 30_000

// linePlot draws all units as lines over the tokens.
type linePlot struct {
	*drawing
	top, h float64
}

func (d *drawing) plotHeight() float64 {
	if d.heat {
		rows, each := d.heatRows()
		return float64(rows) * each
	}
	return 190
}

func (p linePlot) y(v float64) float64 { return p.scale.y(v, p.top, p.h) }

func (p linePlot) back(b *svg.Builder) {
	right := p.cols.Right()
	for _, v := range p.ticks() {
		class := "ax"
		if v == 0 {
			class = "ax2"
		}
		b.Line(p.cols.Left, p.y(v), right, p.y(v), class)
	}
	if p.dense() {
		b.Image(p.cols.Left, p.top, p.cols.Pitch*float64(p.n), p.h, p.density(), "")
		return
	}
	b.Path(p.all(), "st-all", "stroke-opacity", svg.Fixed(min(.6, 3.6/math.Sqrt(float64(p.src.units))), 2))
}

func (p linePlot) dense() bool { return p.n*p.src.units > most }

func (p linePlot) note() string {
	if !p.dense() {
		return ""
	}
	return p.l.T("states.dense", svg.Count(p.src.units))
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
		xs[t].num(p.cols.X(t))
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
	for _, v := range p.ticks() {
		if math.Abs(p.y(v)-p.y(p.sel.level)) > 12 {
			side.Text(p.cols.Left-10, p.y(v)+4, short(v), "s11 i3 end")
		}
	}
	p.ghosts(b)
	chosen := slices.DeleteFunc(p.chosen(), func(u int) bool { return u == p.unit })
	if p.was != nil {
		for _, u := range append(slices.Clone(chosen), p.unit) {
			b.Path(p.line(p.of(p.was, u)), "st-was")
		}
	}
	for _, u := range chosen {
		b.Path(p.line(p.of(p.x, u)), "st-pin", "data-h", "u"+strconv.Itoa(u))
	}
	own := p.line(p.of(p.x, p.unit))
	b.Path(own, "st-halo")
	b.Path(own, "st-unit", "data-h", "u"+strconv.Itoa(p.unit))
	p.level(b, side)
	p.nowLine(b)
	p.names(b, chosen)
}

// ghosts are the lines of the units that the list or the reading names: they show while these are pointed at.
func (p linePlot) ghosts(b *svg.Builder) {
	units := largest(p.moves(), 1)
	for _, g := range p.groups() {
		units = append(units, g.units...)
	}
	slices.Sort(units)
	for _, u := range slices.Compact(units) {
		b.Path(p.line(p.of(p.x, u)), "st-ghost", "data-h", "u"+strconv.Itoa(u))
	}
}

// outstanding is how many units on through the range stand out; the list says how many there are.
const outstanding = 48

// chosen are the units that stand out in blue: the pinned ones, else those on through the range.
func (d *drawing) chosen() []int {
	if len(d.pins) > 0 || !d.ranged() {
		return slices.Clone(d.pins)
	}
	return slices.Clone(d.on[:min(len(d.on), outstanding)])
}

// line is the path of one unit.
func (p linePlot) line(v []float32) string {
	var out pen
	out.trace(v, p.cols.X, p.y)
	return string(out)
}

// level is the threshold, and where units must be off beside the range.
func (p linePlot) level(b, side *svg.Builder) {
	if p.sel.level >= p.scale.lo && p.sel.level <= p.scale.hi {
		y := p.y(p.sel.level)
		b.Line(p.cols.Left, y, p.cols.Right(), y, "cut")
		side.Text(p.cols.Left-10, y+4, p.l.T("states.on")+" "+p.scale.text(p.sel.level), "s11 end halo")
		side.Open("st-level", "data-drag", fmt.Sprintf("o.states.l y %g %g %g %g %d", p.top, p.scale.hi, p.top+p.h, p.scale.lo, p.scale.decimals()))
		side.Rect(p.cols.Left-12, y-12, 24, 24, "st-hit")
		side.Circle(p.cols.Left, y, 5, "")
		side.Close()
	}
	if !p.ranged() {
		return
	}
	off := func(from, to int) {
		if from = max(0, from); from < min(to, p.n) {
			x, w := p.cols.Edge(from), p.cols.Pitch*float64(min(to, p.n)-from)
			b.Text(x+w/2, p.top+p.h-5, p.l.T("states.off"), "s11 mid inow halo")
			b.Line(x+2, p.top+p.h+1, x+w-2, p.top+p.h+1, "st-off")
		}
	}
	off(p.sel.lo-p.sel.before, p.sel.lo)
	off(p.sel.hi, p.sel.hi+p.sel.after)
}

func (d *drawing) nowLine(b *svg.Builder) {
	x, top, h := d.cols.X(d.now), d.cols.Head, d.plotHeight()
	b.Line(x, top-2, x, top+h, "nowl")
}

// names writes the units' numbers at their lines, where the text or the range ends; one that would lie over another is left
// out. The selected one comes first.
func (p linePlot) names(b *svg.Builder, chosen []int) {
	var taken []float64
	t := p.n - 1
	if p.ranged() {
		t = min(p.n-1, p.sel.hi-1)
	}
	write := func(u int, text, class string) {
		v := p.at(t, u)
		if !finite(v) {
			return
		}
		y := p.y(v) + 4
		for _, o := range taken {
			if math.Abs(o-y) < 12 {
				return
			}
		}
		taken = append(taken, y)
		b.Text(p.cols.X(t)-6, y-6, text, class+" s11 end halo")
	}
	write(p.unit, p.l.T("states.unit", p.unit), "b inow")
	for _, u := range chosen {
		write(u, strconv.Itoa(u), "st-pinned")
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
	path := p.line(p.of(p.x, u))
	b.Path(path, "st-halo")
	b.Path(path, "st-over")
}
