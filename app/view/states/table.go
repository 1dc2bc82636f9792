package states

import (
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
)

// table is the main picture as numbers: a row a token; the chosen unit, the others that stand out, the tracks, the gates.
func (d *drawing) table(bands []band) *figure.Table {
	units := []int{d.unit}
	for _, c := range d.charts {
		for _, own := range d.chosen(c) {
			units = append(units, c.first+own)
		}
	}
	t := &figure.Table{Head: []string{d.l.T("states.th.position"), d.l.T("states.th.token")}}
	for _, u := range units {
		t.Head = append(t.Head, d.name(u))
	}
	for _, k := range bands {
		if k.value != nil {
			t.Head = append(t.Head, k.label)
		}
	}
	t.Make = func() (rows [][]string) {
		for i := 0; i < d.n; i++ {
			r := []string{strconv.Itoa(i), plot.OneLine(d.in.Run.Tokens[i].Text)}
			for _, u := range units {
				c, own := d.find(u)
				r = append(r, c.scale.text(c.at(i, own)))
			}
			for _, k := range bands {
				if k.value != nil {
					r = append(r, k.value(i))
				}
			}
			rows = append(rows, r)
		}
		return rows
	}
	return t
}
