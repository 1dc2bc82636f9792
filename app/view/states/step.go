package states

import (
	"math"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
)

// step is the equation of the selected unit at now, with this run's numbers, and whether it adds up.
func (d *drawing) step() (figure.Panel, bool) {
	r, terms := d.recipe()
	if terms == nil || r.miss == nil {
		return figure.Panel{}, false
	}
	v := values(terms)
	p := figure.Panel{ID: "step", Class: "st-step", Title: []figure.Span{{Text: d.l.T("states.step", d.unit, d.now)}}}
	var b strings.Builder
	b.WriteString(`<div class="st-eqs">`)
	for _, lines := range r.math(d, v) {
		b.WriteString(`<div class="st-eq">`)
		for _, m := range lines {
			b.WriteString(`<p><math>` + m + `</math></p>`)
		}
		b.WriteString("</div>")
	}
	b.WriteString("</div>")
	p.HTML = []figure.Block{{Kind: "html", HTML: b.String()}, {Kind: "note", Spans: []figure.Span{{Text: d.check(r, v)}}}}
	return p, true
}

// check says how well the equation holds at every token: the parts may differ from the whole by the rounding of 32-bit
// floats, and by a change that a person made in between.
func (d *drawing) check(r *recipe, v map[string][]float32) string {
	worst, where := 0., 0
	for t := 0; t < d.n; t++ {
		if m := r.miss(v, t); !(m <= worst) {
			worst, where = m, t
		}
	}
	if worst <= 1e-3*max(1, d.stored.top()) {
		return d.l.T("states.adds", d.n, power(worst))
	}
	return d.l.T("states.misses", svg.Fixed(r.miss(v, where), 3), where)
}

// power is the power of ten that is at least v: "1e-7".
func power(v float64) string {
	if v == 0 {
		return "0"
	}
	return "1e" + strconv.Itoa(int(math.Ceil(math.Log10(v)-1e-9)))
}

// MathML, as little as the equations need.

func mi(s string) string { return "<mi>" + svg.Esc(s) + "</mi>" }
func mo(s string) string { return `<mo stretchy="false">` + svg.Esc(s) + "</mo>" }
func mt(s string) string { return "<mtext>" + svg.Esc(s) + "</mtext>" }

func mn(v float64) string { return "<mn>" + svg.Fixed(v, 3) + "</mn>" }

// factor is a number that is multiplied or added: one below zero stands in brackets.
func factor(v float64) string {
	s := mn(v)
	if strings.Contains(s, "−") {
		return mo("(") + s + mo(")")
	}
	return s
}

func sub(s, index string) string {
	return "<msub>" + mi(s) + "<mrow>" + index + "</mrow></msub>"
}

// under writes a word below a part.
func under(part, word string) string {
	return "<munder><mrow>" + part + "</mrow>" + mt(word) + "</munder>"
}

func row(parts ...string) string { return "<mrow>" + strings.Join(parts, "") + "</mrow>" }

var (
	tNow  = mi("t")
	tPast = mi("t") + mo("−") + "<mn>1</mn>"
	times = mo("×")
	plus  = mo("+")
	is    = mo("=")
)

func lstmMath(d *drawing, v map[string][]float32) [][]string {
	at := func(what string) float64 { return float64(v[what][d.now]) }
	f, past, i, g, c := at("forget_gate"), before(v["cell"], d.now), at("input_gate"), at("cell_gate"), at("cell")
	kept, wrote := d.l.T("states.kept"), d.l.T("states.written")
	out := [][]string{{
		row(sub("c", tNow), is, under(sub("f", tNow)+sub("c", tPast), kept), plus, under(sub("i", tNow)+sub("g", tNow), wrote)),
		row(mn(c), is, under(factor(f)+times+factor(past), svg.Fixed(f*past, 3)), plus, under(factor(i)+times+factor(g), svg.Fixed(i*g, 3))),
	}}
	if v["hidden"] == nil {
		return out
	}
	return append(out, []string{
		row(sub("h", tNow), is, sub("o", tNow), mi("tanh"), mo("("), sub("c", tNow), mo(")")),
		row(mn(at("hidden")), is, factor(at("output_gate")), times, under(mi("tanh")+mo("(")+mn(c)+mo(")"), svg.Fixed(math.Tanh(c), 3))),
	})
}

func gruMath(d *drawing, v map[string][]float32) [][]string {
	z, n, past := float64(v["update_gate"][d.now]), float64(v["new_gate"][d.now]), before(v["hidden"], d.now)
	kept, wrote := d.l.T("states.kept"), d.l.T("states.written")
	return [][]string{{
		row(sub("h", tNow), is, under(sub("z", tNow)+sub("h", tPast), kept), plus, under(mo("(")+"<mn>1</mn>"+mo("−")+sub("z", tNow)+mo(")")+sub("n", tNow), wrote)),
		row(mn(float64(v["hidden"][d.now])), is, under(factor(z)+times+factor(past), svg.Fixed(z*past, 3)), plus, under(factor(1-z)+times+factor(n), svg.Fixed((1-z)*n, 3))),
	}}
}

// sumMath is the sum of sumMiss.
func sumMath(parts ...string) func(d *drawing, v map[string][]float32) [][]string {
	return func(d *drawing, v map[string][]float32) [][]string {
		sum := []string{under(mn(float64(v["resid_post"][d.now])), d.l.T("states.stream.after")), is}
		for i, what := range parts {
			if i > 0 {
				sum = append(sum, plus)
			}
			sum = append(sum, under(factor(float64(v[what][d.now])), d.l.T("states.stream."+what)))
		}
		return [][]string{{row(sum...)}}
	}
}
