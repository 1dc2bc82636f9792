package projection

import (
	"fmt"
	"math"
)

// Axes are the mean [d] of the rows x [n, d] and the directions [dims, d], of length 1, along which they have the coordinates [n, dims] that Principal
// gave: so that other rows can be laid out in the same plane, by Along. Of an axis without variance all is 0.
func Axes(x []float32, n, d int, coords []float32, dims int) (mean, axes []float64, err error) {
	if n < 1 || d < 1 || dims < 1 || len(x) != n*d || len(coords) != n*dims {
		return nil, nil, fmt.Errorf("projection: %d numbers and %d coordinates are not %d rows of %d", len(x), len(coords), n, d)
	}
	mean, axes = make([]float64, d), make([]float64, dims*d)
	for i := range n {
		for k, v := range x[i*d : (i+1)*d] {
			mean[k] += float64(v) / float64(n)
		}
	}
	for i := range n { // XᵀXv is λv, and Xv the coordinates: the sum of the rows by their coordinates points along v
		for a := range dims {
			c, axis := float64(coords[i*dims+a]), axes[a*d:(a+1)*d]
			for k, v := range x[i*d : (i+1)*d] {
				axis[k] += c * (float64(v) - mean[k])
			}
		}
	}
	for a := range dims {
		axis := axes[a*d : (a+1)*d]
		if size := math.Sqrt(dot(axis, axis)); size > 0 {
			for k := range axis {
				axis[k] /= size
			}
		}
	}
	return mean, axes, nil
}

// Along are the coordinates of a row along axes.
func Along(row []float32, mean, axes []float64) []float32 {
	out := make([]float32, len(axes)/len(mean))
	for a := range out {
		sum := 0.0
		for k, v := range row {
			sum += (float64(v) - mean[k]) * axes[a*len(mean)+k]
		}
		out[a] = float32(sum)
	}
	return out
}
