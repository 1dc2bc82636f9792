package near

import (
	"cmp"
	"slices"
)

// Ranks are those of other rows by their distance from each rows[i], from 1, among all rows but itself; of equals the lower row comes first.
// others is [len(rows), k], and so are the ranks.
func Ranks(x []float32, n, d int, rows, others []int32, m Metric, step Step) ([]int32, error) {
	if err := check(x, n, d); err != nil || len(rows) == 0 {
		return nil, err
	}
	s, k := newSpace(x, n, d, m), len(others)/len(rows)
	ranks := make([]int32, len(others))
	tile := max(4, min(tileSize/d&^3, n))
	q, keys := make([]float32, blockRows*d), make([]float32, blockRows*tile)
	rivals := make([]rival, blockRows*k)
	p := &pace{step: step}
	for at := 0; at < len(rows); at += blockRows {
		block := rows[at:min(at+blockRows, len(rows))]
		for i, row := range block {
			copy(q[i*d:(i+1)*d], s.z[int(row)*d:])
			s.rivals(rivals[i*k:(i+1)*k], int(row), others[(at+i)*k:])
		}
		for lo := 0; lo < n; lo += tile {
			hi := min(lo+tile, n)
			s.keys(keys, q, len(block), lo, hi)
			for i, row := range block {
				s.count(rivals[i*k:(i+1)*k], keys[i*(hi-lo):(i+1)*(hi-lo)], lo, int(row))
			}
			if err := p.at(float64(at+len(block)*lo/n), float64(len(rows))); err != nil {
				return nil, err
			}
		}
		for i := range block {
			settle(ranks[(at+i)*k:], rivals[i*k:(i+1)*k])
		}
	}
	return ranks, nil
}

// rival is a row whose rank is asked for.
type rival struct {
	low, high float32 // keys below are those of nearer rows, keys above those of farther ones; of those between, distances decide
	place     uint64  // its distance and row, packed
	at        int     // where its rank goes
	below     int32   // how many keys are below low, but not below the rival's before
	between   int32   // how many rows between are nearer
}

// rivals are the other rows that row is compared with, in the order of their keys.
func (s *space) rivals(to []rival, row int, others []int32) {
	slack, z := s.slack(s.size[row]), s.z[row*s.d:(row+1)*s.d]
	for c := range to {
		j := int(others[c])
		key := s.half[j] - float32(dot(z, s.z[j*s.d:(j+1)*s.d]))
		to[c] = rival{low: key - slack, high: key + slack, place: pack(s.distance(row, j), int32(j)), at: c}
	}
	slices.SortFunc(to, func(a, b rival) int { return cmp.Compare(a.low, b.low) })
}

// count counts the rows from lo on that are nearer to row than the rivals.
func (s *space) count(rivals []rival, keys []float32, lo, row int) {
	if len(rivals) == 0 {
		return
	}
	most := rivals[len(rivals)-1].high
	for j := 0; j < len(keys); j++ {
		if j = nextBelow(keys, j, most); j == len(keys) {
			return
		}
		key := keys[j]
		if key > most || lo+j == row {
			continue
		}
		c := len(rivals) // the first rival with a larger low; few keys are below many
		for c > 0 && rivals[c-1].low > key {
			c--
		}
		if c < len(rivals) {
			rivals[c].below++
		}
		for c--; c >= 0 && key <= rivals[c].high; c-- {
			if pack(s.distance(row, lo+j), int32(lo+j)) < rivals[c].place {
				rivals[c].between++
			}
		}
	}
}

// settle writes the ranks that were counted.
func settle(ranks []int32, rivals []rival) {
	below := int32(0)
	for _, r := range rivals {
		below += r.below
		ranks[r.at] = below + r.between + 1
	}
}
