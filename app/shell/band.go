package shell

import (
	"math"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// textBand is the text, with what steps through it below.
func (p *page) textBand() app.UI {
	return app.Section().Class("textband").Aria("label", p.l.T("text.label")).Body(app.Div().Class("wrap").Body(
		&textLine{P: p, Rev: p.rev, Editing: p.editing},
		p.section("controls", p.s.State.Sampling, p.s.State.Changes, p.bits(), p.folded, p.s.Generating(), p.s.Model.Hash, p.s.InChat, p.s.Fast),
	))
}

func (p *page) controls() app.UI {
	l := p.l
	run := do("generate", "", l.T("run.generate"), icon("generate"), app.Text(l.T("run.generate")))
	if p.s.Generating() {
		run = do("stop", "", l.T("run.stop"), icon("stop"), app.Text(l.T("run.stop")))
	}
	fold := "controls"
	if !p.folded {
		fold = "controls unfolded"
	}
	var parts []app.UI
	switch m := p.s.Model; {
	case p.s.predicts():
		parts = p.runUI(run)
	case !m.Logits && m.Layers == 0:
		parts = []app.UI{app.Span().Class("quiet").Body(app.Text(l.T("run.vectors")))}
	default:
		parts = []app.UI{app.Div().Class("run").Role("group").Aria("label", l.T("run.label")).Body(
			do("start", "icon", l.T("run.start"), icon("start")),
			app.If(p.s.Model.Logits && p.s.Model.Mask >= 0, func() app.UI { return do("mask", "", l.T("run.mask")) }))}
	}
	if p.s.Model.Chat != "" {
		parts = append(parts, app.Button().Type("button").Class("switch chat").Role("switch").Aria("checked", p.s.InChat).DataSet("do", "chat").
			DataSet("tip", l.T("run.chat.tip", p.s.Model.Chat)).Body(app.I(), app.Text(l.T("run.chat"))))
	}
	parts = append(parts, app.Div().Class("changes").Body(p.chips()...))
	if p.s.Model.Logits {
		parts = append(parts, app.Div().Class("stat").Body(
			app.Span().Body(app.Text(p.bits())),
			app.Span().Class("ramp").Body(app.Text(l.T("text.surprisal")+" 0"), app.I(), app.Text("12 "+l.T("text.bits")))))
	}
	return app.Div().Class(fold).Body(parts...)
}

// runUI is what continues the text, and how.
func (p *page) runUI(run app.UI) []app.UI {
	l, sm := p.l, p.s.State.Sampling
	parts := []app.UI{
		app.Div().Class("run").Role("group").Aria("label", l.T("run.label")).Body(
			do("start", "icon", l.T("run.start"), icon("start")),
			do("step", "", l.T("run.step"), icon("step"), app.Text(l.T("run.step"))),
			run),
		do("sampling", "brief", l.T("run.sampling"), app.Text(l.T("run.brief", svg.Fixed(sm.T, 2), svg.Fixed(sm.P, 2)))).Aria("expanded", !p.folded),
	}
	if p.s.fastApplies() {
		parts = append(parts, app.Button().Type("button").Class("switch chat").Role("switch").Aria("checked", p.s.Fast).DataSet("do", "fast").
			DataSet("tip", l.T("run.fast.tip")).Body(app.I(), app.Text(l.T("run.fast")), app.If(p.s.Fast, func() app.UI {
			return app.Small().Class("quiet").Body(app.Text(l.T("run.fast.what")))
		})))
	}
	for _, c := range p.sampling(sm) {
		parts = append(parts, numberUI(&c))
	}
	return parts
}

// sampling are the numbers by which a next token is drawn.
func (p *page) sampling(sm protocol.Sampling) []figure.Control {
	num := func(key string, v, lo, hi, step float64, decimals int) figure.Control {
		return figure.Control{Kind: "number", Key: key, Label: p.l.T("run." + key), Value: strconv.FormatFloat(v, 'f', decimals, 64),
			Min: lo, Max: hi, Step: step, Decimals: decimals}
	}
	return []figure.Control{
		num("T", sm.T, 0, 10, .05, 2), num("k", float64(sm.K), 0, float64(p.s.Model.Vocab), 1, 0), num("p", sm.P, 0, 1, .01, 2),
		num("minp", sm.MinP, 0, 1, .01, 2), num("seed", float64(sm.Seed), 0, 1<<32, 1, 0),
	}
}

// chips are the changes that are made, each with its way back.
func (p *page) chips() []app.UI {
	var out []app.UI
	for _, c := range p.s.State.Changes {
		text := p.changeText(c)
		out = append(out, app.Span().Class("change").Body(app.Text(text),
			app.Button().Type("button").Aria("label", p.l.T("change.undo", text)).DataSet("do", figure.DoChange+state.FormatChange(c)).Body(app.Text("×"))))
	}
	return out
}

// changeText is a change in words: "head 5.1 off", "unit 12 of layers.0.cell = 0.50".
func (p *page) changeText(c protocol.Change) string {
	l := p.l
	op := l.T("change." + c.Op)
	if c.Op != "zero" && c.Op != "mean" { // the others have a value
		op = l.T("change."+c.Op, svg.Fixed(float64(c.Value), 2))
	}
	what := c.Name
	parts := strings.Split(c.Name, ".")
	switch {
	case c.Index >= 0 && len(parts) > 2 && parts[0] == "blocks" && parts[2] == "attn":
		what = l.T("change.head", parts[1], c.Index)
	case c.Index >= 0:
		what = l.T("change.unit", c.Index, c.Name)
	}
	if c.Pos >= 0 {
		what = l.T("change.at", what, c.Pos)
	}
	return l.T("change.does", what, op)
}

// bits is how well the model expects the text.
func (p *page) bits() string {
	mean, n := meanSurprisal(p.s.Run)
	if n == 0 {
		return ""
	}
	key := "text.stat-token"
	if p.s.Model.Tokenizer == "char" {
		key = "text.stat-letter"
	}
	ppl := math.Exp(mean)
	d := 1
	if ppl >= 100 {
		d = 0
	}
	return p.l.T(key, svg.Fixed(mean/math.Ln2, 1), svg.Fixed(ppl, d))
}

// meanSurprisal is the mean over n tokens in nats; the first token has none.
func meanSurprisal(r *protocol.RunResult) (mean float64, n int) {
	if r == nil {
		return 0, 0
	}
	for _, x := range r.Surprisal {
		if v := float64(x); !math.IsNaN(v) && !math.IsInf(v, 0) {
			mean, n = mean+v, n+1
		}
	}
	return mean / float64(max(1, n)), n
}
