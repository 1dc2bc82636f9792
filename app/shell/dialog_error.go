package shell

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/lang"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// errorUI says what happened, where, what was expected, what was found and what to do.
func errorUI(p *page) []app.UI {
	l, o := p.l, p.s.Opening
	e := o.Err
	var size int64
	for _, f := range o.Files {
		if base(f.Name) == base(e.File) {
			size = f.Size
		}
	}
	out := []app.UI{app.H2().ID("dialog-title").Body(headline(l, e)...)}
	t, cut := truncation(e, size)
	if cut {
		out = append(out, &inner{Class: "meter", HTML: t.draw(l)})
	}
	if need, limit, ok := overLimit(e); ok {
		out = append(out, &inner{Class: "meter", HTML: drawLimit(l, need, limit, strings.TrimPrefix(e.Expected, "at most "))})
	}
	out = append(out, app.Dl().Class("fact").Body(facts(l, e, t, cut)...))
	out = append(out, waysUI(p, e)...)
	return append(out, p.refused(), app.Div().Class("foot").Body(
		app.Button().Type("button").Class("btn line").DataSet("do", "another").Body(app.Text(l.T("error.another"))),
		p.copyButton("report", "report", l.T("error.copy")),
		app.Button().Type("button").Class("btn").DataSet("do", "cancel").Body(app.Text(l.T("dialog.close"))),
		app.If(p.s.Model != nil, func() app.UI { return app.Span().Class("end").Body(app.Text(l.T("error.unchanged"))) })))
}

func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// headline is what happened.
func headline(l *lang.Catalogue, e *protocol.Error) []app.UI {
	key := "error." + e.Code
	if !l.Has(key) {
		return []app.UI{app.Text(l.T("error.other", e.Code))}
	}
	name := base(e.File)
	if e.Code == "unknown-family" {
		name = e.Found
	}
	sentence := l.T(key)
	if name == "" {
		return []app.UI{app.Text(strings.ReplaceAll(sentence, "%s", l.T("error.the-file")))}
	}
	return around(sentence, name)
}

// facts are the parts of an error that are there.
func facts(l *lang.Catalogue, e *protocol.Error, t truncated, cut bool) []app.UI {
	var out []app.UI
	row := func(key string, value []app.UI) {
		out = append(out, app.Dt().Body(app.Text(l.T(key))), app.Dd().Body(value...))
	}
	if e.File != "" && base(e.File) != e.File {
		row("error.file", []app.UI{app.Span().Class("mono").Body(app.Text(e.File))})
	}
	if e.Where != "" {
		row("error.where", datum(l, e.Where))
	}
	if cut {
		row("error.expected", []app.UI{app.Text(l.T("error.bytes", svg.Count(int(t.total))))})
		row("error.found", []app.UI{app.Text(l.T("error.missing", svg.Count(int(t.size)), svg.Bytes(t.total-t.size)))})
	} else {
		if e.Expected != "" {
			row("error.expected", datum(l, e.Expected))
		}
		if e.Found != "" && e.Code != "unknown-family" {
			row("error.found", datum(l, e.Found))
		}
	}
	todo := "error." + e.Code + ".do"
	if !l.Has(todo) {
		todo = "error.other.do"
	}
	row("error.todo", []app.UI{app.Text(l.T(todo))})
	return out
}

// datum shows a piece of an error. The engine's few forms are said in the page's language, the rest stands as it is.
func datum(l *lang.Catalogue, s string) []app.UI {
	if name, ok := strings.CutPrefix(s, "tensor "); ok {
		if quoted, err := strconv.QuotedPrefix(name); err == nil {
			u, _ := strconv.Unquote(quoted)
			out := around(l.T("error.tensor"), u)
			if rest, more := strings.CutPrefix(name[len(quoted):], ", "); more {
				out = append(append(out, app.Text(", ")), datum(l, rest)...)
			}
			return out
		}
	}
	if most, ok := strings.CutPrefix(s, "at most "); ok {
		before, after, _ := strings.Cut(l.T("error.at-most"), "%s")
		return append(append([]app.UI{app.Text(before)}, datum(l, most)...), app.Text(after))
	}
	if n, ok := strings.CutPrefix(s, "byte "); ok {
		if v, err := strconv.Atoi(n); err == nil {
			return []app.UI{app.Text(l.T("error.byte", svg.Count(v)))}
		}
	}
	if n, ok := strings.CutSuffix(strings.TrimSuffix(s, "s"), " byte"); ok {
		if v, err := strconv.Atoi(n); err == nil {
			return []app.UI{app.Text(l.T("error.bytes", svg.Count(v)))}
		}
	}
	return []app.UI{app.Text(s)}
}

// truncated is where a file ends, and where it should.
type truncated struct{ header, size, total int64 }

// truncation reads it out of an error: "expected 24 bytes" of the whole file, or "data up to byte 24" after its header.
func truncation(e *protocol.Error, size int64) (t truncated, ok bool) {
	if e.Code != "truncated" || size <= 0 {
		return t, false
	}
	if end, ok := between(e.Expected, "data up to byte ", ""); ok {
		if have, ok := between(e.Found, "", " bytes of data"); ok {
			t = truncated{header: size - have, size: size, total: size - have + end}
		}
	} else if end, ok := between(strings.TrimSuffix(e.Expected, "s"), "", " byte"); ok {
		t = truncated{header: min(end, size), size: size, total: end}
	}
	return t, t.total > t.size && t.header >= 0
}

// between is the number of a sentence that begins and ends so.
func between(s, before, after string) (int64, bool) {
	s, ok := strings.CutPrefix(s, before)
	s, ok2 := strings.CutSuffix(s, after)
	n, err := strconv.ParseInt(s, 10, 64)
	return n, ok && ok2 && err == nil
}

// draw shows the file as it is against the file as it should be.
func (t truncated) draw(l *lang.Catalogue) string {
	pc := func(n int64) string { return svg.N(100*float64(n)/float64(t.total)) + "%" }
	k, anchor := float64(t.size)/float64(t.total), "mid"
	if k < .15 {
		anchor = ""
	} else if k > .85 {
		anchor = "end"
	}
	return `<svg role="img" width="100%" height="34" aria-label="` + svg.Esc(l.T("error.ends")+", "+svg.Bytes(t.size)+" / "+svg.Bytes(t.total)) + `">` +
		`<rect class="barsoft" y="3" width="` + pc(t.size) + `" height="12"/><rect class="lost" y="3.5" x="` + pc(t.size) + `" width="` + svg.N(100-100*k) + `%" height="11"/>` +
		`<rect class="bar" y="3" width="` + pc(t.header) + `" height="12"/><line class="end-of-file" x1="` + pc(t.size) + `" x2="` + pc(t.size) + `" y1="0" y2="18"/>` +
		`<text class="s10 ` + anchor + `" x="` + pc(t.size) + `" y="29">` + svg.Esc(l.T("error.ends")) + `</text>` +
		pick(k > .3, `<text class="s10 i3" x="0" y="29">`+svg.Esc(l.T("error.header"))+`</text>`) +
		pick(k < .7, `<text class="s10 i3 end" x="100%" y="29">`+svg.Esc(svg.Bytes(t.total))+`</text>`) + `</svg>`
}

// overLimit is how large a file is, and how large it may be.
func overLimit(e *protocol.Error) (need, limit float64, ok bool) {
	most, unit, _ := strings.Cut(strings.TrimPrefix(e.Expected, "at most "), " ")
	limit, err := strconv.ParseFloat(most, 64)
	size, found := between(e.Found, "", " bytes")
	if err != nil || !found || e.Code != "too-large" {
		return 0, 0, false
	}
	need, limit = float64(size), limit*map[string]float64{"GB": 1 << 30, "MB": 1 << 20}[unit]
	return need, limit, limit > 0 && need > limit
}

// drawLimit shows a size against the most that there may be, which most says.
func drawLimit(l *lang.Catalogue, need, limit float64, most string) string {
	x, anchor := svg.N(100*limit/need)+"%", ""
	if limit > need/2 {
		anchor = " end"
	}
	return `<svg role="img" width="100%" height="34" aria-label="` + svg.Esc(svg.Bytes(int64(need))+" / "+most) + `">` +
		`<rect class="barsoft" y="3" width="100%" height="12"/><line class="cut" x1="` + x + `" x2="` + x + `" y1="0" y2="18"/>` +
		`<text class="s10 i2` + anchor + `" x="` + x + `" y="29">` + svg.Esc(l.T("error.limit", most)) + `</text></svg>`
}

func pick(on bool, s string) string {
	if on {
		return s
	}
	return ""
}

// report is an error for whoever looks into it: as data, in English. of is a notice's number; "" is the opening.
func (p *page) report(of string) string {
	var e *protocol.Error
	if i, err := strconv.Atoi(of); err == nil && i >= 0 && i < len(p.s.Notices) {
		e = p.s.Notices[i].Report
	} else if p.s.Opening != nil {
		e = p.s.Opening.Err
	}
	if e == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("Loupe\n")
	for _, row := range [][2]string{{"code", e.Code}, {"file", e.File}, {"where", e.Where}, {"expected", e.Expected}, {"found", e.Found}, {"detail", e.Detail}} {
		if row[1] != "" {
			b.WriteString(row[0] + ": " + row[1] + "\n")
		}
	}
	if m := p.s.Model; m != nil {
		fmt.Fprintf(&b, "model: %s %s %s, %d parameters\n", m.Family, m.Format, m.DType, m.Params)
	}
	return b.String() + "browser: " + app.Window().Get("navigator").Get("userAgent").String() + "\n"
}
