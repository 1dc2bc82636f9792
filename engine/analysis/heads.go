package analysis

import "math/rand/v2"

// What a head does is measured on n random tokens said twice (as TransformerLens's head detector and
// Olsson et al. 2022, "In-context Learning and Induction Heads", measure it): at each token of the second half, how much
// the head attends to the token just before (previous token), to the one after the first occurrence (induction), to
// the first occurrence (same token), and to the first token of all.

// Scores are a head's four means, in this order.
const (
	Previous = iota
	Induction
	Same
	First
	Scores // how many there are
)

// Repeated returns n random tokens of a vocabulary, twice. The same n, vocab and draw give the same tokens.
func Repeated(n, vocab, draw int) []int {
	r := rand.New(rand.NewPCG(1, 2+uint64(draw)))
	ids := make([]int, 2*n)
	for i := 0; i < n; i++ {
		ids[i] = r.IntN(vocab)
		ids[n+i] = ids[i]
	}
	return ids
}

// HeadScores reads a head's attention at the second half of Repeated's tokens: row(q) is the attention of query q
// over keys 0..q.
func HeadScores(n int, row func(q int) []float32) [Scores]float32 {
	var s [Scores]float64
	for q := n; q < 2*n; q++ {
		a := row(q)
		s[Previous] += float64(a[q-1])
		s[Induction] += float64(a[q-n+1])
		s[Same] += float64(a[q-n])
		s[First] += float64(a[0])
	}
	var out [Scores]float32
	for i := range s {
		out[i] = float32(s[i] / float64(n))
	}
	return out
}

// PoolMax reduces a pattern of n queries and m keys to rows x cols cells by the maximum of each cell, so that a thin line
// of attention stays visible. dst is [rows, cols], zero where a causal query sees no key: its row is shorter than m.
func PoolMax(dst []float32, rows, cols, n, m int, row func(q int) []float32) {
	clear(dst)
	for q := 0; q < n; q++ {
		keys, cells := row(q), dst[q*rows/n*cols:]
		for c, k := 0, 0; k < len(keys); c++ {
			end := min(((c+1)*m+cols-1)/cols, len(keys)) // the keys of cell c are those with k*cols/m = c
			top := cells[c]
			for _, v := range keys[k:end] {
				if v > top {
					top = v
				}
			}
			cells[c], k = top, end
		}
	}
}
