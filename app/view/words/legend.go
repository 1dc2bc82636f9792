package words

import (
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

const (
	onMap    = 14  // categories that a legend on the map has room for
	maxKinds = 200 // categories that a legend below it lists
)

// below reports whether the legend stands below the map: there is no room on it.
func (d *drawing) below(c *colouring) bool {
	return d.small() || d.beside != nil || len(c.kinds) > onMap
}

// legendSVG is the legend on the map: in its left lower corner what the colours mean, in the right one what the diamonds are.
func (d *drawing) legendSVG(c *colouring, marks []figure.ScatterMark, w, h float64) string {
	var b svg.Builder
	base := h - 14
	switch { // clear of the names of the axes
	case d.m.Frame.Dims == 3:
		base -= 56
	case d.axisNames()[0] != "":
		base -= 14
	}
	if !d.below(c) {
		switch {
		case c.scale != nil:
			d.scaleOnMap(&b, c, base)
		case len(c.kinds) > 0:
			d.kindsOnMap(&b, c, base)
		}
	}
	if slices.ContainsFunc(marks, func(m figure.ScatterMark) bool { return m.Kind == "diamond" }) {
		b.Text(w, base, "◇ "+d.t("legend.text"), "s11 i2 end halo")
	}
	return b.String()
}

func (d *drawing) kindsOnMap(b *svg.Builder, c *colouring, base float64) {
	n, wide := len(c.kinds), plot.Width(svg.Count(d.once(c.none)), 11)
	label := 0.
	for i := range c.kinds {
		label, wide = max(label, plot.Width(d.kindName(&c.kinds[i]), 11)), max(wide, plot.Width(svg.Count(d.once(c.kinds[i].n)), 11))
	}
	if c.none > 0 {
		n, label = n+1, max(label, plot.Width(d.t("legend.none"), 11))
	}
	label = min(label, 150)
	right := 18 + label + 14 + wide
	row := func(i int, colour, name, count string) {
		y := base - float64(n-1-i)*17
		b.Rect(0, y-13, right+4, 17, "wd-hit")
		dotAt(b, 8, y-4, colour)
		b.Text(18, y, plot.Fit(name, 150, 11), "s11 i2 halo")
		b.Text(right, y, count, "s11 i3 end halo")
	}
	for i := range c.kinds {
		k := &c.kinds[i]
		name := d.kindName(k)
		b.Open("wd-kind", d.kindAttrs(k, name)...)
		row(i, k.colour, name, svg.Count(d.once(k.n)))
		b.Close()
	}
	if c.none > 0 {
		row(n-1, grey, d.t("legend.none"), svg.Count(d.once(c.none)))
	}
}

func (d *drawing) scaleOnMap(b *svg.Builder, c *colouring, base float64) {
	lo, hi, tip := d.scaleEnds(c)
	b.Open("", "data-tip", tip)
	stops := d.in.Palette().Seq.Stops()
	for i := range steps {
		b.Rect(4+18*float64(i), base-26, 18, 9, "", "fill", stops[i+9-steps].CSS())
	}
	b.Text(4, base-31, d.colourName(), "s11 i2 halo")
	b.Text(4, base-5, lo, "s11 i3 halo")
	b.Text(4+18*steps, base-5, hi, "s11 i3 end halo")
	b.Close()
	if c.none > 0 {
		dotAt(b, 8, base+6, grey)
		b.Text(18, base+10, d.t("legend.none")+" "+svg.Count(d.once(c.none)), "s11 i3 halo")
	}
}

// dotAt is a dot of a colour: a class, or with a # the colour itself.
func dotAt(b *svg.Builder, x, y float64, colour string) {
	if strings.HasPrefix(colour, "#") {
		b.Circle(x, y, 4, "", "fill", colour)
	} else {
		b.Circle(x, y, 4, "wd-swatch "+colour)
	}
}

// dot is the same as a picture of its own.
func dot(colour string) string {
	var b svg.Builder
	dotAt(&b, 4.5, 4.5, colour)
	return `<svg class="dot" width="9" height="9" aria-hidden="true">` + b.String() + `</svg>`
}

// kindAttrs have a click on a category select it, and a double click show only it.
func (d *drawing) kindAttrs(k *kind, name string) []string {
	set := pair("sel", k.code)
	add, only := set, pair("hide", opposite(k.code))+"&o.words.sel="
	sel := d.opt("sel", "")
	switch {
	case sel == k.code: // a click more lets it go
		set = "o.words.sel="
	case sel != "" && !strings.Contains(sel+k.code, "!"):
		add = pair("sel", sel+"+"+k.code)
	}
	if d.opt("hide", "") == opposite(k.code) {
		only = "o.words.hide=&o.words.sel="
	}
	return []string{"data-set", set, "data-add", add, "data-only", only, "data-tip", d.t("legend.tip", name, svg.Count(d.once(k.n))),
		"role", "button", "aria-pressed", strconv.FormatBool(sel == k.code), "aria-label", name}
}

// legend is the legend below the map.
func (d *drawing) legend(c *colouring) string {
	var b strings.Builder
	b.WriteString(`<div class="wd-legend" role="group" aria-label="` + svg.Esc(d.t("legend")) + `">`)
	if c.scale != nil {
		lo, hi, tip := d.scaleEnds(c)
		b.WriteString(`<p class="scale" data-tip="` + svg.Esc(tip) + `"><span>` + svg.Esc(lo) + `</span><svg width="126" height="9" aria-hidden="true">`)
		stops := d.in.Palette().Seq.Stops()
		for i := range steps {
			b.WriteString(`<rect x="` + strconv.Itoa(18*i) + `" width="18" height="9" fill="` + stops[i+9-steps].CSS() + `"/>`)
		}
		b.WriteString(`</svg><span>` + svg.Esc(hi) + `</span></p>`)
	}
	b.WriteString("<ul>")
	for i := range c.kinds[:min(len(c.kinds), maxKinds)] {
		k := &c.kinds[i]
		name := d.kindName(k)
		b.WriteString(`<li><button type="button" class="kind"`)
		for a := d.kindAttrs(k, name); len(a) > 0; a = a[2:] {
			if a[0] != "role" && a[0] != "aria-label" {
				b.WriteString(" " + a[0] + `="` + svg.Esc(a[1]) + `"`)
			}
		}
		b.WriteString(`>` + dot(k.colour) + `<span>` + svg.Esc(name) + `</span><i>` + svg.Count(d.once(k.n)) + `</i></button></li>`)
	}
	if c.none > 0 {
		b.WriteString(`<li><span class="kind">` + dot(grey) + `<span>` + svg.Esc(d.t("legend.none")) + `</span><i>` + svg.Count(d.once(c.none)) + `</i></span></li>`)
	}
	b.WriteString("</ul>")
	if more := len(c.kinds) - maxKinds; more > 0 {
		b.WriteString(`<p class="quiet">` + svg.Esc(d.t("legend.more", svg.Count(more))) + `</p>`)
	}
	b.WriteString("</div>")
	return b.String()
}

// kindName is what a category is called.
func (d *drawing) kindName(k *kind) string {
	if d.colourBy() == "sets" {
		_, name, _ := d.setAt(k.label)
		return name
	}
	if c := columnOf(d.p, d.colourBy()); c != nil {
		return d.label(*c, k.label)
	}
	return ""
}

func (d *drawing) colourName() string {
	if c := columnOf(d.p, d.colourBy()); c != nil {
		return d.columnName(c)
	}
	return ""
}

// scaleEnds are the ends of the scale of a number, and how it goes.
func (d *drawing) scaleEnds(c *colouring) (lo, hi, tip string) {
	s := c.scale
	lo, hi, tip = digits(s.lo), digits(s.hi), d.t("legend.linear")
	if col := columnOf(d.p, d.colourBy()); col != nil && col.Name == "rank" && !col.Own {
		lo, hi = svg.Count(int(s.lo)+1), svg.Count(int(s.hi)+1)
	}
	if s.cut {
		lo, hi = "≤ "+lo, "≥ "+hi
	}
	if s.log {
		tip = d.t("legend.log")
	}
	return lo, hi, tip
}
