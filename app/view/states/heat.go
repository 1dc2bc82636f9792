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
	d *drawing
	*chart
}

// heatRows is how many rows of pixels the picture has, and how high each is; high is about how high it may be in all. Where there are
// more units than rows, a row shows several by their value of largest magnitude.
func (c *chart) heatRows(high float64) (rows int, each float64) {
	rows = min(c.src.units, 512)
	return rows, max(1, min(14, math.Round(high/float64(rows))))
}

// lines is how many rows of pixels there are, and how high each is.
func (p heatMap) lines() (rows int, each float64) {
	rows = min(p.src.units, 512)
	return rows, p.h / float64(rows)
}

// rows is the order of the units: by number, or by the token at which |value| is largest, ties by number, so that units
// that answer to the same place stand together.
func (c *chart) rows(byPeak bool) []int {
	out, peak := make([]int, c.src.units), make([]int, c.src.units)
	for u := range out {
		out[u] = u
	}
	if byPeak {
		for t := 1; t < c.n; t++ {
			for u := range peak {
				if math.Abs(c.at(t, u)) > math.Abs(c.at(peak[u], u)) {
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
	rows, _ := p.lines()
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
	rows, _ := p.lines()
	v := make([]float64, rows*p.n)
	for t := 0; t < p.n; t++ { // in the order of x
		x := p.x[t*p.src.units : (t+1)*p.src.units]
		for r := 0; r < rows; r++ {
			v[r*p.n+t] = p.scale.unit(float64(x[strongest(x, p.span(r))]))
		}
	}
	b.Image(p.d.cols.Left, p.top, p.d.cols.Pitch*float64(p.n), p.h, plot.Levels(rows, p.n, p.colours(), func(r, t int) float64 { return v[r*p.n+t] }), "")
}

func (p heatMap) note() string {
	rows, _ := p.lines()
	if p.src.units <= rows {
		return ""
	}
	return p.d.l.T("states.pooled", svg.Count(p.src.units), rows)
}

// colours are one way from zero, or two.
func (p heatMap) colours() *plot.Scale {
	if p.scale.lo >= 0 {
		return &p.d.in.Palette().Seq
	}
	return &p.d.in.Palette().Div
}

func (p heatMap) fore(b, side *svg.Builder) {
	chosen := p.d.chosen(p.chart)
	if p.i == 0 {
		p.outline(b, p.d.unit, "selhalo", "sel")
	}
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
		side.Text(p.d.cols.Left-10, y, strconv.Itoa(u), class+" s11 end", "data-set", p.d.choosing(p.first+u))
	}
	if p.i == 0 {
		write(p.d.unit, "b inow")
	}
	for _, u := range chosen {
		write(u, "st-pinned")
	}
	rows, each := p.lines()
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
	rows, each := p.lines()
	i := slices.Index(p.order, u)
	return p.top + float64(i*rows/p.src.units)*each, each
}

func (p heatMap) outline(b *svg.Builder, u int, classes ...string) {
	y, h := p.row(u)
	for _, c := range classes {
		b.Rect(p.d.cols.Left-1, y-1, p.d.cols.Pitch*float64(p.n)+2, h+2, c)
	}
}

func (p heatMap) under(row float64, t int) int {
	rows, each := p.lines()
	return strongest(p.x[t*p.src.units:(t+1)*p.src.units], p.span(max(0, min(rows-1, int(row/each)))))
}

func (p heatMap) mark(b *svg.Builder, u int) { p.outline(b, u, "selhalo", "st-over") }
