package near

import (
	"math"

	"loupe/engine/tensor"
)

// Top are the k rows most like q [d], best first, without those that except (nil: none) names, and without rows that hold numbers that are
// not finite. Values are cosines or dot products, largest first, or distances, smallest first; of rows at equal distances the lower comes first.
func Top(x []float32, n, d int, q []float32, m Metric, k int, except func(row int) bool) (rows []int, values []float32) {
	if k < 1 || n < 1 || len(x) < n*d || len(q) < d {
		return nil, nil
	}
	v := newVector(q[:d], m)
	l, room := list{}, []uint64{}
	keys, most := v.keys(x, n)
	l.reset(k, v.slack(most))
	l.add(keys, 0, -1, except, &room)
	for _, p := range l.nearest(func(row int) float32 { return distance(x[row*d:(row+1)*d], q[:d], m) }, m != Dot, &room) {
		rows, values = append(rows, int(rowOf(p))), append(values, m.value(valueOf(p)))
	}
	return rows, values
}

// value is what people read instead of a distance: a cosine or a product.
func (m Metric) value(distance float32) float32 {
	switch m {
	case Cosine:
		return float32(1 - float64(distance))
	case Dot:
		return -distance
	}
	return distance
}

// vector is one to compare all rows with.
type vector struct {
	q      []float32 // by Cosine of length 1
	size   float64   // |q|
	metric Metric
}

func newVector(q []float32, m Metric) *vector {
	v := &vector{q: q, metric: m}
	if m == Cosine {
		v.q = make([]float32, len(q))
		toUnit(v.q, q)
	}
	v.size = math.Sqrt(dot(v.q, v.q))
	return v
}

// keys are those of space, but that rows are not made ready before: by Cosine minus the cosines. Where float32 does not reach, they are
// computed in float64; NaN is only the key of a row that is not finite. most is the largest size of a row.
func (v *vector) keys(x []float32, n int) (keys []float32, most float64) {
	d := len(v.q)
	keys = make([]float32, n)
	w := tensor.Matrix{Type: tensor.F32, Rows: n, Cols: d, F32: x}
	w.MulVec(keys, v.q)
	for i, p := range keys {
		row := x[i*d : (i+1)*d]
		square := tensor.Dot(row, row)
		switch {
		case v.metric == Cosine:
			keys[i] = -p / float32(math.Sqrt(float64(square)))
		case v.metric == Euclidean:
			keys[i] = square/2 - p
		default:
			keys[i] = -p
		}
		if key := keys[i]; key-key != 0 || v.metric == Cosine && square < 1e-30 {
			keys[i] = v.key(row)
		} else if v.metric != Cosine {
			most = max(most, float64(square))
		}
	}
	if v.metric == Cosine {
		return keys, 1
	}
	return keys, math.Sqrt(most)
}

// key is that of one row, in float64.
func (v *vector) key(row []float32) float32 {
	if v.metric == Cosine {
		return distance(row, v.q, Cosine) - 1
	}
	if v.metric == Euclidean {
		return float32(dot(row, row)/2 - dot(row, v.q))
	}
	return float32(-dot(row, v.q))
}

func (v *vector) slack(most float64) float32 {
	s := space{d: 2 * len(v.q), most: most} // twice, for the squares are sums in float32, too
	return s.slack(v.size)
}
