package states

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Units count through all sources. In the state, and where a person reads or writes them, they are "58" of the first source and "1:58" of
// the source after it.

// find is the source of a unit, and its number there.
func (d *drawing) find(u int) (*chart, int) {
	for _, s := range d.charts {
		if u < s.first+s.src.units {
			return s, u - s.first
		}
	}
	return d.charts[0], 0
}

// id writes a unit.
func (d *drawing) id(u int) string {
	s, own := d.find(u)
	return idOf(s.i, own)
}

func idOf(source, own int) string {
	if source == 0 {
		return strconv.Itoa(own)
	}
	return strconv.Itoa(source) + ":" + strconv.Itoa(own)
}

// parseID reads a unit: which source, and its number there.
func parseID(s string) (source, own int, ok bool) {
	s = strings.TrimSpace(s)
	if before, rest, found := strings.Cut(s, ":"); found {
		n, err := strconv.Atoi(before)
		if err != nil || n < 0 {
			return 0, 0, false
		}
		source, s = n, rest
	}
	own, err := strconv.Atoi(s)
	return source, own, err == nil && own >= 0
}

// unitsOf reads the units of a key of the state; what is none is left out.
func (d *drawing) unitsOf(key string) (units []int) {
	for _, text := range strings.Split(d.in.State.Opt(key, ""), ",") {
		i, own, ok := parseID(text)
		if !ok || i >= len(d.charts) || own >= d.charts[i].src.units {
			continue
		}
		if u := d.charts[i].first + own; !slices.Contains(units, u) {
			units = append(units, u)
		}
	}
	return units
}

// ids writes units as a value of the state.
func (d *drawing) ids(units []int) string {
	texts := make([]string, len(units))
	for i, u := range units {
		texts[i] = d.id(u)
	}
	return strings.Join(texts, ",")
}

// name is a unit in a list: with its source's, if there are several.
func (d *drawing) name(u int) string {
	s, own := d.find(u)
	if s.i == 0 {
		return d.l.T("states.unit", own)
	}
	return s.src.name() + " " + strconv.Itoa(own)
}

// choosing is the pairs that select a unit. One of a further source makes that the first.
func (d *drawing) choosing(u int) string {
	s, own := d.find(u)
	if s.i == 0 {
		return "unit=" + strconv.Itoa(own)
	}
	order := make([]int, len(d.charts))
	for i := range order {
		order[i] = i
	}
	order[0], order[s.i] = s.i, 0
	return d.arranged(order) + "&unit=" + strconv.Itoa(own)
}

// arranged is the pairs that show the sources in another order, or some of them: their thresholds and the units that were added or left
// out by hand go with them.
func (d *drawing) arranged(order []int) string {
	first := d.charts[order[0]].src
	set := fmt.Sprintf("o.states.what=%s&o.states.way=%s&layer=%d", first.what, first.dir, first.layer)
	var names []string
	for i := 0; i <= further; i++ {
		level := ""
		if i < len(order) {
			level = d.in.State.Opt(levelKey(order[i]), "")
			if i > 0 {
				names = append(names, d.charts[order[i]].src.name())
			}
		}
		set += "&o." + levelKey(i) + "=" + level
	}
	set += "&o.states.also=" + strings.Join(names, ",")
	for _, key := range []string{"pin", "out", "solo"} {
		var texts []string
		for _, u := range d.unitsOf("states." + key) {
			s, own := d.find(u)
			if to := slices.Index(order, s.i); to >= 0 {
				texts = append(texts, idOf(to, own))
			}
		}
		set += "&o.states." + key + "=" + strings.Join(texts, ",")
	}
	return set
}

// further is how many sources may stand below the first.
const further = 3

// levelKey is the state's key of a source's threshold.
func levelKey(i int) string {
	if i == 0 {
		return "states.l"
	}
	return "states.l." + strconv.Itoa(i)
}
