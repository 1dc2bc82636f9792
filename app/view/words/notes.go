package words

import (
	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// waiting is the reading before there are words.
func (d *drawing) waiting() []figure.Span {
	switch {
	case d.m == nil:
		return []figure.Span{{Text: d.t("none")}}
	case d.m.Err != nil:
		return []figure.Span{{Text: d.t("failed")}}
	}
	return []figure.Span{{Text: d.t("busy")}}
}

// empty is what stands in place of the map before there are words: what is being done, or what went wrong and what to do.
func (d *drawing) empty() []figure.Panel {
	p := figure.Panel{ID: "map", Class: "wd-map", Controls: []figure.Control{d.sources()}}
	switch {
	case d.m != nil && d.m.Err != nil:
		p.HTML = d.failed(d.m.Err)
	case d.m != nil:
		p.Busy, p.SVG = d.stage(), blank
		p.Width, p.Height = d.mapSize()
	}
	if d.opt("src", "") == "context" {
		p.Controls = append(p.Controls, d.contextControls()...)
	}
	return []figure.Panel{p}
}

// failed says what went wrong and what to do.
func (d *drawing) failed(e *protocol.Error) []figure.Block {
	text := d.l.T("error.other", e.Code)
	if d.l.Has("error." + e.Code) {
		text = d.l.T("error."+e.Code, e.File)
	}
	out := []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: text + d.t("stop"), Bold: true}}}}
	if d.l.Has("error." + e.Code + ".do") {
		out = append(out, figure.Block{Kind: "note", Spans: []figure.Span{{Text: d.l.T("error." + e.Code + ".do")}}})
	}
	if e.Expected != "" || e.Found != "" {
		out = append(out, figure.Block{Kind: "facts", Rows: [][2][]figure.Span{
			{{{Text: d.l.T("error.expected")}}, {{Text: e.Expected}}}, {{{Text: d.l.T("error.found")}}, {{Text: e.Found}}}}})
	}
	return out
}

// notes say what is beside the map: which words of all it shows, and what was adjusted or is wrong.
func (d *drawing) notes() (out []figure.Block) {
	add := func(text string) { out = append(out, figure.Block{Kind: "note", Spans: []figure.Span{{Text: text}}}) }
	if d.m.Err != nil {
		out = append(out, d.failed(d.m.Err)...)
	}
	for _, w := range d.warnings() {
		if key := "warn." + w.Code; d.l.Has(key) {
			add(d.l.T(key, svg.Grouped(w.What), svg.Tally(w.N)))
		} else {
			add(w.Code)
		}
	}
	if f := d.m.Frame; f != nil && f.Recall > 0 {
		add(d.t("recall", svg.Fixed(100*f.Recall, 1)))
	}
	return out
}

func (d *drawing) warnings() (out []protocol.Warning) {
	out = append(out, d.p.Warnings...)
	if d.m.Opened != nil {
		out = append(out, d.m.Opened.Warnings...)
	}
	if d.m.Frame != nil {
		out = append(out, d.m.Frame.Warnings...)
	}
	return out
}
