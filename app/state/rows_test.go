package state

import (
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestRows writes selections of any size and reads them back, through an address.
func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 9, 300, 50_000, 100_000} {
		for _, share := range []float64{0, .001, .1, .5, 1} {
			var rows []int
			for i := range n {
				if r.Float64() < share {
					rows = append(rows, i)
				}
			}
			s := New()
			text := FormatRows(rows)
			if bad := s.Patch("o.words.sel=" + url.QueryEscape(text)); len(bad) > 0 {
				t.Fatalf("%d of %d: %d letters are not taken", len(rows), n, len(text))
			}
			if got := ParseRows(s.Opt("words.sel", ""), n); !slices.Equal(got, rows) {
				t.Errorf("%d of %d: %d came back", len(rows), n, len(got))
			}
		}
	}
	if text := FormatRows([]int{7, 3, 7}); !slices.Equal(ParseRows(text, 100), []int{3, 7}) || len(ParseRows(text, 5)) != 1 {
		t.Error("order, repeats or the end")
	}
	for _, bad := range []string{"x", "d", "d!", "b****", "d" + strings.Repeat("_", 40), "dAAA"} {
		ParseRows(bad, 3)
	}
	if bad := New().Patch("o.words.word=" + strings.Repeat("a", 500)); len(bad) == 0 {
		t.Error("another option may be long")
	}
}
