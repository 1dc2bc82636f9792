package metric

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
