// Package scene is what the parts of the view Translate share: the translation as it is now and as it was without changes, what is
// selected, and the columns of steps.
package scene

import (
	"slices"
	"strings"

	"loupe/app/figure"
	"loupe/engine/protocol"
)

// Scene is a translation and what is selected of it.
type Scene struct {
	In  *figure.Input
	Seq *protocol.Seq
	// Base asks for the translation without changes, Now for that with all of them: the same where there are none.
	Base, Now protocol.Translate
	// Was and T are the answers; nil: not there yet.
	Was, T *protocol.Translation
	// Ref is how the target that a person compares with stands to T; nil: there is none, or it is not there yet.
	Ref  *protocol.ReferenceResult
	Hyp  int // the chosen hypothesis of T.Hyps
	Step int // the chosen step of it: it writes the token Path[Step]
	Src  int // the chosen token of the source; -1: none
	// Of a model with several layers of cross-attention or heads. Head -1: their mean.
	Layer, Head int
	Attn        *protocol.Array // attention of the chosen hypothesis in that layer, [heads, steps, source]; nil: not there yet
	Cols        Columns
}

// Of reads the scene off the state; nil if there is no source.
func Of(in *figure.Input) *Scene {
	if in.Model.Seq == nil || in.Run == nil || len(in.Run.Source) == 0 {
		return nil
	}
	s := &Scene{In: in, Seq: in.Model.Seq, Src: -1, Layer: in.State.Layer, Head: in.State.Head}
	s.Base = protocol.Translate{Text: in.State.Text, Decode: Decode(in), Top: 10}
	s.Now = s.Base
	s.Now.Changes = in.State.Changes
	s.T = in.Translation(s.Now)
	if s.Was = s.T; len(s.Now.Changes) > 0 {
		s.Was = in.Translation(s.Base)
	}
	if n := len(s.Seq.Cross); s.Layer < 0 || s.Layer >= n {
		s.Layer = n - 1
	}
	if s.T == nil || len(s.T.Hyps) == 0 {
		return s
	}
	if text := s.Reference(); text != "" {
		s.Ref = in.Reference(protocol.Reference{Of: s.Now, Text: text})
	}
	s.Cols = s.columns()
	s.Hyp = min(max(Int(in, "hyp", 0), 0), len(s.T.Hyps)-1)
	s.Step = s.step()
	if j := Int(in, "src", -1); j < len(s.T.Source) {
		s.Src = j
	}
	if s.Layer >= 0 {
		s.Attn = in.Translated(protocol.Translated{Of: s.Now, Hyp: s.Hyp, Name: s.Seq.Cross[s.Layer]})
	}
	return s
}

// Reference is the target that a person compares with; "": none.
func (s *Scene) Reference() string { return strings.TrimSpace(s.In.State.Opt("translate.ref", "")) }

// step is the chosen one: the token before now in the text band; if nothing is chosen, the one that was least likely.
func (s *Scene) step() int {
	path := s.T.Hyps[s.Hyp].Path
	if at := s.In.State.At; at >= 0 {
		return min(max(at-1, 0), len(path)-1)
	}
	least := 0
	for t, n := range path {
		if s.T.Nodes[n].LogP < s.T.Nodes[path[least]].LogP {
			least = t
		}
	}
	return least
}

// Heads is how many heads the chosen layer has.
func (s *Scene) Heads() int {
	if s.Attn == nil {
		return 0
	}
	return s.Attn.Shape[0]
}

// Row is how the chosen head, or the mean of all, looks at the source at a step, [source]; nil: not there yet.
func (s *Scene) Row(step int) []float32 {
	if s.Attn == nil || step >= s.Attn.Shape[1] {
		return nil
	}
	return LookOf(s.Attn, s.Head).Row(step)
}

// Path is the chosen hypothesis' nodes; nil: there is none yet.
func (s *Scene) Path() []protocol.Node {
	if s.T == nil || len(s.T.Hyps) == 0 {
		return nil
	}
	return PathOf(s.T, s.Hyp)
}

// PathOf is a hypothesis' nodes.
func PathOf(t *protocol.Translation, hyp int) (nodes []protocol.Node) {
	for _, n := range t.Hyps[hyp].Path {
		nodes = append(nodes, t.Nodes[n])
	}
	return nodes
}

// Before is the node whose continuations step t chose from.
func (s *Scene) Before(t int) *protocol.Node {
	path := s.T.Hyps[s.Hyp].Path
	return &s.T.Nodes[s.T.Nodes[path[t]].Parent]
}

// Decode is how the state has targets looked for.
func Decode(in *figure.Input) protocol.Decode {
	return in.State.Decode(in.Model.Seq.DecodeOf(in.State.Text))
}

// Prefixed are changes with one that has the target begin with the given tokens, in place of one that does already.
func Prefixed(changes []protocol.Change, ids []int) []protocol.Change {
	out := slices.DeleteFunc(slices.Clone(changes), func(c protocol.Change) bool { return c.Name == protocol.PrefixChange })
	if len(ids) == 0 {
		return out
	}
	return append(out, protocol.Change{Name: protocol.PrefixChange, Index: -1, Op: "row", Row: protocol.Joined(ids)})
}

// IDs are the tokens of the chosen hypothesis before a step.
func (s *Scene) IDs(step int) (ids []int) {
	for _, n := range s.Path()[:step] {
		ids = append(ids, n.ID)
	}
	return ids
}

// Prefix are the tokens that a change has the target begin with.
func (s *Scene) Prefix() []int { return Prefix(s.Now.Changes) }

// Prefix are the tokens that one of some changes has the target begin with.
func Prefix(changes []protocol.Change) (ids []int) {
	for _, c := range changes {
		if c.Name == protocol.PrefixChange {
			numbers, _ := c.Numbers()
			ids = ids[:0]
			for _, v := range numbers {
				ids = append(ids, int(v))
			}
		}
	}
	return ids
}

// AtStep are changes to which one of the attention of the chosen step is added: the target begins with the words before that step, for it is their
// row that is drawn; a prefix that says so already stays.
func (s *Scene) AtStep(changes []protocol.Change) []protocol.Change {
	before := s.IDs(s.Step)
	if have := s.Prefix(); len(have) >= len(before) && slices.Equal(have[:len(before)], before) {
		return changes
	}
	return Prefixed(changes, before)
}

// To are the nodes from the first token to one.
func (s *Scene) To(node int) (path []int) {
	for ; node > 0; node = s.T.Nodes[node].Parent {
		path = append(path, node)
	}
	slices.Reverse(path)
	return path
}

// Heaviest is the token of the source that a row of attention is on most.
func Heaviest(row []float32) int {
	at := 0
	for j, v := range row {
		if v > row[at] {
			at = j
		}
	}
	return at
}
