// Package matches draws the corpus of States and the places in it where the same units are on, where the state is alike, or where a
// phrase stands.
package matches

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// part is what the panels share.
type part struct {
	*axis.Scene
	in   *figure.Input
	l    *lang.Catalogue
	cols columns
	c    *figure.Corpus // nil: it is not asked for

	refused bool // the engine could not answer
}

// What is looked for.
const (
	byUnits  = ""          // places where the same units are on
	byCosine = "cosine"    // where the state is like the one at now
	byEuclid = "euclidean" // the same, by distance
	byPhrase = "phrase"    // where a phrase stands
)

// of is the part for a scene. The corpus is asked for if there is something to look for in it.
func of(s *axis.Scene) *part {
	p := &part{Scene: s, in: s.In, l: s.In.L}
	p.cols = p.place()
	if p.by() != byUnits || len(s.Units) > 0 {
		p.c = s.In.OpenCorpus(s.Spec())
	}
	return p
}

// Panels are its parts of the view, the corpus first.
func Panels(s *axis.Scene) []figure.Panel {
	p := of(s)
	return append([]figure.Panel{p.corpus()}, p.found()...)
}

// Side are the panels for the column at the right: how long the matches are, and what they have more often than chance.
func Side(s *axis.Scene) (out []figure.Panel) {
	p := of(s)
	if p.by() != byUnits {
		return nil
	}
	for _, make_ := range []func() (figure.Panel, bool){p.lengths, p.lift} {
		if panel, ok := make_(); ok {
			out = append(out, panel)
		}
	}
	return out
}

// Question is what is asked about matches; false: there is nothing to ask, or no corpus to ask about yet.
func Question(s *axis.Scene) (protocol.Match, bool) { return of(s).question() }

// Found is where else the selected units are on: the answer to Question, or to the one before it.
func Found(s *axis.Scene) (r *protocol.PlacesResult, fresh bool) {
	if q, ok := Question(s); ok {
		return s.In.Matches(q)
	}
	return nil, false
}

// Shared is what those places have more often than chance.
func Shared(s *axis.Scene) (r *protocol.LiftResult, fresh bool) {
	if q, ok := Question(s); ok {
		return s.In.Lift(ofAll(q))
	}
	return nil, false
}

// ofAll is a question about all matches, whichever rows are shown: paging does not ask it again.
func ofAll(q protocol.Match) protocol.Match {
	q.From, q.N, q.Left, q.Right, q.Tracks = 0, 0, 0, 0, nil
	return q
}

// by is what is looked for.
func (p *part) by() string {
	if p.opt("find") != "" {
		return byPhrase
	}
	if by := p.opt("by"); by == byCosine || by == byEuclid {
		return by
	}
	return byUnits
}

func (p *part) opt(key string) string { return p.in.State.Opt("states.m."+key, "") }

// t is a text of this part.
func (p *part) t(key string, args ...any) string { return p.l.T("matches."+key, args...) }

// ready reports whether questions about the corpus have answers: it is open, of these sources, and some of it has run.
func (p *part) ready() bool {
	if p.c == nil || p.c.Info == nil || p.c.Settled == 0 || len(p.c.Info.Sources) != len(p.Sources) {
		return false
	}
	for i, s := range p.c.Info.Sources {
		if s.Name != p.Sources[i].Name || s.Units != p.Sources[i].Units {
			return false
		}
	}
	return true
}

// bits reports whether only one bit a unit is kept.
func (p *part) bits() bool { return p.c != nil && p.c.Info != nil && p.c.Info.Keeps == "bits" }

func (p *part) question() (protocol.Match, bool) {
	if len(p.Units) == 0 || !p.ready() {
		return protocol.Match{}, false
	}
	q := protocol.Match{Corpus: p.c.Info.ID, Upto: p.c.Settled, Cuts: p.Cuts(), Units: p.Units, Before: p.Before, After: p.After, Least: p.least(),
		Strict: p.opt("strict") == "1", Across: p.opt("across") == "1", From: p.page() * perPage, N: perPage,
		Left: p.cols.before, Right: p.cols.after, Tracks: p.tracks()}
	q.Min, q.Max = p.span()
	if p.bits() {
		q.Cuts = p.c.Info.Cuts
	}
	return q, true
}

// perPage is how many rows are shown at a time.
const perPage = 20

// page counts from 0. It is of one question ("3.1f9a"): a new one begins at its first page.
func (p *part) page() int {
	n, of, _ := strings.Cut(p.opt("page"), ".")
	if of != p.asked() {
		return 0
	}
	return whole(n, 0, 0, 100_000)
}

// toPage is the pairs that turn to a page.
func (p *part) toPage(n int) string { return "o.states.m.page=" + strconv.Itoa(n) + "." + p.asked() }

// asked tells a question from others, whichever rows it shows.
func (p *part) asked() string {
	h := fnv.New32a()
	lo, hi := p.span()
	fmt.Fprint(h, p.by(), p.opt("find"), p.least(), p.opt("strict"), p.opt("across"), lo, hi)
	if p.by() == byUnits {
		fmt.Fprint(h, p.Units, p.Cuts(), p.Before, p.After)
	} else {
		fmt.Fprint(h, p.Now)
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// least is the shortest run that counts: two tokens, or one if the range is one token.
func (p *part) least() int {
	def := 2
	if p.Ranged() {
		def = min(def, p.Hi-p.Lo)
	}
	return whole(p.opt("least"), def, 1, 99)
}

// span is the lengths that are listed; 0, 0: all. The last bar of the histogram stands for all that are longer.
func (p *part) span() (lo, hi int) {
	a, b, ok := strings.Cut(p.opt("len"), "-")
	lo, hi = whole(a, 0, 1, anyLength), whole(b, 0, 1, anyLength)
	if !ok || lo == 0 || hi == 0 {
		return 0, 0
	}
	lo, hi = min(lo, hi), max(lo, hi)
	if hi >= p.least()+lengthBars-1 {
		hi = anyLength
	}
	return lo, hi
}

// anyLength is longer than any run.
const anyLength = 1 << 20

// whole is a number of the address, or def.
func whole(s string, def, lo, hi int) int {
	if n, err := strconv.Atoi(s); err == nil && n >= lo && n <= hi {
		return n
	}
	return def
}

// The tints that are no annotation.
const (
	byCount     = ""
	bySurprisal = "surprisal"
)

// tracks are the annotations that rows are drawn with: those shown above, and the one that tints the words.
func (p *part) tracks() (names []string) {
	has := func(name string) bool {
		return slices.ContainsFunc(p.c.Info.Tracks, func(t protocol.Track) bool { return t.Name == name })
	}
	shown := strings.Split(p.in.State.Opt("states.tracks", p.defaults()), ",")
	for _, name := range append(shown, p.opt("heat")) {
		if name != bySurprisal && has(name) && !slices.Contains(names, name) && len(names) < 6 {
			names = append(names, name)
		}
	}
	return names
}

// defaults are the annotations that are shown unless others are chosen.
func (p *part) defaults() string {
	if p.Depth {
		return "depth,entropy"
	}
	return "entropy"
}
