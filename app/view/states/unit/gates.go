package unit

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// gates shows how the layer uses its gates over the text: a unit stands at the share of tokens at which its gate is open (above 0.9) and
// shut (below 0.1); Karpathy, Johnson and Fei-Fei 2015 (arXiv 1506.02078), Fig. 4.
func (p *part) gates() []figure.Panel {
	prefix := strings.TrimSuffix(p.src.Name, p.src.What)
	if !slices.ContainsFunc(p.in.Model.Acts, func(a protocol.Act) bool {
		return strings.HasPrefix(a.Name, prefix) && strings.HasSuffix(a.Name, "_gate")
	}) {
		return nil
	}
	f := figure.Panel{ID: "unit-gates", Class: "su-full", Title: []figure.Span{{Text: p.t("gates")}}, Names: prefix + "*_gate", Label: p.t("gates.label")}
	r := p.in.Summary(0)
	if r == nil {
		f.Busy = p.t("busy")
		return []figure.Panel{f}
	}
	f.Table = &figure.Table{Head: []string{p.t("th.gate"), p.l.T("states.th.unit"), p.t("th.low"), p.t("th.high")}}
	var b svg.Builder
	var own []protocol.GateUse
	for _, g := range r.Gates {
		if rest, ok := strings.CutPrefix(g.Name, prefix); ok && !strings.Contains(rest, ".") && len(g.Units) > 0 {
			own = append(own, g)
		}
	}
	if len(own) == 0 {
		return nil
	}
	w := p.span(1)
	if p.side == 1 {
		w = min(w, 300)
	}
	for i, g := range own {
		x, y := float64(i%p.side)*(w+gap), f.Height
		if i%p.side > 0 {
			y = f.Height - p.gateH(w)
		}
		p.gate(&b, g, x, y, w)
		f.Width, f.Height = max(f.Width, x+w), y+p.gateH(w)
		for u := range len(g.Units) / 2 {
			f.Table.Rows = append(f.Table.Rows, []string{p.what(g.Name), strconv.Itoa(u), svg.Percent(g.Units[2*u]), svg.Percent(g.Units[2*u+1])})
		}
	}
	f.SVG = b.String()
	f.HTML = []figure.Block{note(p.t("gates.note", p.Cols.N))}
	return []figure.Panel{f}
}

const (
	gateHead = 54
	gateFoot = 36
	gateLeft = 26
)

// gateH is the height of one scatter.
func (p *part) gateH(w float64) float64 { return gateHead + min(w, 220) - gateLeft + gateFoot }

// gate is one scatter: a disc for the units that are at one place, as large as they are many.
func (p *part) gate(b *svg.Builder, g protocol.GateUse, x, y, w float64) {
	side := min(w, 220) - gateLeft
	left, top := x+gateLeft, y+gateHead
	at := func(low, high float64) (float64, float64) { return left + high*side, top + (1-low)*side }
	b.Text(x, y+13, p.what(g.Name), "b")
	b.Text(x, y+28, p.t("gates.use", svg.Percent(g.Low), svg.Percent(g.High)), "s11 i2")
	b.Path("M"+svg.N(left)+","+svg.N(top)+"L"+svg.N(left+side)+","+svg.N(top+side), "ax2 none su-dash")
	b.Path("M"+svg.N(left)+","+svg.N(top)+"V"+svg.N(top+side)+"H"+svg.N(left+side), "ax2 none")
	for _, v := range []float64{0, .5, 1} {
		px, py := at(v, v)
		b.Text(left-5, py+3, svg.Fixed(v, 1), "s10 i3 end")
		b.Text(px, top+side+13, svg.Fixed(v, 1), "s10 i3 mid")
	}
	b.Text(left+side/2, top+side+27, p.t("gates.high"), "s10 i3 mid")
	b.Text(left-5, top-8, p.t("gates.low"), "s10 i3")
	same := len(g.Units) == 2*p.src.Units
	for _, k := range spots(g.Units) {
		px, py := at(k.low, k.high)
		r := min(2.2*math.Sqrt(float64(len(k.units))), 11)
		own := same && slices.Contains(k.units, p.Unit)
		class := "su-dot"
		if own {
			b.Circle(px, py, r+3, "selhalo")
			class = "su-dot now"
		}
		tip := p.t("gates.tip", k.names(), svg.Percent(k.low), svg.Percent(k.high))
		attrs := []string{"data-tip", tip}
		if same {
			attrs = append(attrs, "data-set", "unit="+strconv.Itoa(k.next(p.Unit)), "role", "button", "aria-label", tip)
		}
		b.Circle(px, py, r, class, attrs...)
	}
}

// spot is a place of the scatter and the units that are there.
type spot struct {
	low, high float64
	units     []int
}

// spots are the places, those of many units first, so that small discs lie above large ones.
func spots(use []float64) (out []spot) {
	where := map[[2]float64]int{}
	for u := range len(use) / 2 {
		key := [2]float64{use[2*u], use[2*u+1]}
		i, ok := where[key]
		if !ok {
			i = len(out)
			where[key] = i
			out = append(out, spot{low: key[0], high: key[1]})
		}
		out[i].units = append(out[i].units, u)
	}
	slices.SortStableFunc(out, func(a, b spot) int { return cmp.Compare(len(b.units), len(a.units)) })
	return out
}

// next is the unit that a click selects: the one after the selected one, if that is here.
func (k *spot) next(unit int) int {
	return k.units[(slices.Index(k.units, unit)+1)%len(k.units)]
}

// names lists the units, the first of them.
func (k *spot) names() string {
	var names []string
	for _, u := range k.units[:min(len(k.units), 8)] {
		names = append(names, strconv.Itoa(u))
	}
	out := strings.Join(names, ", ")
	if len(k.units) > 8 {
		out += ", …"
	}
	return out
}
