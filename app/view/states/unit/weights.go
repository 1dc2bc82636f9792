package unit

import (
	"math"
	"slices"
	"strconv"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

const weightsListed = 8 // rows of each list

// weights are what the model's tensors say of the unit: what writes to it, and what it adds to the logits.
func (p *part) weights() []figure.Panel {
	r := p.in.Unit(p.src.Name, p.Unit, weightsListed)
	in := figure.Panel{ID: "unit-in", Class: p.class(2), Title: []figure.Span{{Text: p.t("in", p.Unit)}}, Label: p.t("in.label", p.Unit), Width: p.span(2)}
	out := figure.Panel{ID: "unit-out", Class: p.class(1), Title: []figure.Span{{Text: p.t("out")}}, Label: p.t("out.label", p.Unit), Width: p.span(1)}
	if r == nil {
		in.Busy, out.Busy = p.t("busy"), p.t("busy")
		return []figure.Panel{in, out}
	}
	p.incoming(&in, r.In)
	p.logits(&out, r)
	return []figure.Panel{in, out}
}

// incoming draws the lists of one gate; a choice says which.
func (p *part) incoming(f *figure.Panel, all []protocol.WeightList) {
	var into []string
	for _, k := range all {
		if !slices.Contains(into, k.Into) {
			into = append(into, k.Into)
		}
	}
	if len(into) == 0 {
		f.HTML = []figure.Block{note(p.t("in.none"))}
		return
	}
	chosen := into[0]
	c := figure.Control{Kind: "radio", Key: "o.states.gate", Label: p.t("in.gate")}
	for _, name := range into {
		_, _, what, _ := split(name)
		if what == p.in.State.Opt("states.gate", "") {
			chosen = name
		}
		c.Options = append(c.Options, figure.Option{Value: what, Label: p.what(name)})
	}
	_, _, c.Value, _ = split(chosen)
	if len(into) > 1 {
		f.Controls = []figure.Control{c}
	}
	var lists []protocol.WeightList
	for _, k := range all {
		if k.Into == chosen {
			lists = append(lists, k)
		}
	}
	f.Names = chosen
	f.Table = &figure.Table{Head: []string{p.t("th.from"), p.t("th.which"), p.t("th.weight"), p.t("th.tensor")}}
	var b svg.Builder
	top := largest(lists)
	w, x, y := p.span(1), 0., 0.
	for i, k := range lists {
		end := p.weightList(&b, f.Table, k, top, x, y, w)
		f.Height = max(f.Height, end)
		if p.side == 1 || i%2 == 1 {
			x, y = 0, f.Height+12
		} else {
			x += w + gap
		}
	}
	f.SVG = b.String()
	f.HTML = []figure.Block{note(p.t("in.note"))}
}

func largest(lists []protocol.WeightList) float64 {
	top := 0.
	for _, k := range lists {
		for _, r := range k.Rows {
			top = max(top, math.Abs(float64(r.P)))
		}
	}
	return top
}

// weightList draws one list: its origin and tensor above, a signed bar a weight.
func (p *part) weightList(b *svg.Builder, table *figure.Table, k protocol.WeightList, top, x, y, w float64) float64 {
	from := p.t("from.unit", k.From)
	if k.From == "token" {
		from = p.t("from.token")
	}
	b.Text(x, y+13, from, "s11 i2")
	b.Text(x, y+27, plot.Fit(k.Tensor, w, 11), "m")
	y += 34
	for _, r := range k.Rows {
		row, h := bar{label: r.Text, token: true, v: float64(r.P), top: top}, float64(rowH)
		if k.From != "token" {
			h = p.rowH()
			row = bar{label: strconv.Itoa(r.ID), v: float64(r.P), top: top, set: p.selects(k.From, r.ID), h: p.lit(k.From, r.ID)}
		}
		row.draw(b, x, y, w, h)
		which := row.label
		if row.token {
			which = plot.OneLine(which)
		}
		table.Rows = append(table.Rows, []string{k.From, which, svg.Signed(row.v, decimals(top)), k.Tensor})
		y += h
	}
	return y
}

// logits draws the tokens that the unit makes likelier and less likely.
func (p *part) logits(f *figure.Panel, r *protocol.UnitResult) {
	if len(r.Up)+len(r.Down) == 0 {
		f.HTML = []figure.Block{note(p.t("out.none"))}
		return
	}
	f.Names = r.OutTensor
	f.Table = &figure.Table{Head: []string{p.t("th.token"), p.t("th.logit")}}
	top := 0.
	for _, k := range slices.Concat(r.Up, r.Down) {
		top = max(top, math.Abs(float64(k.P)))
	}
	var b svg.Builder
	y := 0.
	for _, part := range []struct {
		title string
		rows  []protocol.Choice
	}{{"out.up", keep(r.Up, 1)}, {"out.down", keep(r.Down, -1)}} {
		if len(part.rows) == 0 {
			continue
		}
		b.Text(0, y+13, p.t(part.title), "s11 i2")
		y += 20
		for _, k := range part.rows {
			row := bar{label: k.Text, token: true, v: float64(k.P), top: top}
			row.draw(&b, 0, y, f.Width, rowH)
			f.Table.Rows = append(f.Table.Rows, []string{plot.OneLine(k.Text), svg.Signed(row.v, decimals(top))})
			y += rowH
		}
		y += 8
	}
	f.SVG, f.Height = b.String(), y
	f.HTML = []figure.Block{note(p.t("out.note", p.Unit))}
}

// keep are the rows on one side of zero: of a small vocabulary both lists have every token.
func keep(rows []protocol.Choice, sign float32) (out []protocol.Choice) {
	for _, r := range rows {
		if r.P*sign > 0 {
			out = append(out, r)
		}
	}
	return out
}

// bar is a row: what it is about, a bar to the right or left of zero, and the number.
type bar struct {
	label string
	token bool
	v     float64
	top   float64
	set   string // what a click sets
	h     string
}

func (r *bar) draw(b *svg.Builder, x, y, w, h float64) {
	const name, number = 72, 48
	base := y + h/2 + 4
	attrs := []string{"data-tip", plot.OneLine(r.label) + ": " + svg.Signed(r.v, decimals(r.top))}
	if r.set != "" {
		attrs = append(attrs, "data-set", r.set, "role", "button", "aria-label", r.label)
	}
	if r.h != "" {
		attrs = append(attrs, "data-h", r.h)
	}
	b.Open("", attrs...)
	b.Rect(x, y, w, h, "su-hit")
	if r.token {
		plot.Token{Text: r.label, Max: name - 6}.Draw(b, x+4, base)
	} else {
		b.Text(x+30, base, r.label, "end")
	}
	half := (w - name - number) / 2
	zero := x + name + half
	signed(b, zero, y+h/2-5, half, 10, r.v/r.top)
	b.Text(x+w, base, svg.Signed(r.v, decimals(r.top)), "s11 i2 end")
	b.Close()
}

// signed is a bar from zero on, k of half its room long, with the line of zero.
func signed(b *svg.Builder, zero, y, half, h, k float64) {
	if !finite(k) {
		k = 0
	}
	if size := half * min(1, math.Abs(k)); k < 0 {
		b.Rect(zero-size, y, size, h, "down")
	} else {
		b.Rect(zero, y, size, h, "up")
	}
	b.Line(zero, y-2, zero, y+h+2, "ax2")
}
