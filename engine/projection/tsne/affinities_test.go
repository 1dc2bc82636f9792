package tsne

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
)

// sample is what testdata/projection/affinities.py wrote.
type sample struct {
	N, K       int
	Perplexity float64
	Index      []int32
	Dist       []float32
	Row, Col   []int
	P          []float64
	Y2, Y3     []float32
	KL2, KL3   float64
}

func golden(t *testing.T) (s sample) {
	t.Helper()
	raw, err := os.ReadFile("../../../testdata/projection/affinities.json")
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// dense is P as [n, n].
func dense(p *Affinities) []float64 {
	all := make([]float64, p.N*p.N)
	for i := range p.N {
		for at := p.start[i]; at < p.start[i+1]; at++ {
			if j := int(p.col[at]); j != i {
				all[i*p.N+j] += float64(p.val[at])
				all[j*p.N+i] += float64(p.val[at])
			}
		}
	}
	return all
}

// TestAgainstScikitLearn: scikit-learn stops at an entropy within 1e-5 nats, which leaves P within about 1e-4 of itself.
func TestAgainstScikitLearn(t *testing.T) {
	s := golden(t)
	p, err := NewAffinities(s.Index, s.Dist, s.N, s.K, s.Perplexity, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, want := dense(p), make([]float64, s.N*s.N)
	for k, v := range s.P {
		want[s.Row[k]*s.N+s.Col[k]], want[s.Col[k]*s.N+s.Row[k]] = v, v
	}
	sum := 0.0
	for at := range want {
		sum += got[at]
		if math.Abs(got[at]-want[at]) > 1e-4*want[at]+1e-9 {
			t.Fatalf("p of %d and %d: %g, scikit-learn %g", at/s.N, at%s.N, got[at], want[at])
		}
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("sum %g", sum)
	}
	for _, m := range []struct {
		y  []float32
		kl float64
	}{{s.Y2, s.KL2}, {s.Y3, s.KL3}} {
		r := New(p, m.y, len(m.y)/s.N, usual)
		r.Step()
		if math.Abs(r.KL()-m.kl) > 1e-4*m.kl { // the affinities, and the tree's Z
			t.Errorf("KL %g, by its definition %g", r.KL(), m.kl)
		}
	}
}

// TestPerplexity: each row's entropy is that of perplexity equal neighbours, at any scale of distances.
func TestPerplexity(t *testing.T) {
	const k = 50
	for _, scale := range []float32{1e-19, 1e-3, 1, 1e6, 1e18} {
		dist := make([]float32, k)
		for j := range dist {
			dist[j] = scale * (1 + float32(j)/7)
		}
		for _, perplexity := range []float64{1.5, 5, 30, 49.9} {
			p := make([]float64, k)
			if err := conditional(p, make([]float64, k), dist, log(perplexity)); err != nil {
				t.Fatal(err)
			}
			entropy := 0.0
			for _, v := range p {
				entropy -= v * math.Log(v+1e-300)
			}
			if math.Abs(entropy-math.Log(perplexity)) > 1e-6 {
				t.Errorf("scale %g perplexity %g: entropy of %g", scale, perplexity, math.Exp(entropy))
			}
		}
	}
}

// TestTies: distances that allow no such entropy come as near as they can, without end or NaN.
func TestTies(t *testing.T) {
	for _, c := range []struct {
		name       string
		dist       []float32
		perplexity float64
		want       []float64
	}{
		{"all equal", []float32{2, 2, 2, 2}, 2, []float64{.25, .25, .25, .25}},
		{"all in one place", []float32{0, 0, 0, 0}, 2, []float64{.25, .25, .25, .25}},
		{"more than there are", []float32{1, 2, 3, 4}, 30, []float64{.25, .25, .25, .25}},
		{"two nearest", []float32{0, 0, 3, 4}, 1, []float64{.5, .5, 0, 0}},
		{"one nearest", []float32{1, 2, 3, 4}, 1, []float64{1, 0, 0, 0}},
		{"as large as there are", []float32{0, 3e38, 3e38, 3e38}, 4, []float64{.25, .25, .25, .25}},
	} {
		p := make([]float64, len(c.dist))
		if err := conditional(p, make([]float64, len(p)), c.dist, log(c.perplexity)); err != nil {
			t.Fatal(err)
		}
		for j := range p {
			if !(math.Abs(p[j]-c.want[j]) < 1e-3) {
				t.Errorf("%s: %v, expected %v", c.name, p, c.want)
				break
			}
		}
	}
}

func TestBadNeighbours(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name       string
		index      []int32
		dist       []float32
		perplexity float64
		want       string
	}{
		{"too few", []int32{1, 2}, []float32{1, 1}, 1, "expected 3 x 1"},
		{"fewer distances", []int32{1, 2, 0}, []float32{1, 1}, 1, "2 distances"},
		{"no such row", []int32{1, 3, 0}, []float32{1, 1, 1}, 1, "row 1 has row 3"},
		{"negative row", []int32{1, -1, 0}, []float32{1, 1, 1}, 1, "row 1 has row -1"},
		{"itself", []int32{1, 1, 0}, []float32{1, 1, 1}, 1, "row 1 has row 1"},
		{"not a number", []int32{1, 2, 0}, []float32{1, 1, nan}, 1, "row 2: distance NaN"},
		{"infinite", []int32{1, 2, 0}, []float32{1, inf, 1}, 1, "row 1: distance +Inf"},
		{"negative", []int32{1, 2, 0}, []float32{-1, 1, 1}, 1, "row 0: distance -1"},
		{"perplexity 0", []int32{1, 2, 0}, []float32{1, 1, 1}, 0, "perplexity 0"},
		{"perplexity NaN", []int32{1, 2, 0}, []float32{1, 1, 1}, math.NaN(), "perplexity NaN"},
		{"perplexity infinite", []int32{1, 2, 0}, []float32{1, 1, 1}, math.Inf(1), "perplexity +Inf"},
	} {
		if _, err := NewAffinities(c.index, c.dist, 3, 1, c.perplexity, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q", c.name, err, c.want)
		}
	}
}

// TestCancel: whatever step answers ends the work, at its beginning as at its end; what it is told grows.
func TestCancel(t *testing.T) {
	s := golden(t)
	stop := errors.New("stop")
	for _, until := range []float64{0, .5} {
		last := -1.0
		_, err := NewAffinities(s.Index, s.Dist, s.N, s.K, s.Perplexity, func(done, total float64) error {
			if done/total <= last || done > total {
				t.Errorf("%g of %g done after %g", done, total, last)
			}
			if last = done / total; last >= until {
				return stop
			}
			return nil
		})
		if err != stop {
			t.Errorf("cancelled at %g: %v", until, err)
		}
	}
}

func TestFunctions(t *testing.T) {
	for x := 0.0; x < 800; x = x*1.01 + 1e-5 {
		if got, want := exp(-x), math.Exp(-x); math.Abs(got-want) > 1e-9*want+1e-300 {
			t.Errorf("exp(-%g) = %g, expected %g", x, got, want)
		}
	}
	for x := 1e-300; x < 1e300; x *= 1.7 {
		if got, want := log(x), math.Log(x); math.Abs(got-want) > 1e-15*math.Abs(want)+1e-16 {
			t.Errorf("log(%g) = %g, expected %g", x, got, want)
		}
	}
}
