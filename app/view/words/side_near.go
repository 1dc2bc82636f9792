package words

import (
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// measure is how near is meant.
func (d *drawing) measure() string { return d.among("near", "cosine", "euclidean", "dot") }

// nearK is how many neighbours are listed.
func (d *drawing) nearK() int { return max(1, min(int(d.number("k", 12, 1, 200)), d.n-1)) }

// near are the neighbours of the word that is looked at, or nil while they are looked for.
func (d *drawing) near() *protocol.MapNearResult {
	if d.focus < 0 || !d.ready() || d.n < 2 {
		return nil
	}
	return d.nearest([]protocol.Term{{Row: d.focus, Weight: 1}}, d.nearK())
}

// nearest is the rows nearest to a sum. What depends on where rows are on the map is there when the map rests; until then the rest is.
func (d *drawing) nearest(terms []protocol.Term, k int) *protocol.MapNearResult {
	l := d.m.Spec.Layout
	q := protocol.MapNear{Map: d.m.ID, Terms: terms, Metric: d.measure(), Centre: l.Centre, Unit: l.Unit, K: k, Iter: d.m.RestIter()}
	if q.Iter >= 0 {
		if r := d.in.Near(q); r != nil {
			return r
		}
	}
	q.Iter = -1
	r := d.in.Near(q)
	if r == nil {
		return nil
	}
	still := *r // the map was elsewhere when this was asked
	still.MapRanks, still.MapRows, still.MapValues, still.SpaceRanks = nil, nil, nil, nil
	return &still
}

// nowhere reports whether the word that is looked at has no direction, so that its cosines say nothing.
func (d *drawing) nowhere(r *protocol.MapNearResult) bool {
	return d.measure() == "cosine" && r.Norm == 0
}

// onMap reports whether the nearest on the map are listed, and not those in the space.
func (d *drawing) onMap(r *protocol.MapNearResult) bool {
	return d.opt("list", "") == "map" && r.MapRows != nil
}

// nearPanel lists the neighbours: in the space with their ranks on the map, or on the map with their ranks in the space.
func (d *drawing) nearPanel() *figure.Panel {
	row := d.focus
	if row < 0 {
		return nil
	}
	k, w := d.nearK(), d.sideW
	measure := figure.Control{Kind: "radio", Key: "o.words.near", Label: d.t("side.measure"), Value: d.measure()}
	for _, m := range []string{"cosine", "euclidean", "dot"} {
		measure.Options = append(measure.Options, figure.Option{Value: m, Label: d.t("side.near." + m)})
	}
	p := &figure.Panel{ID: "near", Class: "wd-near", Title: []figure.Span{{Text: d.name(row), Token: true, H: d.h(row)}}, Names: d.facts(row), Width: w,
		Label: d.t("side.near.label", d.shown(row)), Controls: []figure.Control{measure}}
	if d.n < 2 {
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.near.alone")})}
		return p
	}
	p.Height = 20 + float64(k)*d.rowH()
	r := d.near()
	if r == nil {
		p.Busy, p.SVG = d.t("side.busy"), blank
		return p
	}
	if d.nowhere(r) {
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.near.zero")})}
		return p
	}
	var b svg.Builder
	d.nearHeads(&b, r, w)
	d.bars(&b, d.nearItems(r, d.onMap(r)), 0, 20, w, false)
	p.SVG, p.Table, p.HTML = b.String(), d.nearTable(r), d.nearNotes(r, k)
	return p
}

// nearHeads says what the columns are.
func (d *drawing) nearHeads(b *svg.Builder, r *protocol.MapNearResult, w float64) {
	head, rank := d.t("side.near.space", svg.Count(d.p.Dim)), "side.near.rank"
	if d.onMap(r) {
		head, rank = d.t("side.near.map"), "side.near.spacerank"
	}
	b.Text(0, 12, head, "s11 i3")
	if r.MapRanks != nil {
		b.Text(w, 12, d.t(rank), "s11 i3 end", "data-tip", d.t(rank+".tip"))
	}
}

// nearItems are the rows of the list. A rank is bold where the one is among the nearest and the other is not.
func (d *drawing) nearItems(r *protocol.MapNearResult, onMap bool) (out []item) {
	rows, values, ranks := r.Rows, r.Values, r.MapRanks
	if onMap {
		rows, values, ranks = r.MapRows, r.MapValues, r.SpaceRanks
	}
	decimals, side := decimalsOf(values), columnOf(d.p, "side") // of both embeddings, a word has two rows
	for i, row := range rows {
		if row < 0 || row >= d.n || i >= len(values) {
			continue
		}
		it := item{row: row, bar: float64(values[i]), value: svg.Fixed(float64(values[i]), decimals)}
		if side != nil && !side.Own {
			it.value += " " + d.label(*side, int(side.Values[d.m.Point(row)]))
		}
		if i < len(ranks) && ranks[i] > 0 {
			it.end, it.strong = svg.Count(ranks[i]), ranks[i] > len(rows)
		}
		out = append(out, it)
	}
	return out
}

// decimalsOf leaves three or four figures of the largest.
func decimalsOf(values []float32) int {
	top := float32(0)
	for _, v := range values {
		top = max(top, v, -v)
	}
	switch {
	case top >= 100:
		return 1
	case top >= 10:
		return 2
	}
	return 3
}

// nearNotes say how faithful the map is here, and lead to more.
func (d *drawing) nearNotes(r *protocol.MapNearResult, k int) []figure.Block {
	var line []figure.Span
	link := func(key, set string) {
		line = append(line, figure.Span{Text: d.t(key), Set: set}, figure.Span{Text: " "})
	}
	if r.MapRows != nil {
		line = append(line, figure.Span{Text: d.t("side.near.kept", svg.Fixed(100*float64(r.Kept), 0), len(r.Rows)) + " "})
		if d.onMap(r) {
			link("side.near.tospace", "o.words.list=")
		} else {
			link("side.near.tomap", "o.words.list=map")
		}
	}
	if k < min(200, d.n-1) {
		link("side.near.more", pair("k", strconv.Itoa(min(200, k+24))))
	}
	if k > 12 {
		link("side.near.fewer", "o.words.k=")
	}
	if line == nil {
		return nil
	}
	return []figure.Block{note(line...)}
}

func (d *drawing) nearTable(r *protocol.MapNearResult) *figure.Table {
	onMap := d.onMap(r)
	t := &figure.Table{Head: []string{d.t("side.th.word"), d.t("side.near." + d.measure()), d.t("side.near.rank")}}
	if onMap {
		t.Head[1], t.Head[2] = d.t("side.near.map"), d.t("side.near.spacerank")
	}
	for _, it := range d.nearItems(r, onMap) {
		t.Rows = append(t.Rows, []string{d.shown(it.row), it.value, it.end})
	}
	return t
}

// facts are a few words about a row: its place by frequency, or where in the text and in the layers it is.
func (d *drawing) facts(row int) string {
	var out []string
	point := d.m.Point(row)
	for i := range d.p.Columns {
		c := &d.p.Columns[i]
		if point >= len(c.Values) || c.Values[point] != c.Values[point] {
			continue
		}
		switch v := int(c.Values[point]); {
		case c.Own && v >= 0 && v < len(c.Labels):
			out = append(out, c.Labels[v])
		case c.Name == "rank":
			out = append(out, d.t("side.rank", svg.Count(v+1)))
		case c.Name == "layer" && !c.Own:
			out = append(out, d.layerName(v))
		}
	}
	return strings.Join(out[:min(len(out), 3)], ", ")
}

// nearMarks are the neighbours on the map, joined with the word.
func (d *drawing) nearMarks() (marks []figure.ScatterMark, lines []figure.ScatterLine) {
	if d.focus < 0 {
		return nil, nil
	}
	marks = append(marks, figure.ScatterMark{Row: d.focus, Kind: "dot", Class: "now inow", Size: 15, Bold: true})
	r := d.near()
	if r == nil {
		return marks, nil
	}
	rows := r.Rows
	if d.onMap(r) {
		rows = r.MapRows
	}
	for _, n := range rows[:min(len(rows), 24)] { // more would be a star, not a picture
		if n >= 0 && n < d.n && !d.hidden(n) {
			marks = append(marks, figure.ScatterMark{Row: n, Kind: "dot", Class: "now wd-nb", Bold: true})
			lines = append(lines, figure.ScatterLine{Rows: []int{d.focus, n}, Kind: "line", Class: "now"})
		}
	}
	return marks, lines
}
