package shell

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/corpus"
	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// A recorded set (protocol.Model.Recorded) has no text of the person's: what stands in the band is a window of its own, which cannot be
// edited or continued. The state has where it begins (o.states.w) and how many tokens it has (o.states.wn).

// windowTokens is how many tokens a window has where the state does not say.
const windowTokens = 60

// recorded reports whether what is open is a recorded set.
func (s *Session) recorded() bool { return s.Model != nil && s.Model.Recorded > 0 }

// window is the tokens of a recorded set that a state shows: from, to (excluded).
func (s *Session) window(st *state.State) [2]int {
	read := func(key string, def, lo, hi int) int {
		if n, err := strconv.Atoi(st.Opt(key, "")); err == nil {
			def = n
		}
		return min(max(def, lo), hi)
	}
	n := read("states.wn", windowTokens, 1, min(s.Model.Context, s.Model.Recorded))
	from := read("states.w", 0, 0, s.Model.Recorded-n)
	return [2]int{from, from + n}
}

// setWindow has a state show a window.
func setWindow(st *state.State, from, n int) {
	st.Patch(fmt.Sprintf("o.states.w=%d&o.states.wn=%d", from, n))
	if from == 0 {
		delete(st.Opts, "states.w")
	}
	if n == windowTokens {
		delete(st.Opts, "states.wn")
	}
}

// hold keeps now and the range at their tokens when a step moves the window and says nothing of them.
func (s *Session) hold(before, next *state.State) {
	if !s.recorded() {
		return
	}
	was, is := s.window(before), s.window(next)
	if was == is || next.At != before.At || next.Range != before.Range {
		return
	}
	within := func(i int) bool { return i >= is[0] && i < is[1] }
	if at := was[0] + next.At; next.At >= 0 {
		if next.At = at - is[0]; !within(at) {
			next.At = -1
		}
	}
	if lo, hi := was[0]+next.Range[0], was[0]+next.Range[1]; next.Range[1] > 0 {
		if next.Range = [2]int{lo - is[0], hi - is[0]}; !within(lo) || !within(hi-1) {
			next.Range = [2]int{}
		}
	}
}

// Turn moves the window by half its tokens.
func (s *Session) Turn(halves int) {
	if !s.recorded() {
		return
	}
	s.change(false, func(st *state.State) {
		w := s.window(st)
		n := w[1] - w[0]
		setWindow(st, min(max(w[0]+halves*max(n/2, 1), 0), s.Model.Recorded-n), n)
	})
}

// goRecorded shows tokens pos to pos+n of a recorded set, with as much before as after them, and makes them the range.
func (s *Session) goRecorded(pos, n int) {
	total := s.Model.Recorded
	pos = min(max(pos, 0), total-1)
	n = min(max(n, 1), total-pos)
	s.change(false, func(st *state.State) {
		w := s.window(st)
		size := min(max(w[1]-w[0], n), min(s.Model.Context, total))
		from := min(max(pos-(size-n)/2, 0), total-size)
		setWindow(st, from, size)
		st.At = min(pos+n, from+size) - 1 - from
		if st.Range = [2]int{}; n > 1 {
			st.Range = [2]int{pos - from, min(pos+n, from+size) - from}
		}
	})
}

// recordedUI is where one is in a recorded set, and what goes elsewhere.
func (p *page) recordedUI() []app.UI {
	l, m, w := p.l, p.s.Model, p.s.window(p.s.State)
	n := w[1] - w[0]
	number := func(key, label string, v, lo, hi int) app.UI {
		return numberUI(&figure.Control{Kind: "number", Key: key, Label: l.T(label), Value: strconv.Itoa(v), Min: float64(lo), Max: float64(hi), Step: 1})
	}
	back, on := do("turn=-1", "icon", l.T("recorded.back"), app.Text("«")), do("turn=1", "icon", l.T("recorded.on"), app.Text("»"))
	return []app.UI{
		app.Div().Class("run turn").Role("group").Aria("label", l.T("recorded.window")).Body(back.Disabled(w[0] == 0), on.Disabled(w[1] == m.Recorded)),
		app.Div().Class("turned").Body(number("o.states.w", "recorded.from", w[0], 0, m.Recorded-n),
			number("o.states.wn", "recorded.tokens", n, 1, min(m.Context, m.Recorded))),
		do("find", "half", l.T("recorded.find"), app.Text(l.T("recorded.find"))),
		app.Span().Class("quiet").DataSet("tip", l.T("recorded.fixed.tip")).Body(app.Text(l.T("recorded.fixed"))),
	}
}

// recordedFacts is a recorded set in a line.
func (p *page) recordedFacts(m *protocol.Model) []string {
	return []string{m.Family, p.shape(m), p.l.T("bar.recorded", svg.Count(m.Recorded)), m.DType, svg.Bytes(m.Bytes)}
}

// searchRecorded looks for a token by its number, and for a phrase in what of the set is read.
func (p *page) searchRecorded(q string) {
	t, s := &p.talk, p.s
	if n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(q, "@"))); err == nil && n >= 0 && n < s.Model.Recorded {
		t.found = append(t.found, hit{text: p.l.T("find.position", n), do: fmt.Sprintf("%s%d 1", figure.DoGo, n)})
	}
	c := s.texts.At()
	if strings.TrimSpace(q) == "" || c == nil || c.Info == nil {
		return
	}
	ask := protocol.CorpusFind{Corpus: c.Info.ID, Upto: c.Filled.Tokens, Text: q, N: 12, Left: 4, Right: 8}
	corpus.Question(s.texts, protocol.OpCorpusFind, ask, nil, func(r *protocol.PlacesResult, err *protocol.Error) {
		if err != nil || t.query != q || p.dialog != "find" {
			return
		}
		at := 0
		for _, k := range r.Rows {
			n := k.Left + k.Len + k.Right
			t.found = append(t.found, hit{text: p.l.T("find.position", k.Pos) + ": " + strings.Join(r.Tokens[at:at+n], s.between()), do: fmt.Sprintf("%s%d %d", figure.DoGo, k.Pos, k.Len)})
			at += n
		}
		p.change()
	})
}

// between is what stands between two tokens of a recorded set.
func (s *Session) between() string {
	if s.Model.Tokenizer == "char" {
		return ""
	}
	return " "
}
