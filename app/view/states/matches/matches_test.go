package matches

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/view/states/axis"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

// world is a made-up engine: what it was asked, and what it says.
type world struct {
	corpus  *figure.Corpus
	opened  []figure.CorpusSpec
	asked   map[string]any
	answers map[string]any
	stale   bool
}

const sentence = "the old woman lived alone in a little house by the sea , and her cat ( a grey one ) slept"

// scene is a model of 20 hidden units that ran a sentence, with pairs of the address.
func scene(t testing.TB, w *world, pairs string) *axis.Scene {
	t.Helper()
	st := viewtest.State(sentence)
	if bad := st.Patch(pairs); bad != nil {
		t.Fatalf("pairs %q", bad)
	}
	run := &protocol.RunResult{Text: sentence}
	for i, word := range strings.Fields(sentence) {
		if i > 0 {
			word = " " + word
		}
		run.Tokens = append(run.Tokens, protocol.Token{ID: i, Text: word})
	}
	in := &figure.Input{Model: &protocol.Model{Name: "made", Logits: true}, Run: run, State: st, Width: 1376, L: lang.English, Dropped: "book.txt",
		Fetch: func(op string, _ any) any { return w.answers[op] },
		Corpora: func(s figure.CorpusSpec) *figure.Corpus {
			w.opened = append(w.opened, s)
			return w.corpus
		},
		AskCorpus: func(op string, body any) (any, bool) {
			if w.asked == nil {
				w.asked = map[string]any{}
			}
			w.asked[op] = body
			return w.answers[op], !w.stale
		}}
	s := &axis.Scene{In: in, Cols: axis.Of(in), Now: len(run.Tokens) - 1, Units: []int{3, 7}, Lo: st.Range[0], Hi: st.Range[1], Before: 1, After: 1,
		Sources: []axis.Source{{Name: "layers.0.hidden", Units: 20, Cut: protocol.Cut{Level: .3, On: "above"}}}}
	return s
}

// open is a corpus of which all tokens have run.
func open(tokens, settled int) *figure.Corpus {
	return &figure.Corpus{Name: "book.txt", Settled: settled, Spec: figure.CorpusSpec{Text: "file"},
		Info: &protocol.CorpusInfo{ID: 4, Tokens: tokens, Documents: 2, Encoding: "UTF-8", Keeps: "f16", Sources: []protocol.Source{{Name: "layers.0.hidden", Units: 20}},
			Tracks: []protocol.Track{{Name: "entropy"}, {Name: "pos", Labels: []string{"noun", "verb"}}}},
		Filled: protocol.CorpusFilled{Corpus: 4, Tokens: settled, Total: tokens, Done: settled == tokens, Bytes: 24e6, Ms: 2000}}
}

// answer is n rows of the question's width: words w0, w1, .., of which those of the match have both units on.
func answer(n int, left, right int, words func(i int) string) *protocol.PlacesResult {
	r := &protocol.PlacesResult{Total: 45, Strict: 9, Lengths: []int{0, 0, 20, 15, 10, 0, 0, 0}, StrictLengths: []int{0, 0, 4, 5, 0, 0, 0, 0},
		Tracks: []protocol.Track{{Name: "entropy"}, {Name: "pos", Labels: []string{"noun", "verb"}}}}
	for i := range n {
		row := protocol.Place{Pos: 1000 + 50*i, Len: 2 + i%3, Doc: i % 2, Left: left, Right: right, Both: 2 - i%2, Any: 2 + i, Score: .99 - float64(i)/100}
		if i == 1 { // the beginning of a document
			row.Left = 1
		}
		r.Rows = append(r.Rows, row)
		r.Documents = append(r.Documents, "ch. "+strconv.Itoa(row.Doc+1))
		for c := -row.Left; c < row.Len+row.Right; c++ {
			on := float32(0)
			if c >= 0 && c < row.Len {
				on = 2
			}
			r.Tokens = append(r.Tokens, words(len(r.Tokens)))
			r.On, r.Surprisal = append(r.On, on), append(r.Surprisal, float32(len(r.Tokens)%9))
			r.Tracks[0].Values = append(r.Tracks[0].Values, float32(c))
			label := float32(len(r.Tokens) % 3)
			if label == 2 {
				label = float32(math.NaN())
			}
			r.Tracks[1].Values = append(r.Tracks[1].Values, label)
		}
	}
	return r
}

func word(i int) string { return " w" + strconv.Itoa(i) }

// full is a world that answers everything.
func full() *world {
	return &world{corpus: open(2000, 2000), answers: map[string]any{
		protocol.OpCorpusMatch: answer(5, 5, 17, word),
		protocol.OpCorpusNear:  answer(25, 5, 17, word),
		protocol.OpCorpusFind:  answer(3, 3, 20, word),
		protocol.OpCorpusLift: &protocol.LiftResult{Places: 45, Tests: 214, Rows: []protocol.LiftRow{
			{Where: "start", Track: "pos", Label: "verb", Here: 40, Of: 45, Base: .2, Lift: 4.44, Q: 1e-12},
			{Where: "start", Track: "depth", Label: "2", Here: 1, Of: 45, Base: .2, Lift: .11, Q: .002},
			{Where: "start", Track: "pos", Label: "noun", Here: 5, Of: 45, Base: .1, Lift: 1.1, Q: .8},
			{Where: "after", Track: "pos", Label: "noun", Here: 30, Of: 45, Base: .1, Lift: 6.7, Q: .001},
			{Where: "inside", Track: "token", Label: " in", Here: 12, Of: 90, Base: .01, Lift: 13, Q: .0001}}},
	}}
}

func all(f []figure.Panel) (out string) {
	for i := range f {
		out += f[i].ID + " " + figure.Plain(f[i].Title) + " " + f[i].Names + " " + f[i].Busy + "\n"
		for _, c := range f[i].Controls {
			out += "[" + c.Label + "]"
		}
		for _, b := range f[i].HTML {
			out += figure.Plain(b.Spans) + b.HTML + "\n"
		}
	}
	return out
}

func panel(t testing.TB, list []figure.Panel, id string) *figure.Panel {
	t.Helper()
	for i := range list {
		if list[i].ID == id {
			viewtest.Check(t, list[i])
			return &list[i]
		}
	}
	t.Fatalf("no panel %q", id)
	return nil
}

// TestNothing: each reason for there being no rows is said.
func TestNothing(t *testing.T) {
	for name, c := range map[string]struct {
		pairs string
		make  func(w *world, s *axis.Scene)
		want  string
		opens bool
	}{
		"no corpus":       {"o.states.corpus=none", nil, "No text to search", false},
		"no units":        {"", func(_ *world, s *axis.Scene) { s.Units = nil }, "Drag over some tokens", false},
		"none in range":   {"range=5-12", func(_ *world, s *axis.Scene) { s.Units = nil }, "No unit is selected", false},
		"being read":      {"range=5-12", func(w *world, _ *axis.Scene) { w.corpus.Info = nil }, "The text is being read", true},
		"other sources":   {"range=5-12", func(w *world, _ *axis.Scene) { w.corpus.Info.Sources[0].Name = "layers.1.cell" }, "only just begun", true},
		"nothing ran yet": {"range=5-12", func(w *world, _ *axis.Scene) { w.corpus.Settled = 0 }, "only just begun", true},
		"empty":           {"range=5-12", func(w *world, _ *axis.Scene) { w.corpus = open(0, 0) }, "no token", true},
		"none":            {"range=5-12&o.states.m.least=4", func(w *world, _ *axis.Scene) { w.answers[protocol.OpCorpusMatch] = &protocol.PlacesResult{} }, "at least 4 tokens", true},
		"none of all":     {"range=5-12&o.states.m.strict=1", func(w *world, _ *axis.Scene) { w.answers[protocol.OpCorpusMatch] = &protocol.PlacesResult{} }, "all of the selected units", true},
		"none so long": {"range=5-12&o.states.m.len=6-7", func(w *world, _ *axis.Scene) {
			w.answers[protocol.OpCorpusMatch] = &protocol.PlacesResult{Lengths: []int{0, 0, 5}}
		}, "None of the 5 matches", true},
		"no phrase": {"o.states.m.find=zebra", func(w *world, _ *axis.Scene) { w.answers[protocol.OpCorpusFind] = &protocol.PlacesResult{} }, "“zebra” does not stand", true},
		"bits":      {"o.states.m.by=cosine", func(w *world, _ *axis.Scene) { w.corpus.Info.Keeps = "bits" }, "Only one bit a unit", true},
		"failed": {"range=5-12", func(w *world, _ *axis.Scene) {
			w.corpus.Err = &protocol.Error{Code: "empty-file", File: "book.txt"}
			w.corpus.Info = nil
		}, "book.txt is empty", true},
	} {
		w := full()
		s := scene(t, w, c.pairs)
		if c.make != nil {
			c.make(w, s)
		}
		for _, l := range lang.Languages {
			s.In.L = l
			got := all(Panels(s))
			if l == lang.English && !strings.Contains(got, c.want) {
				t.Errorf("%s: %q is not in\n%s", name, c.want, got)
			}
			if strings.Contains(got, "matches.") || strings.Contains(got, "%!") {
				t.Errorf("%s: %s", name, got)
			}
			Side(s)
		}
		if (len(w.opened) > 0) != c.opens {
			t.Errorf("%s: the corpus was opened %d times", name, len(w.opened))
		}
	}
}

// TestRows: a row a place, the match under the range, a click on each goes there, and numbers and words are the answer's.
func TestRows(t *testing.T) {
	w := full()
	s := scene(t, w, "range=5-12")
	f := Panels(s)
	p := panel(t, f, "matches")
	if got := strings.Count(p.Under, `class="st-run"`); got != 5 {
		t.Errorf("%d outlines", got)
	}
	want := fmt.Sprintf(`<rect x="%.1f" y="0" width="%.1f" height="20" class="st-run"/>`, s.Cols.Edge(5), 2*s.Cols.Pitch)
	if !strings.Contains(strings.ReplaceAll(p.Under, ".0\"", "\""), strings.ReplaceAll(want, ".0\"", "\"")) {
		t.Errorf("the first match is not under the range: %s", want)
	}
	for _, do := range []string{"visit=1000 2", "visit=1050 3", "visit=1200 3"} {
		if !strings.Contains(p.Side, `data-do="`+do+`"`) {
			t.Errorf("no row does %q", do)
		}
	}
	if got := p.Do(1, 9); got != figure.DoGo+"1050 3" {
		t.Errorf("a click does %q", got)
	}
	if got := p.Do(99, 0); got != "" {
		t.Errorf("a click beside does %q", got)
	}
	if p.Names != "1 to 5 of 45, by units shared" {
		t.Error(p.Names)
	}
	if tip := p.Tip(0, 5); !strings.Contains(tip, "“·w5”") || !strings.Contains(tip, "units on: 2 of 2") || !strings.Contains(tip, "ch. 1, token 1,000, 2 long") {
		t.Error(tip)
	}
	if tip := p.Tip(1, 2); tip != "" { // the document begins at column 4
		t.Errorf("a tip where there is no token: %q", tip)
	}
	row := p.Table.All()[1]
	for i, want := range []string{"2", "ch. 2", "1050", "3", "1", "3", " w24", " w25 w26 w27"} {
		if row[i] != want {
			t.Errorf("column %s of row 2 is %q, want %q", p.Table.Head[i], row[i], want)
		}
	}
	if len(p.Table.Head) != len(row) {
		t.Errorf("%d heads, %d columns", len(p.Table.Head), len(row))
	}
	h := panel(t, f, "heats")
	if got := strings.Count(h.SVG, "<image"); got != 3 { // units on, surprisal, entropy; labels are paths
		t.Errorf("%d pictures", got)
	}
	cols := of(s).cols
	each := cols.n() + 5
	if got := h.Pick(0, each+2, false); got != "o.states.m.heat=surprisal" {
		t.Errorf("a click tints by %q", got)
	}
	if tip := h.Tip(0, 2*each+cols.before+1); !strings.Contains(tip, "entropy: 1") {
		t.Error(tip)
	}
}

// TestAsk: the question is about the scene.
func TestAsk(t *testing.T) {
	w := full()
	s := scene(t, w, "range=5-12&o.states.m.len=8-4&o.states.m.strict=1&o.states.m.heat=pos")
	got, ok := Question(s)
	want := protocol.Match{Corpus: 4, Upto: 2000, Cuts: []protocol.Cut{{Level: .3, On: "above"}}, Units: []int{3, 7}, Before: 1, After: 1, Least: 2,
		Strict: true, Min: 4, Max: 8, N: perPage, Left: 5, Right: got.Right, Tracks: []string{"entropy", "pos"}}
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("asks %+v, want %+v", got, want)
	}
	if 5+got.Right < len(s.In.Run.Tokens) {
		t.Errorf("%d tokens from the match on do not fill the columns", got.Right)
	}
	Side(s)
	if q := w.asked[protocol.OpCorpusLift].(protocol.Match); q.N != 0 || q.Min != 4 || q.Tracks != nil {
		t.Errorf("lift asks %+v", q)
	}
	w.corpus.Info.Keeps, w.corpus.Info.Cuts = "bits", []protocol.Cut{{Level: .5, On: "either"}}
	if q, _ := Question(s); q.Cuts[0].Level != .5 {
		t.Error("bits are asked by another threshold than theirs")
	}
	if text := all(Panels(s)); !strings.Contains(text, "Run again") || !strings.Contains(text, "≥ 0.5 or") {
		t.Error(text)
	}
	s.Units = nil
	if _, ok := Question(s); ok {
		t.Error("asks about no unit")
	}
	one := scene(t, w, "range=5-6")
	if q, _ := Question(one); q.Least != 1 {
		t.Errorf("a range of one token: least %d", q.Least)
	}
}

// TestPages: a page is of one question: other units begin at the first.
func TestPages(t *testing.T) {
	w := full()
	s := scene(t, w, "range=5-12")
	html := all(Panels(s))
	i := strings.Index(html, "o.states.m.page=")
	set := html[i : i+strings.IndexByte(html[i:], '"')]
	if !strings.HasPrefix(set, "o.states.m.page=1.") {
		t.Fatalf("the next page is %q", set)
	}
	s = scene(t, w, "range=5-12&"+set)
	if q, _ := Question(s); q.From != perPage {
		t.Errorf("page 2 is from %d", q.From)
	}
	s.Units = []int{4}
	if q, _ := Question(s); q.From != 0 {
		t.Errorf("of other units from %d", q.From)
	}
}

// TestNear: near places come at once and are paged here; the phrase has its own list.
func TestNear(t *testing.T) {
	w := full()
	s := scene(t, w, "o.states.m.by=cosine")
	s.Units = nil
	p := panel(t, Panels(s), "matches")
	if p.Names != "1 to 20 of the 25 nearest" || !strings.Contains(p.Side, "0.990") {
		t.Error(p.Names)
	}
	q := w.asked[protocol.OpCorpusNear].(protocol.CorpusNear)
	if q.Pos != s.Now || q.Metric != "cosine" {
		t.Errorf("asks %+v", q)
	}
	page := of(s).toPage(1)
	s = scene(t, w, "o.states.m.by=cosine&"+page)
	p = panel(t, Panels(s), "matches")
	if p.Names != "21 to 25 of the 25 nearest" || p.Table.All()[0][2] != "2000" {
		t.Error(p.Names, p.Table.All()[0])
	}
	all := answer(25, 5, 17, word)
	from := 0
	for _, r := range all.Rows[:20] {
		from += r.Left + r.Len + r.Right
	}
	if got, want := p.Table.All()[0][6], strings.Join(all.Tokens[from+5:from+5+all.Rows[20].Len], ""); got != want {
		t.Errorf("row 21 reads %q, want %q", got, want)
	}
	s = scene(t, w, "o.states.m.find=old woman")
	p = panel(t, Panels(s), "matches")
	if len(p.Table.All()) != 3 || w.asked[protocol.OpCorpusFind].(protocol.CorpusFind).Text != "old woman" {
		t.Errorf("%d places of the phrase", len(p.Table.All()))
	}
	if Side(s) != nil {
		t.Error("a phrase has no lengths")
	}
}

// TestLengths: the histogram counts, filters, and its ends can be dragged.
func TestLengths(t *testing.T) {
	w := full()
	p := panel(t, Side(scene(t, w, "range=5-12&o.states.m.len=3-4")), "lengths")
	if !strings.Contains(p.SVG, "3 to 4 tokens: 25 of 45") {
		t.Error(p.SVG)
	}
	for _, want := range []string{`data-set="o.states.m.len=2-2"`, `data-add="o.states.m.len=2-4"`, `o.states.m.len={}-4 x 6 2 `, `o.states.m.len=3-{} x `} {
		if !strings.Contains(p.SVG, want) {
			t.Errorf("no %s", want)
		}
	}
	if got := p.Table.All(); !reflect.DeepEqual(got, [][]string{{"2", "20", "4"}, {"3", "15", "5"}, {"4", "10", "0"}}) {
		t.Error(got)
	}
	w.answers[protocol.OpCorpusMatch].(*protocol.PlacesResult).Lengths = append(make([]int, 64), 3)
	p = panel(t, Side(scene(t, w, "range=5-12")), "lengths")
	if last := p.Table.All()[len(p.Table.All())-1]; last[0] != "23 or more" || last[1] != "3" {
		t.Error(last)
	}
	if q, _ := Question(scene(t, w, "range=5-12&o.states.m.len=8-23")); q.Min != 8 || q.Max != anyLength {
		t.Errorf("8 to the last bar asks for %d to %d", q.Min, q.Max)
	}
}

// TestLift: bars go the right way from chance, what could be chance is pale, a click ranks units or finds a word.
func TestLift(t *testing.T) {
	w := full()
	p := panel(t, Side(scene(t, w, "range=5-12")), "lift")
	for _, want := range []string{`class="up"`, `class="down"`, `class="upsoft"`, "depth 2", "4.4\u00a0×", "0.11\u00a0×", `o.states.follow=pos%3Averb`, "q = 1 × 10⁻¹²", "chance"} {
		if !strings.Contains(p.SVG, want) {
			t.Errorf("no %s", want)
		}
	}
	if n := len(p.Table.All()); n != 3 {
		t.Errorf("%d rows at the start", n)
	}
	if note := figure.Plain(p.HTML[0].Spans); !strings.Contains(note, "45 matches") || !strings.Contains(note, "214 tests") || !strings.Contains(note, "Pale") {
		t.Error(note)
	}
	p = panel(t, Side(scene(t, w, "range=5-12&o.states.m.where=words")), "lift")
	if !strings.Contains(p.SVG, "“·in” inside") || !strings.Contains(p.SVG, "o.states.m.find=+in") {
		t.Error(p.SVG)
	}
	p = panel(t, Side(scene(t, w, "range=5-12&o.states.m.where=before")), "lift")
	if p.SVG != "" || !strings.Contains(figure.Plain(p.HTML[0].Spans), "Nothing") {
		t.Error("bars of nothing")
	}
}

// TestCorpus says what is run, how far, and what can be done.
func TestCorpus(t *testing.T) {
	w := full()
	w.corpus = open(100_000, 12_000)
	w.corpus.Info.Columns, w.corpus.Info.Column = []string{"title", "body"}, "body"
	w.corpus.Info.Warnings = []protocol.Warning{{Code: "never-heard-of"}}
	got := all(Panels(scene(t, w, "range=5-12")))
	for _, want := range []string{"book.txt", "100,000 tokens, documents: 2, UTF-8", "12.0\u00a0% · 6,000 tokens/s · 15 s left", "[Pause]", "[column]", "[Forget these texts]",
		"Of the first 12,000 tokens", "16-bit values of layers.0.hidden, 24\u00a0MB", "never-heard-of"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	w.corpus.Paused = true
	if got := all(Panels(scene(t, w, "range=5-12"))); !strings.Contains(got, "paused at 12.0") || !strings.Contains(got, "[Go on]") {
		t.Error(got)
	}
	w.stale = true
	if p := panel(t, Panels(scene(t, w, "range=5-12")), "matches"); p.Busy != "…" || len(p.Table.All()) != 5 {
		t.Error("the last answer is not kept while the next is on its way")
	}
}

// TestHostile: what texts and files say stays text.
func TestHostile(t *testing.T) {
	const evil = `"><script>alert(1)</script>&`
	w := full()
	w.answers[protocol.OpCorpusMatch] = answer(20, 5, 17, func(int) string { return evil })
	r := w.answers[protocol.OpCorpusMatch].(*protocol.PlacesResult)
	for i := range r.Documents {
		r.Documents[i] = evil
	}
	r.Tracks[1].Labels[0], r.Tracks[0].Name = evil, evil
	w.answers[protocol.OpCorpusLift].(*protocol.LiftResult).Rows[0].Label = evil
	w.corpus.Info.Tracks[0].Name, w.corpus.Info.Tracks[1].Name = evil, evil
	for _, pairs := range []string{"range=5-12", "range=5-12&o.states.m.heat=pos", "o.states.m.find=" + escape(evil)} {
		s := scene(t, w, pairs)
		for _, p := range slices.Concat(Panels(s), Side(s)) {
			viewtest.Check(t, p)
		}
	}
	// an answer of another shape does no harm
	r.Tokens, r.On, r.Documents = r.Tokens[:30], nil, nil
	p := panel(t, Panels(scene(t, w, "range=5-12")), "matches")
	if len(p.Table.All()) != 1 {
		t.Errorf("%d rows of 30 tokens", len(p.Table.All()))
	}
}

// TestColumns: the match begins under the range, or where some tokens before it are seen; words have room.
func TestColumns(t *testing.T) {
	for _, c := range []struct {
		pairs  string
		width  float64
		touch  bool
		shared bool
		before int
	}{
		{"range=5-12", 1376, false, true, 5},
		{"range=1-3", 1376, false, true, 1},
		{"range=0-3", 1376, false, false, 3},
		{"range=20-22", 1376, false, true, 20},
		{"", 1376, false, false, 3},
		{"o.states.m.by=cosine", 1376, false, false, 9},
		{"o.states.m.find=sea", 1376, false, false, 9},
		{"range=9-12", 1000, false, false, 8},
		{"range=5-12", 358, true, false, 3},
	} {
		s := scene(t, full(), c.pairs)
		s.In.Width, s.In.Touch = c.width, c.touch
		s.Cols = axis.Of(s.In)
		got := of(s).cols
		if got.shared != c.shared || got.before != c.before {
			t.Errorf("%q at %g: %+v, want shared %v, %d before", c.pairs, c.width, got, c.shared, c.before)
		}
		if s.Ranged() && s.Lo >= 3 && math.Abs(got.start-s.Cols.Edge(s.Lo)) > 1e-9 && !c.touch {
			t.Errorf("%q at %g: the match begins at %g, the range at %g", c.pairs, c.width, got.start, s.Cols.Edge(s.Lo))
		}
		if got.pitch < readable || got.after < leastFor {
			t.Errorf("%q at %g: %+v has no room", c.pairs, c.width, got)
		}
	}
}

// TestColours: a label has the colour that it has in the text above, one that is not there the next.
func TestColours(t *testing.T) {
	w := full()
	w.answers[protocol.OpTracks] = &protocol.TracksResult{Tracks: []protocol.Track{{Name: "pos", Labels: []string{"adverb", "verb"}, Values: []float32{1, 0, 1}}}}
	s := scene(t, w, "range=5-12")
	got := of(s).order(&protocol.Track{Name: "pos", Labels: []string{"noun", "verb", "never"}, Values: []float32{0, 0, 1, float32(math.NaN())}})
	if !slices.Equal(got, []int{2, 0, -1}) {
		t.Errorf("order %v", got)
	}
}

// BenchmarkPanels draws 20 rows of 57 letters while a threshold is dragged: the answer stays, the cut does not.
func BenchmarkPanels(b *testing.B) {
	w := full()
	w.answers[protocol.OpCorpusMatch] = answer(20, 20, 37, func(i int) string { return string(rune('a' + i%26)) })
	s := scene(b, w, "range=5-12")
	for i := 0; b.Loop(); i++ {
		s.Sources[0].Cut.Level = .3 + float64(i%100)/1000
		bytes := 0
		for _, p := range slices.Concat(Panels(s), Side(s)) {
			bytes += len(p.Marks())
		}
		b.ReportMetric(float64(bytes)/1e3, "kB")
	}
}

// TestFit: of a name that is cut, the number at its end stays.
func TestFit(t *testing.T) {
	if got := fit("brackets 23", 44); !strings.HasSuffix(got, "23") || !strings.Contains(got, "…") {
		t.Error(got)
	}
}
