package match

import (
	"math"
	"math/bits"
)

// Correlations are Pearson's of each unit with values (NaN: left out) over the first len(values) tokens; NaN where a unit does not vary, and
// where what was kept of it is NaN.
func (s *Store) Correlations(values []float32, yield func() error) ([]float64, error) {
	y := newTarget(values[:min(len(values), s.n)], s.units)
	p := &pace{yield: yield}
	if s.HasValues() {
		return y.r, s.columns(len(y.y), 5, p, y.ofValues)
	}
	return y.r, y.ofBits(s, p)
}

// target is what units are correlated with.
type target struct {
	y     []float64 // less its mean; 0 where it is left out
	n, yy float64   // how many there are, and the sum of their squares
	none  []int     // tokens that are left out
	x     []float32 // room
	r     []float64 // of each unit
}

func newTarget(values []float32, units int) *target {
	y := &target{y: make([]float64, len(values)), x: make([]float32, len(values)), r: make([]float64, units)}
	var sum float64
	for t, v := range values {
		if v == v {
			sum += float64(v)
		} else {
			y.none = append(y.none, t)
		}
	}
	y.n = float64(len(values) - len(y.none))
	for t, v := range values {
		if v == v {
			y.y[t] = float64(v) - sum/y.n
			y.yy += y.y[t] * y.y[t]
		}
	}
	return y
}

// correlation is Pearson's from sums of squares and products of what is less its mean.
func (y *target) correlation(xx, xy float64) float64 {
	if !(xx > 0 && y.yy > 0) {
		return math.NaN()
	}
	return max(-1, min(1, xy/math.Sqrt(xx)/math.Sqrt(y.yy)))
}

// ofValues counts from the unit's first value, so that one that does not vary is 0 throughout.
func (y *target) ofValues(u int, half []uint16) {
	widen(y.x, half)
	t := 0
	for t < len(y.none) && y.none[t] == t {
		t++
	}
	if t == len(y.x) {
		y.r[u] = math.NaN()
		return
	}
	first := y.x[t]
	for _, t := range y.none {
		y.x[t] = first
	}
	var x, xx, xy float64
	from := float64(first)
	for t, v := range y.x[:len(y.y)] {
		d := float64(v) - from
		x += d
		xx += d * d
		xy += d * y.y[t]
	}
	y.r[u] = y.correlation(xx-x*x/y.n, xy)
}

func (y *target) ofBits(s *Store, p *pace) error {
	b, none, on := s.own(), y.none, make([]float64, s.units)
	for i := range blocks(len(y.y)) {
		part, valid := y.y[i*block:min(len(y.y), (i+1)*block)], ^uint64(0)
		for ; len(none) > 0 && none[0]/block == i; none = none[1:] {
			valid &^= 1 << (none[0] % block)
		}
		valid &= mask(0, len(part))
		for u, w := range b.block(i) {
			w &= valid
			on[u] += float64(bits.OnesCount64(w))
			for ; w != 0; w &= w - 1 {
				y.r[u] += part[bits.TrailingZeros64(w)]
			}
		}
		if err := p.after(50 * s.units); err != nil {
			return err
		}
	}
	for u, n := range on {
		y.r[u] = y.correlation(n*(y.n-n)/y.n, y.r[u])
	}
	return nil
}

// columns calls f with each unit's f16 at the first n tokens, which it does not keep. cost: ns a number that f takes.
func (s *Store) columns(n, cost int, p *pace, f func(u int, x []uint16)) error {
	x := make([][]uint16, 0, line)
	for _, part := range s.parts {
		for first := 0; first < part.units; first += line {
			count := min(line, part.units-first)
			for len(x) < (count+lanes-1)/lanes*lanes {
				x = append(x, make([]uint16, n))
			}
			s.gather(x[:(count+lanes-1)/lanes*lanes], n, part.at+first)
			for i := range count {
				f(part.first+first+i, x[i])
				if err := p.after((cost + 2) * n); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// line is how many units are gathered at once: those that come into the cache together.
const line = 32

// gather copies the first n tokens of the units from at on.
func (s *Store) gather(x [][]uint16, n, at int) {
	for t := 0; t < n; t += block {
		rows, hi := words(s.pages[t/s.rows][t%s.rows*s.stride:]), min(n, t+block)
		for j := 0; j < len(x); j += lanes {
			x0, x1, x2, x3 := x[j][t:hi], x[j+1][t:hi], x[j+2][t:hi], x[j+3][t:hi]
			from := (at + j) / lanes
			for i := range x0 {
				w := rows[from]
				x0[i], x1[i], x2[i], x3[i] = uint16(w), uint16(w>>16), uint16(w>>32), uint16(w>>48)
				from += s.stride / lanes
			}
		}
	}
}

// AUCs are, for each unit, the probability that it is higher at a token with yes than at one without, ties counting half (Mann and Whitney
// 1947); skip leaves tokens out (nil: none). NaN where one kind is missing, and where what was kept of a unit is NaN. Of a store of
// bits: of being on.
func (s *Store) AUCs(yes, skip []bool, yield func() error) ([]float64, error) {
	yes = yes[:min(len(yes), s.n)]
	a := &areas{kinds: make([]uint64, len(yes)), auc: make([]float64, s.units)}
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
	p := &pace{yield: yield}
	if !s.HasValues() {
		return a.auc, a.ofBits(s, p)
	}
	a.counts = new([1 << 16]uint64)
	return a.auc, s.columns(len(yes), 5, p, a.ofValues)
}

// areas counts tokens of both kinds at once: with yes in the upper half of a number, without in the lower.
type areas struct {
	kinds  []uint64 // isYes, isNo or 0, of each token
	all    uint64
	auc    []float64
	counts *[1 << 16]uint64 // of each value; 0 when they are not used
}

const (
	isNo  = 1
	isYes = 1 << 32
)

// ofValues counts how often each of the 65,536 values occurs.
func (a *areas) ofValues(u int, x []uint16) {
	counts := a.counts
	x = x[:len(a.kinds)]
	for t, kind := range a.kinds {
		counts[order(x[t])] += kind
	}
	minus, zero := order(0x8000), order(0)
	counts[zero], counts[minus] = counts[zero]+counts[minus], 0
	var below, higher, seen uint64 // without; pairs in which one with is higher, twice; all but NaN
	for _, c := range counts[order(0x8000|infinity) : int(order(infinity))+1] {
		if c != 0 {
			yes, no := c>>32, c&0xffffffff
			higher += yes * (2*below + no)
			below += no
			seen += c
		}
	}
	clear(counts[:])
	if seen != a.all {
		a.auc[u] = math.NaN()
		return
	}
	a.auc[u] = float64(higher) / 2 / float64(a.all>>32) / float64(a.all&0xffffffff)
}

// order is a number that is larger where the f16 is: it flips the sign bit, of negative numbers all. That of 0 is next to that of -0.
func order(h uint16) uint16 { return h ^ (uint16(int16(h)>>15) | 0x8000) }

func (a *areas) ofBits(s *Store, p *pace) error {
	b := s.own()
	on := make([]uint64, s.units) // tokens of both kinds
	for i := range blocks(len(a.kinds)) {
		var yes, no uint64
		for j, kind := range a.kinds[i*block : min(len(a.kinds), (i+1)*block)] {
			yes |= kind >> 32 << j
			no |= kind & 1 << j
		}
		for u, w := range b.block(i) {
			on[u] += uint64(bits.OnesCount64(w&yes))<<32 + uint64(bits.OnesCount64(w&no))
		}
		if err := p.after(4 * s.units); err != nil {
			return err
		}
	}
	for u, c := range on {
		a.auc[u] = .5 + (share(c>>32, a.all>>32)-share(c&0xffffffff, a.all&0xffffffff))/2
	}
	return nil
}

func share(part, all uint64) float64 { return float64(part) / float64(all) }
