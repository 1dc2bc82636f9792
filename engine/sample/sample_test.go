package sample

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var inf, nan = float32(math.Inf(1)), float32(math.NaN())

// logitsOf is seeded noise.
func logitsOf(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 9))
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(r.NormFloat64() * 3)
	}
	return out
}

// plain is Filter's definition, written for reading: sort, cut, and sum again.
func plain(logits []float32, p Params) []float64 {
	n := len(logits)
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i
	}
	slices.SortStableFunc(ids, func(a, b int) int {
		switch {
		case logits[a] > logits[b]:
			return -1
		case logits[a] < logits[b]:
			return 1
		}
		return a - b
	})
	prob := make([]float64, n)
	if p.Temperature == 0 {
		prob[ids[0]] = 1
		return prob
	}
	if p.TopK > 0 {
		ids = ids[:min(p.TopK, n)]
	}
	norm := func() {
		var sum float64
		for _, i := range ids {
			prob[i] = math.Exp((float64(logits[i]) - float64(logits[ids[0]])) / p.Temperature)
			sum += prob[i]
		}
		for i := range prob {
			if slices.Contains(ids, i) {
				prob[i] /= sum
			} else {
				prob[i] = 0
			}
		}
	}
	norm()
	if p.TopP < 1 {
		var sum float64
		for k, i := range ids {
			if sum += prob[i]; sum >= p.TopP {
				ids = ids[:k+1]
				break
			}
		}
		norm()
	}
	if p.MinP > 0 {
		ids = slices.DeleteFunc(slices.Clone(ids), func(i int) bool { return prob[i] < p.MinP*prob[ids[0]] })
		norm()
	}
	return prob
}

func TestFilterAgainstDefinition(t *testing.T) {
	for _, n := range []int{1, 2, 7, 100} {
		for seed := range uint64(20) {
			logits := logitsOf(n, seed)
			for _, p := range []Params{{1, 0, 1, 0, 0}, {.5, 5, 1, 0, 0}, {2, 0, .9, 0, 0}, {1.3, 0, 1, .1, 0}, {.8, 40, .95, .02, 0}, {0, 3, .5, .5, 0}, {1, 0, .0001, 0, 0}} {
				got, want := make([]float32, n), plain(logits, p)
				cut := Filter(got, logits, nil, p)
				kept := 0
				for i, w := range want {
					if math.Abs(float64(got[i])-w) > 1e-6 {
						t.Fatalf("n %d, seed %d, %+v: p[%d] = %v, want %v", n, seed, p, i, got[i], w)
					}
					if w > 0 {
						kept++
					}
				}
				if cut.Kept != kept || cut.MinP != kept || cut.P < cut.MinP || cut.K < cut.P {
					t.Fatalf("n %d, %+v: cut %+v, kept %d", n, p, cut, kept)
				}
			}
		}
	}
}

func TestFilterAwkward(t *testing.T) {
	cases := []struct {
		logits []float32
		p      Params
		want   string
	}{
		{[]float32{nan, 1, 1}, Params{1, 0, 1, 0, 0}, "[0 0.5 0.5]"},
		{[]float32{-inf, 0, -inf}, Params{1, 0, 1, 0, 0}, "[0 1 0]"},
		{[]float32{inf, 0, inf}, Params{1, 0, 1, 0, 0}, "[0.5 0 0.5]"},
		{[]float32{nan, nan}, Params{1, 0, 1, 0, 0}, "[0 0]"},
		{[]float32{-inf, -inf}, Params{0, 0, 1, 0, 0}, "[0 0]"},
		{[]float32{2, 2, 2, 2}, Params{1, 2, 1, 0, 0}, "[0.5 0.5 0 0]"},
		{[]float32{1000, -1000}, Params{.01, 0, 1, 0, 0}, "[1 0]"},
		{nil, Params{1, 0, 1, 0, 0}, "[]"},
	}
	for _, c := range cases {
		dst := make([]float32, len(c.logits))
		Filter(dst, c.logits, nil, c.p)
		if got := fmt.Sprint(dst); got != c.want {
			t.Errorf("%v, %+v: %s, want %s", c.logits, c.p, got, c.want)
		}
	}
}

// TestSameEverywhere pins every bit of what is drawn, so that native and browser, which both run this test, draw the same.
func TestSameEverywhere(t *testing.T) {
	h := fnv.New64a()
	for seed := range uint64(50) {
		logits := logitsOf(1000, seed)
		dst := make([]float32, len(logits))
		Filter(dst, logits, Order(logits), Params{.7, 100, .9, .001, 0})
		for _, p := range dst {
			fmt.Fprintf(h, "%x ", math.Float32bits(p))
		}
		for stream := range uint64(20) {
			fmt.Fprint(h, Draw(dst, NewRand(seed, stream)), " ")
		}
	}
	if got, want := fmt.Sprintf("%x", h.Sum64()), "3c1e2dc30918e595"; got != want {
		t.Errorf("hash %s, want %s: what is drawn has changed", got, want)
	}
}

func TestDrawFollowsTheDistribution(t *testing.T) {
	dist := []float32{.5, 0, .3, .2}
	count := make([]int, 4)
	const n = 20000
	for i := range uint64(n) {
		count[Draw(dist, NewRand(7, i))]++
	}
	for i, p := range dist {
		sd := math.Sqrt(n * float64(p) * (1 - float64(p)))
		if math.Abs(float64(count[i])-n*float64(p)) > 4*sd+.5 {
			t.Errorf("%d was drawn %d times of %d, p = %v", i, count[i], n, p)
		}
	}
	if Draw([]float32{0, 0}, NewRand(1, 1)) != -1 || Draw(nil, NewRand(1, 1)) != -1 {
		t.Error("nothing can be drawn of nothing")
	}
}

func TestExp(t *testing.T) {
	for x := 0.0; x > -746; x -= .0137 {
		want := math.Exp(x)
		if got := exp(x); math.Abs(got-want) > 1e-15*want+5e-324 {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	if exp(math.Inf(-1)) != 0 || exp(0) != 1 || !math.IsNaN(exp(math.NaN())) {
		t.Error("exp at its ends")
	}
}

func TestTopAndProbabilities(t *testing.T) {
	if got := fmt.Sprint(Order([]float32{1, nan, 3, 1, -inf, 3})); got != "[2 5 0 3 4 1]" {
		t.Errorf("Top: %s", got)
	}
	logits := logitsOf(300, 4)
	p := make([]float32, len(logits))
	logZ, sum := Probabilities(p, logits), 0.0
	for i := range p {
		sum += float64(p[i])
		if math.Abs(math.Log(float64(p[i]))-(float64(logits[i])-logZ)) > 1e-5 {
			t.Fatalf("log p[%d]", i)
		}
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("they sum to %v", sum)
	}
}
