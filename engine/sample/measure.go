package sample

import "math"

// Entropy is -sum p log p of a distribution, in nats.
func Entropy(dist []float32) float64 {
	var h float64
	for _, p := range dist {
		if p > 0 {
			h -= float64(p) * math.Log(float64(p))
		}
	}
	return h
}

// Reach is how many of the likeliest tokens have each share of the probability together, softmax at temperature 1.
// logits must be finite; order is theirs.
func Reach(logits []float32, order []int32, shares ...float64) []int {
	w := make([]float32, len(logits))
	weigh(w, logits, float64(logits[order[0]]), 1)
	out := make([]int, len(shares))
	for i, p := range shares {
		out[i] = reach(w, order, p)
	}
	return out
}
