// Package near finds the nearest rows: all k of every row, exactly or nearly, and the k of one vector.
package near

// Metric says how two vectors are compared.
type Metric string

// The metrics. Distance by Cosine is 1 - cos, so that it is smallest for the most alike; a zero vector has the cosine 0 with all.
const (
	Cosine    Metric = "cosine"
	Euclidean Metric = "euclidean"
	Dot       Metric = "dot"
)

// Step is called every few milliseconds with how far the work is; its error ends the work.
type Step func(done, total float64) error

// Graph is the K nearest other rows of each of N rows, nearest first; of equals the lower row comes first.
type Graph struct {
	N, K   int
	Index  []int32   // [N, K]
	Dist   []float32 // [N, K]
	Recall float64   // of Approximate, measured on a sample; 0: exact
}

// ExactTo is the most rows for which Nearest is exact.
const ExactTo = 20_000

// Ready returns a copy of x [n, d] whose columns have mean 0 (centre) and whose rows then have length 1 (unit; a zero row stays).
func Ready(x []float32, n, d int, centre, unit bool) []float32 { panic("near: not written") }

// Nearest is Exact or, of more than ExactTo rows, Approximate.
func Nearest(x []float32, n, d, k int, m Metric, seed uint64, step Step) (*Graph, error) {
	panic("near: not written")
}

// Exact compares each row with each other.
func Exact(x []float32, n, d, k int, m Metric, step Step) (*Graph, error) { panic("near: not written") }

// Approximate is NN-descent (Dong, Moses and Li 2011) from random projection trees; the same for the same seed.
func Approximate(x []float32, n, d, k int, m Metric, seed uint64, step Step) (*Graph, error) {
	panic("near: not written")
}

// Top are the k rows most like q [d], best first, without those that except (nil: none) names. Values are cosines or dot products, largest
// first, or distances, smallest first.
func Top(x []float32, n, d int, q []float32, m Metric, k int, except func(row int) bool) (rows []int, values []float32) {
	panic("near: not written")
}
