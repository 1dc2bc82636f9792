package text

import "slices"

// Trie finds the keys that a text begins with. The children of a node stand together, by label.
type Trie struct {
	label []byte
	child []int32 // of each node, its first child; the children of node i end where those of node i+1 begin
	id    []int32 // of the key that ends there, or NoKey
	root  [256]int32
}

// NoKey is the id of a node at which no key ends.
const NoKey int32 = -1

// NewTrie makes one of keys, none of them empty, with their ids.
func NewTrie(keys map[string]int32) *Trie {
	sorted := make([]string, 0, len(keys))
	for k := range keys {
		sorted = append(sorted, k)
	}
	slices.Sort(sorted)
	t := &Trie{}
	// level by level: a range of sorted is a node, whose keys have the first depth bytes in common
	type node struct{ lo, hi int }
	level := []node{{0, len(sorted)}}
	t.label, t.id = []byte{0}, []int32{NoKey}
	for depth := 0; len(level) > 0; depth++ {
		var next []node
		for _, n := range level {
			t.child = append(t.child, int32(len(t.label)))
			for lo := n.lo; lo < n.hi; {
				if len(sorted[lo]) == depth { // the key that ends at this node
					lo++
					continue
				}
				c, hi := sorted[lo][depth], lo
				for hi < n.hi && sorted[hi][depth] == c {
					hi++
				}
				id := NoKey
				if len(sorted[lo]) == depth+1 {
					id = keys[sorted[lo]]
				}
				t.label, t.id = append(t.label, c), append(t.id, id)
				next = append(next, node{lo, hi})
				lo = hi
			}
		}
		level = next
	}
	t.child = append(t.child, int32(len(t.label)))
	for i := t.child[0]; i < t.child[1]; i++ {
		t.root[t.label[i]] = i
	}
	return t
}

// Step is the node below a node by a byte; 0: none.
func (t *Trie) Step(node int32, b byte) int32 {
	if node == 0 {
		return t.root[b]
	}
	lo, hi := t.child[node], t.child[node+1]
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := t.label[mid]; {
		case c == b:
			return mid
		case c < b:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0
}

// ID is the id of the key that ends at a node, or NoKey.
func (t *Trie) ID(node int32) int32 { return t.id[node] }

// Longest is the longest key that s begins with, and its id; n is 0 if there is none.
func (t *Trie) Longest(s string) (id int32, n int) {
	for i, node := 0, int32(0); i < len(s); {
		if node = t.Step(node, s[i]); node == 0 {
			break
		}
		i++
		if t.id[node] != NoKey {
			id, n = t.id[node], i
		}
	}
	return id, n
}
