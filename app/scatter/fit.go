package scatter

import (
	"math"
	"slices"
)

// Fit is the box of the data that fills the picture: its middle and half its size along each axis. In 3D the halves are such that
// a ball of that size holds the map however it is turned.
type Fit struct{ Mid, Half [3]float64 }

// sampled is the most rows by which the bulk of a map is found.
const sampled = 600

// FitTo fits the bulk of y [n, have] for a picture of dims dimensions. A few rows that lie far away do not squeeze the others: along each
// axis what counts is the range from 2 % to 98 %, and half as much again at either end, or less where there are no rows. Rows without
// a place (NaN) do not count. equal: one scale for all axes.
func FitTo(y []float32, have, dims int, equal bool) Fit {
	f := Fit{}
	if have < 1 || len(y) < have {
		return Fit{Half: [3]float64{1, 1, 1}}
	}
	n := len(y) / have
	some := make([]float32, 0, sampled+1)
	for k := range min(have, dims) {
		lo, hi := bulk(y, have, k, n, some)
		if lo <= hi {
			f.Mid[k], f.Half[k] = (lo+hi)/2, (hi-lo)/2
		}
	}
	f.whole(dims, equal)
	if dims == 3 {
		f.ball(y, have, n, some)
	}
	return f
}

// bulk is the range of coordinate k; lo > hi if there is none.
func bulk(y []float32, have, k, n int, some []float32) (lo, hi float64) {
	least, most := float32(math.Inf(1)), float32(math.Inf(-1))
	for i := k; i < n*have; i += have {
		if v := y[i]; v-v == 0 {
			if v < least {
				least = v
			}
			if v > most {
				most = v
			}
		}
	}
	some = some[:0]
	for i := range min(n, sampled) {
		if v := y[i*n/min(n, sampled)*have+k]; v-v == 0 {
			some = append(some, v)
		}
	}
	lo, hi = float64(least), float64(most)
	if len(some) == 0 {
		return lo, hi
	}
	slices.Sort(some)
	last := float64(len(some) - 1)
	a, b := float64(some[int(.02*last)]), float64(some[int(math.Ceil(.98*last))])
	return max(lo, a-(b-a)/2), min(hi, b+(b-a)/2)
}

// whole gives axes along which nothing varies a size.
func (f *Fit) whole(dims int, equal bool) {
	most := max(f.Half[0], f.Half[1])
	if dims == 3 {
		most = max(most, f.Half[2])
	}
	if most <= 0 {
		most = 1
	}
	for k := range f.Half {
		if f.Half[k] <= 0 {
			if f.Half[k] = 1; equal {
				f.Half[k] = most * 1e-3
			}
		}
		if dims == 3 && equal {
			f.Half[k] = most
		}
	}
}

// ball makes the halves those of a ball around the bulk.
func (f *Fit) ball(y []float32, have, n int, some []float32) {
	some = some[:0]
	for at := range min(n, sampled) {
		i, r := at*n/min(n, sampled), 0.0
		for k := range min(have, 3) {
			d := (float64(y[have*i+k]) - f.Mid[k]) / f.Half[k]
			r += d * d
		}
		if r-r == 0 {
			some = append(some, float32(math.Sqrt(r)))
		}
	}
	if len(some) == 0 {
		return
	}
	slices.Sort(some)
	q, most := float64(some[int(math.Ceil(.98*float64(len(some)-1)))]), float64(some[len(some)-1])
	if r := min(most, 1.25*q); r > 0 {
		for k := range f.Half {
			f.Half[k] *= r
		}
	}
}

// Towards is the fit a share k of the way to another.
func (f Fit) Towards(to Fit, k float64) Fit {
	for i := range f.Mid {
		f.Mid[i] += k * (to.Mid[i] - f.Mid[i])
		f.Half[i] *= math.Pow(to.Half[i]/f.Half[i], k)
	}
	return f
}

// Off is how far a fit is from another, in its halves: 0 = the same.
func (f Fit) Off(to Fit, dims int) float64 {
	off := 0.0
	for i := range min(dims, 3) {
		off = max(off, math.Abs(to.Mid[i]-f.Mid[i])/to.Half[i], math.Abs(math.Log(f.Half[i]/to.Half[i])))
	}
	return off
}
