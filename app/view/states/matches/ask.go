package matches

import (
	"strconv"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// places is a list of places, of whichever kind, and what is said of it.
type places struct {
	*protocol.PlacesResult
	answer *protocol.PlacesResult // as it came
	fresh  bool
	at     []int // where the tokens of each row begin
	by     string
	from   int // how many better ones are not shown
	total  int
	units  int    // that the question is about
	text   string // phrase
}

// ask is the list that is looked for; nil: it is not there yet, or there is nothing to ask.
func (p *part) ask() *places {
	if !p.ready() {
		return nil
	}
	l := &places{by: p.by(), from: p.page() * perPage, units: len(p.Units)}
	switch l.by {
	case byUnits:
		q, ok := p.question()
		if !ok {
			return nil
		}
		l.PlacesResult, l.fresh = p.in.Matches(q)
	case byPhrase:
		l.text = p.opt("find")
		l.PlacesResult, l.fresh = p.in.CorpusFind(protocol.CorpusFind{Corpus: p.c.Info.ID, Upto: p.c.Settled, Text: l.text, From: l.from, N: perPage,
			Left: p.cols.before, Right: p.cols.after})
	default:
		if p.bits() {
			return nil
		}
		l.PlacesResult, l.fresh = p.in.CorpusNear(protocol.CorpusNear{Corpus: p.c.Info.ID, Upto: p.c.Settled, Pos: p.Now, Metric: l.by,
			Rev: p.in.Run.Rev, N: nearest, Left: p.cols.before, Right: p.cols.after, Tracks: p.tracks()})
	}
	if l.PlacesResult == nil {
		p.refused = l.fresh
		return nil
	}
	l.answer, l.total = l.PlacesResult, l.Total
	if !l.fresh { // it may be about more units than those that are selected now
		for _, on := range l.On {
			if finite(on) {
				l.units = max(l.units, int(on))
			}
		}
	}
	if l.by == byCosine || l.by == byEuclid { // all came at once
		l.PlacesResult, l.total = window(l.PlacesResult, l.from, perPage), len(l.Rows)
	}
	return l.index()
}

// nearest is how many near places are asked for.
const nearest = 100

// window is some rows of an answer.
func window(r *protocol.PlacesResult, from, n int) *protocol.PlacesResult {
	out := *r
	from = min(from, len(r.Rows))
	to := min(from+n, len(r.Rows))
	a := 0
	for _, w := range r.Rows[:from] {
		a += w.Left + w.Len + w.Right
	}
	b := a
	for _, w := range r.Rows[from:to] {
		b += w.Left + w.Len + w.Right
	}
	out.Rows, out.Documents, out.Tokens = r.Rows[from:to], some(r.Documents, from, to), some(r.Tokens, a, b)
	out.On, out.Surprisal = some(r.On, a, b), some(r.Surprisal, a, b)
	out.Tracks = make([]protocol.Track, len(r.Tracks))
	for i, t := range r.Tracks {
		t.Values = some(t.Values, a, b)
		out.Tracks[i] = t
	}
	return &out
}

// some is a part of a list, as far as it goes.
func some[S ~[]E, E any](s S, from, to int) S { return s[min(from, len(s)):min(to, len(s))] }

// index finds where the tokens of each row begin, and leaves out rows whose tokens are not there.
func (l *places) index() *places {
	at := 0
	for i, w := range l.Rows {
		n := w.Left + w.Len + w.Right
		if w.Left < 0 || w.Len < 1 || w.Right < 0 || at+n > len(l.Tokens) {
			l.Rows = l.Rows[:i]
			break
		}
		l.at = append(l.at, at)
		at += n
	}
	return l
}

// token is the index of the token at column c of row r, the match's first being 0; false: there is none.
func (l *places) token(r, c int) (int, bool) {
	w := l.Rows[r]
	return l.at[r] + w.Left + c, c >= -w.Left && c < w.Len+w.Right
}

// length is how long a place is: of long ones only the beginning is given.
func length(w protocol.Place) int { return max(w.Len, w.Whole) }

// document is the name of a row's document.
func (l *places) document(r int) string {
	if r < len(l.Documents) {
		return l.Documents[r]
	}
	return strconv.Itoa(l.Rows[r].Doc)
}

// goTo is what a click on a row does.
func goTo(w protocol.Place) string {
	return figure.DoGo + strconv.Itoa(w.Pos) + " " + strconv.Itoa(w.Len)
}

// count is which rows are shown of how many.
func (p *part) count(l *places) string {
	if len(l.Rows) == 0 {
		return ""
	}
	from, to, of := svg.Count(l.from+1), svg.Count(l.from+len(l.Rows)), svg.Count(l.total)
	key := "count." + l.by
	switch {
	case l.by == byUnits && l.Capped:
		key = "count.units.capped"
	case l.by == byUnits:
		key = "count.units"
	}
	return p.t(key, from, to, of)
}
