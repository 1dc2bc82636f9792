package matches

import (
	"fmt"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// lengths is a histogram of how long the matches are: all of them, and, darker, those at which all units are on. It chooses the
// lengths that are listed.
func (p *part) lengths() (f figure.Panel, ok bool) {
	q, ok := p.question()
	if !ok {
		return f, false
	}
	r, fresh := p.in.Matches(q)
	if r == nil || sum(r.Lengths) == 0 {
		return f, false
	}
	h := p.histogram(r)
	f = figure.Panel{ID: "lengths", Class: "st-lengths", Title: []figure.Span{{Text: p.t("lengths")}}, Width: h.w, Label: p.t("lengths.label"),
		Table: &figure.Table{Head: []string{p.t("th.length"), p.t("th.matches"), p.t("th.strict")}}}
	if !fresh {
		f.Busy = "…"
	}
	if h.lo > 0 {
		f.Controls = []figure.Control{{Kind: "button", Key: "o.states.m.len=", Label: p.t("lengths.all")}}
	}
	var b svg.Builder
	f.Height = h.draw(&b)
	f.SVG = b.String()
	for n := h.from; n <= h.to; n++ {
		f.Table.Rows = append(f.Table.Rows, []string{h.name(n), svg.Count(h.count(h.all, n)), svg.Count(h.count(h.strict, n))})
	}
	return f, true
}

func (p *part) sideWidth() float64 {
	if axis.Wide(p.in) {
		return axis.SideW
	}
	return min(p.in.Width, 460)
}

// histogram is what the bars are drawn from: the lengths from to to, the last of which may stand for all that are longer, and those that
// are chosen, lo to hi (0: all).
type histogram struct {
	*part
	all, strict []int
	from, to    int
	folded      bool
	lo, hi      int
	w           float64
}

// inset is room for the handles at the ends.
const inset = 6

// lengthBars is how many lengths have a bar of their own; the rest share the last.
const lengthBars = 22

func (p *part) histogram(r *protocol.PlacesResult) histogram {
	h := histogram{part: p, all: r.Lengths, strict: r.StrictLengths, from: p.least(), to: len(r.Lengths) - 1, w: p.sideWidth()}
	h.folded = r.Lengths[h.to] > 0 // the engine's own last bar
	for h.to > h.from && h.all[h.to] == 0 {
		h.to--
	}
	if last := h.from + lengthBars - 1; h.to > last {
		h.to, h.folded = last, true
	}
	h.from = min(h.from, h.to)
	h.lo, h.hi = p.span()
	return h
}

func (h histogram) count(v []int, n int) int {
	if n == h.to && h.folded && n < len(v) {
		return sum(v[n:])
	}
	if n < len(v) {
		return v[n]
	}
	return 0
}

// name is a length in words.
func (h histogram) name(n int) string {
	if n == h.to && h.folded {
		return h.t("or.longer", n)
	}
	return strconv.Itoa(n)
}

// chosen reports whether a length is listed.
func (h histogram) chosen(n int) bool { return h.lo == 0 || n >= h.lo && n <= h.hi }

// pitch is a bar's width, x where the bar of n begins.
func (h histogram) pitch() float64         { return min(28, (h.w-2*inset)/float64(h.to-h.from+1)) }
func (h histogram) x(n int) float64        { return inset + float64(n-h.from)*h.pitch() }
func (h histogram) base() float64          { return 62 }
func (h histogram) bar(n, top int) float64 { return (h.base() - 14) * float64(n) / float64(top) }

func (h histogram) draw(b *svg.Builder) (height float64) {
	top, best := 1, h.from
	for n := h.from; n <= h.to; n++ {
		if k := h.count(h.all, n); k > top {
			top, best = k, n
		}
	}
	gap := min(2, h.pitch()*.2)
	every := 1 // label
	for float64(every)*h.pitch() < 16 {
		every++
	}
	for n := h.from; n <= h.to; n++ {
		x, w, out := h.x(n)+gap/2, h.pitch()-gap, ""
		if !h.chosen(n) {
			out = " st-out"
		}
		lo, hi := n, n
		if h.lo > 0 {
			lo, hi = min(h.lo, n), max(h.hi, n)
		}
		tip := h.t("lengths.tip", h.name(n), svg.Count(h.count(h.all, n)), svg.Count(h.count(h.strict, n)))
		b.Open("", "data-set", fmt.Sprintf("o.states.m.len=%d-%d", n, n), "data-add", fmt.Sprintf("o.states.m.len=%d-%d", lo, hi),
			"data-tip", tip, "role", "button", "aria-label", tip)
		b.Rect(h.x(n), 0, h.pitch(), h.base()+17, "st-hit")
		a, s := h.bar(h.count(h.all, n), top), h.bar(h.count(h.strict, n), top)
		b.Rect(x, h.base()-a, w, a, "barsoft"+out)
		b.Rect(x, h.base()-s, w, s, "bar"+out)
		if (n-h.from)%every == 0 {
			class := "s11 mid i3"
			if h.chosen(n) && h.lo > 0 {
				class = "s11 mid"
			}
			b.Text(h.x(n)+h.pitch()/2, h.base()+13, strconv.Itoa(n), class)
		}
		b.Close()
	}
	half := plot.Width(svg.Count(top), 10) / 2
	b.Text(max(half, h.x(best)+h.pitch()/2), h.base()-h.bar(top, top)-4, svg.Count(top), "s10 mid i2")
	b.Line(0, h.base(), h.w, h.base(), "ax2")
	y := h.handles(b)
	b.Text(0, y+14, h.sentence(), "s11 i2")
	return y + 20
}

// handles are the ends of the lengths that are listed: they can be dragged.
func (h histogram) handles(b *svg.Builder) (y float64) {
	y = h.base() + 24
	lo, hi := h.from, h.to
	line := "ax2"
	if h.lo > 0 {
		lo, hi, line = max(h.lo, h.from), min(h.hi, h.to), "st-end"
	}
	if h.from == h.to {
		return h.base() + 18
	}
	left, right := h.x(min(lo, h.to)), h.x(max(hi, h.from)+1)
	b.Line(left, y, right, y, line)
	knob := func(x float64, key string, from, to float64) { // where it stands at the shortest and at the longest
		b.Open("st-grip", "data-drag", fmt.Sprintf("%s x %s %d %s %d 0", key, svg.N(from), h.from, svg.N(to), h.to), "data-tip", h.t("lengths.drag"))
		b.Rect(x-10, y-10, 20, 20, "st-hit")
		class := "st-knob"
		if h.lo == 0 {
			class += " st-free"
		}
		b.Circle(x, y, 4, class)
		b.Close()
	}
	knob(left, fmt.Sprintf("o.states.m.len={}-%d", hi), inset, h.x(h.to))
	knob(right, fmt.Sprintf("o.states.m.len=%d-{}", lo), h.x(h.from+1), h.x(h.to+1))
	return y + 2
}

// sentence says how many there are, and how many of them are listed.
func (h histogram) sentence() string {
	all := sum(h.all)
	if h.lo == 0 {
		return h.t("lengths.sum", svg.Count(all), svg.Count(sum(h.strict)))
	}
	some := 0
	for n := range h.all {
		if h.chosen(n) {
			some += h.all[n]
		}
	}
	key := "lengths.range"
	switch {
	case h.hi == anyLength:
		key = "lengths.from"
	case h.lo == h.hi:
		key = "lengths.one"
	}
	return h.t(key, h.lo, h.hi, svg.Count(some), svg.Count(all))
}
