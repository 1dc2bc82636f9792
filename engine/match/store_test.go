package match

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"loupe/engine/tensor"
)

var nan = float32(math.NaN())

// TestHalf compares with the nearest of all finite f16, found by looking at both neighbours.
func TestHalf(t *testing.T) {
	for h := range uint16(largest) {
		x, next := tensor.F16ToF32(h), tensor.F16ToF32(h+1)
		middle, even := x+(next-x)/2, h+h&1
		for _, c := range []struct {
			x    float32
			want uint16
		}{{x, h}, {next, h + 1}, {middle, even}, {math.Nextafter32(middle, 0), h}, {math.Nextafter32(middle, 1e9), h + 1}} {
			if got, minus := half(c.x), half(-c.x); got != c.want || minus != c.want|0x8000 {
				t.Fatalf("half(±%v) = %#x, %#x, not %#x", c.x, got, minus, c.want)
			}
		}
	}
	inf := float32(math.Inf(1))
	for _, x := range []float32{65504, 65519.99, 65520, 1e6, math.MaxFloat32, inf} {
		if half(x) != largest || half(-x) != largest|0x8000 {
			t.Errorf("half(±%v) = %#x, %#x: it should stay the largest", x, half(x), half(-x))
		}
	}
	if x := tensor.F16ToF32(half(nan)); x == x {
		t.Errorf("NaN became %v", x)
	}
}

// TestRound: the kernel gives the same bits, of all kinds of numbers and wherever they end.
func TestRound(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 15))
	special := []float32{1, nan, -1e9, 1e-9, .1, -65519, 65520, 6.1e-5, -6.1e-5, 0, 2.98e-8, 2.99e-8, float32(math.Inf(-1))}
	for range 5000 {
		x := make([]float32, r.IntN(30))
		for i := range x {
			x[i] = math.Float32frombits(r.Uint32())
			switch r.IntN(4) {
			case 0:
				x[i] = awkward(r)
			case 1:
				x[i] = special[r.IntN(len(special))]
			case 2:
				x[i] = tensor.F16ToF32(uint16(r.Uint32())) * (1 + float32(r.IntN(3)-1)*0x1p-11) // in the middle
			}
		}
		dst := make([]uint16, len(x)+1)
		round(dst, x)
		for i, v := range x {
			if dst[i] != half(v) {
				t.Fatalf("%v (%#x) became %#x, not %#x", v, math.Float32bits(v), dst[i], half(v))
			}
		}
		if dst[len(x)] != 0 {
			t.Fatal("more was written")
		}
	}
}

// isOn is what a Cut says, literally.
func isOn(x float32, c Cut) bool {
	switch c.On {
	case Above:
		return x >= c.Level
	case Below:
		return x <= -c.Level
	}
	return max(x, -x) >= c.Level
}

var sides = []Side{Above, Below, Either}

// TestTest looks at every f16, by levels of all kinds.
func TestTest(t *testing.T) {
	inf := float32(math.Inf(1))
	levels := []float32{0, 1e-9, 6e-8, 1e-5, .3, .29998779, .5, 1, 3.1415927, 65504, 65505, 1e9, inf, nan, float32(math.Copysign(0, -1))}
	for h := uint16(1); h < largest; h += 997 {
		x := tensor.F16ToF32(h)
		levels = append(levels, x, math.Nextafter32(x, 0), math.Nextafter32(x, inf))
	}
	for _, l := range levels {
		for _, level := range []float32{l, -l} {
			for _, side := range sides {
				c := Cut{level, side}
				test, sums, rows := newTest(c), make([]uint64, 2), make([]uint64, 16*3)
				for h := 0; h < 1<<16; h += 16 * 8 {
					for i := range 16 { // 8 f16 a row, of which the next begins 12 later
						rows[3*i] = uint64(h+8*i)*each + 0x0003_0002_0001_0000
						rows[3*i+1] = rows[3*i] + lanes*each
					}
					test.decide(sums, rows, 3)
					for i := range 16 * 8 {
						x, lane := tensor.F16ToF32(uint16(h+i)), i%8
						if got := sums[lane/lanes]>>(16*(lane%lanes)+i/8)&1 != 0; got != isOn(x, c) {
							t.Fatalf("%v by %+v: on is %v", x, c, got)
						}
					}
				}
			}
		}
	}
}

// awkward is a number that is often special.
func awkward(r *rand.Rand) float32 {
	switch r.IntN(20) {
	case 0:
		return nan
	case 1:
		return float32(r.NormFloat64()) * 1e6
	case 2:
		return float32(r.IntN(3) - 1)
	case 3:
		return float32(r.NormFloat64()) * 1e-7
	}
	return float32(r.NormFloat64())
}

// twin is a store of values, one of bits by cuts, and what was appended to them, as kept.
type twin struct {
	values, bits *Store
	cuts         []Cut
	rows         [][]float32
	sizes        []int
}

func newTwin(r *rand.Rand) *twin {
	w := &twin{}
	var sources []Source
	for range 1 + r.IntN(3) {
		w.sizes = append(w.sizes, 1+r.IntN(11))
		sources = append(sources, Source{"source", w.sizes[len(w.sizes)-1]})
		w.cuts = append(w.cuts, Cut{awkward(r), sides[r.IntN(3)]})
	}
	for slices.ContainsFunc(w.cuts, func(c Cut) bool { return c.Level != c.Level }) {
		for i := range w.cuts {
			w.cuts[i].Level = awkward(r)
		}
	}
	w.values, w.bits = New(sources, nil), New(sources, w.cuts)
	return w
}

func (w *twin) append(r *rand.Rand, n int, number func(*rand.Rand) float32) {
	for range n {
		var rows [][]float32
		var kept []float32
		for _, size := range w.sizes {
			row := make([]float32, size)
			for u := range row {
				row[u] = number(r)
				kept = append(kept, tensor.F16ToF32(half(row[u])))
			}
			rows = append(rows, row)
		}
		w.values.Append(rows)
		w.bits.Append(rows)
		w.rows = append(w.rows, kept)
	}
}

func (w *twin) cut(u int) Cut {
	for i, size := range w.sizes {
		if u < size {
			return w.cuts[i]
		}
		u -= size
	}
	panic("no such unit")
}

// TestBits appends, asks, is interrupted and appends again, and compares all decisions with those on the values.
func TestBits(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 4))
	stop := errors.New("stop")
	stopped := 0
	for range 300 {
		w := newTwin(r)
		for range 4 {
			w.append(r, r.IntN(150), awkward)
			for _, s := range []*Store{w.values, w.bits} {
				if s.Len() != len(w.rows) || s.Units() != len(w.rows0()) {
					t.Fatalf("%d tokens of %d units", s.Len(), s.Units())
				}
				if r.IntN(3) == 0 {
					s.made = slices.Clip(s.made)
					left := r.IntN(3)
					_, err := s.bitsPaced(w.cuts, func() error {
						if left--; left < 0 {
							return stop
						}
						return nil
					})
					count(&stopped, errors.Is(err, stop))
				}
				b := decided(t, s, w.cuts)
				for i, row := range w.rows {
					for u, x := range row {
						if b.On(i, u) != isOn(x, w.cut(u)) {
							t.Fatalf("unit %d at %d of %d, %v by %+v (values %v): on is %v", u, i, s.n, x, w.cut(u), s.HasValues(), b.On(i, u))
						}
					}
				}
			}
		}
	}
	if stopped < 50 {
		t.Errorf("interrupted %d times", stopped)
	}
}

// rows0 is as long as a row.
func (w *twin) rows0() []float32 { return make([]float32, w.values.units) }

// bitsPaced is Bits whose yield is called after each block.
func (s *Store) bitsPaced(cuts []Cut, yield func() error) (*Bits, error) {
	defer func(n int) { paceWork = n }(paceWork)
	paceWork = 0
	return s.Bits(cuts, yield)
}

// TestRowColumn reads back what was kept.
func TestRowColumn(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 5))
	for range 50 {
		w := newTwin(r)
		w.append(r, 1+r.IntN(6000/w.values.units), awkward)
		row := w.rows0()
		for i, want := range w.rows {
			w.values.Row(row, i)
			if !same(row, want) {
				t.Fatalf("token %d: %v, not %v", i, row, want)
			}
			w.bits.Row(row, i)
			for u, x := range want {
				if (row[u] == 1) != isOn(x, w.cut(u)) || row[u] != 0 && row[u] != 1 {
					t.Fatalf("bits: token %d, unit %d: %v", i, u, row[u])
				}
			}
		}
		for u := range row {
			column, bit := make([]float32, r.IntN(len(w.rows)+1)), make([]float32, len(w.rows))
			w.values.Column(column, u)
			w.bits.Column(bit, u)
			for i, x := range column {
				if !same([]float32{x}, w.rows[i][u:u+1]) || (bit[i] == 1) != isOn(x, w.cut(u)) {
					t.Fatalf("unit %d at %d: %v and %v, not %v", u, i, x, bit[i], w.rows[i][u])
				}
			}
		}
	}
}

func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

// TestBitsKept: those of the last two cuts are not made again, of a store of bits there are no others.
func TestBitsKept(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	s := New([]Source{{"a", 3}}, nil)
	for range 100 {
		s.Append([][]float32{{awkward(r), awkward(r), awkward(r)}})
	}
	one, two, three := []Cut{{1, Above}}, []Cut{{1, Below}}, []Cut{{2, Above}}
	a, b := decided(t, s, one), decided(t, s, two)
	if decided(t, s, one) != a || decided(t, s, two) != b {
		t.Error("bits were made again")
	}
	decided(t, s, three)
	if decided(t, s, two) != b {
		t.Error("of the last two the second was forgotten")
	}
	if decided(t, s, one) == a {
		t.Error("three are kept")
	}
	s = New([]Source{{"a", 3}}, one)
	if _, err := s.Bits(two, nil); err == nil {
		t.Error("a store of bits has others than its own")
	}
	if _, err := s.Bits(nil, nil); err == nil {
		t.Error("cuts of no source")
	}
}

// TestBytes: a store of bits takes one of them a unit and token, and a page or so.
func TestBytes(t *testing.T) {
	row := [][]float32{make([]float32, 512)}
	values, bits := New([]Source{{"a", 512}}, nil), New([]Source{{"a", 512}}, half1)
	for range 20_000 {
		values.Append(row)
		bits.Append(row)
	}
	if got := values.Bytes(); got < 2*512*20_000 || got > 2*512*20_000+pageBytes {
		t.Errorf("values take %d bytes", got)
	}
	if got := bits.Bytes(); got < 512*20_000/8 || got > 512*20_000/8+pageBytes/2 {
		t.Errorf("bits take %d bytes", got)
	}
}
