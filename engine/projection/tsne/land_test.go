package tsne

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"loupe/engine/projection/near"
)

// landNear is how many neighbours LandPerplexity has of a map of perplexity 30.
const landNear = 15

// landed is what testdata/projection/land.py wrote.
type landed struct {
	X, Y, New, Start [][]float64
	After            map[string][][]float64 // iterations
}

// flat are rows one after another.
func flat(rows [][]float64) (x []float32) {
	for _, r := range rows {
		for _, v := range r {
			x = append(x, float32(v))
		}
	}
	return x
}

// among are the k nearest rows of x [n, d] of each row of q.
func among(x []float32, n, d int, q []float32, k int) (index []int32, dist []float32) {
	for i := 0; i < len(q); i += d {
		rows, values := near.Top(x, n, d, q[i:i+d], near.Euclidean, k, nil)
		for c, r := range rows {
			index, dist = append(index, int32(r)), append(dist, values[c])
		}
	}
	return index, dist
}

// TestLandAgainstOpenTSNE: openTSNE finds p by bisection to an entropy within 1e-8 nats, and its places are of float64; the map's are written to 6 decimals.
// On a map that is 60 wide both end within a thousandth of one another.
func TestLandAgainstOpenTSNE(t *testing.T) {
	raw, err := os.ReadFile("../../../testdata/projection/land.json")
	if err != nil {
		t.Fatal(err)
	}
	var s landed
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	x, y, q := flat(s.X), flat(s.Y), flat(s.New)
	n, d := len(s.X), len(s.X[0])
	index, dist := among(x, n, d, q, landNear)
	start, err := Land(y, n, 2, index, dist, landNear, 5, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	apart(t, "at the start", start, flat(s.Start), 1e-5)
	for n, want := range s.After {
		l := &landing{y: y, dims: 2, p: make([]float64, landNear), more: make([]float64, landNear)}
		iterations, _ := strconv.Atoi(n)
		var got []float32
		for i := range s.New {
			l.near = index[i*landNear : (i+1)*landNear]
			l.begin()
			if err := conditional(l.p, l.more, dist[i*landNear:(i+1)*landNear], log(5)); err != nil {
				t.Fatal(err)
			}
			l.descend(iterations)
			got = append(got, float32(l.at[0]), float32(l.at[1]))
		}
		apart(t, "after "+n, got, flat(want), 1e-3)
	}
}

func apart(t *testing.T, when string, got, want []float32, most float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d places, expected %d", when, len(got), len(want))
	}
	far := 0.0
	for i, v := range got {
		far = max(far, math.Abs(float64(v-want[i])))
	}
	if t.Logf("%s: %.2g from openTSNE's", when, far); !(far <= most) {
		t.Errorf("%s: %g from openTSNE's places: %v, expected %v", when, far, got, want)
	}
}

// TestLandAlone: each row lands where it would land alone, however often; errors are told.
func TestLandAlone(t *testing.T) {
	const n, d, m = 300, 6, 7
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, (n+m)*d)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	index, dist := among(x, n, d, x[n*d:(n+m)*d], landNear)
	y := columnsOf(x[:n*d], d, 2)
	all, err := Land(y, n, 2, index, dist, landNear, 5, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m {
		one, err := Land(y, n, 2, index[i*landNear:(i+1)*landNear], dist[i*landNear:(i+1)*landNear], landNear, 5, true, nil)
		if err != nil || !slices.Equal(one, all[2*i:2*i+2]) {
			t.Errorf("row %d lands at %v, alone at %v: %v", i, all[2*i:2*i+2], one, err)
		}
	}
	stop := errors.New("stop")
	if _, err := Land(y, n, 2, index, dist, landNear, 5, true, func(_, _ float64) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	index[3] = n
	if _, err := Land(y, n, 2, index, dist, landNear, 5, true, nil); err == nil {
		t.Error("a row that is not there")
	}
	if got, err := Land(y, n, 2, nil, nil, landNear, 5, true, nil); len(got) != 0 || err != nil {
		t.Error(got, err)
	}
}

// columnsOf are the first of each row's numbers.
func columnsOf(x []float32, width, first int) (out []float32) {
	for i := 0; i < len(x); i += width {
		out = append(out, x[i:i+first]...)
	}
	return out
}

// TestLandPerplexity: openTSNE's for maps as large as its default, less for small ones, never below 1.
func TestLandPerplexity(t *testing.T) {
	for perplexity, want := range map[float64][2]float64{30: {5, 15}, 100: {5, 15}, 12: {2, 6}, 5.7: {1, 3}, 1: {1, 3}} {
		if p, k := LandPerplexity(perplexity); p != want[0] || float64(k) != want[1] {
			t.Errorf("of %g: %g and %d", perplexity, p, k)
		}
	}
}
