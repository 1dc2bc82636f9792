// Package memory draws how far back tokens matter, and other models beside the open one on the same text.
package memory

import (
	"fmt"
	"math"
	"strconv"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/app/view/states/axis"
	"loupe/engine/protocol"
)

const (
	most   = 64        // tokens back
	quick  = 3_000_000 // parameters of a model that need not be asked for
	bits   = 1 / math.Ln2
	rowH   = 46
	labelX = 10 // between a row's label and its first column
)

// Panels are the parts of the tab: what each token before now does, then the models side by side.
func Panels(s *axis.Scene) []figure.Panel {
	return append([]figure.Panel{back(s)}, beside(s)...)
}

// asked reports whether memory is to be computed: a large model's takes long, and is asked for.
func asked(s *axis.Scene) bool {
	return s.In.Model.Params <= quick || s.In.State.Opt("states.mem", "") == "1"
}

// back is the prediction at now without each of the tokens before it, and from each of them on only, under the text's own columns.
func back(s *axis.Scene) figure.Panel {
	l := s.In.L
	p := figure.Panel{ID: "memory", Class: "su-full", Title: []figure.Span{{Text: l.T("memory.title")}}, Names: "logits"}
	note := func(text string) figure.Panel {
		p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: text}}})
		return p
	}
	if !s.In.Model.Logits {
		return note(l.T("memory.none"))
	}
	if !asked(s) {
		p.Controls = []figure.Control{{Kind: "button", Key: "o.states.mem=1", Label: l.T("memory.compute"), Tip: l.T("memory.compute.tip")}}
		return note(l.T("memory.long"))
	}
	m := s.In.Memory(s.Now, most)
	if m == nil {
		p.Busy = l.T("memory.busy")
		return p
	}
	p.HTML = append(p.HTML, figure.Block{Kind: "note", Spans: reading(s, m)})
	draw(&p, s, m)
	return p
}

// reading says which token matters most, and from where on the prediction is the same to a tenth of a bit.
func reading(s *axis.Scene, m *protocol.MemoryResult) []figure.Span {
	l := s.In.L
	best, top := -1, 0.
	for d, v := range m.Occluded {
		if k := float64(v); k > top {
			best, top = d, k
		}
	}
	if best < 0 {
		return []figure.Span{{Text: l.T("memory.nothing")}}
	}
	at := s.Now - best
	how := l.T("memory.reading.back", best, svg.Fixed(top*bits, 2))
	if best == 0 {
		how = l.T("memory.reading.now", svg.Fixed(top*bits, 2))
	}
	out := []figure.Span{{Text: l.T("memory.reading.most") + " "}, {Text: s.In.Run.Tokens[at].Text, Token: true, Set: "at=" + strconv.Itoa(at), H: "t" + strconv.Itoa(at)},
		{Text: " " + how + " "}}
	if r := Reach(m.Short); r >= 0 {
		return append(out, figure.Span{Text: l.T("memory.reading.reach", r+1)})
	}
	return append(out, figure.Span{Text: l.T("memory.reading.beyond", len(m.Short))})
}

// same is how little two predictions may differ, in bits, to count as the same.
const same = .1

// Reach is the least number of tokens back, from 0, from which on reading more changes the prediction by no more than a tenth of a bit; -1: it
// is not among those that were tried, or not known yet.
func Reach(short []float32) int {
	r := -1
	for d := len(short) - 1; d >= 0; d-- {
		if v := float64(short[d]) * bits; !(v <= same) {
			break
		}
		r = d
	}
	return r
}

// draw puts both rows below the columns of the text.
func draw(p *figure.Panel, s *axis.Scene, m *protocol.MemoryResult) {
	l, c := s.In.L, s.Cols
	p.Width, p.Height, p.SideW, p.NowX = c.Width(), 2*rowH+24, c.Left, c.X(s.Now)
	p.Label = l.T("memory.label", s.Now)
	p.Table = &figure.Table{Head: []string{l.T("memory.th.back"), l.T("states.th.token"), l.T("memory.without"), l.T("memory.only")}}
	top := scaleOf(m.Occluded, m.Short)
	var b, side svg.Builder
	for i, row := range []struct {
		label string
		v     []float32
	}{{l.T("memory.without"), m.Occluded}, {l.T("memory.only"), m.Short}} {
		y := float64(i*rowH) + rowH
		for k, line := range plot.Wrap(row.label, c.Left-labelX-4, 11) {
			side.Text(c.Left-labelX, y-22+13*float64(k), line, "s11 i2 end")
		}
		var path string
		for d, v := range row.v {
			if t := s.Now - d; t >= 0 && v == v {
				h := math.Max(.6, float64(v)*bits/top*(rowH-12))
				path += fmt.Sprintf("M%s,%sV%sH%sV%sz", svg.N(c.Edge(t)+c.Pitch*.15), svg.N(y), svg.N(y-h), svg.N(c.Edge(t)+c.Pitch*.85), svg.N(y))
			}
		}
		b.Path(path, "bar")
		b.Line(c.Left, y, c.Right(), y, "ax")
	}
	side.Text(c.Left-labelX, 12, svg.Fixed(top, 1)+" "+l.T("memory.bits"), "s10 i3 end")
	words(&b, s, 2*rowH+16)
	b.Line(c.X(s.Now), 0, c.X(s.Now), 2*rowH, "st-now")
	for d := range m.Occluded {
		t := s.Now - d
		if t < 0 {
			break
		}
		without, only := value(m.Occluded, d), value(m.Short, d)
		b.Rect(c.Edge(t), 0, c.Pitch, 2*rowH+20, "st-hit", "data-set", "at="+strconv.Itoa(t), "data-h", "t"+strconv.Itoa(t),
			"data-tip", l.T("memory.tip", plot.OneLine(s.In.Run.Tokens[t].Text), d, without, only))
		p.Table.Rows = append(p.Table.Rows, []string{strconv.Itoa(d), plot.OneLine(s.In.Run.Tokens[t].Text), without, only})
	}
	p.SVG, p.Side = b.String(), side.String()
}

// words writes the tokens below their columns, where there is room.
func words(b *svg.Builder, s *axis.Scene, y float64) {
	c := s.Cols
	for t := max(0, s.Now-most+1); t <= s.Now; t++ {
		class := "i2"
		if t == s.Now {
			class = "b inow"
		}
		plot.Token{Text: s.In.Run.Tokens[t].Text, Anchor: "middle", Class: class + " s11", Max: c.Pitch - 1, Attrs: []string{"data-h", "t" + strconv.Itoa(t)}}.Draw(b, c.X(t), y)
	}
}

// value is element d in bits, in words; "…" where it is still computed.
func value(v []float32, d int) string {
	if d >= len(v) || v[d] != v[d] {
		return "…"
	}
	return svg.Fixed(float64(v[d])*bits, 3)
}

// scaleOf is the largest value in bits, at least a tenth.
func scaleOf(values ...[]float32) float64 {
	top := same
	for _, vs := range values {
		for _, v := range vs {
			if k := float64(v) * bits; k-k == 0 {
				top = max(top, k)
			}
		}
	}
	return top
}

// half is the width of a panel that has another beside it, and its class.
func half(s *axis.Scene) (w float64, class string) {
	room := s.In.Width
	if axis.Wide(s.In) {
		room -= axis.SideW + axis.Gap
	}
	if room < 700 {
		return room, "su-full"
	}
	return (room - axis.Gap) / 2, "su-half"
}

func title(l *lang.Catalogue, c *figure.Card) string {
	if t := c.Title[l.Code[:2]]; t != "" {
		return t
	}
	return c.ID
}
