package shell

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/lang"
	"loupe/app/svg"
)

// addressUI is the field for a model that lies elsewhere, and what is kept of such ones.
func addressUI(p *page) []app.UI {
	l, t := p.l, &p.talk
	out := []app.UI{app.Section().Class("own").Body(
		app.H3().Body(app.Text(l.T("fetch.title"))),
		app.Div().Class("address").Body(
			app.Label().Class("field").Body(app.Input().Type("text").ID("address").Placeholder(l.T("fetch.hint")).Aria("label", l.T("fetch.label")).
				AutoComplete(false).Spellcheck(false).Attr("autocapitalize", "off").OnKeyDown(p.addressKey)),
			app.Button().Type("button").Class("btn line").DataSet("do", "fetch=address").Body(app.Text(l.T("fetch.look")))),
		app.If(t.bad != "", func() app.UI { return app.P().Class("wrong").Role("alert").Body(app.Text(l.T(t.bad))) }),
		app.P().Class("quiet").Body(app.Text(l.T("fetch.what"))))}
	if len(t.kept) > 0 {
		out = append(out, app.Section().Class("own").Body(app.H3().Body(app.Text(l.T("fetch.kept"))),
			app.Ul().Class("kept").Body(app.Range(t.kept).Slice(func(i int) app.UI { return keptUI(p, t.kept[i]) }))))
	}
	return out
}

func (p *page) addressKey(ctx app.Context, e app.Event) {
	if e.Get("key").String() == "Enter" && !e.Get("isComposing").Bool() {
		e.PreventDefault()
		p.Do("fetch=address")
		return
	}
	ctx.PreventUpdate()
}

func keptUI(p *page, k kept) app.UI {
	l := p.l
	size, open := svg.Bytes(k.Here), "fetch.open"
	if !k.Whole {
		size, open = l.T("opening.of", svg.Bytes(k.Here), svg.Bytes(sum(k.Files))), "fetch.on"
	}
	return app.Li().Body(app.Span().Body(app.Span().Class("mono").Body(app.Text(shortID(k.ID))), app.Small().Body(app.Text(size))),
		app.Span().Class("foot").Body(
			do("fetch=kept:"+k.ID, "line", l.T(open)),
			do("fetch=drop:"+k.ID, "icon", l.T("fetch.drop", shortID(k.ID)), app.Text("×"))))
}

// shortID is a model's name for people: the hub's without its mark, a revision in a few digits.
func shortID(id string) string {
	s := strings.TrimPrefix(id, "hub:")
	if name, rest, ok := strings.Cut(s, "@"); ok && s != id {
		rev, file, _ := strings.Cut(rest, "/")
		if len(rev) == 40 {
			rev = rev[:7]
		}
		s = name + "@" + rev
		if file != "" {
			s += "/" + file
		}
	}
	return s
}

// fetchUI asks before anybody is asked, and shows what there is before anything large is fetched.
func fetchUI(p *page) []app.UI {
	l, d := p.l, p.down
	if d == nil {
		return nil
	}
	host := d.wish.host()
	button := func(what, class, label string) app.UI {
		return app.Button().Type("button").Class("btn "+class).DataSet("do", "fetch="+what).Body(app.Text(label))
	}
	cancel := button("cancel", "", l.T("opening.cancel"))
	out := []app.UI{title(p, around(l.T("fetch.model"), shortID(d.wish.String()))...)}
	switch d.step {
	case "named":
		return append(out, app.P().Body(app.Text(l.T("fetch.link", host))),
			app.Div().Class("foot").Body(button("look", "solid", l.T("fetch.ask", host)), cancel))
	case "asking":
		return append(out, app.P().Role("status").Body(app.Text(l.T("fetch.asking", host))), app.Div().Class("foot").Body(cancel))
	case "refused":
		return append(out, app.Dl().Class("fact").Role("alert").Body(whyUI(l, d, host)...),
			app.Div().Class("foot").Body(button("look", "line", l.T("notice.again")), button("another", "line", l.T("fetch.another")), cancel))
	}
	total := sum(d.files)
	out = append(out, app.Dl().Class("fact").Body(
		app.Dt().Body(app.Text(l.T("fetch.host"))), app.Dd().Body(app.Text(host)),
		app.Dt().Body(app.Text(l.T("fetch.files"))), app.Dd().Body(filesUI(l, d)...)))
	if len(d.choices) > 0 {
		out = append(out, app.Label().Class("pickfile").Body(app.Span().Body(app.Text(l.T("fetch.choose"))), &filePick{P: p, Name: d.wish.file, List: d.choices}))
	}
	return append(out, app.Div().Class("foot").Body(
		app.Button().Type("button").Class("switch").Role("switch").Aria("checked", d.keep).DataSet("do", "fetch=keep").Body(app.I(), app.Text(l.T("fetch.keep"))),
		app.Span().Class("end").Body(app.Text(warnFetch(p, d, total)))),
		app.Div().Class("foot").Body(
			app.Button().Type("button").Class("btn solid").DataSet("do", "fetch=go").Disabled(total > maxModelBytes).Body(app.Text(goLabel(l, total))), cancel))
}

func goLabel(l *lang.Catalogue, total int64) string {
	if total == 0 {
		return l.T("fetch.go-unknown")
	}
	return l.T("fetch.go", svg.Bytes(total))
}

// warnFetch is what speaks against fetching.
func warnFetch(p *page, d *download, total int64) string {
	switch {
	case total > maxModelBytes:
		return p.l.T("fetch.too-large", svg.Bytes(maxModelBytes))
	case d.gated:
		return p.l.T("fetch.gated")
	case d.keep && p.talk.room >= 0 && total > p.talk.room:
		return p.l.T("fetch.no-room", svg.Bytes(p.talk.room))
	}
	return ""
}

// filesUI lists what will be fetched, the long tail of shards in one line.
func filesUI(l *lang.Catalogue, d *download) []app.UI {
	const most = 9
	var out []app.UI
	for i, f := range d.files {
		if i == most && len(d.files) > most+1 {
			out = append(out, app.Div().Body(app.Text(l.T("fetch.more", len(d.files)-most, svg.Bytes(sum(d.files[most:]))))))
			break
		}
		size := l.T("fetch.unknown")
		if f.Size > 0 {
			size = svg.Bytes(f.Size)
		}
		out = append(out, app.Div().Class("filerow").Body(app.Span().Class("mono").Body(app.Text(f.Name)), app.Span().Body(app.Text(size))))
	}
	return out
}

// filePick chooses among a model's files.
type filePick struct {
	app.Compo
	P    *page
	Name string
	List []remote
}

func (f *filePick) Render() app.UI {
	return app.Select().OnChange(f.changed).Body(app.Range(f.List).Slice(func(i int) app.UI {
		r := f.List[i]
		return app.Option().Value(r.Name).Selected(r.Name == f.Name).Body(app.Text(r.Name + ", " + svg.Bytes(r.Size)))
	}))
}

func (f *filePick) changed(ctx app.Context, e app.Event) {
	f.P.pickFile(ctx.JSSrc().Get("value").String())
}

// whyUI says what stopped a download, and the way on.
func whyUI(l *lang.Catalogue, d *download, host string) []app.UI {
	key, args := whyNot(d.why, host)
	rows := []app.UI{app.Dt().Body(app.Text(l.T("error.found"))), app.Dd().Body(app.Text(l.T(key, args...)))}
	if d.file != "" {
		rows = append(rows, app.Dt().Body(app.Text(l.T("error.file"))), app.Dd().Class("mono").Body(app.Text(d.file)))
	}
	return append(rows, app.Dt().Body(app.Text(l.T("error.todo"))), app.Dd().Body(app.Text(l.T(key+".do"))))
}

// whyNot is the sentence of what web/download.js says of an end.
func whyNot(why, host string) (key string, args []any) {
	code, rest, _ := strings.Cut(why, " ")
	switch code {
	case "status":
		switch rest {
		case "401", "403":
			return "fetch.closed", []any{host, rest}
		case "404", "410":
			return "fetch.not-there", []any{host, rest}
		case "429", "503":
			return "fetch.busy", []any{host, rest}
		}
		return "fetch.status", []any{host, rest}
	case "length":
		got, want, _ := strings.Cut(rest, " ")
		g, _ := strconv.Atoi(got)
		w, _ := strconv.Atoi(want)
		return "fetch.length", []any{svg.Count(g), svg.Count(w)}
	case "offline", "sandbox", "html", "lfs", "empty", "no-model":
		return "fetch." + code, nil
	case "refused", "unreachable", "cut", "changed", "listing":
		return "fetch." + code, []any{host}
	}
	return "fetch.failed", []any{why}
}

// loadingUI is a download on its way, or where it stopped. The page below goes on.
func loadingUI(p *page) []app.UI {
	l, d := p.l, p.down
	total := sum(d.files)
	share := 0.0
	if total > 0 {
		share = min(1, float64(d.done)/float64(total))
	}
	key := "fetch.loading"
	if d.step == "paused" {
		key = "fetch.paused"
	}
	out := []app.UI{
		app.H2().ID("dialog-title").Body(around(l.T(key), shortID(d.wish.String()))...),
		&inner{Class: "meter", HTML: meter(share, fileEnds(d.files), l.T("opening.download"))},
		app.P().Class("ends").Body(app.Span().Class("mono").Body(app.Text(d.file)), app.Span().Body(app.Text(p.pace(d, total)))),
	}
	if d.why != "" {
		out = append(out, app.Dl().Class("fact").Role("alert").Body(whyUI(l, d, d.wish.host())...))
	}
	for _, n := range append(d.notes, d.note) {
		if n != "" {
			out = append(out, app.P().Class("quiet").Role("status").Body(app.Text(l.T("fetch.note."+n))))
		}
	}
	first := app.Button().Type("button").Class("btn line").DataSet("do", "fetch=pause").Body(app.Text(l.T("fetch.pause")))
	if d.step == "paused" {
		first = app.Button().Type("button").Class("btn line").DataSet("do", "fetch=go").Body(app.Text(l.T("fetch.on")))
	}
	end := "fetch.not-kept"
	if d.keep {
		end = "fetch.keeps"
	}
	return append(out, app.Div().Class("foot").Body(first,
		app.Button().Type("button").Class("btn").DataSet("do", "fetch=cancel").Body(app.Text(l.T("opening.cancel"))),
		app.Span().Class("end").Body(app.Text(l.T(end)))))
}

// pace is how much is here, how fast it comes, and how long the rest takes.
func (p *page) pace(d *download, total int64) string {
	l := p.l
	s := svg.Bytes(d.done)
	if total > 0 {
		s = l.T("opening.of", svg.Bytes(d.done), svg.Bytes(total))
	}
	rate := d.speed.rate()
	if rate == 0 || d.step != "loading" || d.note != "" {
		return s
	}
	s += ", " + l.T("fetch.rate", svg.Bytes(int64(rate)))
	if left := float64(total-d.done) / rate; total > 0 && left > 90 {
		s += ", " + l.T("fetch.minutes", svg.Fixed(left/60, 0))
	} else if total > 0 && left > 0 {
		s += ", " + l.T("opening.left", svg.Fixed(left, 0))
	}
	return s
}

// fileEnds are where files end in the whole, for the gaps of the meter.
func fileEnds(files []remote) (ends []float64) {
	total, n := float64(sum(files)), 0.0
	for _, f := range files {
		n += float64(f.Size)
		if total > 0 && float64(f.Size) > total/100 {
			ends = append(ends, n/total)
		}
	}
	return ends
}
