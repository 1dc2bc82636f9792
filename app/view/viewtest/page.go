package viewtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/scatter"
	"loupe/app/svg"
)

// sheets are web/css in the order in which they are joined.
var sheets = []string{"base", "shell", "figure", "dialog", "start", "prediction", "states", "states-matches", "states-unit", "states-memory", "attention", "map", "words", "words-side", "translate", "translate-whatif", "translate-beam", "translate-near"}

// Page is a whole HTML page with a figure laid out as the shell lays it out, with the text above it.
func Page(t testing.TB, in *figure.Input, f figure.Figure) string {
	var css string
	for _, name := range sheets {
		if b, err := os.ReadFile(filepath.Join(Root(t), "web", "css", name+".css")); err == nil {
			css += string(b)
		}
	}
	theme := "light"
	if in.Dark {
		theme = "dark"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="%s" data-theme="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Loupe</title><style>%s</style></head><body>`, in.L.Code, theme, css)
	b.WriteString(`<header class="bar"><div class="wrap"><a class="mark"><span>Loupe</span></a><div class="model"><b>` + svg.Esc(in.Model.Name) + `</b><span class="facts"><span>` + svg.Esc(in.Model.Family) + `</span></span></div></div></header>`)
	b.WriteString(`<section class="textband"><div class="wrap"><div class="textline">` + textline(in) + `</div><div class="controls"></div></div></section>`)
	b.WriteString(`<nav class="tabs"><div class="wrap"><a aria-selected="true">` + svg.Esc(in.State.View) + `</a></div></nav><main class="wrap view">`)
	if len(f.Reading) > 0 {
		b.WriteString(`<div class="lead"><p class="reading">` + spans(f.Reading) + `</p><div class="tools"><button class="btn">Table</button><button class="btn">SVG</button></div></div>`)
	}
	b.WriteString(`<div class="panels ` + f.Layout + `">`)
	for i, p := range f.Panels {
		if p.Column != "" && (i == 0 || f.Panels[i-1].Column != p.Column) {
			b.WriteString(`<div class="column ` + p.Column + `">`)
		}
		b.WriteString(panelHTML(p))
		if p.Column != "" && (i == len(f.Panels)-1 || f.Panels[i+1].Column != p.Column) {
			b.WriteString(`</div>`)
		}
	}
	b.WriteString(`</div></main></body></html>`)
	return b.String()
}

func textline(in *figure.Input) string {
	var b strings.Builder
	now := in.State.At
	if now < 0 || now >= len(in.Run.Tokens) {
		now = len(in.Run.Tokens) - 1
	}
	for i, t := range in.Run.Tokens {
		class := "tok"
		if i == now {
			class += " now"
		} else if i > now {
			class += " after"
		}
		b.WriteString(`<span class="` + class + `">` + token(t.Text) + `</span>`)
		if i == now {
			b.WriteString(`<span class="caret"></span>`)
		}
	}
	return b.String()
}

func panelHTML(p figure.Panel) string {
	var b strings.Builder
	b.WriteString(`<section class="panel ` + p.Class + `">`)
	if p.Title != nil || p.Controls != nil {
		b.WriteString(`<header>` + controls(p.Controls, true))
		if p.Title != nil {
			b.WriteString(`<h2>` + spans(p.Title) + `</h2>`)
		}
		b.WriteString(`<span class="act">` + svg.Esc(p.Names) + `</span><span class="busy">` + svg.Esc(p.Busy) + `</span>`)
		if end := controls(p.Controls, false); end != "" {
			b.WriteString(`<div class="end">` + end + `</div>`)
		}
		b.WriteString(`</header>`)
	}
	if p.SVG != "" && p.Scatter == nil {
		b.WriteString(fmt.Sprintf(`<div class="scroll wide"><svg class="marks" width="%g" height="%g" viewBox="0 0 %g %g" role="img" aria-label="%s">%s</svg></div>`, p.Width, p.Height, p.Width, p.Height, svg.Esc(p.Label), p.Marks()))
	}
	if s := p.Scatter; s != nil {
		b.WriteString(fmt.Sprintf(`<div class="sc"><svg class="over" width="%g" height="%g" viewBox="0 0 %g %g" role="img" aria-label="%s">%s</svg></div>`, p.Width, p.Height, p.Width, p.Height, svg.Esc(p.Label),
			scatter.SVG(s, p.Width, p.Height, scatter.ParseCamera(s.Cam))+p.Marks()))
	}
	for _, k := range p.HTML {
		b.WriteString(blockHTML(k))
	}
	return b.String() + `</section>`
}

// controls are those that lead a panel's head, or those at its end.
func controls(list []figure.Control, lead bool) (out string) {
	for _, c := range list {
		if c.Lead == lead {
			out += controlHTML(c)
		}
	}
	return out
}

func controlHTML(c figure.Control) string {
	switch c.Kind {
	case "radio":
		s := `<span class="seg" role="radiogroup" aria-label="` + svg.Esc(c.Label) + `">`
		for _, o := range c.Options {
			s += fmt.Sprintf(`<button role="radio" aria-checked="%v">%s</button>`, o.Value == c.Value, svg.Esc(o.Label))
		}
		return s + `</span>`
	case "field":
		return `<label class="field find"><input value="` + svg.Esc(c.Value) + `" placeholder="` + svg.Esc(c.Label) + `"></label>`
	case "text":
		return `<label class="entry">` + svg.Esc(c.Label) + ` <input value="` + svg.Esc(c.Value) + `"></label>`
	case "select":
		s := `<label class="choice">` + svg.Esc(c.Label) + ` <select>`
		for _, o := range c.Options {
			if o.Value == c.Value {
				s += `<option selected>` + svg.Esc(o.Label) + `</option>`
			}
		}
		return s + `</select></label>`
	case "number":
		return `<span class="scrub">` + svg.Esc(c.Label) + ` <b>` + svg.Esc(c.Value) + `</b></span>`
	case "switch":
		return fmt.Sprintf(`<span class="switch" role="switch" aria-checked="%v">%s<i></i></span>`, c.Value != "", svg.Esc(c.Label))
	}
	return `<button class="btn">` + svg.Esc(c.Label) + `</button>`
}

func blockHTML(k figure.Block) string {
	switch k.Kind {
	case "html":
		return `<div class="block">` + k.HTML + `</div>`
	case "facts", "kinds":
		s := `<dl class="` + k.Kind + `">`
		for _, r := range k.Rows {
			s += `<div><dt>` + spans(r[0]) + `</dt><dd>` + spans(r[1]) + `</dd></div>`
		}
		return s + `</dl>`
	case "title":
		return `<h3 class="title">` + spans(k.Spans) + `</h3>`
	}
	return `<p class="` + k.Kind + `">` + spans(k.Spans) + `</p>`
}

func spans(list []figure.Span) string {
	var b strings.Builder
	for _, s := range list {
		text := svg.Esc(s.Text)
		if s.Token {
			text = token(s.Text)
		}
		if s.Bold {
			text = "<b>" + text + "</b>"
		}
		if s.Set != "" {
			text = `<span class="v" data-set="` + svg.Esc(s.Set) + `">` + text + `</span>`
		}
		b.WriteString(text)
	}
	return b.String()
}

// token is a token in running text.
func token(s string) string {
	body, space := plot.Visible(s)
	if space {
		return `<span class="tk"><span class="sp"> </span>` + svg.Esc(body) + `</span>`
	}
	return `<span class="tk">` + svg.Esc(body) + `</span>`
}
