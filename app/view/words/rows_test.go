package words

import (
	"slices"
	"testing"

	"loupe/app/state"
)

func TestCodes(t *testing.T) {
	d := made("a b c d e f", nil, nil, labels("kind of", "x y x - z+w y"))
	for code, want := range map[string][]int{
		"":                               nil,
		state.FormatRows([]int{1, 4}):    {1, 4},
		"!" + state.FormatRows([]int{1}): {0, 2, 3, 4, 5},
		codeOf("kind of", "x"):           {0, 2},
		codeOf("kind of", "z+w"):         {4},
		codeOf("kind of", "x") + "+" + codeOf("kind of", "y"): {0, 1, 2, 5},
		"!" + codeOf("kind of", "x"):                          {1, 3, 4, 5},
		codeOf("kind of", "q"):                                nil,
		codeOf("no", "x"):                                     nil,
		state.FormatRows([]int{0, 5, 600}):                    {0, 5},
		"nonsense":                                            nil,
	} {
		if got := d.code(code); !slices.Equal(got, want) {
			t.Errorf("code %q is %v, want %v", code, got, want)
		}
	}
	if code := "!" + codeOf("kind of", "x"); opposite(opposite(code)) != code || opposite(code) != codeOf("kind of", "x") {
		t.Errorf("the opposite of %q is %q", code, opposite(code))
	}
}

// TestCodesInTheAddress holds that a code comes through the address unchanged, whatever its column and label are.
func TestCodesInTheAddress(t *testing.T) {
	for _, label := range []string{"a b", "a+b", "a&b=c", "100 %", "é:|!@", "中文"} {
		st := state.New()
		if bad := st.Patch(pair("sel", codeOf("x:y", label))); len(bad) > 0 {
			t.Fatalf("%q: %v", label, bad)
		}
		again, _ := state.Parse(st.String())
		if got := again.Opt("words.sel", ""); got != codeOf("x:y", label) {
			t.Errorf("%q became %q", codeOf("x:y", label), got)
		}
		c := labels("x:y", "p")
		c.Labels[0] = label
		d := made("a", nil, again, c)
		if !slices.Equal(d.sel, []int{0}) {
			t.Errorf("label %q selects %v", label, d.sel)
		}
	}
}

func TestRowsOfAPart(t *testing.T) {
	d := made("a b c d e f", []int{1, 3, 5}, stateOf("token=103&o.words.sel="+state.FormatRows([]int{0, 3, 5})))
	if d.n != 3 || d.row != 1 || !slices.Equal(d.sel, []int{1, 2}) {
		t.Errorf("%d rows, %d chosen, %v selected", d.n, d.row, d.sel)
	}
	if !slices.Equal(d.names(), []string{"b", "d", "f"}) || d.name(2) != "f" || d.rowAt(4) != -1 || d.rowAt(99) != -1 {
		t.Errorf("names %v, row of a point that is not shown %d", d.names(), d.rowAt(4))
	}
	if d.h(1) != "w3" || d.rowOfH("w5") != 2 || d.rowOfH("w0") != -1 || d.rowOfH("t5") != -1 || d.rowOfH("w") != -1 {
		t.Errorf("hover %q, back %d", d.h(1), d.rowOfH("w5"))
	}
	if got := d.choose(2); got != "token=105" {
		t.Errorf("a click sets %q", got)
	}
}

// TestClicksAndLoops holds what clicks with Shift and loops do to the selection.
func TestClicksAndLoops(t *testing.T) {
	d := made("a b c d e f", []int{1, 3, 5}, stateOf("o.words.sel="+state.FormatRows([]int{1, 3})))
	for got, want := range map[string][]int{
		d.clicked(2, true):           {1, 3, 5},
		d.clicked(1, true):           {1},
		d.looped([]int{2}, ""):       {5},
		d.looped([]int{2}, "add"):    {1, 3, 5},
		d.looped([]int{0, 2}, "sub"): {3},
		d.looped(nil, ""):            nil,
	} {
		if want := pair("sel", state.FormatRows(want)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
