package tensor

import "math"

// Causal attention in three steps, so that views can record scores and pattern between them. The n queries are the last
// n of the keys' positions: query i sees the keys 0 .. keys-n+i. Heads lie side by side in a row: q and the mixed values
// are [n, heads*d]; k and v, the KV cache, are [keys, heads*d]; scores and pattern are [heads, n, keys].

// queryBlock is how many queries read a key together.
const queryBlock = 4

// AttnScores writes scale * q·k into s, and -Inf for the keys that a query does not see.
func AttnScores(s, q, k []float32, n, keys, heads int, scale float32) {
	width, d := attnWidth(q, k, s, n, keys, heads)
	for h := range heads {
		for i := 0; i < n; i += queryBlock {
			end := min(i+queryBlock, n)
			product(s[(h*n+i)*keys:], k[h*d:], q[i*width+h*d:], shape{
				rows: keys - n + end, n: end - i, cols: d, wStride: width, xStride: width, dstStride: keys}, scale)
		}
		for i := range n {
			row := s[(h*n+i)*keys : (h*n+i+1)*keys]
			for j := keys - n + i + 1; j < keys; j++ {
				row[j] = float32(math.Inf(-1))
			}
		}
	}
}

// AttnPattern writes the softmax of each row of scores s over the keys that it sees into p, and 0 for the others.
// p may be s.
func AttnPattern(p, s []float32, n, keys, heads int) {
	for r := range heads * n {
		row, seen := p[r*keys:(r+1)*keys], keys-n+r%n+1
		copy(row[:seen], s[r*keys:])
		softmax(row[:seen])
		clear(row[seen:])
	}
}

// AttnMix writes the sums of the values v weighted by the pattern p into dst [n, heads*d].
func AttnMix(dst, p, v []float32, n, keys, heads int) {
	width, d := attnWidth(dst, v, p, n, keys, heads)
	for h := range heads {
		for i := range n {
			at, seen := (h*n+i)*keys, keys-n+i+1
			mix(dst[i*width+h*d:i*width+(h+1)*d], p[at:at+seen], v[h*d:], width)
		}
	}
}

// attnWidth is heads*d and d; it panics unless q [n, heads*d], k [keys, heads*d] and s [heads, n, keys] fit.
func attnWidth(q, k, s []float32, n, keys, heads int) (width, d int) {
	if n == 0 {
		return 0, 0
	}
	width = len(q) / n
	if n > keys || width%heads != 0 || len(k) < keys*width || len(s) < heads*n*keys {
		panic("tensor: attention: slices shorter than the shapes")
	}
	return width, width / heads
}
