package words

import (
	"strconv"
	"strings"
)

// maxSets is how many sets of words can have names.
const maxSets = 8

// namedSet is a set of words that a person named: "name|colour|code" in the address; a colour with a minus is not shown.
type namedSet struct {
	k      int // from 1
	text   string
	name   string
	colour int // 1 to 7
	on     bool
	code   string
	points []int
}

// sets are the named sets.
func (d *drawing) sets() (out []namedSet) {
	for k := 1; k <= maxSets; k++ {
		if s, ok := parseSet(k, d.opt("set."+strconv.Itoa(k), "")); ok {
			s.points = d.code(s.code)
			out = append(out, s)
		}
	}
	return out
}

func parseSet(k int, text string) (s namedSet, ok bool) {
	f := strings.SplitN(text, "|", 3)
	if len(f) < 3 {
		return s, false
	}
	s = namedSet{k: k, text: text, name: f[0], code: f[2], on: !strings.HasPrefix(f[1], "-")}
	n, err := strconv.Atoi(strings.TrimPrefix(f[1], "-"))
	if s.colour = n; err != nil || n < 1 || n > 7 {
		s.colour = (k-1)%6 + 1
	}
	return s, true
}

// String is the set as the address has it.
func (s namedSet) String() string {
	colour := strconv.Itoa(s.colour)
	if !s.on {
		colour = "-" + colour
	}
	return setName(s.name) + "|" + colour + "|" + s.code
}

// setName is a name without what would end it.
func setName(s string) string { return strings.ReplaceAll(s, "|", "/") }

// setAt is the rows and the name of set k.
func (d *drawing) setAt(k int) (rows []int, name string, ok bool) {
	s, ok := parseSet(k, d.opt("set."+strconv.Itoa(k), ""))
	if !ok || k < 1 || k > maxSets {
		return nil, "", false
	}
	return d.rows(d.code(s.code)), s.name, true
}

// freeSet is the first number without a set; 0 if there is none.
func (d *drawing) freeSet() int {
	for k := 1; k <= maxSets; k++ {
		if _, ok := parseSet(k, d.opt("set."+strconv.Itoa(k), "")); !ok {
			return k
		}
	}
	return 0
}
