package beam

// candidate is a continuation: of the hyp-th live hypothesis by token id.
type candidate struct {
	sum, logp float64
	hyp, id   int
	rank      int
	rule      Rule // that forbids it
}

// best keeps the n best candidates that it is given, in their order; of equals the one that came first is the better.
type best struct {
	n   int
	all []candidate // best first
}

func newBest(n int) *best { return &best{n: n, all: make([]candidate, 0, n+1)} }

// takes reports whether a candidate is among the best so far.
func (b *best) takes(c *candidate) bool {
	return b.n > 0 && (len(b.all) < b.n || c.sum > b.all[len(b.all)-1].sum)
}

// add puts one that is taken in its place.
func (b *best) add(c candidate) {
	i := len(b.all)
	b.all = append(b.all, c)
	for ; i > 0 && c.sum > b.all[i-1].sum; i-- {
		b.all[i] = b.all[i-1]
	}
	b.all[i] = c
	b.all = b.all[:min(len(b.all), b.n)]
}

func (b *best) sorted() []candidate { return b.all }
