package tsne

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	reference "github.com/danaugrs/go-tsne/tsne"

	"loupe/engine/projection"
)

// Data that the tests and the benchmarks share.

// digits are the first n of the 2,500 handwritten digits (MNIST, black or white) that come with go-tsne, as 50 principal components.
func digits(tb testing.TB, n int) []float32 {
	tb.Helper()
	const d = 50
	if mnist == nil {
		source, _ := runtime.FuncForPC(reflect.ValueOf(reference.NewTSNE).Pointer()).FileLine(reflect.ValueOf(reference.NewTSNE).Pointer())
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(source), "../examples/data/mnist2500_X.csv"))
		if err != nil {
			tb.Fatal(err)
		}
		var x []float32
		for _, c := range bytes.TrimSpace(raw) {
			if c == '0' || c == '1' {
				x = append(x, float32(c-'0'))
			}
		}
		if mnist, err = projection.PCA(x, 2500, d, nil); err != nil {
			tb.Fatal(err)
		}
	}
	return mnist[:n*d]
}

var mnist []float32

const gaussians = 25

// clusters are n points in 50 dimensions: 25 Gaussians, each along five directions of its own, and noise. Row i is of number i % 25.
func clusters(n int) []float32 {
	const d, count, rank = 50, gaussians, 5
	r := rand.New(rand.NewPCG(1, 2))
	normal := func(scale float64) float32 { return float32(scale * r.NormFloat64()) }
	centre, along := make([]float32, count*d), make([]float32, count*rank*d)
	for i := range centre {
		centre[i] = normal(2)
	}
	for i := range along {
		along[i] = normal(1)
	}
	x := make([]float32, n*d)
	for i := range n {
		c, row := i%count, x[i*d:(i+1)*d]
		copy(row, centre[c*d:])
		for k := range rank {
			a := normal(1)
			for t, v := range along[(c*rank+k)*d:][:d] {
				row[t] += a * v
			}
		}
		for t := range row {
			row[t] += normal(.3)
		}
	}
	return x
}

// neighbours are the k nearest rows of each of n rows of x, by comparing all; those of every so many rows only, if every is not 1.
func neighbours(x []float32, n, k, every int) (index []int32, dist []float32) {
	d := len(x) / n
	type near struct {
		square float32
		row    int32
	}
	all := make([]near, 0, k+1)
	for i := range n {
		all = all[:0]
		a := x[i*d : (i+1)*d]
		for j := i % every; j < n; j += every {
			if j == i {
				continue
			}
			s, b := float32(0), x[j*d:][:len(a)]
			for t, v := range a {
				s += (v - b[t]) * (v - b[t])
			}
			if len(all) == k && s >= all[k-1].square {
				continue
			}
			at, _ := slices.BinarySearchFunc(all, s, func(a near, s float32) int {
				if a.square <= s {
					return -1
				}
				return 1
			})
			all = slices.Insert(all, at, near{s, int32(j)})
			all = all[:min(k, len(all))]
		}
		for _, a := range all {
			index = append(index, a.row)
			dist = append(dist, float32(math.Sqrt(float64(a.square))))
		}
	}
	return index, dist
}

// affinities are those of x [n, 50] for a perplexity. Of more than 10,000 points, which are clusters, it looks for neighbours in a point's own
// Gaussian only.
func affinities(tb testing.TB, x []float32, n int, perplexity float64) *Affinities {
	tb.Helper()
	k := min(n-1, int(3*perplexity))
	every := 1
	if n > 10_000 {
		every = gaussians
	}
	index, dist := neighbours(x, n, k, every)
	p, err := NewAffinities(index, dist, n, k, perplexity, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// beginning is the first dims columns of x [n, 50], which are principal components of digits, scaled to a deviation of 1e-4.
func beginning(x []float32, n, dims int) []float32 {
	y := make([]float32, n*dims)
	r := rand.New(rand.NewPCG(3, 4))
	sum := 0.0
	for i := range n {
		sum += float64(x[i*50]) * float64(x[i*50])
	}
	scale := float32(1e-4 / math.Sqrt(sum/float64(n)))
	for i := range n {
		for d := range dims {
			y[i*dims+d] = x[i*50+d]*scale + float32(1e-6*r.NormFloat64())
		}
	}
	return y
}

var usual = Settings{Exaggeration: 12, ExaggerationFor: 250}
