package words

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/svg"
)

// main are the panels of the column with the map.
func (d *drawing) main() []figure.Panel {
	out := []figure.Panel{d.mapPanel()}
	if d.beside != nil {
		out = append(out, *d.beside)
	}
	if d.method() == "axes" {
		out = append(out, d.axesPanel())
	}
	out = append(out, d.runPanel())
	if d.opt("settings", "") == "1" {
		out = append(out, d.settingsPanel())
	}
	return out
}

func (d *drawing) mainClass() string {
	if d.beside != nil {
		return "main two"
	}
	return "main"
}

// mapSize is how large a map is.
func (d *drawing) mapSize() (w, h float64) {
	w, h = d.mainW, 500
	if d.beside != nil && w >= 600 {
		w = (w - 24) / 2
	}
	switch {
	case w >= 1200:
		h = 600
	case w < 480:
		h = 330
	case w < 800:
		h = 440
	}
	return w, h
}

// small reports whether the map has no room for what could stand on it.
func (d *drawing) small() bool { w, _ := d.mapSize(); return w < 480 }

// mapPanel is the map with its head and its legend.
func (d *drawing) mapPanel() figure.Panel {
	w, h := d.mapSize()
	p := figure.Panel{ID: "map", Class: "wd-map", Names: d.tensor(), Width: w, Height: h, Controls: d.mapControls(), Busy: d.stage(), Table: d.table(),
		Label: d.t("map.label", svg.Count(d.n), d.t("by."+d.method()))}
	switch {
	case d.m.Frame != nil:
		c := d.colours()
		p.Scatter = d.scatter(c)
		p.SVG = d.legendSVG(c, p.Scatter.Marks, w, h)
		if d.below(c) {
			p.HTML = append(p.HTML, figure.Block{Kind: "html", HTML: d.legend(c)})
		}
	case d.m.Err == nil:
		p.SVG = blank
	}
	p.HTML = append(p.HTML, d.notes()...)
	return p
}

// tensor is where the vectors are from: "embed [50257, 768]".
func (d *drawing) tensor() string {
	n := d.p.Total
	if d.contexts() {
		n = d.p.N
	}
	return fmt.Sprintf("%s [%d, %d]", d.p.Tensor, n, d.p.Dim)
}

func (d *drawing) mapControls() []figure.Control {
	by := d.radio("by", d.method(), "tsne", "pca", "axes", "exact")
	by.Lead = true
	c := []figure.Control{by}
	if src := d.sources(); several(src) {
		src.Lead = true
		c = append(c, src)
	}
	c = append(c, d.radio("dims", strconv.Itoa(d.layout().Dims), "2", "3"))
	if d.layout().Dims == 3 {
		c = append(c, d.switched("persp"))
	}
	colour := figure.Control{Kind: "select", Key: "o.words.colour", Label: d.t("colour"), Value: d.colourBy()}
	label := figure.Control{Kind: "select", Key: "o.words.label", Label: d.t("label"), Value: d.opt("label", "name")}
	label.Options = append(label.Options, figure.Option{Value: "name", Label: d.t("label.name")})
	for i := range d.p.Columns {
		col := &d.p.Columns[i]
		if len(col.Values) != d.p.N {
			continue
		}
		colour.Options = append(colour.Options, figure.Option{Value: col.Name, Label: d.columnName(col)})
		if col.Name != "rank" || col.Own {
			label.Options = append(label.Options, figure.Option{Value: col.Name, Label: d.columnName(col)})
		}
	}
	if len(d.sets()) > 0 {
		colour.Options = append(colour.Options, figure.Option{Value: "sets", Label: d.t("colour.sets")})
	}
	colour.Options = append(colour.Options, figure.Option{Value: "none", Label: d.t("colour.none")})
	return append(c, colour, label)
}

// scatter is the picture of the map.
func (d *drawing) scatter(c *colouring) *figure.Scatter {
	marks, lines := d.sideMarks()
	l := d.m.Spec.Layout
	return &figure.Scatter{
		Map: d.m, Dims: d.m.Frame.Dims, Names: d.labels(), Class: d.classes(c), Colours: c.colours, Order: d.order(),
		Marks: d.found(d.ends(marks)), Lines: lines, Chosen: d.sel, Axes: d.axisNames(),
		Equal: l.Method != "axes" && (l.Method != "pca" || l.Pick == nil),
		Cam:   d.opt("cam", ""), CamKey: "o.words.cam", Tool: d.tool(), Persp: d.opt("persp", "") == "1",
		Set: d.clicked, Loop: d.looped, Tip: d.tip, Hover: d.h, Row: d.rowOfH,
	}
}

// tool is what dragging on the map does.
func (d *drawing) tool() string {
	if t := d.opt("tool", ""); t == "lasso" || t == "box" {
		return t
	}
	return ""
}

// clicked chooses a row; with Shift it is put among the selected ones, or taken from them.
func (d *drawing) clicked(row int, add bool) string {
	if !add {
		return d.choose(row)
	}
	sel := slices.Clone(d.pointsOf(d.sel))
	p := d.m.Point(row)
	if i := slices.Index(sel, p); i >= 0 {
		sel = slices.Delete(sel, i, i+1)
	} else {
		sel = append(sel, p)
	}
	return pair("sel", state.FormatRows(sel))
}

// looped selects what is inside a loop, adds it or takes it away.
func (d *drawing) looped(rows []int, mode string) string {
	in := make([]bool, d.p.N)
	if mode != "" {
		for _, p := range d.pointsOf(d.sel) {
			in[p] = true
		}
	}
	for _, p := range d.pointsOf(rows) {
		in[p] = mode != "sub"
	}
	var sel []int
	for p, is := range in {
		if is {
			sel = append(sel, p)
		}
	}
	return pair("sel", state.FormatRows(sel))
}

// tip says what a row is: its name, then what the columns say of it.
func (d *drawing) tip(row int) string {
	var b strings.Builder
	b.WriteString(d.shown(row))
	point := d.m.Point(row)
	if point < len(d.p.Contexts) {
		b.WriteString("\n" + strings.ReplaceAll(d.p.Contexts[point], "\x1e", ""))
	}
	for i := range d.p.Columns {
		c := &d.p.Columns[i]
		if s := d.cell(c, point); s != "" {
			b.WriteString("\n" + d.columnName(c) + " " + s)
		}
	}
	return b.String()
}

// axisNames are what stands at the ends of the axes.
func (d *drawing) axisNames() (out [3]string) {
	l := &d.m.Spec.Layout
	for k := range out[:min(3, d.m.Frame.Dims)] {
		switch {
		case l.Method == "axes" && k < len(l.Axes):
			out[k] = strings.ReplaceAll(d.axisText(axisKeys[k]), ">", "→")
		case l.Method == "pca":
			i := k
			if k < len(l.Pick) {
				i = l.Pick[k]
			}
			out[k] = d.t("component", i+1)
			if e := d.m.Frame.Explained; i < len(e) {
				out[k] = d.t("component.share", i+1, svg.Fixed(100*float64(e[i]), 1))
			}
		}
	}
	return out
}

// table is the map as numbers: they are written when they are looked at.
func (d *drawing) table() *figure.Table {
	t := &figure.Table{Head: []string{d.t("th.word")}}
	f := d.m.Frame
	if f != nil {
		t.Head = append(t.Head, []string{"x", "y", "z"}[:f.Dims]...)
	}
	for i := range d.p.Columns {
		t.Head = append(t.Head, d.columnName(&d.p.Columns[i]))
	}
	t.Make = func() [][]string {
		f := d.m.Frame
		rows := make([][]string, 0, d.n)
		for _, r := range d.order() {
			row := []string{d.shown(r)}
			if f != nil && len(t.Head) == 1+f.Dims+len(d.p.Columns) && (r+1)*f.Dims <= len(f.Y) {
				for _, v := range f.Y[r*f.Dims : (r+1)*f.Dims] {
					row = append(row, svg.Fixed(float64(v), 3))
				}
			}
			for i := range d.p.Columns {
				row = append(row, d.cell(&d.p.Columns[i], d.m.Point(r)))
			}
			rows = append(rows, row)
		}
		return rows
	}
	return t
}

// radio is a choice of this view; its options are words.KEY.VALUE.
func (d *drawing) radio(key, value string, values ...string) figure.Control {
	return d.choice("radio", key, value, values...)
}

func (d *drawing) choice(kind, key, value string, values ...string) figure.Control {
	c := figure.Control{Kind: kind, Key: "o.words." + key, Label: d.t(key), Value: value, Tip: d.about(key)}
	for _, v := range values {
		c.Options = append(c.Options, figure.Option{Value: v, Label: d.t(key + "." + v)})
	}
	return c
}

func (d *drawing) switched(key string) figure.Control {
	return figure.Control{Kind: "switch", Key: "o.words." + key, Label: d.t(key), Value: d.opt(key, ""), Tip: d.about(key)}
}

// about is what a setting means; "" where it needs no words.
func (d *drawing) about(key string) string {
	if d.l.Has("words." + key + ".tip") {
		return d.t(key + ".tip")
	}
	return ""
}
