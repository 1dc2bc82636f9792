package beam

import (
	"math"
	"slices"

	"loupe/engine/analysis"
)

// When a search is over, once Width targets are finished: transformers' early_stopping. Options.Early "" is Heuristic.
const (
	Heuristic = "heuristic" // False: the best live one, scored as if it ended here, is no better than the worst finished
	AtFirst   = "first"     // True: at once
	Thorough  = "never"     // "never": the best live one, scored as if it lost nothing up to the length that suits it best, is no better
)

// Rule is why a token may not follow.
type Rule string

const (
	BadWord Rule = "bad-words"  // Never and Bad
	Short   Rule = "min-length" // an end before Min
	Repeat  Rule = "no-repeat"  // it would write NoRepeat tokens a second time
)

// ban is a token that may not follow.
type ban struct {
	id   int
	rule Rule
}

// banned are the tokens that may not follow what the decoder has read, Start first: transformers' NoRepeatNGram-, NoBadWords- and
// MinLengthLogitsProcessor, which count Start too.
func (o *Options) banned(read []int) (out []ban) {
	add := func(id int, rule Rule) {
		if !slices.ContainsFunc(out, func(b ban) bool { return b.id == id }) {
			out = append(out, ban{id, rule})
		}
	}
	for _, id := range o.Never {
		add(id, BadWord)
	}
	for _, word := range o.Bad {
		if last := len(word) - 1; last < len(read) && slices.Equal(read[len(read)-last:], word[:last]) {
			add(word[last], BadWord)
		}
	}
	if n := o.NoRepeat; n > 0 && len(read) >= n {
		for i, last := 0, read[len(read)-n+1:]; i+n <= len(read); i++ {
			if slices.Equal(read[i:i+n-1], last) {
				add(read[i+n-1], Repeat)
			}
		}
	}
	if len(read) < o.Min {
		for _, id := range o.Ends {
			add(id, Short)
		}
	}
	return out
}

// Forbids is the first step at which a rule keeps the search from writing a target, or -1. What a limit or a first token forces is free of them.
func (o *Options) Forbids(target []int) (step int, rule Rule) {
	read := []int{o.Start}
	for t, id := range target {
		if o.Forced(t) < 0 {
			bans := o.banned(read)
			if i := slices.IndexFunc(bans, func(b ban) bool { return b.id == id }); i >= 0 {
				return t, bans[i].rule
			}
		}
		read = append(read, id)
	}
	return -1, ""
}

// Forced is the token that must be written at a step, or -1.
func (o *Options) Forced(t int) int {
	switch {
	case t == 0 && o.First >= 0:
		return o.First
	case t == o.Most-1:
		return o.Last
	}
	return -1
}

// LogZ is what is taken off the logit of a token, after what the decoder has read, for its log p: whole, of all tokens, unless Renorm.
func (o *Options) LogZ(read []int, logits []float32, id int, whole float64) float64 {
	if !o.Renorm {
		return whole
	}
	bans := o.banned(read)
	if slices.ContainsFunc(bans, func(b ban) bool { return b.id == id }) {
		return whole
	}
	return o.logZ(logits, bans, whole)
}

// logZ is that of a token that is not banned.
func (o *Options) logZ(logits []float32, bans []ban, whole float64) float64 {
	if !o.Renorm || len(bans) == 0 {
		return whole
	}
	rest := slices.Clone(logits)
	for _, b := range bans {
		rest[b.id] = float32(math.Inf(-1))
	}
	return analysis.Describe(rest).LogZ
}

// read is what the decoder has read up to a node.
func (s *search) read(node int) (ids []int) {
	for ; node >= 0; node = s.Nodes[node].Parent {
		ids = append(ids, s.Nodes[node].ID)
	}
	slices.Reverse(ids)
	return ids
}

// withForbidden puts the forbidden among the candidates, where they would have been among the n best.
func withForbidden(found, forbidden []candidate, n int) (out []candidate) {
	for len(found)+len(forbidden) > 0 {
		switch {
		case len(forbidden) == 0 || len(found) > 0 && found[0].sum >= forbidden[0].sum:
			out, found = append(out, found[0]), found[1:]
		case len(out) < n:
			out, forbidden = append(out, forbidden[0]), forbidden[1:]
		default:
			forbidden = nil
		}
	}
	return out
}
