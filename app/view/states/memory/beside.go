package memory

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

// model is one of those side by side: the open one first.
type model struct {
	name    string
	id      string
	m       *protocol.Model         // nil: not there yet
	run     *protocol.RunResult     // nil: not there yet
	sum     *protocol.SummaryResult // nil: not there yet
	err     *protocol.Error
	colour  string // a class
	aligned bool   // it reads the same tokens as the open one
}

var colours = []string{"c1", "c2", "c3", "c4", "c5", "c6"}

// others are the served models that can stand beside the open one: those that predict and have layers.
func others(in *figure.Input) (cards []*figure.Card) {
	for i := range in.Cards {
		c := &in.Cards[i]
		if c.Runs && c.Layers > 0 && c.ID != in.State.Model && c.Hidden > 0 && (c.Heads == 0) == (in.Model.Heads == 0) && c.Parameters < 10*quick {
			cards = append(cards, c)
		}
	}
	return cards
}

// beside are the panels of the comparison.
func beside(s *axis.Scene) []figure.Panel {
	in, l := s.In, s.In.L
	cards := others(in)
	p := figure.Panel{ID: "beside", Class: "su-full", Title: []figure.Span{{Text: l.T("beside.title")}}}
	if len(cards) == 0 || !in.Model.Logits || in.Besides == nil {
		return nil
	}
	chosen := strings.FieldsFunc(in.State.Opt("states.vs", ""), func(r rune) bool { return r == ',' })
	for _, c := range cards {
		next := slices.DeleteFunc(slices.Clone(chosen), func(id string) bool { return id == c.ID })
		on := len(next) < len(chosen)
		if !on {
			next = append(next, c.ID)
		}
		p.Controls = append(p.Controls, figure.Control{Kind: "button", Key: "o.states.vs=" + strings.Join(next, ","), Label: title(l, c), Value: strconv.FormatBool(on),
			Tip: l.T("beside.tip", svg.Bytes(c.Bytes))})
	}
	if len(chosen) == 0 {
		p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("beside.none")}}}}
		return []figure.Panel{p}
	}
	models := gather(s, chosen)
	p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: say(s, models)}}})
	surprise(&p, s, models)
	return []figure.Panel{p, reach(s, models), gates(s, models)}
}

// gather has the models run, the open one first.
func gather(s *axis.Scene, chosen []string) []*model {
	in := s.In
	name := in.Model.Name
	for i := range in.Cards {
		if in.Cards[i].ID == in.State.Model {
			name = title(in.L, &in.Cards[i])
		}
	}
	models := []*model{{name: name, m: in.Model, run: in.Run, sum: in.Summary(most), colour: colours[0], aligned: true}}
	for _, id := range chosen {
		b := in.Besides(id, most)
		if b == nil || len(models) == len(colours) {
			continue
		}
		m := &model{name: title(in.L, b.Card), id: id, m: b.Model, run: b.Run, sum: b.Summary, err: b.Err, colour: colours[len(models)]}
		m.aligned = m.run != nil && slices.EqualFunc(m.run.Tokens, in.Run.Tokens, func(x, y protocol.Token) bool { return x.Start == y.Start && x.End == y.End })
		models = append(models, m)
	}
	return models
}

// mean is bits a token of a run without the first token, which nothing predicts.
func mean(r *protocol.RunResult) float64 {
	sum, n := 0., 0
	for _, v := range r.Surprisal {
		if v == v {
			sum, n = sum+float64(v)*bits, n+1
		}
	}
	return sum / float64(max(n, 1))
}

// perByte is bits a byte of the text, which is the same for all however they cut it.
func perByte(r *protocol.RunResult) float64 {
	return mean(r) * float64(len(r.Tokens)-1) / float64(max(1, len(r.Text)))
}

// say is which is surprised least, and which looks back farthest.
func say(s *axis.Scene, models []*model) string {
	l := s.In.L
	best := -1
	for i, m := range models {
		switch {
		case m.err != nil:
			return l.T("beside.failed", m.name, m.err.Detail)
		case m.run == nil:
			return l.T("beside.busy", m.name)
		case best < 0 || perByte(m.run) < perByte(models[best].run):
			best = i
		}
	}
	return l.T("beside.best", models[best].name, svg.Fixed(perByte(models[best].run), 2))
}

// surprise is a row of bars a model, on the text's columns where it reads the same tokens.
func surprise(p *figure.Panel, s *axis.Scene, models []*model) {
	const h = 34
	l, c := s.In.L, s.Cols
	p.Width, p.Height, p.SideW, p.NowX = c.Width(), float64(len(models))*h+4, c.Left, c.X(s.Now)
	p.Label, p.Names = l.T("beside.label"), "logits"
	p.Table = &figure.Table{Head: []string{l.T("memory.th.position"), l.T("states.th.token")}}
	var b, side svg.Builder
	for i, m := range models {
		y := float64(i+1) * h
		for k, line := range plot.Wrap(m.name, c.Left-labelX, 11)[:min(2, len(plot.Wrap(m.name, c.Left-labelX, 11)))] {
			side.Text(c.Left-labelX, y-18+13*float64(k), line, "s11 i2 end")
		}
		p.Table.Head = append(p.Table.Head, m.name)
		b.Line(c.Left, y, c.Right(), y, "ax")
		switch {
		case m.run == nil && m.err == nil:
			b.Text(c.Left+6, y-8, l.T("beside.wait"), "s11 i3")
		case m.run != nil && !m.aligned:
			b.Text(c.Left+6, y-8, l.T("beside.other", len(m.run.Tokens)), "s11 i3")
		case m.run != nil:
			var path strings.Builder
			for t, v := range m.run.Surprisal {
				if k := float64(v) * bits; k == k {
					path.WriteString("M" + svg.N(c.Edge(t)+c.Pitch*.15) + "," + svg.N(y) + "V" + svg.N(y-math.Min(1, k/plot.MaxSurprisal)*(h-6)) + "H" + svg.N(c.Edge(t)+c.Pitch*.85) + "V" + svg.N(y) + "z")
				}
			}
			b.Path(path.String(), "mm-"+m.colour)
		}
	}
	b.Line(c.X(s.Now), 0, c.X(s.Now), p.Height, "st-now")
	for t, k := range s.In.Run.Tokens {
		row, tip := []string{strconv.Itoa(t), plot.OneLine(k.Text)}, plot.OneLine(k.Text)
		for _, m := range models {
			cell := ""
			if m.aligned && m.run != nil && m.run.Surprisal[t] == m.run.Surprisal[t] {
				cell = svg.Fixed(float64(m.run.Surprisal[t])*bits, 2)
				tip += "\n" + m.name + " " + cell
			}
			row = append(row, cell)
		}
		p.Table.Rows = append(p.Table.Rows, row)
		b.Rect(c.Edge(t), 0, c.Pitch, p.Height, "st-hit", "data-set", "at="+strconv.Itoa(t), "data-h", "t"+strconv.Itoa(t), "data-tip", tip)
	}
	p.SVG, p.Side = b.String(), side.String()
}

// legend names the models in their colours; it returns where it ends.
func legend(b *svg.Builder, models []*model, x, y float64) {
	for _, m := range models {
		b.Rect(x, y-8, 10, 3, "mm-"+m.colour)
		b.Text(x+14, y-3, m.name, "s11 i2")
		x += 30 + plot.Width(m.name, 11)
	}
}

// reach is how much the prediction changes when a model reads only the last few tokens.
func reach(s *axis.Scene, models []*model) figure.Panel {
	const h, left = 130, 44
	l := s.In.L
	w, class := half(s)
	p := figure.Panel{ID: "reach", Class: class, Title: []figure.Span{{Text: l.T("reach.title")}}, Width: w, Height: h + 46, Label: l.T("reach.label"), Names: "logits",
		Table: &figure.Table{Head: []string{l.T("reach.tokens")}}}
	top, n := same, 2
	for _, m := range models {
		p.Table.Head = append(p.Table.Head, m.name)
		if m.sum != nil {
			top, n = max(top, scaleOf(m.sum.Memory)), max(n, len(m.sum.Memory))
		}
	}
	x := func(d int) float64 { return left + math.Log2(float64(d+1))/math.Log2(float64(n))*(w-left-16) }
	y := func(v float64) float64 { return 20 + (1-v/top)*h }
	var b svg.Builder
	legend(&b, models, left, 12)
	for _, v := range plot.Ticks(0, top, 3) {
		b.Line(left, y(v), w, y(v), "ax")
		b.Text(left-6, y(v)+4, svg.Fixed(v, plot.Decimals(top, 3)), "s11 i3 end")
	}
	for d := 1; d <= n; d *= 2 {
		b.Text(x(d-1), h+36, strconv.Itoa(d), "s11 i3 mid")
	}
	var facts []string
	for _, m := range models {
		if m.sum == nil {
			continue
		}
		b.Path(svg.Polyline(x, m.sum.Memory, func(v float64) float64 { return y(v * bits) }), "mm-line mm-"+m.colour)
		if r := Reach(m.sum.Memory); r >= 0 {
			facts = append(facts, l.T("reach.fact", m.name, r+1))
		} else if len(m.sum.Memory) > 0 {
			facts = append(facts, l.T("reach.far", m.name, len(m.sum.Memory)))
		}
	}
	for d := range n {
		row := []string{strconv.Itoa(d + 1)}
		for _, m := range models {
			cell := ""
			if m.sum != nil {
				cell = value(m.sum.Memory, d)
			}
			row = append(row, cell)
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	p.SVG = b.String()
	p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("reach.note") + " " + strings.Join(facts, " ")}}}}
	return p
}

// gates is how far each model's gates are open: shares of (token, unit) at which they are shut or wide open.
func gates(s *axis.Scene, models []*model) figure.Panel {
	const rowH, left = 18, 190
	l := s.In.L
	w, class := half(s)
	p := figure.Panel{ID: "gateuse", Class: class, Title: []figure.Span{{Text: l.T("gateuse.title")}}, Width: w, Label: l.T("gateuse.label"),
		Table: &figure.Table{Head: []string{l.T("gateuse.gate"), "< 0.1", "> 0.9"}}}
	var b svg.Builder
	y := 4.
	for _, m := range models {
		if m.sum == nil {
			continue
		}
		b.Rect(0, y+6, 10, 3, "mm-"+m.colour)
		b.Text(14, y+12, m.name, "s11 b")
		y += rowH
		if len(m.sum.Gates) == 0 {
			b.Text(14, y+12, l.T("gateuse.none"), "s11 i3")
			y += rowH
		}
		for _, g := range m.sum.Gates {
			b.Text(left-8, y+12, g.Name, "s11 i2 end")
			room := w - left - 100
			b.Rect(left, y+3, room, 11, "mm-mid")
			b.Rect(left, y+3, room*g.Low, 11, "mm-low")
			b.Rect(left+room*(1-g.High), y+3, room*g.High, 11, "mm-high")
			b.Text(w, y+12, svg.Percent(g.Low)+" · "+svg.Percent(g.High), "s11 i2 end")
			p.Table.Rows = append(p.Table.Rows, []string{m.name + " " + g.Name, svg.Percent(g.Low), svg.Percent(g.High)})
			y += rowH
		}
		y += 6
	}
	p.Height, p.SVG = y, b.String()
	p.HTML = []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: l.T("gateuse.note", len(s.In.Run.Tokens))}}}}
	return p
}
