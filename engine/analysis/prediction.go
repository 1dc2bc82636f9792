// Package analysis turns what a run computed into what a person asks: how surprising a token was, which
// head does what, what switching one off would do. One file a question; all are pure functions of arrays.
package analysis

import "math"

// Distribution is softmax of logits at temperature 1, and the log of its denominator.
type Distribution struct {
	LogZ    float64 // log sum exp(logits)
	Entropy float64 // nats: -sum p log p
	Top     int     // the likeliest token; the first one of equals
}

// Describe reads logits [vocab]. It is not a number if one of them is.
func Describe(logits []float32) Distribution {
	top, sum, dot := 0, 0.0, 0.0
	for i, z := range logits {
		if z > logits[top] || z != z {
			top = i
		}
	}
	m := float64(logits[top])
	for _, z := range logits {
		d := float64(z) - m
		e := math.Exp(d)
		sum += e
		if e > 0 {
			dot += e * d
		}
	}
	logSum := math.Log(sum)
	return Distribution{LogZ: m + logSum, Entropy: max(0, logSum-dot/sum), Top: top}
}

// Surprisal is -log p of token id, in nats.
func (d Distribution) Surprisal(logits []float32, id int) float64 {
	return d.LogZ - float64(logits[id])
}

// Rank is how many tokens are likelier than id: 0 for the likeliest. Equals rank by their id.
func Rank(logits []float32, id int) int {
	n, z := 0, logits[id]
	for i, v := range logits {
		if v > z || v == z && i < id {
			n++
		}
	}
	return n
}

// KL is the divergence of p = softmax(logits) from q = softmax(before), sum p log(p/q), in nats.
func KL(logits, before []float32) float64 {
	p, q, sum := Describe(logits), Describe(before), 0.0
	for i, z := range logits {
		lp := float64(z) - p.LogZ
		if e := math.Exp(lp); e > 0 {
			sum += e * (lp - (float64(before[i]) - q.LogZ))
		}
	}
	return max(0, sum)
}
