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
	m := logits[0]
	for i, z := range logits {
		if z > m || z != z {
			top, m = i, z
		}
	}
	each(logits, m, func(at int, exps []float32) {
		for i, e := range exps {
			sum += float64(e)
			if e > 0 {
				dot += float64(e) * float64(logits[at+i]-m)
			}
		}
	})
	if m-m != 0 {
		sum = math.NaN()
	}
	logSum := math.Log(sum)
	return Distribution{LogZ: float64(m) + logSum, Entropy: max(0, logSum-dot/sum), Top: top}
}

// each calls f with exp(z - m) of the logits z from at on, piece by piece.
func each(logits []float32, m float32, f func(at int, exps []float32)) {
	var buf [256]float32
	for i := 0; i < len(logits); i += len(buf) {
		part := logits[i:min(i+len(buf), len(logits))]
		for k, z := range part {
			buf[k] = z - m
		}
		tensor.Exp(buf[:len(part)])
		f(i, buf[:len(part)])
	}
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

// KL is the divergence of softmax(logits) from softmax(before), sum p log(p/q), in nats. p and q describe them.
func KL(logits, before []float32, p, q Distribution) float64 {
	var sum, all float64
	each(logits, logits[p.Top], func(at int, exps []float32) {
		for i, e := range exps {
			if e > 0 {
				sum += float64(e) * (float64(logits[at+i]) - p.LogZ - float64(before[at+i]) + q.LogZ)
				all += float64(e)
			}
		}
	})
	return max(0, sum/all)
}
