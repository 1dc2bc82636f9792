package match

import (
	"reflect"
	"strings"
	"testing"
)

// drawn is a table from lines of one unit each: # is on.
func drawn(lines ...string) (on table, units int) {
	on = make(table, len(lines[0]))
	for t := range on {
		for _, line := range lines {
			on[t] = append(on[t], line[t] == '#')
		}
	}
	return on, len(lines)
}

func runsOf(t *testing.T, q Query, lines ...string) []Run {
	t.Helper()
	on, units := drawn(lines...)
	q.Upto = len(on)
	var runs []Run
	for _, s := range filled(on, units) {
		r, err := Find(decided(t, s, half1), q, nil)
		if err != nil || r.Capped || runs != nil && !reflect.DeepEqual(runs, r.Runs) {
			t.Fatal(r, err)
		}
		runs = r.Runs
	}
	return runs
}

func TestFindGoldens(t *testing.T) {
	both := []int{0, 1}
	lines := []string{
		".##..#.#",
		".##.##..",
		"..#..#..",
	}
	for _, c := range []struct {
		name string
		q    Query
		want []Run
	}{
		// At 1 both units come on at once, at 5 the first beside the second.
		{"any margin", Query{Units: both, Least: 1}, []Run{{1, 2, 2, 2}, {5, 1, 2, 3}, {4, 2, 1, 2}, {7, 1, 1, 2}}},
		{"margin", Query{Units: both, Before: 1, After: 1, Least: 1}, []Run{{1, 2, 2, 2}, {4, 2, 1, 2}, {7, 1, 1, 2}, {5, 1, 1, 3}}},
		{"strict", Query{Units: both, Before: 1, After: 1, Least: 1, Strict: true}, []Run{{1, 2, 2, 2}}},
		{"of two tokens", Query{Units: both, Least: 2}, []Run{{1, 2, 2, 2}, {4, 2, 1, 2}}},
		// At 4 the second unit was on two tokens before, at 7 the first.
		{"wide margin", Query{Units: both, Before: 2, Least: 1}, []Run{{1, 2, 2, 2}, {5, 1, 1, 3}, {4, 2, 0, 2}, {7, 1, 0, 2}}},
		{"an end inside", Query{Units: both, Before: 1, Least: 1, Ends: []int{2, 8}}, []Run{{1, 1, 2, 2}, {2, 1, 2, 3}, {4, 2, 1, 2}, {7, 1, 1, 2}, {5, 1, 1, 3}}},
		{"no units", Query{Least: 1}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := runsOf(t, c.q, lines...)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, not %v", got, c.want)
			}
		})
	}
}

// TestFindEdges: at the ends of a text, and of words.
func TestFindEdges(t *testing.T) {
	always, never := strings.Repeat("#", 200), strings.Repeat(".", 200)
	one := Query{Units: []int{0}, Before: 1, After: 1, Least: 1}
	if got := runsOf(t, one, always); !reflect.DeepEqual(got, []Run{{0, 200, 1, 1}}) {
		t.Errorf("always on: %v", got)
	}
	if got := runsOf(t, one, never); len(got) != 0 {
		t.Errorf("never on: %v", got)
	}
	across := never[:60] + always[:70] + never[:70]
	if got := runsOf(t, one, across); !reflect.DeepEqual(got, []Run{{60, 70, 1, 1}}) {
		t.Errorf("across words: %v", got)
	}
	q := one
	q.Ends = []int{64, 128, 200}
	if got := runsOf(t, q, across); !reflect.DeepEqual(got, []Run{{64, 64, 1, 1}, {60, 4, 1, 1}, {128, 2, 1, 1}}) {
		t.Errorf("ends at words: %v", got)
	}
}

func TestFindRefuses(t *testing.T) {
	on, units := drawn("#.#", ".##")
	b := decided(t, filled(on, units)[0], half1)
	for _, wrong := range []int{-1, 2} {
		if _, err := Find(b, Query{Units: []int{wrong}, Least: 1, Upto: 3}, nil); err == nil {
			t.Errorf("unit %d was looked for", wrong)
		}
	}
	// A unit that is named twice counts once, and tokens that are not there are none.
	r, err := Find(b, Query{Units: []int{1, 0, 1}, Least: 1, Upto: 99}, nil)
	if want := []Run{{2, 1, 2, 2}, {0, 3, 0, 2}}; err != nil || !reflect.DeepEqual(r.Runs, want) {
		t.Errorf("%v, %v, not %v", r, err, want)
	}
}
