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
	"loupe/app/view/states/axis"
	"loupe/app/view/states/matches"
)

const (
	follows = .7 // a correlation of this size is said to follow
	near    = .5 // of this size, to come nearest to it
	fewest  = 8  // tokens that a correlation is said of
)

// reading is a sentence or two: of the range if there is one, of the changes if some are made, of the unit that follows the
// depth of brackets if one does, else of the unit that moved most at now.
func (d *drawing) reading() []figure.Span {
	switch {
	case d.ranged() && d.was != nil:
		return append(d.rangeReading(), d.say("states.r.base")...)
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

// rangeReading says how many units the range selects, and how often they do the same in the corpus.
func (d *drawing) rangeReading() []figure.Span {
	place := figure.Span{Text: plot.Fit(d.words(), 420, 17)}
	total, on := 0, 0
	for _, c := range d.charts {
		total, on = total+c.src.units, on+len(c.on)
	}
	if on == 0 {
		return append(d.noneReading(place), d.elsewhere()...)
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
	out := d.say(key, on, total, d.cuts(), place, d.are(on))
	if len(d.units) != on {
		out = append(out, d.say("states.r.hand", len(d.units))...)
	}
	return append(out, d.elsewhere()...)
}

// cuts is when units are on, of all sources.
func (d *drawing) cuts() string {
	text := ""
	for i, c := range d.charts {
		if i > 0 {
			text += d.l.T("states.list.join")
		}
		text += c.cutText()
	}
	return text
}

// elsewhere says how often the selected units do the same in the corpus, and what most of those places begin with. It asks what the
// matches ask.
func (d *drawing) elsewhere() []figure.Span {
	if d.tab() != "" || len(d.units) == 0 {
		return nil
	}
	scene := d.scene()
	found, fresh := matches.Found(scene)
	if found == nil || !fresh {
		return nil
	}
	if found.Total == 0 {
		return d.say("states.r.nowhere")
	}
	out := d.say("states.r.matches", found.Total)
	if found.Strict < found.Total && !found.Capped {
		out = d.say("states.r.matches.some", found.Total, found.Strict)
	}
	shared, fresh := matches.Shared(scene)
	if shared == nil || !fresh {
		return append(out, figure.Span{Text: d.l.T("states.r.stop")})
	}
	for _, r := range shared.Rows {
		if r.Where == "start" && r.Track != "token" && r.Q < .05 && r.Lift > 1 && 2*r.Here > r.Of {
			more := d.say("states.r.begin", svg.Percent(float64(r.Here)/float64(r.Of)), d.trackName(r.Track), d.labelName(r.Track, r.Label))
			return append(out, more...)
		}
	}
	return append(out, figure.Span{Text: d.l.T("states.r.stop")})
}

// labelName is a label of an annotation in words; a file's own is as it is.
func (d *drawing) labelName(track, label string) string {
	if key := "track." + track + "." + label; d.l.Has(key) {
		return d.l.T(key)
	}
	if label == "yes" || label == "no" {
		return d.l.T("track." + label)
	}
	return label
}

// noneReading says why no unit is on through the range and off beside it: none is on all through, or those that are, are on beside it too.
func (d *drawing) noneReading(place figure.Span) []figure.Span {
	least := make([]float64, d.src.units)
	through, total := 0, 0
	for u, v := range d.low {
		least[u] = float64(v)
	}
	for _, c := range d.charts {
		total += c.src.units
		for _, v := range c.low {
			if v >= float32(c.cut.Level) {
				through++
			}
		}
	}
	best := highest(least, 1)
	switch {
	case through > 0:
		return d.say("states.r.beside", through, total, d.cuts(), place, d.are(through))
	case len(best) == 0:
		return d.say("states.r.nan", d.src.name())
	}
	v := d.shownOf(d.low[best[0]])
	if d.cut.On == "below" {
		return d.say("states.r.nearest.below", total, d.cuts(), place, d.unitSpan(best[0]), d.scale.text(-v))
	}
	return d.say("states.r.nearest", total, d.cuts(), place, d.unitSpan(best[0]), d.scale.text(v))
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
	return d.say("states.r.moved", d.tokenSpan(), d.unitSpan(u), from, to, d.counted[d.now], d.among, d.cuts(), d.are(d.counted[d.now]))
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
	if len(out) > 0 {
		out[0].Text = upper(out[0].Text)
	}
	return out
}

// upper begins a sentence, which may begin with "unit 5".
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
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
	return figure.Span{Text: d.in.Run.Tokens[d.now].Text, Token: true, H: axis.Hover(d.in, strconv.Itoa(d.now))}
}
