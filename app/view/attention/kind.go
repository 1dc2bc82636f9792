package attention

// The scores of a head, in the order of protocol.HeadScoresResult.
const (
	previous = iota
	induction
	same
	first
)

// From which score on a head is called by a pattern, and from which on it is said to rest on the first token. Scores are
// shares of attention on random tokens said twice, where chance gives at most 1/50.
const (
	patternScore = .3
	restScore    = .5
)

// kind is what a head is called: its letter in the grid ("" for none), and the ending of its words in the catalogue.
type kind struct{ letter, key string }

var (
	kinds   = []kind{{"P", "previous"}, {"I", "induction"}, {"D", "same"}}
	resting = kind{"", "first"}
	nothing = kind{"", "none"}
)

// score is one of a head's four scores, or 0 while they are measured.
func (s *scene) score(l, h, which int) float64 {
	if s.scores == nil {
		return 0
	}
	return float64(s.scores[(l*s.heads+h)*4+which])
}

// kindOf is what the scores call a head: by its strongest pattern if that is strong enough, else by where it rests.
func (s *scene) kindOf(l, h int) kind {
	best, at := 0., -1
	for i := range kinds {
		if v := s.score(l, h, i); v >= patternScore && v > best {
			best, at = v, i
		}
	}
	switch {
	case at >= 0:
		return kinds[at]
	case s.score(l, h, first) >= restScore:
		return resting
	}
	return nothing
}
