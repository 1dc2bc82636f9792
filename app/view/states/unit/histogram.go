package unit

import (
	"fmt"
	"math"
	"slices"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// spread is how a unit's values lie, as they are stored.
type spread struct {
	lo, hi, mean, sd float64
	counts           []float32
	of               int // values
}

// ofCorpus is the spread over the corpus.
func ofCorpus(u *protocol.CorpusUnitResult) spread {
	s := spread{lo: u.Lo, hi: u.Hi, mean: u.Mean, sd: u.SD, counts: u.Counts}
	for _, n := range u.Counts {
		s.of += int(n)
	}
	return s
}

// ofValues is the spread of some values; those that are not finite do not count.
func ofValues(v []float32) spread {
	s := spread{lo: math.Inf(1), hi: math.Inf(-1), counts: make([]float32, bins)}
	var sum, squares float64
	for _, x := range v {
		if x := float64(x); finite(x) {
			s.lo, s.hi = min(s.lo, x), max(s.hi, x)
			sum += x
			s.of++
		}
	}
	if s.of == 0 {
		return spread{}
	}
	s.mean = sum / float64(s.of)
	for _, x := range v {
		if x := float64(x); finite(x) {
			squares += (x - s.mean) * (x - s.mean)
			i := 0
			if s.hi > s.lo {
				i = min(int((x-s.lo)/(s.hi-s.lo)*bins), bins-1)
			}
			s.counts[i]++
		}
	}
	s.sd = math.Sqrt(squares / float64(s.of))
	return s
}

// histogram is the spread with the threshold and the value at now.
func (p *part) histogram(u *protocol.CorpusUnitResult) figure.Panel {
	stored := p.column(p.src, p.Unit)
	s, where := ofValues(stored), "hist.text"
	if u != nil {
		s, where = ofCorpus(u), "hist.corpus"
	}
	w := p.span(1)
	f := figure.Panel{ID: "unit-hist", Class: p.class(1), Title: []figure.Span{{Text: p.t("hist", p.Unit)}}, Label: p.t("hist.label", p.Unit), Width: w}
	if s.of == 0 || len(s.counts) == 0 {
		f.HTML = []figure.Block{note(p.t("hist.none"))}
		return f
	}
	now := float64(stored[p.Now])
	var b svg.Builder
	f.Height = s.draw(&b, p, w, now)
	f.SVG = b.String()
	d := decimals(max(math.Abs(s.lo), math.Abs(s.hi)))
	text := p.t(where, svg.Count(s.of), svg.Fixed(s.mean, d), svg.Fixed(s.sd, d))
	if p.src.Tanh {
		text += " " + p.t("hist.stored")
	}
	if cuts := p.levels(); !slices.ContainsFunc(cuts, func(c float64) bool { return c >= s.lo && c <= s.hi }) {
		text += " " + p.t("hist.outside", svg.Fixed(cuts[0], d))
	}
	f.HTML = []figure.Block{note(text)}
	f.Table = &figure.Table{Head: []string{p.t("th.from"), p.t("th.to"), p.t("th.count")}}
	for i, n := range s.counts {
		step := (s.hi - s.lo) / float64(len(s.counts))
		f.Table.Rows = append(f.Table.Rows, []string{svg.Fixed(s.lo+step*float64(i), d+1), svg.Fixed(s.lo+step*float64(i+1), d+1), fmt.Sprint(int(n))})
	}
	return f
}

// draw draws bars over the values, where units are on, and now; it returns the height.
func (s *spread) draw(b *svg.Builder, p *part, w, now float64) float64 {
	const head, h = 30, 84
	lo, hi := min(s.lo, now), max(s.hi, now)
	if !finite(now) {
		lo, hi = s.lo, s.hi
	}
	cuts := p.levels()
	for _, c := range cuts { // a threshold a little outside is in sight, too
		if c > hi && c < hi+(hi-lo)*.3 || c < lo && c > lo-(hi-lo)*.3 {
			lo, hi = min(lo, c), max(hi, c)
		}
	}
	if hi <= lo {
		lo, hi = lo-1, hi+1
	}
	x := func(v float64) float64 { return (v - lo) / (hi - lo) * w }
	most := float32(1)
	for _, n := range s.counts {
		most = max(most, n)
	}
	base, step := head+float64(h), (s.hi-s.lo)/float64(len(s.counts))
	d := decimals(max(math.Abs(lo), math.Abs(hi)))
	for i, n := range s.counts {
		if n <= 0 {
			continue
		}
		from := s.lo + step*float64(i)
		bar := max(1, float64(n)/float64(most)*h)
		b.Rect(x(from), base-bar, max(1, x(from+step)-x(from)-.5), bar, "bar", "data-tip",
			p.t("hist.tip", svg.Count(int(n)), svg.Fixed(from, d), svg.Fixed(from+step, d)))
	}
	b.Line(0, base, w, base, "ax2")
	for _, v := range plot.Ticks(lo, hi, 4) {
		b.Line(x(v), base, x(v), base+3, "ax2")
		b.Text(min(max(x(v), 8), w-8), base+14, svg.Fixed(v, plot.Decimals(hi-lo, 4)), "s10 i3 mid")
	}
	for i, c := range cuts {
		if c < lo || c > hi {
			continue
		}
		b.Line(x(c), head-12, x(c), base, "cut")
		if i == 0 {
			text, room := p.t("hist.cut", svg.Fixed(c, d)), w
			if now > c { // its line does not cross the word
				room = min(w, x(now))
			}
			label(b, x(c), 28, room, text, "s10 i2 halo")
		}
	}
	if finite(now) {
		b.Line(x(now), 12, x(now), base, "nowl")
		label(b, x(now), 10, w, p.t("hist.now", svg.Fixed(now, d)), "s10 inow halo")
	}
	return base + 18
}

// label writes a word beside a line at x, on the side where there is room.
func label(b *svg.Builder, x, y, w float64, text, class string) {
	if long := plot.Width(text, 10) + 4; x+long > w && x > long {
		b.Text(x-4, y, text, class+" end")
		return
	}
	b.Text(x+4, y, text, class)
}

// levels are the values at which the unit comes on, as stored.
func (p *part) levels() []float64 {
	switch l := p.src.Cut.Level; p.src.Cut.On {
	case "below":
		return []float64{-l}
	case "either":
		return []float64{l, -l}
	default:
		return []float64{l}
	}
}
