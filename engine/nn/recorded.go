package nn

// Recorded is a model that computes nothing: it is what a model did once, at every token of one text. Its Forward hands on what was
// recorded, and runs no other text.
type Recorded interface {
	// Words are the ids of all tokens. They are not to be changed.
	Words() []int32
	// At is the state before the token at pos.
	At(pos int) State
	// Tracks are what files say of the tokens from..to (excluded). Their values are not to be changed.
	Tracks(from, to int) []Track
}

// Track is an annotation: a number a token, or one of Labels by its index; NaN: the token has none.
type Track struct {
	Name   string
	Labels []string
	Values []float32
}

// Rows is Weights some of which are too large to be read at once.
type Rows interface {
	Weights
	// Rows reads whole rows of a tensor, from row on, into dst.
	Rows(name string, dst []float32, row int) error
	// Labels are what whole numbers in it stand for; nil: for themselves.
	Labels(name string) []string
}
