package shell

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
	"loupe/app/lang"
	"loupe/app/plot"
	"loupe/app/svg"
)

const svgNS = "http://www.w3.org/2000/svg"

// panelUI is one panel: its header, its picture, what stands below it, and its numbers if they are asked for. page is the
// width of the figure's place, q what listens to it.
func panelUI(l *lang.Catalogue, p *figure.Panel, table bool, page float64, q *pointer) app.UI {
	body := []app.UI{}
	if p.Title != nil || p.Controls != nil {
		body = append(body, panelHead(l, p))
	}
	if s := p.Scatter; s != nil {
		body = append(body, &scatterView{Of: func() *figure.Scatter { return s }, Width: p.Width, Height: p.Height, Label: p.Label,
			SVG: p.SVG, Panel: p.ID, P: q})
	} else if p.SVG != "" || p.Middle != "" || p.Under != "" {
		body = append(body, app.Div().Class("scroll").Body(&marks{
			Under: p.Under, Middle: p.Middle, SVG: p.Top(), Width: p.Width, Height: p.Height, Label: p.Label, NowX: p.NowX, Panel: p.ID, Page: page,
			Live: p.Live, P: q}))
	}
	for i := range p.HTML {
		body = append(body, blockUI(&p.HTML[i]))
	}
	if table && p.Table != nil {
		body = append(body, tableUI(l, p))
	}
	return app.Section().Class("panel "+p.Class).DataSet("panel", p.ID).Aria("busy", p.Busy != "").Body(body...)
}

func panelHead(l *lang.Catalogue, p *figure.Panel) app.UI {
	var before, end []app.UI
	for i := range p.Controls {
		c := &p.Controls[i]
		if c.Lead || c.Kind == "switch" && c.Label == "" { // it belongs to the title
			before = append(before, controlUI(c, plain(p.Title)))
		} else {
			end = append(end, controlUI(c, plain(p.Title)))
		}
	}
	return app.Header().Body(append(before,
		app.If(p.Title != nil, func() app.UI { return app.H2().Body(spans(p.Title)...) }),
		app.If(p.Names != "", func() app.UI { return app.Span().Class("act").Body(app.Text(p.Names)) }),
		app.If(len(end) > 0, func() app.UI { return app.Div().Class("end").Body(end...) }),
		// Shown before the controls by its order; were it before them in the page, they would be made anew when it comes and goes.
		app.If(p.Busy != "", func() app.UI { return app.Span().Class("busy").Role("status").Body(app.Text(p.Busy)) }),
	)...)
}

// spans are pieces of a sentence: tokens as tokens are shown, numbers that select their mark.
func spans(list []figure.Span) []app.UI {
	out := make([]app.UI, len(list))
	for i, s := range list {
		out[i] = spanUI(s)
	}
	return out
}

func spanUI(s figure.Span) app.UI {
	inner := []app.UI{app.Text(s.Text)}
	if s.Token {
		inner = []app.UI{tokenUI(s.Text)}
	}
	if s.Bold {
		inner = []app.UI{app.B().Body(inner...)}
	}
	if s.Set == "" && s.H == "" {
		return app.Span().Body(inner...)
	}
	e := app.Span().Body(inner...)
	if s.H != "" {
		e = e.DataSet("h", s.H)
	}
	if s.Set != "" {
		e = e.Class("v").DataSet("set", s.Set).Role("button").TabIndex(0)
	}
	return e
}

// tokenUI is a token in running text: the space that it begins with is a small dot.
func tokenUI(text string) app.UI {
	body, space := plot.Visible(text)
	return app.Span().Class("tk").Body(
		app.If(space, func() app.UI { return app.Span().Class("sp").Body(app.Text(" ")) }),
		app.Text(body))
}

// controlUI is a control; one without words of its own is called as its panel is.
func controlUI(c *figure.Control, panel string) app.UI {
	name := cmp.Or(c.Label, panel)
	switch c.Kind {
	case "radio":
		return radioUI(c, name)
	case "number":
		return numberUI(c)
	case "field":
		return app.Label().Class("field").Body(searchIcon(), &field{Key: c.Key, Label: c.Label, Value: c.Value, Enter: c.Enter})
	case "select":
		return choiceUI(c, name)
	case "text":
		return entryUI(c)
	case "switch":
		on := c.Value == "1" || c.Value == "on" || c.Value == "true"
		b := app.Button().Type("button").Class("switch").Role("switch").Aria("checked", on).Aria("label", name)
		next := "1"
		if on {
			next = "0"
		}
		return tipped(acts(b, c.Key, next), c.Tip).Body(app.I(), app.Text(c.Label))
	}
	b := acts(app.Button().Type("button").Class("btn"), c.Key, c.Value)
	if strings.HasPrefix(c.Key, "do:") && c.Value == "true" { // what it does is done
		b = b.Aria("pressed", true)
	}
	if c.Label == "×" { // a sign: its tip says what it does
		b = b.Aria("label", c.Tip)
	}
	return tipped(b, c.Tip).Body(app.Text(c.Label))
}

// tipped gives a button its tip, if it has one.
func tipped(b app.HTMLButton, tip string) app.HTMLButton {
	if tip == "" {
		return b
	}
	return b.DataSet("tip", tip)
}

// acts makes a button set a key of the state, or do something.
func acts(b app.HTMLButton, key, value string) app.HTMLButton {
	if do, ok := strings.CutPrefix(key, "do:"); ok {
		return b.DataSet("do", do)
	}
	if strings.Contains(key, "=") { // it is whole
		return b.DataSet("set", strings.ReplaceAll(key, "{}", url.QueryEscape(value)))
	}
	return b.DataSet("set", pair(key, value))
}

func pair(key, value string) string { return key + "=" + url.QueryEscape(value) }

func radioUI(c *figure.Control, name string) app.UI {
	stop := slices.IndexFunc(c.Options, func(o figure.Option) bool { return o.Value == c.Value })
	if stop < 0 {
		stop = slices.IndexFunc(c.Options, func(o figure.Option) bool { return o.Disabled == "" })
	}
	e := app.Div().Class("seg").Role("radiogroup").Aria("label", name)
	if c.Tip != "" {
		e = e.DataSet("tip", c.Tip)
	}
	return e.Body(
		app.Range(c.Options).Slice(func(i int) app.UI {
			o := c.Options[i]
			on := o.Value == c.Value
			b := app.Button().Type("button").Role("radio").Aria("checked", on).TabIndex(-1).Body(app.Text(o.Label))
			if i == stop {
				b = b.TabIndex(0)
			}
			if o.Disabled != "" {
				return b.Aria("disabled", true).DataSet("tip", o.Disabled)
			}
			if do, ok := strings.CutPrefix(c.Key, "do:"); ok {
				if on { // what is chosen is not done again
					return b
				}
				return b.DataSet("do", do+o.Value)
			}
			return acts(b, c.Key, o.Value)
		}))
}

// numberUI is a number that can be dragged, scrolled and typed. It holds one text node, which typing writes to.
func numberUI(c *figure.Control) app.UI {
	raw := c.Value
	text := raw
	if f, err := strconv.ParseFloat(raw, 64); err == nil {
		text = svg.Fixed(f, c.Decimals)
	}
	n := number{Key: c.Key, Min: c.Min, Max: c.Max, Step: c.Step, Decimals: c.Decimals}
	e := app.Span().Class("scrub")
	if c.Tip != "" {
		e = e.DataSet("tip", c.Tip)
	}
	return e.Body(
		app.Text(c.Label+" "),
		app.B().Role("spinbutton").TabIndex(0).Aria("label", c.Label).Aria("valuenow", raw).Aria("valuetext", text).
			Aria("valuemin", trim(c.Min)).Aria("valuemax", trim(c.Max)).DataSet("number", n.String()).Body(app.Text(text)))
}

func searchIcon() app.UI {
	return app.Elem("svg").XMLNS(svgNS).Attr("width", "14").Attr("height", "14").Attr("viewBox", "0 0 14 14").Aria("hidden", true).Class("icon").Body(
		app.Elem("circle").XMLNS(svgNS).Attr("cx", "6").Attr("cy", "6").Attr("r", "4.2"),
		app.Elem("path").XMLNS(svgNS).Attr("d", "M9.2 9.2L13 13"))
}

func blockUI(b *figure.Block) app.UI {
	switch b.Kind {
	case "title":
		return app.H3().Class("title").Body(spans(b.Spans)...)
	case "facts", "kinds":
		return app.Dl().Class(b.Kind).Body(app.Range(b.Rows).Slice(func(i int) app.UI {
			return app.Div().Body(app.Dt().Body(spans(b.Rows[i][0])...), app.Dd().Body(spans(b.Rows[i][1])...))
		}))
	case "html":
		return &inner{HTML: b.HTML, Class: "block"}
	}
	return app.P().Class("note").Body(spans(b.Spans)...)
}

// maxRows is how many rows of a table are put on the page; its CSV has all.
const maxRows = 1000

func tableUI(l *lang.Catalogue, p *figure.Panel) app.UI {
	t := figure.Table{Head: p.Table.Head, Rows: p.Table.All()}
	n := len(t.Rows)
	note := l.T("figure.rows", svg.Count(n))
	if n > maxRows {
		note = l.T("figure.rows.cut", svg.Count(maxRows), svg.Count(n))
	}
	return app.Div().Class("twin").Body(
		&inner{HTML: tableHTML(&t, plain(p.Title)), Class: "twinscroll", Focus: true},
		app.P().Class("quiet").Body(app.Text(note+" "),
			app.Button().Type("button").Class("btn").DataSet("do", "csv="+p.ID).Body(app.Text("CSV"))))
}

// tableHTML is a table as text: its cells may be many.
func tableHTML(t *figure.Table, caption string) string {
	var b strings.Builder
	cell := func(tag string, i int, text string) {
		class := ""
		if numbers(t, i) {
			class = ` class="n"`
		}
		name, _, _ := strings.Cut(tag, " ")
		b.WriteString("<" + tag + class + ">" + svg.Esc(text) + "</" + name + ">")
	}
	b.WriteString(`<table class="t"><caption class="sr">` + svg.Esc(caption) + `</caption><thead><tr>`)
	for i, h := range t.Head {
		cell(`th scope="col"`, i, h)
	}
	b.WriteString("</tr></thead><tbody>")
	for _, row := range t.Rows[:min(len(t.Rows), maxRows)] {
		b.WriteString("<tr>")
		for i, text := range row {
			cell("td", i, text)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// numbers reports whether a column holds numbers, going by its first rows.
func numbers(t *figure.Table, i int) bool {
	some := false
	for _, row := range t.Rows[:min(len(t.Rows), 8)] {
		if i >= len(row) || row[i] == "" || row[i] == "–" {
			continue
		}
		if !numeric(row[i]) {
			return false
		}
		some = true
	}
	return some
}
