package atlas

import (
	"errors"
	"math"
	"slices"
	"testing"

	"loupe/engine/protocol"
)

// landOn has rows land on map 1.
func (d *bench) landOn(x []float32, dim int) *protocol.MapOpened {
	d.t.Helper()
	d.vectors = floats(x)
	return ask[protocol.MapOpened](d, protocol.OpMapLand, protocol.MapLand{Map: 1, N: len(x) / dim, Vectors: protocol.FileRef{Size: int64(len(d.vectors))}})
}

// TestLand: rows that are on the map already land near themselves, new ones among their own cluster, and the map stays as it is.
func TestLand(t *testing.T) {
	const n, dim, m = 200, 8, 30
	x := clusters(n+m, dim)
	for name, set := range map[string]func(*protocol.Layout){
		"cosine":     func(*protocol.Layout) {},
		"components": func(l *protocol.Layout) { l.Components, l.Centre = 5, true },
		"euclidean":  func(l *protocol.Layout) { l.Metric, l.Centre, l.Dims = "euclidean", true, 3 },
	} {
		t.Run(name, func(t *testing.T) {
			l := short(300)
			set(&l)
			d := newBench(t)
			d.open(1, x[:n*dim], dim, nil)
			if o := d.landOn(x, dim); o.N != n+m || len(o.Warnings) > 0 {
				t.Errorf("%+v", o)
			}
			if f := d.step(l, 1, 0); len(f.Landed) != 0 {
				t.Error("rows land where nothing is yet")
			}
			moving := d.step(l, 1, 3)
			if len(moving.Landed) != (n+m)*l.Dims || !finite(moving.Landed) {
				t.Fatalf("%d numbers while it moves", len(moving.Landed))
			}
			last := d.run(l, 1, 0)
			again := d.step(l, 1, 0)
			if !slices.Equal(again.Y, last.Y) || !slices.Equal(again.Landed, last.Landed) || again.Iter != last.Iter {
				t.Error("it goes on though it is done")
			}
			plain := newBench(t)
			plain.open(1, x[:n*dim], dim, nil)
			if f := plain.run(l, 1, 0); !slices.Equal(f.Y, last.Y) || len(f.Landed) != 0 {
				t.Error("the map moved for its guests")
			}
			checkLanded(t, last, n, m)
		})
	}
}

// checkLanded: those of the map within a hundredth of its width of themselves at the median; nearest to the others is one of their own cluster.
func checkLanded(t *testing.T, f *protocol.MapFrame, n, m int) {
	t.Helper()
	far := func(a, b []float32) float64 {
		sum := 0.0
		for k, v := range a {
			sum += float64(v-b[k]) * float64(v-b[k])
		}
		return math.Sqrt(sum)
	}
	at := func(y []float32, i int) []float32 { return y[i*f.Dims : (i+1)*f.Dims] }
	width := 0.0
	for i := range n {
		width = max(width, far(at(f.Y, i), at(f.Y, 0)))
	}
	var own []float64
	for i := range n {
		own = append(own, far(at(f.Y, i), at(f.Landed, i))/width)
	}
	slices.Sort(own)
	right := 0
	for i := n; i < n+m; i++ {
		best := 0
		for j := range n {
			if far(at(f.Y, j), at(f.Landed, i)) < far(at(f.Y, best), at(f.Landed, i)) {
				best = j
			}
		}
		if best%5 == i%5 {
			right++
		}
	}
	t.Logf("from themselves %.3f of the width (median), %.3f (95%%); %d of %d new ones land in their cluster", own[n/2], own[n*95/100], right, m)
	if own[n/2] > .01 || own[n*95/100] > .03 || right < m-1 {
		t.Errorf("%g and %g of the width; %d of %d", own[n/2], own[n*95/100], right, m)
	}
}

// TestLandBad: what is not finite lands nowhere, and what cannot be is refused.
func TestLandBad(t *testing.T) {
	d := newBench(t)
	x := clusters(40, 8)
	d.open(1, x, 8, nil)
	l := short(50)
	d.run(l, 1, 0)
	bad := slices.Clone(x[:24])
	bad[9] = float32(math.NaN())
	if o := d.landOn(bad, 8); len(o.Warnings) != 1 || o.Warnings[0].Code != "points-not-finite" {
		t.Errorf("%+v", o)
	}
	f := d.step(l, 1, 0)
	if len(f.Landed) != 6 || f.Landed[2] == f.Landed[2] || !finite(f.Landed[:2]) || !finite(f.Landed[4:]) {
		t.Errorf("%v", f.Landed)
	}
	pca := l
	pca.Method = "pca"
	if f := d.step(pca, 1, 0); len(f.Landed) != 0 {
		t.Error("they land on a map by PCA")
	}
	d.fails(protocol.OpMapLand, protocol.MapLand{Map: 2})
	d.fails(protocol.OpMapLand, protocol.MapLand{Map: 1, N: 3, Vectors: protocol.FileRef{Size: 7}})
	d.run(l, 1, 0)
	d.landOn(x[:80], 8)
	stop := errors.New("stop")
	d.yield = func() error { return stop }
	if r := d.try(protocol.OpMapStep, protocol.MapStep{Map: 1, Layout: l, Run: 1}); r.Kind == protocol.Done {
		t.Error("it cannot be stopped")
	}
	d.yield = nil
	if f := d.run(l, 1, 0); len(f.Landed) != 20 || !finite(f.Landed) {
		t.Errorf("%v after it was stopped", f.Landed)
	}
	if d.landOn(nil, 8); len(d.step(l, 1, 0).Landed) != 0 {
		t.Error("they are still there")
	}
}

// BenchmarkLand has the 10 states of a word and 100 of their neighbours land on a map of 1,500 of 240 numbers that is done.
func BenchmarkLand(b *testing.B) {
	const n, m, dim = 1500, 110, 240
	d := newBench(b)
	x := clusters(n+m, dim)
	d.open(1, x[:n*dim], dim, nil)
	l := protocol.DefaultLayout()
	l.Iterations = 20
	d.run(l, 1, 0)
	for b.Loop() {
		d.landOn(x[n*dim:], dim)
		d.step(l, 1, 0)
	}
}
