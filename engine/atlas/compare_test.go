package atlas

import (
	"math"
	"slices"
	"testing"

	"loupe/engine/protocol"
)

func TestQuality(t *testing.T) {
	d := newBench(t)
	x := clusters(80, 2)
	x[2*33] = float32(math.Inf(1))
	d.open(1, x, 2, nil)
	l := protocol.DefaultLayout()
	l.Method, l.Metric = "pca", "euclidean"
	q := protocol.MapQuality{Map: 1, Layout: l, K: 12, Kept: 10, Sample: 1000}
	if e := d.fails(protocol.OpMapQuality, q); e.Code != "no-map" {
		t.Errorf("%+v", e)
	}
	d.step(l, 1, 0)
	// In the plane PCA turns only: nothing is lost.
	r := ask[protocol.MapQualityResult](d, protocol.OpMapQuality, q)
	if r.Trust != 1 || r.Continuity != 1 || r.Kept < .99 || r.Rows != 79 { // rounding may change two neighbours
		t.Errorf("%+v", r)
	}
	q.Layout.Metric = "cosine" // the map does not show directions
	if r := ask[protocol.MapQualityResult](d, protocol.OpMapQuality, q); r.Trust > .99 || r.Kept > .9 {
		t.Errorf("%+v", r)
	}
	if q.Layout.Metric = ""; d.fails(protocol.OpMapQuality, q).Code != "bad-request" {
		t.Error("no metric")
	}
}

func TestAgree(t *testing.T) {
	d := newBench(t)
	x := clusters(60, 2)
	turned := make([]float32, len(x)+2) // by a quarter, twice as large, one row further on
	turned[0], turned[1] = float32(math.NaN()), 0
	for i := range 60 {
		turned[2*i+2], turned[2*i+3] = -2*x[2*i+1], 2*x[2*i]
	}
	d.open(1, x, 2, nil)
	d.open(2, turned, 2, nil)
	l := protocol.DefaultLayout()
	l.Method = "axes"
	q := protocol.MapAgree{MapA: 1, MapB: 2, K: 5}
	for i := range 60 {
		q.A, q.B = append(q.A, i), append(q.B, i+1)
	}
	if e := d.fails(protocol.OpMapAgree, q); e.Code != "no-map" {
		t.Errorf("%+v", e)
	}
	for id := 1; id <= 2; id++ {
		l.Method = "pca"
		ask[protocol.MapFrame](d, protocol.OpMapStep, protocol.MapStep{Map: id, Layout: l})
	}
	r := ask[protocol.MapAgreeResult](d, protocol.OpMapAgree, q)
	if r.Shared < .99 || r.Disparity > 1e-6 || !on([]float32{r.Chance}, 5./59) || len(r.Each) != 60 || !finite(r.Each) {
		t.Errorf("%+v", r)
	}
	q.A, q.B = append(q.A, 3), append(q.B, 0) // which has no place
	if s := ask[protocol.MapAgreeResult](d, protocol.OpMapAgree, q); s.Shared != r.Shared || finite(s.Each[60:]) || !slices.Equal(s.Each[:60], r.Each) {
		t.Errorf("%+v", s)
	}
	slices.Reverse(q.B) // pairs that have nothing to do with each other
	if s := ask[protocol.MapAgreeResult](d, protocol.OpMapAgree, q); s.Shared > .5 || s.Disparity < .1 {
		t.Errorf("%v %v", s.Shared, s.Disparity)
	}
	for _, bad := range []protocol.MapAgree{{MapA: 1, MapB: 2, A: []int{0}}, {MapA: 1, MapB: 2, A: []int{0}, B: []int{1}}, {MapA: 1, MapB: 2, A: []int{0, 60}, B: []int{1, 2}}} {
		if e := d.fails(protocol.OpMapAgree, bad); e.Code != "bad-request" {
			t.Errorf("%+v: %+v", bad, e)
		}
	}
}
