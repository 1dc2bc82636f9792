package match

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// filled is a store of one source whose units are on where the table says, by a cut at 0.5, of both kinds.
func filled(on table, units int) []*Store {
	source := []Source{{"", units}}
	stores := []*Store{New(source, nil), New(source, half1)}
	row := make([]float32, units)
	for _, now := range on {
		for u := range row {
			row[u] = 0
			if now[u] {
				row[u] = 1
			}
		}
		for _, s := range stores {
			s.Append([][]float32{row})
		}
	}
	return stores
}

var half1 = []Cut{{.5, Above}}

func decided(t *testing.T, s *Store, cuts []Cut) *Bits {
	t.Helper()
	b, err := s.Bits(cuts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// randomTable has units that stay on and off for a while.
func randomTable(r *rand.Rand, n, units int) table {
	on := make(table, n)
	stay, share := r.Float64(), r.Float64()
	if r.IntN(12) == 0 {
		share = float64(r.IntN(2)) // all on, all off
	}
	for t := range on {
		on[t] = make([]bool, units)
		for u := range on[t] {
			on[t][u] = r.Float64() < share
			if t > 0 && r.Float64() < stay {
				on[t][u] = on[t-1][u]
			}
		}
	}
	return on
}

func randomQuery(r *rand.Rand, n, units int) Query {
	q := Query{Units: r.Perm(units)[:r.IntN(units+1)], Before: randomMargin(r, n), After: randomMargin(r, n), Least: 1 + r.IntN(4),
		Strict: r.IntN(4) == 0, Upto: n + 1 - r.IntN(3)}
	for e := 0; r.IntN(3) > 0; {
		e += 1 + r.IntN(1+r.IntN(n+1))
		q.Ends = append(q.Ends, e)
		if e > n {
			break
		}
	}
	return q
}

func randomMargin(r *rand.Rand, n int) int {
	return []int{0, 0, 1, 1, 2, r.IntN(6), r.IntN(n + 1), n + r.IntN(100)}[r.IntN(8)]
}

// sizes are lengths of texts, those around whole words more often.
func randomSize(r *rand.Rand) int {
	if r.IntN(3) == 0 {
		return []int{1, 2, 62, 63, 64, 65, 66, 127, 128, 129, 130}[r.IntN(11)]
	}
	return 1 + r.IntN(1+r.IntN(130))
}

// TestFindLiteral compares with the steps written down literally, with and without the limit being reached.
func TestFindLiteral(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	capped, strict, empty, rows := 0, 0, 0, 0
	for range 12_000 {
		n, units := randomSize(r), 1+r.IntN(20)
		on, most := randomTable(r, n, units), Most
		if r.IntN(3) == 0 {
			most = 1 + r.IntN(12)
		}
		q := randomQuery(r, n, units)
		want := literalFind(on, q, most)
		for _, s := range filled(on, units) {
			got, err := find(decided(t, s, half1), q, most, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.Capped != want.Capped || len(got.Runs) != len(want.Runs) || len(got.Runs) > 0 && !reflect.DeepEqual(got.Runs, want.Runs) {
				t.Fatalf("%+v of %d tokens, %d units, most %d, values %v:\n got %+v\nwant %+v", q, n, units, most, s.HasValues(), got, want)
			}
		}
		rows += len(want.Runs)
		count(&capped, want.Capped)
		count(&strict, q.Strict && len(want.Runs) > 0)
		count(&empty, len(want.Runs) == 0)
	}
	t.Logf("capped %d, strict with runs %d, nothing found %d, runs %d", capped, strict, empty, rows)
	if capped < 500 || strict < 500 || empty < 500 {
		t.Error("the cases are one-sided")
	}
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// TestFindOriginal compares with LSTMVis's own steps where the differences do not apply: constraints of one token, runs of two or more that do not touch the ends.
func TestFindOriginal(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 2))
	for range 1000 {
		n, units := 2+r.IntN(300), 1+r.IntN(12)
		on := randomTable(r, n, units)
		q := Query{Units: r.Perm(units)[:1+r.IntN(units)], Before: r.IntN(2), After: r.IntN(2), Least: 2, Upto: n}
		want := original(on, q.Units, q.Before > 0, q.After > 0)
		result, err := Find(decided(t, filled(on, units)[0], half1), q, nil)
		if err != nil || result.Capped {
			t.Fatal(result, err)
		}
		got := map[Run]bool{}
		last := Run{Both: units + 1}
		for _, run := range result.Runs {
			if run.Both > last.Both || run.Both == last.Both && (run.Any < last.Any || run.Any == last.Any && run.Len > last.Len) {
				t.Fatalf("%+v comes after %+v", run, last)
			}
			last = run
			if run.Pos > 0 && run.Pos+run.Len < n {
				got[run] = true
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v of %d tokens:\n got %v\nwant %v", q, n, got, want)
		}
	}
}

func TestSelectLiteral(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 3))
	chosen := 0
	for range 5000 {
		n, units := randomSize(r), 1+r.IntN(20)
		on := randomTable(r, n, units)
		lo := r.IntN(n)
		hi := lo + r.IntN(min(4, n-lo)+1)
		before, after := randomMargin(r, n), randomMargin(r, n)
		got := Select(func(t, u int) bool { return on[t][u] }, n, units, lo, hi, before, after)
		if want := literalSelect(on, lo, hi, before, after); !slices.Equal(got, want) {
			t.Fatalf("[%d, %d) of %d, %d before, %d after: %v, not %v", lo, hi, n, before, after, got, want)
		}
		chosen += len(got)
	}
	if chosen < 1000 {
		t.Error("hardly anything was selected")
	}
}
