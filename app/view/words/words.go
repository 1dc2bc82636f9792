// Package words draws the map of words: what vectors a model has for its tokens (or for each place where a word stands in a text), which lie
// together, and how they relate. It draws any set of vectors; it knows no architecture.
package words

import (
	"fmt"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/engine/protocol"
)

// drawing is what the parts of the figure share. A row is one of the map; a point is one of all vectors that are there, of which the
// map may show some only.
type drawing struct {
	in     *figure.Input
	l      *lang.Catalogue
	m      *figure.Map            // nil: the model has no such vectors
	p      *protocol.PointsResult // nil: not there yet
	n      int                    // rows of the map
	slot   int                    // 1 of the map beside
	model  string                 // of the map beside: another model's ID
	two    *drawing               // of the map beside it, or nil
	beside *figure.Panel          // its panel, or nil
	row    int                    // the row of the word that was chosen, or -1
	focus  int                    // row, or where none was chosen the word that is looked at; -1: there is none
	sel    []int                  // the selected rows, ascending
	wide   bool
	mainW  float64 // width of the column with the map
	sideW  float64 // width of the column beside it
}

// The widths of the right column and of the space before it.
const sideWidth, gutter = 316, 44

// opt is a choice of this view.
func (d *drawing) opt(key, def string) string { return d.in.State.Opt("words."+key, def) }

func (d *drawing) t(key string, args ...any) string { return d.l.T("words."+key, args...) }

// Draw is the view.
func Draw(in *figure.Input) figure.Figure {
	d := begin(in)
	layout := "wd"
	if d.wide {
		layout = "wd wide"
	}
	if d.p == nil || d.n == 0 {
		return figure.Figure{Reading: d.waiting(), Layout: layout, Panels: d.column("main", d.empty()...)}
	}
	d.beside = d.second()
	f := figure.Figure{Reading: d.reading(), Layout: layout}
	f.Panels = d.column(d.mainClass(), d.main()...)
	f.Panels = append(f.Panels, d.column("side", d.right()...)...)
	return f
}

// begin reads what is to be drawn.
func begin(in *figure.Input) *drawing {
	d := &drawing{in: in, l: in.L, row: -1, focus: -1, wide: in.Width >= 1100}
	d.mainW, d.sideW = in.Width, min(in.Width, 640)
	if d.wide {
		d.mainW, d.sideW = in.Width-sideWidth-gutter, sideWidth
	}
	d.open()
	if d.p == nil {
		return d
	}
	if d.row = d.atLayer(d.chosen()); d.row < 0 {
		d.focus = d.looked()
	} else {
		d.focus = d.row
	}
	d.sel = d.rows(d.code(d.opt("sel", "")))
	return d
}

// open has the map made. Own axes are of words, which are rows only when the vectors are there; until then the map is by PCA.
func (d *drawing) open() {
	spec := d.spec()
	known := points.Get(vectors{d.in.Model, fmt.Sprintf("%s %+v", spec.Model, spec.Points)}, func() *known { return new(known) })
	if d.p = known.p; d.p != nil {
		d.setAxes(&spec)
	}
	if d.m = d.in.Mapped(spec); d.m == nil || d.m.Points == nil {
		d.p = nil
		return
	}
	if first := d.p == nil; first {
		known.p, d.p = d.m.Points, d.m.Points
		if d.setAxes(&spec) {
			d.m = d.in.Mapped(spec)
		}
	}
	known.p, d.p, d.n = d.m.Points, d.m.Points, d.m.N()
}

// vectors tells vectors apart, and known has those that were there when the view was drawn last.
type vectors struct {
	m    *protocol.Model
	what string
}
type known struct{ p *protocol.PointsResult }

var points = plot.Memory[vectors, *known]{Size: 3}

// column puts panels below one another.
func (d *drawing) column(class string, panels ...figure.Panel) []figure.Panel {
	for i := range panels {
		panels[i].Column = "wd-" + class
	}
	return panels
}
