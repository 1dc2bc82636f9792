package states

import (
	"strconv"

	"loupe/app/figure"
)

// table is the main picture as numbers: a row a token; the selected unit, the others that stand out, the tracks, the gates.
func (d *drawing) table(bands []band) *figure.Table {
	units := []int{d.unit}
	for _, u := range d.chosen() {
		if u != d.unit {
			units = append(units, u)
		}
	}
	t := &figure.Table{Head: []string{d.l.T("states.th.position"), d.l.T("states.th.token")}}
	for _, u := range units {
		t.Head = append(t.Head, d.l.T("states.unit", u))
	}
	for _, k := range bands {
		if k.value != nil {
			t.Head = append(t.Head, k.label)
		}
	}
	for i := 0; i < d.n; i++ {
		r := []string{strconv.Itoa(i), visible(d.in.Run.Tokens[i].Text)}
		for _, u := range units {
			r = append(r, d.scale.text(d.at(i, u)))
		}
		for _, k := range bands {
			if k.value != nil {
				r = append(r, k.value(i))
			}
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}
