package match

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"loupe/engine/tensor"
)

// coarse are few numbers, so that many are equal; usual are not special.
func coarse(r *rand.Rand) float32 { return float32(r.IntN(5)-2) / 2 }
func usual(r *rand.Rand) float32  { return float32(r.NormFloat64()) }
func constant(*rand.Rand) float32 { return .1 }

var numbers = []func(*rand.Rand) float32{awkward, coarse, usual, constant}

// literalNear computes all cosines or distances in float64, and sorts.
func literalNear(rows [][]float32, q []float32, lo, hi, upto, k int, metric string) (all []Near) {
	for t, row := range rows[:min(upto, len(rows))] {
		var xq, xx, qq, dd float64
		for i, v := range row[lo:hi] {
			x, y := float64(v), float64(tensor.F16ToF32(half(q[i])))
			xq += x * y
			xx += x * x
			qq += y * y
			dd += (x - y) * (x - y)
		}
		score := math.Sqrt(dd)
		switch metric {
		case "dot":
			score = xq
		case "cosine":
			score = xq / math.Sqrt(xx) / math.Sqrt(qq)
			if xx == 0 || qq == 0 {
				score = 0
			}
		}
		if xx+dd == xx+dd {
			all = append(all, Near{t, score})
		}
	}
	slices.SortStableFunc(all, func(a, b Near) int {
		if metric != "euclidean" {
			return cmp.Compare(b.Score, a.Score)
		}
		return cmp.Compare(a.Score, b.Score)
	})
	return all[:min(k, len(all))]
}

func TestNearLiteral(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 7))
	some := 0
	for range 2000 {
		w := newTwin(r)
		number := numbers[r.IntN(4)]
		w.append(r, r.IntN(120), number)
		lo := r.IntN(w.values.units)
		hi := lo + 1 + r.IntN(w.values.units-lo)
		q := make([]float32, hi-lo)
		for i := range q {
			q[i] = numbers[1+r.IntN(3)](r)
		}
		if len(w.rows) > 0 && r.IntN(3) == 0 {
			copy(q, w.rows[r.IntN(len(w.rows))][lo:hi])
		}
		if r.IntN(10) == 0 {
			clear(q)
		}
		if r.IntN(10) == 0 {
			for i := range q {
				q[i] *= 1e30
			}
		}
		if slices.ContainsFunc(q, func(v float32) bool { return v != v }) {
			continue
		}
		upto, k := r.IntN(140), r.IntN(20)
		for _, metric := range []string{"cosine", "euclidean", "dot"} {
			got, err := w.values.Near(q, lo, hi, upto, k, metric, nil)
			want := literalNear(w.rows, q, lo, hi, upto, k, metric)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s, units %d to %d, upto %d, k %d: %v\n got %v\nwant %v", metric, lo, hi, upto, k, err, got, want)
			}
			some += len(got)
		}
	}
	if some < 5000 {
		t.Errorf("%d near tokens", some)
	}
}

// TestNearAll: of several vectors each has what it has alone, however many are measured at a time.
func TestNearAll(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	w := newTwin(r)
	w.append(r, 420, func(r *rand.Rand) float32 { return float32(r.NormFloat64()) })
	defer func(n int) { farRoom = n }(farRoom)
	const upto, k = 400, 9
	units := w.values.units
	var qs [][]float32
	for range 7 {
		q := make([]float32, units)
		w.values.Row(q, r.IntN(len(w.rows)))
		qs = append(qs, q)
	}
	clear(qs[3])
	for _, metric := range []string{"cosine", "euclidean", "dot"} {
		for _, farRoom = range []int{1, 3 * upto, 1 << 20} {
			got, err := w.values.NearAll(qs, 0, units, upto, k, metric, nil)
			if err != nil || len(got) != len(qs) {
				t.Fatal(len(got), err)
			}
			for i, q := range qs {
				if want := literalNear(w.rows, q, 0, units, upto, k, metric); !slices.Equal(got[i], want) {
					t.Fatalf("%s, vector %d\n got %v\nwant %v", metric, i, got[i], want)
				}
			}
		}
	}
}

// TestNearWide has rows so alike that float32 confuses them.
func TestNearWide(t *testing.T) {
	const units, n = 700, 3000
	r := rand.New(rand.NewPCG(6, 8))
	s := New([]Source{{"wide", units}}, nil)
	base, row := make([]float32, units), make([]float32, units)
	for i := range base {
		base[i] = float32(r.NormFloat64())*10 + 50
	}
	var rows [][]float32
	for range n {
		kept := make([]float32, units)
		copy(row, base)
		for range 3 {
			row[r.IntN(units)] += float32(r.IntN(3)-1) / 4
		}
		s.Append([][]float32{row})
		for i, v := range row {
			kept[i] = tensor.F16ToF32(half(v))
		}
		rows = append(rows, kept)
	}
	for _, metric := range []string{"cosine", "euclidean", "dot"} {
		got, err := s.Near(base, 0, units, n, 40, metric, nil)
		if want := literalNear(rows, base, 0, units, n, 40, metric); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\n got %v\nwant %v", metric, err, got, want)
		}
	}
}

func TestNearRefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 9))
	w := newTwin(r)
	w.append(r, 10, usual)
	q := make([]float32, w.values.units)
	for _, err := range []error{
		second(w.bits.Near(q, 0, len(q), 10, 3, "cosine", nil)),
		second(w.values.Near(q, 0, len(q)+1, 10, 3, "cosine", nil)),
		second(w.values.Near(q[1:], 0, len(q), 10, 3, "cosine", nil)),
		second(w.values.Near(nil, 1, 1, 10, 3, "cosine", nil)),
		second(w.values.Near(q, 0, len(q), 10, 3, "manhattan", nil)),
	} {
		if err == nil {
			t.Error("it was answered")
		}
	}
}

func second[T any](_ T, err error) error { return err }

// columnsOf are a unit's values at the tokens that are not left out, of both stores.
func (w *twin) column(u int, bits bool) []float32 {
	x := make([]float32, len(w.rows))
	for t, row := range w.rows {
		x[t] = row[u]
		if bits {
			x[t] = 0
			if isOn(row[u], w.cut(u)) {
				x[t] = 1
			}
		}
	}
	return x
}

// literalPearson is the correlation in two passes.
func literalPearson(x, y []float32) float64 {
	var n, mx, my, xx, yy, xy float64
	for t, v := range y {
		if v == v {
			n++
			mx += float64(x[t])
			my += float64(v)
		}
	}
	varies := false
	first := math.NaN()
	for t, v := range y {
		if v != v {
			continue
		}
		if first != first {
			first = float64(x[t])
		}
		varies = varies || float64(x[t]) != first
		dx, dy := float64(x[t])-mx/n, float64(v)-my/n
		xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
	}
	if !varies || n == 0 {
		return math.NaN()
	}
	return xy / math.Sqrt(xx) / math.Sqrt(yy)
}

func TestCorrelationsLiteral(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 10))
	some := 0
	for range 500 {
		w := newTwin(r)
		w.append(r, r.IntN(200), numbers[r.IntN(4)])
		y := make([]float32, r.IntN(len(w.rows)+1))
		number := numbers[r.IntN(2)]
		for i := range y {
			y[i] = number(r)
		}
		for _, s := range []*Store{w.values, w.bits} {
			got, err := s.Correlations(y, nil)
			if err != nil {
				t.Fatal(err)
			}
			for u, c := range got {
				want := literalPearson(w.column(u, !s.HasValues()), y)
				// Sums of 200 products, of numbers that are 10^6 apart at most.
				if c != c && want != want {
					continue
				}
				if !(math.Abs(c-want) < 1e-9) {
					t.Fatalf("unit %d (values %v), %d tokens: %v, not %v", u, s.HasValues(), len(y), c, want)
				}
				some++
			}
		}
	}
	if some < 2000 {
		t.Errorf("%d correlations", some)
	}
}

// literalAUC compares each pair.
func literalAUC(x []float32, yes, skip []bool) float64 {
	var higher, pairs float64
	for i, v := range x[:len(yes)] {
		if i < len(skip) && skip[i] {
			continue
		}
		if v != v {
			return math.NaN()
		}
		for j, w := range x[:len(yes)] {
			if !yes[i] || yes[j] || j < len(skip) && skip[j] {
				continue
			}
			pairs++
			if v > w {
				higher++
			} else if v == w {
				higher += .5
			}
		}
	}
	return higher / pairs
}

func TestAUCsLiteral(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 11))
	some, none := 0, 0
	for range 500 {
		w := newTwin(r)
		w.append(r, r.IntN(150), numbers[r.IntN(4)])
		yes, share := make([]bool, r.IntN(len(w.rows)+1)), r.Float64()
		var skip []bool
		if r.IntN(2) == 0 {
			skip = make([]bool, len(yes))
		}
		for i := range yes {
			yes[i] = r.Float64() < share
			if skip != nil {
				skip[i] = r.IntN(4) == 0
			}
		}
		for _, s := range []*Store{w.values, w.bits} {
			got, err := s.AUCs(yes, skip, nil)
			if err != nil {
				t.Fatal(err)
			}
			for u, a := range got {
				want := literalAUC(w.column(u, !s.HasValues()), yes, skip)
				if math.Abs(a-want) < 1e-12 {
					some++
				} else if a != a && want != want {
					none++
				} else {
					t.Fatalf("unit %d (values %v), %d tokens: %v, not %v", u, s.HasValues(), len(yes), a, want)
				}
			}
		}
	}
	if some < 2000 || none < 100 {
		t.Errorf("%d areas, %d that are none", some, none)
	}
}

func TestExtremesLiteral(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 12))
	for range 500 {
		w := newTwin(r)
		w.append(r, r.IntN(150), numbers[r.IntN(4)])
		u, upto, n, gap, lowest := r.IntN(w.values.units), r.IntN(160), r.IntN(12), r.IntN(5), r.IntN(2) == 0
		for _, s := range []*Store{w.values, w.bits} {
			// All by value, taken where none that was taken is near.
			var all, want []Near
			for t, x := range w.column(u, !s.HasValues())[:min(upto, len(w.rows))] {
				if x == x {
					all = append(all, Near{t, float64(x)})
				}
			}
			slices.SortStableFunc(all, func(a, b Near) int {
				if lowest {
					return cmp.Compare(a.Score, b.Score)
				}
				return cmp.Compare(b.Score, a.Score)
			})
			for _, a := range all {
				near := func(b Near) bool { return max(a.Pos-b.Pos, b.Pos-a.Pos) <= gap }
				if len(want) < n && !slices.ContainsFunc(want, near) {
					want = append(want, a)
				}
			}
			if got := s.Extremes(u, upto, n, gap, lowest); !slices.Equal(got, want) {
				t.Fatalf("%d of unit %d, gap %d, lowest %v:\n got %v\nwant %v", n, u, gap, lowest, got, want)
			}
		}
	}
}

func TestHistogramLiteral(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 13))
	for range 500 {
		w := newTwin(r)
		w.append(r, r.IntN(150), numbers[r.IntN(4)])
		u, upto, bins := r.IntN(w.values.units), r.IntN(160), 1+r.IntN(20)
		lo, hi, mean, sd, counts := w.values.Histogram(u, upto, bins)
		var x []float64
		for _, v := range w.column(u, false)[:min(upto, len(w.rows))] {
			if v == v {
				x = append(x, float64(v))
			}
		}
		want := make([]int, bins)
		if len(x) == 0 {
			if lo != 0 || hi != 0 || mean != 0 || sd != 0 || !slices.Equal(counts, want) {
				t.Fatalf("of nothing: %v %v %v %v %v", lo, hi, mean, sd, counts)
			}
			continue
		}
		var sum, squares float64
		for _, v := range x {
			bin := 0
			for bin+1 < bins && slices.Max(x) > slices.Min(x) && (v-slices.Min(x))/(slices.Max(x)-slices.Min(x))*float64(bins) >= float64(bin+1) {
				bin++
			}
			want[bin]++
			sum += v
		}
		for _, v := range x {
			squares += (v - sum/float64(len(x))) * (v - sum/float64(len(x)))
		}
		if lo != slices.Min(x) || hi != slices.Max(x) || !slices.Equal(counts, want) {
			t.Fatalf("%v to %v: %v, not %v to %v: %v", lo, hi, counts, slices.Min(x), slices.Max(x), want)
		}
		if mean != sum/float64(len(x)) || sd != math.Sqrt(squares/float64(len(x))) {
			t.Fatalf("mean %v, sd %v", mean, sd)
		}
	}
}

// TestStops: what yield says is returned at once, and asked again all is answered as if nothing had been.
func TestStops(t *testing.T) {
	defer func(n int) { paceWork = n }(paceWork)
	r := rand.New(rand.NewPCG(6, 14))
	stop := errors.New("stop")
	w := newTwin(r)
	w.append(r, 500, coarse)
	q, y, yes := make([]float32, w.values.units), make([]float32, 500), make([]bool, 500)
	for i := range y {
		y[i], yes[i] = usual(r), r.IntN(2) == 0
	}
	query := Query{Units: []int{0}, Before: 1, After: 1, Least: 1, Upto: 500}
	for _, s := range []*Store{w.values, w.bits} {
		asks := map[string]func(yield func() error) (any, error){
			"bits": func(yield func() error) (any, error) { return s.Bits(w.cuts, yield) },
			"find": func(yield func() error) (any, error) { return Find(decided(t, s, w.cuts), query, yield) },
			"near": func(yield func() error) (any, error) {
				return w.values.Near(q, 0, len(q), 500, 9, "euclidean", yield)
			},
			"correlations": func(yield func() error) (any, error) { return s.Correlations(y, yield) },
			"aucs":         func(yield func() error) (any, error) { return s.AUCs(yes, nil, yield) },
		}
		for name, ask := range asks {
			if name == "bits" && !s.HasValues() {
				continue // they are there
			}
			paceWork = 0
			calls := 0
			if name == "bits" {
				s.made = nil
			}
			want, err := ask(func() error { calls++; return nil })
			if err != nil || calls < 2 {
				t.Errorf("%s: %d calls, %v", name, calls, err)
			}
			for at := range calls {
				left := at
				if name == "bits" {
					s.made = nil
				}
				if _, err := ask(func() error {
					if left--; left < 0 {
						return stop
					}
					return nil
				}); !errors.Is(err, stop) {
					t.Fatalf("%s: at call %d of %d: %v", name, at, calls, err)
				}
			}
			got, err := ask(nil)
			if err != nil || !equalAnswers(want, got) {
				t.Errorf("%s: after it was stopped: %v\n got %v\nwant %v", name, err, got, want)
			}
		}
	}
}

func equalAnswers(a, b any) bool {
	switch a := a.(type) {
	case *Bits:
		b := b.(*Bits)
		return a.n == b.n && slices.EqualFunc(a.pages, b.pages, slices.Equal)
	case *Result:
		return slices.Equal(a.Runs, b.(*Result).Runs)
	case []Near:
		return slices.Equal(a, b.([]Near))
	case []float64:
		return slices.EqualFunc(a, b.([]float64), func(x, y float64) bool { return x == y || x != x && y != y })
	}
	return false
}
