package match

import (
	"math"
	"math/bits"
)

// Correlations are Pearson's of each unit with values (NaN: left out) over the first len(values) tokens; NaN where a unit does not vary, and
// where what was kept of it is NaN.
func (s *Store) Correlations(values []float32, yield func() error) ([]float64, error) {
	values = values[:min(len(values), s.n)]
	c := &sums{y: values, x: make([]float64, s.units), xx: make([]float64, s.units), xy: make([]float64, s.units), pace: pace{yield: yield}}
	for _, v := range values {
		if v == v {
			c.n++
			c.mean += float64(v)
		}
	}
	c.mean /= c.n
	add := c.ofValues
	if !s.HasValues() {
		add = c.ofBits
	}
	if err := add(s); err != nil {
		return nil, err
	}
	var yy float64
	for _, v := range values {
		if v == v {
			yy += (float64(v) - c.mean) * (float64(v) - c.mean)
		}
	}
	for u, x := range c.x {
		xx := c.xx[u] - x*x/c.n
		if !(xx > 0 && yy > 0) {
			xx = math.NaN()
		}
		c.xy[u] = max(-1, min(1, c.xy[u]/math.Sqrt(xx)/math.Sqrt(yy)))
	}
	return c.xy, nil
}

// sums are those of Pearson's correlation: of x and its square, and of x times how far y is from its mean.
type sums struct {
	y         []float32
	mean, n   float64
	x, xx, xy []float64
	pace      pace
}

// ofValues counts each unit from its value at the first token, so that one that does not vary is 0 throughout.
func (c *sums) ofValues(s *Store) error {
	row, first := make([]float32, s.units), make([]float32, 0, s.units)
	for t, v := range c.y {
		if v != v {
			continue
		}
		s.Row(row, t)
		if len(first) == 0 {
			first = append(first, row...)
		}
		y, x, xx, xy := float64(v)-c.mean, c.x[:len(row)], c.xx[:len(row)], c.xy[:len(row)]
		for u, v := range row {
			d := float64(v) - float64(first[u])
			x[u] += d
			xx[u] += d * d
			xy[u] += d * y
		}
		if err := c.pace.after(4*s.units + 100); err != nil {
			return err
		}
	}
	return nil
}

func (c *sums) ofBits(s *Store) error {
	b := s.own()
	var y [block]float64
	for i := range blocks(len(c.y)) {
		clear(y[:])
		valid := uint64(0)
		for j, v := range c.y[i*block : min(len(c.y), (i+1)*block)] {
			if v == v {
				valid |= 1 << j
				y[j] = float64(v) - c.mean
			}
		}
		for u, w := range b.block(i) {
			w &= valid
			c.x[u] += float64(ones(w))
			for ; w != 0; w &= w - 1 {
				c.xy[u] += y[bits.TrailingZeros64(w)]
			}
		}
		if err := c.pace.after(50 * s.units); err != nil {
			return err
		}
	}
	copy(c.xx, c.x)
	return nil
}

// AUCs are, for each unit, the probability that it is higher at a token with yes than at one without, ties counting half (Mann and Whitney
// 1947); skip leaves tokens out (nil: none). NaN where one kind is missing, and where what was kept of a unit is NaN. Of a store of
// bits: of being on.
func (s *Store) AUCs(yes, skip []bool, yield func() error) ([]float64, error) {
	yes = yes[:min(len(yes), s.n)]
	a := &areas{kinds: make([]uint64, len(yes)), auc: make([]float64, s.units), pace: pace{yield: yield}}
	for t, y := range yes {
		switch {
		case t < len(skip) && skip[t]:
		case y:
			a.kinds[t] = isYes
		default:
			a.kinds[t] = isNo
		}
		a.all += a.kinds[t]
	}
	if s.HasValues() {
		return a.auc, a.ofValues(s)
	}
	return a.auc, a.ofBits(s)
}

// areas counts tokens of both kinds at once: with yes in the upper half of a number, without in the lower.
type areas struct {
	kinds []uint64 // isYes, isNo or 0, of each token
	all   uint64
	auc   []float64
	pace  pace
}

const (
	isNo  = 1
	isYes = 1 << 32
)

// ofValues counts how often each of the 65,536 values occurs.
func (a *areas) ofValues(s *Store) error {
	counts := make([]uint64, 1<<16)
	for u := range a.auc {
		clear(counts)
		at := s.place(u)
		for t, kind := range a.kinds {
			counts[order(s.pages[t/s.rows][t%s.rows*s.stride+at])] += kind
		}
		a.auc[u] = area(counts, a.all)
		if err := a.pace.after(4*len(a.kinds) + 3*len(counts)); err != nil {
			return err
		}
	}
	return nil
}

// order is a number that is larger where the f16 is: it flips the sign bit, of negative numbers all. -0 is 0.
func order(h uint16) uint16 {
	if h == 0x8000 {
		h = 0
	}
	return h ^ (uint16(int16(h)>>15) | 0x8000)
}

// area is the AUC of values in order, of which counts has the tokens of both kinds; NaN if some are NaN.
func area(counts []uint64, all uint64) float64 {
	var below uint64 // without
	var higher float64
	first, last := order(infinity|0x8000), order(infinity)
	var seen uint64
	for _, c := range counts[first : int(last)+1] {
		yes, no := c>>32, c&0xffffffff
		higher += float64(yes) * (float64(below) + float64(no)/2)
		below += no
		seen += c
	}
	if seen != all {
		return math.NaN()
	}
	return higher / float64(all>>32) / float64(all&0xffffffff)
}

func (a *areas) ofBits(s *Store) error {
	b := s.own()
	on := make([]uint64, s.units) // tokens of both kinds
	for i := range blocks(len(a.kinds)) {
		var yes, no uint64
		for j, kind := range a.kinds[i*block : min(len(a.kinds), (i+1)*block)] {
			yes |= kind >> 32 << j
			no |= kind & 1 << j
		}
		for u, w := range b.block(i) {
			on[u] += uint64(ones(w&yes))<<32 + uint64(ones(w&no))
		}
		if err := a.pace.after(4 * s.units); err != nil {
			return err
		}
	}
	for u, c := range on {
		a.auc[u] = area2(c, a.all)
	}
	return nil
}

// area2 is the AUC of being on, which on and all tokens of both kinds are.
func area2(on, all uint64) float64 {
	return .5 + (float64(on>>32)/float64(all>>32)-float64(on&0xffffffff)/float64(all&0xffffffff))/2
}
