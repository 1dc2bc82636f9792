package annotation

import (
	"cmp"
	"math"
	"slices"
)

// Count is how often a label occurs at some places, against how often it occurs anywhere.
type Count struct {
	Here, Of  int // with the label, and all, at the places
	With, All int // the same of the whole corpus, which has the places too
}

// Lift is the ratio of the shares, Here/Of to With/All; NaN where one of them is of nothing.
func (c Count) Lift() float64 {
	return float64(c.Here) / float64(c.Of) * (float64(c.All) / float64(c.With))
}

// P is the two-sided p of Here if the Of places had been drawn at random from all (the hypergeometric distribution, Fisher's exact test): the probability
// of all counts that are no likelier. As in R and SciPy, counts whose probabilities differ by less than 1e-7 of themselves are alike. Terms
// are summed from Here, and from its like at the other side, outwards until they no longer matter.
func (c Count) P() float64 {
	lo, hi := max(0, c.Of+c.With-c.All), min(c.Of, c.With)
	if c.Here < lo || c.Here > hi || c.All <= 0 {
		return math.NaN()
	}
	own := c.logP(c.Here)
	like := func(k int) bool { return c.logP(k) <= own+1e-7 }
	mode := int((float64(c.Of) + 1) * (float64(c.With) + 1) / (float64(c.All) + 2))
	mode = min(max(mode, lo), hi)
	sum := 0.
	if c.Here <= mode {
		sum = c.tail(c.Here, -1)
		if k := first(mode, hi+1, like); k <= hi && k > c.Here {
			sum += math.Exp(c.logP(k)-own) * c.tail(k, 1)
		} else if k <= c.Here { // all are alike: Here is the mode
			return 1
		}
	} else {
		sum = c.tail(c.Here, 1)
		if k := mode - first(0, mode-lo+1, func(i int) bool { return like(mode - i) }); k >= lo {
			sum += math.Exp(c.logP(k)-own) * c.tail(k, -1)
		}
	}
	return min(1, math.Exp(own)*sum)
}

// first is the least i in [lo, hi) that is so, or hi; all after one that is so are.
func first(lo, hi int, so func(int) bool) int {
	for lo < hi {
		if m := lo + (hi-lo)/2; so(m) {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

// tail is the sum of the probabilities of k, k+step, k+2*step, .. in units of that of k.
func (c Count) tail(k, step int) float64 {
	sum, term := 1., 1.
	of, with, rest := float64(c.Of), float64(c.With), float64(c.All-c.With)
	for x := float64(k); term > 1e-17*sum; x += float64(step) {
		if step > 0 {
			term *= (with - x) / (x + 1) * ((of - x) / (rest - of + x + 1))
		} else {
			term *= x / (with - x + 1) * ((rest - of + x) / (of - x + 1))
		}
		sum += term
	}
	return sum
}

// logP is the logarithm of the probability that k of Of places have the label, by way of three binomial probabilities, which are exact to the last
// digits where differences of log-gammas of large numbers are not (C. Loader, Fast and accurate computation of binomial probabilities, 2000).
func (c Count) logP(k int) float64 {
	p := float64(c.Of) / float64(c.All)
	return logBinomial(k, c.With, p) + logBinomial(c.Of-k, c.All-c.With, p) - logBinomial(c.Of, c.All, p)
}

// logBinomial is log of C(n, k) p^k (1-p)^(n-k).
func logBinomial(k, n int, p float64) float64 {
	x, m := float64(k), float64(n)
	switch {
	case p == 0 || p == 1:
		return 0 // k is certain
	case k == 0:
		return m * math.Log1p(-p)
	case k == n:
		return m * math.Log(p)
	}
	return stirling(m) - stirling(x) - stirling(m-x) - deviance(x, m*p) - deviance(m-x, m*(1-p)) -
		.5*math.Log(2*math.Pi*x*(m-x)/m)
}

// stirling is log n! less Stirling's formula for it, n >= 1.
func stirling(n float64) float64 {
	if n < 16 {
		g, _ := math.Lgamma(n + 1)
		return g - (n+.5)*math.Log(n) + n - .5*math.Log(2*math.Pi)
	}
	s := n * n
	return (1./12 - (1./360-(1./1260-(1./1680-1./1188/s)/s)/s)/s) / n
}

// deviance is x log(x/m) + m - x, without cancelling where x is near m.
func deviance(x, m float64) float64 {
	if math.Abs(x-m) >= .1*(x+m) {
		return x*math.Log(x/m) + m - x
	}
	v := (x - m) / (x + m)
	s, e := (x-m)*v, 2*x*v
	for j := 3.; ; j += 2 {
		e *= v * v
		if t := s + e/j; t == s {
			return s
		} else {
			s = t
		}
	}
}

// Correct replaces p values by Benjamini and Hochberg's adjusted ones (1995), in their places. NaN is no test.
func Correct(p []float64) {
	var order []int
	for i, x := range p {
		if !math.IsNaN(x) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	least, n := 1., float64(len(order))
	for i, at := range order { // from the largest
		least = min(least, p[at]*n/(n-float64(i)))
		p[at] = least
	}
}
