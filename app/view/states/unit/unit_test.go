package unit

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/view/states/axis"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

const units = 6

// made is a scene over a small text whose values, corpus and answers are made here: unit u at token t is u/10 + sin(t).
func made(t testing.TB, pairs string, change func(*answers)) *axis.Scene {
	t.Helper()
	const text = "a (b) c\nd"
	a := &answers{tracks: []protocol.Track{{Name: "depth"}, {Name: "quotes", Labels: []string{"outside", "inside"}}}, keeps: "f16", settled: 3000, total: 3000}
	if change != nil {
		change(a)
	}
	m := &protocol.Model{Logits: true, Layers: 1, Acts: []protocol.Act{{Name: "layers.0.cell", Inner: []int{units}}, {Name: "layers.0.input_gate", Inner: []int{units}}}}
	run := &protocol.RunResult{}
	for i, r := range text {
		run.Tokens = append(run.Tokens, protocol.Token{ID: i, Text: string(r), Start: i, End: i + 1})
	}
	st := viewtest.State(text)
	if bad := st.Patch("o.states.corpus=builtin&" + pairs); bad != nil {
		t.Fatalf("pairs %q", bad)
	}
	in := viewtest.Made(m, run, st, a.engine())
	in.AskCorpus = a.corpus
	if !a.without {
		in.Corpora = a.open
	}
	src := axis.Source{Name: "layers.0.cell", What: "cell", Units: units, Cut: protocol.Cut{Level: .5, On: "above"}}
	for i := range run.Tokens {
		for u := range units {
			src.X = append(src.X, float32(float64(u)/10+math.Sin(float64(i))))
		}
	}
	return &axis.Scene{In: in, Cols: axis.Of(in), Now: 3, Unit: 2, Sources: append([]axis.Source{src}, a.more...), Choose: choose}
}

// choose stands for what the view makes of a unit.
func choose(unit int) string { return "unit=" + strconv.Itoa(unit) }

// answers are what the engine would say.
type answers struct {
	tracks         []protocol.Track
	keeps          string
	settled, total int
	without        bool // there is no corpus
	more           []axis.Source
	unit           *protocol.CorpusUnitResult
	rank           func(q protocol.Rank) *protocol.RankResult
	weights        *protocol.UnitResult
	use            *protocol.SummaryResult
	asked          []protocol.Rank
}

func (a *answers) engine() map[string]any {
	out := map[string]any{}
	if a.weights != nil {
		out[protocol.OpUnit] = a.weights
	}
	if a.use != nil {
		out[protocol.OpSummary] = a.use
	}
	return out
}

func (a *answers) open(spec figure.CorpusSpec) *figure.Corpus {
	c := &figure.Corpus{Spec: spec, Info: &protocol.CorpusInfo{ID: 7, Keeps: a.keeps, Tracks: a.tracks, Tokens: a.total}, Settled: a.settled}
	c.Info.Sources = []protocol.Source{{Name: "layers.0.cell", Units: units}}
	for _, s := range a.more {
		c.Info.Sources = append(c.Info.Sources, protocol.Source{Name: s.Name, Units: s.Units})
	}
	c.Filled = protocol.CorpusFilled{Tokens: a.settled, Total: a.total, Done: a.settled == a.total}
	return c
}

func (a *answers) corpus(op string, body any) (any, bool) {
	switch q := body.(type) {
	case protocol.Rank:
		a.asked = append(a.asked, q)
		if a.rank != nil {
			if r := a.rank(q); r != nil {
				return r, true
			}
		}
	case protocol.CorpusUnit:
		if a.unit != nil {
			return a.unit, true
		}
	}
	return nil, false
}

func panel(t testing.TB, all []figure.Panel, id string) *figure.Panel {
	t.Helper()
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	t.Fatalf("there is no panel %q", id)
	return nil
}

func said(p *figure.Panel) (out string) {
	for _, b := range p.HTML {
		for _, s := range b.Spans {
			out += s.Text
		}
		out += "\n"
	}
	return out
}

func has(t testing.TB, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: there is no %q in\n%s", what, part, text)
		}
	}
}

// TestText holds that each token is a mark that goes there, with the unit's own value, and that a line of the text ends the line.
func TestText(t *testing.T) {
	s := made(t, "o.states.tab=unit", nil)
	p := panel(t, Panels(s), "unit-text")
	viewtest.Check(t, *p)
	for i := range s.In.Run.Tokens {
		has(t, "text", p.Under, `data-set="at=`+string(rune('0'+i))+`"`)
	}
	has(t, "tip", p.Under, "token 3: 0.34") // 2/10 + sin(3)
	rows := p.Table.All()
	if len(rows) != 9 || rows[3][2] != "0.34" || rows[7][1] != "⏎" {
		t.Errorf("table %q", rows)
	}
	if p.Height != 2*22+20 {
		t.Errorf("%g high: the line should end once", p.Height)
	}
	s.Sources[0].Tanh = true
	has(t, "tanh", panel(t, Panels(s), "unit-text").Under, "token 3: 0.33") // tanh(0.3411)
}

// TestLongText holds that of a long text the tokens around now are drawn, and that it says so.
func TestLongText(t *testing.T) {
	s := made(t, "o.states.tab=unit", nil)
	s.Cols.N, s.Now = 2000, 1900
	for len(s.In.Run.Tokens) < 2000 {
		s.In.Run.Tokens = append(s.In.Run.Tokens, protocol.Token{Text: "x"})
	}
	p := panel(t, Panels(s), "unit-text")
	if n := strings.Count(p.Under, "data-set="); n != 400 {
		t.Errorf("%d tokens are drawn", n)
	}
	has(t, "note", said(p), "Tokens 1,600 to 1,999 of 2,000")
}

// TestPlaces holds that a place goes to itself, with its value, and that what does not fit is left out.
func TestPlaces(t *testing.T) {
	u := &protocol.CorpusUnitResult{Lo: -1, Hi: 2, Mean: .25, SD: .5, Counts: []float32{10, 0, 20}}
	u.High = protocol.PlacesResult{Rows: []protocol.Place{{Pos: 41, Len: 1, Left: 1, Right: 1}}, Documents: protocol.Names{"ch. 1"}, Tokens: protocol.Names{"<b>", " q", "\n"}}
	u.HighValues = []float32{.5, 2, -.5}
	u.Low = protocol.PlacesResult{Rows: []protocol.Place{{Pos: 8, Len: 1, Right: 1}}, Documents: protocol.Names{"ch. 2"}, Tokens: protocol.Names{"z", "y"}}
	u.LowValues = []float32{-1, 0}
	all := Panels(made(t, "o.states.tab=unit", func(a *answers) { a.unit = u }))
	p := panel(t, all, "unit-places")
	viewtest.Check(t, *p)
	has(t, "places", p.SVG, `data-do="`+figure.DoGo+`41 1"`, `data-do="`+figure.DoGo+`8 1"`, "ch. 1, token 41: 2.00", "&lt;b&gt;")
	if rows := p.Table.All(); len(rows) != 2 || rows[0][3] != "<b>[ q]⏎" || rows[1][2] != "−1.00" {
		t.Errorf("table %q", rows)
	}
	h := panel(t, all, "unit-hist")
	has(t, "histogram", said(h), "30 tokens of the corpus: mean 0.25, standard deviation 0.50")
	has(t, "threshold", h.SVG, "on at 0.50", "now 0.34")
	short := &protocol.CorpusUnitResult{High: protocol.PlacesResult{Rows: u.High.Rows}} // an answer that is not whole
	viewtest.Check(t, *panel(t, Panels(made(t, "o.states.tab=unit", func(a *answers) { a.unit = short })), "unit-places"))
}

// TestHistogramOfText counts the text's own values where there is no corpus.
func TestHistogramOfText(t *testing.T) {
	s := ofValues([]float32{0, 1, 1, 2, float32(math.NaN()), 2})
	if s.of != 5 || s.lo != 0 || s.hi != 2 || math.Abs(s.mean-1.2) > 1e-12 || math.Abs(s.sd-math.Sqrt(.56)) > 1e-12 {
		t.Errorf("%+v", s)
	}
	if s.counts[0] != 1 || s.counts[bins/2] != 2 || s.counts[bins-1] != 2 {
		t.Errorf("counts %v", s.counts)
	}
	if s := ofValues([]float32{3, 3}); s.counts[0] != 2 || s.sd != 0 {
		t.Errorf("of one value: %+v", s)
	}
	all := Panels(made(t, "o.states.tab=unit", func(a *answers) { a.without = true }))
	has(t, "note", said(panel(t, all, "unit-hist")), "9 tokens of the text")
	has(t, "no corpus", said(panel(t, all, "unit-places")), "There is no corpus")
}

// TestWeights holds that a weight from a unit selects it, that the gate is chosen, and that what an architecture lacks is said.
func TestWeights(t *testing.T) {
	w := &protocol.UnitResult{OutTensor: "head.weight", Up: []protocol.Choice{{ID: 1, Text: "e", P: 2}}, Down: []protocol.Choice{{ID: 2, Text: "<q>", P: -1}}}
	w.In = []protocol.WeightList{
		{Into: "layers.0.input_gate", From: "token", Tensor: "w_ih", Rows: []protocol.Choice{{ID: 5, Text: "(", P: -3}}},
		{Into: "layers.0.forget_gate", From: "layers.0.cell", Tensor: "w_hh", Rows: []protocol.Choice{{ID: 4, P: 1.5}}},
		{Into: "layers.0.forget_gate", From: "layers.0.strange", Tensor: "w_x", Rows: []protocol.Choice{{ID: 3, P: .5}}},
	}
	with := func(pairs string) []figure.Panel {
		return Panels(made(t, "o.states.tab=unit"+pairs, func(a *answers) { a.weights = w }))
	}
	p := panel(t, with(""), "unit-in")
	has(t, "input", p.SVG, "w_ih", "−3.00", `class="down"`)
	if p.Names != "layers.0.input_gate" || len(p.Controls) != 1 || strings.Contains(p.SVG, "data-set") {
		t.Errorf("%q, %d controls", p.Names, len(p.Controls))
	}
	p = panel(t, with("&o.states.gate=forget_gate"), "unit-in")
	has(t, "forget", p.SVG, `data-set="unit=4"`, "+1.50", "w_x")
	if strings.Count(p.SVG, "data-set") != 1 {
		t.Error("an activation that the view does not draw is selected")
	}
	out := panel(t, with(""), "unit-out")
	has(t, "logits", out.SVG, "&lt;q&gt;", "+2.00", "−1.00")
	w.In, w.Up, w.Down = nil, nil, nil
	has(t, "nothing", said(panel(t, with(""), "unit-in"))+said(panel(t, with(""), "unit-out")), "No weights", "not read straight")
}

// TestGates holds that units at one place are one disc that selects the next of them.
func TestGates(t *testing.T) {
	use := &protocol.SummaryResult{Gates: []protocol.GateUse{
		{Name: "layers.0.input_gate", Low: .1, High: .4, Units: []float64{0, 1, .5, .5, 0, 1, 0, 1, .25, .25, .5, .5}},
		{Name: "layers.1.input_gate", Low: 1, Units: []float64{1, 0}}}}
	p := panel(t, Panels(made(t, "o.states.tab=unit", func(a *answers) { a.use = use })), "unit-gates")
	viewtest.Check(t, *p)
	if n := strings.Count(p.SVG, "su-dot"); n != 3 {
		t.Errorf("%d discs", n)
	}
	has(t, "gates", p.SVG, "10.0\u00a0% below 0.1, 40.0\u00a0% above 0.9", `data-set="unit=3"`, "units 0, 2, 3", "su-dot now")
	if len(p.Table.Rows) != units {
		t.Errorf("%d rows", len(p.Table.Rows))
	}
}

// TestFollow holds the sentence, the rows and what they select, for numbers and for labels.
func TestFollow(t *testing.T) {
	rank := func(q protocol.Rank) *protocol.RankResult {
		r := &protocol.RankResult{By: "correlation", Tokens: 2900, Rows: []protocol.RankRow{{Unit: 4, Value: -.9}, {Unit: 2, Value: .3}}, All: []float32{0, .1, .3, nan, -.9, .2}}
		if q.Label != "" {
			r = &protocol.RankResult{By: "auc", Tokens: 2900, With: 50, Rows: []protocol.RankRow{{Unit: 2, Value: .6}}, All: []float32{.5, .5, .6, .5, .5, .5}}
			if q.Label == "inside" {
				r.Rows[0] = protocol.RankRow{Unit: 1, Value: .97}
			}
		}
		return r
	}
	all := Panels(made(t, "o.states.tab=follow", func(a *answers) { a.rank = rank }))
	for _, p := range all {
		viewtest.Check(t, p)
	}
	f := panel(t, all, "follow")
	has(t, "sentence", said(f), "Unit 4 of layers.0.cell follows", "upside down: r = −0.900 over 2,900 tokens")
	has(t, "rows", panel(t, all, "follow-rank").Side, `data-set="unit=4"`, `data-set="unit=2"`, "inow")
	b := panel(t, all, "follow-best")
	if rows := b.Table.Rows; len(rows) != 2 || rows[0][1] != "4" || rows[1][1] != "1" || rows[1][3] != "0.970" {
		t.Errorf("best %q", rows)
	}
	has(t, "best", b.SVG, `data-set="unit=1&amp;o.states.follow=quotes%3Ainside"`)
	has(t, "all", said(panel(t, all, "follow-all")), "1 units do not vary")
	all = Panels(made(t, "o.states.tab=follow&o.states.follow=quotes:inside", func(a *answers) { a.rank = rank }))
	has(t, "label", said(panel(t, all, "follow")), "Unit 1 of layers.0.cell is higher at", "AUC = 0.970", "50 of which")
	all = Panels(made(t, "o.states.tab=follow&o.states.follow=quotes", func(a *answers) { a.rank = rank }))
	has(t, "near", said(panel(t, all, "follow")), "No unit tells")
}

// TestOneQuestionAtATime holds that the next annotation is asked about when the one before it has its answer, and that while the corpus
// grows this is asked about few lengths of it.
func TestOneQuestionAtATime(t *testing.T) {
	var a *answers
	Panels(made(t, "o.states.tab=follow", func(x *answers) { a, x.settled = x, 1500 }))
	if len(a.asked) != 2 || a.asked[0].Upto != 1500 || a.asked[1].Upto != 1024 {
		t.Errorf("asked %+v", a.asked)
	}
}

// TestFurtherSource holds that units count through all sources, and are written as those of theirs.
func TestFurtherSource(t *testing.T) {
	more := axis.Source{Name: "layers.1.forward.hidden", What: "hidden", Units: 3, X: make([]float32, 27)}
	s := made(t, "o.states.tab=follow", func(a *answers) {
		a.more = []axis.Source{more}
		a.rank = func(q protocol.Rank) *protocol.RankResult {
			return &protocol.RankResult{By: "correlation", Tokens: 9, Rows: []protocol.RankRow{{Unit: units + 1, Value: .9}}, All: make([]float32, units+3)}
		}
	})
	f := panel(t, Panels(s), "follow-rank")
	has(t, "row", f.Side, ">1:1<", `data-set="unit=7" role`, `data-h="u1:1"`)
}

// TestNotThere draws what can be drawn while answers are on their way, where only bits are kept, and where there is nothing.
func TestNotThere(t *testing.T) {
	for _, tab := range []string{"unit", "follow"} {
		for name, change := range map[string]func(*answers){
			"waiting": nil,
			"bits":    func(a *answers) { a.keeps = "bits" },
			"part":    func(a *answers) { a.settled = 1000 },
			"reading": func(a *answers) { a.settled = 0 },
			"none":    func(a *answers) { a.without = true },
			"empty":   func(a *answers) { a.tracks = nil },
		} {
			for _, p := range Panels(made(t, "o.states.tab="+tab, change)) {
				viewtest.Check(t, p)
				if p.SVG+p.Under == "" && len(p.HTML) == 0 && p.Busy == "" {
					t.Errorf("%s, %s: panel %s is empty and says nothing", tab, name, p.ID)
				}
			}
		}
	}
	s := made(t, "o.states.tab=unit", nil)
	s.In.Corpora = func(figure.CorpusSpec) *figure.Corpus {
		return &figure.Corpus{Err: &protocol.Error{Code: "empty-file", File: "book.txt"}}
	}
	has(t, "failed", said(panel(t, Panels(s), "unit-places")), "could not be read", "book.txt")
	s.In.Model.Recorded = 9
	if all := Panels(s); len(all) != 3 {
		t.Errorf("%d panels of a recorded set", len(all))
	}
	if Panels(&axis.Scene{}) != nil {
		t.Error("panels of nothing")
	}
	has(t, "bits", said(panel(t, Panels(made(t, "o.states.tab=unit", func(a *answers) { a.keeps = "bits" })), "unit-places")), "one bit a unit")
}

var nan = float32(math.NaN())
