package words

import (
	"slices"
	"strings"
	"testing"

	"loupe/app/state"
)

func TestSets(t *testing.T) {
	two := state.FormatRows([]int{1, 3})
	d := made("a b c d e", nil, stateOf("o.words.set.1=royal%7C3%7C"+two+"&o.words.set.4=no%20colour%7Cx%7C@kind:x&o.words.set.5=bad&o.words.set.6=off%7C-2%7C"+two), labels("kind", "x y x y z"))
	sets := d.sets()
	if len(sets) != 3 {
		t.Fatalf("sets %+v", sets)
	}
	if s := sets[0]; s.name != "royal" || s.colour != 3 || !s.on || !slices.Equal(s.points, []int{1, 3}) || s.String() != "royal|3|"+two {
		t.Errorf("the first is %+v, written %q", s, s)
	}
	if s := sets[1]; s.k != 4 || s.colour != 4 || !slices.Equal(s.points, []int{0, 2}) {
		t.Errorf("the one without a colour is %+v", s)
	}
	if s := sets[2]; s.on || s.String() != "off|-2|"+two {
		t.Errorf("the one that is off is %+v, written %q", s, s)
	}
	if d.freeSet() != 2 {
		t.Errorf("the first free number is %d", d.freeSet())
	}
	if rows, name, ok := d.setAt(1); !ok || name != "royal" || !slices.Equal(rows, []int{1, 3}) {
		t.Errorf("set 1: %v %q %v", rows, name, ok)
	}
	if _, _, ok := d.setAt(5); ok {
		t.Error("a set that cannot be read is one")
	}
	if _, _, ok := d.setAt(9); ok {
		t.Error("there is a ninth set")
	}
}

// TestColoursOfSets holds that a set that is on has its colour, the later one where two have a row, and all else is grey.
func TestColoursOfSets(t *testing.T) {
	st := stateOf("o.words.colour=sets&o.words.set.1=a%7C3%7C" + state.FormatRows([]int{0, 1}) + "&o.words.set.2=b%7C5%7C" + state.FormatRows([]int{1}) + "&o.words.set.3=c%7C-1%7C" + state.FormatRows([]int{2}))
	d := made("a b c d", nil, st)
	c := d.colours()
	var got []string
	for _, k := range c.class {
		got = append(got, c.colours[k])
	}
	if strings.Join(got, " ") != "k3 k5 k7 k7" || c.none != 2 || len(c.kinds) != 3 {
		t.Errorf("colours %v, %d without, %d kinds", got, c.none, len(c.kinds))
	}
}

// TestNames holds that a name may have any letters in the address, but for the bar, which ends it.
func TestNames(t *testing.T) {
	for _, name := range []string{"a|b", "50 %", "{}", "é & 中", "a=b&c"} {
		s := namedSet{k: 1, name: name, colour: 1, on: true, code: state.FormatRows([]int{0})}
		st := state.New()
		st.Patch(pair("set.1", s.String()))
		d := made("a b", nil, st)
		if got := d.sets(); len(got) != 1 || got[0].name != setName(name) || !slices.Equal(got[0].points, []int{0}) {
			t.Errorf("%q became %+v", name, got)
		}
	}
}
