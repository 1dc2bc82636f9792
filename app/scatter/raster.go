package scatter

import "math"

// Ink is how a path's dots are coloured.
type Ink struct {
	R, G, B uint8
	Alpha   float64
}

// Raster paints the dots as squares into pixels [h, w, 4] (RGBA, a pixel a unit), over a page of one colour. A map that moves is drawn so: of
// 10,000 dots it takes a tenth of what the browser does for paths. inks are those of Paths.
func (p *Picture) Raster(pixels []byte, w, h int, page Ink, inks []Ink) {
	if w < 1 || h < 1 || len(pixels) < 4*w*h {
		return
	}
	clearTo(pixels[:4*w*h], page)
	last := len(p.Paths) - 1
	stride := p.stride()
	inksOf := make([]solid, len(inks))
	for i, k := range inks {
		inksOf[i] = k.solid(p.Paths[i].Width)
	}
	for pass := range p.passes() {
		for i := range p.n {
			at, ok := p.pathOf(i, stride)
			if !ok || p.passOf(at, last, stride) != pass {
				continue
			}
			inksOf[at].square(pixels, w, h, p.X[i], p.Y[i])
		}
	}
}

// passes: what lies lower is painted first: in 3D what is far, and the chosen rows last.
func (p *Picture) passes() int {
	if p.S.Dims == 3 {
		return bands + 1
	}
	return 2
}

func (p *Picture) passOf(at, last int, stride int32) int {
	switch {
	case at == last:
		return p.passes() - 1
	case at < fixed || stride == 0:
		return 0
	}
	return (at - fixed) / int(stride)
}

// solid is an ink that is laid over what there is, in 256ths.
type solid struct {
	side       int
	r, g, b, k uint32
}

func (k Ink) solid(width float64) solid {
	a := math.Round(256 * min(1, max(0, k.Alpha)))
	side := max(2, math.Round(width*.9)) // as much ink as a disc has
	return solid{int(side), uint32(a * float64(k.R)), uint32(a * float64(k.G)), uint32(a * float64(k.B)), uint32(256 - a)}
}

// square lays a square around a place, as far as it is in the picture.
func (s *solid) square(pixels []byte, w, h int, x, y float32) {
	half := float32(s.side) / 2
	x0, y0 := int(x-half+.5), int(y-half+.5)
	x1, y1 := min(w, x0+s.side), min(h, y0+s.side)
	x0, y0 = max(0, x0), max(0, y0)
	for ; y0 < y1; y0++ {
		row := pixels[4*(y0*w+x0) : max(4*(y0*w+x0), 4*(y0*w+x1))]
		for ; len(row) >= 4; row = row[4:] {
			row[0] = uint8((uint32(row[0])*s.k + s.r) >> 8)
			row[1] = uint8((uint32(row[1])*s.k + s.g) >> 8)
			row[2] = uint8((uint32(row[2])*s.k + s.b) >> 8)
		}
	}
}

// clearTo fills pixels with one colour.
func clearTo(pixels []byte, c Ink) {
	copy(pixels, []byte{c.R, c.G, c.B, 255})
	for n := 4; n < len(pixels); n *= 2 {
		copy(pixels[n:], pixels[:n])
	}
}
