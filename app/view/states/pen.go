package states

import "strconv"

// pen writes path data. Its numbers are made by hand, in tenths of a pixel and never below 0: paths of thousands of points
// are the hot loop of this view.
type pen []byte

// num writes a coordinate.
func (p *pen) num(v float64) {
	p.tenths(tenths(v))
}

// tenths writes k tenths.
func (p *pen) tenths(k int) {
	*p = strconv.AppendInt(*p, int64(k/10), 10)
	if k %= 10; k != 0 {
		*p = append(*p, '.', byte('0'+k))
	}
}

// to is a point: M begins a line, L goes on.
func (p *pen) to(how byte, x, y float64) {
	*p = append(*p, how)
	p.num(x)
	*p = append(*p, ',')
	p.num(y)
}

// along goes on to how = H or V of one coordinate.
func (p *pen) along(how byte, v float64) {
	*p = append(*p, how)
	p.num(v)
}

// bar is a rectangle between two heights.
func (p *pen) bar(x, w, y0, y1 float64) {
	p.to('M', x, y0)
	p.along('V', y1)
	p.along('H', x+w)
	p.along('V', y0)
	*p = append(*p, 'z')
}

// trace is a line through values; one that is not finite breaks it. Each point but the first of a piece is written as its way from the
// one before, both rounded to tenths of a pixel: half as many letters for the page to read, and no error that grows.
func (p *pen) trace(v []float32, x func(int) float64, y func(float64) float64) {
	how, lastX, lastY := byte('M'), 0, 0
	for t, v := range v {
		if !finite(float64(v)) {
			how = 'M'
			continue
		}
		px, py := x(t), y(float64(v))
		tx, ty := tenths(px), tenths(py)
		switch how {
		case 'M':
			p.to(how, px, py)
			how = 'l'
		case 'l':
			*p = append(*p, how)
			how = ' '
			fallthrough
		default:
			p.signed(tx - lastX)
			p.signed(ty - lastY)
		}
		lastX, lastY = tx, ty
	}
}

// tenths is a coordinate in tenths of a pixel, never below 0.
func tenths(v float64) int { return int(max(0, v)*10 + .5) }

// signed writes a difference of tenths. It is told from the number before it by its sign, or by a space.
func (p *pen) signed(k int) {
	if k < 0 {
		*p, k = append(*p, '-'), -k
	} else if last := (*p)[len(*p)-1]; last != 'l' {
		*p = append(*p, ' ')
	}
	p.tenths(k)
}

// thin keeps, of each run of several values that share a pixel, the smallest and the largest in their order: what a
// line through all of them would cover. at says which value each one is.
func thin(v []float32, pixels float64) (out []float32, at []int) {
	each := int(float64(len(v)) / (2 * pixels))
	if each < 2 {
		each = 1
	}
	for from := 0; from < len(v); from += each {
		lo, hi := from, from
		for i := from; i < min(len(v), from+each); i++ {
			if v[i] < v[lo] {
				lo = i
			}
			if v[i] > v[hi] {
				hi = i
			}
		}
		for _, i := range []int{min(lo, hi), max(lo, hi)} {
			if len(at) == 0 || at[len(at)-1] != i {
				out, at = append(out, v[i]), append(at, i)
			}
		}
	}
	return out, at
}
