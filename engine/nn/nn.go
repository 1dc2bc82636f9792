// Package nn holds what architectures are made of: layers, cells and caches, and the small types
// by which a model is given its weights, run, and described. A model package (engine/model/<name>)
// builds on nn alone, so that models never import one another.
package nn

import (
	"loupe/engine/activation"
	"loupe/engine/tensor"
)

// Weights gives a model its tensors by name. A missing or misshapen one is an error that names it.
type Weights interface {
	// Names lists all tensors, in the order of the file.
	Names() []string
	// Has reports whether there is a tensor of that name.
	Has(name string) bool
	// Shape is the tensor's shape, or nil.
	Shape(name string) []int
	// Matrix reads [rows, cols] in its stored type.
	Matrix(name string, rows, cols int) (*tensor.Matrix, error)
	// MatrixT reads a tensor stored as [cols, rows] and returns it transposed, as [rows, cols]
	// (GPT-2's Conv1D keeps (in, out)).
	MatrixT(name string, rows, cols int) (*tensor.Matrix, error)
	// Vector reads [n] as f32.
	Vector(name string, n int) ([]float32, error)
}

// Info describes a model to those who draw it. Zero means: has none.
type Info struct {
	Family  string `json:"family"` // "GPT-2", "LSTM", "GRU", "RNN"
	Layers  int    `json:"layers"` // blocks or stacked cells
	Heads   int    `json:"heads,omitempty"`
	Hidden  int    `json:"hidden"`         // width of the residual stream or of the hidden state
	Cell    int    `json:"cell,omitempty"` // width of the cell where it differs (LSTM with projections)
	Embed   int    `json:"embed"`
	Vocab   int    `json:"vocab"`
	Context int    `json:"context,omitempty"` // longest text in tokens; 0 = any
	Params  int    `json:"parameters"`
	Acts    []Act  `json:"activations"`
	Logits  bool   `json:"logits"`           // it predicts tokens; "logits" is then the last of Acts, and what W multiplies before it
	Here    bool   `json:"here,omitempty"`   // its logits at a position are about the token there, not the next
	OneHot  bool   `json:"onehot,omitempty"` // it has no embedding: a token is a vector of zeros with a one at its id
	Full    bool   `json:"full,omitempty"`   // each position sees those after it too: a text is run whole, or not at all
}

// Guess is a key of a config that no file said, what it was taken to be, and why.
type Guess struct {
	Key, Value string
	Why        string   // "shapes", "names" or "default"
	Choices    []string // what else it could be; empty: anything of its kind
}

// Act is a named activation that a model records: the shape of one position, or [heads, query, key].
type Act struct {
	Name  string `json:"name"`
	Inner []int  `json:"inner"`           // [768], [12, 64]; [12] when Heads
	Heads bool   `json:"heads,omitempty"` // [head, query, key]
	Full  bool   `json:"full,omitempty"`  // of Heads: every query sees every key, not only those before it
	// Of a Seq2Seq model. Source: its positions are the source's. Cross: of Heads: queries are the target's, keys the source's (and Full).
	Source bool `json:"source,omitempty"`
	Cross  bool `json:"cross,omitempty"`
}

// State is what a model carries from token to token: a KV cache or the cells' states.
type State interface {
	// Len is the number of tokens that it has seen.
	Len() int
	// Truncate goes back to n tokens or, where that is not kept, to the nearest fewer, and returns how many.
	Truncate(n int) int
	// Clone returns an independent copy.
	Clone() State
}

// Input is one call of a model's Forward: tokens that follow those that the State has seen.
type Input struct {
	IDs   []int
	Hooks *activation.Hooks
	// Logits, if not nil, receives the logits [vocab] of each position from LogitsFrom on. The slice is reused.
	Logits     func(pos int, logits []float32)
	LogitsFrom int
	// FromLayer > 0 runs the last len(IDs) positions that the State has seen again, from that block up, with
	// Resid [len(IDs), hidden] as its resid_pre: what lies below it is taken to be unchanged.
	FromLayer int
	Resid     []float32
	// Yield, if not nil, is called between any two pieces of work of a few milliseconds; an error ends the pass and is
	// returned, and the State then has seen Len() tokens of those given.
	Yield func() error
}

// Pause calls Yield, if there is one.
func (in *Input) Pause() error {
	if in.Yield == nil {
		return nil
	}
	return in.Yield()
}

// Pass is a piece of a call: N positions from Pos on. Layers get their Hooks and Pause from it.
type Pass struct {
	*Input
	Pos, N int
	rows   bool // the N are not one after another, but all at Pos, each with keys and values of its own
}

// At lets the interventions on name change x [N, inner..], and records it.
func (p Pass) At(name string, x []float32, inner ...int) { p.Hooks.At(name, p.Pos, p.N, x, inner...) }

// pieces calls f with the parts of a pass, of which each position takes that many multiplications: so that what must be run whole
// can still be interrupted. i is where the part begins in the pass.
func (p Pass) pieces(work int, f func(i int, part Pass) error) error {
	step := Chunk(work)
	for i := 0; i < p.N; i += step {
		if i > 0 {
			if err := p.Pause(); err != nil {
				return err
			}
		}
		part := p
		part.Pos, part.N = p.Pos+i, min(step, p.N-i)
		if err := f(i, part); err != nil {
			return err
		}
	}
	return nil
}

// Chunk is how many positions a model takes at a time, if one position's largest product is of that many
// multiplications: enough to use each weight often, few enough to be interrupted.
func Chunk(work int) int { return min(max(300_000_000/max(work, 1), 1), 64) }

// Grow returns a slice of n numbers of any value, b itself if it is long enough.
func Grow(b []float32, n int) []float32 {
	if cap(b) < n {
		return make([]float32, n)
	}
	return b[:n]
}
