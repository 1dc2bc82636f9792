package scatter

import (
	"math"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// Over is what lies over the dots and moves with them: lines, then marks. Its lines are cut at the picture's edge by a clip path
// of that id.
func (p *Picture) Over(clip string) string {
	var b svg.Builder
	if len(p.S.Lines) > 0 {
		b.WriteString(`<clipPath id="` + svg.Esc(clip) + `"><rect width="` + svg.N(p.W) + `" height="` + svg.N(p.H) + `"/></clipPath>`)
		b.Open("", "clip-path", "url(#"+clip+")")
		for _, l := range p.S.Lines {
			if d := p.line(&l); d != "" {
				b.Path(d, "sc-line "+l.Class)
			}
		}
		b.Close()
	}
	for i := range p.S.Marks {
		if m := &p.S.Marks[i]; p.stands(m.Row) {
			p.mark(&b, m)
		}
	}
	return b.String()
}

func (p *Picture) mark(b *svg.Builder, m *figure.ScatterMark) {
	x, y, r := float64(p.X[m.Row]), float64(p.Y[m.Row]), reach(m)
	at := svg.N(x) + "," + svg.N(y-r)
	k := svg.N(r)
	switch m.Kind {
	case "ring":
		b.Circle(x, y, r-.5, "sc-ring "+m.Class)
	case "diamond":
		b.Path("M"+at+"l"+k+","+k+"l-"+k+","+k+"l-"+k+",-"+k+"z", "sc-ring "+m.Class)
	case "cross":
		d := svg.N(2 * r)
		b.Path("M"+svg.N(x-r)+","+svg.N(y-r)+"l"+d+","+d+"m0,-"+d+"l-"+d+","+d, "sc-cross "+m.Class)
	default:
		b.Circle(x, y, r, "sc-dot "+m.Class)
	}
}

// line is the path of a line; "" where a row of it has no place.
func (p *Picture) line(l *figure.ScatterLine) string {
	if len(l.Rows) < 2 {
		return ""
	}
	at := make([][2]float64, len(l.Rows))
	for i, r := range l.Rows {
		if r < 0 || r >= p.n || p.X[r] != p.X[r] {
			return ""
		}
		far := 4 * (p.W + p.H) // far beyond the edge is as good as further
		at[i] = [2]float64{min(far, max(-far, float64(p.X[r]))), min(far, max(-far, float64(p.Y[r])))}
	}
	if l.Kind == "path" && len(at) > 2 {
		return smooth(at)
	}
	var d strings.Builder
	for i, q := range at {
		d.WriteByte("ML"[min(i, 1)])
		d.WriteString(svg.N(q[0]) + "," + svg.N(q[1]))
	}
	if l.Kind == "arrow" || l.Kind == "path" {
		d.WriteString(head(at[len(at)-2], at[len(at)-1]))
	}
	return d.String()
}

// head is the head of an arrow, a little before its end, where a mark may be.
func head(from, to [2]float64) string {
	dx, dy := to[0]-from[0], to[1]-from[1]
	n := math.Hypot(dx, dy)
	if n < 14 {
		return ""
	}
	dx, dy = dx/n, dy/n
	tip := [2]float64{to[0] - 6*dx, to[1] - 6*dy}
	d := ""
	for i, side := range []float64{1, 0, -1} {
		q := tip
		if side != 0 {
			q = [2]float64{tip[0] - 7*dx - 3.5*side*dy, tip[1] - 7*dy + 3.5*side*dx}
		}
		d += "ML"[min(i, 1):min(i, 1)+1] + svg.N(q[0]) + "," + svg.N(q[1])
	}
	return d
}

// smooth is a Catmull-Rom spline through points, with an arrow's head.
func smooth(at [][2]float64) string {
	n := len(at)
	var d strings.Builder
	d.WriteString("M" + svg.N(at[0][0]) + "," + svg.N(at[0][1]))
	for i := range n - 1 {
		a, b, c, e := at[max(0, i-1)], at[i], at[i+1], at[min(n-1, i+2)]
		d.WriteString("C" + svg.N(b[0]+(c[0]-a[0])/6) + "," + svg.N(b[1]+(c[1]-a[1])/6) + " " +
			svg.N(c[0]-(e[0]-b[0])/6) + "," + svg.N(c[1]-(e[1]-b[1])/6) + " " + svg.N(c[0]) + "," + svg.N(c[1]))
	}
	d.WriteString(head(at[n-2], at[n-1]))
	return d.String()
}

// Edge is a tick at the edge for each row that lies beyond what is fitted and beyond the picture, where everything is in sight: one
// that zooms out sees it.
func (p *Picture) Edge() string {
	if p.n == 0 || p.Cam != p.Cam.Home() {
		return ""
	}
	var d strings.Builder
	w, h := float32(p.W), float32(p.H)
	ticks := 0
	for i := range p.n {
		x, y := p.X[i], p.Y[i]
		if x >= 0 && x <= w && y >= 0 && y <= h || x-x != 0 || y-y != 0 || p.S.Class[i] == figure.Hidden || ticks == 200 {
			continue
		}
		ticks++
		ex, ey := min(w-1, max(1, x)), min(h-1, max(1, y))
		tick := "v-6"
		switch {
		case y < 0:
			tick = "v6"
		case y <= h && x < 0:
			tick = "h6"
		case y <= h:
			tick = "h-6"
		}
		d.WriteString("M" + svg.N(float64(ex)) + "," + svg.N(float64(ey)) + tick)
	}
	if ticks == 0 {
		return ""
	}
	var b svg.Builder
	b.Path(d.String(), "sc-edge")
	return b.String()
}

// Axes is what the axes are called: along the picture's edges, or in 3D at the ends of three short lines that turn with it.
func (p *Picture) Axes() string {
	var b svg.Builder
	a := p.S.Axes
	if p.Dims == 3 {
		p.tripod(&b)
		return b.String()
	}
	if a[0] != "" || a[1] != "" {
		b.Path("M.5,0V"+svg.N(p.H-.5)+"H"+svg.N(p.W), "none ax2")
	}
	if a[0] != "" {
		b.Text(p.W-4, p.H-6, a[0], "s11 i3 end halo")
	}
	if a[1] != "" {
		b.Text(6, 12, a[1], "s11 i3 halo")
	}
	return b.String()
}

// axesBoxes are where Axes writes.
func (p *Picture) axesBoxes() (boxes [][4]float64) {
	a := p.S.Axes
	if p.Dims == 3 {
		return append(boxes, [4]float64{6, p.H - 64, 64, p.H})
	}
	if a[0] != "" {
		boxes = append(boxes, [4]float64{p.W - 8 - plot.Width(a[0], 11), p.H - 18, p.W, p.H})
	}
	if a[1] != "" {
		boxes = append(boxes, [4]float64{0, 0, 8 + plot.Width(a[1], 11), 16})
	}
	return boxes
}

func (p *Picture) tripod(b *svg.Builder) {
	const r = 22
	x0, y0 := 34.0, p.H-34
	t := p.turn()
	for k := range 3 {
		x, y := x0+r*float64(t[0][k]), y0-r*float64(t[1][k])
		b.Line(x0, y0, x, y, "rule2")
		if name := p.S.Axes[k]; name != "" {
			anchor := ""
			if x < x0-2 {
				anchor = " end"
			}
			b.Text(x0+(r+6)*float64(t[0][k]), y0-(r+6)*float64(t[1][k])+3, name, "s10 i3 halo"+anchor)
		}
	}
}

// Ring is a ring around a row, with its name if it is not among the labels; "" of no row. key: the keys are there.
func (p *Picture) Ring(row int, labels []Label, key bool) string {
	if !p.stands(row) {
		return ""
	}
	class := "sc-hot"
	if key {
		class += " key"
	}
	x, y := float64(p.X[row]), float64(p.Y[row])
	var b svg.Builder
	b.Circle(x, y, 6.5, "selhalo")
	b.Circle(x, y, 6.5, class)
	for _, l := range labels {
		if l.Row == row {
			return b.String()
		}
	}
	l := Label{Row: row, name: p.name(row), class: "halo b", px: 12, DX: 10, DY: 4}
	if w := width(l.name, l.px) * 1.06; x+10+w > p.W {
		l.DX = -10 - w
	}
	b.WriteString(l.Markup(p))
	return b.String()
}
