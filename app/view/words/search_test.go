package words

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"loupe/app/state"
	"loupe/engine/protocol"
)

func TestSearch(t *testing.T) {
	for pairs, want := range map[string]string{
		"o.words.find=king":                    "king Kings baking viking",
		"o.words.find=KING":                    "king Kings baking viking",
		"o.words.find=ki":                      "king kin Kings baking viking",
		"o.words.find=q":                       "queen",
		"o.words.find=zebra":                   "",
		"o.words.re=1&o.words.find=^k":         "king kin Kings",
		"o.words.re=1&o.words.find=king$|qu.*": "queen baking king viking",
		"o.words.re=1&o.words.find=^.{3}$":     "kin",
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

func TestSearchNothingAndNonsense(t *testing.T) {
	if s := made("a b", nil, stateOf("o.words.find=%20")).find(); s != nil {
		t.Errorf("spaces find %v", s.rows)
	}
	for _, bad := range []string{"(", "[a-", "a**", `\p{Nope}`} {
		st := stateOf("o.words.re=1")
		st.Opts["words.find"] = bad
		d := made("a b", nil, st)
		if s := d.find(); s.bad == "" || strings.Contains(s.bad, "(?i:") {
			t.Errorf("%q: %+v", bad, s)
		}
		if p := d.searchPanel(); len(p.HTML) != 1 || !strings.Contains(p.HTML[0].Spans[0].Text, "no regular expression") {
			t.Errorf("%q: the panel says %+v", bad, p.HTML)
		}
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

// BenchmarkSearch looks through 50,000 words by a pattern that has to be tried at every letter.
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
	for _, c := range []struct{ name, text, re string }{{"text", "ing", ""}, {"pattern", ".*[aeiou]{2}.*[ns]$", "1"}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				s := new(search)
				if c.re == "" {
					s.byText(d, c.text)
				} else {
					s.byPattern(d, c.text)
				}
			}
		})
	}
}
