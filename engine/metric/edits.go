package metric

import "slices"

// Edit is a step of an alignment: element A of one list stands for element B of the other. A is -1 of what only the other has, and so is B.
type Edit struct {
	A, B int
	Same bool
}

// Distance is how many insertions, deletions and replacements of one element make b of a (Levenshtein 1966).
func Distance[T comparable](a, b []T) int {
	row := make([]int, len(b)+1)
	for k := range row {
		row[k] = k
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for k, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[k+1]
			row[k+1] = min(cost, row[k]+1, row[k+1]+1)
		}
	}
	return row[len(b)]
}

// Align is an alignment of the fewest edits, from the beginning on; of several the one that, from the end on, replaces rather than deletes, and deletes rather than inserts.
func Align[T comparable](a, b []T) []Edit {
	w := len(b) + 1
	cost := make([]int, (len(a)+1)*w)
	for i := range len(a) + 1 {
		for k := range w {
			switch {
			case i == 0 || k == 0:
				cost[i*w+k] = i + k
			case a[i-1] == b[k-1]:
				cost[i*w+k] = cost[(i-1)*w+k-1]
			default:
				cost[i*w+k] = 1 + min(cost[(i-1)*w+k-1], cost[(i-1)*w+k], cost[i*w+k-1])
			}
		}
	}
	var out []Edit
	for i, k := len(a), len(b); i > 0 || k > 0; {
		same := i > 0 && k > 0 && a[i-1] == b[k-1]
		switch {
		case same, i > 0 && k > 0 && cost[i*w+k] == 1+cost[(i-1)*w+k-1]:
			i, k = i-1, k-1
			out = append(out, Edit{i, k, same})
		case i > 0 && cost[i*w+k] == 1+cost[(i-1)*w+k]:
			i--
			out = append(out, Edit{A: i, B: -1})
		default:
			k--
			out = append(out, Edit{A: -1, B: k})
		}
	}
	slices.Reverse(out)
	return out
}
