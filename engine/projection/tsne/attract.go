package tsne

// attraction writes the sums over all j of p w (y - y_j) into force [n, dims].
func attraction(p *Affinities, y, force []float32, dims int, portable bool) {
	attract2, attract3 := attract2, attract3
	if portable {
		attract2, attract3 = portableAttract2, portableAttract3
	}
	clear(force)
	if dims == 2 {
		attract2(p, y, force)
	} else {
		attract3(p, y, force)
	}
}

// Each pair stands once and goes to both ends. Those of a row with itself add nothing.

func portableAttract2(p *Affinities, y, force []float32) {
	for i := range p.N {
		lo, hi := p.start[i], p.start[i+1]
		val, col := p.val[lo:hi], p.col[lo:hi]
		x0, x1 := y[2*i], y[2*i+1]
		var s0, s1 float32
		for k, j := range col {
			u := y[2*j:][:2]
			d0, d1 := x0-u[0], x1-u[1]
			f := val[k] / (1 + float32(d0*d0) + float32(d1*d1))
			d0, d1 = f*d0, f*d1
			s0 += d0
			s1 += d1
			v := force[2*j:][:2]
			v[0] -= d0
			v[1] -= d1
		}
		force[2*i] += s0
		force[2*i+1] += s1
	}
}

func portableAttract3(p *Affinities, y, force []float32) {
	for i := range p.N {
		lo, hi := p.start[i], p.start[i+1]
		val, col := p.val[lo:hi], p.col[lo:hi]
		x0, x1, x2 := y[3*i], y[3*i+1], y[3*i+2]
		var s0, s1, s2 float32
		for k, j := range col {
			u := y[3*j:][:3]
			d0, d1, d2 := x0-u[0], x1-u[1], x2-u[2]
			f := val[k] / (1 + float32(d0*d0) + float32(d1*d1) + float32(d2*d2))
			d0, d1, d2 = f*d0, f*d1, f*d2
			s0 += d0
			s1 += d1
			s2 += d2
			v := force[3*j:][:3]
			v[0] -= d0
			v[1] -= d1
			v[2] -= d2
		}
		force[3*i] += s0
		force[3*i+1] += s1
		force[3*i+2] += s2
	}
}

// portableSpread is the sum of p ln(1 + d²) over the pairs, each once.
func portableSpread(p *Affinities, y []float32, dims int) float64 {
	sum := 0.0
	for i := range p.N {
		row := 0.0
		for at := p.start[i]; at < p.start[i+1]; at++ {
			away := 1.0
			for d := range dims {
				x := float64(y[i*dims+d] - y[int(p.col[at])*dims+d])
				away += float64(x * x)
			}
			row += float64(float64(p.val[at]) * log(away))
		}
		sum += row
	}
	return sum
}
