package words

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// pairing says which row of one map is which of the other.
type pairing struct {
	a, b     []int // pairs: row a[i] of the first is row b[i] of the second
	to, from []int // of each row of the first its row of the second, and back; -1: none
}

var pairings = plot.Memory[[2]this, *pairing]{Size: 3}

// pairs are by token, where both are of the open model (its first, second .. row); by name, where they are of different models; by
// occurrence, where both show contexts, whatever the layer.
func (d *drawing) pairs(e *drawing) *pairing {
	rung := func(d *drawing) string {
		if k := d.ladder(); k != nil {
			return strconv.Itoa(d.rung(k))
		}
		return ""
	}
	return pairings.Get([2]this{d.this("pair " + rung(d)), e.this("pair " + rung(e) + e.model)}, func() *pairing {
		p := &pairing{to: slices.Repeat([]int{-1}, d.n), from: slices.Repeat([]int{-1}, e.n)}
		sided := columnOf(d.p, "side") != nil && columnOf(e.p, "side") != nil
		keyOf := func(x *drawing, row int) pairKey {
			point := x.m.Point(row)
			switch k := x.ladder(); {
			case k != nil && e.model != "" && x.m.Spec.Points.Word == "": // every token, and the models' are not the same
				return pairKey{name: strconv.Itoa(x.slot), id: row}
			case k != nil:
				return pairKey{id: point % k.m}
			case e.model != "" || point >= len(x.p.IDs):
				return pairKey{name: strings.TrimSpace(x.p.Names[point])}
			}
			k := pairKey{id: int(x.p.IDs[point])}
			if c := columnOf(x.p, "side"); sided && c != nil {
				k.nth = int(c.Values[point])
			}
			return k
		}
		at := map[pairKey]int{}
		each(e, keyOf, func(k pairKey, row int) { at[k] = row })
		each(d, keyOf, func(k pairKey, row int) {
			if r, ok := at[k]; ok {
				p.a, p.b = append(p.a, row), append(p.b, r)
				p.to[row], p.from[r] = r, row
			}
		})
		return p
	})
}

type pairKey struct {
	name    string
	id, nth int // of the rows of one token or name, which; of both embeddings on both maps, with the side
}

// each gives every row that is shown its key; the second row with one gets another.
func each(x *drawing, keyOf func(*drawing, int) pairKey, f func(pairKey, int)) {
	seen := map[pairKey]int{}
	for row := range x.n {
		if x.hidden(row) {
			continue
		}
		k := keyOf(x, row)
		n := seen[k]
		seen[k] = n + 1
		k.nth += 2 * n
		f(k, row)
	}
}

const (
	agreeMost = 4000 // pairs that are compared; of more, as many drawn evenly
	agreeK    = 10
)

// agree compares both maps when they rest; nil until then.
func (d *drawing) agree(e *drawing) (r *protocol.MapAgreeResult, a []int) {
	if !d.ready() || !e.ready() || d.m.RestIter() < 0 || e.m.RestIter() < 0 {
		return nil, nil
	}
	p := d.pairs(e)
	a, b := evenly(p.a, agreeMost), evenly(p.b, agreeMost)
	if len(a) <= agreeK+1 {
		return nil, a
	}
	return d.in.Agree(protocol.MapAgree{MapA: d.m.ID, MapB: e.m.ID, A: a, B: b, K: agreeK, IterA: d.m.RestIter(), IterB: e.m.RestIter()}), a
}

// evenly is at most n of rows, evenly drawn.
func evenly(rows []int, n int) []int {
	if len(rows) <= n {
		return rows
	}
	out := make([]int, n)
	for i := range out {
		out[i] = rows[i*len(rows)/n]
	}
	return out
}

// agreePanel says how alike two maps are and which words moved most; before there is a second one, it offers some.
func (d *drawing) agreePanel() *figure.Panel {
	p := &figure.Panel{ID: "agree", Class: "wd-agree", Title: []figure.Span{{Text: d.t("side.two")}}, Width: d.sideW, Label: d.t("side.two")}
	e := d.two
	if e == nil {
		var line []figure.Span
		for _, k := range d.canDiffer("") {
			if k == "model" && len(line) > 8 {
				continue
			}
			line = append(line, figure.Span{Text: d.t("side.two." + k), Set: pair("two", k+"="+d.otherwise(k)[0])}, figure.Span{Text: " \u2002"})
		}
		p.HTML = []figure.Block{note(append([]figure.Span{{Text: d.t("side.two.offer") + " "}}, line...)...)}
		if d.opt("two", "") != "" { // it names nothing that there is
			p.HTML = append(p.HTML, note(figure.Span{Text: d.t("side.two.all.tip", strings.Join(differing, ", "))}))
		}
		return p
	}
	p.Controls = []figure.Control{{Kind: "text", Key: "o.words.two", Label: d.t("side.two.all"), Value: d.opt("two", ""), Tip: d.t("side.two.all.tip", strings.Join(differing, ", "))}}
	if e.m == nil || e.m.Err != nil {
		return p
	}
	r, a := d.agree(e)
	switch {
	case r != nil:
		d.drawAgree(p, e, r, a)
	case e.p != nil && len(d.pairs(e).a) <= agreeK+1:
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.two.few", len(d.pairs(e).a))})}
	case d.m.RestIter() < 0 || e.m.RestIter() < 0:
		p.HTML = []figure.Block{note(figure.Span{Text: d.t("side.two.moving")})}
	default:
		p.Busy, p.SVG, p.Height = d.t("side.busy"), blank, 60
	}
	return p
}

// drawAgree draws the shares as bars and lists the words whose neighbours changed most.
func (d *drawing) drawAgree(p *figure.Panel, e *drawing, r *protocol.MapAgreeResult, a []int) {
	const lab = 132.
	w := p.Width
	var b svg.Builder
	y := 0.
	p.Table = &figure.Table{Head: []string{d.t("side.th.measure"), d.t("side.th.value")}}
	for _, f := range []struct {
		key, class, text string
		v                float64
	}{{"shared", "bar", svg.Percent(float64(r.Shared)), float64(r.Shared)}, {"chance", "barsoft", svg.Percent(float64(r.Chance)), float64(r.Chance)},
		{"disparity", "", svg.Fixed(float64(r.Disparity), 3), 0}} {
		b.Open("", "data-tip", d.t("side.two."+f.key+".tip", agreeK))
		b.Rect(-4, y, w+8, 20, "wd-hit")
		b.Text(0, y+14, plot.Fit(d.t("side.two."+f.key), lab-6, 12), "i2")
		x := lab
		if f.class != "" {
			k := max(0, f.v) * (w - lab - 52)
			b.HBar(lab, y+5, k, 10, f.class)
			x += k + 6
		}
		b.Text(x, y+14, f.text, "s11")
		b.Close()
		y += 20
		p.Table.Rows = append(p.Table.Rows, []string{d.t("side.two." + f.key), f.text})
	}
	y = d.moved(&b, p, r, a, y+4)
	p.SVG, p.Height = b.String(), y
	key, n := "side.two.of", len(d.pairs(e).a)
	if len(a) < n {
		key = "side.two.of.some"
	}
	p.HTML = []figure.Block{note(figure.Span{Text: d.t(key, svg.Count(len(a)), svg.Count(n))})}
}

// moved lists the rows with the smallest share of neighbours in common.
func (d *drawing) moved(b *svg.Builder, p *figure.Panel, r *protocol.MapAgreeResult, a []int, y float64) float64 {
	if len(r.Each) != len(a) {
		return y
	}
	var order []int // pairs that have places on both
	for i, v := range r.Each {
		if v == v {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(r.Each[i], r.Each[j]) })
	half := p.Width/2 - 10
	b.Text(0, y+12, d.t("side.two.most"), "s11 i3")
	b.Text(p.Width/2+10, y+12, d.t("side.two.least"), "s11 i3")
	y += 18
	for i := range min(8, len(order)/2) {
		for k, at := range []int{order[i], order[len(order)-1-i]} {
			row, x, share := a[at], float64(k)*(p.Width/2+10), svg.Fixed(100*float64(r.Each[at]), 0)+"\u00a0%"
			d.plainWord(b, row, x, y, half-40)
			b.Text(x+half, y+d.rowH()/2+4, share, "s11 i3 end")
			p.Table.Rows = append(p.Table.Rows, []string{d.shown(row), share})
		}
		y += d.rowH()
	}
	return y
}
