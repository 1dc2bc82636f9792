package prediction

import (
	"math"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
)

// facts is what the whole distribution says, and how the chosen token's number comes about.
func (v *view) facts() figure.Panel {
	p := figure.Panel{ID: "facts", Class: "pd-facts", Title: []figure.Span{{Text: v.t("facts")}}}
	if v.p == nil {
		p.Busy = v.t("busy")
		return p
	}
	rows := append(v.measures(), v.drawing()...)
	p.HTML = []figure.Block{
		{Kind: "facts", Rows: rows},
		{Kind: "title", Spans: v.say("prediction.formula", map[string]figure.Span{"token": v.token(v.chosen, false)})},
		{Kind: "html", HTML: v.formula()},
	}
	p.Table = factTable(v.t("fact"), v.t("value"), rows)
	return p
}

func factTable(fact, value string, rows [][2][]figure.Span) *figure.Table {
	t := &figure.Table{Head: []string{fact, value}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []string{figure.Plain(r[0]), figure.Plain(r[1])})
	}
	return t
}

func pair(name string, value ...figure.Span) [2][]figure.Span {
	return [2][]figure.Span{{{Text: name}}, value}
}

func text(s string) figure.Span { return figure.Span{Text: s} }

// measures are the facts about the model's own prediction.
func (v *view) measures() [][2][]figure.Span {
	p := v.p
	var rows [][2][]figure.Span
	if c := p.Actual; c != nil {
		rows = append(rows, pair(v.t("fact.next"), v.token(*c, true)),
			pair(v.t("fact.surprisal"), text(v.t("bits-rank", bits(v.surprisal(c)), svg.Count(c.Rank+1)))))
	} else {
		rows = append(rows, pair(v.t("fact.next"), text(v.t("fact.end"))))
	}
	most := math.Log(float64(max(v.in.Model.Vocab, 1)))
	rows = append(rows,
		pair(v.t("fact.entropy"), text(v.t("of-most", bits(float64(p.Entropy)), bits(most)))),
		pair(v.t("fact.perplexity"), text(v.t("perplexity", few(math.Exp(float64(p.Entropy)))))),
		pair(v.t("fact.reach"), text(v.t("reach", svg.Count(p.Reach[0]), svg.Count(p.Reach[1]), svg.Count(p.Reach[2])))))
	if v.changed() {
		rows = append(rows, pair(v.t("fact.kl"), text(v.t("bits", bits(float64(p.KL))))))
	}
	return rows
}

// drawing are the facts about what is drawn from: the cuts in their order and what they leave.
func (v *view) drawing() [][2][]figure.Span {
	var rows [][2][]figure.Span
	for _, k := range v.cutList() {
		switch {
		case !k.set:
			continue
		case k.keep >= k.of:
			rows = append(rows, pair(k.name, text(v.t("cuts-none"))))
		default:
			rows = append(rows, pair(k.name, text(v.t("keeps", svg.Count(k.keep), svg.Count(k.of)))))
		}
	}
	effect := v.t("drawn", bits(float64(v.p.Drawn)), few(math.Exp(float64(v.p.Drawn))))
	return append(rows, pair(v.t("fact.drawn", svg.Fixed(v.in.State.Sampling.T, 2)), text(effect)))
}

// formula is z = W h + b, p = exp(z - log Z) and q, with this run's numbers, for the chosen token. It is MathML.
func (v *view) formula() string {
	r, z, logZ := v.chosen, float64(v.chosen.Logit), float64(v.p.LogZ)
	name := `<mtext>` + svg.Esc(shown(r.Text)) + `</mtext>`
	product, sum := `<msub><mi>w</mi>`+name+`</msub><mo>·</mo><mi>h</mi>`, num(z)
	if v.p.HasBias {
		product += `<mo>+</mo><msub><mi>b</mi>` + name + `</msub>`
		sum = num(z-float64(r.Bias)) + signed(float64(r.Bias)) + `<mo>=</mo>` + num(z)
	}
	const logz = `<mi>log</mi><mo>&#x2061;</mo><mi>Z</mi>`
	lines := [][2]string{
		{`<mi>z</mi>`, product},
		{"", sum},
		{logz, `<mi>log</mi><mo>&#x2061;</mo>` + over(`<mi>v</mi>`) + power(`<mi>e</mi>`, `<msub><mi>z</mi><mi>v</mi></msub>`) + `<mo>=</mo>` + num(logZ)},
		{`<mi>p</mi>`, power(`<mi>e</mi>`, `<mi>z</mi><mo>−</mo>`+logz) + `<mo>=</mo>` + power(`<mi>e</mi>`, num(z-logZ)) + `<mo>=</mo>` + percent(r.P)},
		{`<mi>q</mi>`, v.drawnFormula()},
	}
	var b strings.Builder
	b.WriteString(`<math displaystyle="true" class="pd-math"><mtable>`)
	for _, l := range lines {
		b.WriteString(`<mtr><mtd>` + l[0] + `</mtd><mtd><mo>=</mo></mtd><mtd>` + l[1] + `</mtd></mtr>`)
	}
	return b.String() + `</mtable></math>`
}

// drawnFormula is q: p sharpened by the temperature, shared out among the tokens that are kept.
func (v *view) drawnFormula() string {
	t, q := v.in.State.Sampling.T, percent(v.chosen.Sampled)
	if v.chosen.Sampled == 0 {
		return q + `<mspace width="0.5em"/><mtext>` + svg.Esc(v.t("q.cut")) + `</mtext>`
	}
	if t == 0 {
		return q
	}
	root := `<mn>1</mn><mo>/</mo><mn>` + svg.Fixed(t, 2) + `</mn>`
	kept := over(`<mtext>` + svg.Esc(v.t("kept")) + `</mtext>`)
	return power(`<mi>p</mi>`, root) + `<mo>/</mo>` + kept + `<msubsup><mi>p</mi><mi>v</mi><mrow>` + root + `</mrow></msubsup><mo>=</mo>` + q
}

func num(x float64) string { return `<mn>` + svg.Fixed(x, 2) + `</mn>` }

func power(base, exponent string) string {
	return `<msup>` + base + `<mrow>` + exponent + `</mrow></msup>`
}

func over(what string) string { return `<munder><mo>∑</mo>` + what + `</munder>` }

// percent is a probability, as a power of ten where two decimals would say nothing.
func percent(p float32) string {
	if !(p > 0) || p >= 1e-4 {
		return `<mn>` + svg.Percent(float64(p)) + `</mn>`
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(float64(p), 'e', 1, 64), "e-")
	return `<mn>` + mantissa + `</mn><mo>·</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>` + strings.TrimLeft(exponent, "0") + `</mn></mrow></msup>`
}

func signed(x float64) string {
	if x < 0 {
		return `<mo>−</mo><mn>` + svg.Fixed(-x, 2) + `</mn>`
	}
	return `<mo>+</mo><mn>` + svg.Fixed(x, 2) + `</mn>`
}

// alone is the text of a token that stands alone: a space that is all of it would be a dot that is hard to see.
func alone(s string) string {
	if s == " " {
		return "␣"
	}
	return s
}

// shown is a token in a line of text or maths: its leading space as a dot, cut if it is long.
func shown(s string) string {
	return plot.Fit(plot.OneLine(alone(s)), 90, 13)
}
