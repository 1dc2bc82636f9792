package service

import (
	"math"
	"slices"
	"strings"
	"testing"

	"loupe/engine/enginetest"
	"loupe/engine/protocol"
)

func referred(x *session, of protocol.Translate, text string) *protocol.ReferenceResult {
	x.t.Helper()
	return ask[protocol.ReferenceResult](x, protocol.OpReference, protocol.Reference{Of: of, Text: text})
}

// heldTo is the search that is held to the whole of a reference.
func heldTo(x *session, of protocol.Translate, r *protocol.ReferenceResult) *protocol.Translation {
	var ids []int
	for _, k := range r.Tokens {
		ids = append(ids, k.ID)
	}
	of.Changes = slices.DeleteFunc(slices.Clone(of.Changes), func(c protocol.Change) bool { return c.Name == protocol.PrefixChange })
	of.Changes = append(of.Changes, prefixOf(ids))
	return translate(x, of)
}

// checkHeld holds that a reference's steps are those of the search that is held to it: 1e-4, for a step at a time sums float32 in another order than all
// steps at once.
func checkHeld(t *testing.T, r *protocol.ReferenceResult, held *protocol.Translation) {
	t.Helper()
	path, sum := held.Hyps[0].Path, 0.0
	if len(path) != len(r.Tokens) {
		t.Fatalf("%d tokens, held %d", len(r.Tokens), len(path))
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-4*math.Max(1, math.Abs(b)) }
	for i, k := range r.Tokens {
		n := held.Nodes[path[i]]
		if sum += k.LogP; k.ID != n.ID || k.Text != n.Text || !near(k.LogP, n.LogP) || k.Rank != n.Rank || !near(k.Entropy, float64(held.Nodes[n.Parent].Next.Entropy)) {
			t.Errorf("step %d: %+v, held %+v", i, k, n)
		}
	}
	if sum != r.LogP || !near(r.LogP, held.Hyps[0].LogP) || !near(r.Score, held.Hyps[0].Score) {
		t.Errorf("log p %g, score %g of steps that sum to %g, held %+v", r.LogP, r.Score, sum, held.Hyps[0])
	}
}

// checkWay holds that a reference's nodes are it, alive or finished up to Left, and that Place counts what was weighed before it.
func checkWay(t *testing.T, r *protocol.ReferenceResult, found *protocol.Translation) {
	t.Helper()
	parent, left := 0, -1
	for step, k := range r.Tokens {
		at, before := -1, 0
		for i, n := range found.Nodes {
			if n.Step == step && at < 0 {
				if n.Parent == parent && n.ID == k.ID {
					at = i
				} else if n.State != "banned" {
					before++
				}
			}
		}
		if left < 0 && at != k.Node || left >= 0 && k.Node != -1 {
			t.Errorf("step %d: node %d, not %d", step, k.Node, at)
		}
		if left >= 0 {
			continue
		}
		if at < 0 || !slices.Contains([]string{"live", "ended", "limit"}, found.Nodes[at].State) {
			if left = step; at >= 0 && r.Place != before || at < 0 && r.Place != -1 {
				t.Errorf("at step %d its place is %d, not %d", step, r.Place, before)
			}
		}
		parent = at
	}
	if left != r.Left {
		t.Errorf("it left at %d, not %d", left, r.Left)
	}
}

// TestReference holds that a reference by itself has the figures that it has among scored pairs, bit for bit, and those of a search that is held to it.
func TestReference(t *testing.T) {
	for name, file := range map[string]string{"g2p-lstm": "g2p.tsv", "g2p-transformer": "g2p.tsv", "dates-lstm": "dates.tsv"} {
		t.Run(name, func(t *testing.T) {
			x := opened(t, name)
			kinds := map[string]int{}
			for i, decode := range []protocol.Decode{{Beam: 1, Most: 40}, {Beam: 5, Most: 40, Length: .6, Wu: true, Coverage: .2}, {Beam: 3, Length: 1}} {
				info := ask[protocol.PairsInfo](x, protocol.OpPairsOpen, protocol.Pairs{Files: []protocol.FileRef{x.shelf(file, []int{41, 11, 11}[i])}, Score: true, Decode: decode})
				x.fillAll(info)
				all := ask[protocol.PairsRowsResult](x, protocol.OpPairsRows, protocol.PairsRows{ID: info.ID, Upto: 1000, Sort: "order", N: 1000})
				for i, row := range all.Rows {
					of := protocol.Translate{Text: row.Source, Decode: decode, Top: 3}
					r := referred(x, of, row.Reference)
					if kinds[r.Kind]++; r.LogP != row.RefLogP || r.Score != row.RefScore || r.Winner != row.Score || r.Left != row.Left || r.Kind != row.Kind {
						t.Errorf("%+v, among pairs %+v", r, row)
					}
					if i%10 == 0 {
						checkHeld(t, r, heldTo(x, of, r))
						checkWay(t, r, translate(x, of))
					}
				}
			}
			if t.Logf("%v", kinds); kinds["exact"] == 0 || kinds["model"] == 0 || kinds["search"] == 0 && file == "g2p.tsv" {
				t.Errorf("nothing of a kind is tried: %v", kinds)
			}
		})
	}
}

// TestReferenceChanged holds that a reference is scored under the changes: of words of the source, of units, and of rows of attention where it begins as
// the target that they are of.
func TestReferenceChanged(t *testing.T) {
	for _, name := range []string{"g2p-lstm", "g2p-transformer"} {
		t.Run(name, func(t *testing.T) {
			x := opened(t, name)
			free := referred(x, plain("phonograph"), "F OW1 N AH0 G R AE2 F")
			cross := x.s.seq.Cross[len(x.s.seq.Cross)-1]
			begin := prefixOf([]int{free.Tokens[0].ID, free.Tokens[1].ID})
			other := prefixOf([]int{free.Tokens[0].ID, free.Tokens[2].ID})
			row := protocol.Change{Name: cross, Pos: 2, Index: -1, Op: "onehot", Value: 8}
			for what, c := range map[string]struct {
				changes []protocol.Change
				from    int // the first step that is another; -1: none is
			}{
				"source": {[]protocol.Change{{Name: protocol.SourceChange, Pos: 4, Index: -1, Op: "set", Value: 9}}, 0},
				"units":  {[]protocol.Change{{Name: x.s.final, Pos: 3, Index: -1, Op: "zero"}}, 3},
				"row":    {[]protocol.Change{begin, row}, 2},
				"other":  {[]protocol.Change{other, row}, -1},
			} {
				of := plain("phonograph", c.changes...)
				r := referred(x, of, "F OW1 N AH0 G R AE2 F")
				if what != "other" {
					var ids []int
					for _, k := range r.Tokens {
						ids = append(ids, k.ID)
					}
					checkHeld(t, r, heldTo(x, of, r))
				}
				checkWay(t, r, translate(x, of))
				first := -1
				for i, k := range r.Tokens {
					if first < 0 && k.LogP != free.Tokens[i].LogP {
						first = i
					}
				}
				if first != c.from {
					t.Errorf("%s: the first step that is another is %d, not %d", what, first, c.from)
				}
			}
		})
	}
}

// TestReferenceOf reads what is awkward: nothing, words that are no token, too many of them, the winner itself, a limit.
func TestReferenceOf(t *testing.T) {
	x := opened(t, "g2p-lstm")
	cat := translate(x, plain("cat"))
	r := referred(x, plain("cat"), cat.Hyps[0].Text)
	if r.Kind != "exact" || r.Left != -1 || r.Place != -1 || r.Rule != "" || len(r.Warnings) > 0 || r.Winner != cat.Hyps[0].Score || len(r.Tokens) != len(cat.Hyps[0].Path) {
		t.Errorf("%+v", r)
	}
	for i, k := range r.Tokens {
		if k.Node != cat.Hyps[0].Path[i] {
			t.Errorf("step %d is node %d", i, k.Node)
		}
	}
	if r := referred(x, plain("cat"), "K 9 T"); r.Rule != "no-token" || r.Kind != "model" || len(r.Warnings) != 1 || r.Warnings[0].Code != "unknown-characters" || r.Warnings[0].What != "9" {
		t.Errorf("%+v", r)
	}
	once := protocol.Translate{Text: "cat", Decode: protocol.Decode{Beam: 5, Most: 40, NoRepeat: 1}}
	if r := referred(x, once, "K AE1 K"); r.Rule != "no-repeat" || r.Kind != "model" || r.Left != 2 {
		t.Errorf("%+v", r)
	} else {
		checkWay(t, r, translate(x, once))
	}
	long := referred(x, plain("cat"), strings.Repeat("K ", 1000))
	if n := x.s.seq.most(); len(long.Tokens) != n || len(long.Warnings) != 1 || long.Warnings[0].Code != "reference-cut" || long.Warnings[0].N != 1001-n || long.Left < 0 {
		t.Errorf("%d tokens, %+v", len(long.Tokens), long.Warnings)
	}
	short := protocol.Translate{Text: "cat", Decode: protocol.Decode{Beam: 2, Most: 2}}
	if r := referred(x, short, "K AE1 T"); r.Left != 2 || r.Place != -1 || r.Rule != "max-length" || r.Kind != "model" {
		t.Errorf("of a limit of 2: %+v", r)
	}
	if r := referred(x, short, translate(x, short).Hyps[0].Text); r.Rule != "" || r.Kind != "exact" {
		t.Errorf("a winner that is cut there: %+v", r)
	}
	for _, q := range []protocol.Reference{{Of: plain("cat")}, {Of: plain("cat"), Text: " "}, {Of: plain(""), Text: "K"}, {Of: plain("cat", protocol.Change{Name: "no", Op: "zero"}), Text: "K"}} {
		x.fails(protocol.OpReference, q)
	}
	opened(t, "char-lstm").fails(protocol.OpReference, protocol.Reference{Of: plain("cat"), Text: "K"})
}

// TestReferenceFound holds, of each family, that a reference is as a search that is held to it; and one which the search found, an end among them that
// the limit of length forces, has its nodes, its log p and its score: 1e-4, as checkHeld.
func TestReferenceFound(t *testing.T) {
	for _, name := range enginetest.Halves {
		x := halfOpen(t, name)
		of := protocol.Translate{IDs: sourceOf(name).IDs, Text: sourceOf(name).Text, Decode: protocol.Decode{Beam: 6, Most: 12, Length: 1}, Top: 3}
		found, n := translate(x, of), 0
		r := referred(x, of, "7 9 12")
		checkHeld(t, r, heldTo(x, of, r))
		checkWay(t, r, found)
		for i, h := range found.Hyps {
			if !h.Ended || h.Text == "" { // no text is no reference
				continue
			}
			n++
			r := referred(x, of, h.Text)
			if len(r.Tokens) != len(h.Path) || r.Left != -1 || (i == 0) != (r.Kind == "exact") || math.Abs(r.Score-h.Score) > 1e-4*math.Max(1, math.Abs(h.Score)) {
				t.Errorf("%s: %q is %+v, found as %+v", name, h.Text, r, h)
				continue
			}
			for step, k := range r.Tokens {
				if n := found.Nodes[h.Path[step]]; k.Node != h.Path[step] || math.Abs(k.LogP-n.LogP) > 1e-4*math.Max(1, math.Abs(n.LogP)) {
					t.Errorf("%s: step %d is %+v, found as %+v", name, step, k, n)
				}
			}
		}
		if n == 0 && !strings.HasPrefix(name, "t5") { // which ends none
			t.Errorf("%s: none of %d hypotheses is tried", name, len(found.Hyps))
		}
	}
}
