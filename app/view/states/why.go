package states

import (
	"math"
	"slices"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
)

// why says why a unit is in or out, in words.
func (d *drawing) why(u int) string {
	by := ""
	switch {
	case len(d.solo) > 0 && slices.Contains(d.solo, u):
		by = "states.why.solo"
	case len(d.solo) > 0:
		by = "states.why.notsolo"
	case slices.Contains(d.pins, u):
		by = "states.why.pin"
	case slices.Contains(d.outs, u):
		by = "states.why.out"
	}
	parts := []string{}
	if by != "" {
		parts = append(parts, d.l.T(by, d.name(u)))
	}
	if d.ranged() {
		parts = append(parts, d.reason(u))
	}
	if len(parts) == 0 {
		return d.name(u)
	}
	return upper(strings.Join(parts, d.l.T("states.why.join"))) + d.l.T("states.r.stop")
}

// reason says what a unit does through the range and beside it: that it is selected, or at which token it fails most.
func (d *drawing) reason(u int) string {
	c, own := d.find(u)
	from, to := d.sel.margins(d.n)
	at, inside := d.failure(c, own)
	if at < 0 {
		if from == d.sel.lo && to == d.sel.hi {
			return d.l.T("states.why.in.alone", d.name(u), d.sel.hi-d.sel.lo)
		}
		return d.l.T("states.why.in", d.name(u), d.sel.hi-d.sel.lo, d.sel.lo-from, to-d.sel.hi)
	}
	value, token := c.scale.text(c.shownOf(c.base()[at*c.src.units+own])), plot.OneLine(d.in.Run.Tokens[at].Text)
	if inside {
		return d.l.T("states.why.low", d.name(u), value, token, at, c.cutText())
	}
	return d.l.T("states.why.high", d.name(u), value, token, at)
}

// failure is the token that keeps a unit from being selected, and whether it lies in the range: there the one of the least signal, else beside
// it that of the greatest. -1: none does.
func (d *drawing) failure(c *chart, own int) (at int, inside bool) {
	at = -1
	x := c.base()
	sig := func(t int) float64 {
		v := float64(signal(c.cut.On, x[t*c.src.units+own]))
		if v != v { // never on
			return math.Inf(-1)
		}
		return v
	}
	on := func(t int) bool { return sig(t) >= float64(float32(c.cut.Level)) }
	for t := d.sel.lo; t < d.sel.hi; t++ {
		if !on(t) && (at < 0 || sig(t) < sig(at)) {
			at = t
		}
	}
	if at >= 0 {
		return at, true
	}
	from, to := d.sel.margins(d.n)
	for t := from; t < to; t++ {
		if (t < d.sel.lo || t >= d.sel.hi) && on(t) && (at < 0 || sig(t) > sig(at)) {
			at = t
		}
	}
	return at, false
}

// reasons are the notes below the list: why the chosen unit is in or out; where none is selected, why, and what threshold would select some.
func (d *drawing) reasons() []figure.Block {
	note := func(text string) figure.Block {
		return figure.Block{Kind: "note", Spans: []figure.Span{{Text: text}}}
	}
	if !d.ranged() && len(d.units) == 0 {
		return []figure.Block{note(d.l.T("states.brush"))}
	}
	out := []figure.Block{note(d.why(d.unit))}
	if len(d.units) > 0 || slices.ContainsFunc(d.charts, func(c *chart) bool { return len(c.on) > 0 }) { // or all are left out by hand
		return out
	}
	place := plot.Fit(d.words(), 200, 12)
	spans, free, some := []figure.Span{{Text: d.l.T("states.none", d.cuts(), place)}}, 0, false
	for _, c := range d.charts {
		if best := highestThat(c.low, c.high, c.scale.decimals(), c.shownOf); best.n > 0 {
			some = true
			spans = append(spans, figure.Span{Text: d.l.T("states.none.would", best.text(), best.n), Set: "o." + levelKey(c.i) + "=" + best.value()})
		}
		anywhere := slices.Repeat([]float32{float32(math.Inf(-1))}, len(c.low))
		free += len(between(c.low, anywhere, float32(c.cut.Level)))
	}
	if !some {
		spans = append(spans, figure.Span{Text: d.l.T("states.none.ever")})
	}
	out = append(out, figure.Block{Kind: "note", Spans: spans})
	if free > 0 {
		out = append(out, figure.Block{Kind: "note", Spans: []figure.Span{{Text: d.l.T("states.none.free", free), Set: "o.states.before=0&o.states.after=0"}}})
	}
	return out
}

// words is the text of the range.
func (d *drawing) words() string {
	var b strings.Builder
	for t := d.sel.lo; t < d.sel.hi; t++ {
		b.WriteString(d.in.Run.Tokens[t].Text)
	}
	return plot.OneLine(b.String())
}
