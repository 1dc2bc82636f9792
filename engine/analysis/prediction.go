// Package analysis turns what a run computed into what a person asks: how surprising a token was, which
// head does what, what switching one off would do. One file a question; all are pure functions of arrays.
package analysis

import (
	"math"

	"loupe/engine/tensor"
)

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
	var buf [256]float32
	m := logits[top]
	for i := 0; i < len(logits); i += len(buf) {
		part := logits[i:min(i+len(buf), len(logits))]
		e := buf[:len(part)]
		for k, z := range part {
			e[k] = z - m
		}
		tensor.Exp(e)
		for k, v := range e {
			sum += float64(v)
			if v > 0 {
				dot += float64(v) * float64(part[k]-m)
			}
		}
	}
	if m-m != 0 {
		sum = math.NaN()
	}
	logSum := math.Log(sum)
	return Distribution{LogZ: float64(m) + logSum, Entropy: max(0, logSum-dot/sum), Top: top}
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
