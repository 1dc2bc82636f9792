package prediction

import (
	"math"
	"strconv"
	"strings"

	"loupe/app/figure"
	"loupe/app/plot"
	"loupe/app/svg"
	"loupe/engine/protocol"
)

const (
	contextMax = 20  // letters of the text that the reading quotes
	sure       = .95 // from here on the model is sure
	undecided  = .05 // below, nothing stands out
	tie        = 5e-4
)

// reading is one sentence of the numbers on the screen.
func (v *view) reading() []figure.Span {
	a := v.p.Rows[0]
	parts := map[string]figure.Span{
		"text": {Text: v.context()}, "a": v.token(a, true), "pa": {Text: svg.Percent(float64(a.P))},
		"perplexity": {Text: few(math.Exp(float64(v.p.Entropy)))},
	}
	if v.changed() {
		return v.changeReading(parts)
	}
	key := "prediction.reading"
	switch {
	case len(v.p.Rows) == 1:
		key += ".only"
	case a.P >= sure:
		key += ".sure"
	case a.P < undecided:
		key += ".undecided"
	case a.P-v.p.Rows[1].P < tie:
		key += ".tie"
	}
	if len(v.p.Rows) > 1 {
		b := v.p.Rows[1]
		parts["b"], parts["pb"] = v.token(b, false), figure.Span{Text: svg.Percent(float64(b.P))}
	}
	return append(v.say(key, parts), v.actualReading()...)
}

// actualReading is the half sentence about the token that follows, if one does.
func (v *view) actualReading() []figure.Span {
	c := v.p.Actual
	if c == nil {
		return v.say("prediction.reading.end", nil)
	}
	key := "prediction.reading.actual"
	if c.Rank == 0 {
		key = "prediction.reading.right"
	}
	return v.say(key, map[string]figure.Span{"c": v.token(*c, false), "pc": {Text: svg.Percent(float64(c.P))},
		"rank": {Text: svg.Count(c.Rank + 1), Set: setToken(c.ID)}, "bits": {Text: bits(v.surprisal(c))}})
}

// changeReading says what the changes did to the token that is chosen, or the likeliest one.
func (v *view) changeReading(parts map[string]figure.Span) []figure.Span {
	c := v.chosen
	d := float64(c.P - c.Before)
	key := "prediction.change.rises"
	switch {
	case math.Abs(d) < tie:
		key = "prediction.change.stays"
	case d < 0:
		key = "prediction.change.falls"
	}
	parts["c"], parts["before"] = v.token(c, true), figure.Span{Text: svg.Percent(float64(c.Before))}
	parts["after"], parts["kl"] = figure.Span{Text: svg.Percent(float64(c.P))}, figure.Span{Text: bits(float64(v.p.KL))}
	out := v.say(key, parts)
	if c.ID != v.p.Rows[0].ID {
		out = append(out, v.say("prediction.change."+v.lead(), parts)...)
	}
	return append(out, v.say("prediction.change.kl", parts)...)
}

// lead says whether the likeliest token was not the likeliest before the changes.
func (v *view) lead() string {
	for _, r := range v.p.Rows {
		if r.Before > v.p.Rows[0].Before {
			return "now"
		}
	}
	return "leads"
}

// context is the end of the text up to now, as the reading quotes it: a few words.
func (v *view) context() string {
	if v.in.Model.Here {
		return shown(v.in.Run.Tokens[v.at].Text)
	}
	var s string
	for i := v.at; i >= 0; i-- {
		body, space := plot.Visible(v.in.Run.Tokens[i].Text)
		if space {
			body = " " + body
		}
		s = body + s
		if len([]rune(s)) > contextMax {
			break
		}
	}
	r := []rune(s)
	if len(r) <= contextMax {
		return s
	}
	s = string(r[len(r)-contextMax:])
	if _, rest, ok := strings.Cut(s, " "); ok && strings.TrimSpace(rest) != "" {
		s = rest
	}
	return "… " + s
}

func (v *view) token(r protocol.Row, bold bool) figure.Span {
	return figure.Span{Text: alone(r.Text), Token: true, Bold: bold, Set: setToken(r.ID), H: mark(r.ID)}
}

// surprisal is -log p in nats, also where p rounds to 0.
func (v *view) surprisal(r *protocol.Row) float64 { return float64(v.p.LogZ) - float64(r.Logit) }

func setToken(id int) string { return "token=" + strconv.Itoa(id) }

// mark names a token's marks on the page.
func mark(id int) string { return "k" + strconv.Itoa(id) }
