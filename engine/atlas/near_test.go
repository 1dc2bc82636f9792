package atlas

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"loupe/engine/protocol"
)

// value compares two vectors in the plainest way.
func value(metric string, a, b []float32) float64 {
	var ab, aa, bb, dd float64
	for k := range a {
		x, y := float64(a[k]), float64(b[k])
		ab, aa, bb, dd = ab+x*y, aa+x*x, bb+y*y, dd+(x-y)*(x-y)
	}
	switch metric {
	case "cosine":
		if aa*bb == 0 {
			return 0
		}
		return ab / math.Sqrt(aa*bb)
	case "dot":
		return ab
	}
	return math.Sqrt(dd)
}

// order lists all rows but some, the most alike first.
func order(metric string, x []float32, d int, q []float32, but ...int) []int {
	var rows []int
	for i := range len(x) / d {
		if !slices.Contains(but, i) {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(i, j int) int {
		a, b := value(metric, q, x[i*d:(i+1)*d]), value(metric, q, x[j*d:(j+1)*d])
		if metric == "euclidean" {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(b, a)
	})
	return rows
}

// TestNear compares with brute force, in the space and on the map.
func TestNear(t *testing.T) {
	const n, dim, k = 150, 6, 12
	x := clusters(n, dim)
	d := newBench(t)
	d.open(1, x, dim, nil)
	ask := func(q protocol.MapNear) *protocol.MapNearResult {
		return ask[protocol.MapNearResult](d, protocol.OpMapNear, q)
	}
	one := protocol.MapNear{Map: 1, Terms: []protocol.Term{{Row: 3, Weight: 1}}, Metric: "cosine", K: k}
	if r := ask(one); len(r.Rows) != k || len(r.MapRanks)+len(r.MapRows)+len(r.SpaceRanks)+len(r.MapValues) > 0 {
		t.Errorf("without a map: %+v", r)
	}
	y := d.run(short(60), 1, 0).Y
	for _, metric := range []string{"cosine", "euclidean", "dot"} {
		for _, row := range []int{0, 77} {
			q := one
			q.Metric, q.Terms = metric, []protocol.Term{{Row: row, Weight: 1}}
			r := ask(q)
			v := x[row*dim : (row+1)*dim]
			space, places := order(metric, x, dim, v, row), order("euclidean", y, 2, y[2*row:2*row+2], row)
			if !slices.Equal(r.Rows, space[:k]) || !slices.Equal(r.MapRows, places[:k]) {
				t.Errorf("%s, row %d: %v and %v, expected %v and %v", metric, row, r.Rows, r.MapRows, space[:k], places[:k])
			}
			kept := 0
			for i := range k {
				want := value(metric, v, x[r.Rows[i]*dim:(r.Rows[i]+1)*dim])
				if math.Abs(float64(r.Values[i])-want) > 1e-5*max(1, math.Abs(want)) { // float32
					t.Errorf("%s, row %d: %v, expected %v", metric, row, r.Values[i], want)
				}
				at := value("euclidean", y[2*row:2*row+2], y[2*r.MapRows[i]:2*r.MapRows[i]+2])
				if math.Abs(float64(r.MapValues[i])-at) > 1e-5*at {
					t.Errorf("%v on the map, expected %v", r.MapValues[i], at)
				}
				if r.MapRanks[i] != 1+slices.Index(places, r.Rows[i]) || r.SpaceRanks[i] != 1+slices.Index(space, r.MapRows[i]) {
					t.Errorf("ranks %v and %v", r.MapRanks, r.SpaceRanks)
				}
				if slices.Contains(r.Rows, r.MapRows[i]) {
					kept++
				}
			}
			if r.Kept != float32(kept)/k {
				t.Errorf("%v kept, expected %d of %d", r.Kept, kept, k)
			}
		}
	}
	if one.K = 1000; len(ask(one).Rows) != n-1 {
		t.Error("there are not as many as there are")
	}
}

// TestSum finds the queen: on vectors with an axis for each property, the sum is exact, and the words of the sum are not among the answers.
func TestSum(t *testing.T) {
	names := []string{"king", "man", "woman", "queen", "prince", "apple", "zero", "nan"}
	x := []float32{ // royal, male, female, young, fruit
		3, 1, 0, 0, 0,
		0, 1, 0, 0, 0,
		0, 0, 1, 0, 0,
		3, 0, 1, 0, 0,
		3, 1, 0, 1, 0,
		0, 0, 0, 0, 2,
		0, 0, 0, 0, 0,
		0, 0, float32(math.NaN()), 0, 0}
	d := newBench(t)
	d.open(1, x, 5, nil)
	q := protocol.MapNear{Map: 1, Terms: []protocol.Term{{Row: 0, Weight: 1}, {Row: 1, Weight: -1}, {Row: 2, Weight: 1}}, K: 9}
	for _, metric := range []string{"cosine", "euclidean", "dot"} {
		q.Metric = metric
		r := ask[protocol.MapNearResult](d, protocol.OpMapNear, q)
		if len(r.Rows) != 4 || names[r.Rows[0]] != "queen" || slices.ContainsFunc(r.Rows, func(i int) bool { return i < 3 || i == 7 }) {
			t.Errorf("%s: %v", metric, r.Rows)
		}
		// By the cosine each is of length 1 first: king is (3, 1) / sqrt(10).
		want := math.Sqrt(10)
		if metric == "cosine" {
			want = math.Sqrt(.9 + (1/math.Sqrt(10)-1)*(1/math.Sqrt(10)-1) + 1)
		}
		if math.Abs(float64(r.Norm)-want) > 1e-6 {
			t.Errorf("%s: length %v, expected %v", metric, r.Norm, want)
		}
	}
	q.Terms[2].Row = 7
	if r := ask[protocol.MapNearResult](d, protocol.OpMapNear, q); len(r.Rows) != 0 {
		t.Errorf("a vector that is not finite has neighbours: %+v", r)
	}
	q.Terms[2].Row = 8
	if e := d.fails(protocol.OpMapNear, q); e.Code != "bad-request" {
		t.Errorf("%+v", e)
	}
	if q.Terms[2].Row, q.Metric = 2, "manhattan"; d.fails(protocol.OpMapNear, q).Code != "bad-request" {
		t.Error("another metric")
	}
}

// TestReady holds that vectors are compared as the question has them made ready.
func TestReady(t *testing.T) {
	x := []float32{11, 10, 9, 10, 10, 12, 10, 9} // their mean is (10, 10.25)
	d := newBench(t)
	d.open(1, x, 2, nil)
	q := protocol.MapNear{Map: 1, Terms: []protocol.Term{{Row: 0, Weight: 1}}, Metric: "cosine", K: 3, Centre: true}
	centred := []float32{1, -.25, -1, -.25, 0, 1.75, 0, -1.25}
	r := ask[protocol.MapNearResult](d, protocol.OpMapNear, q)
	if want := order("cosine", centred, 2, centred[:2], 0); !slices.Equal(r.Rows, want) {
		t.Errorf("%v, expected %v", r.Rows, want)
	}
	q.Unit, q.Metric = true, "dot"
	if again := ask[protocol.MapNearResult](d, protocol.OpMapNear, q); !slices.Equal(r.Rows, again.Rows) || math.Abs(float64(r.Values[0]-again.Values[0])) > 1e-6 {
		t.Errorf("%v %v, expected %v %v", again.Rows, again.Values, r.Rows, r.Values)
	}
}

// TestTable compares all rows' neighbours with those of each alone.
func TestTable(t *testing.T) {
	x := clusters(90, 5)
	x[5*40] = float32(math.NaN())
	d := newBench(t)
	d.open(1, x, 5, nil)
	for _, metric := range []string{"cosine", "euclidean", "dot"} {
		q := protocol.MapTable{Map: 1, Metric: metric, K: 7}
		all := ask[protocol.MapTableResult](d, protocol.OpMapTable, q)
		q.Rows = []int{3, 40, 89}
		some := ask[protocol.MapTableResult](d, protocol.OpMapTable, q)
		if all.K != 7 || len(all.Rows) != 90*7 || len(some.Rows) != 3*7 || len(some.Values) != 3*7 {
			t.Fatalf("%d of %d, %d", len(all.Rows), all.K, len(some.Rows))
		}
		for row := range 90 {
			r := ask[protocol.MapNearResult](d, protocol.OpMapNear, protocol.MapNear{Map: 1, Terms: []protocol.Term{{Row: row, Weight: 1}}, Metric: metric, K: 7})
			for i := range 7 {
				at := row*7 + i
				if row == 40 {
					if all.Rows[at] == all.Rows[at] || all.Values[at] == all.Values[at] {
						t.Errorf("row 40: %v", all.Rows[at])
					}
				} else if int(all.Rows[at]) != r.Rows[i] || math.Abs(float64(all.Values[at]-r.Values[i])) > 1e-5*math.Max(1, math.Abs(float64(r.Values[i]))) {
					t.Errorf("%s, row %d: %v %v, expected %v %v", metric, row, all.Rows[at], all.Values[at], r.Rows[i], r.Values[i])
				}
			}
		}
		for i, row := range q.Rows {
			for k := range 7 {
				a, b := some.Rows[i*7+k], all.Rows[row*7+k]
				if a != b && (a == a || b == b) {
					t.Errorf("%s, row %d: %v, expected %v", metric, row, a, b)
				}
			}
		}
	}
	d.open(1, []float32{1, 2}, 2, nil)
	if r := ask[protocol.MapTableResult](d, protocol.OpMapTable, protocol.MapTable{Map: 1, Metric: "dot", K: 7}); r.K != 0 || len(r.Rows) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestNearOnTheWay asks for neighbours while those of all rows are looked for, as the mapper does with what is urgent: they are the same
// as before, and the map comes out the same.
func TestNearOnTheWay(t *testing.T) {
	near := protocol.MapNear{Map: 1, Terms: []protocol.Term{{Row: 3, Weight: 1}}, Metric: "cosine", Centre: true, Unit: true, K: 5, Iter: -1}
	if !Urgent(protocol.OpMapNear) || Urgent(protocol.OpMapStep) || Urgent(protocol.OpMapOpen) {
		t.Fatal("what is urgent is not")
	}
	x := clusters(600, 8)
	var maps [2][]float32
	for i := range maps {
		d := newBench(t)
		d.open(1, x, 8, nil)
		l := short(20)
		d.step(l, 1, 0)
		want := ask[protocol.MapNearResult](d, protocol.OpMapNear, near)
		if len(want.MapRanks) != 0 || len(want.Rows) != 5 {
			t.Fatalf("%+v", want)
		}
		asked := 0
		if i == 1 {
			within := false
			d.yield = func() error {
				if within {
					return nil
				}
				within = true
				defer func() { within = false }()
				asked++
				if got := ask[protocol.MapNearResult](d, protocol.OpMapNear, near); !slices.Equal(got.Rows, want.Rows) {
					t.Errorf("%v, want %v", got.Rows, want.Rows)
				}
				return nil
			}
		}
		maps[i] = d.run(l, 1, 0).Y
		if i == 1 && asked < 10 {
			t.Errorf("asked %d times only", asked)
		}
	}
	if !slices.Equal(maps[0], maps[1]) {
		t.Error("the map is another one")
	}
}
