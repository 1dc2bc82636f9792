package words

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"loupe/app/state"
	"loupe/app/view/viewtest"
	"loupe/engine/protocol"
)

func TestSearch(t *testing.T) {
	for pairs, want := range map[string]string{
		"o.words.find=king":  "king Kings baking viking",
		"o.words.find=KING":  "king Kings baking viking",
		"o.words.find=ki":    "king kin Kings baking viking",
		"o.words.find=q":     "queen",
		"o.words.find=zebra": "",
	} {
		d := made("queen baking king kin Kings viking", nil, stateOf(strings.ReplaceAll(pairs, "+", "%2B")))
		s := d.find()
		var got []string
		for _, r := range s.rows {
			got = append(got, d.name(r))
		}
		if strings.Join(got, " ") != want || s.bad != "" {
			t.Errorf("%s finds %v %s, want %s", pairs, got, s.bad, want)
		}
		if !slices.Equal(state.ParseRows(s.code, d.n), sorted(s.rows)) {
			t.Errorf("%s: the code is of other rows", pairs)
		}
	}
}

func sorted(rows []int) []int { r := slices.Clone(rows); slices.Sort(r); return r }

func TestSearchNothing(t *testing.T) {
	if s := made("a b", nil, stateOf("o.words.find=%20")).find(); s != nil {
		t.Errorf("spaces find %v", s.rows)
	}
}

// TestPattern holds what is shown of a regular expression, which the mapper looks for: by rank, by the map's own rows, or what is wrong.
func TestPattern(t *testing.T) {
	e := viewtest.Open(t, model)
	find := func(pattern, more string) (*drawing, *search) {
		st := at("o.words.by=pca&o.words.re=1" + more)
		st.Opts["words.find"] = pattern
		d := begin(e.Input(st))
		return d, d.find()
	}
	d, s := find("^(king|queen|THE)$", "")
	var got []string
	for _, r := range s.rows {
		got = append(got, d.name(r))
	}
	if strings.Join(got, " ") != "the king queen" || !slices.Equal(state.ParseRows(s.code, d.p.N), sorted(d.pointsOf(s.rows))) {
		t.Errorf("found %v, coded %v", got, state.ParseRows(s.code, d.p.N))
	}
	points, _ := d.pointsOfNames([]string{"of", "king", "river"})
	if d, s = find("^[ok]", "&o.words.iso="+state.FormatRows(points)); len(s.rows) != 2 || d.name(s.rows[0]) != "of" || d.name(s.rows[1]) != "king" {
		t.Errorf("of three words found %v", s.rows)
	}
	for _, bad := range []string{"(", "[a-", "a**", `\p{Nope}`} {
		d, s := find(bad, "")
		if p := d.searchPanel(); s.bad == "" || strings.Contains(s.bad, "?i") || len(p.HTML) != 1 || !strings.Contains(p.HTML[0].Spans[0].Text, "no regular expression") {
			t.Errorf("%q: %+v, the panel says %+v", bad, s, p.HTML)
		}
	}
	waits := made("a b", nil, stateOf("o.words.re=1&o.words.find=a"))
	if s, p := waits.find(), waits.searchPanel(); !s.busy || p.Busy == "" || p.HTML != nil {
		t.Errorf("before there is an answer: %+v, %+v", s, p)
	}
}

// TestFoundBecomesMarks holds that the first matches are marked, but not twice.
func TestFoundBecomesMarks(t *testing.T) {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprint("w", i))
	}
	d := made(strings.Join(names, " "), nil, stateOf("o.words.find=w"))
	marks := d.found(nil)
	if len(marks) != pointed || marks[0].Row != 0 {
		t.Errorf("%d marks, the first %+v", len(marks), marks[0])
	}
	if again := d.found(marks); len(again) != pointed {
		t.Errorf("%d marks where all are marked", len(again))
	}
}

// TestPerhaps holds what is offered for a word that is not there.
func TestPerhaps(t *testing.T) {
	d := made("queen queens king quick", nil, nil)
	var got []string
	for _, r := range d.beginning("queeen", 5) {
		got = append(got, d.name(r))
	}
	if strings.Join(got, " ") != "queen queens" {
		t.Errorf("for queeen there is %v", got)
	}
	if rows := d.beginning("xyz", 5); rows != nil {
		t.Errorf("for xyz there is %v", rows)
	}
}

// BenchmarkSearch looks through 50,000 words for a text.
func BenchmarkSearch(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	names := make([]string, 50_000)
	for i := range names {
		w := make([]byte, 3+r.IntN(9))
		for k := range w {
			w[k] = 'a' + byte(r.IntN(26))
		}
		names[i] = string(w)
	}
	d := made(strings.Join(names, " "), nil, nil, protocol.Column{Name: "rank", Values: make([]float32, len(names))})
	d.order()
	d.lower()
	for b.Loop() {
		new(search).byText(d, "ing")
	}
}
