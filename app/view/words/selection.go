package words

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
)

// selectionPanel is the selected words and what can be done with them, and what is shown alone or hidden.
func (d *drawing) selectionPanel() figure.Panel {
	p := figure.Panel{ID: "selection", Class: "wd-selection"}
	n := len(d.sel)
	iso, hide := d.opt("iso", "") != "", d.opt("hide", "") != ""
	var b strings.Builder
	if n > 0 {
		b.WriteString(`<p class="wd-chosen">` + svg.Esc(d.t("sel.n"+one(n), svg.Count(n))) + `</p>`)
	} else {
		b.WriteString(`<p class="quiet">` + svg.Esc(d.t("sel.none"+d.touch())) + `</p>`)
	}
	b.WriteString(`<p class="wd-acts">`)
	if n > 0 {
		d.acts(&b)
	}
	if w := d.focus; w >= 0 && d.n > 1 && !d.contexts() {
		if near := d.near(); near != nil && len(near.Rows) > 0 {
			link(&b, "data-set", pair("sel", state.FormatRows(d.pointsOf(append([]int{w}, near.Rows...)))), d.t("sel.near", len(near.Rows), d.shown(w)), "")
		}
	}
	b.WriteString("</p>")
	if iso || hide {
		b.WriteString(`<p class="wd-acts"><span>` + svg.Esc(d.away(iso, hide)) + `</span>`)
		link(&b, "data-set", "o.words.iso=&o.words.hide=&o.words.cam=", d.t("sel.all"), "")
		b.WriteString("</p>")
	}
	p.HTML = []figure.Block{{Kind: "html", HTML: b.String()}}
	if k := d.freeSet(); n > 0 && k > 0 {
		p.Controls = []figure.Control{{Kind: "text", Label: d.t("sel.name"), Tip: d.t("sel.name.tip"),
			Key: "o.words.set." + strconv.Itoa(k) + "={}" + url.QueryEscape("|"+strconv.Itoa((k-1)%vivid+1)+"|"+d.opt("sel", "")) + "&o.words.colour=sets"}}
	}
	return p
}

// acts are what can be done with selected words.
func (d *drawing) acts(b *strings.Builder) {
	code := d.opt("sel", "")
	if len(d.sel) < d.once(d.n) {
		link(b, "data-set", pair("iso", d.plain("sel"))+"&o.words.hide=&o.words.sel=&o.words.cam=", d.t("sel.isolate"), d.t("sel.isolate.tip"))
	}
	link(b, "data-set", pair("hide", d.both(d.opt("hide", ""), code))+"&o.words.sel=", d.t("sel.hide"), d.t("sel.hide.tip"))
	link(b, "data-set", pair("sel", opposite(code)), d.t("sel.invert"), d.t("sel.invert.tip"))
	link(b, "data-do", figure.DoSave+"rows 0", d.t("sel.save"), d.t("sel.save.tip"))
	link(b, "data-set", "o.words.sel=", d.t("sel.clear"), "")
}

var unions = plot.Memory[coded, string]{Size: 4}

// both is a code of what either of two codes names.
func (d *drawing) both(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return unions.Get(coded{d.p, a + "\n" + b}, func() string { return state.FormatRows(slices.Concat(d.code(a), d.code(b))) })
}

type plainCode struct {
	coded
	rows this
}

var plains = plot.Memory[plainCode, string]{Size: 4}

// plain is a selection as rows alone, of those that the map has: what is shown alone is read before the columns are there.
func (d *drawing) plain(key string) string {
	return plains.Get(plainCode{coded{d.p, d.opt(key, "")}, d.this("")}, func() string { return state.FormatRows(d.pointsOf(d.sel)) })
}

// away says how many words are shown, and why not all.
func (d *drawing) away(iso, hide bool) string {
	hidden := len(d.rows(d.code(d.opt("hide", ""))))
	switch {
	case iso && hide:
		return d.t("sel.both", svg.Count(d.n), svg.Count(d.p.N), svg.Count(hidden))
	case iso:
		return d.t("sel.alone", svg.Count(d.n), svg.Count(d.p.N))
	}
	return d.t("sel.hidden", svg.Count(hidden))
}

func (d *drawing) touch() string {
	if d.in.Touch {
		return ".touch"
	}
	return ""
}

// one is the ending of the key of a text about one thing.
func one(n int) string {
	if n == 1 {
		return ".one"
	}
	return ""
}

// link is words that do something.
func link(b *strings.Builder, attr, value, text, tip string) {
	b.WriteString(`<button type="button" class="wd-act" ` + attr + `="` + svg.Esc(value) + `"`)
	if tip != "" {
		b.WriteString(` data-tip="` + svg.Esc(tip) + `"`)
	}
	b.WriteString(`>` + svg.Esc(text) + `</button>`)
}

// setsList is the named sets: what is shown, selected, renamed, recoloured and given up there.
func (d *drawing) setsList() *figure.Panel {
	sets := d.sets()
	if len(sets) == 0 {
		return nil
	}
	p := &figure.Panel{ID: "named", Class: "wd-named", Title: []figure.Span{{Text: d.t("sets")}}}
	var b strings.Builder
	b.WriteString("<ul>")
	for _, s := range sets {
		d.setRow(&b, s)
		if d.opt("rename", "") == strconv.Itoa(s.k) {
			rest := strings.SplitN(s.String(), "|", 2)[1]
			p.Controls = []figure.Control{{Kind: "text", Label: d.t("sets.name"), Value: s.name,
				Key: "o.words.set." + strconv.Itoa(s.k) + "={}" + url.QueryEscape("|"+rest) + "&o.words.rename="}}
		}
	}
	b.WriteString("</ul>")
	p.HTML = []figure.Block{{Kind: "html", HTML: b.String()}}
	return p
}

func (d *drawing) setRow(b *strings.Builder, s namedSet) {
	key := "set." + strconv.Itoa(s.k)
	next, other, colour := s, s, "k"+strconv.Itoa(s.colour)
	next.colour, other.on = s.colour%7+1, !s.on
	if !s.on {
		colour = grey
	}
	b.WriteString(`<li><button type="button" class="dotted" data-set="` + svg.Esc(pair(key, next.String())+"&o.words.colour=sets") + `" aria-label="` + svg.Esc(d.t("sets.recolour")) + `" data-tip="` + svg.Esc(d.t("sets.recolour")) + `">` + dot(colour) + `</button>`)
	b.WriteString(`<button type="button" class="name" data-set="` + svg.Esc(pair("sel", s.code)) + `" data-tip="` + svg.Esc(d.t("sets.select")) + `">` + svg.Esc(s.name) + `</button><i>` + svg.Count(len(s.points)) + `</i>`)
	show := "sets.off"
	if !s.on {
		show = "sets.on"
	}
	link(b, "data-set", pair(key, other.String())+"&o.words.colour=sets", d.t(show), d.t(show+".tip"))
	link(b, "data-set", pair("rename", strconv.Itoa(s.k)), d.t("sets.rename"), "")
	link(b, "data-set", "o.words."+key+"=", d.t("sets.delete"), "")
	b.WriteString("</li>")
}

// aboutPanel is what the columns say of the chosen word.
func (d *drawing) aboutPanel() *figure.Panel {
	if d.row < 0 {
		return nil
	}
	point := d.m.Point(d.row)
	var rows [][2][]figure.Span
	add := func(name, value string) {
		rows = append(rows, [2][]figure.Span{{{Text: name}}, {{Text: value}}})
	}
	for i := range d.p.Columns {
		if c := &d.p.Columns[i]; d.cell(c, point) != "" {
			add(d.columnName(c), d.cell(c, point))
		}
	}
	if t := d.tokenOf(d.row); t >= 0 {
		add(d.t("token"), strconv.Itoa(t))
	}
	return &figure.Panel{ID: "about", Class: "wd-about", Title: []figure.Span{{Text: d.name(d.row), Token: true, H: d.h(d.row)}}, HTML: []figure.Block{{Kind: "facts", Rows: rows}}}
}

// right are the panels of the other column.
func (d *drawing) right() []figure.Panel {
	out := append([]figure.Panel{d.searchPanel()}, d.side()...)
	out = append(out, d.selectionPanel())
	for _, part := range []func() *figure.Panel{d.setsList, d.aboutPanel} {
		if p := part(); p != nil {
			out = append(out, *p)
		}
	}
	return out
}
