package prediction

import (
	"strconv"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// cut is one of the ways in which tokens are left out before one is drawn.
type cut struct {
	name string // "top-p 0.95"
	set  bool   // the person asked for it
	keep int    // tokens that it leaves
	of   int    // of so many
}

// cutList is the cuts in the order in which they are made.
func (v *view) cutList() []cut {
	s, n := v.in.State.Sampling, v.in.Model.Vocab
	if s.T == 0 {
		return []cut{{v.t("greedy"), true, 1, n}}
	}
	return []cut{
		{"top-k " + strconv.Itoa(s.K), s.K > 0, v.p.ByK, n},
		{"top-p " + svg.Fixed(s.P, 2), s.P < 1, v.p.ByP, v.p.ByK},
		{"min-p " + svg.Fixed(s.MinP, 2), s.MinP > 0, v.p.ByMinP, v.p.ByP},
	}
}

// cuts draws a dashed line under the last token that a cut leaves, and names the cut. One that is made below the rows is
// named there.
func (v *view) cuts(b *svg.Builder, c *columns) {
	below := ""
	for _, k := range v.cutList() {
		if !k.set || k.keep >= k.of {
			continue
		}
		if k.keep > len(v.p.Rows) || k.keep == len(v.p.Rows) && len(v.apart) == 0 {
			below = v.t("cut", k.name, svg.Count(k.keep))
			continue
		}
		y := v.y(c, k.keep)
		if k.keep == len(v.p.Rows) {
			y -= inset
		}
		b.Line(c.p, y, c.end, y, "cut")
		label := v.t("cut", k.name, svg.Count(k.keep))
		if c.small {
			label = k.name
		}
		b.Text(c.end, y+14, label, "s11 i2 end halo")
	}
	if below == "" && v.p.Kept == v.in.Model.Vocab {
		below = v.t("cut.none")
	}
	if below != "" && !c.small {
		b.Text(c.end, v.y(c, len(v.p.Rows)+len(v.apart))+15, below, "s11 i3 end")
	}
}

// table is the bars as numbers.
func (v *view) table(rows []protocol.Row) *figure.Table {
	t := &figure.Table{Head: []string{v.t("rank"), v.t("token"), v.t("logit"), v.t("probability"), v.t("sampled-from")}}
	if v.changed() {
		t.Head = append(t.Head, v.t("before"))
	}
	for _, r := range rows {
		row := []string{svg.Count(r.Rank + 1), r.Text, svg.Fixed(float64(r.Logit), 3), svg.Percent(float64(r.P)), svg.Percent(float64(r.Sampled))}
		if v.changed() {
			row = append(row, svg.Percent(float64(r.Before)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// foundBlock lists what the field found.
func (v *view) foundBlock() []figure.Block {
	switch {
	case v.find == "":
		return nil
	case v.busy:
		return []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: v.t("finding")}}}}
	case len(v.found) == 0:
		return []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: v.t("found.none", v.find)}}}}
	}
	spans := []figure.Span{{Text: v.t("found")}}
	for _, f := range v.found {
		spans = append(spans, figure.Span{Text: " "}, figure.Span{Text: f.Text, Token: true, Set: setToken(f.ID), H: mark(f.ID)})
	}
	return []figure.Block{{Kind: "note", Spans: spans}}
}
