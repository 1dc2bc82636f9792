package tensor

// lanes is how many rows Pack interleaves: as many as a SIMD register has sums.
const lanes = 4

// Pack arranges ggml's blocks for the kernels, in place: of each four rows, the blocks of the same columns lie one in the
// other, unit by unit, so that one load gives the same weights of four rows. Rows that do not fill four stay, and so
// does a matrix with a scale that is not finite. Other types stay as they are. To be called once, when Raw is filled.
func (m *Matrix) Pack() {
	b := blocks[m.Type]
	if b == nil || m.packed || m.Rows < lanes || m.Cols == 0 || !finiteScales(m.Raw, b) {
		return
	}
	m.packed = true
	group := lanes * m.rowBytes()
	plain := make([]byte, group)
	for at := 0; at+group <= len(m.Raw); at += group {
		copy(plain, m.Raw[at:at+group])
		interleave(m.Raw[at:at+group], plain, b)
	}
}

func (m *Matrix) rowBytes() int {
	weights, bytes := m.Type.BlockSize()
	return m.Cols / weights * bytes
}

// finiteScales reports whether no f16 of the blocks is an infinity or NaN.
func finiteScales(raw []byte, b *block) bool {
	for at := 0; at < len(raw); at += b.bytes {
		for _, h := range b.halves {
			if raw[at+h+1]&0x7c == 0x7c {
				return false
			}
		}
	}
	return true
}

// interleave writes four rows of blocks into dst, in the order that Pack says.
func interleave(dst, rows []byte, b *block) {
	each, to := len(rows)/lanes, 0
	for at := 0; at < each; {
		for _, p := range b.parts {
			for range p.count {
				for r := range lanes {
					copy(dst[to:to+p.unit], rows[r*each+at:])
					to += p.unit
				}
				at += p.unit
			}
		}
	}
}

// rawRow is the blocks of row i as the file had them; room is used if they have to be gathered.
func (m *Matrix) rawRow(i int, room []byte) []byte {
	each := m.rowBytes()
	if !m.packed || i >= m.Rows/lanes*lanes {
		return m.Raw[i*each : (i+1)*each]
	}
	group := m.Raw[i/lanes*lanes*each:]
	from, to := 0, 0
	for to < each {
		for _, p := range blocks[m.Type].parts {
			for range p.count {
				copy(room[to:to+p.unit], group[from+i%lanes*p.unit:])
				from += lanes * p.unit
				to += p.unit
			}
		}
	}
	return room[:each]
}
