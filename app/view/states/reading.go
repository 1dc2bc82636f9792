package states

import (
	"math"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

const (
	follows = .7 // a correlation of this size is said to follow
	near    = .5 // of this size, to come nearest to it
	fewest  = 8  // tokens that a correlation is said of
)

// reading is one sentence: of the range if there is one, of the changes if some are made, of the unit that follows the
// depth of brackets if one does, else of the unit that moved most at now.
func (d *drawing) reading() []figure.Span {
	switch {
	case d.ranged():
		return d.rangeReading()
	case d.was != nil:
		return d.changeReading()
	}
	if best := largest(d.cor, 1); len(best) > 0 && d.n >= fewest && math.Abs(d.cor[best[0]]) >= near && slices.Max(d.depth) > 1 {
		return d.depthReading(best[0])
	}
	return d.moveReading()
}

func (d *drawing) rangeReading() []figure.Span {
	words := ""
	for t := d.sel.lo; t < d.sel.hi; t++ {
		words += d.in.Run.Tokens[t].Text
	}
	place := figure.Span{Text: plot.Fit(visible(words), 420, 17)}
	level := d.scale.text(d.sel.level)
	if len(d.on) == 0 {
		return d.noneReading(level, place)
	}
	key := "states.r.range"
	switch b, a := d.sel.before > 0 && d.sel.lo > 0, d.sel.after > 0 && d.sel.hi < d.n; {
	case b && a:
		key += ".both"
	case b:
		key += ".before"
	case a:
		key += ".after"
	}
	return d.say(key, len(d.on), d.src.units, level, place, d.are(len(d.on)))
}

// noneReading says why no unit is selected: none is on all through, or those that are, are on beside the range too.
func (d *drawing) noneReading(level string, place figure.Span) []figure.Span {
	least := d.sel.least(d.x, d.src.units)
	best := highest(least, 1)
	if len(best) == 0 {
		return d.say("states.r.nan", d.src.name())
	}
	if v := least[best[0]]; v < d.sel.level {
		return d.say("states.r.nearest", d.src.units, level, place, d.unitSpan(best[0]), d.scale.text(v))
	}
	through := 0
	for _, v := range least {
		if v >= d.sel.level {
			through++
		}
	}
	return d.say("states.r.beside", through, d.src.units, level, place, d.are(through))
}

func (d *drawing) changeReading() []figure.Span {
	moved := d.moves()
	best := largest(moved, 1)
	if len(best) == 0 {
		return d.say("states.r.nan", d.src.name())
	}
	u, far := best[0], 0
	least := math.Pow(10, -float64(d.scale.decimals())) // the last decimal that is shown
	for _, v := range moved {
		if math.Abs(v) >= least {
			far++
		}
	}
	if far == 0 {
		return d.say("states.r.unchanged", d.tokenSpan(), d.src.units, d.scale.text(least))
	}
	return d.say("states.r.changed", d.tokenSpan(), d.unitSpan(u), d.scale.text(d.from(u)), d.scale.text(d.at(d.now, u)),
		far, d.src.units, d.scale.text(least))
}

func (d *drawing) depthReading(best int) []figure.Span {
	r := func(u int) string { return svg.Signed(d.cor[u], 2) }
	if d.unit == best || !finite(d.cor[d.unit]) {
		key := "states.r.depth"
		if math.Abs(d.cor[best]) < follows {
			key = "states.r.depth.near"
		}
		return d.say(key, d.unitSpan(best), r(best), d.n, d.src.units)
	}
	return d.say("states.r.depth.other", d.unitSpan(d.unit), r(d.unit), d.unitSpan(best), r(best), d.n)
}

func (d *drawing) moveReading() []figure.Span {
	best := largest(d.moves(), 1)
	if len(best) == 0 {
		return d.say("states.r.nan", d.src.name())
	}
	u := best[0]
	from, to := d.scale.text(d.from(u)), d.scale.text(d.at(d.now, u))
	if d.now == 0 {
		return d.say("states.r.first", d.tokenSpan(), d.unitSpan(u), to)
	}
	return d.say("states.r.moved", d.tokenSpan(), d.unitSpan(u), from, to, d.counted[d.now], d.among, d.scale.text(d.sel.level), d.are(d.counted[d.now]))
}

// say puts numbers, words and marks into the places {a}, {b}, .. of a text.
func (d *drawing) say(key string, parts ...any) []figure.Span {
	m := map[string]figure.Span{}
	for i, p := range parts {
		name := string(rune('a' + i))
		switch p := p.(type) {
		case figure.Span:
			m[name] = p
		case int:
			m[name] = figure.Span{Text: svg.Count(p)}
		case string:
			m[name] = figure.Span{Text: p}
		}
	}
	out := figure.Sentence(d.l.T(key), m)
	if len(out) > 0 { // a sentence may begin with "unit 5"
		r, n := utf8.DecodeRuneInString(out[0].Text)
		out[0].Text = string(unicode.ToUpper(r)) + out[0].Text[n:]
	}
	return out
}

// are is the verb for n units.
func (d *drawing) are(n int) string {
	if n == 1 {
		return d.l.T("states.is")
	}
	return d.l.T("states.are")
}

func (d *drawing) unitSpan(u int) figure.Span {
	return figure.Span{Text: d.l.T("states.unit", u), Set: "unit=" + strconv.Itoa(u), H: "u" + strconv.Itoa(u)}
}

func (d *drawing) tokenSpan() figure.Span {
	return figure.Span{Text: d.in.Run.Tokens[d.now].Text, Token: true, H: "t" + strconv.Itoa(d.now)}
}

// visible is a token's text in one string, for tips.
func visible(s string) string {
	body, space := plot.Visible(s)
	if space {
		return "·" + body
	}
	return body
}
