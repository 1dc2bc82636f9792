package tsne

import "math"

// place takes new places y [n, dims] into the tree's order, and computes what the cells hold.
func (t *tree) place(y []float32) {
	if t.dims == 2 {
		px, py := t.pos[:t.n], t.pos[t.stride:][:t.n]
		for k, i := range t.order {
			u := y[2*i:][:2]
			px[k], py[k] = u[0], u[1]
		}
		for c := len(t.links) - 1; c >= 0; c-- {
			t.moments2(c)
		}
		return
	}
	px, py, pz := t.pos[:t.n], t.pos[t.stride:][:t.n], t.pos[2*t.stride:][:t.n]
	for k, i := range t.order {
		u := y[3*i:][:3]
		px[k], py[k], pz[k] = u[0], u[1], u[2]
	}
	for c := len(t.links) - 1; c >= 0; c-- {
		t.moments3(c)
	}
}

// rows writes forces [dims, stride] in the tree's order as [n, dims] in the order of the rows.
func (t *tree) rows(to, force []float32) {
	x, y, z := force[:t.n], force[t.stride:][:t.n], force[(t.dims-1)*t.stride:][:t.n]
	for k, i := range t.order {
		if t.dims == 2 {
			u := to[2*i:][:2]
			u[0], u[1] = x[k], y[k]
		} else {
			u := to[3*i:][:3]
			u[0], u[1], u[2] = x[k], y[k], z[k]
		}
	}
}

// moments2 computes the record of a cell from its points, or from its children, which come after it.
func (t *tree) moments2(c int) {
	var x, y, xx, xy, yy, reach float32
	lo, n, end := int(t.links[c].lo), int(t.links[c].hi-t.links[c].lo), int(t.links[c].skip)
	mass := float32(n)
	if end == c+1 {
		px, py := t.pos[lo:][:n], t.pos[t.stride+lo:][:n]
		for i := range px {
			x += px[i]
			y += py[i]
		}
		x, y = x/mass, y/mass
		for i := range px {
			dx, dy := px[i]-x, py[i]-y
			xx += float32(dx * dx)
			xy += float32(dx * dy)
			yy += float32(dy * dy)
			if e := float32(dx*dx) + float32(dy*dy); e > reach {
				reach = e
			}
		}
		xx, xy, yy = 4*xx, 4*xy, 4*yy
	} else {
		for k := c + 1; k < end; k = int(t.links[k].skip) {
			r := t.cells[k*record2:][:record2]
			x += float32(r[cellMass] * r[cellCentre])
			y += float32(r[cellMass] * r[cellCentre+1])
		}
		x, y = x/mass, y/mass
		for k := c + 1; k < end; k = int(t.links[k].skip) {
			r := t.cells[k*record2:][:record2]
			dx, dy, m := r[cellCentre]-x, r[cellCentre+1]-y, 4*r[cellMass]
			xx += r[4] + float32(m*float32(dx*dx))
			xy += r[5] + float32(m*float32(dx*dy))
			yy += r[6] + float32(m*float32(dy*dy))
			e := float32(math.Sqrt(float64(float32(dx*dx)+float32(dy*dy)))) + float32(math.Sqrt(float64(t.reach[k])))
			if e *= e; e > reach {
				reach = e
			}
		}
	}
	t.reach[c] = reach
	r := t.cells[c*record2:][:record2]
	r[cellSize] = max(float32(t.open*(xx+yy))/mass, reach/(widest*widest))
	r[cellMass], r[cellCentre], r[cellCentre+1] = mass, x, y
	r[4], r[5], r[6], r[7] = xx, xy, yy, .25*(xx+yy)
}

func (t *tree) moments3(c int) {
	var x, y, z, xx, xy, xz, yy, yz, zz, reach float32
	lo, n, end := int(t.links[c].lo), int(t.links[c].hi-t.links[c].lo), int(t.links[c].skip)
	mass := float32(n)
	if end == c+1 {
		px, py, pz := t.pos[lo:][:n], t.pos[t.stride+lo:][:n], t.pos[2*t.stride+lo:][:n]
		for i := range px {
			x += px[i]
			y += py[i]
			z += pz[i]
		}
		x, y, z = x/mass, y/mass, z/mass
		for i := range px {
			dx, dy, dz := px[i]-x, py[i]-y, pz[i]-z
			xx += float32(dx * dx)
			xy += float32(dx * dy)
			xz += float32(dx * dz)
			yy += float32(dy * dy)
			if e := float32(dx*dx) + float32(dy*dy) + float32(dz*dz); e > reach {
				reach = e
			}
			yz += float32(dy * dz)
			zz += float32(dz * dz)
		}
		xx, xy, xz, yy, yz, zz = 4*xx, 4*xy, 4*xz, 4*yy, 4*yz, 4*zz
	} else {
		for k := c + 1; k < end; k = int(t.links[k].skip) {
			r := t.cells[k*record3:][:record3]
			x += float32(r[cellMass] * r[cellCentre])
			y += float32(r[cellMass] * r[cellCentre+1])
			z += float32(r[cellMass] * r[cellCentre+2])
		}
		x, y, z = x/mass, y/mass, z/mass
		for k := c + 1; k < end; k = int(t.links[k].skip) {
			r := t.cells[k*record3:][:record3]
			dx, dy, dz, m := r[cellCentre]-x, r[cellCentre+1]-y, r[cellCentre+2]-z, 4*r[cellMass]
			xx += r[5] + float32(m*float32(dx*dx))
			xy += r[6] + float32(m*float32(dx*dy))
			xz += r[7] + float32(m*float32(dx*dz))
			yy += r[8] + float32(m*float32(dy*dy))
			e := float32(math.Sqrt(float64(float32(dx*dx)+float32(dy*dy)+float32(dz*dz)))) + float32(math.Sqrt(float64(t.reach[k])))
			if e *= e; e > reach {
				reach = e
			}
			yz += r[9] + float32(m*float32(dy*dz))
			zz += r[10] + float32(m*float32(dz*dz))
		}
	}
	t.reach[c] = reach
	r := t.cells[c*record3:][:record3]
	r[cellSize] = max(float32(t.open*(xx+yy+zz))/mass, reach/(widest*widest))
	r[cellMass], r[cellCentre], r[cellCentre+1], r[cellCentre+2] = mass, x, y, z
	r[5], r[6], r[7], r[8], r[9], r[10], r[11] = xx, xy, xz, yy, yz, zz, .25*(xx+yy+zz)
}
