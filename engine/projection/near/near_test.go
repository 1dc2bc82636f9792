package near

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var metrics = []Metric{Cosine, Euclidean, Dot}

// brute is the distances of row q to all rows, by the definitions.
func brute(x []float32, n, d int, q []float32, m Metric) []float64 {
	out := make([]float64, n)
	for i := range n {
		var ab, aa, bb, sq float64
		for j := range d {
			a, b := float64(x[i*d+j]), float64(q[j])
			ab, aa, bb, sq = ab+a*b, aa+a*a, bb+b*b, sq+(a-b)*(a-b)
		}
		switch {
		case m == Euclidean:
			out[i] = math.Sqrt(sq)
		case m == Dot:
			out[i] = -ab
		case aa == 0 || bb == 0:
			out[i] = 1
		default:
			out[i] = 1 - ab/math.Sqrt(aa)/math.Sqrt(bb)
		}
	}
	return out
}

// awkward are data that approximations and roundings stumble over.
func awkward(r *rand.Rand) map[string][]float32 {
	all := map[string][]float32{}
	random := func(n, d int, f func(i, j int) float64) []float32 {
		x := make([]float32, n*d)
		for i := range x {
			x[i] = float32(f(i/d, i%d))
		}
		return x
	}
	all["normal 150x17"] = random(150, 17, func(int, int) float64 { return r.NormFloat64() })
	all["line 90x1"] = random(90, 1, func(int, int) float64 { return r.NormFloat64() })
	all["far from zero 70x30"] = random(70, 30, func(int, int) float64 { return 1000 + r.NormFloat64() })
	all["very large 66x5"] = random(66, 5, func(int, int) float64 { return 1e30 * r.NormFloat64() })
	all["very small 66x5"] = random(66, 5, func(int, int) float64 { return 1e-30 * r.NormFloat64() })
	all["one large 80x9"] = random(80, 9, func(i, _ int) float64 { return r.NormFloat64() * (1 + 1e5*float64(1-min(i, 1))) })
	all["equal 130x8"] = random(130, 8, func(_, j int) float64 { return float64(j) - 2.3 })
	all["zero 70x3"] = random(70, 3, func(int, int) float64 { return 0 })
	all["some zero 75x6"] = random(75, 6, func(i, _ int) float64 { return r.NormFloat64() * float64(i%3) })
	all["few kinds 140x4"] = random(140, 4, func(i, j int) float64 { return float64((i%5)*(j+1)) / 3 })
	all["grid 100x2"] = random(100, 2, func(i, j int) float64 { return float64(i / (1 + 9*j) % 10) })
	all["one-hot 96x12"] = random(96, 12, func(i, j int) float64 { return float64(max(0, 1-max(i%12-j, j-i%12))) })
	all["one 1x4"] = random(1, 4, func(int, int) float64 { return 1 })
	all["two 2x3"] = random(2, 3, func(int, int) float64 { return r.NormFloat64() })
	all["wide 67x301"] = random(67, 301, func(int, int) float64 { return r.NormFloat64() })
	return all
}

// numbers are the metrics of which distances are float32 numbers: not products of very large or very small ones.
func numbers(name string) []Metric {
	if strings.HasPrefix(name, "very") {
		return []Metric{Cosine, Euclidean}
	}
	return metrics
}

func sizeOf(name string) (n, d int) {
	fmt.Sscanf(name[strings.LastIndexByte(name, ' ')+1:], "%dx%d", &n, &d)
	return n, d
}

// TestExact compares with brute force: each neighbour has its distance, none is missing that is nearer, and equal ones come in the order of rows.
func TestExact(t *testing.T) {
	for name, x := range awkward(rand.New(rand.NewPCG(1, 1))) {
		n, d := sizeOf(name)
		for _, m := range numbers(name) {
			for _, k := range []int{0, 1, 7, 40, n - 1, n, n + 5} {
				g, err := Exact(x, n, d, k, m, nil)
				if err != nil {
					t.Fatal(err)
				}
				if g.N != n || g.K != max(0, min(k, n-1)) || g.Recall != 0 {
					t.Fatalf("%s, %s, k %d: [%d, %d], recall %v", name, m, k, g.N, g.K, g.Recall)
				}
				for i := range n {
					sameNeighbours(t, fmt.Sprintf("%s, %s, k %d, row %d", name, m, k, i), g.Index[i*g.K:(i+1)*g.K], g.Dist[i*g.K:(i+1)*g.K],
						brute(x, n, d, x[i*d:(i+1)*d], m), i, rounding(x, i, d, m))
				}
			}
		}
	}
}

// rounding is how far float64 sums of another order and one rounding may be off.
func rounding(x []float32, i, d int, m Metric) float64 {
	if m == Cosine {
		return 1e-13
	}
	if m == Euclidean {
		return 0
	}
	var most float64
	for _, v := range x {
		most = max(most, math.Abs(float64(v)))
	}
	return 1e-13 * float64(d) * most * most
}

func sameNeighbours(t *testing.T, what string, index []int32, dist []float32, want []float64, self int, off float64) {
	t.Helper()
	order := []int32{}
	for j := range want {
		if j != self {
			order = append(order, int32(j))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(want[a], want[b]) })
	seen := map[int32]bool{}
	for c, j := range index {
		v := float64(dist[c])
		switch {
		case int(j) == self || seen[j]:
			t.Fatalf("%s: neighbour %d is row %d, again or itself", what, c, j)
		case math.Abs(v-want[j]) > off+1e-7*math.Abs(want[j]):
			t.Fatalf("%s: row %d at %v, want %v", what, j, v, want[j])
		case math.Abs(v-want[order[c]]) > off+1e-7*math.Abs(v):
			t.Fatalf("%s: neighbour %d at %v, want %v", what, c, v, want[order[c]])
		case c > 0 && (dist[c-1] > dist[c] || dist[c-1] == dist[c] && index[c-1] > j):
			t.Fatalf("%s: rows %d at %v and %d at %v are in the wrong order", what, index[c-1], dist[c-1], j, v)
		}
		seen[j] = true
	}
	for j, w := range want { // of those as far as the farthest, no lower row was left out
		if len(index) > 0 && j != self && !seen[int32(j)] && float32(w) == dist[len(dist)-1] && off == 0 && int32(j) < index[len(index)-1] {
			t.Fatalf("%s: row %d is left out, which is as near as row %d", what, j, index[len(index)-1])
		}
	}
}

func TestEqualRowsAreAtZero(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	x := make([]float32, 200*50)
	for i := range x[:100*50] {
		x[i] = float32(r.NormFloat64()*.01 + 7)
		x[100*50+i] = x[i]
	}
	for _, m := range []Metric{Cosine, Euclidean} {
		g, err := Exact(x, 200, 50, 3, m, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 200 {
			if g.Dist[i*3] != 0 || int(g.Index[i*3]) != (i+100)%200 {
				t.Fatalf("%s: row %d: row %d at %v", m, i, g.Index[i*3], g.Dist[i*3])
			}
		}
	}
}

func TestExactOfIsExact(t *testing.T) {
	x := awkward(rand.New(rand.NewPCG(1, 1)))["normal 150x17"]
	all, err := Exact(x, 150, 17, 9, Cosine, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := []int32{149, 3, 3, 77}
	some, err := ExactOf(x, 150, 17, rows, 9, Cosine, nil)
	if err != nil || some.N != 4 {
		t.Fatal(err, some)
	}
	for i, row := range rows {
		if !slices.Equal(some.Index[i*9:(i+1)*9], all.Index[row*9:(row+1)*9]) || !slices.Equal(some.Dist[i*9:(i+1)*9], all.Dist[row*9:(row+1)*9]) {
			t.Errorf("row %d has other neighbours", row)
		}
	}
}

// TestRanks: a row's c-th neighbour has the rank c+1.
func TestRanks(t *testing.T) {
	for name, x := range awkward(rand.New(rand.NewPCG(4, 4))) {
		n, d := sizeOf(name)
		if n == 1 {
			continue
		}
		for _, m := range numbers(name) {
			rows := []int32{int32(n - 1), 0, int32(n / 2)}
			g, err := ExactOf(x, n, d, rows, n-1, m, nil)
			if err != nil {
				t.Fatal(err)
			}
			ranks, err := Ranks(x, n, d, rows, g.Index, m, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range ranks {
				if int(r) != i%(n-1)+1 {
					t.Fatalf("%s, %s: neighbour %d of row %d has rank %d", name, m, i%(n-1), rows[i/(n-1)], r)
				}
			}
		}
	}
}

func TestTop(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for name, x := range awkward(r) {
		n, d := sizeOf(name)
		queries := [][]float32{x[(n-1)*d : n*d], make([]float32, d), make([]float32, d)}
		for j := range d {
			queries[1][j] = float32(r.NormFloat64())
		}
		for _, m := range numbers(name) {
			for _, q := range queries {
				all := brute(x, n, d, q, m)
				for _, k := range []int{1, 5, n + 2} {
					rows, values := Top(x, n, d, q, m, k, nil)
					if len(rows) != min(k, n) || len(values) != len(rows) {
						t.Fatalf("%s, %s: %d rows of %d", name, m, len(rows), k)
					}
					index, dist := make([]int32, len(rows)), make([]float32, len(rows))
					for c, row := range rows {
						index[c], dist[c] = int32(row), distance(x[row*d:(row+1)*d], q[:d], m)
						if v := map[Metric]float32{Cosine: 1 - dist[c], Dot: -dist[c], Euclidean: dist[c]}[m]; math.Abs(float64(v-values[c])) > 1e-7 && v != values[c] {
							t.Fatalf("%s, %s: row %d has the value %v, want %v", name, m, row, values[c], v)
						}
					}
					off := rounding(append(q[:d:d], x...), 0, d, m)
					sameNeighbours(t, fmt.Sprintf("%s, %s, top %d", name, m, k), index, dist, all, -1, off)
				}
			}
		}
	}
	x := []float32{1, 0, 0, 1, float32(math.NaN()), 1, 1, 1}
	rows, _ := Top(x, 4, 2, []float32{1, 0}, Cosine, 4, func(row int) bool { return row == 3 })
	if !slices.Equal(rows, []int{0, 1}) {
		t.Errorf("rows %v, want 0 and 1: 2 is not finite and 3 is excepted", rows)
	}
}

// TestApproximate: the recall that is said is the recall that is, measured on all rows.
func TestApproximate(t *testing.T) {
	n, d, k := 3000, 24, 20
	x := clustered(n, d)
	for _, m := range metrics {
		g, err := Approximate(x, n, d, k, m, 7, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Approximate(x, n, d, k, m, 7, nil)
		if !slices.Equal(g.Index, again.Index) || !slices.Equal(g.Dist, again.Dist) || g.Recall != again.Recall {
			t.Errorf("%s: the same seed gives another graph", m)
		}
		exact, _ := Exact(x, n, d, k, m, nil)
		hits := 0
		for i := range n {
			for c := range k {
				at := i*k + c
				if slices.Contains(exact.Index[i*k:(i+1)*k], g.Index[at]) {
					hits++
				}
				if j := int(g.Index[at]); j == i || slices.Contains(g.Index[i*k:at], g.Index[at]) {
					t.Fatalf("%s: row %d has row %d twice, or itself", m, i, j)
				} else if v := distance(x[i*d:(i+1)*d], x[j*d:(j+1)*d], m); v != g.Dist[at] {
					t.Fatalf("%s: rows %d and %d at %v, want %v", m, i, j, g.Dist[at], v)
				}
			}
		}
		// The sample is 256 rows of 20: of a recall of .96 its standard deviation is below .01.
		if recall := float64(hits) / float64(n*k); recall < .95 || math.Abs(recall-g.Recall) > .03 {
			t.Errorf("%s: recall %.4f, said to be %.4f", m, recall, g.Recall)
		}
	}
}

// clustered is points around centres, with parts in common: nearer to word vectors than noise is.
func clustered(n, d int) []float32 {
	r := rand.New(rand.NewPCG(11, 11))
	centres := make([]float64, 40*d)
	for i := range centres {
		centres[i] = r.NormFloat64()
	}
	x := make([]float32, n*d)
	for i := range n {
		c, e, spread := r.IntN(40), r.IntN(40), .3+r.Float64()
		for j := range d {
			x[i*d+j] = float32(centres[c*d+j] + .5*centres[e*d+j] + spread*r.NormFloat64())
		}
	}
	return x
}

func TestApproximateOfEqualRows(t *testing.T) {
	n, d := 2000, 5
	x := make([]float32, n*d)
	for i := range n / 2 {
		for j := range d {
			x[i*d+j] = float32(j + 1)
		}
	}
	for _, m := range []Metric{Cosine, Euclidean} {
		g, err := Approximate(x, n, d, 15, m, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if g.Recall < .95 {
			t.Errorf("%s: recall %v", m, g.Recall)
		}
		if slices.Max(g.Dist[:n/2*15]) != 0 {
			t.Errorf("%s: equal rows are not at 0", m)
		}
	}
}

func TestNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		x := []float32{1, 2, 3, float32(v)}
		if _, err := Exact(x, 2, 2, 1, Cosine, nil); err == nil {
			t.Errorf("%v has neighbours", v)
		}
		if _, err := Approximate(x, 2, 2, 1, Cosine, 1, nil); err == nil {
			t.Errorf("%v has neighbours", v)
		}
	}
	if _, err := Exact(make([]float32, 5), 2, 2, 1, Dot, nil); err == nil {
		t.Error("five numbers are two rows of two")
	}
}

func TestStep(t *testing.T) {
	stop := errors.New("stop")
	x := clustered(4000, 60)
	for name, f := range map[string]func(Step) error{
		"exact":       func(s Step) error { _, err := Exact(x, 4000, 60, 30, Cosine, s); return err },
		"approximate": func(s Step) error { _, err := Approximate(x, 4000, 60, 30, Cosine, 1, s); return err },
	} {
		calls, last := 0, -1.0
		err := f(func(done, total float64) error {
			if done < last || done > total {
				t.Errorf("%s: %v of %v after %v", name, done, total, last)
			}
			calls, last = calls+1, done
			return nil
		})
		if err != nil || calls < 5 {
			t.Errorf("%s: %d steps, %v", name, calls, err)
		}
		if err := f(func(done, total float64) error { return stop }); err != stop {
			t.Errorf("%s: stopped with %v", name, err)
		}
	}
}

func TestReady(t *testing.T) {
	x := []float32{1, 2, 3, 6, 5, 4}
	if got := Ready(x, 3, 2, true, false); !slices.Equal(got, []float32{-2, -2, 0, 2, 2, 0}) {
		t.Errorf("centred: %v", got)
	}
	if got := Ready([]float32{3, 4, 0, 0}, 2, 2, false, true); !slices.Equal(got, []float32{.6, .8, 0, 0}) {
		t.Errorf("unit: %v", got)
	}
	if got := Ready(x, 3, 2, true, true); math.Abs(float64(got[0])+math.Sqrt(.5)) > 1e-7 || got[2] != 0 || got[3] != 1 {
		t.Errorf("centred, then unit: %v", got)
	}
	if x[0] != 1 {
		t.Error("Ready changed what it was given")
	}
}

func FuzzExact(f *testing.F) {
	f.Add(uint64(1), 20, 3, 5, 2)
	f.Fuzz(func(t *testing.T, seed uint64, n, d, k, kinds int) {
		if n < 1 || n > 200 || d < 1 || d > 20 || k < 1 || kinds < 1 {
			t.Skip()
		}
		r := rand.New(rand.NewPCG(seed, 0))
		x := make([]float32, n*d)
		for i := range x {
			x[i] = float32(r.IntN(kinds)-kinds/2) * .37
		}
		for _, m := range metrics {
			g, err := Exact(x, n, d, k, m, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				sameNeighbours(t, string(m), g.Index[i*g.K:(i+1)*g.K], g.Dist[i*g.K:(i+1)*g.K], brute(x, n, d, x[i*d:(i+1)*d], m), i, rounding(x, i, d, m))
			}
		}
	})
}
