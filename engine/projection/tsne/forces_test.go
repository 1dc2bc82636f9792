package tsne

import (
	"math"
	"math/rand/v2"
	"testing"
)

// exactly makes a run open every cell.
func exactly(r *Run) *Run {
	r.tree.open = 1e30
	return r
}

// gradient is that of the run's KL, as the next iteration begins.
func gradient(r *Run) []float64 {
	r.forces()
	g := make([]float64, len(r.y))
	for i := range g {
		g[i] = 4 * (float64(r.attract[i]) - float64(r.motion.repel[i])/r.z)
	}
	return g
}

// divergence is KL by its definition.
func divergence(p []float64, y []float64, n int) float64 {
	dims := len(y) / n
	w := make([]float64, n*n)
	z := 0.0
	for i := range n {
		for j := range n {
			if i != j {
				away := 1.0
				for d := range dims {
					away += (y[i*dims+d] - y[j*dims+d]) * (y[i*dims+d] - y[j*dims+d])
				}
				w[i*n+j] = 1 / away
				z += w[i*n+j]
			}
		}
	}
	kl := 0.0
	for at, v := range p {
		if v > 0 {
			kl += v * math.Log(v*z/w[at])
		}
	}
	return kl
}

// TestGradient compares with finite differences of KL, whose own error is about 1e-7 of the largest; f32 sums have 1e-6.
func TestGradient(t *testing.T) {
	s := golden(t)
	p, err := NewAffinities(s.Index, s.Dist, s.N, s.K, s.Perplexity, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := dense(p)
	for _, places := range [][]float32{s.Y2, s.Y3} {
		for _, portable := range []bool{false, true} {
			r := exactly(New(p, places, len(places)/s.N, usual))
			r.portable = portable
			got := gradient(r)
			y := make([]float64, len(places))
			for i, v := range places {
				y[i] = float64(v)
			}
			if want := divergence(all, y, s.N); math.Abs(r.KL()-want) > 2e-6*want {
				t.Errorf("KL %.9g, expected %.9g", r.KL(), want)
			}
			largest := 0.0
			for _, g := range got {
				largest = max(largest, math.Abs(g))
			}
			for i := range y {
				const h = 1e-4
				at := y[i]
				y[i] = at + h
				up := divergence(all, y, s.N)
				y[i] = at - h
				down := divergence(all, y, s.N)
				y[i] = at
				if want := (up - down) / (2 * h); math.Abs(got[i]-want) > 1e-5*largest {
					t.Fatalf("%d dimensions, portable %v: gradient %d is %g, finite differences %g", r.dims, portable, i, got[i], want)
				}
			}
		}
	}
}

// places are n points in a map of that radius: evenly in a square or cube, or in 20 clusters of unequal sizes.
func places(n, dims int, radius float64, clustered bool) []float32 {
	r := rand.New(rand.NewPCG(5, 6))
	centres := make([]float64, 20*dims)
	for i := range centres {
		centres[i] = 2*r.Float64() - 1
	}
	y := make([]float32, n*dims)
	for i := range n {
		c := int(20 * r.Float64() * r.Float64())
		for d := range dims {
			v := 2*r.Float64() - 1
			if clustered {
				v = centres[c*dims+d] + .03*float64(1+c%4)*r.NormFloat64()
			}
			y[i*dims+d] = float32(radius * v)
		}
	}
	return y
}

// exactRepulsion is the repulsion [n, dims] and Z by all pairs.
func exactRepulsion(y []float32, dims int) (force []float64, z float64) {
	force = make([]float64, len(y))
	for i := 0; i < len(y); i += dims {
		for j := 0; j < len(y); j += dims {
			if i == j {
				continue
			}
			away := 1.0
			for d := range dims {
				away += (float64(y[i+d]) - float64(y[j+d])) * (float64(y[i+d]) - float64(y[j+d]))
			}
			z += 1 / away
			for d := range dims {
				force[i+d] += (float64(y[i+d]) - float64(y[j+d])) / (away * away)
			}
		}
	}
	return force, z
}

// TestForces compares the tree's repulsion with the exact one, from a map's first iteration to a radius that none reaches: the error's root mean
// square is at most 1% of the forces', that of Z 0.1%.
func TestForces(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		radius float64
	}{{"first", 3000, 1e-4}, {"exaggerated", 3000, 2}, {"grown", 3000, 50}, {"large", 3000, 500}, {"vast", 3000, 50_000}, {"few", 100, 20}} {
		for _, dims := range []int{2, 3} {
			for _, clustered := range []bool{false, true} {
				for _, portable := range []bool{false, true} {
					y := places(c.n, dims, c.radius, clustered)
					r := New(&Affinities{N: c.n, start: make([]int32, c.n+1)}, y, dims, usual)
					r.portable = portable
					r.forces()
					want, z := exactRepulsion(y, dims)
					var off, all float64
					for i, f := range want {
						off += (float64(r.motion.repel[i]) - f) * (float64(r.motion.repel[i]) - f)
						all += f * f
					}
					share, zOff := math.Sqrt(off/all), math.Abs(r.z-z)/z
					t.Logf("%-11s dims %d clustered %-5v portable %-5v: force %.3f%%, Z %.4f%%", c.name, dims, clustered, portable, 100*share, 100*zOff)
					if !(share <= .01) {
						t.Errorf("forces are off by %.2f%%, may by 1%%", 100*share)
					}
					if !(zOff <= .001) {
						t.Errorf("Z is off by %.3f%%, may by 0.1%%", 100*zOff)
					}
				}
			}
		}
	}
}

// TestTree holds what the walks rely on.
func TestTree(t *testing.T) {
	for _, dims := range []int{2, 3} {
		for name, y := range map[string][]float32{
			"even": places(3000, dims, 10, false), "clustered": places(3000, dims, 10, true), "one place": make([]float32, 3000*dims), "one point": make([]float32, dims),
			"far one": append(places(3000, dims, 1, true), places(1, dims, 1e8, false)...), "two places": append(make([]float32, 1500*dims), places(1, dims, 1, false)...),
		} {
			n := len(y) / dims
			tree := newTree(n, dims)
			tree.build(y)
			tree.place(y)
			seen := make([]bool, n)
			for _, i := range tree.order {
				if seen[i] {
					t.Fatalf("%s: row %d twice", name, i)
				}
				seen[i] = true
			}
			if len(tree.links) > n+1 {
				t.Errorf("%s: %d cells of %d points", name, len(tree.links), n)
			}
			for c, l := range tree.links {
				if int(l.skip) == c+1 {
					continue
				}
				at := l.lo
				for k := c + 1; k < int(l.skip); k = int(tree.links[k].skip) {
					if tree.links[k].lo != at {
						t.Fatalf("%s: the children of cell %d leave out points from %d on", name, c, at)
					}
					at = tree.links[k].hi
				}
				if at != l.hi {
					t.Fatalf("%s: the children of cell %d end at %d, not %d", name, c, at, l.hi)
				}
			}
			if root := tree.links[0]; root.lo != 0 || int(root.hi) != n || int(root.skip) != len(tree.links) {
				t.Errorf("%s: root %v", name, root)
			}
			for g := 0; g+1 < len(tree.groups); g++ {
				if size := tree.groups[g+1] - tree.groups[g]; size < 1 || size > groupSize {
					t.Errorf("%s: a group of %d", name, size)
				}
			}
			if tree.groups[0] != 0 || int(tree.groups[len(tree.groups)-1]) != n {
				t.Errorf("%s: groups are not of all points", name)
			}
		}
	}
}
