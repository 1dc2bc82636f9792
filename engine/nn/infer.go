package nn

import (
	"fmt"
	"math"
)

// Inferred is a config that is made of weights that have none.
type Inferred struct {
	Config  map[string]any
	Guesses []Guess
	Said    map[string]any // what the file says beside the weights
}

// Guess sets a key to what the file says of it, by any of the names, or to value, which is then a guess.
func (i *Inferred) Guess(key string, value any, why string, choices []string, names ...string) {
	if v, ok := Said(i.Said, append(names, key)...); ok {
		i.Config[key] = v
		return
	}
	i.Config[key] = value
	i.Guesses = append(i.Guesses, Guess{Key: key, Value: fmt.Sprint(value), Why: why, Choices: choices})
}

// Count is how many tensors there are whose names have 0, 1, .. in the place of %d.
func Count(w Weights, format string) (n int) {
	for w.Has(fmt.Sprintf(format, n)) {
		n++
	}
	return n
}

// LikelyHeads is the likeliest number of heads of a model of width d, that of heads nearest to 64 wide, and those that are possible.
func LikelyHeads(d int) (best int, choices []string) {
	best = 1
	for h := 1; h <= d; h++ {
		if d%h != 0 || d/h < 4 {
			continue
		}
		choices = append(choices, fmt.Sprint(h))
		if math.Abs(math.Log(float64(d)/float64(h)/64)) < math.Abs(math.Log(float64(d)/float64(best)/64)) {
			best = h
		}
	}
	return best, choices
}
