package states

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"loupe/app/plot"
	"loupe/app/svg"
)

// heatMap draws all units as rows of one picture, a row a unit.
type heatMap struct {
	*drawing
	top, h float64
}

// heatRows is how many rows of pixels the picture has, and how high each is. Where there are more units than rows, a row
// shows several by their value of largest magnitude.
func (d *drawing) heatRows() (rows int, each float64) {
	rows = min(d.src.units, 512)
	return rows, max(1, min(14, math.Round(360/float64(rows))))
}

// rows is the order of the units: by number, or by the token at which |value| is largest, ties by number, so that units
// that answer to the same place stand together.
func (d *drawing) rows() []int {
	out, peak := make([]int, d.src.units), make([]int, d.src.units)
	for u := range out {
		out[u] = u
	}
	if d.in.State.Opt("states.order", "") == "peak" {
		for t := 1; t < d.n; t++ {
			for u := range peak {
				if math.Abs(d.at(t, u)) > math.Abs(d.at(peak[u], u)) {
					peak[u] = t
				}
			}
		}
		slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(peak[a], peak[b]) })
	}
	return out
}

// span is the units of a row of pixels.
func (p heatMap) span(row int) []int {
	rows, _ := p.heatRows()
	return p.order[row*p.src.units/rows : (row+1)*p.src.units/rows]
}

// strongest is the unit of some with the largest magnitude.
func strongest(x []float32, units []int) int {
	best := units[0]
	for _, u := range units[1:] {
		if math.Abs(float64(x[u])) > math.Abs(float64(x[best])) {
			best = u
		}
	}
	return best
}

func (p heatMap) back(b *svg.Builder) {
	rows, _ := p.heatRows()
	v := make([]float64, rows*p.n)
	for t := 0; t < p.n; t++ { // in the order of x
		x := p.x[t*p.src.units : (t+1)*p.src.units]
		for r := 0; r < rows; r++ {
			v[r*p.n+t] = p.scale.unit(float64(x[strongest(x, p.span(r))]))
		}
	}
	b.Image(p.cols.Left, p.top, p.cols.Pitch*float64(p.n), p.h, plot.Levels(rows, p.n, p.colours(), func(r, t int) float64 { return v[r*p.n+t] }), "")
}

func (p heatMap) note() string {
	rows, _ := p.heatRows()
	if p.src.units <= rows {
		return ""
	}
	return p.l.T("states.pooled", svg.Count(p.src.units), rows)
}

// colours are one way from zero, or two.
func (p heatMap) colours() *plot.Scale {
	if p.scale.lo >= 0 {
		return &p.in.Palette().Seq
	}
	return &p.in.Palette().Div
}

func (p heatMap) fore(b, side *svg.Builder) {
	p.nowLine(b)
	p.outline(b, p.unit, "selhalo", "sel")
	p.key(side)
	taken := []float64{}
	write := func(u int, class string) {
		y, each := p.row(u)
		y += each/2 + 4
		for _, o := range taken {
			if math.Abs(o-y) < 12 {
				return
			}
		}
		taken = append(taken, y)
		side.Text(p.cols.Left-10, y, strconv.Itoa(u), class+" s11 end", "data-set", "unit="+strconv.Itoa(u))
	}
	write(p.unit, "b inow")
	for _, u := range p.chosen() {
		write(u, "st-pinned")
	}
	rows, each := p.heatRows()
	for r := 0; r < rows; r += max(1, int(math.Ceil(14/each))) {
		write(p.span(r)[0], "i3")
	}
}

// key is the scale of the colours.
func (p heatMap) key(side *svg.Builder) {
	const h = 60
	lo, hi := p.scale.ends()
	side.Image(8, p.top+4, 8, h, plot.Levels(h, 1, p.colours(), func(r, _ int) float64 {
		return p.scale.unit(p.scale.hi - (p.scale.hi-p.scale.lo)*float64(r)/(h-1))
	}), "")
	side.Text(20, p.top+11, hi, "s10 i3")
	side.Text(20, p.top+4+h, lo, "s10 i3")
}

// row is where a unit's row stands.
func (p heatMap) row(u int) (y, h float64) {
	rows, each := p.heatRows()
	i := slices.Index(p.order, u)
	return p.top + float64(i*rows/p.src.units)*each, each
}

func (p heatMap) outline(b *svg.Builder, u int, classes ...string) {
	y, h := p.row(u)
	for _, c := range classes {
		b.Rect(p.cols.Left-1, y-1, p.cols.Pitch*float64(p.n)+2, h+2, c)
	}
}

func (p heatMap) under(row float64, t int) int {
	rows, each := p.heatRows()
	return strongest(p.x[t*p.src.units:(t+1)*p.src.units], p.span(max(0, min(rows-1, int(row/each)))))
}

func (p heatMap) mark(b *svg.Builder, u int) { p.outline(b, u, "selhalo", "st-over") }
