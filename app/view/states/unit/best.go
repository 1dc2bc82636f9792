package unit

import (
	"math"
	"math/bits"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// labelsTried is how many labels of a track are each asked about.
const labelsTried = 8

// found is an annotation and the unit that follows it best.
type found struct {
	chosen
	by    string
	row   protocol.RankRow
	known bool
	none  bool // no unit does
}

// best is a row for each annotation: which unit follows it best. The questions are put one after another, so that the corpus is filled
// between them, and seldom while it grows.
func (p *part) best(k chosen) figure.Panel {
	w := p.span(2)
	f := figure.Panel{ID: "follow-best", Class: p.class(2), Title: []figure.Span{{Text: p.t("best")}}, Label: p.t("best.label"), Width: w,
		Table: &figure.Table{Head: []string{p.t("follow.track"), p.l.T("states.th.unit"), p.t("th.measure"), p.t("th.value")}}}
	var b svg.Builder
	waits := false
	for _, t := range p.c.Info.Tracks {
		row := p.bestOf(t, &waits)
		y := f.Height
		p.bestRow(&b, row, row.track.Name == k.track.Name, y, w)
		f.Height += p.rowH() + 2
		if row.known && !row.none {
			f.Table.Rows = append(f.Table.Rows, []string{p.words(row.chosen), p.number(row.row.Unit), symbol(row.by), svg.Fixed(row.row.Value, 3)})
		}
	}
	f.SVG = b.String()
	if waits {
		f.Busy = p.t("busy")
	}
	f.HTML = []figure.Block{note(p.t("best.note", svg.Count(p.steps())))}
	return f
}

// steps is how many tokens the rows are about: all, or while the corpus grows the last power of two, and not more than are ranked in about
// a second.
func (p *part) steps() int {
	units := 0
	for i := range p.Sources {
		units += p.Sources[i].Units
	}
	n := p.c.Settled
	if !p.c.Filled.Done {
		n = 1 << (bits.Len(uint(n)) - 1)
	}
	return min(n, max(inOneSecond/units, 1000))
}

const inOneSecond = 20_000_000 // tokens times units

// bestOf asks about a track; of one with labels it finds the label that a unit follows best. waits is set when an answer is not there yet:
// then nothing more is asked.
func (p *part) bestOf(t protocol.Track, waits *bool) (out found) {
	out.chosen = chosen{track: t}
	labels := t.Labels
	if len(labels) == 0 || yesNo(t) {
		labels = []string{first(t).label}
	}
	out.known, out.none = true, true
	for _, label := range labels[:min(len(labels), labelsTried)] {
		if *waits {
			out.known = false
			return out
		}
		r, fresh := p.in.Rank(p.rank(t.Name, label, p.steps()))
		if !fresh {
			*waits = true
		}
		if r == nil {
			out.known = out.known && fresh
			continue
		}
		if len(r.Rows) == 0 {
			continue
		}
		if out.none || math.Abs(strength(r.By, r.Rows[0].Value)) > math.Abs(strength(out.by, out.row.Value)) {
			out.label, out.by, out.row, out.none = label, r.By, r.Rows[0], false
		}
	}
	return out
}

// bestRow is an annotation, its best unit, and how well that follows it.
func (p *part) bestRow(b *svg.Builder, r found, own bool, y, w float64) {
	const number, unit, measure = 46, 52, 34
	name := w - number - unit - measure - 130
	h := p.rowH() + 2
	base := y + h/2 + 4
	set := pair("o.states.follow", r.key())
	text := "i2"
	if own {
		text = "b"
	}
	b.Open("", "data-set", set, "role", "button", "aria-label", p.words(r.chosen), "data-tip", p.t("best.rank", p.words(r.chosen)))
	b.Rect(0, y, name+4, h, "su-hit")
	b.Text(0, base, plot.Fit(p.words(r.chosen), name, 12), text)
	b.Close()
	if !r.known || r.none {
		word := "…"
		if r.known {
			word = p.t("best.no")
		}
		b.Text(w, base, word, "s11 i3 end")
		return
	}
	value := svg.Fixed(r.row.Value, 3)
	i, u := p.Of(r.row.Unit)
	attrs := []string{"data-set", p.Choose(r.row.Unit) + "&" + set, "role", "button", "aria-label", p.l.T("states.unit", u) + ": " + value,
		"data-tip", p.Sources[i].Name + "[" + p.number(u) + "]: " + symbol(r.by) + " = " + value}
	if lit := p.lit(p.Sources[i].Name, u); lit != "" {
		attrs = append(attrs, "data-h", lit)
	}
	b.Open("", attrs...)
	b.Rect(name+4, y, w-name-4, h, "su-hit")
	class := "end"
	if i == 0 && u == p.Unit {
		class = "end b inow"
	}
	b.Text(name+unit-8, base, p.number(r.row.Unit), class)
	half := (w - name - unit - measure - number) / 2
	signed(b, name+unit+half, y+h/2-5, half, 10, strength(r.by, r.row.Value))
	b.Text(w-number, base, symbol(r.by), "s10 i3 end")
	b.Text(w, base, value, "s11 i2 end")
	b.Close()
}
