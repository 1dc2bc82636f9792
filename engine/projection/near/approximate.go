package near

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	target = .965 // recall that the number of probes is chosen for
	judges = 256  // rows of the sample that it is chosen by, and as many others that it is measured on
)

// Approximate compares the rows of a cell with the rows that have this cell among the nearest few (an inverted file: Sivic and Zisserman
// 2003; Jegou, Douze and Schmid 2011, section IV). Cells are those of k-means. How many are few is chosen on a sample of rows such that 96.5% of
// their true neighbours are found; where nothing less will do, that is all cells. Recall is measured on other rows: the share of
// neighbours found that are no farther than the farthest true one. The same seed gives the same graph; products in another order of
// sums (the browser's) may cut a cell differently, and so find a few other rows.
func Approximate(x []float32, n, d, k int, m Metric, seed uint64, step Step) (*Graph, error) {
	if err := check(x, n, d); err != nil {
		return nil, err
	}
	if n <= 2*judges || k < 1 {
		return Exact(x, n, d, k, m, step)
	}
	a := &approximation{space: newSpace(x, n, d, m), k: min(k, n-1), pace: pace{step: step}, random: rand.New(rand.NewPCG(seed, 0))}
	for _, stage := range []func() error{a.judge, a.cluster, a.assign, a.choose, a.probe, a.compare} {
		if err := stage(); err != nil {
			return nil, err
		}
	}
	return a.graph()
}

// approximation is the work of Approximate.
type approximation struct {
	*space
	k      int
	pace   pace
	random *rand.Rand

	sample []int32 // rows; the first half chooses, the others measure
	truth  *Graph  // their neighbours

	centres cells
	members [][]int32 // the rows of each cell
	cell    []int32   // the cell of each row
	probes  int       // cells that each row is compared with
	asking  [][]int32 // the rows that are compared with each cell
	near    []pool    // of each row
}

// Parts of the work, for progress, in hundredths.
const (
	untilJudged   = 8.0
	untilCells    = 18
	untilAssigned = 21
	untilChosen   = 26
	untilProbes   = 30
	untilFound    = 90
)

func (a *approximation) at(from, to, done, total float64) error {
	return a.pace.at(from+(to-from)*done/total, 100)
}

// judge finds the true neighbours of the sample.
func (a *approximation) judge() error {
	for _, i := range a.random.Perm(a.n)[:2*judges] {
		a.sample = append(a.sample, int32(i))
	}
	a.truth = newGraph(len(a.sample), a.k)
	return a.nearestOf(a.sample, a.k, func(done int) error { return a.at(0, untilJudged, float64(done), float64(len(a.sample))) }, a.truth.put)
}

// cluster runs k-means on some rows (Lloyd 1982).
func (a *approximation) cluster() error {
	count := int(2*math.Sqrt(float64(a.n))) &^ 3
	const each, rounds = 24, 5
	some := a.random.Perm(a.n)[:min(a.n, each*count)]
	q := make([]float32, len(some)*a.d)
	for i, row := range some {
		copy(q[i*a.d:], a.z[row*a.d:(row+1)*a.d])
	}
	a.centres = newCells(slices.Clone(q[:count*a.d]), a.d)
	own := make([]int32, len(some))
	for round := range rounds {
		err := a.centres.beside(q, len(some), func(i int, keys []float32) error {
			own[i] = least(keys)
			return a.at(untilJudged, untilCells, float64(round*len(some)+i), float64(rounds*len(some)))
		})
		if err != nil {
			return err
		}
		a.centres.move(q, own)
	}
	return nil
}

// assign puts every row into its cell. A cell without rows goes; a large one (of equal rows, say) is cut into several.
func (a *approximation) assign() error {
	all := make([][]int32, a.centres.count)
	err := a.centres.beside(a.z, a.n, func(i int, keys []float32) error {
		c := least(keys)
		all[c] = append(all[c], int32(i))
		return a.at(untilCells, untilAssigned, float64(i), float64(a.n))
	})
	if err != nil {
		return err
	}
	most := 8*a.n/a.centres.count + 1
	var at []float32
	for c, rows := range all {
		for part := range slices.Chunk(rows, most) {
			a.members = append(a.members, part)
			at = append(at, a.centres.at[c*a.d:(c+1)*a.d]...)
		}
	}
	a.centres = newCells(at, a.d)
	a.cell = make([]int32, a.n)
	for c, rows := range a.members {
		for _, i := range rows {
			a.cell[i] = int32(c)
		}
	}
	return nil
}

// choose finds how many cells a row must be compared with. A pair is found where either row asks for the cell of the other.
func (a *approximation) choose() error {
	count := a.centres.count
	found := make([]int, count+1)
	q := make([]float32, (a.k+1)*a.d)
	mine, theirs := []uint64{}, []uint64{}
	for s, row := range a.sample[:judges] {
		near := a.truth.Index[s*a.k : (s+1)*a.k]
		for i, j := range append([]int32{row}, near...) {
			copy(q[i*a.d:], a.z[int(j)*a.d:(int(j)+1)*a.d])
		}
		err := a.centres.beside(q, a.k+1, func(i int, keys []float32) error {
			if i == 0 {
				mine = packed(mine, keys)
				return a.at(untilAssigned, untilChosen, float64(s), judges)
			}
			theirs = packed(theirs, keys)
			rank := min(below(mine, mine[a.cell[near[i-1]]]), below(theirs, theirs[a.cell[row]]))
			found[rank+1]++
			return nil
		})
		if err != nil {
			return err
		}
	}
	for sum := 0; a.probes < count && float64(sum) < target*float64(judges*a.k); {
		a.probes++
		sum += found[a.probes]
	}
	return nil
}

// packed is keys with their places.
func packed(to []uint64, keys []float32) []uint64 {
	to = to[:0]
	for c, key := range keys {
		to = append(to, pack(key, int32(c)))
	}
	return to
}

func below(all []uint64, p uint64) (n int) {
	for _, q := range all {
		if q < p {
			n++
		}
	}
	return n
}

// probe lists the rows that are to be compared with each cell: each row asks for its nearest cells, at least for as many as hold k other rows.
func (a *approximation) probe() error {
	a.asking = make([][]int32, a.centres.count)
	var order, enough []uint64
	return a.centres.beside(a.z, a.n, func(i int, keys []float32) error {
		order = packed(order, keys)
		smallest(order, a.probes)
		enough = append(enough[:0], order[:a.probes]...)
		if a.rowsOf(enough) <= a.k {
			slices.Sort(order)
			for len(enough) < len(order) && a.rowsOf(enough) <= a.k {
				enough = order[:len(enough)+1]
			}
		}
		for _, p := range enough {
			a.asking[rowOf(p)] = append(a.asking[rowOf(p)], int32(i))
		}
		return a.at(untilChosen, untilProbes, float64(i), float64(a.n))
	})
}

func (a *approximation) rowsOf(cells []uint64) (n int) {
	for _, p := range cells {
		n += len(a.members[rowOf(p)])
	}
	return n
}

// compare compares the members of each cell with the rows that ask for it: both learn of each other.
func (a *approximation) compare() error {
	a.near = newPools(a.n, a.k)
	asks := newBits(a.n, a.centres.count)
	total, done := 0, 0
	for c, rows := range a.asking {
		total += len(rows) * len(a.members[c])
		for _, i := range rows {
			asks.set(int(i), c)
		}
	}
	var ours, theirs gathered
	var keys []float32
	for c, rows := range a.asking {
		theirs.take(a.space, a.members[c])
		theirs.bound = theirs.bound[:0]
		for _, j := range theirs.rows {
			theirs.bound = append(theirs.bound, a.near[j].bound)
		}
		for block := range slices.Chunk(rows, blockRows) {
			ours.take(a.space, block)
			keys = theirs.products(keys, &ours)
			a.offer(c, asks, &ours, &theirs, keys)
			done += len(block) * len(theirs.rows)
			if err := a.at(untilProbes, untilFound, float64(done), float64(total)); err != nil {
				return err
			}
		}
	}
	return nil
}

// offer offers the rows of a block and the members of cell c to each other; those members that ask for the other's cell meet it there.
func (a *approximation) offer(c int, asks bits, ours, theirs *gathered, products []float32) {
	count := len(theirs.rows)
	for i, row := range ours.rows {
		mine, half := &a.near[row], ours.half[i]
		for j, p := range products[i*count:][:count] {
			toMine, toTheirs := theirs.half[j]-p < mine.bound, half-p < theirs.bound[j]
			if !toMine && !toTheirs {
				continue
			}
			other := theirs.rows[j]
			if other == row {
				continue
			}
			if toMine {
				mine.add(theirs.half[j]-p, other, a.k)
			}
			if toTheirs && !asks.has(int(other), int(a.cell[row])) {
				a.near[other].add(half-p, row, a.k)
				theirs.bound[j] = a.near[other].bound
			}
		}
	}
}

// graph has the distances exactly, and what the others of the sample say.
func (a *approximation) graph() (*Graph, error) {
	g := newGraph(a.n, a.k)
	for i := range a.near {
		near := &a.near[i]
		near.cut(a.k)
		for c, p := range near.all {
			near.all[c] = pack(a.distance(i, int(rowOf(p))), rowOf(p))
		}
		slices.Sort(near.all)
		g.put(i, near.all)
		if err := a.at(untilFound, 100, float64(i), float64(a.n)); err != nil {
			return nil, err
		}
	}
	hits := 0
	for s := judges; s < 2*judges; s++ {
		farthest := a.truth.Dist[(s+1)*a.k-1]
		for _, v := range g.Dist[int(a.sample[s])*a.k:][:a.k] {
			if v <= farthest {
				hits++
			}
		}
	}
	g.Recall = float64(hits) / float64(judges*a.k)
	return g, nil
}
