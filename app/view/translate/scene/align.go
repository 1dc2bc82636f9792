package scene

import "loupe/engine/protocol"

// Pair is a word of a and the one of b that stands in its place; -1: none does. Same: they are one word.
type Pair struct {
	A, B int
	Same bool
}

// Align puts words side by side with the fewest insertions, deletions and replacements (Levenshtein 1966); of equal ways the one that replaces later.
func Align(a, b []protocol.Node) (out []Pair) {
	cost := make([][]int, len(a)+1)
	for i := range cost {
		cost[i] = make([]int, len(b)+1)
		cost[i][0] = i
	}
	for j := range b {
		cost[0][j+1] = j + 1
	}
	for i := range a {
		for j := range b {
			swap := cost[i][j]
			if a[i].ID != b[j].ID {
				swap++
			}
			cost[i+1][j+1] = min(swap, cost[i][j+1]+1, cost[i+1][j]+1)
		}
	}
	for i, j := len(a), len(b); i > 0 || j > 0; {
		switch {
		case i > 0 && j > 0 && a[i-1].ID == b[j-1].ID && cost[i][j] == cost[i-1][j-1]:
			out = append(out, Pair{i - 1, j - 1, true})
			i, j = i-1, j-1
		case i > 0 && j > 0 && cost[i][j] == cost[i-1][j-1]+1:
			out = append(out, Pair{i - 1, j - 1, false})
			i, j = i-1, j-1
		case j > 0 && cost[i][j] == cost[i][j-1]+1:
			out = append(out, Pair{-1, j - 1, false})
			j--
		default:
			out = append(out, Pair{i - 1, -1, false})
			i--
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// AlignText is Align by the words' texts: of two models, whose tokens have other numbers.
func AlignText(a, b []protocol.Node) []Pair {
	ids := map[string]int{}
	number := func(nodes []protocol.Node) (out []protocol.Node) {
		for _, n := range nodes {
			if _, ok := ids[n.Text]; !ok {
				ids[n.Text] = len(ids)
			}
			out = append(out, protocol.Node{ID: ids[n.Text]})
		}
		return out
	}
	return Align(number(a), number(b))
}
