package near

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	target = .965 // recall that reach is chosen for
	judges = 256  // rows of the sample that it is chosen by, and as many others that recall is measured on
)

// Approximate compares each row with those of the cells within its reach (an inverted file: Sivic and Zisserman 2003; Jegou, Douze and
// Schmid 2011, section IV). Cells are those of k-means, and within reach are those whose centres are little farther than the nearest one. How
// much is little is chosen on a sample of rows such that 96.5% of their true neighbours are found; where nothing less will do, that is all
// cells. Recall is measured on other rows: the share of neighbours found that are no farther than the farthest true one. The same seed gives
// the same graph; products with sums in another order (the browser's) may put a row into another cell, and so find a few other neighbours.
func Approximate(x []float32, n, d, k int, m Metric, seed uint64, step Step) (*Graph, error) {
	if err := check(x, n, d); err != nil {
		return nil, err
	}
	if n <= 2*judges || k < 1 {
		return Exact(x, n, d, k, m, step)
	}
	a := &approximation{space: newSpace(x, n, d, m), k: min(k, n-1), pace: pace{step: step}, random: rand.New(rand.NewPCG(seed, 0))}
	for _, part := range []func() error{a.judge, a.cluster, a.choose, a.assign, a.compare} {
		if err := part(); err != nil {
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
	reach   float32   // by how much more than the least key a cell may have
	cell    []int32   // the cell of each row
	members [][]int32 // the rows of each cell
	asking  [][]int32 // the rows that have each cell within reach
	asks    bits      // the same, as a table [n, cells]
	near    []pool    // of each row
}

// Where the parts of the work end, of 100.
const (
	untilJudged   = 5.0
	untilCells    = 12
	untilChosen   = 17
	untilAssigned = 24
	untilFound    = 88
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
	return a.nearestOf(a.sample, a.k, func(done int) error { return a.at(0, untilJudged, float64(done), 2*judges) }, a.truth.put)
}

// cluster runs k-means on some rows (Lloyd 1982).
func (a *approximation) cluster() error {
	const each, rounds = 20, 5
	count := int(3*math.Sqrt(float64(a.n))) &^ 3
	some := a.random.Perm(a.n)[:min(a.n, each*count)]
	count = min(count, len(some))
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

// choose finds the least reach that is enough. A pair of rows is found where either has the cell of the other within reach.
func (a *approximation) choose() error {
	needs := make([]float32, 0, judges*a.k)
	q := make([]float32, (a.k+1)*a.d)
	mine := make([]float32, a.centres.count)
	for s, row := range a.sample[:judges] {
		for i, j := range append([]int32{row}, a.truth.Index[s*a.k:(s+1)*a.k]...) {
			copy(q[i*a.d:], a.z[int(j)*a.d:(int(j)+1)*a.d])
		}
		var own int32
		err := a.centres.beside(q, a.k+1, func(i int, keys []float32) error {
			c := least(keys)
			if i == 0 {
				own = c
				copy(mine, keys)
				return a.at(untilCells, untilChosen, float64(s), judges)
			}
			needs = append(needs, min(mine[c]-mine[own], keys[own]-keys[c]))
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.Sort(needs)
	a.reach = needs[int(target*float64(len(needs)))]
	return nil
}

// assign puts every row into its cell and finds the cells within its reach.
func (a *approximation) assign() error {
	count := a.centres.count
	a.cell, a.members, a.asking, a.asks = make([]int32, a.n), make([][]int32, count), make([][]int32, count), newBits(a.n, count)
	err := a.centres.beside(a.z, a.n, func(i int, keys []float32) error {
		c := least(keys)
		a.cell[i] = c
		a.members[c] = append(a.members[c], int32(i))
		for c, most := int32(0), keys[c]+a.reach; int(c) < count; c++ {
			if keys[c] <= most {
				a.ask(int32(i), c)
			}
		}
		return a.at(untilChosen, untilAssigned, float64(i), float64(a.n))
	})
	if err != nil {
		return err
	}
	return a.widen()
}

// widen gives rows that have too few others within reach more cells, the nearest first.
func (a *approximation) widen() error {
	others := make([]int, a.n)
	for c, rows := range a.asking {
		for _, i := range rows {
			others[i] += len(a.members[c])
		}
	}
	for i := range others {
		if others[i] > a.k {
			continue
		}
		err := a.centres.beside(a.z[i*a.d:(i+1)*a.d], 1, func(_ int, keys []float32) error {
			order := make([]uint64, len(keys))
			for c, key := range keys {
				order[c] = pack(key, int32(c))
			}
			slices.Sort(order)
			for sum := 0; sum <= a.k; order = order[1:] {
				c := rowOf(order[0])
				sum += len(a.members[c])
				a.ask(int32(i), c)
			}
			return a.at(untilAssigned, untilAssigned, 0, 1)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *approximation) ask(row, cell int32) {
	if !a.asks.has(row, cell) {
		a.asking[cell] = append(a.asking[cell], row)
		a.asks.set(row, cell)
	}
}

// compare compares the members of each cell with the rows that have it within reach: both learn of each other.
func (a *approximation) compare() error {
	a.near = newPools(a.n, a.k)
	total, done := 0, 0
	for c, rows := range a.asking {
		total += len(rows) * len(a.members[c])
	}
	var ours, theirs gathered
	var products []float32
	for c, rows := range a.asking {
		theirs.take(a.space, a.members[c])
		theirs.bounds(a.near)
		for block := range slices.Chunk(rows, blockRows) {
			ours.take(a.space, block)
			products = theirs.products(products, &ours)
			for i := range block {
				a.offer(&ours, i, &theirs, products[i*len(theirs.rows):])
			}
			done += len(block) * len(theirs.rows)
			if err := a.at(untilAssigned, untilFound, float64(done), float64(total)); err != nil {
				return err
			}
		}
	}
	return nil
}

// offer offers row i of ours and all rows of theirs to each other; those that have the other's cell within reach, too, meet it there.
func (a *approximation) offer(ours *gathered, i int, theirs *gathered, products []float32) {
	row, half := ours.rows[i], ours.half[i]
	mine, halves, bounds := &a.near[row], theirs.half, theirs.bound[:len(theirs.half)]
	bound := mine.bound
	for j, p := range products[:len(halves)] {
		if halves[j]-p >= bound && half-p >= bounds[j] {
			continue
		}
		other := theirs.rows[j]
		if other == row {
			continue
		}
		mine.add(halves[j]-p, other, a.k)
		bound = mine.bound
		if half-p < bounds[j] && !a.asks.has(other, a.cell[row]) {
			a.near[other].add(half-p, row, a.k)
			bounds[j] = a.near[other].bound
		}
	}
}

// graph is the neighbours with their exact distances, cell by cell, for rows of a cell have neighbours in common.
func (a *approximation) graph() (*Graph, error) {
	g, done := newGraph(a.n, a.k), 0
	for _, rows := range a.members {
		for _, i := range rows {
			near := &a.near[i]
			near.cut(a.k)
			for c, p := range near.all {
				near.all[c] = pack(a.distance(int(i), int(rowOf(p))), rowOf(p))
			}
			slices.Sort(near.all)
			g.put(int(i), near.all)
		}
		done += len(rows)
		if err := a.at(untilFound, 100, float64(done), float64(a.n)); err != nil {
			return nil, err
		}
	}
	g.Recall = a.recall(g)
	return g, nil
}

// recall looks at the second half of the sample.
func (a *approximation) recall(g *Graph) float64 {
	hits := 0
	for s := judges; s < 2*judges; s++ {
		farthest := a.truth.Dist[(s+1)*a.k-1]
		for _, v := range g.Dist[int(a.sample[s])*a.k:][:a.k] {
			if v <= farthest {
				hits++
			}
		}
	}
	return float64(hits) / float64(judges*a.k)
}
