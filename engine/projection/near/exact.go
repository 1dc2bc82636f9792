package near

const (
	blockRows = 64      // rows that are compared at a time
	tileSize  = 1 << 16 // numbers of the rows that they are compared with: they stay in the cache
)

// Exact compares each row with each other. Products of blocks in float32 say which rows may be near, with a bound for their
// rounding; of those the distances are computed exactly.
func Exact(x []float32, n, d, k int, m Metric, step Step) (*Graph, error) {
	all := make([]int32, max(0, n))
	for i := range all {
		all[i] = int32(i)
	}
	return ExactOf(x, n, d, all, k, m, step)
}

// ExactOf is Exact for some rows: the graph's row i is the neighbours of row rows[i].
func ExactOf(x []float32, n, d int, rows []int32, k int, m Metric, step Step) (*Graph, error) {
	if err := check(x, n, d); err != nil {
		return nil, err
	}
	g := newGraph(len(rows), min(k, n-1))
	p := &pace{step: step}
	err := newSpace(x, n, d, m).nearestOf(rows, g.K, func(done int) error { return p.at(float64(done), float64(len(rows))) }, g.put)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// put takes the neighbours of row i.
func (g *Graph) put(i int, near []uint64) {
	for c, p := range near {
		g.Index[i*g.K+c], g.Dist[i*g.K+c] = rowOf(p), valueOf(p)
	}
}

// nearestOf calls put with the k nearest of each rows[i]. Its memory is that of a block.
func (s *space) nearestOf(rows []int32, k int, step func(done int) error, put func(i int, near []uint64)) error {
	if k == 0 {
		return nil
	}
	tile := max(4, min(tileSize/s.d&^3, s.n))
	q, keys := make([]float32, blockRows*s.d), make([]float32, blockRows*tile)
	lists, room := make([]list, blockRows), []uint64{}
	zeroLeast := s.metric != Dot
	for at := 0; at < len(rows); at += blockRows {
		block := rows[at:min(at+blockRows, len(rows))]
		for i, row := range block {
			copy(q[i*s.d:(i+1)*s.d], s.z[int(row)*s.d:])
			lists[i].reset(k, s.slack(s.size[row]))
		}
		for lo := 0; lo < s.n; lo += tile {
			hi := min(lo+tile, s.n)
			s.keys(keys, q, len(block), lo, hi)
			for i, row := range block {
				lists[i].add(keys[i*(hi-lo):(i+1)*(hi-lo)], lo, int(row), nil, &room)
			}
			if err := step(at + len(block)*lo/s.n); err != nil {
				return err
			}
		}
		for i, row := range block {
			put(at+i, lists[i].nearest(func(j int) float32 { return s.distance(int(row), j) }, zeroLeast, &room))
		}
	}
	return nil
}
