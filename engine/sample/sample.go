// Package sample makes a distribution of logits and draws from it. What it decides depends on the logits, the parameters
// and the seed alone: all of it is arithmetic in a fixed order, with an exponential of its own (Go's differs between
// processors in the last bit), so that native and browser draw the same token.
package sample

import (
	"math"
	"slices"
)

// Params is how a next token is drawn.
type Params struct {
	Temperature float64 // divides the logits; 0: greedy, the likeliest token
	TopK        int     // keep so many of the likeliest tokens; 0: all
	TopP, MinP  float64 // see Filter; 1 and 0 keep all
	Seed        uint64
}

// Cut is how many tokens each cut leaves, in turn.
type Cut struct {
	K, P, MinP int
	Kept       int // after all of them
}

// Filter writes the distribution that is sampled from into dst [vocab]: softmax of logits/Temperature, cut, and made to
// sum to 1 again. What is cut is 0. dst and logits must not be the same memory. The cuts are applied in transformers' order (generation/utils.py,
// _get_logits_processor):
//
//	top-k  keeps the K likeliest tokens
//	top-p  of these keeps the likeliest whose probabilities reach P together, at least one
//	min-p  of these drops those less likely than MinP times the likeliest
//
// Of tokens with equal logits the one of the lower id counts as likelier; transformers' top-k keeps them all instead. A
// logit that is no number is never drawn; if none can be, dst is 0 and so is the Cut. order is Order's, or nil.
func Filter(dst, logits []float32, order []int32, p Params) Cut {
	dst = dst[:len(logits)]
	top := largest(logits)
	if top < 0 {
		clear(dst)
		return Cut{}
	}
	if !(p.Temperature > 0) {
		clear(dst)
		dst[top] = 1
		return Cut{1, 1, 1, 1}
	}
	n := len(logits)
	cut := Cut{n, n, n, n}
	if p.TopK <= 0 && !(p.TopP < 1) && !(p.MinP > 0) {
		weigh(dst, logits, float64(logits[top]), p.Temperature)
		scale(dst)
		return cut
	}
	if order == nil {
		s := scratch()
		defer s.release()
		order = s.sort(logits)
	}
	if p.TopK > 0 && p.TopK < n {
		cut.K = p.TopK
		clear(dst)
		for _, i := range order[:cut.K] {
			dst[i] = weight(float64(logits[i]), float64(logits[top]), p.Temperature)
		}
	} else {
		weigh(dst, logits, float64(logits[top]), p.Temperature)
	}
	cut.P = cut.K
	if p.TopP < 1 {
		cut.P = reach(dst, order[:cut.K], p.TopP)
	}
	cut.MinP = cut.P
	if p.MinP > 0 {
		for cut.MinP > 1 && float64(dst[order[cut.MinP-1]]) < p.MinP {
			cut.MinP--
		}
	}
	cut.Kept = cut.MinP
	for _, i := range order[cut.Kept:] {
		dst[i] = 0
	}
	scale(dst)
	return cut
}

// largest is the first of the largest logits that are above -Inf, or -1.
func largest(logits []float32) int {
	top := -1
	for i, z := range logits {
		if z > float32(math.Inf(-1)) && (top < 0 || z > logits[top]) {
			top = i
		}
	}
	return top
}

// weigh writes the weight of each logit into dst.
func weigh(dst, logits []float32, top, t float64) {
	for i, z := range logits {
		dst[i] = weight(float64(z), top, t)
	}
}

// weight is exp((z - top) / t): 1 for the likeliest.
func weight(z, top, t float64) float32 {
	switch {
	case z == top:
		return 1
	case z != z || math.IsInf(top, 1):
		return 0
	}
	return float32(exp((z - top) / t))
}

// reach is how many of the weights w in that order sum up to p of their sum; at least one.
func reach(w []float32, order []int32, p float64) int {
	var sum, part float64
	for _, i := range order {
		sum += float64(w[i])
	}
	for n, i := range order {
		if part += float64(w[i]); part >= p*sum {
			return n + 1
		}
	}
	return len(order)
}

// scale makes weights sum to 1.
func scale(w []float32) {
	var sum float64
	for _, v := range w {
		sum += float64(v)
	}
	for i, v := range w {
		w[i] = float32(float64(v) / sum)
	}
}

// Probabilities writes softmax(logits) into dst [vocab], the model's own distribution, and returns the log of its
// denominator: log p = logit - logZ. Both are NaN if a logit is.
func Probabilities(dst, logits []float32) (logZ float64) {
	top := math.Inf(-1)
	for _, z := range logits {
		top = max(top, float64(z)) // NaN if z is
	}
	var sum float64
	for i, z := range logits {
		e := exp(float64(z) - top)
		sum += e
		dst[i] = float32(e)
	}
	for i := range logits {
		dst[i] = float32(float64(dst[i]) / sum)
	}
	return top + math.Log(sum)
}

// Order is all ids by their logits, the largest first, the lower id first of equals; what is no number comes last.
func Order(logits []float32) []int32 {
	s := scratch()
	defer s.release()
	return slices.Clone(s.sort(logits))
}
