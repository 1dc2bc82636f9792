package shell

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/state"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// textBand is the text, with what steps through it below.
func (p *page) textBand() app.UI {
	return app.Section().Class("textband").Aria("label", p.l.T("text.label")).Body(app.Div().Class("wrap").Body(
		p.textLines(),
		p.section("controls", p.s.State.Sampling, p.changeTexts(), p.bits(), p.s.State.Decode(protocol.Decode{}), p.folded, p.s.Generating(), p.s.Model.Hash, p.s.InChat, p.s.Fast, p.s.State.Opt("states.w", ""), p.s.State.Opt("states.wn", "")),
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
	case p.s.recorded():
		parts = p.recordedUI()
	case p.s.predicts():
		parts = p.runUI(run)
	case p.s.translates():
		parts = p.translateUI()
	case !m.Logits && m.Layers == 0:
		parts = []app.UI{app.Span().Class("quiet").Body(app.Text(l.T("run.vectors")))}
	default:
		parts = []app.UI{app.Div().Class("run").Role("group").Aria("label", l.T("run.label")).Body(
			do("start", "icon", l.T("run.start"), icon("start")),
			app.If(p.s.Model.Logits && p.s.Model.Mask >= 0, func() app.UI { return do("mask", "", l.T("run.mask")) }))}
	}
	if p.s.canReplace() {
		parts = append(parts, do("replace", "half replace", l.T("run.replace"), app.Text(l.T("run.replace"))).DataSet("tip", l.T("run.replace.tip")))
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
	texts := p.changeTexts()
	for i, c := range p.s.State.Changes {
		text := texts[i]
		out = append(out, app.Span().Class("change").Body(app.Text(text),
			app.Button().Type("button").Aria("label", p.l.T("change.undo", text)).DataSet("do", figure.DoChange+state.FormatChange(c)).Body(app.Text("×"))))
	}
	return out
}

// changeTexts are the changes that are made, in words.
func (p *page) changeTexts() (texts []string) {
	for _, c := range p.s.State.Changes {
		texts = append(texts, p.changeText(c))
	}
	return texts
}

// changeText is a change in words: "head 5.1 off", "units 12, 13 of layers.0.cell at 3–7 = 0.50", "token 3: the → a".
func (p *page) changeText(c protocol.Change) string {
	l := p.l
	switch c.Name {
	case protocol.TokenChange:
		return p.tokenChangeText(c)
	case protocol.SourceChange, protocol.PrefixChange:
		return p.translationChangeText(c)
	}
	op := l.T("change." + c.Op)
	switch c.Op {
	case "set", "add", "scale", "onehot": // they have a value
		op = l.T("change."+c.Op, svg.Fixed(float64(c.Value), 2))
	}
	what := c.Name
	half, block := headOf(c.Name)
	switch {
	case p.s.translates() && slices.Contains(p.s.Model.Seq.Cross, c.Name):
		return l.T("change.attention", c.Pos, op)
	case c.Index >= 0 && half != "":
		what = l.T("change.head.half", l.T("attn.half."+half), block, c.Index)
	case c.Index >= 0 && block != "":
		what = l.T("change.head", block, c.Index)
	case c.Also != "":
		what = l.T("change.many", len(indices(c)), c.Name)
		if list := indices(c); len(list) <= 6 {
			what = l.T("change.units", strings.Join(list, ", "), c.Name)
		}
	case c.Index >= 0:
		what = l.T("change.unit", c.Index, c.Name)
	}
	switch {
	case c.To > 0:
		what = l.T("change.from", what, c.Pos, c.To-1)
	case c.Pos >= 0:
		what = l.T("change.at", what, c.Pos)
	}
	return l.T("change.does", what, op)
}

// headOf is which attention of an encoder-decoder ("" of other models) and which block an activation of attention is of; block is "" of others.
func headOf(name string) (half, block string) {
	parts := strings.Split(name, ".")
	if parts[0] == protocol.HalfEncoder || parts[0] == protocol.HalfDecoder {
		half, parts = parts[0], parts[1:]
	}
	switch {
	case len(parts) < 3 || parts[0] != "blocks":
	case parts[2] == "attn":
		return half, parts[1]
	case parts[2] == "cross_attn":
		return protocol.HalfCross, parts[1]
	}
	return "", ""
}

// indices are the units of a change.
func indices(c protocol.Change) []string {
	return append([]string{strconv.Itoa(c.Index)}, strings.Split(c.Also, "+")...)
}

// tokenChangeText is a token in the place of another in words.
func (p *page) tokenChangeText(c protocol.Change) string {
	r := p.s.Run
	if r == nil || c.Pos >= len(r.Tokens) {
		return p.l.T("change.no-token", c.Pos)
	}
	t := r.Tokens[c.Pos]
	return p.l.T("change.token", c.Pos, plot.OneLine(own(t).Text), plot.OneLine(t.Text))
}

// bits is how well the model expects the text.
func (p *page) bits() string {
	r := p.s.Run
	if r == nil {
		return ""
	}
	mean, n := meanSurprisal(r.Surprisal)
	if n == 0 {
		return ""
	}
	key := "text.stat-token"
	if p.s.Model.Tokenizer == "char" {
		key = "text.stat-letter"
	}
	bits, ppl := svg.Fixed(mean/math.Ln2, 1), perplexity(mean)
	if before, n := meanSurprisal(r.Before); n > 0 {
		bits, ppl = changed(svg.Fixed(before/math.Ln2, 2), svg.Fixed(mean/math.Ln2, 2)), changed(perplexity(before), ppl)
	}
	if p.s.translates() {
		return p.l.T("text.logp", svg.Fixed(-mean*float64(n), 2), bits)
	}
	return p.l.T(key, bits, ppl)
}

// changed is a number before and after the changes that are made.
func changed(before, after string) string {
	if before == after {
		return after
	}
	return before + " → " + after
}

func perplexity(nats float64) string {
	ppl, d := math.Exp(nats), 1
	if ppl >= 100 {
		d = 0
	}
	return svg.Fixed(ppl, d)
}

// meanSurprisal is the mean over n tokens in nats; the first token has none.
func meanSurprisal(nats []float32) (mean float64, n int) {
	for _, x := range nats {
		if v := float64(x); !math.IsNaN(v) && !math.IsInf(v, 0) {
			mean, n = mean+v, n+1
		}
	}
	return mean / float64(max(1, n)), n
}
