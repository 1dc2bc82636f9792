package matches

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

const (
	liftRows = 10  // that are shown; the table has all
	chance   = .05 // a corrected p above this could be chance
)

// wheres are the places of a match that labels are counted at; "words" are the words themselves, at all of them.
var wheres = []string{"start", "inside", "before", "after", "words"}

// lift is what the matches have more often, or less, than the corpus at large.
func (p *part) lift() (f figure.Panel, ok bool) {
	q, ok := p.question()
	if !ok {
		return f, false
	}
	r, fresh := p.in.Lift(ofAll(q))
	if r == nil || r.Places == 0 {
		return f, false
	}
	where := p.at()
	f = figure.Panel{ID: "lift", Class: "st-lift", Title: []figure.Span{{Text: p.t("lift")}}, Width: p.sideWidth(), Label: p.t("lift.label")}
	k := figure.Control{Kind: "radio", Key: "o.states.m.where", Label: p.t("lift.where"), Value: where, Tip: p.t("lift.where.tip")}
	for _, w := range wheres {
		k.Options = append(k.Options, figure.Option{Value: w, Label: p.t("lift." + w)})
	}
	f.Controls = []figure.Control{k}
	if !fresh {
		f.Busy = "…"
	}
	rows := liftsAt(r.Rows, where)
	if len(rows) == 0 {
		f.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: p.t("lift.none")}}}}
		return f, true
	}
	var b svg.Builder
	f.Height = p.bars(&b, shown(rows), f.Width)
	f.SVG, f.Table = b.String(), p.liftTable(rows)
	f.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: p.liftNote(r, rows)}}}}
	return f, true
}

// at is the place that labels are counted at.
func (p *part) at() string {
	if w := p.opt("where"); slices.Contains(wheres, w) {
		return w
	}
	return wheres[0]
}

const words = "token" // the track of the words themselves

// liftsAt are the rows of one place, by significance.
func liftsAt(all []protocol.LiftRow, where string) (out []protocol.LiftRow) {
	for _, r := range all {
		if (where == "words") == (r.Track == words) && (where == "words" || r.Where == where) {
			out = append(out, r)
		}
	}
	return out
}

// shown are the most significant, by how much more often they occur. Where something is not so says nothing more than where it is.
func shown(rows []protocol.LiftRow) []protocol.LiftRow {
	out := slices.DeleteFunc(slices.Clone(rows), func(r protocol.LiftRow) bool { return r.Label == "no" })
	out = out[:min(liftRows, len(out))]
	slices.SortStableFunc(out, func(a, b protocol.LiftRow) int { return cmp.Compare(b.Lift, a.Lift) })
	return out
}

// bars go from chance to the right and left, by the logarithm: four times as often is as far as a quarter.
func (p *part) bars(b *svg.Builder, rows []protocol.LiftRow, w float64) (height float64) {
	const h = 19
	pitch := float64(h)
	if p.in.Touch {
		pitch = 28
	}
	most := 1.
	label := 40.
	for _, r := range rows {
		if r.Lift > 0 {
			most = max(most, math.Abs(math.Log2(r.Lift)))
		}
		label = max(label, plot.Width(p.liftName(r), 12))
	}
	most = min(most, 4)
	label = min(label+8, w*.42)
	half := (w - label - 44) / 2 // numbers stand at the right
	x1 := label + half
	x := func(lift float64) float64 {
		if lift <= 0 {
			return x1 - half
		}
		return x1 + max(-most, min(most, math.Log2(lift)))/most*half
	}
	end := pitch * float64(len(rows))
	b.Line(x1, 2, x1, end+2, "ax2")
	for i, r := range rows {
		y := 2 + pitch*float64(i)
		mid := y + pitch/2
		name := p.liftName(r)
		tip := p.liftTip(r)
		b.Open("", "data-set", p.liftSet(r), "data-tip", tip, "role", "button", "aria-label", tip)
		b.Rect(0, y, w, pitch, "st-hit")
		class, ink := "up", "i2"
		if r.Lift < 1 {
			class = "down"
		}
		if r.Q > chance {
			class, ink = class+"soft", "i3"
		}
		b.Text(0, mid+4, plot.Fit(name, label-6, 12), ink)
		a, z := min(x1, x(r.Lift)), max(x1, x(r.Lift))
		b.Rect(a, mid-5, z-a, 10, class)
		b.Text(w, mid+4, times(r.Lift), "s11 end "+ink)
		b.Close()
	}
	b.Text(x1, end+15, p.t("lift.chance"), "s11 i3 mid")
	return end + 20
}

// times is a ratio in words: 4.1 ×.
func times(v float64) string {
	d := 1
	if v >= 99.5 || v == 0 {
		d = 0
	} else if v < 1 {
		d = 2
	}
	return svg.Fixed(v, d) + "\u00a0×"
}

// liftName is a label; of words, with where they stand.
func (p *part) liftName(r protocol.LiftRow) string {
	if r.Track == words {
		return "“" + plot.OneLine(r.Label) + "” " + p.t("lift.at."+r.Where)
	}
	name := p.label(r.Track, r.Label)
	_, err := strconv.ParseFloat(r.Label, 64)
	switch { // these say little by themselves
	case r.Label == "yes":
		return p.track(r.Track)
	case err == nil:
		return p.track(r.Track) + " " + name
	}
	return name
}

// liftSet is what a click does: the units that follow a label best, or the number that it is a value of; or where a word stands.
func (p *part) liftSet(r protocol.LiftRow) string {
	if r.Track == words {
		return "o.states.m.find=" + escape(r.Label)
	}
	if _, err := strconv.ParseFloat(r.Label, 64); err == nil {
		return "o.states.tab=follow&o.states.follow=" + escape(r.Track)
	}
	return "o.states.tab=follow&o.states.follow=" + escape(r.Track+":"+r.Label)
}

func (p *part) liftTip(r protocol.LiftRow) string {
	track := p.track(r.Track)
	if r.Track == words {
		track = p.t("lift.words")
	}
	s := track + ": " + p.liftName(r) + "\n" + p.t("lift.tip", svg.Count(r.Here), svg.Count(r.Of), share(float64(r.Here)/max(1, float64(r.Of))), share(r.Base)) +
		"\n" + p.t("lift.q", small(r.Q))
	if r.Track == words {
		return s + "\n" + p.t("lift.find")
	}
	return s + "\n" + p.t("lift.follow")
}

func share(v float64) string { return svg.Percent(v) }

// small is a probability that may be tiny.
func small(q float64) string {
	if q > 0 && q < .0001 {
		e := int(math.Floor(math.Log10(q)))
		m := math.Round(q / math.Pow(10, float64(e)))
		if m >= 10 {
			m, e = 1, e+1
		}
		return svg.Fixed(m, 0) + " × 10" + superscript(e)
	}
	return svg.Fixed(q, 4)
}

// superscript is a whole number as an exponent.
func superscript(n int) string {
	const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹"
	out := ""
	if n < 0 {
		out, n = "⁻", -n
	}
	for _, r := range strconv.Itoa(n) {
		out += string([]rune(digits)[r-'0'])
	}
	return out
}

func (p *part) liftNote(r *protocol.LiftResult, rows []protocol.LiftRow) string {
	s := []string{p.t("lift.note", svg.Count(r.Places))}
	if slices.ContainsFunc(shown(rows), func(k protocol.LiftRow) bool { return k.Q > chance }) {
		s = append(s, p.t("lift.pale"))
	}
	return paragraph(append(s, p.t("lift.corrected", svg.Count(r.Tests)))...)
}

func (p *part) liftTable(rows []protocol.LiftRow) *figure.Table {
	t := &figure.Table{}
	for _, h := range []string{"where", "track", "label", "here", "of", "base", "lift", "q"} {
		t.Head = append(t.Head, p.t("lift.th."+h))
	}
	t.Make = func() (out [][]string) {
		for _, r := range rows {
			track := p.track(r.Track)
			if r.Track == words {
				track = p.t("lift.words")
			}
			out = append(out, []string{p.t("lift." + r.Where), track, p.label(r.Track, r.Label), strconv.Itoa(r.Here), strconv.Itoa(r.Of),
				share(r.Base), svg.Fixed(r.Lift, 2), strconv.FormatFloat(r.Q, 'g', 3, 64)})
		}
		return out
	}
	return t
}
