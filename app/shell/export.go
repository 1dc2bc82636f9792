package shell

import (
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
)

// numeric reports whether a cell is a number as Loupe writes them: "−1.20", "50,257", "70.1 %".
func numeric(cell string) bool {
	_, ok := plainNumber(cell)
	return ok
}

// plainNumber writes such a number as spreadsheets read it. Percentages stay as they are written.
func plainNumber(cell string) (string, bool) {
	s := strings.ReplaceAll(strings.ReplaceAll(cell, "−", "-"), ",", "")
	body := strings.TrimRight(strings.TrimSuffix(s, "%"), " \u202f\u00a0")
	if body == "" || strings.ContainsAny(body, "xXpP_nNiI") { // strconv also reads those of Go, and NaN and Inf
		return "", false
	}
	if _, err := strconv.ParseFloat(body, 64); err != nil {
		return "", false
	}
	if body != s {
		return body + "%", true
	}
	return body, true
}

// tableCSV is a table as a file: UTF-8 with its mark, so that spreadsheets take it as such; lines end as RFC 4180 has
// it. A text that a spreadsheet would run as a formula gets a quotation mark before it: tokens come from strangers' files.
func tableCSV(t *figure.Table) string {
	var b strings.Builder
	b.WriteString("\ufeff")
	writeCSV(&b, t)
	return b.String()
}

// figureCSV is all tables of a figure as one file, each below its panel's title, with an empty line between.
func figureCSV(f *figure.Figure) string {
	var b strings.Builder
	for i := range f.Panels {
		p := &f.Panels[i]
		if p.Table == nil {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\r\n")
		} else {
			b.WriteString("\ufeff")
		}
		b.WriteString(csvCell(plain(p.Title)) + "\r\n")
		writeCSV(&b, p.Table)
	}
	return b.String()
}

func writeCSV(b *strings.Builder, t *figure.Table) {
	for _, row := range append([][]string{t.Head}, t.All()...) {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(csvCell(cell))
		}
		b.WriteString("\r\n")
	}
}

func csvCell(s string) string {
	if n, ok := plainNumber(s); ok {
		return n
	}
	return csvText(s)
}

// csvText is a cell that is text, even if it looks like a number.
func csvText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		s = "'" + s
	}
	if strings.ContainsAny(s, ",\"\r\n") {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// node is an element of a picture as it stands on the page, with the look that the style sheets gave it.
type node struct {
	tag   string
	attrs [][2]string
	look  map[string]string // computed properties
	text  string            // before kids
	kids  []node
}

// savedPart is one picture of a figure that is saved, and its place in it.
type savedPart struct {
	box
	root node
}

// What a saved picture may hold. Everything else is left out: no script, no foreign content, nothing from elsewhere.
var (
	savedTags  = strings.Fields("g path rect circle ellipse line polyline polygon text tspan image title defs linearGradient stop clipPath")
	savedAttrs = strings.Fields("x y x1 y1 x2 y2 cx cy r rx ry width height d points dx dy transform preserveAspectRatio id offset gradientUnits clip-path href")
	looks      = strings.Fields("fill fill-opacity stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin opacity " +
		"font-family font-size font-weight font-style letter-spacing text-anchor dominant-baseline paint-order stop-color stop-opacity image-rendering")
	inherited = strings.Fields("fill fill-opacity stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin font-family font-size font-weight font-style letter-spacing text-anchor dominant-baseline paint-order image-rendering")
	plainLook = map[string]string{"fill": "rgb(0, 0, 0)", "fill-opacity": "1", "stroke": "none", "stroke-width": "1px", "stroke-opacity": "1",
		"stroke-dasharray": "none", "stroke-linecap": "butt", "stroke-linejoin": "miter", "opacity": "1", "font-style": "normal",
		"letter-spacing": "normal", "text-anchor": "start", "dominant-baseline": "auto", "paint-order": "normal",
		"stop-color": "rgb(0, 0, 0)", "stop-opacity": "1", "image-rendering": "auto"}
)

// figureSVG is a whole figure as a file that stands alone: its look is written into the marks, its pictures are data. page
// is the colour below it, title is what it says.
func figureSVG(parts []savedPart, page, title string) string {
	const margin = 16
	left, top, right, bottom := bounds(parts)
	w, h := right-left+2*margin, bottom-top+2*margin
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="` + svg.N(w) + `" height="` + svg.N(h) +
		`" viewBox="0 0 ` + svg.N(w) + " " + svg.N(h) + `"><title>` + svg.Esc(title) + `</title><rect width="100%" height="100%" fill="` + svg.Esc(page) + `"/>`)
	for _, p := range parts {
		b.WriteString(`<g transform="translate(` + svg.N(p.x-left+margin) + " " + svg.N(p.y-top+margin) + `)"`)
		writeLook(&b, p.root.look, plainLook)
		b.WriteString(">")
		for _, k := range p.root.kids {
			writeNode(&b, k, p.root.look)
		}
		b.WriteString("</g>")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func bounds(parts []savedPart) (left, top, right, bottom float64) {
	for i, p := range parts {
		if i == 0 {
			left, top, right, bottom = p.x, p.y, p.x+p.w, p.y+p.h
		}
		left, top, right, bottom = min(left, p.x), min(top, p.y), max(right, p.x+p.w), max(bottom, p.y+p.h)
	}
	return left, top, right, bottom
}

func writeNode(b *strings.Builder, n node, around map[string]string) {
	if !slices.Contains(savedTags, n.tag) || n.look["display"] == "none" || n.look["visibility"] == "hidden" {
		return
	}
	b.WriteString("<" + n.tag)
	for _, a := range n.attrs {
		name, v := a[0], a[1]
		local := name != "href" || strings.HasPrefix(v, "data:image/png;") || strings.HasPrefix(v, "#")
		local = local && (name != "clip-path" || strings.HasPrefix(v, "url(#"))
		if slices.Contains(savedAttrs, name) && local {
			b.WriteString(" " + name + `="` + svg.Esc(v) + `"`)
		}
	}
	base := map[string]string{}
	for _, k := range looks {
		base[k] = plainLook[k]
		if slices.Contains(inherited, k) {
			base[k] = around[k]
		}
	}
	writeLook(b, n.look, base)
	b.WriteString(">" + svg.Esc(n.text))
	for _, k := range n.kids {
		writeNode(b, k, n.look)
	}
	b.WriteString("</" + n.tag + ">")
}

// writeLook writes the properties that are not what they would be anyway.
func writeLook(b *strings.Builder, look, base map[string]string) {
	for _, k := range looks {
		v := look[k]
		if v == "" || v == base[k] || k == "image-rendering" && v == "auto" || strings.Contains(v, "url(") {
			continue
		}
		b.WriteString(" " + k + `="` + svg.Esc(v) + `"`)
	}
}

// fileName makes a name for a file of words: what is no letter or digit becomes a dash.
func fileName(words, ext string) string {
	out := strings.FieldsFunc(words, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.')
	})
	s := strings.Trim(strings.Join(out, "-"), ".-")
	if s == "" {
		s = "loupe"
	}
	return s[:min(len(s), 60)] + "." + ext
}
