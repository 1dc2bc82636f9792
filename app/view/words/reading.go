package words

import (
	"slices"

	"loupe/app/figure"
	"loupe/app/svg"
)

// reading is the sentence: of the selected words, or of those that lie nearest.
func (d *drawing) reading() []figure.Span {
	if n := len(d.sel); n > 0 && n < d.n {
		return d.selectionReading(n)
	}
	clause := d.sideReading()
	if clause == nil {
		return figure.Sentence(d.t("r.map"), map[string]figure.Span{"n": {Text: svg.Count(d.n)}, "d": {Text: svg.Count(d.p.Dim)}, "by": {Text: d.t("placed." + d.m.Spec.Layout.Method)}})
	}
	of, n := "r.of", d.n
	if k := d.ladder(); k != nil {
		of, n = "r.of.context", k.m
	} else if d.many() {
		of = "r.of.both"
	} else if d.in.Model.Layers > 0 { // pieces of words, or letters
		of = "r.of.tokens"
	}
	out := figure.Sentence(d.t(of), map[string]figure.Span{"n": {Text: svg.Count(n)}})
	return append(append(out, clause...), figure.Span{Text: d.t("r.end")})
}

// selectionReading says of which kind most of the selected words are, against all.
func (d *drawing) selectionReading(n int) []figure.Span {
	parts := map[string]figure.Span{"n": {Text: svg.Count(n)}, "all": {Text: svg.Count(d.once(d.n))}}
	c := d.colours()
	k, in := d.mostOf(c)
	if k == nil {
		return figure.Sentence(d.t("r.sel"+one(n)), parts)
	}
	if in == n && n == d.once(k.n) {
		parts["k"] = figure.Span{Text: d.kindName(k), Bold: true}
		return figure.Sentence(d.t("r.sel.all"+one(n)), parts)
	}
	parts["k"] = figure.Span{Text: d.kindName(k), Bold: true, Set: pair("sel", k.code)}
	parts["p"] = figure.Span{Text: svg.Fixed(100*float64(in)/float64(n), 0) + "\u00a0%"}
	parts["q"] = figure.Span{Text: svg.Fixed(100*float64(k.n)/float64(d.n), 0) + "\u00a0%"}
	return figure.Sentence(d.t("r.sel.kind"+one(n)), parts)
}

// mostOf is the category that most of the selected rows are of, and how many are.
func (d *drawing) mostOf(c *colouring) (*kind, int) {
	col := columnOf(d.p, d.colourBy())
	if len(c.kinds) < 2 || col == nil || col.Labels == nil {
		return nil, 0
	}
	count := make([]int, len(col.Labels))
	for _, r := range d.sel {
		if v := col.Values[d.m.Point(r)]; v == v && int(v) >= 0 && int(v) < len(count) {
			count[int(v)]++
		}
	}
	best := slices.Index(count, slices.Max(count))
	i := slices.IndexFunc(c.kinds, func(k kind) bool { return k.label == best })
	if i < 0 || count[best] == 0 {
		return nil, 0
	}
	return &c.kinds[i], count[best]
}
