package tokenizer

import "slices"

// roles are the tokens that do something else than stand for text. A tokenizer has them by embedding.
type roles struct {
	special map[int]bool
	mask    int // -1: none
	ends    []int
	cut     int
}

func (r *roles) Special(id int) bool { return r.special[id] }
func (r *roles) Mask() int           { return r.mask }
func (r *roles) Ends() []int         { return r.ends }
func (r *roles) Truncates() int      { return r.cut }

// IsEnd reports whether a token ends a text.
func IsEnd(t Tokenizer, id int) bool { return slices.Contains(t.Ends(), id) }
