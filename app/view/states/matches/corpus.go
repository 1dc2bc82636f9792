package matches

import (
	"fmt"
	"math"
	"strings"

	"loupe/app/figure"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

// corpus is the line that says which texts the model is run over, and how far it is.
func (p *part) corpus() figure.Panel {
	f := figure.Panel{ID: "corpus", Class: "st-corpus", Controls: p.choices()}
	spec := p.Spec()
	note := func(text string) {
		f.HTML = append(f.HTML, figure.Block{Kind: "note", Spans: []figure.Span{{Text: text}}})
	}
	c := p.c
	switch {
	case spec.Text == "":
		f.Title = []figure.Span{{Text: p.t("corpus.none")}}
		note(p.t("corpus.none.do"))
	case c == nil:
		f.Title = []figure.Span{{Text: p.t("corpus." + spec.Text)}}
	case c.Err != nil:
		f.Title = []figure.Span{{Text: c.Name}}
		f.HTML = p.failed(c.Err)
	case c.Info == nil:
		f.Title, f.Busy = []figure.Span{{Text: c.Name}}, p.t("corpus.reading")
		if st := c.Step; st != nil && st.Total > 0 {
			f.Busy += " " + svg.Percent(st.Done/st.Total)
		}
	default:
		f.Title, f.Names = []figure.Span{{Text: c.Name}}, p.size()
		f.Busy = p.progress()
		f.HTML = p.warnings()
	}
	return f
}

// choices are of the text, and of what becomes of the run over it.
func (p *part) choices() (out []figure.Control) {
	spec := p.Spec()
	if spec.Text != "" {
		out = append(out, figure.Control{Kind: "text", Key: "o.states.m.find={}", Label: p.t("find"), Value: p.opt("find"), Tip: p.t("find.tip")})
	}
	button := func(label, key string) {
		out = append(out, figure.Control{Kind: "button", Label: p.t(label), Key: key})
	}
	if c := p.c; c != nil && c.Info != nil {
		if len(c.Info.Columns) > 1 {
			k := figure.Control{Kind: "select", Key: "o.states.column", Label: p.t("corpus.column"), Value: c.Info.Column}
			for _, name := range c.Info.Columns {
				k.Options = append(k.Options, figure.Option{Value: name, Label: name})
			}
			out = append(out, k)
		}
		switch {
		case c.Filled.Done:
		case c.Paused:
			button("corpus.run", "do:"+figure.DoFill+"run")
		default:
			button("corpus.pause", "do:"+figure.DoFill+"pause")
		}
		if p.otherCuts() {
			button("corpus.again", "do:"+figure.DoFill+"again")
		}
	}
	if spec.Text == "file" {
		button("corpus.forget", "do:"+figure.DoFill+"forget")
	}
	switch {
	case p.in.State.Opt("states.corpus", "") == "none":
		button("corpus.back", "o.states.corpus=")
	case spec.Text == "builtin":
		button("corpus.without", "o.states.corpus=none")
	}
	if spec.Text != "set" {
		button("corpus.files", "do:"+figure.DoTexts)
	}
	return out
}

// size is how much text there is.
func (p *part) size() string {
	i := p.c.Info
	if i.Encoding == "" { // of no file
		return p.t("corpus.tokens", svg.Count(i.Tokens))
	}
	return p.t("corpus.size", svg.Count(i.Tokens), svg.Count(i.Documents), i.Encoding)
}

// progress is how far the run is, how fast, and how long it will take.
func (p *part) progress() string {
	f := p.c.Filled
	if f.Done || f.Total == 0 {
		return ""
	}
	share := svg.Percent(float64(f.Tokens) / float64(f.Total))
	if p.c.Paused {
		return p.t("corpus.paused", share)
	}
	if f.Tokens == 0 || f.Ms <= 0 {
		return p.t("corpus.running", share)
	}
	rate := float64(f.Tokens) / f.Ms * 1000
	return p.t("corpus.rate", share, svg.Count(int(figures(rate))), duration(p.t, float64(f.Total-f.Tokens)/rate))
}

// figures is x to two figures: a rate is not exacter.
func figures(x float64) float64 {
	if x < 10 {
		return math.Round(x)
	}
	k := math.Pow(10, math.Floor(math.Log10(x))-1)
	return math.Round(x/k) * k
}

// duration is a time to wait.
func duration(t func(string, ...any) string, s float64) string {
	switch {
	case s < 10:
		return t("seconds", svg.Fixed(s, 1))
	case s < 100:
		return t("seconds", svg.Fixed(s, 0))
	}
	return t("minutes", svg.Fixed(s/60, 0))
}

// kept says what of the states is kept.
func (p *part) kept() string {
	names := make([]string, len(p.c.Info.Sources))
	for i, s := range p.c.Info.Sources {
		names[i] = s.Name
	}
	size := svg.Bytes(p.c.Filled.Bytes)
	if !p.bits() {
		return p.t("kept.values", strings.Join(names, ", "), size)
	}
	levels := make([]string, len(p.c.Info.Cuts))
	for i, c := range p.c.Info.Cuts {
		levels[i] = p.t("on."+c.On, fmt.Sprint(float32(c.Level)))
	}
	return p.t("kept.bits", strings.Join(names, ", "), strings.Join(levels, ", "), size)
}

// otherCuts reports whether bits are kept by another threshold than the one that is set.
func (p *part) otherCuts() bool {
	if !p.bits() {
		return false
	}
	cuts := p.Cuts()
	for i, c := range p.c.Info.Cuts {
		if i < len(cuts) && c != cuts[i] {
			return true
		}
	}
	return false
}

// warnings say what was adjusted.
func (p *part) warnings() (out []figure.Block) {
	note := func(text string) {
		out = append(out, figure.Block{Kind: "note", Spans: []figure.Span{{Text: text}}})
	}
	for _, w := range p.c.Info.Warnings {
		if key := "warn." + w.Code; p.l.Has(key) {
			note(p.l.T(key, svg.Grouped(w.What), svg.Tally(w.N)))
		} else {
			note(w.Code)
		}
	}
	if p.otherCuts() {
		note(p.t("other.cuts"))
	}
	return out
}

// failed says why there is no corpus, and what to do.
func (p *part) failed(e *protocol.Error) []figure.Block {
	text := p.l.T("error.other", e.Code)
	if p.l.Has("error." + e.Code) {
		text = p.l.T("error."+e.Code, e.File)
	}
	out := []figure.Block{{Kind: "note", Spans: []figure.Span{{Text: text, Bold: true}}}}
	if p.l.Has("error."+e.Code+".do") && e.Code != "empty-file" { // which speaks of models
		out = append(out, figure.Block{Kind: "note", Spans: []figure.Span{{Text: p.l.T("error." + e.Code + ".do")}}})
	}
	var facts [][2][]figure.Span
	for _, f := range [][2]string{{"error.where", e.Where}, {"error.expected", e.Expected}, {"error.found", e.Found}} {
		if f[1] != "" {
			facts = append(facts, [2][]figure.Span{{{Text: p.l.T(f[0])}}, {{Text: f[1]}}})
		}
	}
	if len(facts) > 0 {
		out = append(out, figure.Block{Kind: "facts", Rows: facts})
	}
	return out
}
