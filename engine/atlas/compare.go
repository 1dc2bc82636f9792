package atlas

import (
	"math"

	"loupe/engine/desk"
	"loupe/engine/projection/quality"
	"loupe/engine/protocol"
)

// quality measures how true a map is.
func (a *Atlas) quality(j *desk.Job, b protocol.MapQuality) (*protocol.MapQualityResult, error) {
	c, err := a.placed(b.Map)
	if err != nil {
		return nil, err
	}
	metric, err := metricOf(b.Layout.Metric)
	if err != nil {
		return nil, err
	}
	x := c.ready(manner{b.Layout.Centre, b.Layout.Unit})
	q, err := quality.Measure(x, c.m, c.d, metric, c.places, c.dims, b.K, b.Kept, b.Sample, j.Stage("quality"))
	if err != nil {
		return nil, err
	}
	return &protocol.MapQualityResult{Trust: float32(q.Trust), Continuity: float32(q.Continuity), Kept: float32(q.Kept), Rows: q.Rows}, nil
}

// placed is an open map whose rows have places.
func (a *Atlas) placed(id int) (*chart, error) {
	c, err := a.chart(id)
	if err == nil && c.places == nil {
		err = &protocol.Error{Code: "no-map", Where: "places", Detail: "atlas: the rows have no places yet"}
	}
	return c, err
}

// agree compares the places of paired rows on two maps. Pairs of which one has no place count nowhere: their share is NaN.
func (a *Atlas) agree(j *desk.Job, b protocol.MapAgree) (*protocol.MapAgreeResult, error) {
	one, err := a.placed(b.MapA)
	if err != nil {
		return nil, err
	}
	two, err := a.placed(b.MapB)
	if err != nil {
		return nil, err
	}
	if len(b.A) != len(b.B) {
		return nil, desk.BadRequest("a, b", "as many rows of the one map as of the other", [2]int{len(b.A), len(b.B)})
	}
	r := &protocol.MapAgreeResult{Each: make([]float32, len(b.A))}
	var of []int // pairs
	var ya, yb []float32
	for k := range b.A {
		r.Each[k] = float32(math.NaN())
		pa, err := one.indices("a", b.A[k:k+1])
		if err != nil {
			return nil, err
		}
		pb, err := two.indices("b", b.B[k:k+1])
		if err != nil {
			return nil, err
		}
		if len(pa) == 1 && len(pb) == 1 {
			of = append(of, k)
			ya = append(ya, one.places[pa[0]*one.dims:(pa[0]+1)*one.dims]...)
			yb = append(yb, two.places[pb[0]*two.dims:(pb[0]+1)*two.dims]...)
		}
	}
	n := len(of)
	if n < 2 {
		return nil, desk.BadRequest("a, b", "two pairs or more", n)
	}
	k := max(1, min(b.K, n-1))
	shares, err := quality.Shared(ya, one.dims, yb, two.dims, n, k, j.Stage("agreement"))
	if err != nil {
		return nil, err
	}
	var total float64
	for i, s := range shares {
		r.Each[of[i]] = s
		total += float64(s)
	}
	r.Shared, r.Chance = float32(total/float64(n)), float32(k)/float32(n-1)
	r.Disparity = float32(quality.Disparity(ya, one.dims, yb, two.dims, n))
	return r, nil
}
