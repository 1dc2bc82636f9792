// Package activation names what a model computes, records it, and lets it be overwritten.
//
// Names are TransformerLens's without "hook_" (blocks.0.attn.pattern) and PyTorch's words for cells
// (layers.0.forget_gate). The first axis of an activation is always the position; the second is the head
// where there are heads (blocks.0.attn.z is [position, head, d_head]), else the unit. Attention patterns
// and scores are [head, query, key], their position is the query.
package activation

import "strings"

// All stands for every position, head or unit in an Intervention.
const All = -1

// Op is what an Intervention does.
type Op string

const (
	Set   Op = "set"   // x = Value
	Add   Op = "add"   // x = x + Value
	Scale Op = "scale" // x = x * Value
	Zero  Op = "zero"  // x = 0
	Mean  Op = "mean"  // x = the mean over the positions of the run without changes

	// Of a row of attention (one head, one query) over its keys.
	Row     Op = "row"     // x = Row, as far as it goes; 0 beyond
	OneHot  Op = "onehot"  // x = 0, and 1 at key Value
	Uniform Op = "uniform" // x = 1/keys
	Weight  Op = "weight"  // x = Value at Key, and the others rescaled so that their sum stays
)

// Intervention overwrites an activation while the model runs, so that all that is computed from it changes.
type Intervention struct {
	Name  string    `json:"name"`
	Pos   int       `json:"pos"`          // a position, or All
	To    int       `json:"to,omitempty"` // positions Pos to To (excluded); 0: Pos alone
	Index int       `json:"index"`        // a head where the activation has heads, else a unit; or All
	Op    Op        `json:"op"`
	Value float32   `json:"value"`
	Mean  []float32 `json:"-"` // for Op Mean: one position's worth of the activation
	Row   []float32 `json:"-"` // for Op Row: the weights of the keys
	Key   int       `json:"-"` // for Op Weight
}

// Match reports whether name matches a glob, in which each * stands for any characters, also none:
// "blocks.*.attn.pattern", "*".
func Match(glob, name string) bool {
	head, tail, star := strings.Cut(glob, "*")
	if !star {
		return glob == name
	}
	if !strings.HasPrefix(name, head) {
		return false
	}
	name = name[len(head):]
	for i := 0; i <= len(name); i++ {
		if Match(tail, name[i:]) {
			return true
		}
	}
	return false
}

// MatchAny reports whether name matches one of the globs.
func MatchAny(globs []string, name string) bool {
	for _, g := range globs {
		if Match(g, name) {
			return true
		}
	}
	return false
}

// Hooks is what a forward pass calls at every named activation. A nil *Hooks does nothing.
type Hooks struct {
	Recorder      *Recorder
	Interventions []Intervention
}

// Wants reports whether an activation that a model could skip computing is asked for.
func (h *Hooks) Wants(name string) bool {
	return h != nil && (h.Changes(name) || h.Recorder.Wants(name))
}

// At changes x [n, inner..] in place as the interventions on name say, then records it.
// pos0 is the position of x's first row.
func (h *Hooks) At(name string, pos0, n int, x []float32, inner ...int) {
	h.Change(name, pos0, n, x, inner...)
	h.Record(name, pos0, n, x, inner...)
}

// Changes reports whether there is an intervention on name.
func (h *Hooks) Changes(name string) bool {
	if h != nil {
		for i := range h.Interventions {
			if h.Interventions[i].Name == name {
				return true
			}
		}
	}
	return false
}

// Change is the first half of At, for what must be changed position by position and can be recorded at once.
func (h *Hooks) Change(name string, pos0, n int, x []float32, inner ...int) {
	if h == nil {
		return
	}
	size := len(x) / max(n, 1)
	for i := range h.Interventions {
		if v := &h.Interventions[i]; v.Name == name {
			for t := 0; t < n; t++ {
				if v.at(pos0 + t) {
					v.apply(x[t*size:(t+1)*size], inner)
				}
			}
		}
	}
}

// Record is the second half of At.
func (h *Hooks) Record(name string, pos0, n int, x []float32, inner ...int) {
	if h != nil {
		h.Recorder.add(name, pos0, n, x, inner)
	}
}

// AtHeads is At for what has a query and a key axis: x [heads, n, keys]. Query t (position pos0+t) has pos0+t+1 keys that
// count, or all of them if it is full; those after are not recorded.
func (h *Hooks) AtHeads(name string, pos0, n, heads, keys int, full bool, x []float32) {
	if h == nil {
		return
	}
	for i := range h.Interventions {
		v := &h.Interventions[i]
		if v.Name != name {
			continue
		}
		for hd := 0; hd < heads; hd++ {
			for t := 0; t < n && (v.Index == All || v.Index == hd); t++ {
				if v.at(pos0 + t) {
					v.span(x[(hd*n+t)*keys:][:seen(pos0+t, keys, full)], nil)
				}
			}
		}
	}
	h.Recorder.addHeads(name, pos0, n, heads, keys, full, x)
}

// seen is how many keys count for the query at a position.
func seen(pos, keys int, full bool) int {
	if full {
		return keys
	}
	return pos + 1
}

// At reports whether a position is among those that are changed.
func (v *Intervention) At(pos int) bool { return v.at(pos) }

// at is At.
func (v *Intervention) at(pos int) bool {
	return v.Pos == All || pos == v.Pos || pos > v.Pos && pos < v.To
}

// apply changes one position's x of shape inner.
func (v *Intervention) apply(x []float32, inner []int) {
	lo, hi := 0, len(x)
	if v.Index != All && len(inner) > 0 {
		step := len(x) / inner[0]
		lo, hi = v.Index*step, (v.Index+1)*step
		if v.Index < 0 || hi > len(x) {
			return
		}
	}
	var mean []float32
	if len(v.Mean) == len(x) {
		mean = v.Mean[lo:hi]
	}
	v.span(x[lo:hi], mean)
}

func (v *Intervention) span(x, mean []float32) {
	if v.Op == Weight {
		v.weigh(x)
		return
	}
	for i := range x {
		switch v.Op {
		case Row:
			x[i] = 0
			if i < len(v.Row) {
				x[i] = v.Row[i]
			}
		case OneHot:
			x[i] = 0
			if i == int(v.Value) {
				x[i] = 1
			}
		case Uniform:
			x[i] = 1 / float32(len(x))
		case Set:
			x[i] = v.Value
		case Add:
			x[i] += v.Value
		case Scale:
			x[i] *= v.Value
		case Zero:
			x[i] = 0
		case Mean:
			if mean != nil {
				x[i] = mean[i]
			}
		}
	}
}

// weigh sets one weight of a row. Where the others are nothing, they share evenly what is left.
func (v *Intervention) weigh(x []float32) {
	if v.Key < 0 || v.Key >= len(x) {
		return
	}
	var sum float64
	for _, w := range x {
		sum += float64(w)
	}
	others := sum - float64(x[v.Key])
	left := sum - float64(v.Value)
	for i := range x {
		switch {
		case i == v.Key:
			x[i] = v.Value
		case others > 1e-9:
			x[i] *= float32(left / others)
		default:
			x[i] = float32(left / float64(len(x)-1))
		}
	}
}
