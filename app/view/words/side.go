package words

import (
	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// side is the panels beside the map, in order.
func (d *drawing) side() (out []figure.Panel) {
	parts := []func() *figure.Panel{d.nearPanel, d.sumPanel, d.axisPanel, d.setsPanel, d.textPanel, d.agreePanel}
	if d.contexts() {
		parts = []func() *figure.Panel{d.contextPanel, d.sensesPanel, d.agreePanel}
	}
	for _, part := range parts {
		if p := part(); p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// sideMarks are the rows and lines that these panels mark on the map.
func (d *drawing) sideMarks() (marks []figure.ScatterMark, lines []figure.ScatterLine) {
	parts := []func() ([]figure.ScatterMark, []figure.ScatterLine){d.nearMarks, d.textMarks, d.sumMarks}
	if d.contexts() {
		parts = []func() ([]figure.ScatterMark, []figure.ScatterLine){d.contextMarks}
	}
	taken := map[int]bool{} // a row has one mark: what the chosen word's neighbours are is said by their lines too
	for _, part := range parts {
		m, l := part()
		for _, k := range m {
			if !taken[k.Row] {
				taken[k.Row] = true
				marks = append(marks, k)
			}
		}
		lines = append(lines, l...)
	}
	return marks, lines
}

// sideReading is what the panels find, as a clause: the nearest word, and where the sum lands.
func (d *drawing) sideReading() []figure.Span {
	if d.contexts() {
		return d.contextReading()
	}
	row, near := d.focus, d.near()
	if row < 0 || near == nil || len(near.Rows) == 0 {
		return nil
	}
	if d.nowhere(near) {
		return []figure.Span{d.wordSpan(row, true), {Text: d.t("side.r.zero")}}
	}
	parts := map[string]figure.Span{
		"a": d.wordSpan(near.Rows[0], false), "b": d.wordSpan(row, true), "c": {Text: d.value(near.Values[0], 2)}, "m": {Text: d.t("side.near." + d.measure())},
	}
	key := "side.r.near"
	if sum := d.sum(); len(sum.terms) > 1 && len(sum.unknown) == 0 {
		if r := d.sumNear(sum); r != nil && len(r.Rows) > 0 {
			key = "side.r.sum"
			parts["d"], parts["e"], parts["f"] = figure.Span{Text: sum.text()}, d.wordSpan(r.Rows[0], true), figure.Span{Text: d.value(r.Values[0], 2)}
		}
	}
	return figure.Sentence(d.t(key), parts)
}

// wordSpan is a row's name in a sentence; a click chooses it.
func (d *drawing) wordSpan(row int, bold bool) figure.Span {
	s := figure.Span{Text: d.name(row), Token: true, Bold: bold, H: d.h(row)}
	if !bold {
		s.Set = d.choose(row)
	}
	return s
}

// now is the position under the caret; -1 where there is no text.
func (d *drawing) now() int {
	if d.in.Run == nil {
		return -1
	}
	n := len(d.in.Run.Tokens)
	if d.in.State.At < 0 || d.in.State.At >= n {
		return n - 1
	}
	return d.in.State.At
}

// rowH is the height of a row of a list: a finger needs more.
func (d *drawing) rowH() float64 {
	if d.in.Touch {
		return 30
	}
	return 20
}

// item is a row of a list of words with bars.
type item struct {
	row    int // of the map
	bar    float64
	value  string
	end    string // at the right
	strong bool   // end is bold
}

// bars draws words with bars from x to right, of length 1 for the largest; the first is bold and dark where lead is true. It
// returns the height.
func (d *drawing) bars(b *svg.Builder, items []item, x, y, right float64, lead bool) float64 {
	lab, top, vw := 48., 0., 0.
	for _, it := range items {
		lab = max(lab, min(plot.Width(d.shown(it.row), 13)+10, (right-x)*.36))
		top = max(top, it.bar, -it.bar)
		vw = max(vw, plot.Width(it.value, 11))
	}
	room, h := right-x-lab-vw-8, d.rowH()
	if len(items) > 0 && items[0].end != "" {
		room -= 36
	}
	for i, it := range items {
		b.Open("", "data-set", d.choose(it.row), "data-h", d.h(it.row), "role", "button", "aria-label", d.shown(it.row)+" "+it.value)
		b.Rect(x-6, y, right-x+12, h, "wd-hit")
		base, bar, class := y+h/2+4, "bar", ""
		if lead && i == 0 {
			class = "b"
		} else if lead {
			bar, class = "barsoft", "i2"
		}
		plot.Token{Text: d.name(it.row), Px: 13, Max: lab - 8, Class: class}.Draw(b, x, base)
		w := 0.
		if top > 0 && it.bar > 0 {
			w = room * it.bar / top
		}
		b.HBar(x+lab, y+h/2-5, w, 10, bar)
		b.Text(x+lab+w+6, base, it.value, "s11 i2")
		if it.end != "" {
			class := "s11 i3 end"
			if it.strong {
				class = "s11 b end"
			}
			b.Text(right, base, it.end, class)
		}
		b.Close()
		y += h
	}
	return float64(len(items)) * h
}

// blank is the picture of a panel whose answer is not there yet: its place is kept.
const blank = "<g/>"

// ready is whether questions about the map have an answer.
func (d *drawing) ready() bool { return d.m != nil && d.m.Opened != nil && d.n > 0 }

// value writes a cosine, a distance or a product.
func (d *drawing) value(v float32, decimals int) string { return svg.Fixed(float64(v), decimals) }

// along is where all rows lie on the axis between two lists of rows, or nil while that is computed; unit: of vectors made of length 1.
func (d *drawing) along(from, to []int, unit bool) []float32 {
	a := d.in.Along(protocol.MapAxis{Map: d.m.ID, From: from, To: to, Centre: d.m.Spec.Layout.Centre, Unit: unit || d.m.Spec.Layout.Unit})
	if a == nil || len(a.Data) != d.n {
		return nil
	}
	return a.Data
}

// note is a line of words below a picture.
func note(spans ...figure.Span) figure.Block { return figure.Block{Kind: "note", Spans: spans} }

// plainWord is a row's name that chooses it.
func (d *drawing) plainWord(b *svg.Builder, row int, x, y, width float64) {
	b.Open("", "data-set", d.choose(row), "data-h", d.h(row), "role", "button", "aria-label", d.shown(row))
	b.Rect(x-4, y, width+8, d.rowH(), "wd-hit")
	plot.Token{Text: d.name(row), Px: 13, Max: width}.Draw(b, x, y+d.rowH()/2+4)
	b.Close()
}
