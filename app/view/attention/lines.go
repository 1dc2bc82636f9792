package attention

import (
	"fmt"
	"math"
	"strings"

	"loupe/app/svg"
)

// mass is the share of each row that its lines carry: the strongest weights, until they make up this much.
const mass = .8

// manyLines is how many lines a figure draws at most, spread evenly over the tokens; the row of now has all of its own.
const manyLines = 1600

// edge is one weight of a row.
type edge struct {
	to    int
	share float64 // of the row's sum
}

// strongest are the largest of n weights, at most `most`, until they make up the mass. Weights that are no positive
// number count as none; missing says that there are none at all.
func strongest(n, most int, at func(k int) float64, missing bool) []edge {
	if missing {
		return nil
	}
	var top []edge
	total := 0.0
	for k := range n {
		v := at(k)
		if !(v > 0) || math.IsInf(v, 0) {
			continue
		}
		total += v
		if len(top) == most && v <= top[most-1].share {
			continue
		}
		if len(top) < most {
			top = append(top, edge{})
		}
		i := len(top) - 1
		for ; i > 0 && top[i-1].share < v; i-- {
			top[i] = top[i-1]
		}
		top[i] = edge{k, v}
	}
	sum := 0.0
	for i := range top {
		top[i].share /= total
		if sum += top[i].share; sum >= mass {
			return top[:i+1]
		}
	}
	return top
}

// lines are the curves from each token to those that it attends to: width is weight; those of now are strong.
func (s *scene) lines(under, b *svg.Builder, f *frame, w *weights) {
	at := w.at
	if w.mode == byScore { // a score is no share of anything: the lines stay the attention
		at = func(q, k int) float64 { return float64(s.pattern.Data[q*s.m+k]) }
	}
	most := max(2, manyLines/s.n)
	key := made{array: w.array, what: fmt.Sprintf("lines %s %v %s", w.mode, *f, s.half)}
	under.Open("att-lines")
	under.WriteString(remember(key, func() string { return s.faintLines(f, at, most) }))
	under.Close()
	row := strongest(s.seen(s.now), s.m, func(k int) float64 { return at(s.now, k) }, false)
	b.Open("att-lines")
	b.Open("att-now", "data-h", s.rowHover(s.now))
	for _, g := range byWidth(row, min(9, max(f.cell*.5, 5))) {
		b.WriteString(bundle(f, g, func(e edge) (int, int) { return s.now, e.to }))
	}
	b.Close()
	b.Close()
	text := s.L.T("attn.mass", svg.Fixed(100*mass, 0))
	if most < s.m {
		text = s.L.T("attn.mass.most", svg.Fixed(100*mass, 0), most)
	}
	b.Text((f.x1+f.x2)/2, f.h-4, text, "s11 i3 mid")
}

// faintLines are the lines of all rows, a group for each token that they come from, and again, unseen until that token is
// hovered, a group for each token that they go to.
func (s *scene) faintLines(f *frame, at func(q, k int) float64, most int) string {
	var b svg.Builder
	into := make([][]edge, s.m) // by key: edge.to is the query
	wide := min(9, max(f.cell*.5, 1.2))
	for q := range s.n {
		row := strongest(s.seen(q), most, func(k int) float64 { return at(q, k) }, false)
		b.Open("att-out", "data-h", s.rowHover(q))
		for _, g := range byWidth(row, wide) {
			b.WriteString(bundle(f, g, func(e edge) (int, int) { return q, e.to }))
		}
		b.Close()
		for _, e := range row {
			into[e.to] = append(into[e.to], edge{q, e.share})
		}
	}
	for k, edges := range into {
		if len(edges) == 0 {
			continue
		}
		b.Open("att-in", "data-h", s.columnHover(k))
		for _, g := range byWidth(edges, wide) {
			b.WriteString(bundle(f, g, func(e edge) (int, int) { return e.to, k }))
		}
		b.Close()
	}
	return b.String()
}

// group is edges that are drawn with one width, as one path.
type group struct {
	width float64
	edges []edge
}

// byWidth groups edges by their width to half a pixel, the thinnest first.
func byWidth(edges []edge, wide float64) []group {
	steps := make([][]edge, int(2*wide)+2)
	for _, e := range edges {
		i := int(2*wide*e.share + .5)
		steps[i] = append(steps[i], e)
	}
	var out []group
	for i, g := range steps {
		if len(g) > 0 {
			out = append(out, group{max(.7, float64(i)/2), g})
		}
	}
	return out
}

// bundle is a group of lines.
func bundle(f *frame, g group, ends func(edge) (from, to int)) string {
	var d strings.Builder
	for _, e := range g.edges {
		q, k := ends(e)
		d.WriteString(curve(f, q, k))
	}
	var b svg.Builder
	b.Path(d.String(), "", "stroke-width", svg.N(g.width))
	return b.String()
}

// curve is the line from a query's row to a key's.
func curve(f *frame, q, k int) string {
	bend := (f.x2 - f.x1) * .45
	y1, y2 := svg.N(f.y(q)), svg.N(f.y(k))
	return "M" + svg.N(f.x1) + "," + y1 + "C" + svg.N(f.x1+bend) + "," + y1 + " " + svg.N(f.x2-bend) + "," + y2 + " " + svg.N(f.x2) + "," + y2
}
