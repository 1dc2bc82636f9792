package words

import (
	"reflect"
	"testing"

	"loupe/engine/protocol"
)

func TestSums(t *testing.T) {
	known := func(s string) bool { return s == "e-mail" || s == "c++" }
	for text, want := range map[string][]term{
		"king - man + woman":    {{"king", 1}, {"man", -1}, {"woman", 1}},
		"king-man+woman":        {{"king", 1}, {"man", -1}, {"woman", 1}},
		"king − man + woman =":  {{"king", 1}, {"man", -1}, {"woman", 1}},
		"- man + king":          {{"man", -1}, {"king", 1}},
		"-man+king":             {{"man", -1}, {"king", 1}},
		"e-mail - c++ + letter": {{"e-mail", 1}, {"c++", -1}, {"letter", 1}},
		"new york - new":        {{"new york", 1}, {"new", -1}},
		`"new york" + "a - b"`:  {{"new york", 1}, {"a - b", 1}},
		`" king" - “the man”`:   {{" king", 1}, {"the man", -1}},
		"king + + woman":        {{"king", 1}, {"woman", 1}},
		"":                      nil,
		"+":                     nil,
		"国王 - 男人 + 女人":          {{"国王", 1}, {"男人", -1}, {"女人", 1}},
		`5" + "open`:            {{`5"`, 1}, {"open", 1}},
		"a = b":                 {{"a", 1}},
	} {
		if got := parseSum(text, known); !reflect.DeepEqual(got, want) {
			t.Errorf("parseSum(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestAxes(t *testing.T) {
	for text, want := range map[string][2][]string{
		"man > woman":               {{"man"}, {"woman"}},
		"man>woman":                 {{"man"}, {"woman"}},
		"man, boy → woman,girl":     {{"man", "boy"}, {"woman", "girl"}},
		"#1 > #2":                   {{"#1"}, {"#2"}},
		"good":                      {nil, {"good"}},
		"> good":                    {nil, {"good"}},
		"bad >":                     {{"bad"}, nil},
		`"a > b, c" > "new york",b`: {{"a > b, c"}, {"new york", "b"}},
		"男，女 > 国王、王后":               {{"男", "女"}, {"国王", "王后"}},
		"":                          {nil, nil},
	} {
		from, to := parseAxis(text)
		if got := [2][]string{from, to}; !reflect.DeepEqual(got, want) {
			t.Errorf("parseAxis(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestLookup: exactly the name, else with the space of models' tokens, else in another case; the first of several.
func TestLookup(t *testing.T) {
	p := &protocol.PointsResult{N: 7, Names: protocol.Names{"the", " king", "King", "KING", " the", " Queen", "king"}}
	l := lookupOf(p)
	for name, want := range map[string]int{"the": 0, " the": 4, "king": 6, " king": 1, "King": 2, "kinG": 1, "queen": 5, "Queen": 5, "QUEEN": 5, "prince": -1, "": -1, " ": -1} {
		if got := l.find(name); got != want {
			t.Errorf("find(%q) = %d, want %d", name, got, want)
		}
	}
	if lookupOf(p) != l {
		t.Error("names are gone through again")
	}
}

// FuzzSums: whatever is typed makes words that have a sign and are not too many.
func FuzzSums(f *testing.F) {
	f.Add("king - man + woman")
	f.Add(`"a" - "b`)
	f.Fuzz(func(t *testing.T, text string) {
		terms := parseSum(text, func(s string) bool { return len(s)%3 == 0 })
		if len(terms) > most {
			t.Errorf("%d words", len(terms))
		}
		for _, k := range terms {
			if k.weight*k.weight != 1 {
				t.Errorf("%q has weight %g", k.name, k.weight)
			}
		}
		parseAxis(text)
	})
}
