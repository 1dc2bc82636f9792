// Package metric compares targets with references: BLEU, chrF, and edits.
package metric

import (
	"math"
	"strings"
)

const (
	bleuOrder = 4
	chrfOrder = 6
	chrfBeta  = 2
)

// gram is up to six tokens or characters.
type gram[T comparable] [chrfOrder]T

// overlap counts the n-grams of a hypothesis, of its reference, and those that both have, each as often as the one that has it less often.
func overlap[T comparable](hyp, ref []T, n int) (inHyp, inRef, both int) {
	inHyp, inRef = max(0, len(hyp)-n+1), max(0, len(ref)-n+1)
	if inHyp == 0 || inRef == 0 {
		return inHyp, inRef, 0
	}
	left := make(map[gram[T]]int, inRef)
	for i := range inRef {
		var g gram[T]
		copy(g[:], ref[i:i+n])
		left[g]++
	}
	for i := range inHyp {
		var g gram[T]
		copy(g[:], hyp[i:i+n])
		if left[g] > 0 {
			left[g]--
			both++
		}
	}
	return inHyp, inRef, both
}

// BLEU is of a corpus, of one reference each (Papineni et al. 2002), as sacreBLEU's corpus_bleu with tokenize="none": up to 4-grams, a precision without
// matches smoothed as in NIST's mteval-v13a ("exp"; Chen and Cherry 2014, method 3). The zero value is an empty corpus.
type BLEU struct {
	both, all [bleuOrder]int
	hyp, ref  int // tokens
}

// Add adds a target and its reference.
func (b *BLEU) Add(hyp, ref []string) {
	b.hyp, b.ref = b.hyp+len(hyp), b.ref+len(ref)
	for n := range bleuOrder {
		all, _, both := overlap(hyp, ref, n+1)
		b.all[n], b.both[n] = b.all[n]+all, b.both[n]+both
	}
}

// Score is from 0 to 100. It is 0 of a corpus whose targets all have fewer than four tokens.
func (b *BLEU) Score() float64 {
	if b.both == [bleuOrder]int{} || b.all[bleuOrder-1] == 0 {
		return 0
	}
	sum, smooth := 0.0, 1.0
	for n, all := range b.all {
		p := 100 * float64(b.both[n]) / float64(all)
		if b.both[n] == 0 {
			smooth *= 2
			p = 100 / (smooth * float64(all))
		}
		sum += math.Log(p)
	}
	score := math.Exp(sum / bleuOrder)
	if b.hyp < b.ref {
		score *= math.Exp(1 - float64(b.ref)/float64(b.hyp))
	}
	return score
}

// ChrF is chrF2 of a corpus, or of one pair (Popovic 2015), as sacreBLEU's: F with beta 2 of the mean precision and recall of n-grams of one to
// six characters, without white space. The zero value is an empty corpus.
type ChrF struct {
	hyp, ref, both [chrfOrder]int
}

// Add adds a target and its reference.
func (c *ChrF) Add(hyp, ref string) {
	h, r := []rune(strings.Join(strings.Fields(hyp), "")), []rune(strings.Join(strings.Fields(ref), ""))
	for n := range chrfOrder {
		inHyp, inRef, both := overlap(h, r, n+1)
		if inRef == 0 {
			inHyp = 0 // what has no reference is no miss
		}
		c.hyp[n], c.ref[n], c.both[n] = c.hyp[n]+inHyp, c.ref[n]+inRef, c.both[n]+both
	}
}

// Score is from 0 to 100.
func (c *ChrF) Score() float64 {
	var precision, recall, orders float64
	for n, both := range c.both {
		if c.hyp[n] > 0 && c.ref[n] > 0 {
			precision += float64(both) / float64(c.hyp[n])
			recall += float64(both) / float64(c.ref[n])
			orders++
		}
	}
	if precision+recall == 0 {
		return 0
	}
	precision, recall = precision/orders, recall/orders
	const square = chrfBeta * chrfBeta
	return 100 * (1 + square) * precision * recall / (square*precision + recall)
}
