package whatif

import "math"

// turns is how often the axes of a plane are turned at most.
const turns = 200

// plane are rows in the plane of their first two principal components, [n, 2], and what share of their variance that holds. The two are those of
// the n x n products of the centred rows, for there are fewer of these than numbers in a row (Schoelkopf et al. 1998), found by orthogonal iteration
// (Golub and Van Loan, Matrix Computations, 8.2.4); the largest place on each axis is positive.
func plane(rows [][]float32) (places []float64, share float64) {
	n := len(rows)
	g, all := products(rows)
	places = make([]float64, 2*n)
	if !(all > 0) || math.IsInf(all, 1) { // rows with what is no number have no axes
		return places, 0
	}
	var u [2][]float64
	for a := range u {
		u[a] = make([]float64, n)
		for i := range n {
			u[a][i] = math.Cos(float64((a + 1) * (i + 1)))
		}
	}
	var size [2]float64
	for range turns {
		was := size
		for a := range u {
			u[a] = times(g, u[a])
			if a == 1 {
				along := dot(u[0], u[1])
				for i := range n {
					u[1][i] -= along * u[0][i]
				}
			}
			size[a] = math.Sqrt(dot(u[a], u[a]))
			for i := range n {
				u[a][i] /= max(size[a], 1e-300)
			}
		}
		if math.Abs(size[0]-was[0])+math.Abs(size[1]-was[1]) <= 1e-12*all {
			break
		}
	}
	for a := range u {
		far := 0.
		for _, x := range u[a] {
			if math.Abs(x) > math.Abs(far) {
				far = x
			}
		}
		for i, x := range u[a] {
			places[2*i+a] = math.Copysign(math.Sqrt(size[a]), far) * x
		}
	}
	return places, min(1, (size[0]+size[1])/all)
}

// products are those of each two rows about their mean, and the sum of their squares.
func products(rows [][]float32) (g [][]float64, all float64) {
	n := len(rows)
	if n == 0 {
		return nil, 0
	}
	x := make([][]float64, n)
	for i := range x {
		x[i] = make([]float64, len(rows[0]))
	}
	for k := range rows[0] {
		mean := 0.
		for _, r := range rows {
			mean += float64(r[k]) / float64(n)
		}
		for i, r := range rows {
			x[i][k] = float64(r[k]) - mean
		}
	}
	g = make([][]float64, n)
	for i := range g {
		g[i] = times(x, x[i])
		all += g[i][i]
	}
	return g, all
}

// times is a matrix times a vector.
func times(m [][]float64, v []float64) []float64 {
	out := make([]float64, len(m))
	for i, row := range m {
		out[i] = dot(row, v)
	}
	return out
}

func dot(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
