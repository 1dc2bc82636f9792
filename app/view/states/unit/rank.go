package unit

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// rankPicture draws the annotation over the text and under it the units that follow it best, on the columns of the plot. The selected
// unit stands last if it is not among them.
func (p *part) rankPicture(k chosen, r *protocol.RankResult) figure.Panel {
	f := figure.Panel{ID: "follow-rank", Class: "su-full", Label: p.t("follow.label"), Width: p.Cols.Width(), SideW: p.Cols.Left, NowX: p.Cols.X(p.Now),
		Table: &figure.Table{Head: []string{p.l.T("states.th.unit"), p.t("th.source"), symbol(r.By)}}}
	rows := slices.Clone(r.Rows)
	if own := (protocol.RankRow{Unit: p.Unit}); p.Unit < len(r.All) && !slices.ContainsFunc(rows, func(x protocol.RankRow) bool { return x.Unit == p.Unit }) {
		own.Value = float64(r.All[p.Unit])
		rows = append(rows, own)
	}
	var b, side svg.Builder
	h := max(p.rowH(), 26)
	b.Line(p.Cols.X(p.Now), 0, p.Cols.X(p.Now), h*float64(1+len(rows))+4, "st-now")
	p.course(&b, k, 0, h)
	name := p.words(k)
	if k.label != "" && !yesNo(k.track) {
		name = p.label(k.track, k.label)
	}
	side.Text(0, h/2+4, plot.Fit(name, p.Cols.Left-8, 12), "b")
	y := h + 4
	for _, row := range rows {
		p.rankRow(&b, &side, row, r.By, y, h)
		i, own := p.Of(row.Unit)
		f.Table.Rows = append(f.Table.Rows, []string{strconv.Itoa(own), p.Sources[i].Name, svg.Fixed(row.Value, 3)})
		y += h
	}
	f.SVG, f.Side, f.Height = b.String(), side.String(), y
	if p.in.Tracks() != nil && p.textTrack(k) == nil {
		f.HTML = append(f.HTML, note(p.t("rank.nocourse")))
	}
	return f
}

// textTrack is the annotation of the text itself, or nil.
func (p *part) textTrack(k chosen) *protocol.Track {
	all := p.in.Tracks()
	if all == nil {
		return nil
	}
	for i := range all.Tracks {
		if t := &all.Tracks[i]; t.Name == k.track.Name && len(t.Values) == p.Cols.N {
			return t
		}
	}
	return nil
}

// course is the annotation over the text: steps of its numbers, or a bar at each token that has the label.
func (p *part) course(b *svg.Builder, k chosen, y, h float64) {
	t := p.textTrack(k)
	if t == nil {
		return
	}
	v := t.Values
	if k.label != "" {
		v = make([]float32, len(t.Values))
		for i, x := range t.Values {
			if j := int(x); x == x && j >= 0 && j < len(t.Labels) && t.Labels[j] == k.label {
				v[i] = 1
			}
		}
	}
	lo, hi := ends(v)
	at := func(x float64) float64 { return y + h - 4 - (x-lo)/(hi-lo)*(h-8) }
	d, how := "", "M"
	for i, x := range v {
		if x := float64(x); finite(x) {
			d += how + svg.N(p.Cols.Edge(i)) + "," + svg.N(at(x)) + "H" + svg.N(p.Cols.Edge(i+1))
			how = "L"
		} else {
			how = "M"
		}
	}
	b.Path(d, "st-depth")
}

// ends are the least and the greatest of some values, zero among them; they differ.
func ends(v []float32) (lo, hi float64) {
	for _, x := range v {
		if x := float64(x); finite(x) {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	if lo == hi {
		hi = lo + 1
	}
	return lo, hi
}

// rankRow is a unit: its number, how well it follows, and its line over the text.
func (p *part) rankRow(b, side *svg.Builder, row protocol.RankRow, by string, y, h float64) {
	i, own := p.Of(row.Unit)
	src := &p.Sources[i]
	selected := i == 0 && own == p.Unit
	base := y + h/2 + 4
	value := svg.Fixed(row.Value, 3)
	attrs := []string{"data-set", p.Choose(row.Unit), "role", "button", "aria-label", p.l.T("states.unit", own) + ": " + value,
		"data-tip", src.Name + "[" + strconv.Itoa(own) + "]: " + symbol(by) + " = " + value}
	if lit := p.lit(src.Name, own); lit != "" {
		attrs = append(attrs, "data-h", lit)
	}
	ground, text, line := "su-hit", "end", "st-spark"
	if selected {
		ground, text, line = "st-range", "end b inow", "st-spark now"
	}
	side.Open("", attrs...)
	side.Rect(0, y, p.Cols.Left, h, ground)
	side.Text(30, base, p.number(row.Unit), text)
	signed(side, 50, y+h/2-5, 14, 10, strength(by, row.Value))
	side.Text(p.Cols.Left-4, base, value, "s11 i2 end")
	side.Close()

	b.Open("", attrs...)
	b.Rect(p.Cols.Left, y, p.Cols.Right()-p.Cols.Left, h, ground)
	v := p.column(src, own)
	lo, hi := ends(v)
	at := func(x float64) float64 { return y + h - 4 - (x-lo)/(hi-lo)*(h-8) }
	b.Line(p.Cols.Left, at(0), p.Cols.Right(), at(0), "ax")
	b.Path(trace(p.Cols, v, at), line)
	b.Close()
}

// trace is a line through values; one that is not finite breaks it.
func trace(cols axis.Columns, v []float32, at func(float64) float64) (d string) {
	how := "M"
	for i, x := range v {
		if x := float64(x); finite(x) {
			d += how + svg.N(cols.X(i)) + "," + svg.N(at(x))
			how = "L"
		} else {
			how = "M"
		}
	}
	return d
}

// distribution is the value of every unit: one disc each, stacked where many have the same.
func (p *part) distribution(k chosen, r *protocol.RankResult) figure.Panel {
	w := p.span(2)
	f := figure.Panel{ID: "follow-all", Class: p.class(2), Title: []figure.Span{{Text: p.t("all", svg.Count(len(r.All)))}}, Names: symbol(r.By), Label: p.t("all.label", p.words(k)), Width: w}
	f.Table = &figure.Table{Head: []string{p.l.T("states.th.unit"), p.t("th.source"), symbol(r.By)}, Make: func() (rows [][]string) {
		for u, v := range r.All {
			i, own := p.Of(u)
			rows = append(rows, []string{strconv.Itoa(own), p.Sources[i].Name, svg.Fixed(float64(v), 3)})
		}
		return rows
	}}
	lo, hi := -1., 1.
	if r.By == "auc" {
		lo = 0
	}
	var b svg.Builder
	f.Height = p.stacks(&b, r, lo, hi, w)
	f.SVG = b.String()
	if still := stillOf(r.All); still > 0 {
		f.HTML = []figure.Block{note(p.t("all.still", svg.Count(still)))}
	}
	return f
}

func stillOf(all []float32) (n int) {
	for _, v := range all {
		if v != v {
			n++
		}
	}
	return n
}

// stacks draws the discs and the axis, and returns the height.
func (p *part) stacks(b *svg.Builder, r *protocol.RankResult, lo, hi, w float64) float64 {
	const edge, most, h = 8, 3.5, 150
	n := int((w - 2*edge) / (2 * most))
	x := func(v float64) float64 { return edge + (v-lo)/(hi-lo)*(w-2*edge) }
	bin := func(v float64) int { return max(0, min(int((v-lo)/(hi-lo)*float64(n)), n-1)) }
	count, tallest := make([]int, n), 1
	for _, v := range r.All {
		if v == v {
			i := bin(float64(v))
			count[i]++
			tallest = max(tallest, count[i])
		}
	}
	pitch := min(2*most, (h-8)/float64(tallest))
	height := pitch*float64(tallest) + 8
	clear(count)
	p.discs(b, r, func(v float64) (float64, float64) {
		i := bin(v)
		count[i]++
		return x(lo + (hi-lo)*(float64(i)+.5)/float64(n)), height - 1 - pitch*(float64(count[i])-.5)
	}, math.Max(1, min(most, pitch/2)*.9))
	b.Line(0, height, w, height, "ax2")
	for _, v := range plot.Ticks(lo, hi, 4) {
		b.Line(x(v), height, x(v), height+3, "ax2")
		b.Text(x(v), height+14, svg.Fixed(v, 1), "s10 i3 mid")
	}
	return height + 18
}

// discs draws every unit where place puts it.
func (p *part) discs(b *svg.Builder, r *protocol.RankResult, place func(v float64) (x, y float64), radius float64) {
	for u, v := range r.All {
		if v != v {
			continue
		}
		px, py := place(float64(v))
		i, own := p.Of(u)
		class := "su-dot"
		if i == 0 && own == p.Unit {
			class = "su-dot now"
		}
		name := p.number(u) + ": " + svg.Fixed(float64(v), 3)
		b.Circle(px, py, radius, class, "data-set", p.Choose(u), "data-tip", p.l.T("states.tip", own, svg.Fixed(float64(v), 3)), "role", "button", "aria-label", name)
	}
}
