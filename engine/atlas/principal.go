package atlas

import "loupe/engine/projection"

// principalFor stands in for projection.Principal until that is there.
func principalFor(x []float32, n, d, dims int, seed uint64, step func(done, total float64) error) (y, share []float32, err error) {
	y, err = projection.PCA(x, n, dims, func() error { return step(0, 1) })
	if err != nil {
		return nil, nil, err
	}
	c := &chart{m: n, d: d, x: x}
	var total float64
	for _, v := range nearCentred(c) {
		total += float64(v) * float64(v)
	}
	share = make([]float32, dims)
	for k := range share {
		var s float64
		for i := range n {
			s += float64(y[i*dims+k]) * float64(y[i*dims+k])
		}
		if total > 0 {
			share[k] = float32(s / total)
		}
	}
	return y, share, nil
}

func nearCentred(c *chart) []float32 { return c.ready(manner{centre: true}) }
