package brill

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTag compares with TextBlob on the same rules and words (testdata/annotation/brill.py).
func TestTag(t *testing.T) {
	b, err := os.ReadFile("../../../testdata/annotation/brill.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases [][2][]string
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 300 {
		t.Fatal(len(cases))
	}
	for _, c := range cases {
		if got := Tag(c[0]); !slices.Equal(got, c[1]) {
			t.Errorf("%v:\n%v, expected\n%v", c[0], got, c[1])
		}
	}
}

func TestNames(t *testing.T) {
	if got := strings.Join(Tag(strings.Fields("then Antony saw Zorblax in 1999")), " "); got != "RB NNP VBD NNP IN CD" {
		t.Error(got)
	}
	if !Closed("the") || Closed("house") || Closed("run") || !Known("went") || Known("zorblax") {
		t.Error("closed, or known")
	}
	if got := Tag(nil); len(got) != 0 {
		t.Error(got)
	}
}
