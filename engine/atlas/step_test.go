package atlas

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"loupe/engine/projection/exact"
	"loupe/engine/projection/tsne"
	"loupe/engine/protocol"
)

func TestPCA(t *testing.T) {
	d := newBench(t)
	// Along the second number the variance is largest, then along the first.
	x := []float32{1, 5, 0, -1, 5, 0, 1, -5, 0, -1, -5, 0}
	d.open(1, x, 3, nil)
	l := protocol.DefaultLayout()
	l.Method = "pca"
	f := d.step(l, 1, 0)
	if !f.Done || f.Iter != 0 || f.Dims != 2 || len(f.Explained) != 3 || math.Abs(float64(f.Explained[0])-25./26) > 1e-6 || f.Kept != 1 {
		t.Errorf("%+v", f)
	}
	for i := range 4 {
		if a, b := f.Y[2*i], f.Y[2*i+1]; math.Abs(math.Abs(float64(a))-5) > 1e-5 || math.Abs(math.Abs(float64(b))-1) > 1e-5 {
			t.Errorf("row %d: %v %v", i, a, b)
		}
	}
	l.Pick = []int{1, 0}
	g := d.step(l, 1, 0)
	for i := range 4 {
		if f.Y[2*i] != g.Y[2*i+1] || f.Y[2*i+1] != g.Y[2*i] {
			t.Errorf("row %d: %v, %v", i, f.Y[2*i:2*i+2], g.Y[2*i:2*i+2])
		}
	}
	if l.Pick = []int{0, 1, 2}; !slices.Equal(d.step(l, 1, 0).Y, f.Y) { // of more than Dims the first count
		t.Error("a third component has no place")
	}
	l.Dims, l.Pick = 3, []int{0, 1, 9} // there are only three
	if h := d.step(l, 1, 0); len(h.Y) != 12 || h.Y[2] != 0 || h.Y[0] != f.Y[0] {
		t.Errorf("%+v", h)
	}
}

func TestTSNE(t *testing.T) {
	d := newBench(t)
	x := clusters(200, 8)
	d.open(1, x, 8, nil)
	l := short(300)
	first := d.step(l, 1, 0)
	if first.Iter != 0 || first.Done || len(first.Y) != 400 || !finite(first.Y) || first.KL != 0 || len(first.Explained) != 8 {
		t.Errorf("%+v", first)
	}
	second := d.step(l, 1, 5)
	if second.Iter != 5 || second.Done || !second.Exaggerated || !(second.KL > 0) || !(second.IterMs > 0) || second.Perplexity != 10 || second.Rate != tsne.Rate(200, 12) {
		t.Errorf("%+v", second)
	}
	last := d.run(l, 1, 0)
	if last.Iter > 300 || last.Exaggerated || !(last.KL > 0 && last.KL < second.KL) || last.Recall != 0 {
		t.Errorf("%+v", last)
	}
	// The five clusters are apart: the nearest on the map are of one's own.
	right := 0
	for i := range 200 {
		r := ask[protocol.MapNearResult](d, protocol.OpMapNear, protocol.MapNear{Map: 1, Terms: []protocol.Term{{Row: i, Weight: 1}}, Metric: "cosine", K: 5})
		for _, o := range r.MapRows {
			if o%5 == i%5 {
				right++
			}
		}
	}
	if right < 990 {
		t.Errorf("%d of 1000 neighbours are of the same cluster", right)
	}
	l.Iterations = 320 // goes on
	if f := d.run(l, 1, 1); !f.Converged && f.Iter != 320 {
		t.Errorf("%+v", f)
	}
}

// TestSame holds that a seed decides the places, bit for bit, however the work is cut.
func TestSame(t *testing.T) {
	for _, init := range []string{"pca", "random"} {
		for _, dims := range []int{2, 3} {
			l := short(60)
			l.Dims, l.Init, l.Components = dims, init, 5
			var first []float32
			for _, n := range []int{0, 1, 7} {
				d := newBench(t)
				d.open(1, clusters(120, 8), 8, nil)
				f := d.run(l, 1, n)
				if f.Iter != 60 || !(f.Kept > .5 && f.Kept < 1) {
					t.Errorf("%+v", f)
				}
				if first == nil {
					first = f.Y
				}
				if !slices.Equal(first, f.Y) {
					t.Errorf("%s, %d dimensions, %d at a time: other places", init, dims, n)
				}
				if again := d.run(l, 2, n); !slices.Equal(first, again.Y) || &again.Y[0] == &f.Y[0] {
					t.Errorf("%s, %d dimensions, begun anew: other places", init, dims)
				}
				l := l
				if l.Seed++; slices.Equal(first, d.run(l, 2, n).Y) {
					t.Errorf("%s, %d dimensions: the seed decides nothing", init, dims)
				}
			}
		}
	}
}

// TestChanges holds what goes on from the same places and what begins anew.
func TestChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*protocol.Layout)
		anew   bool
	}{
		"rate":       {func(l *protocol.Layout) { l.LearningRate = 77 }, false},
		"exag":       {func(l *protocol.Layout) { l.Exaggeration = 4 }, false},
		"exagfor":    {func(l *protocol.Layout) { l.ExaggerationFor = 100 }, false},
		"iterations": {func(l *protocol.Layout) { l.Iterations = 100 }, false},
		"perplexity": {func(l *protocol.Layout) { l.Perplexity = 20 }, false},
		"less":       {func(l *protocol.Layout) { l.Perplexity = 5 }, false},
		"metric":     {func(l *protocol.Layout) { l.Metric = "euclidean" }, false},
		"centre":     {func(l *protocol.Layout) { l.Centre = true }, false},
		"components": {func(l *protocol.Layout) { l.Components = 3 }, false},
		"dims":       {func(l *protocol.Layout) { l.Dims = 3 }, true},
		"init":       {func(l *protocol.Layout) { l.Init = "random" }, true},
		"seed":       {func(l *protocol.Layout) { l.Seed = 9 }, true},
	} {
		d := newBench(t)
		d.open(1, clusters(120, 8), 8, nil)
		l := short(50)
		d.step(l, 1, 0)
		before := d.step(l, 1, 20)
		c.change(&l)
		after := d.step(l, 1, 1)
		switch {
		case c.anew && after.Iter != 0, !c.anew && after.Iter != 21, len(after.Y) != 120*l.Dims:
			t.Errorf("%s: iteration %d, %d numbers", name, after.Iter, len(after.Y))
		case !c.anew && distance(before.Y, after.Y) > .5*norm(before.Y):
			t.Errorf("%s: the places are others", name)
		}
		f := d.run(l, 1, 0)
		if f.Iter != l.Iterations && !f.Converged || !finite(f.Y) {
			t.Errorf("%s: %+v", name, f)
		}
		if name == "less" { // the neighbours are those of a fresh map
			e := newBench(t)
			e.open(1, clusters(120, 8), 8, nil)
			if !slices.Equal(d.run(l, 2, 0).Y, e.run(l, 2, 0).Y) {
				t.Error("a map depends on what was asked before it")
			}
		}
	}
}

func distance(a, b []float32) (s float64) {
	for i := range a {
		s += float64(a[i]-b[i]) * float64(a[i]-b[i])
	}
	return math.Sqrt(s)
}

func norm(a []float32) float64 { return distance(a, make([]float32, len(a))) }

// A t-SNE that one leaves for PCA is there again when one comes back.
func TestMethods(t *testing.T) {
	d := newBench(t)
	d.open(1, clusters(120, 8), 8, nil)
	l := short(40)
	last := d.run(l, 1, 0)
	l.Method = "pca"
	if f := d.step(l, 1, 0); !f.Done || f.Iter != 0 || slices.Equal(f.Y, last.Y) {
		t.Errorf("%+v", f)
	}
	l.Method = "tsne"
	if f := d.step(l, 1, 0); f.Iter != 40 || !slices.Equal(f.Y, last.Y) {
		t.Errorf("%+v", f)
	}
	l.Method = "exact"
	if f := d.step(l, 1, 0); f.Iter != 0 || f.Done {
		t.Errorf("%+v", f)
	}
	f := d.step(l, 1, 2)
	if f.Iter != 2 || f.Rate != exactRate || !finite(f.Y) {
		t.Errorf("%+v", f)
	}
	f = d.run(l, 1, 0)
	if l.Iterations = 41; f.Iter != 40 || d.run(l, 1, 0).Iter != 41 {
		t.Errorf("%+v", f)
	}
	l.Method = "tsne"
	if f := d.step(l, 1, 0); f.Iter != 0 {
		t.Errorf("%+v", f)
	}
}

func TestExactLimit(t *testing.T) {
	d := newBench(t)
	d.open(1, clusters(exact.Most+1, 2), 2, nil)
	l := short(3)
	l.Method = "exact"
	if e := d.fails(protocol.OpMapStep, protocol.MapStep{Map: 1, Layout: l}); e.Code != "exact-large" || e.Expected != fmt.Sprintf("at most %d rows", exact.Most) {
		t.Errorf("%+v", e)
	}
}

// TestFew opens what is hardly a map: few rows, equal rows, zero rows.
func TestFew(t *testing.T) {
	for _, method := range []string{"pca", "tsne", "exact", "axes"} {
		for name, x := range map[string][]float32{
			"none": {}, "one": {1, 2}, "two": {1, 2, 3, 5}, "two equal": {1, 2, 1, 2}, "three": {1, 2, 3, 5, -1, 2},
			"equal": slices.Repeat([]float32{1, 2}, 20), "zero": slices.Repeat([]float32{0, 0}, 20),
			"zeros among": append(slices.Repeat([]float32{0, 0}, 4), clusters(20, 2)...)} {
			d := newBench(t)
			d.open(1, x, 2, nil)
			l := short(40)
			l.Method = method
			f := d.run(l, 1, 0)
			if len(f.Y) != len(x) || !finite(f.Y) || f.KL < 0 {
				t.Errorf("%s, %s: %+v", method, name, f)
			}
			w := codes(f.Warnings)
			if _, cut := w["perplexity-cut"]; (method == "tsne" || method == "exact") && cut != (len(x)/2 > 0 && len(x)/2 < 31) {
				t.Errorf("%s, %s: %+v", method, name, f)
			}
			if method == "tsne" && name == "zeros among" && (w["zero-cosine"] != 4 || math.Abs(f.Perplexity-23./3) > 1e-9) {
				t.Errorf("%+v", f)
			}
		}
	}
}

// Rows that are not finite have no place, and change nothing for the others.
func TestLeftOut(t *testing.T) {
	x := clusters(60, 4)
	broken := slices.Concat(x[:40], []float32{1, float32(math.NaN()), 0, 0}, x[40:])
	d, e := newBench(t), newBench(t)
	d.open(1, x, 4, nil)
	e.open(1, broken, 4, nil)
	l := short(30)
	a, b := d.run(l, 1, 0), e.run(l, 1, 0)
	if finite(b.Y[20:22]) || !slices.Equal(a.Y, slices.Concat(b.Y[:20], b.Y[22:])) {
		t.Errorf("%v", b.Y[18:24])
	}
	all := newBench(t)
	all.open(1, []float32{float32(math.NaN()), float32(math.NaN())}, 1, nil)
	if f := all.run(l, 1, 0); len(f.Y) != 4 || finite(f.Y[:1]) {
		t.Errorf("%+v", f)
	}
}

// TestCancel cancels at each of the work's pauses: then it is over, and asked again it comes out as if nothing had been.
func TestCancel(t *testing.T) {
	l := short(12)
	want := func() []float32 {
		d := newBench(t)
		d.open(1, clusters(200, 8), 8, nil)
		return d.run(l, 1, 0).Y
	}()
	for at := 1; at < 60; at++ {
		d := newBench(t)
		d.open(1, clusters(200, 8), 8, nil)
		ctx, stop := context.WithCancel(context.Background())
		calls := 0
		d.ctx, d.yield = ctx, func() error {
			if calls++; calls == at {
				stop()
			}
			return nil
		}
		var r protocol.Reply
		for range 2 {
			r = d.try(protocol.OpMapStep, protocol.MapStep{Map: 1, Layout: l, Run: 1, Ms: 1e6})
			if r.Kind != protocol.Done {
				break
			}
		}
		if calls >= at != (r.Kind == protocol.Cancelled) || calls > at {
			t.Fatalf("cancelled at %d, %d calls: %s %s", at, calls, r.Kind, r.Body)
		}
		d.ctx, d.yield = context.Background(), nil
		if !slices.Equal(d.run(l, 1, 0).Y, want) {
			t.Errorf("cancelled at %d: other places", at)
		}
	}
}

func TestBadLayout(t *testing.T) {
	d := newBench(t)
	d.open(1, clusters(20, 3), 3, nil)
	for name, change := range map[string]func(*protocol.Layout){
		"method": func(l *protocol.Layout) { l.Method = "umap" }, "dims": func(l *protocol.Layout) { l.Dims = 4 },
		"metric": func(l *protocol.Layout) { l.Metric = "dot" }, "init": func(l *protocol.Layout) { l.Init = "" },
		"perplexity": func(l *protocol.Layout) { l.Perplexity = .5 }, "rate": func(l *protocol.Layout) { l.LearningRate = -1 },
		"exaggeration": func(l *protocol.Layout) { l.Exaggeration = 0 }, "iterations": func(l *protocol.Layout) { l.Iterations = -1 },
		"components": func(l *protocol.Layout) { l.Components = -1 }, "pick": func(l *protocol.Layout) { l.Pick = []int{50} },
		"axes": func(l *protocol.Layout) { l.Method, l.Axes = "axes", [][2][]int{{{0}, {20}}} },
	} {
		l := short(3)
		change(&l)
		if e := d.fails(protocol.OpMapStep, protocol.MapStep{Map: 1, Layout: l}); e.Code != "bad-request" {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// TestObjective holds what a map comes to, natively and in the browser. There sums run in another order, and t-SNE makes other places of
// the least difference; how good they are stays the same.
func TestObjective(t *testing.T) {
	d := newBench(t)
	d.open(1, clusters(500, 20), 20, nil)
	l := protocol.DefaultLayout()
	f := d.run(l, 1, 0)
	t.Logf("KL %v after %d iterations", f.KL, f.Iter)
	if math.Abs(float64(f.KL)-.705)/.705 > .02 {
		t.Errorf("KL %v after %d iterations, expected .705 within 2 percent", f.KL, f.Iter)
	}
}
