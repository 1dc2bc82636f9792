package words

import (
	"slices"
	"strconv"
	"strings"

	"loupe/app/plot"
	"loupe/engine/protocol"
)

// this tells one map's rows from others': what is made of them is kept under it.
type this struct {
	p    *protocol.PointsResult
	rows *int // the first of figure.Map.Rows, or nil
	n    int
	of   string
}

func (d *drawing) this(of string) this {
	k := this{p: d.p, n: d.n, of: of}
	if len(d.m.Rows) > 0 {
		k.rows = &d.m.Rows[0]
	}
	return k
}

// name is the text of a row, as the file or the tokenizer has it.
func (d *drawing) name(row int) string { return d.p.Names[d.m.Point(row)] }

// shown is the text of a row with what cannot be seen made visible.
func (d *drawing) shown(row int) string { return plot.OneLine(d.name(row)) }

var namesOf = plot.Memory[this, []string]{Size: 4}

// names are the texts of all rows.
func (d *drawing) names() []string {
	if d.m.Rows == nil {
		return d.p.Names
	}
	return namesOf.Get(d.this(""), func() []string {
		out := make([]string, d.n)
		for i, p := range d.m.Rows {
			out[i] = d.p.Names[p]
		}
		return out
	})
}

var rowsAt = plot.Memory[this, map[int]int]{Size: 4}

// rowAt is the row of a point; -1 if the map does not show it.
func (d *drawing) rowAt(point int) int {
	if point < 0 || point >= d.p.N {
		return -1
	}
	if d.m.Rows == nil {
		return point
	}
	at := rowsAt.Get(d.this(""), func() map[int]int {
		at := make(map[int]int, d.n)
		for i, p := range d.m.Rows {
			at[p] = i
		}
		return at
	})
	if r, ok := at[point]; ok {
		return r
	}
	return -1
}

// rows are those of points, without those that the map does not show; of contexts those at the layer that is shown.
func (d *drawing) rows(points []int) []int {
	if k := d.ladder(); k != nil {
		return d.lift(k, points)
	}
	if d.m.Rows == nil {
		return points
	}
	var out []int
	for _, p := range points {
		if r := d.rowAt(p); r >= 0 {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return out
}

// pointsOf are the points of rows.
func (d *drawing) pointsOf(rows []int) []int {
	if d.m.Rows == nil {
		return rows
	}
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = d.m.Point(r)
	}
	return out
}

var tokensAt = plot.Memory[*protocol.PointsResult, map[int]int]{Size: 3}

// pointOf is the first point of a token, or -1.
func (d *drawing) pointOf(token int) int {
	at := tokensAt.Get(d.p, func() map[int]int {
		at := make(map[int]int, d.p.N)
		for i, id := range d.p.IDs {
			if _, ok := at[int(id)]; !ok {
				at[int(id)] = i
			}
		}
		return at
	})
	if p, ok := at[token]; ok {
		return p
	}
	return -1
}

// rowOf is the first row of a token, or -1.
func (d *drawing) rowOf(token int) int { return d.rowAt(d.pointOf(token)) }

// tokenOf is the token of a row, or -1.
func (d *drawing) tokenOf(row int) int {
	if p := d.m.Point(row); p < len(d.p.IDs) {
		return int(d.p.IDs[p])
	}
	return -1
}

// pointsOfNames finds points by their names (see lookup.find).
func (d *drawing) pointsOfNames(names []string) (points []int, missing []string) {
	l := lookupOf(d.p)
	for _, s := range names {
		if i := l.find(s); i >= 0 {
			points = append(points, i)
		} else {
			missing = append(missing, s)
		}
	}
	return points, missing
}

// many reports whether a token has several rows, so that a choice has to name the row.
func (d *drawing) many() bool {
	return d.m.Spec.Points.Source == "both" || d.m.Spec.Points.Source == "context"
}

// chosen is the row that was chosen, or -1.
func (d *drawing) chosen() int {
	tok := d.in.State.Token
	if tok < 0 {
		return -1
	}
	if p, err := strconv.Atoi(d.opt("row", "")); err == nil && d.many() {
		if r := d.rowAt(p); r >= 0 && d.tokenOf(r) == tok {
			return r
		}
	}
	return d.rowOf(tok)
}

// looked is the row that is looked at where none was chosen: that of the token at now, or the first word.
func (d *drawing) looked() int {
	if run := d.in.Run; run != nil && len(run.Tokens) > 0 && !d.contexts() {
		at := d.in.State.At
		if at < 0 || at >= len(run.Tokens) {
			at = len(run.Tokens) - 1
		}
		if r := d.rowOf(run.Tokens[at].ID); r >= 0 {
			return r
		}
	}
	if o := d.order(); len(o) > 0 {
		return o[0]
	}
	return -1
}

// choose is the pairs that choose a row.
func (d *drawing) choose(row int) string {
	set := "token=" + strconv.Itoa(d.tokenOf(row))
	if d.many() {
		return set + "&o.words.row=" + strconv.Itoa(d.m.Point(row))
	}
	return set
}

// h is the data-h of a row, and rowOfH the row of a data-h, or -1.
func (d *drawing) h(row int) string { return "w" + strconv.Itoa(d.m.Point(row)) }

func (d *drawing) rowOfH(h string) int {
	if p, err := strconv.Atoi(strings.TrimPrefix(h, "w")); err == nil && strings.HasPrefix(h, "w") {
		return d.rowAt(p)
	}
	return -1
}

// columnOf is a column by its name, or nil.
func columnOf(p *protocol.PointsResult, name string) *protocol.Column {
	for i := range p.Columns {
		if p.Columns[i].Name == name && len(p.Columns[i].Values) == p.N {
			return &p.Columns[i]
		}
	}
	return nil
}
