package scatter

import (
	"math"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// Label is a row's name beside its dot. It rides with the dot.
type Label struct {
	Row    int
	DX, DY float64 // from the dot to the text's left end and baseline
	name   string
	class  string
	px     float64
}

const (
	widest    = 150  // a longer name is cut
	perLabel  = 3000 // square pixels of the picture for each label, so that it stays a map
	firstFew  = 24   // labels that are written larger
	labelCell = 4    // pixels of the grid in which it is noted what is taken
)

// Labels are the labels that fit now: the marks', of which the first has one in any case, then rows by S.Order, none over another nor over a mark.
func (p *Picture) Labels() []Label {
	if p.n == 0 {
		return nil
	}
	g := newTaken(p.W, p.H)
	for _, b := range append(p.axesBoxes(), p.Keep...) {
		g.take(b[0], b[1], b[2], b[3])
	}
	var out []Label
	marked := map[int]bool{}
	for _, m := range p.S.Marks {
		if p.stands(m.Row) {
			r := reach(&m)
			x, y := float64(p.X[m.Row]), float64(p.Y[m.Row])
			g.take(x-r, y-r, x+r, y+r)
			marked[m.Row] = true
		}
	}
	for i := range p.S.Marks {
		if m := &p.S.Marks[i]; p.stands(m.Row) {
			if l, ok := p.markLabel(g, m); ok || i == 0 {
				out = append(out, l)
			}
		}
	}
	most, few, d := len(out)+max(6, int(p.W*p.H/perLabel)), 0, p.dot()/2+2.5
	for _, r := range p.S.Order {
		if len(out) >= most {
			break
		}
		if !p.stands(r) || marked[r] || p.S.Pale != nil && p.S.Pale[r] || len(p.Z) > 0 && p.Z[r] < .3 {
			continue
		}
		x, y := float64(p.X[r]), float64(p.Y[r])
		if g.holds(x+d+4, y) && g.holds(x-d-4, y) { // seen at once, before anything is measured
			continue
		}
		l := Label{Row: r, name: p.name(r), class: "halo", px: 12}
		if few >= firstFew {
			l.class, l.px = "halo i2", 11
		}
		w := width(l.name, l.px)
		for _, at := range [...][2]float64{{d, 4}, {-d - w, 4}} {
			if g.free(x+at[0]-4, y+at[1]-l.px-1, x+at[0]+w+4, y+at[1]+5) {
				l.DX, l.DY = at[0], at[1]
				g.take(x+at[0], y+at[1]-l.px+1, x+at[0]+w, y+at[1]+3)
				out = append(out, l)
				few++
				break
			}
		}
	}
	return out
}

// markLabel is the label of a mark where nothing else is: beside it, above or below; ok is false if many lie so close together that there is
// no such place before one looks nearer.
func (p *Picture) markLabel(g *taken, m *figure.ScatterMark) (l Label, ok bool) {
	l = Label{Row: m.Row, name: p.name(m.Row), class: "halo", px: 12}
	if m.Label != "" {
		l.name = plot.Fit(m.Label, widest, 12)
	}
	if m.Size > 0 {
		l.px = m.Size
	}
	if m.Bold {
		l.class += " b"
	}
	for _, c := range strings.Fields(m.Class) {
		if c == "inow" || c == "i2" || c == "i3" {
			l.class += " " + c
		}
	}
	w, d := width(l.name, l.px), reach(m)+2
	if m.Bold {
		w *= 1.06
	}
	x, y := float64(p.X[m.Row]), float64(p.Y[m.Row])
	up := l.px * .36
	places := [][2]float64{{d, up}, {-d - w, up}, {-w / 2, -d - 2}, {-w / 2, d + l.px - 2}, {d, -up}, {d, l.px}, {-d - w, -up}, {-d - w, l.px}}
	for k := 1.; k <= 2; k++ { // further off
		for _, side := range []float64{d, -d - w, -w / 2} {
			places = append(places, [2]float64{side, up - k*l.px}, [2]float64{side, up + k*l.px})
		}
	}
	l.DX, l.DY = places[0][0], places[0][1]
	if x+d+w > p.W {
		l.DX, l.DY = places[1][0], places[1][1]
	}
	for _, at := range places {
		if g.free(x+at[0], y+at[1]-l.px+1, x+at[0]+w, y+at[1]+3) {
			l.DX, l.DY, ok = at[0], at[1], true
			break
		}
	}
	if ok {
		g.take(x+l.DX, y+l.DY-l.px+1, x+l.DX+w, y+l.DY+3)
	}
	return l, ok
}

// reach is how far a mark's shape reaches from its middle.
func reach(m *figure.ScatterMark) float64 {
	switch m.Kind {
	case "diamond", "cross":
		return 5
	case "dot":
		if m.Size > 13 {
			return 6
		}
	}
	return 4
}

// name is a row's name, cut if it is long; a space that it begins with stays.
func (p *Picture) name(row int) string {
	if row >= len(p.S.Names) {
		return ""
	}
	s := p.S.Names[row]
	if len(s) > 24 {
		return plot.Fit(s, widest, 11)
	}
	return s
}

// width is that of a name as Markup draws it.
func width(name string, px float64) float64 {
	if body, space := strings.CutPrefix(name, " "); space {
		return plot.Width(body, px) + .42*px
	}
	return plot.Width(name, px)
}

// stands reports whether a row is drawn, and within the picture.
func (p *Picture) stands(row int) bool {
	return row >= 0 && row < p.n && p.S.Class[row] != figure.Hidden &&
		p.X[row] >= 0 && float64(p.X[row]) <= p.W && p.Y[row] >= 0 && float64(p.Y[row]) <= p.H
}

// Markup is the label where its row is now.
func (l *Label) Markup(p *Picture) string {
	var b svg.Builder
	b.Open("lb", "transform", l.Transform(p))
	plot.Token{Text: l.name, Px: l.px, Class: l.class}.Draw(&b, 0, 0)
	b.Close()
	return b.String()
}

// Transform puts the label beside its row; beyond the picture it is nowhere to be seen.
func (l *Label) Transform(p *Picture) string {
	if !p.stands(l.Row) {
		return "translate(-9999 0)"
	}
	return "translate(" + svg.N(half(float64(p.X[l.Row])+l.DX)) + " " + svg.N(half(float64(p.Y[l.Row])+l.DY)) + ")"
}

// half rounds to half a pixel: of a slow map most labels then stay where they are from one frame to the next.
func half(x float64) float64 { return math.Round(2*x) / 2 }

// taken notes which parts of a picture hold something, in a grid of small cells.
type taken struct {
	cols, rows int
	cells      []bool
}

func newTaken(w, h float64) *taken {
	g := &taken{cols: int(w/labelCell) + 1, rows: int(h/labelCell) + 1}
	g.cells = make([]bool, g.cols*g.rows)
	return g
}

// free reports whether a box is within the picture and nothing is in it.
func (g *taken) free(x0, y0, x1, y1 float64) bool {
	if x0 < 0 || y0 < 0 || x1 >= float64(g.cols*labelCell) || y1 >= float64(g.rows*labelCell) {
		return false
	}
	for r := int(y0) / labelCell; r <= int(y1)/labelCell; r++ {
		for c := int(x0) / labelCell; c <= int(x1)/labelCell; c++ {
			if g.cells[r*g.cols+c] {
				return false
			}
		}
	}
	return true
}

// holds reports whether something is at a point, which may be outside.
func (g *taken) holds(x, y float64) bool {
	c, r := int(x)/labelCell, int(y)/labelCell
	return c >= 0 && r >= 0 && c < g.cols && r < g.rows && g.cells[r*g.cols+c]
}

func (g *taken) take(x0, y0, x1, y1 float64) {
	for r := max(0, int(y0)/labelCell); r <= min(g.rows-1, int(y1)/labelCell); r++ {
		for c := max(0, int(x0)/labelCell); c <= min(g.cols-1, int(x1)/labelCell); c++ {
			g.cells[r*g.cols+c] = true
		}
	}
}
