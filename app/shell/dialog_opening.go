package shell

import (
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/lang"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// openingUI is a model on its way: its real parts, as far as they are read.
func openingUI(p *page) []app.UI {
	l, o := p.l, p.s.Opening
	stage := map[string]protocol.Step{}
	for _, s := range o.Steps {
		stage[s.Stage] = s
	}
	w, name := stage["weights"], l.T("opening.weights")
	if d, ok := stage["download"]; ok && w.Total == 0 {
		w, name = d, l.T("opening.download")
	}
	share := 0.0
	if w.Total > 0 {
		share = w.Done / w.Total
	}
	return []app.UI{
		app.H2().ID("dialog-title").Body(around(l.T("opening.title"), o.Name)...),
		&inner{Class: "meter", HTML: meter(share, p.talk.parts, name)},
		app.P().Class("ends").Body(app.Span().Class("mono").Body(app.Text(w.Note)), app.Span().Body(app.Text(svg.Bytes(o.Bytes)))),
		app.Dl().Class("steps").Body(openingSteps(l, o, stage, p.talk.began)...),
		app.Div().Class("foot").Body(
			app.Button().Type("button").Class("btn line").DataSet("do", "cancel").Body(app.Text(l.T("opening.cancel"))),
			app.If(p.s.Model != nil, func() app.UI { return app.Span().Class("end").Body(app.Text(l.T("opening.stays"))) })),
	}
}

// openingSteps are what is done, what goes on and what waits.
func openingSteps(l *lang.Catalogue, o *Opening, stage map[string]protocol.Step, began time.Time) []app.UI {
	var out []app.UI
	row := func(name, what, time string, there bool) {
		class := ""
		if !there {
			class = "wait"
		}
		out = append(out, app.Dt().Class(class).Body(app.Text(name)), app.Dd().Class(class).Body(app.Text(what)), app.Dd().Body(app.Text(time)))
	}
	count := func(name string) (string, bool) {
		s, ok := stage[name]
		n, err := strconv.Atoi(s.Note)
		if !ok || err != nil {
			return "", ok
		}
		return l.T("opening."+name+".done", svg.Count(n)), true
	}
	if d, ok := stage["download"]; ok {
		row(l.T("opening.download"), l.T("opening.of", svg.Bytes(int64(d.Done)), svg.Bytes(int64(d.Total))), timeLeft(l, time.Since(o.Started), d.Done, d.Total), true)
	}
	header, there := count("header")
	row(l.T("opening.header"), header, "", there)
	words, there := count("tokenizer")
	row(l.T("opening.tokenizer"), words, "", there)
	w, reading := stage["weights"]
	if reading {
		row(l.T("opening.weights"), l.T("opening.of", svg.Bytes(int64(w.Done)), svg.Bytes(int64(w.Total))), timeLeft(l, time.Since(began), w.Done, w.Total), true)
	} else {
		row(l.T("opening.weights"), svg.Bytes(o.Bytes), "", false)
	}
	row(l.T("opening.first"), l.T("opening.first.what"), "", false)
	return out
}

// timeLeft is said once it can be known.
func timeLeft(l *lang.Catalogue, since time.Duration, done, total float64) string {
	if since < 700*time.Millisecond || done <= 0 || done >= total {
		return ""
	}
	left := since.Seconds() * (total - done) / done
	if left < 10 {
		return l.T("opening.left", svg.Fixed(left, 1))
	}
	return l.T("opening.left", svg.Fixed(left, 0))
}

// around puts a name in mono into a sentence with one %s.
func around(sentence, name string) []app.UI {
	before, after, ok := strings.Cut(sentence, "%s")
	if !ok {
		return []app.UI{app.Text(sentence)}
	}
	return []app.UI{app.Text(before), app.Span().Class("mono").Body(app.Text(name)), app.Text(after)}
}

// meter is the share of the weights that is read, with the ends of tensors as gaps.
func meter(share float64, parts []float64, label string) string {
	pc := func(x float64) string { return svg.N(100*x) + "%" }
	var b strings.Builder
	b.WriteString(`<svg role="img" width="100%" height="18" aria-label="` + svg.Esc(label+" "+svg.Percent(share)) + `">`)
	b.WriteString(`<rect class="rest" width="100%" height="18"/><rect class="bar" width="` + pc(share) + `" height="18"/>`)
	for _, x := range parts {
		if x > 0 && x < share {
			b.WriteString(`<rect class="ipage" x="` + pc(x) + `" width="1" height="18"/>`)
		}
	}
	b.WriteString("</svg>")
	return b.String()
}
