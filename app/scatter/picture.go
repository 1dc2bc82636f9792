package scatter

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/svg"
)

// Picture is a Scatter as it is seen.
type Picture struct {
	View
	S       *figure.Scatter
	X, Y, Z []float32    // where each row stands, in pixels; Z is depth in 3D, from 0 (far) to 1 (near), or empty. NaN: nowhere
	Paths   []Path       // of the dots, the lowest first
	Keep    [][4]float64 // boxes (left, top, right, bottom) where no label goes: something else stands there

	n      int     // rows with a place
	reach  float32 // how far outside a dot is still to be seen
	path   []int32 // of each class, its first path; -1: none
	chosen []bool
}

// Path is all dots of one class, and in 3D of one band of depth.
type Path struct {
	Class  string  // of CSS, or
	Colour string  // with a #
	Width  float64 // of a dot, in pixels at rest
	D      []byte  // what Dots wrote, in tenths of a pixel
}

// bands of depth in 3D.
const bands = 3

// Paths that are not a class of the view.
const (
	pale = iota
	fixed
)

// Show takes another Scatter: which paths there are.
func (p *Picture) Show(s *figure.Scatter) {
	p.S = s
	p.Dims, p.Equal, p.Persp = s.Dims, s.Equal, s.Persp
	p.chosen = make([]bool, len(s.Class))
	for _, r := range s.Chosen {
		if r >= 0 && r < len(p.chosen) {
			p.chosen[r] = true
		}
	}
	p.Paths = append(p.Paths[:0], Path{Class: "pale"})
	count := make([]int, len(s.Colours))
	for _, c := range s.Class {
		if int(c) < len(count) {
			count[c]++
		}
	}
	order := []int{} // the largest class lies lowest
	for c := range count {
		if count[c] > 0 {
			order = append(order, c)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return count[b] - count[a] })
	p.path = slices.Repeat([]int32{-1}, len(s.Colours))
	each := 1
	if s.Dims == 3 {
		each = bands
	}
	for band := range each {
		for i, c := range order {
			q := Path{Class: s.Colours[c]}
			if len(q.Class) > 0 && q.Class[0] == '#' {
				q.Class, q.Colour = "", q.Class
			}
			if s.Dims == 3 {
				q.Class += " far" + strconv.Itoa(bands-1-band)
			}
			if band == 0 {
				p.path[c] = int32(fixed + i)
			}
			p.Paths = append(p.Paths, q)
		}
	}
	p.Paths = append(p.Paths, Path{Class: "now"})
}

// Place finds where the rows stand now; Fit, Cam and the size are set.
func (p *Picture) Place() {
	f := p.S.Map.Frame
	p.n = 0
	if f != nil && f.Dims > 1 {
		p.n = min(len(f.Y)/f.Dims, len(p.S.Class))
	}
	p.X, p.Y = room(p.X, p.n), room(p.Y, p.n)
	p.Z = room(p.Z, 0)
	if p.S.Dims == 3 {
		p.Z = room(p.Z, p.n)
	}
	if p.n > 0 {
		p.View.Place(f.Y, f.Dims, p.X, p.Y, p.Z)
	}
}

func room(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}

// Target is the fit of the places as they are now. A frame of other dimensions than the picture's stands in it until the next comes.
func (p *Picture) Target() Fit {
	if f := p.S.Map.Frame; f != nil && f.Dims > 1 {
		return FitTo(f.Y, f.Dims, p.Dims, p.Equal)
	}
	return FitTo(nil, 2, p.Dims, p.Equal)
}

// dot is the width of a dot in pixels: many are small, and they grow a little with the zoom.
func (p *Picture) dot() float64 {
	d := 2.0
	switch n := p.n; {
	case n <= 300:
		d = 5
	case n <= 1500:
		d = 4
	case n <= 15000:
		d = 3
	case n <= 30000:
		d = 2.5
	}
	return min(9, d*math.Pow(max(1, p.Cam.Zoom), .35))
}

// Dots writes the paths: a point a dot, which a round cap makes a disc, in tenths of a pixel.
func (p *Picture) Dots() {
	p.Blank()
	stride := p.stride()
	for i := range p.n {
		at, ok := p.pathOf(i, stride)
		if !ok {
			continue
		}
		b := append(p.Paths[at].D, 'M')
		b = appendInt(b, int32(p.X[i]*10))
		b = append(b, ' ')
		b = appendInt(b, int32(p.Y[i]*10))
		p.Paths[at].D = append(b, "h0"...)
	}
}

// Blank empties the paths, and says how wide their dots are.
func (p *Picture) Blank() {
	d := p.dot()
	each := (len(p.Paths) - fixed - 1) / bands
	for i := range p.Paths {
		q := &p.Paths[i]
		q.D, q.Width = q.D[:0], d
		switch {
		case i == len(p.Paths)-1:
			q.Width = d + 1
		case i >= fixed && p.Dims == 3 && each > 0:
			q.Width = d * (.75 + .3*float64((i-fixed)/each))
		}
	}
	p.reach = float32(d)
}

// stride is how many paths a band of depth has; 0: there are no bands.
func (p *Picture) stride() int32 {
	if p.S.Dims == 3 {
		return int32(len(p.Paths)-fixed-1) / bands
	}
	return 0
}

// pathOf is the path that a row's dot belongs to, if it is to be seen.
func (p *Picture) pathOf(i int, stride int32) (at int, ok bool) {
	x, y, c := p.X[i], p.Y[i], p.S.Class[i]
	if !(x > -p.reach && x < float32(p.W)+p.reach && y > -p.reach && y < float32(p.H)+p.reach) || int(c) >= len(p.path) {
		return 0, false
	}
	switch {
	case p.chosen[i]:
		return len(p.Paths) - 1, true
	case p.S.Pale != nil && p.S.Pale[i]:
		return pale, true
	case stride > 0:
		return int(p.path[c] + stride*int32(min(bands-1, int(p.Z[i]*bands)))), true
	}
	return int(p.path[c]), true
}

// appendInt writes a coordinate.
func appendInt(b []byte, n int32) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	var a [10]byte
	i := len(a)
	for {
		i--
		a[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(b, a[i:]...)
		}
	}
}

// Frame is the elements of the paths: they are made once, and their d is set when it changes.
func (p *Picture) Frame() string {
	var b svg.Builder
	b.Open("", "transform", "scale(.1)")
	for i := range p.Paths {
		p.open(&b, &p.Paths[i])
	}
	b.Close()
	return b.String()
}

func (p *Picture) open(b *svg.Builder, q *Path) {
	attrs := []string{}
	if q.Colour != "" {
		attrs = append(attrs, "color", q.Colour)
	}
	if q.Width > 0 {
		attrs = append(attrs, "stroke-width", svg.N(10*q.Width))
	}
	b.Path(string(q.D), q.Class, attrs...)
}

// SVG is the whole picture at rest: what the shell puts on the page piece by piece.
func SVG(s *figure.Scatter, w, h float64, cam Camera) string {
	p := Picture{View: View{W: w, H: h, Cam: cam}}
	p.Show(s)
	p.Fit = p.Target()
	p.Place()
	p.Dots()
	var b svg.Builder
	b.Open("dots")
	b.WriteString(p.Frame())
	b.Close()
	b.WriteString(p.Edge())
	b.WriteString(p.Axes())
	b.Open("over")
	b.WriteString(p.Over("map-clip"))
	b.Close()
	for _, l := range p.Labels() {
		b.WriteString(l.Markup(&p))
	}
	return b.String()
}
