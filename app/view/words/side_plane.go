package words

import (
	"math"
	"slices"

	"loupe/app/plot"
	"loupe/app/svg"
)

// plane is the plane through the ends of three words' vectors a, b and c: x goes from b to c, and y at right angles to it towards a,
// both in lengths of b to c. The sum a - b + c lies in it; any other word is where it falls on it.
type plane struct {
	d               *drawing
	a, b, c, answer int
	at              map[int][2]float64
	sum             [2]float64
}

// plane finds the places. All that is asked is where rows lie on axes between the words (protocol.MapAxis): with u = c - b, w = a - b,
// x(v) = (v-b).u/|u|^2 and s(v) = (v-b).w/|w|^2, the part of w at right angles to u is w - x(a) u, whose length in lengths of u is
// h = sqrt(|w|^2/|u|^2 - x(a)^2).
func (d *drawing) plane(a, b, c, answer int) (*plane, bool) {
	unit := d.measure() == "cosine" // sums are of vectors of length 1 then
	x, s, t := d.along([]int{b}, []int{c}, unit), d.along([]int{b}, []int{a}, unit), d.along([]int{a}, []int{c}, unit)
	if x == nil || s == nil || t == nil {
		return nil, false
	}
	alpha := float64(x[a])
	ratio := squareRatio(alpha, float64(s[c]), float64(t[b]))
	h := math.Sqrt(ratio - alpha*alpha)
	if !(h > 1e-6) || math.IsInf(h, 0) {
		return nil, false
	}
	p := &plane{d: d, a: a, b: b, c: c, answer: answer, at: map[int][2]float64{}, sum: [2]float64{alpha + 1, h}}
	for _, row := range []int{a, b, c, answer} {
		px := float64(x[row])
		p.at[row] = [2]float64{px, (float64(s[row])*ratio - alpha*px) / h}
	}
	return p, true
}

// squareRatio is |w|^2/|u|^2, from alpha = u.w/|u|^2, beta = u.w/|w|^2 and t = -w.(u-w)/|u-w|^2, which is
// (ratio - alpha)/(1 + ratio - 2 alpha): by whichever of the two does not divide by what is nearly 0.
func squareRatio(alpha, beta, t float64) float64 {
	if math.Abs(1-alpha) > math.Abs(beta) {
		return (t*(1-2*alpha) + alpha) / (1 - t)
	}
	return alpha / beta
}

// draw puts the plane into w x h pixels: the words as dots, and a cross where the sum is. Both axes have one scale: angles are true.
func (p *plane) draw(b *svg.Builder, x0, y0, w, h float64) {
	lo, hi := p.sum, p.sum
	for _, v := range p.at {
		for i := range v {
			lo[i], hi[i] = min(lo[i], v[i]), max(hi[i], v[i])
		}
	}
	k := min((w-44)/max(hi[0]-lo[0], 1e-9), (h-14)/max(hi[1]-lo[1], 1e-9))
	padX, padY := (w-k*(hi[0]-lo[0]))/2, (h-k*(hi[1]-lo[1]))/2
	at := func(v [2]float64) (float64, float64) {
		return x0 + padX + k*(v[0]-lo[0]), y0 + h - padY - k*(v[1]-lo[1])
	}
	b.Path("M"+svg.N(x0-6)+","+svg.N(y0-8)+"V"+svg.N(y0+h+6)+"H"+svg.N(x0+w+6), "none ax2")
	b.Text(x0+w+6, y0+h+19, p.d.bare(p.b)+" → "+p.d.bare(p.c), "s10 i3 end", "data-tip", p.d.t("side.sum.plane"))
	line := func(v, u [2]float64, class string) {
		x1, y1 := at(v)
		x2, y2 := at(u)
		b.Line(x1, y1, x2, y2, class)
	}
	line(p.at[p.b], p.at[p.c], "wd-arrow")
	line(p.at[p.a], p.sum, "wd-arrow wd-dash")
	p.words(b, at, x0, w)
	x, y := at(p.sum)
	b.Path("M"+svg.N(x-4)+","+svg.N(y-4)+"l8,8m0,-8l-8,8", "wd-cross", "data-tip", p.d.t("side.sum.cross"))
}

// words draws the four words, each name beside its dot where it covers no other.
func (p *plane) words(b *svg.Builder, at func([2]float64) (float64, float64), x0, w float64) {
	rows := []int{p.answer, p.a, p.c, p.b}
	used := []frame{around(at(p.sum))}
	for _, row := range rows {
		used = append(used, around(at(p.at[row])))
	}
	for _, row := range rows {
		x, y := at(p.at[row])
		dot, text := "wd-dot", "s11 halo"
		if row == p.d.focus {
			dot, text = "wd-dot now", "s11 halo inow b"
		} else if row != p.answer {
			text += " i2"
		}
		name := p.d.bare(row)
		box := beside(x, y, plot.Width(name, 11), x0-4, x0+w+4, used)
		used = append(used, box)
		b.Open("", "data-h", p.d.h(row), "data-set", p.d.choose(row), "role", "button", "aria-label", p.d.shown(row))
		b.Circle(x, y, 3, dot)
		b.Text(box.x, box.y+9, name, text)
		b.Close()
	}
}

// frame is a box of the plane.
type frame struct{ x, y, w, h float64 }

func (a frame) meets(c frame) bool {
	return a.x < c.x+c.w && c.x < a.x+a.w && a.y < c.y+c.h && c.y < a.y+a.h
}

// around is what a dot or the cross covers.
func around(x, y float64) frame { return frame{x - 4, y - 4, 8, 8} }

// beside is the place of a name w wide: above, below, right or left of a dot, the first that is within lo and hi and covers nothing;
// above, if there is none.
func beside(x, y, w, lo, hi float64, used []frame) frame {
	mid := min(max(x-w/2, lo), hi-w)
	places := []frame{{mid, y - 16, w, 11}, {mid, y + 5, w, 11}, {x + 7, y - 5, w, 11}, {x - 7 - w, y - 5, w, 11}, {mid, y - 28, w, 11}, {mid, y + 17, w, 11}}
	for _, f := range places {
		if f.x >= lo-1 && f.x+f.w <= hi+1 && !slices.ContainsFunc(used, f.meets) {
			return f
		}
	}
	return places[0]
}

// bare is a row's name without the space before it.
func (d *drawing) bare(row int) string { return bare(d.name(row)) }
