package tsne

// The repulsion. With D from a cell's centre to a point, w = 1 / (1 + |D|²) and the cell's second moments M = sum of e eᵀ over its points' distances
// e from the centre, Taylor's series of the kernel up to second order gives
//
//	sum of w over the cell    = m w - w² tr M + 4 w³ Dᵀ M D
//	sum of w² (y - y_j)       = (m w² - 2 w³ tr M + 12 w⁴ Dᵀ M D) D - 4 w³ M D
//
// the second being -1/2 of the first's gradient. The kernel is smooth at the scale 1, so that a cell much smaller than that is far
// even from the points in it. They then repel themselves: by w = 1, which is taken off, and no force. A point that is not in a far cell is left
// out by its distance 0, lest its 1 hide the w of a sparse map.

// lists says of a group of points which cells are far from all of it, and which points are not in those.
type lists struct {
	far  []float32 // records of cells
	near []float32 // places of points
	size [2]int32  // a kernel's answer
}

// repulsion writes the sums over all j of w² (y - y_j) into force [dims, stride], and those of w over all others into weight [stride], in the
// order of the tree.
func (t *tree) repulsion(l *lists, force, weight []float32, portable bool) {
	list, repel2, repel3 := list, repel2, repel3
	if portable {
		list, repel2, repel3 = portableList, portableRepel2, portableRepel3
	}
	for g := 0; g+1 < len(t.groups); g++ {
		lo, hi := int(t.groups[g]), int(t.groups[g+1])
		list(t, l, lo, hi)
		if t.dims == 2 {
			repel2(t.pos, force, weight, t.stride, lo, hi, l.far, l.near)
		} else {
			repel3(t.pos, force, weight, t.stride, lo, hi, l.far, l.near)
		}
	}
}

// portableList walks the tree for the points lo to hi.
func portableList(t *tree, l *lists, lo, hi int) {
	l.far, l.near = l.far[:0], l.near[:0]
	var low, high [3]float32
	for d := range t.dims {
		at := t.pos[d*t.stride:][lo:hi]
		low[d], high[d] = at[0], at[0]
		for _, x := range at {
			if x < low[d] {
				low[d] = x
			}
			if x > high[d] {
				high[d] = x
			}
		}
	}
	record := t.record()
	for c := 0; c < len(t.links); {
		r, link := t.cells[c*record:][:record], t.links[c]
		away := float32(1)
		for d := range t.dims {
			x := low[d] - r[cellCentre+d]
			if x < 0 {
				if x = r[cellCentre+d] - high[d]; x < 0 {
					continue
				}
			}
			away += float32(x * x)
		}
		far, leaf := r[cellSize] < away, int(link.skip) == c+1
		switch {
		case far && r[cellMass] > 2:
			l.far = append(l.far, r...)
		case far || leaf:
			for k := int(link.lo); k < int(link.hi); k++ {
				for d := range t.dims {
					l.near = append(l.near, t.pos[d*t.stride+k])
				}
			}
		default:
			c++
			continue
		}
		c = int(link.skip)
	}
}

func portableRepel2(pos, force, weight []float32, stride, lo, hi int, far, near []float32) {
	px, py, fx, fy := pos[lo:hi], pos[stride+lo:][:hi-lo], force[lo:hi], force[stride+lo:][:hi-lo]
	weight = weight[lo:hi]
	for i := range px {
		x, y := px[i], py[i]
		var sx, sy, sz float32
		self := float32(-1) // and 1 for each point there
		for r := far; len(r) >= record2; r = r[record2:] {
			dx, dy := x-r[2], y-r[3]
			w := 1 / (1 + float32(dx*dx) + float32(dy*dy))
			mx, my := float32(r[4]*dx)+float32(r[5]*dy), float32(r[5]*dx)+float32(r[6]*dy)
			w2 := w * w
			s, q := float32(w*r[7]), float32(w2*(float32(dx*mx)+float32(dy*my)))
			u := r[1] - s + q
			sz += float32(w * u)
			u += float32(2*q) - s
			sx += float32(w2 * (float32(u*dx) - float32(w*mx)))
			sy += float32(w2 * (float32(u*dy) - float32(w*my)))
		}
		for r := near; len(r) >= 2; r = r[2:] {
			dx, dy := x-r[0], y-r[1]
			away := float32(dx*dx) + float32(dy*dy)
			w := 1 / (1 + away)
			if away > 0 {
				sz += w
			} else {
				self++
			}
			w *= w
			sx += float32(w * dx)
			sy += float32(w * dy)
		}
		fx[i], fy[i], weight[i] = sx, sy, sz+self
	}
}

func portableRepel3(pos, force, weight []float32, stride, lo, hi int, far, near []float32) {
	n := hi - lo
	px, py, pz := pos[lo:hi], pos[stride+lo:][:n], pos[2*stride+lo:][:n]
	fx, fy, fz := force[lo:hi], force[stride+lo:][:n], force[2*stride+lo:][:n]
	weight = weight[lo:hi]
	for i := range px {
		a, b, c := px[i], py[i], pz[i]
		var sa, sb, sc, sz float32
		self := float32(-1)
		for r := far; len(r) >= record3; r = r[record3:] {
			da, db, dc := a-r[2], b-r[3], c-r[4]
			w := 1 / (1 + float32(da*da) + float32(db*db) + float32(dc*dc))
			ma := float32(r[5]*da) + float32(r[6]*db) + float32(r[7]*dc)
			mb := float32(r[6]*da) + float32(r[8]*db) + float32(r[9]*dc)
			mc := float32(r[7]*da) + float32(r[9]*db) + float32(r[10]*dc)
			w2 := w * w
			s, q := float32(w*r[11]), float32(w2*(float32(da*ma)+float32(db*mb)+float32(dc*mc)))
			u := r[1] - s + q
			sz += float32(w * u)
			u += float32(2*q) - s
			sa += float32(w2 * (float32(u*da) - float32(w*ma)))
			sb += float32(w2 * (float32(u*db) - float32(w*mb)))
			sc += float32(w2 * (float32(u*dc) - float32(w*mc)))
		}
		for r := near; len(r) >= 3; r = r[3:] {
			da, db, dc := a-r[0], b-r[1], c-r[2]
			away := float32(da*da) + float32(db*db) + float32(dc*dc)
			w := 1 / (1 + away)
			if away > 0 {
				sz += w
			} else {
				self++
			}
			w *= w
			sa += float32(w * da)
			sb += float32(w * db)
			sc += float32(w * dc)
		}
		fx[i], fy[i], fz[i], weight[i] = sa, sb, sc, sz+self
	}
}
