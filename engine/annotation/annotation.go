// Package annotation says something of each token of a text: what is built in (depth of brackets, place in the line, surprisal, ..), and
// what a file brings. It ranks units by how well they follow an annotation, and labels by how much more often they occur than by chance.
package annotation

// Track is one annotation over a text: a number a token, or one of Labels by its index. NaN: the token has none.
type Track struct {
	Name   string
	Own    bool // a file brought it
	Labels []string
	Values []float32
}

// Token is a token of a text, with its place in bytes.
type Token struct{ ID, Start, End int }

// Text is one document as the model read it. Surprisal, Entropy (nats) and Rank are nil of a model that predicts nothing.
type Text struct {
	Text                     string
	Tokens                   []Token
	Surprisal, Entropy, Rank []float32
}

// Builtin is an annotation that needs no file.
type Builtin struct {
	Name   string                                // "depth", "quotes", "class", "line position", ..
	Labels []string                              // nil: it is a number
	Needs  string                                // "prediction": of a model that predicts; "brackets", "quotes", "lines": of a text that has some; "": of any
	Make   func(t *Text, counts []int) []float32 // counts: how often each token occurs in the corpus
}

// Builtins is THE table of built-in annotations, in the order in which they are offered.
var Builtins []Builtin

// Of makes all built-in annotations that a text can have.
func Of(t *Text, counts []int) []Track { panic("not built") }

// Read reads a file of annotations of n tokens: TSV, CoNLL or JSON. Its error says at which line it differs from the text.
func Read(name string, b []byte, t *Text) ([]Track, error) { panic("not built") }

// Count is how often a label occurs at some places, against how often it occurs anywhere.
type Count struct {
	Here, Of  int // with the label, and all, at the places
	With, All int // the same of the whole corpus
}

// Lift is the ratio of the shares; P is the two-sided hypergeometric p.
func (c Count) Lift() float64 { panic("not built") }
func (c Count) P() float64    { panic("not built") }

// Correct replaces p values by Benjamini and Hochberg's adjusted ones, in their places.
func Correct(p []float64) { panic("not built") }
